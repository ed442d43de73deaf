/* SPDX-License-Identifier: MIT */
/* Selectors: which resources a patch, a replacement or a transformer means. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "kustomize/internal.h"

/* ---- patterns ------------------------------------------------------------------------ */
struct regex_code { /* given back by build_end: PCRE2 has its own memory */
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
	const struct node *at;
	bool gave_up; /* over a limit: what it would have matched is not known */
	struct regex_code *next;
};

int patterns_check(struct build *b)
{
	for (const struct regex_code *r = b->regexes; r; r = r->next)
		if (r->gave_up)
			return diag_trouble(b->diag, node_pos(r->at), "limit", "a regular expression that takes too many steps: %.*s", STR_ARG(node_str(r->at)));
	return 0;
}

void patterns_free(struct build *b)
{
	for (struct regex_code *r = b->regexes; r; r = r->next) {
		pcre2_match_context_free(r->limits);
		pcre2_match_data_free(r->match);
		pcre2_code_free(r->code);
	}
	b->regexes = NULL;
}

/* RE2, which kustomize matches with, has no such thing; NULL: it has all that is in s. */
static const char *beyond_re2(str s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		if (s.p[i] == '\\') {
			if (s.p[++i] >= '1' && s.p[i] <= '9')
				return "references back to a group";
			if (strchr("gkKRXGZ", s.p[i]))
				return "such an escape";
		} else if (s.p[i] == '(' && s.p[i + 1] == '?') {
			str rest = str_sub(s, i + 2, s.n);
			if (str_starts(rest, S("=")) || str_starts(rest, S("!")) || str_starts(rest, S("<=")) || str_starts(rest, S("<!")))
				return "looking ahead or behind";
			if (rest.n && strchr(">|&+#R(C0123456789'", rest.p[0]))
				return "such a group";
		} else if (s.p[i + 1] == '+' && strchr("*+?}", s.p[i])) {
			return "possessive repetition";
		}
	}
	return NULL;
}

static int compile_regex(struct build *b, const struct node *n, str text, struct pattern *out)
{
	struct regex_code *r = NEW(b->a, struct regex_code);
	const char *bad = beyond_re2(text);
	PCRE2_UCHAR why[120];
	PCRE2_SIZE at;
	int code;

	if (bad)
		return diag_trouble(b->diag, node_pos(n), "kustomize", "a regular expression has no %s here (RE2): %.*s", bad, STR_ARG(node_str(n)));
	r->code = pcre2_compile((PCRE2_SPTR)text.p, text.n, PCRE2_DOLLAR_ENDONLY | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NO_AUTO_CAPTURE, &code, &at, NULL);
	if (!r->code) {
		pcre2_get_error_message(code, why, sizeof why);
		return diag_trouble(b->diag, node_pos(n), "kustomize", "a malformed regular expression: %.*s: %s", STR_ARG(node_str(n)), (const char *)why);
	}
	r->at = n;
	r->next = b->regexes;
	b->regexes = r;
	r->match = pcre2_match_data_create(1, NULL);
	r->limits = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(r->limits, 1000000);
	pcre2_set_depth_limit(r->limits, 1000);
	out->re = r;
	return 0;
}

int pattern_compile(struct build *b, const struct node *n, const char *tail, struct pattern *out)
{
	str s = n ? node_str(n) : S("");

	*out = (struct pattern){ .text = s };
	for (size_t i = 0; i < s.n; i++) {
		if (strchr("^$*+?()[]{}|\\", s.p[i]))
			return compile_regex(b, n, str_printf(b->a, "^(?:%.*s)%s$", STR_ARG(s), tail ? tail : ""), out);
		out->dots |= s.p[i] == '.';
	}
	return 0;
}

static bool dotted(str pattern, str text)
{
	if (pattern.n != text.n)
		return false;
	for (size_t i = text.n; i-- > 0;) /* names differ at their ends, mostly */
		if (pattern.p[i] != '.' && pattern.p[i] != text.p[i])
			return false;
	return true;
}

bool pattern_matches(const struct pattern *p, str text)
{
	if (p->re) {
		int got = pcre2_match(p->re->code, (PCRE2_SPTR)text.p, text.n, 0, 0, p->re->match, p->re->limits);
		p->re->gave_up |= got < 0 && got != PCRE2_ERROR_NOMATCH;
		return got >= 0;
	}
	if (p->text.n == 0)
		return true;
	return p->dots ? dotted(p->text, text) : str_eq(p->text, text);
}

/* ---- selectors ------------------------------------------------------------------------- */
bool selector_is_empty(const struct selector *s)
{
	return !s->group.text.n && !s->version.text.n && !s->kind.text.n && !s->name.text.n && !s->ns.text.n;
}

int selector_compile(struct build *b, const struct node *n, struct selector *out)
{
	if (pattern_compile(b, node_get(n, S("group")), NULL, &out->group) < 0 || pattern_compile(b, node_get(n, S("version")), NULL, &out->version) < 0 ||
	    pattern_compile(b, node_get(n, S("kind")), NULL, &out->kind) < 0 || pattern_compile(b, node_get(n, S("name")), NULL, &out->name) < 0 ||
	    pattern_compile(b, node_get(n, S("namespace")), NULL, &out->ns) < 0)
		return -1;
	out->labels = node_get_str(n, S("labelSelector"));
	out->annotations = node_get_str(n, S("annotationSelector"));
	return 0;
}

static bool in_set(str list, str value)
{
	while (list.n) {
		ptrdiff_t comma = str_chr(list, ',');
		if (str_eq(str_trim(comma < 0 ? list : str_sub(list, 0, (size_t)comma)), value))
			return true;
		list = comma < 0 ? S("") : str_sub(list, (size_t)comma + 1, list.n);
	}
	return false;
}

/* "key in (a, b)", "key notin (a, b)". */
static bool set_matches(str one, size_t open, const struct node *map)
{
	str head = str_trim(str_sub(one, 0, open)), values = str_sub(one, open + 1, one.n);
	bool not = str_ends(head, S(" notin"));
	str key = str_trim(str_sub(head, 0, head.n - (not ? 6 : 3)));
	struct node *n = node_get(map, key);

	if (str_ends(values, S(")")))
		values.n--;
	return not ? !n || !in_set(values, node_str(n)) : n && in_set(values, node_str(n));
}

static bool requirement(str one, const struct node *map)
{
	ptrdiff_t open = str_chr(one, '('), eq = str_chr(one, '=');

	if (open > 0)
		return set_matches(one, (size_t)open, map);
	if (eq < 0) {
		bool none = str_starts(one, S("!"));
		return none != (node_get(map, none ? str_trim(str_sub(one, 1, one.n)) : one) != NULL);
	}
	bool differ = eq > 0 && one.p[eq - 1] == '!';
	str key = str_trim(str_sub(one, 0, (size_t)eq - differ));
	size_t from = (size_t)eq + (str_starts(str_sub(one, (size_t)eq, one.n), S("==")) ? 2 : 1);
	struct node *n = node_get(map, key);
	bool same = n && str_eq(node_str(n), str_trim(str_sub(one, from, one.n)));
	return same != differ;
}

/* a=b,c!=d,e,!f,g in (h,i) over a map of strings. */
static bool labels_match(str selector, const struct node *map)
{
	while (selector.n) {
		size_t end = 0, depth = 0;
		for (; end < selector.n && (depth || selector.p[end] != ','); end++)
			depth = selector.p[end] == '(' ? 1 : selector.p[end] == ')' ? 0 : depth;
		if (!requirement(str_trim(str_sub(selector, 0, end)), map))
			return false;
		selector = str_sub(selector, end + 1, selector.n);
	}
	return true;
}

static bool names(const struct selector *s, const struct past *id)
{
	return pattern_matches(&s->kind, id->kind) && pattern_matches(&s->name, id->name) && pattern_matches(&s->group, id->group) &&
	       pattern_matches(&s->version, id->version) && pattern_matches(&s->ns, id->ns);
}

bool selects_any_id(struct build *b, const struct selector *s, struct resource *r)
{
	bool hit = names(s, id_of(b, r));

	for (size_t i = r->past.n; i-- > 0 && !hit;)
		hit = names(s, &r->past.p[i]);
	return hit;
}

bool selector_labels(const struct selector *s, const struct resource *r)
{
	struct node *meta = s->labels.n || s->annotations.n ? node_get(r->object, S("metadata")) : NULL;

	return labels_match(s->labels, node_get(meta, S("labels"))) && labels_match(s->annotations, node_get(meta, S("annotations")));
}

const struct resources *candidates(struct build *b, const struct selector *s, struct resources *all)
{
	static const struct resources none;
	const struct resources *like = all;

	if (s->name.text.n && !s->name.re && !s->name.dots && !(like = called(b, all, s->name.text)))
		like = &none;
	return like;
}

bool is_selected(struct build *b, const struct selector *s, struct resource *r)
{
	const struct past *now = id_of(b, r), *first = r->past.n ? &r->past.p[0] : now;

	if (!pattern_matches(&s->kind, now->kind) || !pattern_matches(&s->group, now->group) || !pattern_matches(&s->version, now->version))
		return false;
	if (!pattern_matches(&s->name, first->name) && !pattern_matches(&s->name, now->name))
		return false;
	if (!pattern_matches(&s->ns, effective_namespace(first)) && !pattern_matches(&s->ns, effective_namespace(now)))
		return false;
	return selector_labels(s, r);
}
