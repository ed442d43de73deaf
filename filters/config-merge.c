/* SPDX-License-Identifier: MIT */
/* config-merge: layers of configuration into one document; edits of documents in a stream. */
#include "base/base.h"
#include "doc/doc.h"
#include "merge/merge.h"
#include "report/report.h"

#include <string.h>

extern char **environ;

struct options {
	struct run *run;
	const char *lists, *rules, *origins_out, *explain;
	struct strlist env, crds;
	bool helm, layers, each, strict, kubernetes, in_place, selects;
	int unused; /* off|warn|error */
	struct merge_edits edits;
	int format;
};
struct work {
	struct run run;
	struct options o;
	struct read_options read;
	struct report_set report;
	struct merge_options merge;
	struct writer writer;
	struct origins_writer *origins;
	size_t documents;
};

static const char *add_edit(void *target, const struct option *opt, const char *value)
{
	static const char *const names[] = { "set", "set-string", "delete", "select", "patch", "merge-patch" };
	struct options *o = target;

	for (size_t i = 0; i < COUNT(names); i++)
		if (!strcmp(opt->name, names[i]))
			merge_edit_add(&o->run->perm, &o->edits, (enum merge_edit_kind)i, value);
	o->selects |= !strcmp(opt->name, "select");
	return NULL;
}

#define FIELD(f) offsetof(struct options, f)
static const struct option option_table[] = {
	{ "lists", 0, OPT_STRING, FIELD(lists), "HOW", "lists of two layers: replace (default), append, prepend, unique, merge:KEY", NULL, false, NULL },
	{ "rules", 0, OPT_STRING, FIELD(rules), "FILE", "a list of {path, strategy} that says it by path", NULL, false, NULL },
	{ "helm", 0, OPT_FLAG, FIELD(helm), NULL, "Helm's order and nulls; the first LAYER is the chart's values", NULL, false, NULL },
	{ "layers", 0, OPT_FLAG, FIELD(layers), NULL, "each document of a stream is a layer", NULL, false, NULL },
	{ "each", 0, OPT_FLAG, FIELD(each), NULL, "each document is a result of its own: convert, edit, patch", NULL, false, NULL },
	{ "in-place", 0, OPT_FLAG, FIELD(in_place), NULL, "edit the files themselves: only the bytes of the values concerned change", NULL, false, NULL },
	{ "kubernetes", 0, OPT_FLAG, FIELD(kubernetes), NULL, "streams of objects; the same object merges by the API's list keys", NULL, false, NULL },
	{ "crds", 0, OPT_LIST, FIELD(crds), "PATH", "CustomResourceDefinitions, for their list keys", NULL, false, NULL },
	{ "strict", 0, OPT_FLAG, FIELD(strict), NULL, "a value that changes kind between layers is a finding", NULL, false, NULL },
	{ "unused", 0, OPT_CHOICE, FIELD(unused), "HOW", "find overrides that do nothing", "off|warn|error", false, NULL },
	{ "env", 0, OPT_LIST, FIELD(env), "PREFIX", "variables PREFIX__a__b__0=VALUE override, before the edits below", NULL, false, NULL },
	{ "set", 0, OPT_CALL, 0, "PATH=VALUE", "set a value, read as YAML; edits are done in the order given", NULL, false, add_edit },
	{ "set-string", 0, OPT_CALL, 0, "PATH=TEXT", "set a string", NULL, false, add_edit },
	{ "delete", 0, OPT_CALL, 0, "PATH", "delete what is there", NULL, false, add_edit },
	{ "patch", 0, OPT_CALL, 0, "FILE", "apply a JSON Patch (RFC 6902)", NULL, false, add_edit },
	{ "merge-patch", 0, OPT_CALL, 0, "FILE", "apply a JSON merge patch (RFC 7396)", NULL, false, add_edit },
	{ "select", 0, OPT_CALL, 0, "PATH", "put out only what is there", NULL, false, add_edit },
	{ "explain", 0, OPT_STRING, FIELD(explain), "PATH", "tell who set each value, and what it overrode", NULL, true, NULL },
	{ "origins-out", 0, OPT_STRING, FIELD(origins_out), "FILE", "write where each value came from", NULL, false, NULL },
	{ 0 },
};
static const struct program program = {
	"config-merge",
	"[OPTION]... LAYER...",
	"Merge layers of configuration, left to right, into one document.",
	"Exit status: 0 merged; 1 with findings; 2 trouble.\n"
	"Example: config-merge defaults.yaml prod.yaml --set image.tag=v2 -O prod.merged.yaml",
};

/* ---- results --------------------------------------------------------------- */
static void put(struct work *w, struct node *n)
{
	writer_put(&w->writer, n);
	if (w->origins)
		origins_put(w->origins, n);
}

static int explain(struct work *w, struct history *h, struct node *n)
{
	struct arena *a = &w->run.perm;
	struct path path = { 0 };
	const char *why = NULL;

	if (*w->o.explain && path_parse(a, str_of(w->o.explain), &path, &why))
		return run_usage(&w->run, "--explain=%s: %s", w->o.explain, why);
	struct node *list = history_explain(h, n, *w->o.explain ? &path : NULL);
	if (*w->o.explain && !list->n)
		diag_at(&w->run.diag, SEV_ERROR, NOWHERE, "no-such-path", "--explain=%s: no layer has anything at this path", w->o.explain);
	if (w->o.format == FORMAT_AUTO)
		history_print(w->writer.out, list, n);
	else
		writer_put(&w->writer, list);
	return 0;
}

/* Environment and edits on one document, then out with it. */
static int finish(struct work *w, struct arena *a, struct history *h, struct node *n)
{
	struct merge_results results = { 0 };

	for (size_t i = 0; i < w->o.env.n; i++) {
		struct node *old = n;
		n = merge_env(a, &w->run.diag, &w->read, n, w->o.env.p[i], environ, w->merge.unused);
		history_follow(h, old, n, n);
	}
	if (merge_edits_apply(a, &w->run.diag, &w->o.edits, h, n, &results))
		return -1;
	for (size_t i = 0; i < results.n; i++)
		if (!w->o.explain)
			put(w, results.p[i]);
		else if (explain(w, h, results.p[i]))
			return -1;
	return 0;
}

/* ---- a document at a time ---------------------------------------------------- */
static int each(struct work *w)
{
	struct run *r = &w->run;
	struct arena doc = { 0 };
	struct node *n;
	int got = -1;
	struct reader *in = reader_open_all(&r->perm, &r->diag, &w->read, r->args, r->nargs);

	if (!in)
		return -1;
	while ((got = reader_next(in, &doc, &n)) > 0) {
		if (w->writer.format == FORMAT_AUTO)
			w->writer.format = reader_format(in);
		if (finish(w, &doc, NULL, n)) {
			got = -1;
			break;
		}
		w->documents++;
		arena_reset(&doc);
	}
	reader_close(in);
	arena_free(&doc);
	return got;
}

/* ---- layers -------------------------------------------------------------------- */
static int second_document(struct work *w, const struct node *n)
{
	return diag_trouble(&w->run.diag, node_pos(n), "documents",
			    "a second document in one input; take all as layers with --layers, each for itself "
			    "with --each, or merge Kubernetes objects by identity with --kubernetes");
}

static int read_layers(struct work *w, struct merge *m, const char *path)
{
	struct run *r = &w->run;
	struct reader *in = reader_open(&r->perm, &r->diag, &w->read, path);
	size_t n = 0;
	struct node *layer;
	int got;

	if (!in)
		return -1;
	while ((got = reader_next(in, &r->perm, &layer)) > 0) {
		if (n++ && !w->o.layers) {
			got = second_document(w, layer);
			break;
		}
		w->documents++;
		if (!(layer->kind == NODE_NULL && (layer->flags & NODE_EMPTY)))
			merge_layer(m, layer);
		else if (w->o.helm && w->documents == 1) /* still the chart's values */
			merge_layer(m, node_at(node_new(&r->perm, NODE_MAP), layer));
	}
	if (!n && w->o.helm && path == (r->nargs ? r->args[0] : "-"))
		merge_layer(m, node_new(&r->perm, NODE_MAP));
	if (w->writer.format == FORMAT_AUTO)
		w->writer.format = reader_format(in);
	reader_close(in);
	return got;
}

static int merge_all(struct work *w)
{
	struct run *r = &w->run;
	struct merge *m = merge_begin(&r->perm, &r->diag, &w->merge);
	struct node *result;
	int bad = 0;

	for (size_t i = 0; !bad && i < (r->nargs ? r->nargs : 1); i++)
		bad = read_layers(w, m, r->nargs ? r->args[i] : "-");
	result = merge_end(m);
	if (bad)
		return -1;
	if (w->merge.rules)
		merge_rules_unused(w->merge.rules, &r->diag, result);
	if (!result && (w->documents || w->o.edits.n || w->o.env.n)) {
		result = node_new(&r->perm, NODE_NULL);
		result->flags |= NODE_EMPTY;
	}
	return result ? finish(w, &r->perm, w->merge.history, result) : 0;
}

/* ---- streams of objects --------------------------------------------------------- */
static int read_objects(struct work *w, struct merge_objects *m, const char *path)
{
	struct run *r = &w->run;
	struct reader *in = reader_open(&r->perm, &r->diag, &w->read, path);
	struct node *doc;
	int got;

	if (!in)
		return -1;
	while ((got = reader_next(in, &r->perm, &doc)) > 0)
		merge_objects_add(m, doc);
	if (w->writer.format == FORMAT_AUTO)
		w->writer.format = reader_format(in);
	reader_close(in);
	return got;
}

static int merge_kubernetes(struct work *w)
{
	struct run *r = &w->run;
	struct kube_schemas *schemas = kube_schemas_open(&r->perm, &r->diag, NULL);
	struct merge_objects *m = merge_objects_begin(&r->perm, &r->diag, schemas, MERGE_ORDER_SERVER);
	struct node **objects;
	size_t n = 0;
	int bad = schemas ? 0 : -1;

	for (size_t i = 0; !bad && i < w->o.crds.n; i++)
		bad = kube_schemas_add_crds(schemas, &r->perm, &r->diag, w->o.crds.p[i]);
	for (size_t i = 0; !bad && i < (r->nargs ? r->nargs : 1); i++) {
		if (i)
			merge_objects_layer(m);
		bad = read_objects(w, m, r->nargs ? r->args[i] : "-");
	}
	objects = merge_objects_end(m, &n);
	for (size_t i = 0; !bad && i < n; i++)
		bad = finish(w, &r->perm, NULL, objects[i]);
	if (schemas)
		kube_schemas_close(schemas);
	return bad;
}

/* ---- set-up ---------------------------------------------------------------------- */
static int prepare(struct work *w)
{
	struct run *r = &w->run;
	struct options *o = &w->o;
	const char *why = NULL;
	struct node *rules;

	if (o->each && (o->layers || o->helm || o->explain || o->rules || o->lists || o->unused))
		return run_usage(r, "--each merges nothing: it goes without --layers, --helm, --lists, --rules, --unused and --explain");
	if (o->kubernetes && (o->each || o->layers || o->helm || o->explain || o->rules || o->lists || o->strict || o->unused || o->env.n))
		return run_usage(r, "--kubernetes goes without --each, --layers, --helm, --lists, --rules, --strict, --unused, --env and --explain");
	if (o->in_place && (o->each || o->layers || o->helm || o->kubernetes || o->explain || o->rules || o->lists || o->strict || o->unused ||
			    o->env.n || o->selects || o->origins_out || o->format || r->out_path))
		return run_usage(r, "--in-place goes with --set, --set-string, --delete, --patch and --merge-patch only");
	if (o->in_place && (!r->nargs || !o->edits.n))
		return run_usage(r, "--in-place wants files, and what to change in them");
	if (o->crds.n && !o->kubernetes)
		return run_usage(r, "--crds means something only with --kubernetes");
	if (o->explain && o->origins_out)
		return run_usage(r, "--explain puts out no document that --origins-out could speak of");
	if (o->lists && !merge_strategy_parse(&r->perm, str_of(o->lists), &w->merge.lists, &why))
		return run_usage(r, "--lists=%s: %s", o->lists, why);
	if (o->rules && read_file(&r->perm, &r->diag, &w->read, o->rules, &rules))
		return -1;
	if (o->rules && !(w->merge.rules = merge_rules_read(&r->perm, &r->diag, rules)))
		return -1;
	w->merge.strict = o->strict;
	w->merge.helm = o->helm;
	w->merge.unused = (enum severity[]){ SEV_NOTE, SEV_WARNING, SEV_ERROR }[o->unused];
	w->merge.history = o->explain || o->unused ? history_new(&r->perm) : NULL;
	if (merge_edits_prepare(&r->perm, &r->diag, &w->read, &o->edits, w->merge.unused))
		return -1;
	w->writer.format = (enum format)o->format;
	return 0;
}

static int run(struct work *w)
{
	struct run *r = &w->run;

	if (w->o.in_place) {
		int bad = merge_in_place(&r->perm, &r->diag, &w->read, &w->o.edits, r->args, r->nargs);
		merge_edits_unused(&w->o.edits, &r->diag);
		return bad;
	}
	if (!(w->writer.out = run_output(r)))
		return -1;
	if (w->o.origins_out && !(w->origins = origins_create(&r->perm, &r->diag, w->o.origins_out)))
		return -1;
	if (w->o.kubernetes ? merge_kubernetes(w) : w->o.each ? each(w) : merge_all(w)) {
		out_abort(w->writer.out);
		return -1;
	}
	merge_edits_unused(&w->o.edits, &r->diag);
	if (run_output_end(r, w->writer.out))
		return -1;
	return w->origins ? origins_close(w->origins) : 0;
}

int main(int argc, char **argv)
{
	struct work w = { .o.run = &w.run };
	const struct option_group groups[] = {
		{ option_table, &w.o },		   { write_option_table, &w.o.format }, { read_option_table, &w.read },
		{ report_option_table, &w.report }, { NULL, NULL },
	};
	bool bad = run_start(&w.run, &program, groups, argc, argv) != 0;

	if (bad || w.run.done)
		return run_finish(&w.run, bad);
	bad = report_begin(&w.report, &w.run) || prepare(&w) || run(&w);
	bad |= report_end(&w.report) != 0;
	return run_finish(&w.run, bad);
}
