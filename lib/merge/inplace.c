/* SPDX-License-Identifier: MIT */
/* inplace: edits in many files, of which all land or none. */
#include "merge/internal.h"

struct edited {
	const char *path;
	str text;
	struct out *out;
};
struct documents {
	struct node **p;
	size_t n, cap;
};

/* A file that holds no document, only comments perhaps: what the edits make is put below them. */
static int begin_document(struct arena *a, struct diag *d, struct merge_edits *edits, str text, str *out)
{
	struct merge_results results;
	struct buf b = BUF(a);

	if (merge_edits_apply(a, d, edits, NULL, node_new(a, NODE_MAP), &results))
		return -1;
	const struct node *made = results.p[0];
	if (!made || (made->kind == NODE_MAP && !made->n))
		return 0;
	buf_add(&b, text);
	if (text.n && text.p[text.n - 1] != '\n')
		buf_char(&b, '\n');
	buf_add(&b, yaml_text(a, made));
	*out = buf_str(&b);
	return 0;
}

static int edit_one(struct arena *a, struct diag *d, const struct read_options *o, struct merge_edits *edits, const char *path, str text,
		    str *out)
{
	struct reader *r = reader_open_text(a, d, o, path, text);
	struct documents old = { 0 }, fresh = { 0 };
	struct read_options as_read = *o;
	struct node *doc;
	bool changed = false;
	int got = -1;

	while (r && (got = reader_next(r, a, &doc)) > 0) {
		struct merge_results results;
		if (merge_edits_apply(a, d, edits, NULL, doc, &results)) {
			got = -1;
			break;
		}
		*VEC_ADD(a, &old) = doc;
		*VEC_ADD(a, &fresh) = results.p[0];
		changed |= results.p[0] != doc;
	}
	if (r && reader_format(r) != FORMAT_YAML)
		as_read.input = FORMAT_JSON;
	reader_close(r);
	*out = text;
	if (got < 0)
		return -1;
	if (!old.n)
		return begin_document(a, d, edits, text, out);
	return changed ? edit_text(a, d, &as_read, path, text, old.p, fresh.p, old.n, out) : 0;
}

static int land(struct arena *a, struct diag *d, struct edited *files, size_t n)
{
	size_t ready = 0;
	int bad = 0;

	for (; ready < n && !bad; ready++) { /* all on the disk before the first is in its place */
		struct edited *f = &files[ready];
		f->out = out_open(a, d, f->path);
		if (!f->out) {
			bad = -1;
			break;
		}
		out_write(f->out, f->text);
		out_flush(f->out);
		bad = f->out->error ? -1 : 0;
	}
	for (size_t i = 0; i < ready; i++)
		if (bad && !files[i].out->error)
			out_abort(files[i].out);
		else
			bad |= out_close(files[i].out);
	return bad;
}

int merge_in_place(struct arena *a, struct diag *d, const struct read_options *o, struct merge_edits *edits, char **paths, size_t n)
{
	struct edited *files = NEW_ARRAY(a, struct edited, n + 1);
	size_t changed = 0;

	for (size_t i = 0; i < n; i++) {
		str text, out;
		if (file_read(a, d, paths[i], &text) || edit_one(a, d, o, edits, paths[i], text, &out))
			return -1;
		if (!str_eq(text, out))
			files[changed++] = (struct edited){ .path = paths[i], .text = out };
		diag_at(d, SEV_NOTE, IN_FILE(paths[i]), "in-place", str_eq(text, out) ? "nothing to change" : "changed");
	}
	return land(a, d, files, changed);
}
