/* SPDX-License-Identifier: MIT */
/* The files that a rendering was made of, and their digests: written to a lock, compared with one. */
#include <openssl/sha.h>
#include <string.h>

#include "chart/internal.h"

static int digest(struct arena *a, struct diag *d, const char *path, str *out)
{
	struct arena scratch = { 0 };
	unsigned char sum[SHA256_DIGEST_LENGTH];
	struct buf b = BUF(a);
	str text;

	if (strcmp(path, "-") == 0)
		return diag_trouble(d, IN_FILE(file_label(path)), "lock", "standard input cannot be locked; write it to a file and name that");
	int bad = file_read(&scratch, d, path, &text);
	if (!bad) {
		SHA256((const unsigned char *)text.p, text.n, sum);
		buf_add(&b, S("sha256:"));
		for (size_t i = 0; i < sizeof(sum); i++)
			buf_printf(&b, "%02x", sum[i]);
	}
	arena_free(&scratch);
	*out = buf_str(&b);
	return bad;
}

int inputs_lock(struct arena *a, struct diag *d, const struct journal *j, const char *path)
{
	struct node *top = node_new(a, NODE_MAP), *inputs = node_new(a, NODE_MAP);
	size_t n;
	const char **all = journal_inputs(j, &n);
	str sum;

	node_put(a, top, S("lock"), node_int(a, 1));
	node_put(a, top, S("inputs"), inputs);
	for (size_t i = 0; i < n; i++) {
		if (digest(a, d, all[i], &sum) < 0)
			return -1;
		node_put(a, inputs, str_of(all[i]), node_string(a, sum));
	}
	struct out *o = out_open(a, d, path);
	if (!o)
		return -1;
	o->keep_unchanged = true;
	emit_yaml(o, top, 0);
	return out_close(o);
}

struct node *inputs_lock_read(struct arena *a, struct diag *d, const char *path)
{
	struct node *n;
	int64_t version;

	if (read_file(a, d, NULL, path, &n) < 0)
		return NULL;
	if (node_to_i64(node_get(n, S("lock")), &version) && version == 1 && node_is(node_get(n, S("inputs")), NODE_MAP))
		return node_get(n, S("inputs"));
	diag_trouble(d, node_pos(n), "lock", "this is no lock of inputs; --lock-out writes one");
	return NULL;
}

int inputs_check(struct arena *a, struct diag *d, const struct journal *j, const struct node *lock)
{
	struct map known = { 0 };
	size_t n;
	const char **all = journal_inputs(j, &n);
	const char *file = node_pos(lock).file;
	str sum;

	for (size_t i = 0; i < n; i++) {
		const struct node *locked = node_get(lock, str_of(all[i]));
		*map_at(a, &known, str_of(all[i])) = (void *)(uintptr_t)all[i];
		if (digest(a, d, all[i], &sum) < 0)
			return -1;
		if (!locked)
			diag_at(d, SEV_ERROR, IN_FILE(all[i]), "lock", "was read and is not in %s; if it belongs there, --lock-out %s writes it anew", file, file);
		else if (!str_eq(node_str(locked), sum))
			diag_at(d, SEV_ERROR, IN_FILE(all[i]), "lock", "is %.*s, but %s:%u has %.*s; if the change is meant, --lock-out %s writes it anew", STR_ARG(sum),
			    file, (unsigned)locked->line, STR_ARG(node_str(locked)), file);
	}
	for (uint32_t i = 0; i < lock->n; i++) {
		const struct entry *e = &lock->entries[i];
		if (!map_get(&known, entry_key(e)))
			diag_at(d, SEV_ERROR, entry_pos(e), "lock", "\"%.*s\" is locked, but was not read now; --lock-out %s writes the lock anew", STR_ARG(entry_key(e)), file);
	}
	return 0;
}

/* The line of text at offset from, cut where it becomes long. */
static str shown(struct arena *a, str text, size_t from)
{
	enum { WIDEST = 60 };
	ptrdiff_t n;

	if (from >= text.n)
		return S("nothing");
	text = str_sub(text, from, text.n);
	if ((n = str_chr(text, '\n')) >= 0)
		text.n = (size_t)n;
	if (text.n <= WIDEST)
		return str_printf(a, "\"%.*s\"", STR_ARG(text));
	for (text.n = WIDEST; text.n && ((unsigned char)text.p[text.n] & 0xc0) == 0x80;)
		text.n--;
	return str_printf(a, "\"%.*s\"…", STR_ARG(text));
}

int rendering_check(struct arena *a, struct diag *d, const char *path, str now)
{
	struct pos pos = { .file = file_label(path), .line = 1, .col = 1 };
	size_t i = 0, line = 0;
	str was;

	if (file_read(a, d, path, &was) < 0)
		return -1;
	if (str_eq(was, now))
		return 0;
	for (; i < was.n && i < now.n && was.p[i] == now.p[i]; i++) {
		if (was.p[i] == '\n') {
			pos.line++;
			line = i + 1;
		}
	}
	for (size_t k = line; k < i; k++)
		pos.col += ((unsigned char)was.p[k] & 0xc0) != 0x80;
	str had = shown(a, was, line), has = shown(a, now, line);
	diag_at(d, SEV_ERROR, pos, "stale", "is not what the sources make now: here is %.*s, they make %.*s; the same command with -O %s instead of --check writes it anew",
	    STR_ARG(had), STR_ARG(has), path);
	return 0;
}
