/* SPDX-License-Identifier: MIT */
/* The documents' files in a folder and all below it. */
#include "doc/doc.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEEPEST = 64 };

static bool is_document(const char *name)
{
	str s = str_of(name);

	return str_ends(s, S(".yaml")) || str_ends(s, S(".yml")) || str_ends(s, S(".json")) || str_ends(s, S(".jsonl"));
}

/* Links to folders are not followed: they may lead round. */
static int below(struct arena *a, struct diag *d, const char *path, int depth, struct strlist *out)
{
	struct dirent **names;
	struct stat st;
	int n = scandir(path, &names, NULL, alphasort), bad = 0;
	size_t length = strlen(path);

	if (n < 0)
		return diag_sys(d, "read", path);
	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		const char *between = length && path[length - 1] == '/' ? "" : "/";
		char *child = str_dup(a, str_printf(a, "%s%s%s", path, between, name));
		if (!bad && name[0] != '.' && !lstat(child, &st)) {
			if (S_ISDIR(st.st_mode))
				bad = depth < DEEPEST ? below(a, d, child, depth + 1, out) : 0;
			else if (is_document(name) && (S_ISREG(st.st_mode) || (S_ISLNK(st.st_mode) && (stat(child, &st) || S_ISREG(st.st_mode)))))
				*VEC_ADD(a, out) = child;
		}
		free(names[i]);
	}
	free(names);
	return bad;
}

int input_files(struct arena *a, struct diag *d, const char *path, struct strlist *out)
{
	size_t before = out->n;
	struct stat st;

	if (strcmp(path, "-") == 0 || stat(path, &st) || !S_ISDIR(st.st_mode)) {
		*VEC_ADD(a, out) = path;
		return 0;
	}
	if (below(a, d, path, 0, out))
		return -1;
	if (out->n == before)
		diag_at(d, SEV_WARNING, IN_FILE(path), "nothing-matched", "there is no file .yaml, .yml, .json or .jsonl in this folder");
	return 0;
}

int input_paths(struct arena *a, struct diag *d, char ***paths, size_t *n)
{
	struct strlist files = { 0 };

	for (size_t i = 0; i < *n; i++)
		if (input_files(a, d, (*paths)[i], &files))
			return -1;
	if (*n && !files.n)
		*VEC_ADD(a, &files) = "/dev/null"; /* not standard input */
	*paths = (char **)files.p;
	*n = files.n;
	return 0;
}
