/* SPDX-License-Identifier: MIT */
/* Packs files and objects into an archive. */
#include "archive/internal.h"
#include "kube/kube.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BIG = FRAME_SIZE - TAR_HEADER_MAX }; /* a larger file has frames of its own */

struct files {
	struct source_file **p;
	size_t n, cap;
};
struct packer {
	struct run *run;
	struct archive_pack *o;
	struct maker *maker;
	struct maker_item *item; /* being filled, or NULL */
	uint64_t item_size;	 /* what it will come to */
	struct hasher hash;
	struct manifest base; /* --since */
	struct scan scan;
	struct files all, starts; /* starts: those with a header in the tar, in its order */
	struct map objects;	  /* names of objects */
	struct manifest manifest;
	uint64_t manifest_size;
	int64_t created;
};

static struct maker_item *item_now(struct packer *p)
{
	if (!p->item) {
		p->item = maker_item(p->maker);
		p->item_size = 0;
	}
	return p->item;
}

static void item_done(struct packer *p)
{
	if (p->item)
		maker_submit(p->maker, p->item);
	p->item = NULL;
}

/* f's header is the item's.  When the list moves, what it held stays readable for the threads. */
static void begin_file(struct packer *p, struct source_file *f)
{
	struct maker_item *it = item_now(p);

	*VEC_ADD(&p->run->perm, &p->starts) = f;
	it->files = &p->starts.p[p->starts.n - ++it->nfiles];
}

/* Bytes of the tar, over as many frames as they need. */
static void add_bytes(struct packer *p, const char *bytes, size_t n)
{
	while (n && !maker_stopped(p->maker)) {
		struct maker_item *it = item_now(p);
		size_t room = it->n < FRAME_SIZE ? FRAME_SIZE - it->n : 0, take = n < room ? n : room;
		item_add(it, bytes, take);
		bytes += take;
		n -= take;
		if (it->n >= FRAME_SIZE)
			item_done(p);
	}
}

static void add_header(struct packer *p, struct source_file *f)
{
	struct maker_item *it = item_now(p);
	char header[TAR_HEADER_MAX];

	f->rel = it->n;
	item_add(it, header, tar_header(header, &f->entry));
}

/* An entry whose bytes are given by add_bytes. */
static void begin_whole(struct packer *p, struct source_file *f)
{
	if (p->item && p->item->n + TAR_HEADER_MAX > FRAME_SIZE)
		item_done(p);
	begin_file(p, f);
	add_header(p, f);
}

static void end_whole(struct packer *p)
{
	if (p->item)
		item_pad(p->item);
}

/* ---- objects ------------------------------------------------------------- */
static str object_name(struct packer *p, const struct kube_id *id)
{
	struct arena *a = &p->run->perm;
	str base = name_object(a, id->group, id->kind, id->ns, id->name), name = base;

	for (unsigned i = 2; map_get(&p->objects, name); i++)
		name = str_printf(a, "%.*s~%u.yaml", (int)base.n - 5, base.p, i);
	*map_at(a, &p->objects, name) = p;
	return name;
}

static int pack_object(void *ctx, struct node *n)
{
	struct packer *p = ctx;
	struct arena *a = &p->run->perm, scratch = { 0 };
	struct kube_id id;
	const char *why;

	if (!kube_identify(n, &id, &why))
		return diag_trouble(&p->run->diag, node_pos(n), "object", "this is no Kubernetes object (%s); pack it as a file", why);
	if (archive_glob_match(p->scan.exclude, name_object(a, id.group, id.kind, id.ns, id.name)))
		return 0;
	struct out *o = out_memory(&scratch, &p->run->diag);
	struct source_file *f = NEW(a, struct source_file);
	emit_yaml(o, n, 0);
	str text = out_text(o);
	f->entry = (struct member){ .type = ARCHIVE_FILE, .mode = 0644, .size = text.n };
	f->entry.mtime = p->created < 0 ? 0 : p->created;
	f->entry.name = object_name(p, &id);
	f->entry.object = str_copy(a, kube_id_text(&scratch, &id));
	hash_bytes(&p->hash, text.p, text.n, f->entry.hash);
	*VEC_ADD(a, &p->all) = f;
	const struct member *old = map_get(&p->base.by_name, f->entry.name);
	if (old && old->type == ARCHIVE_FILE && memcmp(old->hash, f->entry.hash, 32) == 0) {
		f->entry.at = ARCHIVE_ELSEWHERE;
	} else {
		begin_whole(p, f);
		add_bytes(p, text.p, text.n);
		end_whole(p);
	}
	arena_free(&scratch);
	return 0;
}

static int pack_stream(struct packer *p)
{
	struct arena *a = &p->run->perm, scratch = { 0 };
	struct reader *r = reader_open(a, &p->run->diag, &p->o->read, "-");
	struct node *n;
	int more = -1;

	while (r && !maker_stopped(p->maker) && (more = reader_next(r, &scratch, &n)) > 0) {
		if (!(n->flags & NODE_EMPTY) && kube_flatten(&scratch, n, pack_object, p)) {
			more = -1;
			break;
		}
		arena_reset(&scratch);
	}
	item_done(p);
	arena_free(&scratch);
	if (r)
		reader_close(r);
	return more < 0 ? -1 : 0;
}

/* ---- files ---------------------------------------------------------------- */
/* One try to stream a file into frames of its own: 1 it changed meanwhile, -1 errno. */
static int stream_once(struct packer *p, struct source_file *f)
{
	struct stat before, after;
	struct member *e = &f->entry;
	int fd = source_open(f, &before), result = 0;

	if (fd < 0)
		return -1;
	e->size = (uint64_t)before.st_size;
	e->mtime = before.st_mtim.tv_sec;
	e->nsec = (uint32_t)before.st_mtim.tv_nsec;
	begin_file(p, f);
	add_header(p, f);
	hasher_start(&p->hash);
	for (uint64_t left = e->size; left && !maker_stopped(p->maker);) {
		struct maker_item *it = item_now(p);
		size_t room = FRAME_SIZE - it->n, want = left < room ? (size_t)left : room;
		item_room(it, want);
		char *bytes = it->raw + it->n;
		ssize_t got = result ? 0 : source_read(fd, bytes, want);
		if (got < 0) {
			f->error = errno;
			result = -1;
		}
		if (got < (ssize_t)want) { /* the header has promised that many */
			size_t have = got < 0 ? 0 : (size_t)got;
			memset(bytes + have, 0, want - have);
			result = result ? result : 1;
		}
		hasher_add(&p->hash, bytes, want);
		it->n += want;
		it->progress = want;
		left -= want;
		if (it->n == FRAME_SIZE)
			item_done(p);
	}
	hasher_end(&p->hash, e->hash);
	if (p->item)
		item_pad(p->item);
	item_done(p);
	if (!result && (fstat(fd, &after) || !source_same(&before, &after)))
		result = 1;
	close(fd);
	errno = f->error;
	return result;
}

static void pack_big(struct packer *p, struct source_file *f)
{
	enum { TRIES = 3 };
	int got = 1;

	item_done(p);
	for (int try = 0; try < TRIES && got == 1 && !maker_stopped(p->maker); try++)
		got = stream_once(p, f);
	f->changed = got == 1;
	if (got < 0)
		f->error = errno ? errno : EIO;
}

static bool is_unchanged(const struct packer *p, struct source_file *f)
{
	struct member *e = &f->entry;
	const struct member *old = map_get(&p->base.by_name, e->name);

	if (!old || old->type != e->type)
		return false;
	if (e->type == ARCHIVE_FILE) {
		if (old->size != e->size || old->mtime != e->mtime || old->nsec != e->nsec)
			return false;
		memcpy(e->hash, old->hash, 32);
		return true;
	}
	return str_eq(old->target, e->target) && old->mode == e->mode && old->mtime == e->mtime && old->nsec == e->nsec &&
	       old->uid == e->uid && old->gid == e->gid;
}

static void pack_file(struct packer *p, struct source_file *f)
{
	*VEC_ADD(&p->run->perm, &p->all) = f;
	if (is_unchanged(p, f)) {
		f->entry.at = ARCHIVE_ELSEWHERE;
		return;
	}
	if (f->entry.size > BIG) {
		pack_big(p, f);
		return;
	}
	begin_file(p, f);
	struct maker_item *it = item_now(p);
	it->read = true;
	it->progress += f->entry.size;
	p->item_size += TAR_BLOCK + round_block(f->entry.size);
	if (p->item_size >= FRAME_SIZE)
		item_done(p);
}

/* ---- all of it ------------------------------------------------------------ */
static int read_base(struct packer *p)
{
	struct run *r = p->run;
	struct diag *d = &r->diag;
	const char *path = p->o->since;
	str text;

	struct backup *ar = backup_open(r, path, &p->hash);
	if (!ar)
		return -1;
	bool ours = ar->ours, have = ar->have_manifest;
	p->base = ar->manifest;
	backup_close(ar);
	if (have)
		return 0;
	if (ours)
		return diag_trouble(d, IN_FILE(path), "damaged", "its manifest can't be read; use another, or --manifest-out's file");
	if (file_read(&r->perm, d, path, &text))
		return -1;
	hash_bytes(&p->hash, text.p, text.n, p->base.id);
	return manifest_read(&r->perm, d, path, text, INT64_MAX, &p->base);
}

static int pack_all(struct packer *p)
{
	static char *const standard_input[] = { "-" };
	struct run *r = p->run;
	char *const *paths = r->nargs ? r->args : standard_input;
	size_t n = r->nargs ? r->nargs : 1;
	bool stream = false;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(paths[i], "-"))
			scan_path(&p->scan, paths[i]);
		else
			stream = true;
	}
	scan_finish(&p->scan);
	if (r->diag.troubles)
		return -1;
	uint64_t bytes = 0;
	for (size_t i = 0; i < p->scan.files.n; i++)
		bytes += p->scan.files.p[i]->entry.size;
	struct progress *bar = progress_start(r, "packing", bytes);
	p->maker = maker_start(r, p->o->out, (int)p->o->level, bar);
	int bad = stream ? pack_stream(p) : 0;
	for (size_t i = 0; i < p->scan.files.n && !bad && !maker_stopped(p->maker); i++)
		pack_file(p, p->scan.files.p[i]);
	item_done(p);
	maker_wait(p->maker);
	progress_end(bar);
	return bad;
}

/* What could not be kept is reported; the rest are the manifest's entries. */
static void settle(struct packer *p, struct manifest *m)
{
	struct diag *d = &p->run->diag;
	struct map lost = { 0 };
	char why[128];

	for (size_t i = 0; i < p->all.n; i++) {
		struct source_file *f = p->all.p[i];
		if (f->entry.type == ARCHIVE_HARDLINK && map_get(&lost, f->entry.target))
			f->error = EIO;
		if (!f->error) {
			*VEC_ADD(&p->run->perm, m) = &f->entry;
			if (f->changed)
				diag_at(d, SEV_ERROR, IN_FILE(f->path), "changed",
					"changed each time it was read; the backup holds a mixture, pack it again");
			continue;
		}
		*map_at(&p->run->perm, &lost, f->entry.name) = f;
		if (strerror_r(f->error, why, sizeof why))
			snprintf(why, sizeof why, "error %d", f->error);
		diag_at(d, SEV_ERROR, IN_FILE(f->path), "unreadable", "cannot read: %s; it is not in the backup",
			f->error == ESTALE  ? "it was replaced while the backup ran"
			: f->error == EFBIG ? "it grew too fast while the backup ran; pack it again"
					    : why);
	}
}

static int64_t newest(const struct manifest *m)
{
	int64_t t = 0;

	for (size_t i = 0; i < m->n; i++)
		if (m->p[i]->mtime > t)
			t = m->p[i]->mtime;
	return t;
}

static void measure(void *ctx, str piece)
{
	struct packer *p = ctx;

	hasher_add(&p->hash, piece.p, piece.n);
	p->manifest_size += piece.n;
}

static void pack_piece(void *ctx, str piece)
{
	add_bytes(ctx, piece.p, piece.n);
}

static void write_piece(void *ctx, str piece)
{
	out_write(ctx, piece);
}

/* The manifest's entry, and the end of the tar. */
static int finish(struct packer *p, struct frame_index *x)
{
	static const char end[2 * TAR_BLOCK];
	struct diag *d = &p->run->diag;
	struct manifest *m = &p->manifest;
	struct source_file f = { 0 };
	char header[TAR_HEADER_MAX];
	str which;

	*m = (struct manifest){ .increment = p->o->since != NULL, .created = p->created, .labels = p->o->labels };
	settle(p, m);
	const char *wrong = manifest_check(&p->run->perm, m, &which);
	if (wrong)
		diag_trouble(d, NOWHERE, "name", "\"%.*s\" %s; pack them apart", STR_ARG(which), wrong);
	memcpy(m->since, p->base.id, 32);
	hasher_start(&p->hash);
	manifest_write(d, m, measure, p);
	hasher_end(&p->hash, m->id);
	f.entry = (struct member){ .name = S(MANIFEST_NAME), .mode = 0644, .size = p->manifest_size, .mtime = newest(m) };
	begin_whole(p, &f);
	manifest_write(d, m, pack_piece, p);
	end_whole(p);
	add_bytes(p, end, sizeof end);
	item_done(p);
	maker_wait(p->maker);
	uint64_t at = f.entry.at + tar_header(header, &f.entry);
	if (maker_end(p->maker, x))
		return -1;
	x->manifest_at = at;
	x->manifest_size = p->manifest_size;
	memcpy(x->manifest_hash, m->id, 32);
	p->o->packed = m->n;
	p->o->bytes = m->bytes;
	return 0;
}

static int write_manifest(struct packer *p, const char *path)
{
	struct out *o = out_open_mode(&p->run->perm, &p->run->diag, path, 0600);

	if (!o)
		return -1;
	manifest_write(&p->run->diag, &p->manifest, write_piece, o);
	return out_close(o);
}

static int check_labels(struct run *r, const struct strlist *labels)
{
	for (size_t i = 0; i < labels->n; i++)
		if (str_chr(str_of(labels->p[i]), '=') <= 0 || !utf8_valid(str_of(labels->p[i]), &(size_t){ 0 }))
			return run_usage(r, "--label wants KEY=VALUE, not \"%s\"", labels->p[i]);
	return 0;
}

static void skip_archive(struct scan *s, const struct out *o)
{
	struct stat st;

	if (fstat(o->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		s->skip_dev[0] = st.st_dev;
		s->skip_ino[0] = st.st_ino;
	}
	if (o->temp && stat(o->path, &st) == 0) {
		s->skip_dev[1] = st.st_dev;
		s->skip_ino[1] = st.st_ino;
	}
}

int archive_pack(struct run *r, struct archive_pack *o)
{
	struct packer p = { .run = r, .o = o, .created = -1 };
	struct frame_index x = { 0 };
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	if (check_labels(r, &o->labels))
		return -1;
	if (epoch && (!str_to_i64(str_of(epoch), &p.created) || p.created < 0))
		return run_usage(r, "SOURCE_DATE_EPOCH wants seconds, not \"%s\"", epoch);
	hasher_open(&p.hash);
	p.scan.run = r;
	p.scan.exclude = archive_glob_new(&r->perm, &o->exclude);
	if ((o->since && read_base(&p)) || !(o->out = out_open_mode(&r->perm, &r->diag, r->out_path, 0600))) {
		hasher_close(&p.hash);
		return -1;
	}
	o->out->keep_unchanged = r->keep_unchanged;
	skip_archive(&p.scan, o->out);
	int bad = pack_all(&p);
	if (p.maker && finish(&p, &x))
		bad = -1;
	bad = bad || r->diag.troubles;
	if (!bad && !p.all.n && r->diag.count[SEV_ERROR])
		bad = diag_trouble(&r->diag, NOWHERE, "empty", "nothing could be packed");
	if (!bad)
		out_write(o->out, index_write(&r->perm, &x, &p.hash));
	hasher_close(&p.hash);
	if (bad) {
		out_abort(o->out);
		return -1;
	}
	if (out_close(o->out))
		return -1;
	return o->manifest_out ? write_manifest(&p, o->manifest_out) : 0;
}
