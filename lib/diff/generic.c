/* SPDX-License-Identifier: MIT */
/* Any two streams of documents: objects by identity, others by their place. */
#include "diff/drift.h"

struct document {
	struct node *n;
	struct kube_id id; /* empty: no object */
	str key;
	bool taken;
};
struct documents {
	struct document *p;
	size_t n, cap;
	bool objects; /* all of them are objects with names */
	struct arena *a;
};

static int take(void *ctx, struct node *n)
{
	struct documents *d = ctx;
	struct document x = { .n = n };
	bool object = kube_identify(n, &x.id, NULL) && x.id.name.n;

	if (drift_is_secret(&x.id)) /* also one without a name or version */
		x.n = secret_normal(d->a, n);
	d->objects = d->objects && object;
	*VEC_ADD(d->a, d) = x;
	return 0;
}

static int read_documents(struct drift *r, const char *path, const struct read_options *o, struct documents *out)
{
	struct reader *reader = reader_open(r->a, r->d, o, path);
	struct node *n;
	int got = -1;

	*out = (struct documents){ .objects = true, .a = r->a };
	while (reader && (got = reader_next(reader, r->a, &n)) == 1)
		if (kube_flatten(r->a, n, take, out))
			return -1;
	if (reader)
		reader_close(reader);
	return got;
}

static str key_of(struct arena *a, const struct kube_id *id, bool with_version)
{
	return str_printf(a, "%.*s\n%.*s\n%.*s\n%.*s\n%.*s", STR_ARG(id->group), STR_ARG(id->kind), STR_ARG(id->ns), STR_ARG(id->name),
			  with_version ? (int)id->version.n : 0, id->version.p);
}

static str sort_of(struct arena *a, const struct kube_id *id)
{
	return str_printf(a, "%.*s\n%.*s\n%.*s", STR_ARG(id->group), STR_ARG(id->kind), STR_ARG(id->ns));
}

static void pair_by_key(struct arena *a, struct documents *desired, struct documents *live, ptrdiff_t *other, bool with_version)
{
	struct map at = { 0 };

	for (size_t i = live->n; i-- > 0;)
		if (!live->p[i].taken)
			*map_at(a, &at, key_of(a, &live->p[i].id, with_version)) = &live->p[i];
	for (size_t i = 0; i < desired->n; i++) {
		struct document *d = other[i] < 0 ? map_get(&at, key_of(a, &desired->p[i].id, with_version)) : NULL;
		if (!d || d->taken)
			continue;
		d->taken = true;
		other[i] = d - live->p;
	}
}

/* What is left of one kind, one here and one there, has been renamed. */
static void pair_renamed(struct arena *a, struct documents *desired, struct documents *live, ptrdiff_t *other)
{
	struct left {
		size_t here, there, n_here, n_there;
	};
	struct map kinds = { 0 };

	for (size_t i = 0; i < desired->n + live->n; i++) {
		bool here = i < desired->n;
		size_t at = here ? i : i - desired->n;
		if (here ? other[at] >= 0 : live->p[at].taken)
			continue;
		void **slot = map_at(a, &kinds, sort_of(a, here ? &desired->p[at].id : &live->p[at].id));
		if (!*slot)
			*slot = NEW(a, struct left);
		struct left *l = *slot;
		*(here ? &l->here : &l->there) = at;
		++*(here ? &l->n_here : &l->n_there);
	}
	for (size_t i = 0; i < kinds.n; i++) {
		const struct left *l = kinds.items[i].value;
		if (l->n_here != 1 || l->n_there != 1)
			continue;
		other[l->here] = (ptrdiff_t)l->there;
		live->p[l->there].taken = true;
	}
}

int drift_generic(struct drift *r, const char *desired_path, const char *live_path)
{
	struct documents desired, live;
	struct read_options plain = r->o->read, of_desired = r->o->read;

	of_desired.origins = r->origins;
	if (read_documents(r, desired_path, &of_desired, &desired) || read_documents(r, live_path, &plain, &live))
		return -1;
	bool by_id = desired.objects && live.objects;
	ptrdiff_t *other = NEW_ARRAY(r->a, ptrdiff_t, desired.n + 1);
	for (size_t i = 0; i < desired.n; i++)
		other[i] = !by_id && i < live.n ? (ptrdiff_t)i : -1;
	for (size_t i = 0; !by_id && i < live.n; i++)
		live.p[i].taken = i < desired.n;
	if (by_id) {
		pair_by_key(r->a, &desired, &live, other, true);
		pair_by_key(r->a, &desired, &live, other, false);
		pair_renamed(r->a, &desired, &live, other);
	}
	for (size_t i = 0; i < desired.n; i++) {
		struct known_object k = { .object = drift_object(r, &desired.p[i].id, DIFF_ADDED) };
		k.object->pos = node_pos(desired.p[i].n);
		k.object->desired = desired.p[i].n;
		if (!by_id)
			k.object->label = str_printf(r->a, "document %zu", i + 1);
		if (other[i] >= 0 && drift_compare(r, &k, live.p[other[i]].n))
			return -1;
	}
	for (size_t i = 0; i < live.n; i++) {
		if (live.p[i].taken)
			continue;
		struct diff_object *x = drift_object(r, &live.p[i].id, DIFF_REMOVED);
		x->pos = node_pos(live.p[i].n);
		x->live = drift_shown(r, &live.p[i].id, live.p[i].n);
		if (!by_id)
			x->label = str_printf(r->a, "document %zu", i + 1);
	}
	return 0;
}
