/* SPDX-License-Identifier: MIT */
/* Secrets: compared as the server stores them, shown only as marks. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "diff/internal.h"

struct masks {
	unsigned char key[32];
	enum { KEY_WANTED, KEY_THERE, KEY_DENIED } state;
};

struct masks *masks_new(struct arena *a)
{
	return NEW(a, struct masks);
}

static str mark_of(struct masks *m, struct arena *a, str value)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (m->state == KEY_WANTED) /* only now: libcrypto takes its time to start */
		m->state = RAND_bytes(m->key, sizeof(m->key)) == 1 ? KEY_THERE : KEY_DENIED;
	if (m->state == KEY_DENIED || !HMAC(EVP_sha256(), m->key, sizeof(m->key), (const unsigned char *)value.p, value.n, sum, &n) || n < 4)
		return S("***");
	return str_printf(a, "*** (%02x%02x%02x%02x)", sum[0], sum[1], sum[2], sum[3]);
}

const struct node *mask(struct masks *m, struct arena *a, const struct node *value)
{
	if (!value)
		return NULL;
	if (value->kind < NODE_SEQ)
		return node_at(node_string(a, mark_of(m, a, node_text(value))), value);
	struct node *n = node_clone(a, value);
	for (uint32_t i = 0; i < n->n; i++)
		if (n->kind == NODE_MAP)
			n->entries[i].value = (struct node *)(uintptr_t)mask(m, a, n->entries[i].value);
		else
			n->items[i] = (struct node *)(uintptr_t)mask(m, a, n->items[i]);
	return n;
}

static struct node *encoded(struct arena *a, const struct node *value)
{
	str text = node_text(value);
	char *out = arena_raw(a, text.n * 4 / 3 + 8);
	int n = EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)text.p, (int)text.n);

	return node_at(node_string(a, (str){ out, (size_t)n }), value);
}

struct node *secret_normal(struct arena *a, struct node *object)
{
	struct node *clear = node_get(object, S("stringData"));
	struct node *data = node_get(object, S("data"));

	if (!node_is(clear, NODE_MAP))
		return object;
	struct node *n = node_clone(a, object);
	data = node_is(data, NODE_MAP) ? node_clone(a, data) : node_at(node_new(a, NODE_MAP), clear);
	for (uint32_t i = 0; i < clear->n; i++) {
		struct entry *from = &clear->entries[i];
		if (from->value->kind >= NODE_SEQ)
			continue;
		struct entry *e = node_put(a, data, entry_key(from), encoded(a, from->value));
		e->line = from->line;
		e->col = from->col;
	}
	node_put(a, n, S("data"), data);
	node_remove(n, S("stringData"));
	return n;
}
