/* SPDX-License-Identifier: MIT */
/* Finding tokens of known form: one pass over the text for what they begin with or hold, and then their expressions. */
#include "schema/secrets.h"

#include <string.h>

enum { FORMS = 192, ANCHORS = 320, TRIES = 100 };

struct mark {
	str text;
	uint16_t form, next; /* next: with the same first two characters; 0: none, else 1 + its index */
};
struct tokens {
	struct arena *a;
	struct regex *regexes[FORMS];
	struct regex_room *room;
	struct mark anchors[ANCHORS];
	size_t nanchors;
	uint16_t first[1 << 16]; /* 1 + index of the first anchor, by two characters */
};

static size_t pair(const char *p)
{
	return (size_t)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static void add_anchors(struct tokens *t, uint16_t form)
{
	const char *list = token_forms[form].anchors;
	bool spaced = token_forms[form].check == CHECK_BASIC || token_forms[form].check == CHECK_RANDOM || token_forms[form].check == CHECK_URL;
	for (const char *p = list; *p && t->nanchors < ANCHORS;) {
		size_t n = strcspn(p, " ");
		if (spaced && p[n] == ' ' && !p[n + 1]) /* "asic ": the space at the end counts */
			n++;
		t->anchors[t->nanchors] = (struct mark){ { p, n }, form, t->first[pair(p)] };
		t->first[pair(p)] = (uint16_t)++t->nanchors;
		p += n;
		p += *p == ' ';
	}
}

struct tokens *tokens_new(struct arena *a)
{
	struct tokens *t = NEW(a, struct tokens);
	t->a = a;
	t->room = regex_room_new(a);
	for (uint16_t i = 0; i < FORMS && token_forms[i].rule; i++)
		add_anchors(t, i);
	return t;
}

void tokens_free(struct tokens *t)
{
	for (size_t i = 0; i < FORMS; i++)
		if (t->regexes[i])
			regex_free(t->regexes[i]);
	regex_room_free(t->room);
}

const char *secret_rule(size_t i)
{
	return token_forms[i].rule;
}

/* The forms that may stand in this text. */
static bool look(const struct tokens *t, str text, bool *there)
{
	bool any = false;
	for (const char *p = text.p, *end = text.p + text.n; p + 1 < end; p++)
		for (uint16_t i = t->first[pair(p)]; i; i = t->anchors[i - 1].next) {
			const struct mark *at = &t->anchors[i - 1];
			if (at->text.n <= (size_t)(end - p) && memcmp(p, at->text.p, at->text.n) == 0)
				any = there[at->form] = true;
		}
	return any;
}

static bool overlaps(const struct token_hit *hits, size_t n, str s)
{
	for (size_t i = 0; i < n; i++)
		if (s.p < hits[i].text.p + hits[i].text.n && hits[i].text.p < s.p + s.n)
			return true;
	return false;
}

static void insert(struct token_hit *hits, size_t n, struct token_hit hit)
{
	while (n && hits[n - 1].text.p > hit.text.p) {
		hits[n] = hits[n - 1];
		n--;
	}
	hits[n] = hit;
}

static size_t find_form(struct tokens *t, struct arena *scratch, size_t i, str text, struct token_hit *out, size_t n, size_t most)
{
	const char *error;
	size_t offset, from = 0, start, end;
	if (!t->regexes[i])
		t->regexes[i] = regex_compile(t->a, str_of(token_forms[i].pattern), REGEX_ECMA, &error, &offset);
	for (int tries = 0; t->regexes[i] && n < most && tries < TRIES && regex_find(t->room, t->regexes[i], text, from, &start, &end) == 1;) {
		str token = str_sub(text, start, end);
		if (!overlaps(out, n, token) && token_fits(&token_forms[i], scratch, token))
			insert(out, n++, (struct token_hit){ token_forms[i].rule, token_forms[i].what, token });
		else
			tries++;
		from = end > from ? end : from + 1;
	}
	return n;
}

size_t tokens_find(struct tokens *t, struct arena *scratch, str text, struct token_hit *out, size_t most)
{
	enum { SHORTEST = 8 };
	bool there[FORMS] = { false };
	size_t n = 0;
	if (text.n < SHORTEST || !look(t, text, there))
		return 0;
	for (size_t i = 0; i < FORMS && token_forms[i].rule; i++)
		if (there[i])
			n = find_form(t, scratch, i, text, out, n, most);
	return n;
}

bool tokens_overlap(const struct token_hit *hits, size_t n, str part)
{
	return overlaps(hits, n, part);
}
