/* SPDX-License-Identifier: MIT */
/* Credentials in values: tokens, passwords in telling places, lines of configuration.  No value is ever shown. */
#include "schema/secrets.h"

#include "schema/findings.h"

#include <string.h>

struct secrets {
	struct arena *a;
	struct findings *findings;
	struct tokens *tokens;
	struct baseline *baseline;
	const struct node *doc;
	bool secret; /* a Kubernetes Secret */
};

struct secrets *secrets_new(struct arena *a, struct diag *d, struct findings *f, const struct secrets_options *o)
{
	struct secrets *x = NEW(a, struct secrets);
	x->a = a;
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

int secrets_end(struct secrets *x, char **paths, size_t n)
{
	return x->baseline ? baseline_end(x->baseline, paths, n) : 0;
}

/* ---- finding ---------------------------------------------------------------------- */
struct place {
	const struct place *up;
	const struct entry *entry;
	size_t index;
	const struct node *before; /* the item before it in a list */
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

static void report(struct secrets *x, struct arena *a, const char *rule, const struct value *v, str credential, str message)
{
	struct finding f = { .severity = SEV_ERROR, .rule = rule, .pos = place_of(v, credential), .path = pointer_to(a, v->at), .message = message };
	struct kube_id id;
	if (kube_identify(x->doc, &id, NULL))
		kube_finding_id(&f, x->doc, &id);
	if (findings_accept(x->findings, &f) || (x->baseline && baseline_accepts(x->baseline, rule, f.pos.file, f.path, credential)))
		return;
	findings_put(x->findings, &f);
}

static bool find_tokens(struct secrets *x, struct arena *a, const struct value *v)
{
	struct token_hit hits[8];
	size_t n = tokens_find(x->tokens, a, v->text, hits, COUNT(hits));
	for (size_t i = 0; i < n; i++)
		report(x, a, hits[i].rule, v, hits[i].text,
		       str_printf(a, "%s stands here in plain text (%zu characters): take it out of the file, and make a new one", hits[i].what, hits[i].text.n));
	return n > 0;
}

static bool find_password(struct secrets *x, struct arena *a, const struct value *v, str key, str text)
{
	enum telling how = secret_name(key);
	if (!how || !secret_value(text, how))
		return false;
	report(x, a, how == TELLS_PASSWORD ? "secret/password" : "secret/high-entropy", v, text,
	       str_printf(a, "the value of \"%.*s\" looks like a credential in plain text (%zu characters): %s", STR_ARG(key), text.n,
			  x->secret ? "a Secret only encodes it; seal it, or keep it in a store outside" : "refer to a Secret instead"));
	return true;
}

/* PASSWORD=x in a list, --password=x, --password x */
static bool find_argument(struct secrets *x, struct arena *a, const struct value *v)
{
	ptrdiff_t equals = str_chr(v->text, '=');
	str before = v->at->before ? node_text(v->at->before) : (str){ 0 };
	if (equals > 0 && str_chr(v->text, ' ') < 0 && str_chr(v->text, '\n') < 0)
		return find_password(x, a, v, str_sub(v->text, 0, (size_t)equals), str_sub(v->text, (size_t)equals + 1, v->text.n));
	if (str_starts(before, S("--")) && str_chr(before, '=') < 0 && !str_starts(v->text, S("-")))
		return find_password(x, a, v, str_sub(before, 2, before.n), v->text);
	return false;
}

static void find_lines(struct secrets *x, struct arena *a, const struct value *v)
{
	str name, text;
	for (size_t at = 0; secret_assignment(v->text, &at, &name, &text);)
		find_password(x, a, v, name, text);
}

static void scalar(struct secrets *x, struct arena *a, const struct node *parent, const struct node *n, const struct place *at, bool encoded)
{
	struct value v = { n, at, node_text(n), encoded };
	str key = at->entry ? entry_key(at->entry) : (str){ 0 };
	if (n->kind != NODE_STRING && n->kind != NODE_INT)
		return;
	findings_count(x->findings, FAMILY_SECRETS, 1);
	if (encoded && !format_base64(a, v.text, &v.text))
		return;
	if (n->kind == NODE_STRING && find_tokens(x, a, &v))
		return;
	if (str_eq(key, S("value")) && node_get_str(parent, S("name")).n) /* {name: DB_PASSWORD, value: …} */
		key = node_get_str(parent, S("name"));
	const struct entry *above = at->up ? at->up->entry : NULL;
	if (key.n && !(above && secret_names_keys(entry_key(above))) && find_password(x, a, &v, key, v.text))
		return;
	if (n->kind == NODE_STRING && !find_argument(x, a, &v) && str_chr(v.text, '\n') >= 0)
		find_lines(x, a, &v);
}

static void walk(struct secrets *x, struct arena *a, const struct node *n, const struct place *up, bool encoded)
{
	const struct node *before = NULL;
	for (size_t i = 0; n->kind >= NODE_SEQ && i < n->n; i++) {
		struct place here = { up, n->kind == NODE_MAP ? &n->entries[i] : NULL, i, before };
		const struct node *v = here.entry ? here.entry->value : n->items[i];
		before = n->kind == NODE_SEQ && v->kind == NODE_STRING ? v : NULL;
		if (v->kind >= NODE_SEQ)
			walk(x, a, v, &here, encoded);
		else
			scalar(x, a, n, v, &here, encoded);
	}
}

/* The data of a Secret is base64. */
static void document(struct secrets *x, struct arena *a, const struct node *doc)
{
	bool secret = x->secret = str_eq(node_get_str(doc, S("kind")), S("Secret")) && node_get(doc, S("apiVersion")) && !node_get(doc, S("sops"));
	static const char *const elsewhere[] = { "SealedSecret", "ExternalSecret", "ClusterExternalSecret", "PushSecret" }; /* they name keys */
	bool sealed = false;
	for (size_t i = 0; i < COUNT(elsewhere); i++)
		sealed |= str_eq(node_get_str(doc, S("kind")), str_of(elsewhere[i]));
	for (size_t i = 0; doc->kind == NODE_MAP && i < doc->n && !sealed; i++) {
		struct place here = { NULL, &doc->entries[i], i, NULL };
		const struct node *v = here.entry->value;
		if (v->kind >= NODE_SEQ)
			walk(x, a, v, &here, secret && str_eq(entry_key(here.entry), S("data")));
		else
			scalar(x, a, doc, v, &here, false);
	}
	if (doc->kind == NODE_SEQ)
		walk(x, a, doc, NULL, false);
}

void secrets_check(struct secrets *x, struct arena *scratch, const struct node *doc)
{
	x->doc = doc;
	document(x, scratch, doc);
}
