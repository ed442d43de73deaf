/* SPDX-License-Identifier: MIT */
/* Names as Argo CD makes them, its patterns, and documents within strings. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "argocd/internal.h"

/* ---- names ------------------------------------------------------------------------------ */
static bool plain_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static str trimmed(str s, const char *of)
{
	while (s.n && strchr(of, s.p[0]))
		s = str_sub(s, 1, s.n);
	while (s.n && strchr(of, s.p[s.n - 1]))
		s.n--;
	return s;
}

str sanitize_name(struct arena *a, str s)
{
	struct buf b = BUF(a);

	while (s.n && b.n < 253) {
		uint32_t c;
		size_t n = utf8_decode(s, &c);
		s = str_sub(s, n ? n : 1, s.n);
		if (n == 1 && c >= 'A' && c <= 'Z')
			c |= 32;
		else if (c == 0x212A) /* the sign of Kelvin, and the I with a dot, are lower case's k and i */
			c = 'k';
		else if (c == 0x130)
			c = 'i';
		buf_char(&b, n && c < 128 && c && (plain_letter((char)c) || strchr("-.", (int)c)) ? (char)c : '-');
	}
	return trimmed(buf_str(&b), "-.");
}

str slugify(struct arena *a, str s, size_t max, bool whole_words)
{
	str name = sanitize_name(a, s);
	struct buf b = BUF(a);

	if (!whole_words && name.n >= max)
		name.n = max;
	for (size_t i = 0; i < name.n; i++) {
		char c = plain_letter(name.p[i]) ? name.p[i] : '-';
		if (c != '-' || b.n == 0 || b.p[b.n - 1] != '-')
			buf_char(&b, c);
	}
	str out = trimmed(buf_str(&b), "-");
	if (max == 0 || !whole_words || out.n <= max)
		return out;
	for (size_t i = max + 1; i-- > 0;)
		if (out.p[i] == '-')
			return str_sub(out, 0, i);
	return str_sub(out, 0, max);
}

/* ---- patterns ------------------------------------------------------------------------------ */
/* Where "/" is a letter like any other; [!a] said as [^a] where the matcher wants it. */
static str without_slashes(struct arena *a, str s, bool pattern)
{
	struct buf b = BUF(a);

	for (size_t i = 0; i < s.n; i++) {
		bool negated = pattern && s.p[i] == '!' && i > 0 && s.p[i - 1] == '[' && (i < 2 || s.p[i - 2] != '\\');
		buf_char(&b, s.p[i] == '/' ? '\1' : negated ? '^' : s.p[i]);
	}
	return buf_str(&b);
}

bool match_any_depth(struct arena *a, str pattern, str name)
{
	return chart_glob(without_slashes(a, pattern, false), without_slashes(a, name, false));
}

bool match_pathspec(struct arena *a, str pattern, str name)
{
	while (str_starts(pattern, S("./")))
		pattern = str_sub(pattern, 2, pattern.n);
	if (pattern.n == 0 || str_eq(pattern, S(".")))
		return true;
	if (str_starts(name, pattern) && (name.n == pattern.n || str_ends(pattern, S("/")) || name.p[pattern.n] == '/'))
		return true;
	return chart_path_match(without_slashes(a, pattern, true), without_slashes(a, name, false));
}

/* ---- texts ------------------------------------------------------------------------------------ */
int read_inner(struct argocd *x, const struct node *text, str filled, bool last_wins, struct node **out)
{
	struct read_options ro = x->o->read;
	struct pos pos = node_pos(text);
	struct node *more;
	int got;

	ro.input = FORMAT_YAML;
	ro.duplicates = last_wins ? 1 : ro.duplicates;
	struct reader *r = reader_open_text(x->a, x->diag, &ro, pos.file ? pos.file : "<text>", filled);
	if (!r)
		return -1;
	bool block = text->style == STYLE_LITERAL || text->style == STYLE_FOLDED;
	if (pos.line)
		reader_from_line(r, block ? pos.line : pos.line - 1);
	got = reader_next(r, x->a, out);
	if (!got)
		*out = node_at(node_new(x->a, NODE_NULL), text);
	if (got > 0 && (got = reader_next(r, x->a, &more)) > 0)
		got = diag_trouble(x->diag, node_pos(more), "argocd", "one document is wanted here, and this is another");
	reader_close(r);
	return got;
}

const char *read_whole(struct argocd *x, const char *path, str *out)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || file_read(x->a, x->diag, path, out) < 0)
		return NULL;
	return path;
}
