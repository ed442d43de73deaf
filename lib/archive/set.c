/* SPDX-License-Identifier: MIT */
/* A backup: an archive and its increments; what is chosen of it, and whether it is whole. */
#include "archive/internal.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static void report_damage(const struct archive_set *s, const struct backup *ar)
{
	diag_at(&s->run->diag, SEV_ERROR, IN_FILE(ar->path), "damaged", "%s%s", ar->damage,
		s->salvage	     ? ""
		: ar->have_manifest ? "; its entries can be checked with --verify and saved with --salvage"
				     : "; what can be had of it comes with --salvage");
}

struct archive_set *archive_set_open(struct run *r, char **paths, size_t n, bool salvage)
{
	struct archive_set *s = NEW(&r->perm, struct archive_set);
	bool bad = false;

	*s = (struct archive_set){ .run = r, .n = n, .salvage = salvage };
	s->archives = NEW_ARRAY(&r->perm, struct backup *, n);
	hasher_open(&s->hash);
	for (size_t i = 0; i < n; i++) {
		struct backup *ar = s->archives[i] = backup_open(r, paths[i], &s->hash);
		if (!ar) {
			bad = true;
		} else if (!ar->ours && !salvage) {
			diag_trouble(&r->diag, IN_FILE(ar->path), "foreign",
				     "is no archive of pack-backup: it has no manifest; --salvage extracts what is safe");
			bad = true;
		} else if (ar->damage && ar->ours) {
			report_damage(s, ar);
		}
	}
	if (!bad)
		return s;
	archive_set_close(s);
	return NULL;
}

void archive_set_close(struct archive_set *s)
{
	for (size_t i = 0; s && i < s->n; i++)
		backup_close(s->archives[i]);
	if (s)
		hasher_close(&s->hash);
}

bool archive_set_whole(const struct archive_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->archives[i]->whole)
			return false;
	return true;
}

bool archive_set_readable(const struct archive_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->archives[i]->have_manifest)
			return false;
	return true;
}

/* Each archive but the first is an increment of one before it. */
bool set_is_chain(const struct archive_set *s, size_t i)
{
	const struct manifest *m = &s->archives[i]->manifest;

	for (size_t k = 0; k < i; k++)
		if (m->increment && memcmp(m->since, s->archives[k]->manifest.id, 32) == 0)
			return true;
	return i == 0;
}

void set_find_data(const struct archive_set *s, size_t last, struct pick *p)
{
	p->data = p->entry;
	p->in = s->archives[last];
	if (p->entry->type != ARCHIVE_FILE || p->entry->at != ARCHIVE_ELSEWHERE)
		return;
	for (size_t i = last; i-- > 0;) {
		const struct member *e = map_get(&s->archives[i]->manifest.by_name, p->entry->name);
		if (e && e->type == ARCHIVE_FILE && e->at != ARCHIVE_ELSEWHERE && e->size == p->entry->size &&
		    memcmp(e->hash, p->entry->hash, 32) == 0) {
			p->data = e;
			p->in = s->archives[i];
			return;
		}
	}
	p->in = NULL;
	p->lost = "its bytes are in an earlier archive; name that one first";
}

/* A hard link whose file is not chosen becomes that file; further ones link to it. */
static void find_link(const struct archive_set *s, struct map *chosen, struct pick *p)
{
	const struct backup *last = s->archives[s->n - 1];
	struct arena *a = &s->run->perm;

	if (p->entry->type == ARCHIVE_FILE)
		*map_at(a, chosen, p->entry->name) = p;
	if (p->entry->type != ARCHIVE_HARDLINK)
		return;
	struct pick *file = map_get(chosen, p->entry->target);
	if (file) {
		p->link = file->entry;
		return;
	}
	struct member *as_file = NEW(a, struct member);
	const struct member *target = map_get(&last->manifest.by_name, p->entry->target);
	struct pick of_target = { .entry = target };
	set_find_data(s, s->n - 1, &of_target);
	*as_file = *target;
	as_file->name = p->entry->name;
	*map_at(a, chosen, p->entry->target) = p;
	p->entry = as_file;
	p->data = of_target.data;
	p->in = of_target.in;
	p->lost = of_target.lost;
}

int archive_select(struct archive_set *s, const struct strlist *only)
{
	const struct manifest *m = &s->archives[s->n - 1]->manifest;
	struct archive_glob *globs = archive_glob_new(&s->run->perm, only);
	struct map chosen = { 0 };

	for (size_t i = 1; i < s->n; i++)
		if (!set_is_chain(s, i))
			return diag_trouble(&s->run->diag, IN_FILE(s->archives[i]->path), "chain",
					    "is no increment of an archive named before it");
	s->picks = NEW_ARRAY(&s->run->perm, struct pick, m->n);
	for (size_t i = 0; i < m->n; i++) {
		struct pick p = { .entry = m->p[i] };
		if (only->n && !archive_glob_match(globs, m->p[i]->name))
			continue;
		set_find_data(s, s->n - 1, &p);
		s->picks[s->npicks++] = p;
	}
	for (size_t i = 0; i < s->npicks; i++)
		find_link(s, &chosen, &s->picks[i]);
	if (only->n && !s->npicks)
		diag_at(&s->run->diag, SEV_ERROR, IN_FILE(s->archives[s->n - 1]->path), "no-match",
			"no entry matches --only; --list shows what there is");
	return 0;
}

size_t archive_count(const struct archive_set *s)
{
	return s->npicks;
}

const struct member *archive_at(const struct archive_set *s, size_t i)
{
	return s->picks[i].entry;
}

uint64_t archive_bytes(const struct archive_set *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->npicks; i++)
		n += s->picks[i].data->type == ARCHIVE_FILE ? s->picks[i].data->size : 0;
	return n;
}
