/* SPDX-License-Identifier: MIT */
/* render: configuration in, manifests out. */
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/base.h"
#include "chart/chart.h"
#include "doc/doc.h"
#include "template/template.h"

static struct {
	struct values_options values;
	struct read_options read;
	struct strlist libs;
	int format;
	const char *origins_out;
} o;

#define O(field) offsetof(__typeof__(o), field)
static const struct option options[] = {
	{ .name = "library", .letter = 'L', .type = OPT_LIST, .offset = O(libs), .arg = "PATH", .help = "a folder for $include, or a .jq file of functions" },
	{ .name = "origins-out", .type = OPT_STRING, .offset = O(origins_out), .arg = "FILE", .help = "write where each part of the output comes from" },
	{ 0 },
};

static const struct program program = {
	.name = "render",
	.synopsis = "[OPTION]... SOURCE...",
	.purpose = "Fills templates with values and writes what they make.",
	.notes = "SOURCE is a YAML template: ${ jq expression } in its strings, $if, $for, $let, $include as keys.\n"
		 "Example: render -f prod.yaml --set replicas=3 web.yaml | validate --kubernetes\n",
};

struct output {
	struct writer writer;
	struct origins_writer *origins;
};

static int put(void *ctx, struct node *doc)
{
	struct output *out = ctx;

	writer_put(&out->writer, doc);
	if (out->origins)
		origins_put(out->origins, doc);
	return 0;
}

static bool holds(const char *folder, const char *name)
{
	char path[4096];
	struct stat st;

	return (size_t)snprintf(path, sizeof path, "%s/%s", folder, name) < sizeof path && stat(path, &st) == 0;
}

static int render_template(struct run *r, struct output *out, const char *path, struct node *values)
{
	const struct hole_options ho = { .read = o.read, .libs = o.libs.p, .nlibs = o.libs.n, .max_nodes = (uint64_t)o.read.max_nodes };
	struct holes *h = holes_load(&r->perm, &r->diag, &ho, path);

	if (!h)
		return -1;
	if (out->writer.format == FORMAT_AUTO)
		out->writer.format = holes_format(h);
	int bad = holes_render(h, &r->perm, values, put, out);
	holes_free(h);
	return bad;
}

static int render_source(struct run *r, struct output *out, const char *path, struct node *values)
{
	static const char *const kustomizations[] = { "kustomization.yaml", "kustomization.yml", "Kustomization" };
	struct stat st;

	for (size_t i = 0; i < COUNT(kustomizations); i++)
		if (holds(path, kustomizations[i]))
			return diag_trouble(&r->diag, IN_FILE(path), "unsupported", "a kustomization: render does not build these yet");
	if (chart_is_one(path))
		return diag_trouble(&r->diag, IN_FILE(path), "unsupported", "a Helm chart: render does not render these yet");
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return diag_trouble(&r->diag, IN_FILE(path), "unsupported", "a folder without Chart.yaml; name a template in it");
	return render_template(r, out, path, values);
}

static int render_all(struct run *r)
{
	struct output out = { .writer.format = (enum format)o.format };
	struct node *values;
	int bad = 0;

	if (r->nargs == 0)
		return run_usage(r, "no SOURCE is named");
	if (values_read(&r->perm, &r->diag, &o.values, &o.read, &values) < 0)
		return -1;
	if (o.origins_out && !(out.origins = origins_create(&r->perm, &r->diag, o.origins_out)))
		return -1;
	if (!(out.writer.out = run_output(r)))
		return -1;
	for (size_t i = 0; i < r->nargs && !bad; i++)
		bad = render_source(r, &out, r->args[i], values);
	if (run_output_end(r, out.writer.out) < 0)
		bad = -1;
	if (out.origins && origins_close(out.origins) < 0)
		bad = -1;
	return bad;
}

int main(int argc, char **argv)
{
	static struct run r;
	const struct option_group groups[] = {
		{ options, &o }, { values_option_table, &o.values }, { write_option_table, &o.format }, { read_option_table, &o.read }, { 0 },
	};
	bool bad = run_start(&r, &program, groups, argc, argv) < 0;

	if (!bad && !r.done)
		bad = render_all(&r) < 0;
	return run_finish(&r, bad);
}
