/* SPDX-License-Identifier: MIT */
/* validate: documents against JSON Schema, Kubernetes objects against their API. */
#include "kube/kube.h"
#include "report/report.h"
#include "schema/findings.h"
#include "schema/schema.h"

#include <string.h>
#include <unistd.h>

struct options {
	const char *schema, *kubernetes, *origins, *coverage;
	int draft;
	int result; /* enum schema_output */
	bool formats, ignore_missing, references, secrets, through, explain;
	struct secrets_options secret;
	struct strlist maps, crds, no_rules, ignores;
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
	struct findings *findings;
	struct secrets *secrets;
	struct writer writer;
	size_t documents, invalid, checked;
};

#define FIELD(f) offsetof(struct options, f)
static const struct option option_table[] = {
	{ "schema", 's', OPT_STRING, FIELD(schema), "FILE", "check every document against this JSON Schema", NULL, false, NULL },
	{ "draft", 0, OPT_CHOICE, FIELD(draft), "DRAFT", "of schemas without $schema: 4, 6, 7, 2019-09, 2020-12 (default)", "2020-12|4|6|7|2019-09", false, NULL },
	{ "map", 0, OPT_LIST, FIELD(maps), "PREFIX=DIR", "references that begin with PREFIX are files in DIR", NULL, false, NULL },
	{ "formats", 0, OPT_FLAG, FIELD(formats), NULL, "assert `format` (dates, addresses, …)", NULL, false, NULL },
	{ "result", 0, OPT_CHOICE, FIELD(result), "flag|basic|detailed", "results of --schema in the standard's own form, a line of JSON for each document", "none|flag|basic|detailed", false, NULL },
	{ "explain", 0, OPT_FLAG, FIELD(explain), NULL, "say which schemas led to a finding, through which references", NULL, false, NULL },
	{ "kubernetes", 'k', OPT_STRING, FIELD(kubernetes), "VERSION", "check Kubernetes objects against the built-in API schemas", NULL, true, NULL },
	{ "crds", 0, OPT_LIST, FIELD(crds), "PATH", "CustomResourceDefinitions: a file, or a folder of them", NULL, false, NULL },
	{ "ignore-missing", 0, OPT_FLAG, FIELD(ignore_missing), NULL, "an object of unknown kind is no finding", NULL, false, NULL },
	{ "references", 'r', OPT_FLAG, FIELD(references), NULL, "check across objects: what is referred to is there, selectors select", NULL, false, NULL },
	{ "secrets", 0, OPT_FLAG, FIELD(secrets), NULL, "find credentials in values; they are never shown", NULL, false, NULL },
	{ "secrets-baseline", 0, OPT_STRING, FIELD(secret.baseline), "FILE", "credentials that this file accepts (by hash) are no findings", NULL, false, NULL },
	{ "secrets-baseline-out", 0, OPT_STRING, FIELD(secret.baseline_out), "FILE", "write what --secrets finds as such a file", NULL, false, NULL },
	{ "ignore", 0, OPT_LIST, FIELD(ignores), "FILE", "accepted findings: a list of {rule, file, kind, name, path, reason, …}", NULL, false, NULL },
	{ "no-rule", 0, OPT_LIST, FIELD(no_rules), "GLOB", "turn off the rules of this name: api/*, ambiguous-scalar, …", NULL, false, NULL },
	{ "coverage", 0, OPT_STRING, FIELD(coverage), "FILE", "say which families of rules ran, over what; as JSON to FILE", NULL, true, NULL },
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
	if (w->o.explain)
		schema_checker_explain(w->checker);
	return 0;
}

static int open_kubernetes(struct work *w)
{
	struct object_options o = { .ignore_missing = w->o.ignore_missing, .references = w->o.references, .list_cel = w->run.verbose, .explain = w->o.explain };
	struct run *r = &w->run;

	if (!(w->kube = kube_schemas_open(&r->perm, &r->diag, w->o.kubernetes)))
		return -1;
	for (size_t i = 0; i < w->o.crds.n; i++)
		if (kube_schemas_add_crds(w->kube, &r->perm, &r->diag, w->read.yaml, w->o.crds.p[i]))
			return -1;
	w->objects = objects_new(&r->perm, &r->diag, w->kube, &o, w->findings);
	return 0;
}

static int open_findings(struct work *w, bool kubernetes)
{
	struct run *r = &w->run;
	unsigned families = FAMILY(SCALARS) | (w->o.schema ? FAMILY(SCHEMA) : 0) | (kubernetes ? FAMILY(KUBERNETES) | FAMILY(API) | FAMILY(CEL) : 0) |
			    (w->o.references ? FAMILY(REFERENCES) : 0) | (w->o.secrets ? FAMILY(SECRETS) : 0);

	w->findings = findings_new(&r->perm, &r->diag, &w->o.no_rules, families);
	for (size_t i = 0; i < w->o.ignores.n; i++)
		if (findings_ignore(w->findings, w->o.ignores.p[i]))
			return -1;
	w->read.watch = findings_watch;
	w->read.watch_ctx = w->findings;
	return 0;
}

static int open_all(struct work *w)
{
	struct run *r = &w->run;
	bool kubernetes = w->o.kubernetes || w->o.crds.n;

	if (!w->o.schema && !kubernetes && !w->o.secrets)
		return run_usage(r, "say what to check for: --schema FILE, --kubernetes, --secrets, or several of them");
	if (!w->o.schema && (w->o.maps.n || w->o.formats || w->o.draft || w->o.result))
		return run_usage(r, "--map, --formats, --draft and --result go with --schema");
	if (w->o.result && w->o.through)
		return run_usage(r, "--result and --through both write to standard output: give one of them");
	if ((w->o.ignore_missing || w->o.references) && !kubernetes)
		return run_usage(r, "--ignore-missing and --references go with --kubernetes");
	if ((w->o.secret.baseline || w->o.secret.baseline_out) && !w->o.secrets)
		return run_usage(r, "--secrets-baseline and --secrets-baseline-out go with --secrets");
	if (w->format && !w->o.through)
		return run_usage(r, "-o goes with --through");
	if (input_paths(&r->perm, &r->diag, &r->args, &r->nargs) || open_findings(w, kubernetes))
		return -1;
	if (w->o.schema && open_schema(w))
		return -1;
	if (kubernetes && open_kubernetes(w))
		return -1;
	if (w->o.secrets && !(w->secrets = secrets_new(&r->perm, &r->diag, w->findings, &w->o.secret)))
		return -1;
	if (w->o.origins && !(w->read.origins = origins_read_after(&r->perm, &r->diag, w->o.origins, (const char *const *)r->args, r->nargs)))
		return -1;
	return 0;
}

/* ---- the stream ---------------------------------------------------------------- */
/* fits: it is known to be valid against the schema. */
static int check(struct work *w, struct arena *a, struct node *doc, bool fits)
{
	size_t before = findings_errors(w->findings);
	struct node *result;

	if (doc->flags & NODE_EMPTY) /* between two "---" nothing was written: no document */
		return 0;
	if (w->o.result && schema_check_output(w->checker, w->schema, doc, (enum schema_output)w->o.result, &result) < 0)
		return -1;
	if (w->o.result)
		writer_put(&w->writer, result);
	if (w->schema && !fits && schema_check_report(w->checker, w->schema, doc, w->findings) < 0)
		return -1;
	struct scalars *scalars = scalars_find(w->findings, a, doc);
	if (w->schema && !w->o.result)
		scalars_ask(scalars, w->checker, w->schema, doc);
	if (w->objects && objects_check(w->objects, a, doc, scalars, &w->checked) < 0)
		return -1;
	if (w->secrets)
		secrets_check(w->secrets, a, doc);
	scalars_report(scalars);
	bool bad = findings_errors(w->findings) > before;
	w->documents++;
	findings_count(w->findings, FAMILY_SCHEMA, w->schema != NULL);
	w->invalid += bad;
	if (!bad && w->o.through)
		writer_put(&w->writer, doc);
	return 0;
}

/* What the threads read: looked at where order counts, in the caller's. */
struct batch {
	struct schema_checker *checker;
	struct { struct seen { struct node *doc; bool fits; } *p; size_t n, cap; } seen;
};

static int begin_batch(void *ctx, struct stream_part *p)
{
	struct work *w = ctx;
	struct batch *b = p->state ? p->state : NEW(&w->run.perm, struct batch);

	if (w->schema && !b->checker)
		b->checker = schema_checker_new(w->set, &w->run.diag);
	memset(&b->seen, 0, sizeof(b->seen));
	p->state = b;
	return 0;
}

static int read_document(void *ctx, struct stream_part *p, struct node *doc)
{
	struct work *w = ctx;
	struct batch *b = p->state;

	if (w->o.through && p->direct && w->writer.format == FORMAT_AUTO)
		w->writer.format = p->format;
	if (p->direct)
		return check(w, p->doc, doc, false);
	*VEC_ADD(&p->a, &b->seen) = (struct seen){ doc, w->schema && !w->o.result && schema_fits(b->checker, w->schema, doc) };
	return 0;
}

static int end_batch(void *ctx, struct stream_part *p)
{
	struct work *w = ctx;
	struct batch *b = p->state;
	int bad = 0;

	if (w->writer.format == FORMAT_AUTO)
		w->writer.format = p->format;
	for (size_t i = 0; i < b->seen.n && !bad; i++) {
		struct arena_mark m = arena_mark(&p->a);
		bad = check(w, &p->a, b->seen.p[i].doc, b->seen.p[i].fits);
		arena_rewind(&p->a, m);
	}
	return bad;
}

static void release_batch(void *ctx, void *state)
{
	struct batch *b = state;

	(void)ctx;
	schema_checker_free(b->checker);
}

static int stream(struct work *w)
{
	struct run *r = &w->run;
	struct stream_job job = {
		.threads = (size_t)r->jobs, .read = &w->read, .keep = true, .ctx = w,
		.begin = begin_batch, .document = read_document, .end = end_batch, .release = release_batch,
	};

	if (stream_all(&r->perm, &r->diag, &job, r->args, r->nargs))
		return -1;
	if (w->objects)
		objects_end(w->objects);
	if (w->secrets && secrets_end(w->secrets, r->args, r->nargs))
		return -1;
	findings_end(w->findings, r->args, r->nargs);
	return 0;
}

static int work(struct work *w)
{
	struct run *r = &w->run;

	if (open_all(w))
		return -1;
	if (w->o.through || w->o.result) {
		w->writer = (struct writer){ .out = run_output(r), .format = w->o.result ? FORMAT_JSONL : (enum format)w->format };
		if (!w->writer.out)
			return -1;
	}
	int bad = stream(w);
	origins_free(w->read.origins);
	if (w->writer.out && run_output_end(r, w->writer.out))
		bad = -1;
	if (w->invalid || r->verbose)
		w->report.summary = str_printf(&r->perm, "%zu document%s, %zu invalid", w->documents, w->documents == 1 ? "" : "s", w->invalid);
	if (w->o.coverage && *w->o.coverage && !bad)
		bad = coverage_write(&r->perm, &r->diag, w->o.coverage, w->findings, w->objects);
	return bad;
}

/* After the report, where it can't be taken for a part of it. */
static void show_coverage(struct work *w)
{
	str text = coverage_text(&w->run.perm, w->findings, w->objects);
	ssize_t ignored = write(STDERR_FILENO, text.p, text.n);
	(void)ignored;
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
		w.report.through = w.o.through || w.o.result;
		w.report.outputs[0] = w.o.coverage && *w.o.coverage ? w.o.coverage : NULL;
		w.report.outputs[1] = w.o.secret.baseline_out;
		bad = report_begin(&w.report, &w.run) || work(&w);
		bad |= report_end(&w.report) != 0;
		if (w.o.coverage && !*w.o.coverage && w.findings)
			show_coverage(&w);
	}
	schema_checker_free(w.checker);
	schema_set_free(w.set);
	objects_free(w.objects);
	secrets_free(w.secrets);
	return run_finish(&w.run, bad);
}
