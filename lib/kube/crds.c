/* SPDX-License-Identifier: MIT */
/* crds: CustomResourceDefinitions from files and folders. */
#include "kube/kube.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static bool is_document(const char *name)
{
	str s = str_of(name);

	return str_ends(s, S(".yaml")) || str_ends(s, S(".yml")) || str_ends(s, S(".json"));
}

static int add_path(struct load *w, const char *path)
{
	struct dirent **names;
	struct stat st;
	int bad = 0, n;

	if (strcmp(path, "-") == 0 || stat(path, &st) || !S_ISDIR(st.st_mode))
		return add_file(w, path);
	if ((n = scandir(path, &names, NULL, alphasort)) < 0)
		return diag_sys(w->d, "read the folder", path);
	for (int i = 0; i < n; i++) {
		const char *child = str_printf(w->a, "%s/%s", path, names[i]->d_name).p;
		/* a link to a folder is not followed: it may lead back */
		if (!bad && names[i]->d_name[0] != '.' && !lstat(child, &st)) {
			if (S_ISDIR(st.st_mode))
				bad = add_path(w, child);
			else if (is_document(child))
				bad = add_file(w, child);
		}
		free(names[i]);
	}
	free(names);
	return bad;
}

int kube_schemas_add_crds(struct kube_schemas *s, struct arena *a, struct diag *d, int yaml, const char *path)
{
	struct load w = { .schemas = s, .a = a, .d = d, .read = { .yaml = yaml } };

	if (add_path(&w, path))
		return -1;
	if (!w.found)
		diag_at(d, SEV_WARNING, IN_FILE(file_label(path)), "nothing-matched", "there is no CustomResourceDefinition in this");
	return 0;
}
