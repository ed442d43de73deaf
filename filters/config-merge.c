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
	const char *lists, *hierarchy;
	struct strlist crds, vars, matrix;
	bool each, kubernetes, apply_order, in_place, selects;
	int unused; /* of its choices */
	struct merge_output output;
	struct merge_edits edits;
	struct merge_stack stack;
};
struct work {
	struct run run;
	struct options o;
	struct report_set report;
	struct merge_hierarchy *hierarchy;
};

static const char *add_edit(void *target, const struct option *opt, const char *value)
{
	static const char *const names[] = { "set", "set-string", "delete", "select", "patch", "merge-patch", "target", "rename" };
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
	{ "rules", 0, OPT_STRING, FIELD(stack.rules), "FILE", "a list of {path, strategy} that says it by path", NULL, false, NULL },
	{ "helm", 0, OPT_FLAG, FIELD(stack.merge.helm), NULL, "Helm's order and nulls; the first LAYER is the chart's values", NULL, false, NULL },
	{ "hierarchy", 0, OPT_STRING, FIELD(hierarchy), "FILE", "a list of layers, with ${NAME} in them; those that exist merge", NULL, false, NULL },
	{ "define", 'D', OPT_LIST, FIELD(vars), "NAME=VALUE", "a name for --hierarchy", NULL, false, NULL },
	{ "matrix", 0, OPT_LIST, FIELD(matrix), "NAME=A,B", "once for each value, in parallel, with ${NAME} in -O", NULL, false, NULL },
	{ "layers", 0, OPT_FLAG, FIELD(stack.layers), NULL, "each document of a stream is a layer", NULL, false, NULL },
	{ "each", 0, OPT_FLAG, FIELD(each), NULL, "each document is a result of its own: convert, edit, patch", NULL, false, NULL },
	{ "in-place", 0, OPT_FLAG, FIELD(in_place), NULL, "edit the files themselves: only the bytes of the values concerned change", NULL, false, NULL },
	{ "kubernetes", 0, OPT_FLAG, FIELD(kubernetes), NULL, "streams of objects; the same object merges by the API's list keys", NULL, false, NULL },
	{ "apply-order", 0, OPT_FLAG, FIELD(apply_order), NULL, "with --kubernetes: objects in the order in which they are applied", NULL, false, NULL },
	{ "crds", 0, OPT_LIST, FIELD(crds), "PATH", "CustomResourceDefinitions, for their list keys", NULL, false, NULL },
	{ "strict", 0, OPT_FLAG, FIELD(stack.merge.strict), NULL, "a value that changes kind between layers is a finding", NULL, false, NULL },
	{ "unused", 0, OPT_CHOICE, FIELD(unused), "HOW", "find overrides that do nothing", "off|warn|error", false, NULL },
	{ "env", 0, OPT_LIST, FIELD(stack.env), "PREFIX", "variables PREFIX__a__b__0=VALUE override, before the edits below", NULL, false, NULL },
	{ "set", 0, OPT_CALL, 0, "PATH=VALUE", "set a value, read as YAML; edits are done in the order given", NULL, false, add_edit },
	{ "set-string", 0, OPT_CALL, 0, "PATH=TEXT", "set a string", NULL, false, add_edit },
	{ "delete", 0, OPT_CALL, 0, "PATH", "delete what is there", NULL, false, add_edit },
	{ "rename", 0, OPT_CALL, 0, "PATH=KEY", "give a key another name; it keeps its place", NULL, false, add_edit },
	{ "patch", 0, OPT_CALL, 0, "FILE", "apply a JSON Patch (RFC 6902)", NULL, false, add_edit },
	{ "merge-patch", 0, OPT_CALL, 0, "FILE", "apply a JSON merge patch (RFC 7396)", NULL, false, add_edit },
	{ "select", 0, OPT_CALL, 0, "PATH", "put out only what is there", NULL, false, add_edit },
	{ "target", 0, OPT_CALL, 0, "WHAT", "edits after it are for objects such as kind=Deployment,name=web-*", NULL, false, add_edit },
	{ "explain", 0, OPT_STRING, FIELD(output.explain), "PATH", "tell who set each value, and what it overrode", NULL, true, NULL },
	{ "sort-keys", 0, OPT_FLAG, FIELD(stack.sort_keys), NULL, "put out keys in the order of their bytes", NULL, false, NULL },
	{ "comments", 0, OPT_FLAG, FIELD(output.comments), NULL, "keep the comments of the lines that won, in YAML", NULL, false, NULL },
	{ "origins-out", 0, OPT_STRING, FIELD(output.origins), "FILE", "write where each value came from", NULL, false, NULL },
	{ 0 },
};
static const struct program program = {
	"config-merge",
	"[OPTION]... LAYER...",
	"Merge layers of configuration, left to right, into one document.",
	"Exit status: 0 merged; 1 with findings; 2 trouble.\n"
	"Example: config-merge defaults.yaml prod.yaml --set image.tag=v2 -O prod.merged.yaml",
};

/* ---- a document at a time ---------------------------------------------------- */
static int run_each(struct work *w)
{
	struct run *r = &w->run;
	struct writer to = { .out = run_output(r), .format = (enum format)w->o.output.format };
	struct origins_writer *origins = NULL;

	if (!to.out || (w->o.output.origins && !(origins = origins_create(&r->perm, &r->diag, w->o.output.origins))))
		return -1;
	if (merge_stream(&(struct merge_stream){ r, &w->o.stack, &w->o.edits, &to, origins, &w->o.output, 0 })) {
		out_abort(to.out);
		if (origins)
			origins_abort(origins);
		return -1;
	}
	merge_edits_unused(&w->o.edits, &r->diag);
	return run_output_end(r, to.out) || (origins && origins_close(origins)) ? -1 : 0;
}

/* ---- layers, and streams of objects --------------------------------------------- */
static int merge_kubernetes(struct work *w, const struct strlist *paths, struct merge_stack_result *out)
{
	struct run *r = &w->run;
	struct kube_schemas *schemas = kube_schemas_open(&r->perm, &r->diag, NULL);
	out->history = w->o.stack.keep_history ? history_new(&r->perm) : NULL;
	struct merge_objects *m = merge_objects_begin(&r->perm, &r->diag, schemas, MERGE_ORDER_SERVER, out->history);
	struct node **objects;
	size_t n = 0;
	int bad = schemas ? 0 : -1;

	for (size_t i = 0; !bad && i < w->o.crds.n; i++)
		bad = kube_schemas_add_crds(schemas, &r->perm, &r->diag, w->o.stack.read.yaml, w->o.crds.p[i]);
	for (size_t i = 0; !bad && i < paths->n; i++)
		bad = merge_objects_read(m, &w->o.stack.read, paths->p[i], &out->format);
	objects = merge_objects_end(m, &n);
	if (!bad && w->o.apply_order)
		kube_apply_sort(&r->perm, objects, n);
	for (size_t i = 0; !bad && i < n; i++) {
		struct merge_results results;
		bad = merge_finish(&r->perm, &r->diag, &w->o.stack, &w->o.edits, out->history, objects[i], &results);
		for (size_t k = 0; !bad && k < results.n; k++)
			*VEC_ADD(&r->perm, &out->docs) = results.p[k];
	}
	if (schemas)
		kube_schemas_close(schemas);
	return bad;
}

static int run_layers(struct work *w)
{
	struct run *r = &w->run;
	struct strlist paths = { 0 };
	struct merge_stack_result result = { 0 };
	struct writer to = { 0 };

	if (merge_layer_paths(w->hierarchy, &r->perm, &r->diag, &w->o.vars, r->args, r->nargs, &paths))
		return -1;
	if (w->o.kubernetes ? merge_kubernetes(w, &paths, &result)
			    : merge_stack_run(&r->perm, &r->diag, &w->o.stack, &w->o.edits, paths.p, paths.n, &result))
		return -1;
	merge_edits_unused(&w->o.edits, &r->diag);
	to.format = w->o.output.format ? (enum format)w->o.output.format : result.format;
	if (!(to.out = run_output(r)))
		return -1;
	if (merge_put(&r->perm, &r->diag, &w->o.output, &result, &to, w->o.output.origins)) {
		out_abort(to.out);
		return -1;
	}
	return run_output_end(r, to.out);
}

/* ---- set-up ---------------------------------------------------------------------- */
static int check(struct work *w)
{
	struct run *r = &w->run;
	struct options *o = &w->o;
	const struct merge_stack *s = &o->stack;
	bool merging = s->layers || s->merge.helm || s->rules || o->lists || s->merge.strict || o->unused || o->hierarchy;

	if (o->each + o->kubernetes + o->in_place > 1)
		return run_usage(r, "only one of --each, --kubernetes and --in-place");
	if (o->output.comments && (o->each || o->in_place || o->output.explain || o->output.format > FORMAT_YAML))
		return run_usage(r, "--comments is for merged YAML; --in-place keeps all comments");
	if (o->each && merging)
		return run_usage(r, "--each merges nothing: it goes without the options of merging");
	if (o->kubernetes && merging)
		return run_usage(r, "--kubernetes has its own merging: it goes without the options of other merging");
	if (o->in_place && (merging || o->output.explain || s->env.n || s->sort_keys || o->selects || o->output.origins || o->output.format || r->out_path))
		return run_usage(r, "--in-place goes with --set, --set-string, --delete, --rename, --patch and --merge-patch only");
	if (o->in_place && (!r->nargs || !o->edits.n))
		return run_usage(r, "--in-place wants files, and what to change in them");
	if ((o->crds.n || o->apply_order) && !o->kubernetes)
		return run_usage(r, "--crds and --apply-order mean something only with --kubernetes");
	if (o->output.explain && o->output.origins)
		return run_usage(r, "--explain puts out no document that --origins-out could speak of");
	if (o->matrix.n && (!r->out_path || o->each || o->kubernetes || o->in_place))
		return run_usage(r, "--matrix merges layers, each result into a file of its own: -O 'DIR/${NAME}.yaml'");
	for (size_t i = 0; o->matrix.n && i < (r->nargs ? r->nargs : !o->hierarchy); i++)
		if (!r->nargs || strcmp(r->args[i], "-") == 0)
			return run_usage(r, "--matrix reads its layers anew for each result: standard input cannot be one, name files");
	if (o->vars.n && !o->hierarchy && !o->matrix.n)
		return run_usage(r, "-D means something only with --hierarchy or --matrix");
	for (size_t i = 0; i < o->vars.n; i++)
		if (strcspn(o->vars.p[i], "=") == 0 || !strchr(o->vars.p[i], '='))
			return run_usage(r, "-D wants NAME=VALUE, not \"%s\"", o->vars.p[i]);
	return 0;
}

static int prepare(struct work *w)
{
	struct run *r = &w->run;
	struct options *o = &w->o;
	struct merge_stack *s = &o->stack;
	const char *why = NULL;

	if (check(w))
		return -1;
	if (o->lists && !merge_strategy_parse(&r->perm, str_of(o->lists), &s->merge.lists, &why))
		return run_usage(r, "--lists=%s: %s", o->lists, why);
	s->merge.unused = (enum severity[]){ SEV_NOTE, SEV_WARNING, SEV_ERROR }[o->unused];
	s->keep_history = o->output.explain != NULL;
	s->environ_list = environ;
	if (o->hierarchy && !(w->hierarchy = merge_hierarchy_read(&r->perm, &r->diag, &s->read, o->hierarchy)))
		return -1;
	return merge_edits_prepare(&r->perm, &r->diag, &s->read, &o->edits, s->merge.unused);
}

static int run(struct work *w)
{
	struct run *r = &w->run;

	if (w->o.in_place) {
		int bad = merge_in_place(&r->perm, &r->diag, &w->o.stack.read, &w->o.edits, r->args, r->nargs);
		if (!bad)
			merge_edits_unused(&w->o.edits, &r->diag);
		return bad;
	}
	if (w->o.matrix.n) {
		struct merge_matrix m = { &w->o.stack, &w->o.edits, &w->o.output, w->hierarchy, &w->o.vars, &w->o.matrix, r->args, r->nargs };
		w->o.output.path = r->out_path;
		w->o.output.keep_unchanged = r->keep_unchanged;
		return merge_matrix_run(&m, r);
	}
	return w->o.each ? run_each(w) : run_layers(w);
}

int main(int argc, char **argv)
{
	struct work w = { .o.run = &w.run };
	const struct option_group groups[] = {
		{ option_table, &w.o },		    { write_option_table, &w.o.output.format }, { read_option_table, &w.o.stack.read },
		{ report_option_table, &w.report }, { NULL, NULL },
	};
	bool bad = run_start(&w.run, &program, groups, argc, argv) != 0;

	if (bad || w.run.done)
		return run_finish(&w.run, bad);
	bad = report_begin(&w.report, &w.run) || prepare(&w) || run(&w);
	bad |= report_end(&w.report) != 0;
	return run_finish(&w.run, bad);
}
