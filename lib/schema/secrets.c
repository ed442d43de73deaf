/* SPDX-License-Identifier: MIT */
/* Credentials in values: tokens, passwords in telling places, lines of configuration.  No value is ever shown. */
#include "schema/secrets.h"

#include "schema/findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct secrets {
	struct arena *a;
	struct diag *diag;
	struct findings *findings;
	struct tokens *tokens;
	struct baseline *baseline;
	const struct node *object; /* that the walk is in: the document, or an item of a list */
	bool secret;		   /* it is a Kubernetes Secret */
};

enum place_flags {
	ENCODED = 1 << 0, /* in base64, as the data of a Secret */
	HOLDS = 1 << 1,	  /* what stands here is for credentials */
	REFERS = 1 << 2,  /* names are those of keys elsewhere, as in an ExternalSecret */
};

struct secrets *secrets_new(struct arena *a, struct diag *d, struct findings *f, const struct secrets_options *o)
{
	struct secrets *x = NEW(a, struct secrets);
	x->a = a;
	x->diag = d;
	x->findings = f;
	x->tokens = tokens_new(a);
	if ((o->baseline || o->baseline_out) && !(x->baseline = baseline_open(a, d, o->baseline, o->baseline_out))) {
		tokens_free(x->tokens);
		return NULL;
	}
	return x;
}

void secrets_free(struct secrets *x)
{
	if (x)
		tokens_free(x->tokens);
}

/* ---- finding ---------------------------------------------------------------------- */
struct place {
	const struct place *up;
	const struct entry *entry;
	size_t index;
	const struct node *before; /* the item before it in a list */
	unsigned flags;
};

static str pointer_to(struct arena *a, const struct place *at)
{
	if (!at)
		return (str){ "", 0 };
	str up = pointer_to(a, at->up);
	return at->entry ? pointer_add_key(a, up, entry_key(at->entry)) : pointer_add_index(a, up, at->index);
}

struct value {
	const struct node *node;
	const struct place *at;
	str text; /* decoded, where it was encoded */
	bool encoded;
};

/* In a literal block the lines of the text are those of the file. */
static struct pos place_of(const struct value *v, str part)
{
	struct pos p = node_pos(v->node);
	if (v->node->style != STYLE_LITERAL || v->encoded)
		return p;
	p.line++;
	p.col = 1;
	for (const char *c = v->text.p; c < part.p; c++)
		p.line += *c == '\n';
	return p;
}

/* A comment at the beginning of a block of text speaks of all that is in it. */
static bool accepted(struct secrets *x, struct finding *f, const struct value *v)
{
	struct finding whole = *f;
	whole.pos = node_pos(v->node);
	return findings_accept(x->findings, f) || (whole.pos.line != f->pos.line && findings_accept(x->findings, &whole));
}

static void report(struct secrets *x, struct arena *a, const char *rule, const struct value *v, str credential, str message)
{
	struct finding f = { .severity = SEV_ERROR, .rule = rule, .pos = place_of(v, credential), .path = pointer_to(a, v->at), .message = message };
	struct kube_id id;
	if (kube_identify(x->object, &id, NULL))
		kube_finding_id(&f, x->object, &id);
	if (accepted(x, &f, v) || (x->baseline && baseline_accepts(x->baseline, rule, f.pos.file, f.path, credential)))
		return;
	findings_put(x->findings, &f);
}

static void report_token(struct secrets *x, struct arena *a, const struct value *v, const char *rule, const char *what, str token)
{
	report(x, a, rule, v, token, str_printf(a, "%s stands here in plain text (%zu characters): take it out of the file, and make a new one", what, token.n));
}

static bool find_password(struct secrets *x, struct arena *a, const struct value *v, str key, str text)
{
	enum telling how = secret_name(key);
	if (how == TELLS_PASSWORD && v->at->flags & HOLDS && x->secret)
		how = TELLS_PASSPHRASE;
	if (!how || !secret_value(text, how))
		return false;
	report(x, a, how >= TELLS_PASSWORD ? "secret/password" : "secret/high-entropy", v, text,
	       str_printf(a, "the value of \"%.*s\" looks like a credential in plain text (%zu characters): %s", STR_ARG(key), text.n,
			  x->secret ? "a Secret only encodes it; seal it, or keep it in a store outside" : "refer to a Secret instead"));
	return true;
}

static bool is_option(str s) /* --api-token */
{
	for (size_t i = 2; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] == '=')
			return false;
	return s.n > 2 && str_starts(s, S("--")) && s.p[2] != '-';
}

/* PASSWORD=x in a list, --password=x, --password x */
static bool find_argument(struct secrets *x, struct arena *a, const struct value *v)
{
	ptrdiff_t equals = str_chr(v->text, '=');
	str before = v->at->before ? node_text(v->at->before) : (str){ 0 };
	if (equals > 0 && str_chr(v->text, ' ') < 0 && str_chr(v->text, '\n') < 0)
		return find_password(x, a, v, str_sub(v->text, 0, (size_t)equals), str_sub(v->text, (size_t)equals + 1, v->text.n));
	if (is_option(before) && !str_starts(v->text, S("-")))
		return find_password(x, a, v, str_sub(before, 2, before.n), v->text);
	return false;
}

static bool find_assignments(struct secrets *x, struct arena *a, const struct value *v, const struct token_hit *hits, size_t n)
{
	struct assignments all = { .text = v->text };
	str name, text;
	bool found = false;
	while (secret_assignment(&all, &name, &text))
		found |= !tokens_overlap(hits, n, text) && find_password(x, a, v, name, text);
	return found;
}

/* Without a name that tells: the place does. */
static void find_random(struct secrets *x, struct arena *a, const struct value *v, str key)
{
	if (secret_value(v->text, TELLS_PERHAPS))
		report(x, a, "secret/high-entropy", v, v->text,
		       str_printf(a, "the value%s%.*s%s looks random, in a place for credentials (%zu characters): seal it, or keep it in a store outside",
				  key.n ? " of \"" : "", STR_ARG(key), key.n ? "\"" : "", v->text.n));
}

/* The key that a value stands under, that of its list, or the name beside it: {name: DB_PASSWORD, value: …} */
static str key_of(const struct node *parent, const struct place *at)
{
	const struct place *named = at->entry ? at : at->up;
	str key = named && named->entry ? entry_key(named->entry) : (str){ 0 }, name;
	if (at->entry && str_eq(key, S("value")) && ((name = node_get_str(parent, S("name"))).n || (name = node_get_str(parent, S("key"))).n))
		return name;
	return key;
}

static bool is_login(struct arena *a, const struct value *v, str key)
{
	return (str_eq(key, S("auth")) || str_eq(key, S("_auth"))) && secret_is_login(a, v->text);
}

static void scalar(struct secrets *x, struct arena *a, const struct node *parent, const struct node *n, const struct place *at)
{
	enum { MOST = 64 };
	struct token_hit hits[MOST];
	struct value v = { n, at, node_text(n), false };
	if (n->kind != NODE_STRING && n->kind != NODE_INT)
		return;
	findings_count(x->findings, FAMILY_SECRETS, 1);
	if (at->flags & ENCODED)
		v.encoded = format_base64(a, v.text, &v.text);
	size_t found = n->kind == NODE_STRING ? tokens_find(x->tokens, a, v.text, hits, MOST) : 0;
	for (size_t i = 0; i < found; i++)
		report_token(x, a, &v, hits[i].rule, hits[i].what, hits[i].text);
	str key = key_of(parent, at);
	const struct entry *above = at->entry && at->up ? at->up->entry : NULL;
	bool tells = key.n && !(at->flags & REFERS) && !(above && secret_names_keys(entry_key(above)));
	if (tells && !found && is_login(a, &v, key))
		report_token(x, a, &v, "secret/registry-auth", "a registry login", v.text);
	else if (tells && !found && find_password(x, a, &v, key, v.text))
		return;
	else if (n->kind == NODE_STRING && !find_assignments(x, a, &v, hits, found) && !found && !find_argument(x, a, &v) && at->flags & HOLDS)
		find_random(x, a, &v, key);
}

/* ---- the walk ------------------------------------------------------------------------ */
static bool is_kind(const struct node *object, const char *const *kinds, size_t n)
{
	str kind = node_get_str(object, S("kind"));
	for (size_t i = 0; i < n; i++)
		if (str_eq(kind, str_of(kinds[i])))
			return true;
	return false;
}

/* What the key of a map says of all that is below it. */
static unsigned flags_below(const struct secrets *x, const struct node *map, str key, unsigned flags)
{
	static const char *const elsewhere[] = { "ExternalSecret", "ClusterExternalSecret", "PushSecret", "SecretProviderClass" };
	if (map == x->object && x->secret && str_eq(key, S("data")))
		return ENCODED | HOLDS;
	if (map == x->object && x->secret && str_eq(key, S("stringData")))
		return HOLDS;
	if (map == x->object && is_kind(map, elsewhere, COUNT(elsewhere)))
		return REFERS;
	if (flags & REFERS && str_eq(key, S("template"))) /* of the Secret that it makes */
		return HOLDS;
	return flags | (secret_holds_more(key) ? HOLDS : 0);
}

static void walk(struct secrets *x, struct arena *a, const struct node *n, const struct place *up, unsigned flags)
{
	const struct node *before = NULL, *outer = x->object;
	bool was_secret = x->secret;
	static const char *const secret[] = { "Secret" }, *const sealed[] = { "SealedSecret" };

	if (!up || (node_get_str(n, S("kind")).n && node_get_str(n, S("apiVersion")).n)) {
		x->object = n;
		x->secret = is_kind(n, secret, 1) && node_get(n, S("apiVersion"));
		flags &= REFERS;
	}
	for (size_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++) {
		const struct entry *e = n->kind == NODE_MAP ? &n->entries[i] : NULL;
		const struct node *v = e ? e->value : n->items[i];
		struct place here = { up, e, i, before, e ? flags_below(x, n, entry_key(e), flags) : flags };
		before = n->kind == NODE_SEQ && v->kind == NODE_STRING ? v : NULL;
		if (e && str_eq(entry_key(e), S("encryptedData")) && is_kind(x->object, sealed, 1))
			continue;
		if (v->kind >= NODE_SEQ)
			walk(x, a, v, &here, here.flags);
		else
			scalar(x, a, n, v, &here);
	}
	x->object = outer;
	x->secret = was_secret;
}

void secrets_check(struct secrets *x, struct arena *scratch, const struct node *doc)
{
	x->object = doc;
	walk(x, scratch, doc, NULL, 0);
}

/* ---- comments ------------------------------------------------------------------------ */
static str comment_part(str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '#' && (!i || line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
			return str_sub(line, i, line.n);
	return (str){ 0 };
}

/* Few files have a # before what looks like a token: only these are read as YAML, to tell comments from texts. */
static bool perhaps_in_comments(struct secrets *x, struct arena *a, const char *path)
{
	struct token_hit hit;
	struct stat st;
	FILE *f = stat(path, &st) || !S_ISREG(st.st_mode) ? NULL : fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;
	for (ssize_t n; f && !found && (n = getline(&line, &room, f)) >= 0;) {
		struct arena_mark m = arena_mark(a);
		str part = comment_part((str){ line, (size_t)n });
		found = part.n && tokens_find(x->tokens, a, part, &hit, 1);
		arena_rewind(a, m);
	}
	free(line);
	if (f)
		fclose(f);
	return found;
}

static void check_comment(struct secrets *x, struct arena *a, const char *file, const struct doc_comment *c)
{
	struct token_hit hits[8];
	size_t n = tokens_find(x->tokens, a, c->text, hits, COUNT(hits));
	for (size_t i = 0; i < n; i++) {
		struct finding f = { .severity = SEV_ERROR, .rule = hits[i].rule, .pos = { file, c->line, 0 }, .path = S("") };
		f.message = str_printf(a, "%s stands in a comment (%zu characters): take it out of the file, and make a new one", hits[i].what, hits[i].text.n);
		if (!findings_accept(x->findings, &f) && !(x->baseline && baseline_accepts(x->baseline, f.rule, file, f.path, hits[i].text)))
			findings_put(x->findings, &f);
	}
}

static int check_comments(struct secrets *x, char **paths, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena a = { 0 };
		struct doc_comment *list;
		size_t found = 0;
		str text;
		if (strcmp(paths[i], "-") != 0 && perhaps_in_comments(x, &a, paths[i]) &&
		    (file_read(&a, x->diag, paths[i], &text) || comments_read(&a, x->diag, paths[i], text, &list, &found))) {
			arena_free(&a);
			return -1;
		}
		for (size_t k = 0; k < found; k++)
			check_comment(x, &a, paths[i], &list[k]);
		arena_free(&a);
	}
	return 0;
}

int secrets_end(struct secrets *x, char **paths, size_t n)
{
	if (check_comments(x, paths, n))
		return -1;
	return x->baseline ? baseline_end(x->baseline, paths, n) : 0;
}
