/* SPDX-License-Identifier: MIT */
/* crds: CustomResourceDefinitions from files and folders. */
#include "kube/kube.h"

struct load {
	struct kube_schemas *schemas;
	struct arena *a;
	struct diag *d;
	struct read_options read;
	size_t found;
};

static int add_file(struct load *w, const char *path)
{
	struct reader *r = reader_open(w->a, w->d, &w->read, path);
	struct node *doc;
	int got = -1;

	while (r && (got = reader_next(r, w->a, &doc)) > 0)
		if (kube_schemas_add_crd(w->schemas, doc, &w->found)) {
			got = -1;
			break;
		}
	reader_close(r);
	return got;
}

int kube_schemas_add_crds(struct kube_schemas *s, struct arena *a, struct diag *d, int yaml, const char *path)
{
	struct load w = { .schemas = s, .a = a, .d = d, .read = { .yaml = yaml } };
	struct strlist files = { 0 };

	if (input_files(a, d, path, &files))
		return -1;
	for (size_t i = 0; i < files.n; i++)
		if (add_file(&w, files.p[i]))
			return -1;
	if (!w.found && files.n)
		diag_at(d, SEV_WARNING, IN_FILE(file_label(path)), "nothing-matched", "there is no CustomResourceDefinition in this");
	return 0;
}
