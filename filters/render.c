/* SPDX-License-Identifier: MIT */
/* render: configuration in, manifests out. */
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "argocd/argocd.h"
#include "base/base.h"
#include "chart/chart.h"
#include "doc/doc.h"
#include "report/report.h"
#include "kube/kube.h"
#include "kustomize/kustomize.h"
#include "template/template.h"

static struct settings {
	struct values_options values;
	struct read_options read;
	struct release release;
	struct chart_options charts;
	struct strlist libs, repos;
	bool argocd, no_comments, timings;
	int format, load_restrictor;
	const char *origins, *origins_out, *releases, *live, *check, *lock, *lock_out;
	int64_t max_steps;
} o;

#define O(field) offsetof(struct settings, field)
static const struct option options[] = {
	{ .name = "name", .type = OPT_STRING, .offset = O(release.name), .arg = "NAME", .help = "of the release (release-name)" },
	{ .name = "namespace", .letter = 'n', .type = OPT_STRING, .offset = O(release.ns), .arg = "NAME", .help = "of the release (default)" },
	{ .name = "kube-version", .type = OPT_STRING, .offset = O(release.kube_version), .arg = "VERSION", .help = "what charts take the cluster's to be" },
	{ .name = "api-versions", .letter = 'a', .type = OPT_LIST, .offset = O(release.api_versions), .arg = "LIST", .help = "more APIs that the cluster has" },
	{ .name = "include-crds", .type = OPT_FLAG, .offset = O(release.include_crds), .help = "what charts have in crds/, too" },
	{ .name = "no-hooks", .type = OPT_FLAG, .offset = O(release.no_hooks), .help = "leave hooks out" },
	{ .name = "skip-tests", .type = OPT_FLAG, .offset = O(release.skip_tests), .help = "leave test hooks out" },
	{ .name = "show-only", .letter = 's', .type = OPT_LIST, .offset = O(release.show_only), .arg = "TEMPLATE", .help = "only what this template of the chart makes" },
	{ .name = "is-upgrade", .type = OPT_FLAG, .offset = O(release.is_upgrade), .help = "an upgrade, no first installation" },
	{ .name = "live", .type = OPT_STRING, .offset = O(live), .arg = "FILE", .help = "objects that lookup finds" },
	{ .name = "strict-values", .type = OPT_FLAG, .offset = O(release.strict), .help = "a value that does not exist is an error" },
	{ .name = "skip-schema-validation", .type = OPT_FLAG, .offset = O(charts.skip_schemas), .help = "leave values.schema.json unread" },
	{ .name = "map", .type = OPT_LIST, .offset = O(charts.schema_maps), .arg = "PREFIX=DIR", .help = "where the schemas are that these refer to" },
	{ .name = "releases", .type = OPT_STRING, .offset = O(releases), .arg = "FILE", .help = "many releases: a list of {chart, name, namespace, values, valuesFiles}" },
	{ .name = "argocd", .type = OPT_FLAG, .offset = O(argocd), .help = "sources hold Applications and ApplicationSets: render what they deploy" },
	{ .name = "repo", .type = OPT_LIST, .offset = O(repos), .arg = "URL=DIR", .help = "where the checkout of a repository is" },
	{ .name = "load-restrictor", .type = OPT_CHOICE, .offset = O(load_restrictor), .arg = "RULE", .choices = "LoadRestrictionsRootOnly|LoadRestrictionsNone",
	  .help = "may a kustomization name files outside of its folder?" },
	{ .name = "library", .letter = 'L', .type = OPT_LIST, .offset = O(libs), .arg = "PATH", .help = "a folder for $include, or a .jq file of functions" },
	{ .name = "no-comments", .type = OPT_FLAG, .offset = O(no_comments), .help = "leave out what YAML templates have behind #" },
	{ .name = "max-steps", .type = OPT_NUMBER, .offset = O(max_steps), .arg = "N", .help = "most steps that a template may take (default: 100000000)" },
	{ .name = "check", .type = OPT_STRING, .offset = O(check), .arg = "FILE", .help = "write nothing: is FILE what the sources make? (1: it is not)" },
	{ .name = "lock-out", .type = OPT_STRING, .offset = O(lock_out), .arg = "FILE", .help = "write which files were read, with their SHA-256" },
	{ .name = "lock", .type = OPT_STRING, .offset = O(lock), .arg = "FILE", .help = "a file read that is not as locked is a finding" },
	{ .name = "timings", .type = OPT_FLAG, .offset = O(timings), .help = "tell what each chart and template took, on standard error" },
	{ .name = "origins", .type = OPT_STRING, .offset = O(origins), .arg = "FILE", .help = "where the first -f, or the list of --releases, was written" },
	{ .name = "origins-out", .type = OPT_STRING, .offset = O(origins_out), .arg = "FILE", .help = "write where each part of the output comes from" },
	{ 0 },
};

static const struct program program = {
	.name = "render",
	.synopsis = "[OPTION]... SOURCE...",
	.purpose = "Fills Helm charts and YAML templates with values, and writes what they make.",
	.notes = "SOURCE is a chart (a folder with Chart.yaml, or a .tgz), a folder with kustomization.yaml, or a YAML\n"
		 "template: ${ jq expression } in its strings, $if, $for, $let, $include as keys.\n"
		 "Exit status 1: a release of --releases, or an Application, failed; --check or --lock found something.\n"
		 "Example: render -f prod.yaml --name shop charts/shop | validate --kubernetes\n",
};

struct output {
	struct run *run;
	struct writer writer;
	struct origins_writer *origins;
	struct holes *holes; /* the template under way */
};

static int put_doc(void *ctx, struct node *doc)
{
	struct output *out = ctx;

	writer_put(&out->writer, doc);
	if (out->origins)
		origins_put(out->origins, doc);
	return 0;
}

static int put_template_doc(void *ctx, struct node *doc)
{
	struct output *out = ctx;
	struct arena scratch = { 0 };

	if (out->writer.format != FORMAT_YAML || o.no_comments)
		return put_doc(ctx, doc);
	writer_text(&out->writer, holes_yaml(out->holes, &scratch, doc));
	arena_free(&scratch);
	if (out->origins)
		origins_put(out->origins, doc);
	return 0;
}

/* A chart's output is the text of its templates, unless -o asks for a form. */
static int put_rendered(void *ctx, const struct rendered *r)
{
	struct output *out = ctx;

	if (o.format != FORMAT_AUTO)
		return rendered_docs(&out->run->perm, &out->run->diag, r, put_doc, out);
	rendered_text(out->writer.out, r, out->origins);
	out->writer.count++; /* what follows begins with --- */
	return 0;
}

static int render_template(struct output *out, const char *path, struct node *values)
{
	const struct hole_options ho = { .read = o.read, .libs = o.libs.p, .nlibs = o.libs.n, .max_nodes = (uint64_t)o.read.max_nodes, .max_steps = (uint64_t)o.max_steps };
	struct holes *h = holes_load(&out->run->perm, &out->run->diag, &ho, path);

	if (!h)
		return -1;
	if (out->writer.format == FORMAT_AUTO)
		out->writer.format = holes_format(h);
	out->holes = h;
	int bad = holes_render(h, &out->run->perm, values, put_template_doc, out);
	holes_free(h);
	return bad;
}

static int render_chart(struct output *out, const char *path, struct node *values)
{
	struct chart *c = chart_load(&out->run->perm, &out->run->diag, &o.charts, path);
	struct rendered rendered;

	if (!c)
		return -1;
	int bad = chart_render(c, &out->run->perm, &out->run->diag, &o.release, values, &rendered);
	if (!bad)
		bad = put_rendered(out, &rendered);
	chart_close(c);
	return bad;
}

/* As kustomize writes an object, keys sorted, unless -o asks for a form. */
static int put_as_go(void *ctx, struct node *doc)
{
	struct output *out = ctx;
	struct arena *a = &out->run->perm;

	writer_text(&out->writer, val_to_yaml(a, val_of_node_int(a, doc)));
	out_char(out->writer.out, '\n');
	if (out->origins)
		origins_put(out->origins, doc);
	return 0;
}

static int render_kustomization(struct output *out, const char *path)
{
	const struct kustomize_options ko = { .read = o.read, .kube_version = o.release.kube_version, .api_versions = o.release.api_versions, .repos = o.repos,
					      .anywhere = o.load_restrictor != 0 };

	return kustomize_build(&out->run->perm, &out->run->diag, &ko, path, o.format == FORMAT_AUTO ? put_as_go : put_doc, out);
}

static int render_source(struct output *out, const char *path, struct node *values)
{
	struct diag *d = &out->run->diag;
	struct stat st;

	if (chart_is_one(path))
		return render_chart(out, path, values);
	if (kustomize_is_one(path))
		return render_kustomization(out, path);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return diag_trouble(d, IN_FILE(path), "unsupported", "a folder without Chart.yaml; name a chart, or a template in it");
	return render_template(out, path, values);
}

static int render_sources(struct output *out)
{
	struct run *r = out->run;
	struct node *values;
	int bad = 0;

	if (values_read(&r->perm, &r->diag, &o.values, &o.read, &values) < 0)
		return -1;
	for (size_t i = 0; i < r->nargs && !bad; i++)
		bad = render_source(out, r->args[i], values);
	return bad;
}

static int render_releases(struct output *out)
{
	struct run *r = out->run;
	struct releases *all = releases_read(&r->perm, &r->diag, &o.release, &o.charts, &o.read, o.values.origins, o.releases);

	return all ? releases_render(all, (size_t)r->jobs, put_rendered, out) : -1;
}

static int render_argocd(struct output *out)
{
	struct run *r = out->run;
	const struct argocd_options ao = { .read = o.read, .charts = o.charts, .repos = o.repos, .kube_version = o.release.kube_version,
					     .api_versions = o.release.api_versions, .jobs = (size_t)r->jobs };
	enum format first;
	struct node *objects = kube_read(&r->perm, &r->diag, &o.read, r->args, r->nargs, &first);

	if (!objects)
		return -1;
	if (out->writer.format == FORMAT_AUTO)
		out->writer.format = first;
	return argocd_render(&r->perm, &r->diag, &ao, objects->items, objects->n, put_doc, out);
}

static int check_usage(struct run *r)
{
	if (o.argocd && o.releases)
		return run_usage(r, "--argocd and --releases do not go together");
	if (!o.argocd && (r->nargs == 0) == !o.releases)
		return run_usage(r, o.releases ? "--releases takes no SOURCE beside it" : "no SOURCE is named");
	if (o.releases && (o.values.files.n || o.values.set.n || o.values.set_string.n || o.values.set_json.n || o.values.set_file.n))
		return run_usage(r, "the releases of --releases name their own values; -f and --set do not go with it");
	for (size_t i = 0; i < o.repos.n; i++) {
		const char *eq = strrchr(o.repos.p[i], '=');
		if (!eq || eq == o.repos.p[i] || !eq[1])
			return run_usage(r, "--repo wants URL=DIR, not \"%s\"", o.repos.p[i]);
	}
	if (o.check && r->out_path)
		return run_usage(r, "--check writes nothing: -O does not go with it");
	return 0;
}

static int render_to(struct output *out)
{
	struct run *r = out->run;
	char *live = o.live ? str_dup(&r->perm, str_of(o.live)) : NULL;

	o.release.max_steps = (uint64_t)o.max_steps;
	if (live && !(o.release.live = kube_read(&r->perm, &r->diag, &o.read, &live, 1, NULL)))
		return -1;
	return o.releases ? render_releases(out) : o.argocd ? render_argocd(out) : render_sources(out);
}

static int render_all(struct run *r)
{
	struct output out = { .run = r, .writer.format = (enum format)o.format };
	struct journal *journal = NULL;
	struct node *lock = NULL;
	int bad;

	if (check_usage(r) < 0)
		return -1;
	const struct strlist *piped = &o.values.files;
	if (o.origins && !(o.values.origins = piped->n ? origins_read_after(&r->perm, &r->diag, o.origins, piped->p, piped->n) : origins_read(&r->perm, &r->diag, o.origins)))
		return -1;
	if (o.lock && !(lock = inputs_lock_read(&r->perm, &r->diag, o.lock)))
		return -1;
	if (o.origins_out && !(out.origins = origins_create(&r->perm, &r->diag, o.origins_out)))
		return -1;
	if (!(out.writer.out = o.check ? out_memory(&r->perm, &r->diag) : run_output(r)))
		return -1;
	if (o.lock || o.lock_out || o.timings)
		journal = r->diag.journal = journal_new(&r->perm, o.timings);
	bad = render_to(&out);
	r->diag.journal = NULL;
	origins_free(o.values.origins);
	if (!bad && lock)
		bad = inputs_check(&r->perm, &r->diag, journal, lock);
	if (!bad && o.check)
		bad = rendering_check(&r->perm, &r->diag, o.check, out_text(out.writer.out));
	if (!o.check && run_output_end(r, out.writer.out) < 0)
		bad = -1;
	if (out.origins && origins_close(out.origins) < 0)
		bad = -1;
	if (!bad && o.lock_out)
		bad = inputs_lock(&r->perm, &r->diag, journal, o.lock_out);
	if (o.timings)
		journal_tell(journal);
	journal_free(journal);
	return bad;
}

int main(int argc, char **argv)
{
	static struct run r;
	struct report_set report = { 0 };
	const struct option_group groups[] = {
		{ options, &o }, { values_option_table, &o.values }, { write_option_table, &o.format }, { read_option_table, &o.read },
		{ report_option_table, &report }, { 0 },
	};
	bool bad = run_start(&r, &program, groups, argc, argv) < 0;

	if (bad || r.done)
		return run_finish(&r, bad);
	if (report_begin(&report, &r) < 0)
		return run_finish(&r, true);
	bad = render_all(&r) < 0;
	bad |= report_end(&report) < 0;
	return run_finish(&r, bad);
}
