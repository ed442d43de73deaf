/* SPDX-License-Identifier: MIT */
/* crds: CustomResourceDefinitions from files and folders. */
#include "kube/kube.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int by_name(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static bool is_document(const char *name)
{
	str s = str_of(name);

	return name[0] != '.' && (str_ends(s, S(".yaml")) || str_ends(s, S(".yml")) || str_ends(s, S(".json")));
}

static int read_one(struct kube_schemas *s, struct arena *a, struct diag *d, const char *path)
{
	struct read_options o = { 0 };
	struct reader *r = reader_open(a, d, &o, path);
	struct node *doc;
	int got = -1;

	while (r && (got = reader_next(r, a, &doc)) > 0)
		if (kube_schemas_add_crd(s, d, doc)) {
			got = -1;
			break;
		}
	reader_close(r);
	return got;
}

int kube_schemas_add_crds(struct kube_schemas *s, struct arena *a, struct diag *d, const char *path)
{
	struct strlist names = { 0 };
	struct dirent *e;
	struct stat st;
	DIR *dir;
	int bad;

	if (strcmp(path, "-") == 0 || stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return read_one(s, a, d, path);
	if (!(dir = opendir(path)))
		return diag_sys(d, "open the folder", path);
	while ((errno = 0, e = readdir(dir)))
		if (is_document(e->d_name))
			*VEC_ADD(a, &names) = str_printf(a, "%s/%s", path, e->d_name).p;
	bad = errno;
	closedir(dir);
	errno = bad;
	if (bad)
		return diag_sys(d, "read the folder", path);
	if (names.n)
		qsort(names.p, names.n, sizeof(*names.p), by_name);
	for (size_t i = 0; i < names.n; i++)
		if (read_one(s, a, d, names.p[i]))
			return -1;
	return 0;
}
