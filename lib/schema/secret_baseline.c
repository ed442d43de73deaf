/* SPDX-License-Identifier: MIT */
/* Accepted findings: salted hashes that are slow to guess at, never values. */
#include "schema/secrets.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SALT = 16, HASH = 20, ROUNDS = 10000 };

struct accepted {
	struct pos pos;
	str rule, file, path, hash, reason;
	bool used;
};
struct baseline {
	struct arena *a;
	struct diag *diag;
	const char *read, *write;
	unsigned char salt[SALT];
	struct { struct accepted *p; size_t n, cap; } entries; /* as read */
	struct { struct accepted *p; size_t n, cap; } found;	 /* of this run */
};

static str hex(struct arena *a, const unsigned char *p, size_t n)
{
	struct buf b = BUF(a);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%02x", p[i]);
	return buf_str(&b);
}

static bool unhex(str s, unsigned char *out, size_t n)
{
	for (size_t i = 0; i < s.n; i++) {
		const char *p = s.n == n * 2 ? strchr("0123456789abcdef", s.p[i]) : NULL;
		if (!p || !*p)
			return false;
		unsigned digit = (unsigned)(p - "0123456789abcdef");
		out[i / 2] = (unsigned char)(i % 2 ? out[i / 2] | digit : digit << 4);
	}
	return s.n == n * 2;
}

static int malformed(struct baseline *b, const struct node *n, const char *why)
{
	return diag_trouble(b->diag, node_pos(n), "baseline", "%s; --secrets-baseline-out writes such a file", why);
}

static int read_baseline(struct baseline *b)
{
	struct read_options read = { 0 };
	struct node *doc, *list;
	if (read_file(b->a, b->diag, &read, b->read, &doc))
		return -1;
	if (!unhex(node_get_str(doc, S("salt")), b->salt, SALT))
		return malformed(b, doc, "this is no baseline: its salt is 32 hexadecimal digits");
	list = node_get(doc, S("accepted"));
	if (list && list->kind != NODE_SEQ && list->kind != NODE_NULL)
		return malformed(b, list, "\"accepted\" is a list");
	for (size_t i = 0; node_is(list, NODE_SEQ) && i < list->n; i++) {
		const struct node *n = list->items[i];
		struct accepted e = { node_pos(n), node_get_str(n, S("rule")), node_get_str(n, S("file")), node_get_str(n, S("path")),
				      node_get_str(n, S("hash")), node_get_str(n, S("reason")), false };
		unsigned char hash[HASH];
		if (!e.rule.n || !e.file.n || !unhex(e.hash, hash, HASH))
			return malformed(b, n, "an entry has a rule, a file and a hash of 40 hexadecimal digits");
		*VEC_ADD(b->a, &b->entries) = e;
	}
	return 0;
}

struct baseline *baseline_open(struct arena *a, struct diag *d, const char *read, const char *write)
{
	struct baseline *b = NEW(a, struct baseline);
	*b = (struct baseline){ .a = a, .diag = d, .read = read, .write = write };
	if (!read && RAND_bytes(b->salt, SALT) != 1) {
		diag_trouble(d, NOWHERE, "random", "the system gives no random bytes");
		return NULL;
	}
	return read && read_baseline(b) ? NULL : b;
}

bool baseline_accepts(struct baseline *b, const char *rule, const char *file, str path, str value)
{
	unsigned char hash[HASH];
	if (PKCS5_PBKDF2_HMAC(value.p, (int)value.n, b->salt, SALT, ROUNDS, EVP_sha256(), HASH, hash) != 1)
		return false;
	struct accepted *found = VEC_ADD(b->a, &b->found), *known = NULL;
	*found = (struct accepted){ .rule = str_of(rule), .file = str_copy(b->a, file_relative(b->a, file)), .path = str_copy(b->a, path), .hash = hex(b->a, hash, HASH) };
	for (size_t i = 0; i < b->entries.n; i++) {
		struct accepted *e = &b->entries.p[i];
		bool same = !e->used && str_eq(e->hash, found->hash) && str_eq(e->rule, found->rule) && str_eq(e->file, found->file);
		if (same && (!known || str_eq(e->path, found->path)))
			known = e;
	}
	if (known) {
		known->used = true;
		found->reason = known->reason;
	}
	return known != NULL;
}

static bool looked_at(struct baseline *b, str file, char **paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(file_relative(b->a, file_label(paths[i])), file))
			return true;
	if (str_starts(file, S("<")))
		return !n;
	return access(str_dup(b->a, file), F_OK) != 0;
}

static void put_entry(struct out *o, const struct accepted *e)
{
	const struct { const char *key; str value; } fields[] = { { "rule", e->rule }, { "file", e->file }, { "path", e->path }, { "hash", e->hash }, { "reason", e->reason } };
	for (size_t i = 0; i < COUNT(fields); i++) {
		if (i + 1 == COUNT(fields) && !e->reason.n)
			continue;
		out_printf(o, "%s %s: ", i ? " " : "-", fields[i].key);
		json_string(o, fields[i].value);
		out_char(o, '\n');
	}
}

static int write_baseline(struct baseline *b)
{
	struct out *o = out_open(b->a, b->diag, b->write);
	if (!o)
		return -1;
	out_write(o, S("# Accepted findings of `validate --secrets`: hashes, never values.  A reason may be added to each.\n"));
	out_printf(o, "salt: \"%.*s\"\naccepted:%s\n", STR_ARG(hex(b->a, b->salt, SALT)), b->found.n ? "" : " []");
	for (size_t i = 0; i < b->found.n; i++)
		put_entry(o, &b->found.p[i]);
	return out_close(o);
}

int baseline_end(struct baseline *b, char **paths, size_t n)
{
	for (size_t i = 0; i < b->entries.n; i++) {
		struct accepted *e = &b->entries.p[i];
		if (e->used)
			continue;
		if (looked_at(b, e->file, paths, n))
			diag_at(b->diag, SEV_WARNING, e->pos, "stale-baseline", "this accepted finding (%.*s in %.*s) is not there any more: take the entry away",
				STR_ARG(e->rule), STR_ARG(e->file));
		else
			*VEC_ADD(b->a, &b->found) = *e; /* of a file that this run did not read */
	}
	return b->write ? write_baseline(b) : 0;
}
