/* SPDX-License-Identifier: MIT */
/* Rules that are off, and findings that are accepted: by comments, by a file. */
#define _GNU_SOURCE /* memmem */
#include "schema/findings.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char needle[] = "infraflux:ignore";

struct comment {
	uint32_t line;
	bool whole_file, alone; /* alone: nothing before it on its line */
	bool used;
	const char *rule;
};
struct comments { /* of one file */
	const char *file;
	struct comment *p;
	size_t n, cap;
	/* of an input that is watched: */
	bool watched;
	uint32_t line; /* that the next byte is on */
	struct buf begun; /* of that line, as far as it was read */
};
struct accepted { /* an entry of --ignore: globs; NULL: any */
	struct pos pos;
	const char *rule, *file, *kind, *ns, *name, *path, *message;
	bool expired, used;
};
struct findings {
	struct arena *a;
	struct diag *diag;
	struct strlist no_rules;
	unsigned families;
	size_t looked_at[FAMILY_COUNT];
	struct map files; /* to struct comments */
	struct { struct accepted *p; size_t n, cap; } accepted;
	size_t errors;
};

/* Of a reader, which knows no comments: ctx is struct findings. */
static bool accept_key(void *ctx, const struct finding *f)
{
	return f->rule && str_ends(str_of(f->rule), S("-key")) && findings_accept(ctx, f);
}

struct findings *findings_new(struct arena *a, struct diag *d, const struct strlist *no_rules, unsigned families)
{
	struct findings *x = NEW(a, struct findings);
	x->a = a;
	x->diag = d;
	x->no_rules = *no_rules;
	x->families = families;
	d->accepts = accept_key;
	d->accepts_ctx = x;
	for (size_t i = 0; i < no_rules->n; i++) {
		str near = rule_nearest(no_rules->p[i]);
		if (!rule_known(no_rules->p[i], ~0u))
			diag_at(d, SEV_WARNING, NOWHERE, "nothing-matched", "--no-rule %s names no rule%s%.*s%s", no_rules->p[i], near.n ? "; did you mean " : "",
				STR_ARG(near), near.n ? "?" : "");
	}
	return x;
}

size_t findings_errors(const struct findings *x)
{
	return x->errors;
}

void findings_count(struct findings *x, enum family f, size_t n)
{
	x->looked_at[f] += n;
}

/* ---- comments ------------------------------------------------------------------- */
/* Most files hold none: they are looked through by the block, and lines counted only where there is one. */
static bool holds_needle(const char *path)
{
	enum { BLOCK = 1 << 18, OVERLAP = sizeof(needle) };
	struct stat st;
	bool found = false;
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *block = fd < 0 ? NULL : malloc(BLOCK + OVERLAP);
	size_t kept = 0;
	for (ssize_t n; block && !found && (n = read(fd, block + kept, BLOCK)) > 0;) {
		size_t have = kept + (size_t)n;
		found = memmem(block, have, needle, sizeof(needle) - 1) != NULL;
		kept = have < OVERLAP ? have : OVERLAP;
		memmove(block, block + have - kept, kept);
	}
	free(block);
	if (fd >= 0)
		close(fd);
	return found;
}

static void add_comment(struct findings *x, struct comments *c, str line, uint32_t number)
{
	ptrdiff_t at = str_find(line, S("infraflux:ignore"));
	size_t hash = at < 0 ? 0 : (size_t)at;
	while (hash && (line.p[hash - 1] == ' ' || line.p[hash - 1] == '\t'))
		hash--;
	if (at < 0 || !hash || line.p[hash - 1] != '#')
		return;
	str rest = str_sub(line, (size_t)at + sizeof(needle) - 1, line.n);
	bool whole = str_starts(rest, S("-file"));
	rest = str_trim(whole ? str_sub(rest, 5, rest.n) : rest);
	size_t end = 0;
	while (end < rest.n && rest.p[end] != ' ' && rest.p[end] != '\t')
		end++;
	*VEC_ADD(x->a, c) = (struct comment){
		.line = number, .whole_file = whole, .alone = !str_trim(str_sub(line, 0, hash - 1)).n, .rule = str_dup(x->a, end ? str_sub(rest, 0, end) : S("*")),
	};
}

static struct comments *comments_of(struct findings *x, const char *file)
{
	struct comments **slot = (struct comments **)map_at(x->a, &x->files, str_of(file));
	if (*slot)
		return *slot;
	struct comments *c = *slot = NEW(x->a, struct comments);
	struct stat st;
	c->file = file;
	c->line = 1;
	c->begun = BUF(x->a);
	c->watched = file[0] == '<' || stat(file, &st) || !S_ISREG(st.st_mode);
	FILE *f = !c->watched && holds_needle(file) ? fopen(file, "re") : NULL;
	char *line = NULL;
	size_t room = 0;
	uint32_t number = 0;
	for (ssize_t n; f && (n = getline(&line, &room, f)) >= 0;)
		add_comment(x, c, str_trim((str){ line, (size_t)n }), ++number);
	free(line);
	if (f)
		fclose(f);
	return c;
}

/* Standard input and pipes: bytes as they go by.  Only a line that may hold a comment is kept. */
void findings_watch(void *ctx, const char *file, uint32_t line, str bytes)
{
	struct findings *x = ctx;
	struct comments *c = comments_of(x, file);
	enum { LONGEST = 4096 };
	if (!c->watched)
		return;
	if (line)
		c->line = line;
	for (const char *p = bytes.p, *end = bytes.p + bytes.n; p < end;) {
		const char *newline = memchr(p, '\n', (size_t)(end - p)), *stop = newline ? newline : end;
		str part = { p, (size_t)(stop - p) };
		if (c->begun.n) {
			buf_add(&c->begun, str_sub(part, 0, LONGEST - c->begun.n < part.n ? LONGEST - c->begun.n : part.n));
			part = buf_str(&c->begun);
		}
		if (newline) {
			if (part.n >= sizeof(needle) && memmem(part.p, part.n, needle, sizeof(needle) - 1))
				add_comment(x, c, str_trim(part), c->line);
			c->begun.n = 0;
			c->line++;
		} else if (!c->begun.n) {
			buf_add(&c->begun, str_sub(part, 0, LONGEST));
		}
		p = newline ? newline + 1 : end;
	}
}

/* On the finding's own line, or alone on the lines right above it. */
static bool beside(const struct comments *c, size_t i, uint32_t line)
{
	const struct comment *at = &c->p[i];
	if (at->whole_file || at->line == line)
		return true;
	uint32_t last = at->line;
	for (size_t k = i; k < c->n && c->p[k].alone && c->p[k].line == last; k++)
		last++;
	return at->alone && last == line;
}

/* Which comments of its file speak of this finding. */
static bool by_comment(struct findings *x, const struct finding *f)
{
	if (!f->pos.file || !f->pos.line)
		return false;
	struct comments *c = comments_of(x, f->pos.file);
	bool found = false;
	for (size_t i = 0; i < c->n; i++) {
		if (!beside(c, i, f->pos.line) || fnmatch(c->p[i].rule, f->rule ? f->rule : "", 0) != 0)
			continue;
		c->p[i].used = true;
		found = true;
	}
	return found;
}

/* ---- --ignore ------------------------------------------------------------------- */
static int read_entry(struct findings *x, const struct node *n)
{
	struct accepted *e = VEC_ADD(x->a, &x->accepted);
	struct { const char *key, **to; } keys[] = {
		{ "rule", &e->rule }, { "file", &e->file }, { "kind", &e->kind }, { "namespace", &e->ns },
		{ "name", &e->name }, { "path", &e->path }, { "message", &e->message },
	};
	*e = (struct accepted){ .pos = node_pos(n) };
	if (!node_is(n, NODE_MAP))
		return diag_trouble(x->diag, node_pos(n), "ignore", "an entry is a map: {rule: api/*, kind: Deployment, name: web, reason: …}");
	for (size_t i = 0; i < n->n; i++) {
		str key = entry_key(&n->entries[i]), text = node_str(n->entries[i].value);
		bool known = str_eq(key, S("reason"));
		for (size_t k = 0; k < COUNT(keys); k++)
			if (str_eq(key, str_of(keys[k].key)) && n->entries[i].value->kind < NODE_SEQ) {
				*keys[k].to = str_dup(x->a, text);
				known = true;
			}
		if (str_eq(key, S("expires"))) {
			char now[32];
			time_t t = time(NULL);
			struct tm tm;
			known = text.n == 10 && text.p[4] == '-' && text.p[7] == '-' && strftime(now, sizeof(now), "%Y-%m-%d", gmtime_r(&t, &tm));
			e->expired = known && str_cmp(text, str_of(now)) < 0;
		}
		if (!known)
			return diag_trouble(x->diag, entry_pos(&n->entries[i]), "ignore",
					    "\"%.*s\" is none of rule, file, kind, namespace, name, path, message, reason, or expires (2026-12-31), with a text", STR_ARG(key));
	}
	str near = e->rule ? rule_nearest(e->rule) : (str){ 0 };
	if (!e->rule)
		return diag_trouble(x->diag, node_pos(n), "ignore", "an entry names its rule: {rule: api/*, …}");
	if (!rule_known(e->rule, ~0u))
		return diag_trouble(x->diag, node_pos(node_get(n, S("rule"))), "ignore", "there is no rule %s%s%.*s%s", e->rule, near.n ? "; did you mean " : "", STR_ARG(near),
				    near.n ? "?" : "");
	return 0;
}

int findings_ignore(struct findings *x, const char *path)
{
	struct read_options read = { 0 };
	struct node *doc;
	if (read_file(x->a, x->diag, &read, path, &doc))
		return -1;
	if (doc->kind != NODE_SEQ && !(doc->flags & NODE_EMPTY))
		return diag_trouble(x->diag, node_pos(doc), "ignore", "this must be a list of accepted findings: - {rule: api/*, kind: Deployment, name: web, reason: …}");
	for (size_t i = 0; doc->kind == NODE_SEQ && i < doc->n; i++)
		if (read_entry(x, doc->items[i]))
			return -1;
	return 0;
}

static bool fits(struct findings *x, const char *glob, str text)
{
	return !glob || fnmatch(glob, str_dup(x->a, text), 0) == 0;
}

static bool by_file(struct findings *x, const struct finding *f)
{
	bool found = false;
	for (size_t i = 0; i < x->accepted.n; i++) {
		struct accepted *e = &x->accepted.p[i];
		if (e->expired || fnmatch(e->rule, f->rule ? f->rule : "", 0) != 0 || !fits(x, e->file, str_of(f->pos.file)) || !fits(x, e->kind, f->kind) ||
		    !fits(x, e->ns, f->ns) || !fits(x, e->name, f->name) || !fits(x, e->path, f->path) || !fits(x, e->message, f->message))
			continue;
		e->used = found = true;
	}
	return found;
}

/* ---- the door ------------------------------------------------------------------- */
static bool is_off(const struct findings *x, const char *rule)
{
	for (size_t i = 0; rule && i < x->no_rules.n; i++)
		if (fnmatch(x->no_rules.p[i], rule, 0) == 0)
			return true;
	return false;
}

bool findings_accept(struct findings *x, const struct finding *f)
{
	if (is_off(x, f->rule))
		return true;
	bool commented = !f->trouble && by_comment(x, f);
	return (!f->trouble && by_file(x, f)) || commented;
}

void findings_put(void *ctx, const struct finding *f)
{
	struct findings *x = ctx;
	if (findings_accept(x, f))
		return;
	x->errors += f->severity == SEV_ERROR;
	diag_finding(x->diag, f);
}

static void end_comment(struct findings *x, const char *file, const struct comment *c)
{
	struct pos at = { file, c->line, 1 };
	str near = rule_nearest(c->rule);
	if (!rule_known(c->rule, ~0u))
		diag_at(x->diag, SEV_WARNING, at, "unknown-rule", "this comment accepts nothing: there is no rule %s%s%.*s%s", c->rule, near.n ? "; did you mean " : "",
			STR_ARG(near), near.n ? "?" : "");
	else if (!c->used && rule_known(c->rule, x->families) && !is_off(x, c->rule))
		diag_at(x->diag, SEV_WARNING, at, "unused-suppression", "nothing here breaks the rule %s any more: take the comment away", c->rule);
}

void findings_end(struct findings *x, char **paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(paths[i], "-") != 0)
			comments_of(x, paths[i]);
	for (size_t i = 0; i < x->files.n; i++) {
		struct comments *c = x->files.items[i].value;
		if (c->begun.n)
			findings_watch(x, c->file, 0, S("\n")); /* the last line had no end */
		for (size_t k = 0; k < c->n; k++)
			end_comment(x, c->file, &c->p[k]);
	}
	for (size_t i = 0; i < x->accepted.n; i++) {
		const struct accepted *e = &x->accepted.p[i];
		if (e->expired)
			diag_at(x->diag, SEV_WARNING, e->pos, "unused-suppression", "this entry has expired: it accepts nothing any more");
		else if (!e->used && rule_known(e->rule, x->families) && !is_off(x, e->rule))
			diag_at(x->diag, SEV_WARNING, e->pos, "unused-suppression", "no finding fits this entry any more: take it away");
	}
}

struct suppressions findings_suppressions(const struct findings *x)
{
	struct suppressions s = { .given = x->accepted.n };
	for (size_t i = 0; i < x->accepted.n; i++)
		s.used += x->accepted.p[i].used;
	for (size_t i = 0; i < x->files.n; i++) {
		const struct comments *c = x->files.items[i].value;
		s.given += c->n;
		for (size_t k = 0; k < c->n; k++)
			s.used += c->p[k].used;
	}
	return s;
}

void findings_coverage(const struct findings *x, struct arena *a, struct coverage out[FAMILY_COUNT])
{
	static const struct coverage families[FAMILY_COUNT] = {
		[FAMILY_SCHEMA] = { .name = "schema", .option = "--schema", .what = "document" },
		[FAMILY_KUBERNETES] = { .name = "kubernetes", .option = "--kubernetes", .what = "object" },
		[FAMILY_API] = { .name = "api", .option = "--kubernetes", .what = "object" },
		[FAMILY_CEL] = { .name = "cel", .option = "--kubernetes", .what = "rule" },
		[FAMILY_REFERENCES] = { .name = "references", .option = "--references", .what = "reference" },
		[FAMILY_SECRETS] = { .name = "secrets", .option = "--secrets", .what = "value" },
		[FAMILY_SCALARS] = { .name = "ambiguous-scalar", .option = "", .what = "plain scalar" },
	};
	for (int i = 0; i < FAMILY_COUNT; i++) {
		struct buf off = BUF(a);
		for (size_t k = 0; k < x->no_rules.n; k++)
			rule_names_off(&off, x->no_rules.p[k], (enum family)i);
		out[i] = families[i];
		out[i].on = x->families >> i & 1;
		out[i].looked_at = x->looked_at[i];
		out[i].off = buf_str(&off);
	}
}
