/* SPDX-License-Identifier: MIT */
/* place: where in a document a message is about, as a pointer and as people write it. */
#include "merge/internal.h"

#include <ctype.h>
#include <string.h>

str place_pointer(struct arena *a, const struct place *p)
{
	if (!p || !p->up)
		return S("");
	str up = place_pointer(a, p->up);
	return p->item ? pointer_add_index(a, up, p->index) : pointer_add_key(a, up, p->key);
}

static bool key_is_plain(str key)
{
	for (size_t i = 0; i < key.n; i++) {
		unsigned char c = (unsigned char)key.p[i];
		if (c <= ' ' || c == 0x7f || strchr(".[]\"*=/'", c))
			return false;
	}
	return key.n > 0;
}

static void add_key(struct buf *b, str key)
{
	if (b->n)
		buf_char(b, '.');
	if (key_is_plain(key)) {
		buf_add(b, key);
		return;
	}
	buf_char(b, '"');
	for (size_t i = 0; i < key.n; i++) {
		if (key.p[i] == '"' || key.p[i] == '\\')
			buf_char(b, '\\');
		buf_char(b, key.p[i]);
	}
	buf_char(b, '"');
}

static void add_place(struct buf *b, const struct place *p)
{
	if (!p || !p->up)
		return;
	add_place(b, p->up);
	if (p->item)
		buf_printf(b, "[%zu]", p->index);
	else
		add_key(b, p->key);
}

str place_text(struct arena *a, const struct place *p)
{
	struct buf b = BUF(a);

	add_place(&b, p);
	return b.n ? buf_str(&b) : S("(document)");
}

static str unescape(struct arena *a, str token)
{
	struct buf b = BUF(a);

	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] == '~' && i + 1 < token.n)
			buf_char(&b, token.p[++i] == '1' ? '/' : '~');
		else
			buf_char(&b, token.p[i]);
	return buf_str(&b);
}

/* root tells a list's index from a map's key that is a number; it may be NULL. */
str pointer_text(struct arena *a, str pointer, const struct node *root)
{
	struct buf b = BUF(a);
	size_t at = 0;

	while (at < pointer.n) {
		ptrdiff_t end = str_chr(str_sub(pointer, at + 1, pointer.n), '/');
		size_t stop = end < 0 ? pointer.n : at + 1 + (size_t)end;
		str token = unescape(a, str_sub(pointer, at + 1, stop));
		int64_t index;
		if (node_is(root, NODE_SEQ) && str_to_i64(token, &index)) {
			buf_printf(&b, "[%lld]", (long long)index);
			root = index >= 0 && index < root->n ? root->items[index] : NULL;
		} else if (node_is(root, NODE_SEQ)) { /* an item that is gone: [name=web] */
			buf_add(&b, token);
			root = NULL;
		} else {
			add_key(&b, token);
			root = node_get(root, token);
		}
		at = stop;
	}
	return b.n ? buf_str(&b) : S("(document)");
}
