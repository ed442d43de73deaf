/* SPDX-License-Identifier: MIT */
/* Regular expressions of ECMA 262 and RE2, translated to PCRE2 and matched within limits. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "schema/internal.h"

#include <pcre2.h>
#include <stdatomic.h>
#include <string.h>

struct regex {
	pcre2_code *code;
	_Atomic(pcre2_code *) fast; /* a copy with machine code, or NULL */
	_Atomic unsigned asked;
	str literal; /* a pattern that is ^text$ or ^text or text: compared without PCRE2 */
	bool fixed, at_start, at_end;
	bool sound; /* ECMA 262 allows it, we can't run it */
	str text;   /* in PCRE2's words */
	uint32_t flags;
	pcre2_code **behind; /* lookbehinds without a fixed width: (?C0), (?C1), … stand for them */
	size_t nbehind;
};
enum { COUNTED = 8 };
struct counted { /* a regular expression with a callout before each of its parts */
	const struct regex *regex;
	pcre2_code *code;
};
struct regex_room {
	pcre2_match_data *data;
	pcre2_match_context *context, *fast;
	struct counted codes[COUNTED]; /* for long texts: those last used */
	size_t next;
	uint64_t work;
	uint64_t left; /* of the match that is going on */
};
struct attempt { /* of a match with callouts */
	struct regex_room *room;
	const struct regex *regex;
	str subject;
	bool inner;  /* of a lookbehind */
	size_t end;  /* where a lookbehind has to end */
	size_t last; /* where the last callout was */
};
enum {
	LONG = 2048, /* in longer texts what a match goes over is counted, as well as its steps */
	WAY_LEAST = 20000000, WAY_A_BYTE = 60, STEPS_MOST = 1000000, STEPS_FIRST = 10000, HEAP_MOST = 64 << 10,
	FAST_MOST = 16000, FAST_FROM = 100, /* PCRE2 interprets a pattern until it has been asked for so often that machine code pays */
};

/* ^text$ and its like need no engine. */
static void find_literal(struct regex *r, str p)
{
	size_t from = 0, to = p.n;
	r->at_start = to > from && p.p[0] == '^';
	from += r->at_start;
	r->at_end = to > from && p.p[to - 1] == '$';
	to -= r->at_end;
	for (size_t i = from; i < to; i++)
		if (strchr("\\^$.|?*+()[]{}", p.p[i]) || !p.p[i])
			return;
	r->fixed = true;
	r->literal = str_sub(p, from, to);
}

static pcre2_code *compile_text(struct arena *a, str text, uint32_t flags, const char **error, int *code)
{
	PCRE2_SIZE at;
	pcre2_code *c = pcre2_compile((PCRE2_SPTR)(text.p ? text.p : ""), text.n, flags, code, &at, NULL);
	if (!c) {
		char *message = arena_alloc(a, 256);
		pcre2_get_error_message(*code, (PCRE2_UCHAR *)message, 256);
		*error = message;
	}
	return c;
}

/* Lookbehinds without a fixed width become expressions of their own, that have to end where the callout stands. */
static bool compile_split(struct arena *a, struct regex *r, str pattern, const char **error, size_t *offset)
{
	struct regex_text t;
	int code;
	if (!regex_translate(a, pattern, REGEX_ECMA, true, &t)) {
		*error = t.error;
		*offset = t.offset;
		return false;
	}
	r->flags |= PCRE2_NO_AUTO_POSSESS | PCRE2_NO_DOTSTAR_ANCHOR | PCRE2_NO_START_OPTIMIZE; /* none of these knows what callouts decide */
	r->behind = NEW_ARRAY(a, pcre2_code *, t.behind.n);
	for (size_t i = 0; i < t.behind.n; i++) {
		str text = str_printf(a, "(?:%.*s)(?C%d)", STR_ARG(t.behind.p[i]), REGEX_BEHIND_MOST);
		if (!(r->behind[i] = compile_text(a, text, r->flags | PCRE2_USE_OFFSET_LIMIT, error, &code)))
			return false;
		r->nbehind++;
	}
	r->text = t.text;
	return (r->code = compile_text(a, t.text, r->flags, error, &code));
}

static bool compile(struct arena *a, struct regex *r, str pattern, enum regex_dialect d, const char **error, size_t *offset)
{
	struct regex_text t;
	int code;
	*offset = 0;
	find_literal(r, pattern);
	if (r->fixed)
		return true;
	if (!regex_translate(a, pattern, d, false, &t)) {
		*error = t.error;
		*offset = t.offset;
		return false;
	}
	r->flags = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
	if (d == REGEX_ECMA)
		r->flags |= PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALLOW_EMPTY_CLASS;
	if (t.ahead) /* 10.42 takes the letter of (?=b) and the one of a later b for two */
		r->flags |= PCRE2_NO_START_OPTIMIZE;
	r->text = t.text;
	r->code = compile_text(a, t.text, r->flags, error, &code);
	if (r->code || code != PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH || d != REGEX_ECMA)
		return r->code;
	r->sound = true;
	return compile_split(a, r, pattern, error, offset);
}

struct regex *regex_compile(struct arena *a, str pattern, enum regex_dialect d, const char **error, size_t *offset)
{
	struct regex *r = NEW(a, struct regex);
	if (compile(a, r, pattern, d, error, offset))
		return r;
	regex_free(r);
	return NULL;
}

bool regex_valid(struct arena *a, str pattern, const char **error, size_t *offset)
{
	struct regex r = { 0 };
	bool ok = compile(a, &r, pattern, REGEX_ECMA, error, offset) || r.sound;
	regex_free(&r);
	return ok;
}

void regex_free(struct regex *r)
{
	pcre2_code_free(r->code);
	pcre2_code_free(r->fast);
	for (size_t i = 0; i < r->nbehind; i++)
		pcre2_code_free(r->behind[i]);
}

/* ---- matching --------------------------------------------------------------- */
static int match_counted(struct attempt *run, const pcre2_code *code, size_t limit);

static int on_callout(pcre2_callout_block *b, void *ctx)
{
	enum { A_STEP = 16 };
	struct attempt *run = ctx;
	size_t at = b->current_position, way = at > run->last ? at - run->last : run->last - at;
	bool behind = b->callout_number < REGEX_BEHIND_MOST;
	uint64_t cost = A_STEP + (behind ? at : way);
	if (run->room->left < cost)
		return PCRE2_ERROR_CALLOUT;
	run->room->left -= cost;
	run->last = at;
	if (!behind)
		return b->callout_number == REGEX_BEHIND_MOST && at != run->end;
	struct attempt inner = { .room = run->room, .regex = run->regex, .subject = run->subject, .inner = true, .end = at };
	int n = match_counted(&inner, run->regex->behind[b->callout_number], at);
	return n >= 0 ? 0 : n == PCRE2_ERROR_NOMATCH ? 1 : PCRE2_ERROR_CALLOUT;
}

/* limit: how far into the text a match may begin */
static int match_counted(struct attempt *run, const pcre2_code *code, size_t limit)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(context, UINT32_MAX);
	pcre2_set_heap_limit(context, HEAP_MOST);
	pcre2_set_callout(context, on_callout, run);
	if (limit < run->subject.n)
		pcre2_set_offset_limit(context, limit);
	int n = pcre2_match(code, (PCRE2_SPTR)(run->subject.p ? run->subject.p : ""), run->subject.n, 0, run->inner ? PCRE2_NO_UTF_CHECK : 0, data,
			    context);
	pcre2_match_data_free(data);
	pcre2_match_context_free(context);
	return n;
}

static const pcre2_code *counted_code(struct regex_room *m, const struct regex *r)
{
	int code;
	PCRE2_SIZE at;
	for (size_t i = 0; i < COUNTED; i++)
		if (m->codes[i].regex == r)
			return m->codes[i].code;
	struct counted *c = &m->codes[m->next++ % COUNTED];
	pcre2_code_free(c->code);
	c->code = pcre2_compile((PCRE2_SPTR)r->text.p, r->text.n, r->flags | PCRE2_AUTO_CALLOUT, &code, &at, NULL);
	c->regex = c->code ? r : NULL;
	return c->code;
}

struct regex_room *regex_room_new(struct arena *a)
{
	struct regex_room *m = NEW(a, struct regex_room);
	m->data = pcre2_match_data_create(1, NULL);
	m->context = pcre2_match_context_create(NULL);
	m->fast = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(m->fast, FAST_MOST);
	pcre2_set_heap_limit(m->context, HEAP_MOST / 4);
	return m;
}

void regex_room_free(struct regex_room *m)
{
	for (size_t i = 0; i < COUNTED; i++)
		pcre2_code_free(m->codes[i].code);
	pcre2_match_data_free(m->data);
	pcre2_match_context_free(m->context);
	pcre2_match_context_free(m->fast);
}

uint64_t regex_work(struct regex_room *m)
{
	uint64_t work = m->work;
	m->work = 0;
	return work;
}

static void make_fast(struct regex *r)
{
	pcre2_code *copy = pcre2_code_copy(r->code), *none = NULL;
	if (!copy || pcre2_jit_compile(copy, PCRE2_JIT_COMPLETE) || !atomic_compare_exchange_strong(&r->fast, &none, copy))
		pcre2_code_free(copy);
}

/* Where machine code gives up, what the interpreter says counts: whether it gives up does not depend on what was asked before. */
static int match(struct regex_room *m, struct regex *r, str s)
{
	PCRE2_SPTR text = (PCRE2_SPTR)(s.p ? s.p : "");
	uint32_t checked = utf8_valid(s, NULL) ? PCRE2_NO_UTF_CHECK : 0; /* faster than PCRE2's own */
	pcre2_code *fast = atomic_load_explicit(&r->fast, memory_order_acquire);
	int n = fast ? pcre2_match(fast, text, s.n, 0, checked, m->data, m->fast) : PCRE2_ERROR_MATCHLIMIT;
	if (n >= 0 || n == PCRE2_ERROR_NOMATCH)
		return n;
	if (!fast && atomic_fetch_add_explicit(&r->asked, 1, memory_order_relaxed) == FAST_FROM)
		make_fast(r);
	n = PCRE2_ERROR_MATCHLIMIT;
	/* most need few steps; those that need many are work */
	for (uint32_t steps = STEPS_FIRST; n == PCRE2_ERROR_MATCHLIMIT && steps <= STEPS_MOST; steps *= 4) {
		m->work += steps > STEPS_FIRST ? steps / 2 : 0;
		pcre2_set_match_limit(m->context, steps);
		n = pcre2_match(r->code, text, s.n, 0, checked, m->data, m->context);
	}
	return n;
}

int regex_match(struct regex_room *m, struct regex *r, str s)
{
	int n;
	m->work += 1 + s.n / 64;
	if (r->fixed) {
		if (r->at_start && r->at_end)
			return str_eq(s, r->literal);
		if (r->at_start || r->at_end)
			return r->at_start ? str_starts(s, r->literal) : str_ends(s, r->literal);
		return str_find(s, r->literal) >= 0;
	}
	if (r->nbehind || s.n > LONG) {
		struct attempt run = { .room = m, .regex = r, .subject = s };
		const pcre2_code *code = counted_code(m, r);
		const uint64_t most = WAY_LEAST + WAY_A_BYTE * (uint64_t)s.n;
		m->left = most;
		n = code ? match_counted(&run, code, s.n) : PCRE2_ERROR_NOMEMORY;
		m->work += (most - m->left) / 32;
		return n >= 0 ? 1 : n == PCRE2_ERROR_NOMATCH ? 0 : -1;
	}
	n = match(m, r, s);
	return n >= 0 ? 1 : n == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

int regex_find(struct regex_room *m, const struct regex *r, str s, size_t from, size_t *start, size_t *end)
{
	pcre2_set_match_limit(m->context, STEPS_MOST);
	int n = pcre2_match(r->code, (PCRE2_SPTR)(s.p ? s.p : ""), s.n, from, 0, m->data, m->context);
	if (n < 0)
		return n == PCRE2_ERROR_NOMATCH ? 0 : -1;
	*start = pcre2_get_ovector_pointer(m->data)[0];
	*end = pcre2_get_ovector_pointer(m->data)[1];
	return 1;
}
