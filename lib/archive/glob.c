/* SPDX-License-Identifier: MIT */
/* Globs over the names of entries, matched in time linear in the name. */
#include "archive/internal.h"

#include <string.h>

enum token_kind {
	LITERAL,
	ANY,	     /* ? */
	SET,	     /* […] */
	STAR,	     /* * */
	DEEP_STAR,   /* ** */
	FOLDERS,     /* at a "double star, slash": nothing, or … */
	FOLDERS_IN,  /* … all up to some slash */
};
struct token {
	enum token_kind kind;
	uint32_t cp;
	str set; /* between the brackets */
};
struct pattern {
	struct token *p;
	size_t n, cap;
};
struct archive_glob {
	struct pattern *p;
	size_t n;
	bool *now, *next; /* states, during a match */
	size_t most;
};

/* A malformed byte stands for itself, beyond all code points. */
static size_t decode(str s, uint32_t *cp)
{
	size_t n = utf8_decode(s, cp);

	if (n)
		return n;
	*cp = 0x110000 + (unsigned char)s.p[0];
	return 1;
}

static ptrdiff_t set_end(str g, size_t open)
{
	size_t i = open + 1;

	if (i < g.n && (g.p[i] == '!' || g.p[i] == '^'))
		i++;
	if (i < g.n && g.p[i] == ']')
		i++;
	while (i < g.n && g.p[i] != ']' && g.p[i] != '/')
		i++;
	return i < g.n && g.p[i] == ']' ? (ptrdiff_t)i : -1;
}

static void compile(struct arena *a, struct pattern *out, str g)
{
	while (str_starts(g, S("./")))
		g = str_sub(g, 2, g.n);
	while (str_starts(g, S("/")))
		g = str_sub(g, 1, g.n);
	while (g.n > 1 && g.p[g.n - 1] == '/')
		g.n--;
	for (size_t i = 0; i < g.n;) {
		struct token t = { LITERAL, 0, { "", 0 } };
		bool starts = i == 0 || g.p[i - 1] == '/';
		ptrdiff_t end;
		if (g.p[i] == '*' && i + 1 < g.n && g.p[i + 1] == '*') {
			i += 2;
			if (starts && i < g.n && g.p[i] == '/') {
				i++;
				*VEC_ADD(a, out) = (struct token){ .kind = FOLDERS };
				t.kind = FOLDERS_IN;
			} else {
				t.kind = DEEP_STAR;
			}
		} else if (g.p[i] == '*' || g.p[i] == '?') {
			t.kind = g.p[i++] == '*' ? STAR : ANY;
		} else if (g.p[i] == '[' && (end = set_end(g, i)) > 0) {
			t.kind = SET;
			t.set = str_sub(g, i + 1, (size_t)end);
			i = (size_t)end + 1;
		} else {
			if (g.p[i] == '\\' && i + 1 < g.n)
				i++;
			i += decode(str_sub(g, i, g.n), &t.cp);
		}
		*VEC_ADD(a, out) = t;
	}
}

struct archive_glob *archive_glob_new(struct arena *a, const struct strlist *globs)
{
	struct archive_glob *g = NEW(a, struct archive_glob);

	g->n = globs->n;
	g->p = NEW_ARRAY(a, struct pattern, globs->n);
	for (size_t i = 0; i < globs->n; i++) {
		compile(a, &g->p[i], str_of(globs->p[i]));
		if (g->p[i].n > g->most)
			g->most = g->p[i].n;
	}
	g->now = NEW_ARRAY(a, bool, g->most + 1);
	g->next = NEW_ARRAY(a, bool, g->most + 1);
	return g;
}

static bool in_set(str set, uint32_t c)
{
	bool negative = set.n && (set.p[0] == '!' || set.p[0] == '^'), found = false;
	size_t i = negative;

	while (i < set.n) {
		uint32_t low, high;
		i += decode(str_sub(set, i, set.n), &low);
		high = low;
		if (i + 1 < set.n && set.p[i] == '-')
			i += 1 + decode(str_sub(set, i + 1, set.n), &high);
		found = found || (c >= low && c <= high);
	}
	return found != negative && c != '/';
}

/* Makes state i active, and those that need no further character. */
static void enter(const struct pattern *p, bool *states, size_t i)
{
	for (; !states[i]; i++) {
		states[i] = true;
		if (i == p->n)
			return;
		enum token_kind k = p->p[i].kind;
		if (k == FOLDERS) {
			states[i + 1] = true;
			i++;
		} else if (k != STAR && k != DEEP_STAR) {
			return;
		}
	}
}

static void step(const struct pattern *p, const bool *now, bool *next, uint32_t c)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct token *t = &p->p[i];
		if (!now[i])
			continue;
		switch (t->kind) {
		case LITERAL:
			if (t->cp == c)
				enter(p, next, i + 1);
			break;
		case ANY:
			if (c != '/')
				enter(p, next, i + 1);
			break;
		case SET:
			if (in_set(t->set, c))
				enter(p, next, i + 1);
			break;
		case STAR:
			if (c != '/')
				enter(p, next, i);
			break;
		case DEEP_STAR:
			enter(p, next, i);
			break;
		case FOLDERS_IN:
			if (c == '/')
				enter(p, next, i + 1);
			next[i] = true;
			break;
		case FOLDERS:
			break;
		}
	}
}

static bool match(const struct archive_glob *g, const struct pattern *p, str name)
{
	bool *now = g->now, *next = g->next;

	memset(now, 0, p->n + 1);
	enter(p, now, 0);
	for (size_t i = 0; i < name.n;) {
		uint32_t c;
		i += decode(str_sub(name, i, name.n), &c);
		if (c == '/' && now[p->n])
			return true; /* a folder above */
		memset(next, 0, p->n + 1);
		step(p, now, next, c);
		bool *swap = now;
		now = next;
		next = swap;
	}
	return now[p->n];
}

bool archive_glob_match(const struct archive_glob *g, str name)
{
	for (size_t i = 0; i < g->n; i++)
		if (match(g, &g->p[i], name))
			return true;
	return false;
}
