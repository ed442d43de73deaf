/* SPDX-License-Identifier: MIT */
/* validate: documents against JSON Schema, Kubernetes objects against their API. */
#include "kube/kube.h"
#include "report/report.h"
#include "schema/schema.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct options {
	const char *schema, *kubernetes, *origins;
	int draft;
	bool formats, ignore_missing, references, through;
	struct strlist maps, crds, no_rules;
};
struct work {
	struct run run;
	struct options o;
	struct read_options read;
	struct report_set report;
	int format; /* -o */
	struct schema_set *set;
	const struct schema *schema;
	struct schema_checker *checker;
	struct kube_schemas *kube;
	struct objects *objects;
	struct writer writer;
	size_t documents, invalid, checked;
};

#define FIELD(f) offsetof(struct options, f)
static const struct option option_table[] = {
	{ "schema", 's', OPT_STRING, FIELD(schema), "FILE", "check every document against this JSON Schema", NULL, false, NULL },
	{ "draft", 0, OPT_CHOICE, FIELD(draft), "DRAFT", "of schemas without $schema: 4, 6, 7, 2019-09, 2020-12 (default)", "2020-12|4|6|7|2019-09", false, NULL },
	{ "map", 0, OPT_LIST, FIELD(maps), "PREFIX=DIR", "references that begin with PREFIX are files in DIR", NULL, false, NULL },
	{ "formats", 0, OPT_FLAG, FIELD(formats), NULL, "assert `format` (dates, addresses, …)", NULL, false, NULL },
	{ "kubernetes", 'k', OPT_STRING, FIELD(kubernetes), "VERSION", "check Kubernetes objects against the built-in API schemas", NULL, true, NULL },
	{ "crds", 0, OPT_LIST, FIELD(crds), "PATH", "CustomResourceDefinitions: a file, or a folder of them", NULL, false, NULL },
	{ "ignore-missing", 0, OPT_FLAG, FIELD(ignore_missing), NULL, "an object of unknown kind is no finding", NULL, false, NULL },
	{ "references", 'r', OPT_FLAG, FIELD(references), NULL, "check across objects: what is referred to is there, selectors select", NULL, false, NULL },
	{ "no-rule", 0, OPT_LIST, FIELD(no_rules), "GLOB", "turn off the rules of this name for objects: api/*, api/name, …", NULL, false, NULL },
	{ "through", 't', OPT_FLAG, FIELD(through), NULL, "copy valid documents to standard output, report to standard error", NULL, false, NULL },
	{ "origins", 0, OPT_STRING, FIELD(origins), "FILE", "say where values came from, as this file tells", NULL, false, NULL },
	{ 0 },
};
static const struct program program = {
	"validate",
	"[OPTION]... [FILE]...",
	"Check documents against a JSON Schema, Kubernetes objects against their API.",
	"Example: render chart | validate --kubernetes=1.37 --crds crds/",
};

/* ---- CustomResourceDefinitions -------------------------------------------- */
static int add_file(struct work *w, const char *path)
{
	struct run *r = &w->run;
	struct read_options read = { .yaml = w->read.yaml };
	struct reader *in = reader_open(&r->perm, &r->diag, &read, path);
	struct node *doc;
	int got = -1;

	while (in && (got = reader_next(in, &r->perm, &doc)) > 0)
		if (kube_schemas_add_crd(w->kube, &r->diag, doc))
			return -1;
	if (in)
		reader_close(in);
	return got;
}

static bool is_manifest(const char *name)
{
	str s = str_of(name);

	return name[0] != '.' && (str_ends(s, S(".yaml")) || str_ends(s, S(".yml")) || str_ends(s, S(".json")));
}

static int add_path(struct work *w, const char *path, int depth)
{
	struct dirent **names;
	struct stat st;
	int bad = 0;

	if (strcmp(path, "-") == 0 || stat(path, &st) || !S_ISDIR(st.st_mode))
		return add_file(w, path);
	int n = scandir(path, &names, NULL, alphasort);
	if (n < 0)
		return diag_sys(&w->run.diag, "read", path);
	for (int i = 0; i < n; i++) {
		const char *child = str_printf(&w->run.perm, "%s/%s", path, names[i]->d_name).p;
		if (!bad && names[i]->d_name[0] != '.' && !stat(child, &st)) {
			if (S_ISDIR(st.st_mode) && depth < 32)
				bad = add_path(w, child, depth + 1);
			else if (is_manifest(names[i]->d_name))
				bad = add_file(w, child);
		}
		free(names[i]);
	}
	free(names);
	return bad;
}

/* ---- what is checked against ------------------------------------------------ */
static int open_schema(struct work *w)
{
	static const int drafts[] = { DRAFT_2020, DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019 };
	struct schema_options o = { .draft = drafts[w->o.draft], .formats = w->o.formats, .maps = w->o.maps };
	struct run *r = &w->run;
	struct read_options read = { 0 };
	struct node *doc;

	if (!(w->set = schema_set_new(&r->perm, &r->diag, &o)) || read_file(&r->perm, &r->diag, &read, w->o.schema, &doc))
		return -1;
	if (!(w->schema = schema_compile(w->set, doc, w->o.schema)))
		return -1;
	w->checker = schema_checker_new(w->set, &r->diag);
	return 0;
}

static int open_kubernetes(struct work *w)
{
	struct object_options o = { .ignore_missing = w->o.ignore_missing, .references = w->o.references, .no_rules = w->o.no_rules };
	struct run *r = &w->run;

	if (!(w->kube = kube_schemas_open(&r->perm, &r->diag, w->o.kubernetes)))
		return -1;
	for (size_t i = 0; i < w->o.crds.n; i++)
		if (add_path(w, w->o.crds.p[i], 0))
			return -1;
	w->objects = objects_new(&r->perm, &r->diag, w->kube, &o);
	return 0;
}

static int open_all(struct work *w)
{
	struct run *r = &w->run;
	bool kubernetes = w->o.kubernetes || w->o.crds.n;

	if (!w->o.schema && !kubernetes)
		return run_usage(r, "say what to check against: --schema FILE, --kubernetes, or both");
	if (!w->o.schema && (w->o.maps.n || w->o.formats || w->o.draft))
		return run_usage(r, "--map, --formats and --draft go with --schema");
	if ((w->o.ignore_missing || w->o.no_rules.n || w->o.references) && !kubernetes)
		return run_usage(r, "--ignore-missing, --no-rule and --references go with --kubernetes");
	if (w->format && !w->o.through)
		return run_usage(r, "-o goes with --through");
	if (w->o.schema && open_schema(w))
		return -1;
	if (kubernetes && open_kubernetes(w))
		return -1;
	if (w->o.origins && !(w->read.origins = origins_read(&r->perm, &r->diag, w->o.origins)))
		return -1;
	return 0;
}

/* ---- the stream ---------------------------------------------------------------- */
static int check(struct work *w, struct arena *a, struct node *doc)
{
	int schema = w->schema ? schema_check_report(w->checker, w->schema, doc) : 1;
	int kube = w->objects ? objects_check(w->objects, a, doc, &w->checked) : 1;
	bool bad = !schema || !kube;

	if (schema < 0 || kube < 0)
		return -1;
	w->documents++;
	w->invalid += bad;
	if (!bad && w->o.through)
		writer_put(&w->writer, doc);
	return 0;
}

static int stream(struct work *w)
{
	struct run *r = &w->run;
	struct arena a = { 0 };
	struct node *doc;
	int got = -1, bad = 0;
	struct reader *in = reader_open_all(&r->perm, &r->diag, &w->read, r->args, r->nargs);

	while (in && !bad && (got = reader_next(in, &a, &doc)) > 0) {
		if (w->writer.format == FORMAT_AUTO)
			w->writer.format = reader_format(in);
		bad = check(w, &a, doc);
		arena_reset(&a);
	}
	if (in)
		reader_close(in);
	arena_free(&a);
	if (w->objects && !bad && got == 0)
		objects_end(w->objects);
	return bad || got < 0 ? -1 : 0;
}

static int work(struct work *w)
{
	struct run *r = &w->run;

	if (open_all(w))
		return -1;
	if (w->o.through) {
		w->writer = (struct writer){ .out = run_output(r), .format = (enum format)w->format };
		if (!w->writer.out)
			return -1;
	}
	int bad = stream(w);
	origins_free(w->read.origins);
	if (w->o.through && run_output_end(r, w->writer.out))
		bad = -1;
	if (w->invalid || r->verbose)
		w->report.summary = str_printf(&r->perm, "%zu document%s, %zu invalid", w->documents, w->documents == 1 ? "" : "s", w->invalid);
	return bad;
}

int main(int argc, char **argv)
{
	struct work w = { 0 };
	struct option_group groups[] = {
		{ option_table, &w.o }, { read_option_table, &w.read }, { write_option_table, &w.format },
		{ report_option_table, &w.report }, { NULL, NULL },
	};
	bool bad = run_start(&w.run, &program, groups, argc, argv) != 0;

	if (!bad && !w.run.done) {
		w.report.text_out = true;
		w.report.through = w.o.through;
		bad = report_begin(&w.report, &w.run) || work(&w);
		bad |= report_end(&w.report) != 0;
	}
	schema_checker_free(w.checker);
	schema_set_free(w.set);
	objects_free(w.objects);
	return run_finish(&w.run, bad);
}
