/* SPDX-License-Identifier: MIT */
/* Patterns of file names: Go's path.Match, .helmignore on top of it, and the globs of .Files. */
#include <string.h>

#include "chart/internal.h"

#define GLOB_STEPS 100000

/* ---- path.Match ---------------------------------------------------------------- */
/* One character of a class, maybe escaped; its length, 0 if malformed. */
static size_t class_char(str p, size_t i, uint32_t *cp)
{
	size_t n;

	if (i >= p.n || p.p[i] == '-' || p.p[i] == ']')
		return 0;
	if (p.p[i] != '\\') {
		n = utf8_decode(str_sub(p, i, p.n), cp);
		return n ? n : 1;
	}
	if (++i >= p.n)
		return 0;
	n = utf8_decode(str_sub(p, i, p.n), cp);
	return 1 + (n ? n : 1);
}

/* Matches the class that begins behind '[' at *i; *i behind ']'. -1: malformed. */
static int match_class(str p, size_t *i, uint32_t c)
{
	bool negate = *i < p.n && p.p[*i] == '^', hit = false;
	size_t count = 0;

	*i += negate;
	for (;;) {
		uint32_t lo = 0, hi;
		size_t n;
		if (*i < p.n && p.p[*i] == ']' && count > 0) {
			(*i)++;
			return hit != negate;
		}
		if ((n = class_char(p, *i, &lo)) == 0)
			return -1;
		*i += n;
		hi = lo;
		if (*i < p.n && p.p[*i] == '-') {
			if ((n = class_char(p, ++*i, &hi)) == 0)
				return -1;
			*i += n;
		}
		hit |= lo <= c && c <= hi;
		count++;
	}
}

/* One element of the pattern at *i against the name at *k. */
static int match_one(str p, size_t *i, str name, size_t *k)
{
	uint32_t c = 0;
	size_t n = *k < name.n ? utf8_decode(str_sub(name, *k, name.n), &c) : 0;

	if (*k < name.n && n == 0)
		n = 1, c = 0xfffd;
	switch (p.p[*i]) {
	case '[':
		(*i)++;
		int r = match_class(p, i, c);
		*k += n;
		return r < 0 ? -1 : r && n;
	case '?':
		(*i)++;
		*k += n;
		return n && c != '/';
	case '\\':
		if (++*i >= p.n)
			return -1;
	}
	bool same = *k < name.n && p.p[*i] == name.p[*k];
	(*i)++;
	(*k)++;
	return same;
}

int go_match(str p, str name)
{
	size_t i = 0, k = 0, star = SIZE_MAX, star_k = 0;
	bool failed = false;

	while (i < p.n || k < name.n) {
		if (i < p.n && p.p[i] == '*') {
			star = ++i;
			star_k = k;
			continue;
		}
		if (i < p.n) {
			int r = match_one(p, &i, name, &k);
			if (r < 0)
				return -1;
			if (r > 0)
				continue;
		}
		if (star == SIZE_MAX || star_k >= name.n || name.p[star_k] == '/') {
			failed = true;
			break;
		}
		i = star;
		k = ++star_k;
	}
	if (!failed)
		return 1;
	while (i < p.n) { /* the rest must be well-formed all the same */
		size_t none = name.n;
		if (p.p[i] == '*')
			i++;
		else if (match_one(p, &i, name, &none) < 0)
			return -1;
	}
	return 0;
}

/* ---- .helmignore --------------------------------------------------------------- */
static int add_rule(struct arena *a, struct diag *d, struct pos pos, str rule, struct ignore *out)
{
	rule = str_trim(rule);
	if (rule.n == 0 || rule.p[0] == '#')
		return 0;
	if (str_find(rule, S("**")) >= 0)
		return diag_trouble(d, pos, "chart", "Helm knows no ** in .helmignore");
	if (go_match(rule, S("abc")) < 0)
		return diag_trouble(d, pos, "chart", "a malformed pattern: %.*s", STR_ARG(rule));
	struct ignore_rule r = { 0 };
	if ((r.negate = str_starts(rule, S("!"))))
		rule = str_sub(rule, 1, rule.n);
	if ((r.folder = str_ends(rule, S("/"))))
		rule.n--;
	r.base = str_chr(rule, '/') < 0;
	if (str_starts(rule, S("/")))
		rule = str_sub(rule, 1, rule.n);
	r.pattern = rule;
	*VEC_ADD(a, out) = r;
	return 0;
}

int ignore_parse(struct arena *a, struct diag *d, const char *path, str text, struct ignore *out)
{
	struct pos pos = { .file = path, .line = 0, .col = 1 };

	while (text.n) {
		ptrdiff_t end = str_chr(text, '\n');
		size_t n = end < 0 ? text.n : (size_t)end;
		pos.line++;
		if (add_rule(a, d, pos, str_sub(text, 0, n), out) < 0)
			return -1;
		text = str_sub(text, n + 1, text.n);
	}
	return 0;
}

void ignore_defaults(struct arena *a, struct ignore *out)
{
	*VEC_ADD(a, out) = (struct ignore_rule){ .pattern = S("templates/.?*") };
}

bool ignore_match(const struct ignore *rules, str name, bool is_folder)
{
	str base = name;

	for (ptrdiff_t slash; (slash = str_chr(base, '/')) >= 0;)
		base = str_sub(base, (size_t)slash + 1, base.n);
	for (size_t i = 0; i < rules->n; i++) {
		const struct ignore_rule *r = &rules->p[i];
		bool hit = go_match(r->pattern, r->base ? base : name) > 0;
		if (r->negate) { /* Helm: what a negated rule does not match is ignored */
			if ((r->folder && !is_folder) || !hit)
				return true;
			continue;
		}
		if (hit && (!r->folder || is_folder))
			return true;
	}
	return false;
}

/* ---- globs ------------------------------------------------------------------------ */
struct glob {
	str p, name;
	size_t steps;
	bool bad;
};
static bool glob_here(struct glob *g, size_t i, size_t k, size_t end, const size_t *after, size_t nafter);

/* Offset of the bracket that closes the '{' before i. */
static size_t close_brace(str p, size_t i, size_t end)
{
	for (int open = 1; i < end; i++) {
		if (p.p[i] == '\\')
			i++;
		else if (p.p[i] == '{')
			open++;
		else if (p.p[i] == '}' && --open == 0)
			return i;
	}
	return SIZE_MAX;
}

/* Each alternative of {a,b}, followed by the rest of the pattern. */
static bool glob_braces(struct glob *g, size_t i, size_t k, size_t end, const size_t *after, size_t nafter)
{
	size_t close = close_brace(g->p, i, end), next[2 * 16];
	int open = 0;

	if (close == SIZE_MAX || nafter >= 15) {
		g->bad = true;
		return false;
	}
	memcpy(next + 2, after, 2 * nafter * sizeof *after);
	next[0] = close + 1;
	next[1] = end;
	for (size_t from = i, at = i; at <= close; at++) {
		char c = g->p.p[at];
		if (c == '\\') {
			at++;
		} else if (c == '{') {
			open++;
		} else if (c == '}' && open > 0) {
			open--;
		} else if ((c == ',' && open == 0) || at == close) {
			if (glob_here(g, from, k, at, next, nafter + 1))
				return true;
			from = at + 1;
		}
	}
	return false;
}

static bool glob_class(struct glob *g, size_t *i, size_t end, uint32_t c)
{
	bool negate = *i < end && g->p.p[*i] == '!', hit = false;
	size_t n;

	*i += negate;
	while (*i < end && g->p.p[*i] != ']') {
		uint32_t lo, hi;
		if ((n = class_char(g->p, *i, &lo)) == 0)
			break;
		*i += n;
		hi = lo;
		if (*i + 1 < end && g->p.p[*i] == '-' && g->p.p[*i + 1] != ']') {
			if ((n = class_char(g->p, ++*i, &hi)) == 0)
				break;
			*i += n;
		}
		hit |= lo <= c && c <= hi;
	}
	if (*i >= end || g->p.p[*i] != ']')
		g->bad = true;
	(*i)++;
	return hit != negate;
}

/* The pattern from i to end, then the spans `after`, against the name from k. */
static bool glob_here(struct glob *g, size_t i, size_t k, size_t end, const size_t *after, size_t nafter)
{
	while (!g->bad) {
		if (++g->steps > GLOB_STEPS)
			return false;
		if (i >= end) {
			if (nafter == 0)
				return k == g->name.n;
			i = after[0];
			end = after[1];
			after += 2;
			nafter--;
			continue;
		}
		char c = g->p.p[i];
		if (c == '*') {
			bool super = i + 1 < end && g->p.p[i + 1] == '*';
			i += 1 + super;
			for (;; k++) {
				if (glob_here(g, i, k, end, after, nafter))
					return true;
				if (k >= g->name.n || (!super && g->name.p[k] == '/') || g->bad)
					return false;
			}
		}
		if (c == '{')
			return glob_braces(g, i + 1, k, end, after, nafter);
		if (k >= g->name.n)
			return false;
		uint32_t cp;
		size_t n = utf8_decode(str_sub(g->name, k, g->name.n), &cp);
		if (n == 0)
			n = 1, cp = (unsigned char)g->name.p[k];
		if (c == '?' || c == '[') {
			i++;
			if (c == '?' ? cp == '/' : !glob_class(g, &i, end, cp))
				return false;
			k += n;
			continue;
		}
		if (c == '\\' && i + 1 < end)
			i++;
		if (g->p.p[i++] != g->name.p[k++])
			return false;
	}
	return false;
}

bool glob_match(str pattern, str name, bool *bad)
{
	struct glob g = { .p = pattern, .name = name };
	size_t none[2] = { 0 };
	bool hit = glob_here(&g, 0, 0, pattern.n, none, 0);

	*bad = g.bad;
	return hit && !g.bad;
}

bool chart_glob(str pattern, str name)
{
	bool bad;

	return glob_match(pattern, name, &bad);
}

bool chart_path_match(str pattern, str name)
{
	return go_match(pattern, name) > 0;
}
