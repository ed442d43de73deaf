/* SPDX-License-Identifier: MIT */
/* JSON as Go writes it, and the hash of ConfigMaps and Secrets that goes into their names. */
/* The plain functions: SHA256() of OpenSSL 3 looks for a provider first, which costs more than a small build. */
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "kustomize/internal.h"

/* A string as Go's encoding/json writes it. */
static void go_string(struct buf *b, str s)
{
	buf_char(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c == '\n' || c == '\r' || c == '\t')
			buf_add(b, c == '\n' ? S("\\n") : c == '\r' ? S("\\r") : S("\\t"));
		else if (c == '\b' || c == '\f')
			buf_add(b, c == '\b' ? S("\\b") : S("\\f"));
		else if (c < 0x20 || c == '<' || c == '>' || c == '&')
			buf_printf(b, "\\u%04x", c);
		else if (c == 0xe2 && str_starts(str_sub(s, i, s.n), S("\xe2\x80\xa8")))
			buf_add(b, S("\\u2028")), i += 2;
		else if (c == 0xe2 && str_starts(str_sub(s, i, s.n), S("\xe2\x80\xa9")))
			buf_add(b, S("\\u2029")), i += 2;
		else
			buf_char(b, (char)c);
	}
	buf_char(b, '"');
}

static int by_key(const void *x, const void *y)
{
	return str_cmp(entry_key(*(const struct entry *const *)x), entry_key(*(const struct entry *const *)y));
}

static void break_line(struct buf *b, int indent)
{
	if (indent >= 0) {
		buf_char(b, '\n');
		buf_fill(b, ' ', (size_t)indent * 2);
	}
}

void go_json(struct arena *a, struct buf *b, const struct node *n, int indent)
{
	int deeper = indent < 0 ? -1 : indent + 1;

	if (n->kind == NODE_STRING) {
		go_string(b, node_text(n));
		return;
	}
	if (n->kind < NODE_SEQ) {
		buf_add(b, json_text(a, n));
		return;
	}
	bool map = n->kind == NODE_MAP;
	const struct entry **order = NEW_ARRAY(a, const struct entry *, n->n + 1u);
	for (uint32_t i = 0; map && i < n->n; i++)
		order[i] = &n->entries[i];
	if (map && n->n)
		qsort(order, n->n, sizeof *order, by_key);
	buf_char(b, map ? '{' : '[');
	for (uint32_t i = 0; i < n->n; i++) {
		if (i)
			buf_char(b, ',');
		break_line(b, deeper);
		if (map) {
			go_string(b, entry_key(order[i]));
			buf_add(b, indent < 0 ? S(":") : S(": "));
		}
		go_json(a, b, map ? order[i]->value : n->items[i], deeper);
	}
	if (n->n)
		break_line(b, indent);
	buf_char(b, map ? '}' : ']');
}

static void go_field(struct arena *a, struct buf *b, const struct node *object, const char *key, bool always)
{
	const struct node *map = node_get(object, str_of(key));

	if (!node_is(map, NODE_MAP) && !always)
		return;
	buf_printf(b, "%s\"%s\":", b->n > 1 ? "," : "", key);
	if (node_is(map, NODE_MAP))
		go_json(a, b, map, -1);
	else
		buf_add(b, S("\"\""));
}

str content_hash(struct arena *a, const struct node *object)
{
	bool secret = str_eq(node_get_str(object, S("kind")), S("Secret"));
	unsigned char sum[SHA256_DIGEST_LENGTH];
	SHA256_CTX x;
	struct buf b = BUF(a), out = BUF(a);

	buf_char(&b, '{');
	if (!secret)
		go_field(a, &b, object, "binaryData", false);
	go_field(a, &b, object, "data", true);
	buf_add(&b, secret ? S(",\"kind\":\"Secret\",\"name\":") : S(",\"kind\":\"ConfigMap\",\"name\":"));
	go_string(&b, S("")); /* kustomize means the name and misses it */
	if (secret) {
		go_field(a, &b, object, "stringData", false);
		buf_add(&b, S(",\"type\":"));
		go_string(&b, node_get_str(object, S("type")));
	}
	buf_char(&b, '}');
	SHA256_Init(&x);
	SHA256_Update(&x, b.p, b.n);
	SHA256_Final(sum, &x);
	for (size_t i = 0; i < 5; i++)
		for (int half = 1; half >= 0; half--) {
			char c = "0123456789abcdef"[half ? sum[i] >> 4 : sum[i] & 15];
			buf_char(&out, c == '0' ? 'g' : c == '1' ? 'h' : c == '3' ? 'k' : c == 'a' ? 'm' : c == 'e' ? 't' : c);
		}
	return buf_str(&out);
}

void add_hashes(struct build *b, struct resources *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct resource *r = all->p[i];
		struct node *meta = node_get(r->object, S("metadata"));
		if (!r->hash)
			continue;
		str hash = content_hash(b->a, r->object);
		remember(b, r);
		set_text(b->a, meta, "name", str_printf(b->a, "%.*s-%.*s", STR_ARG(name_of(r->object)), STR_ARG(hash)), node_get(meta, S("name")));
		renamed(b, r);
	}
}
