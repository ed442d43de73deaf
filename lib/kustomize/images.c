/* SPDX-License-Identifier: MIT */
/* Other names, tags and digests for images. */
#include <string.h>

#include "kustomize/internal.h"

struct image_rule {
	struct pattern name;
	str new_name, new_tag, digest, suffix;
	const struct node *at;
};
struct image_spots { /* the fields of one resource that hold images */
	struct arena *a;
	struct {
		struct node **p; /* the maps that hold them */
		size_t n, cap;
	} maps;
	struct {
		str *p;
		size_t n, cap;
	} keys;
};

/* What is not part of the name: ":tag", "@sha256:digest". */
#define TAIL "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?"

static bool tag_bytes(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("_.{}-", c)))
			return false;
	}
	return true;
}

static bool is_tail(str s)
{
	ptrdiff_t at = str_find(s, S("@sha256:"));

	if (at >= 0 && !tag_bytes(str_sub(s, (size_t)at + 8, s.n)))
		return false;
	str tag = at >= 0 ? str_sub(s, 0, (size_t)at) : s;
	return tag.n == 0 || (tag.p[0] == ':' && tag_bytes(str_sub(tag, 1, tag.n)));
}

static bool rule_matches(const struct image_rule *r, str image)
{
	struct pattern head = r->name;

	if (head.re)
		return pattern_matches(&head, image);
	if (head.text.n == 0)
		return is_tail(image);
	if (image.n < head.text.n || (image.n > head.text.n && image.p[head.text.n] != ':' && image.p[head.text.n] != '@'))
		return false;
	return pattern_matches(&head, str_sub(image, 0, head.text.n)) && is_tail(str_sub(image, head.text.n, image.n));
}

static str new_image(struct arena *a, str image, const struct image_rule *r)
{
	ptrdiff_t slash = str_chr(image, '/');
	size_t from = slash > 0 ? (size_t)slash : 0;
	str rest = str_sub(image, from, image.n), name = image, tag = S(""), digest = S("");
	ptrdiff_t at = str_chr(rest, '@'), colon = str_chr(rest, ':');

	if (at >= 0) {
		digest = str_sub(rest, (size_t)at + 1, rest.n);
		name = str_sub(image, 0, from + (size_t)at);
	}
	if (colon >= 0 && (at < 0 || colon < at)) {
		tag = str_sub(rest, (size_t)colon + 1, at >= 0 ? (size_t)at : rest.n);
		name = str_sub(image, 0, from + (size_t)colon);
	}
	if (r->new_name.n)
		name = r->new_name;
	if (r->new_tag.n || r->digest.n) {
		tag = r->new_tag;
		digest = r->digest;
	} else if (r->suffix.n) {
		tag = str_printf(a, "%.*s%.*s", STR_ARG(tag), STR_ARG(r->suffix));
		digest = S("");
	}
	return str_printf(a, "%.*s%s%.*s%s%.*s", STR_ARG(name), tag.n ? ":" : "", STR_ARG(tag), digest.n ? "@" : "", STR_ARG(digest));
}

/* ---- where images are ----------------------------------------------------------------------- */
static int add_spot(void *ctx, struct spot *s)
{
	struct image_spots *x = ctx;

	if (s->value && (*s->value)->kind == NODE_STRING) {
		*VEC_ADD(x->a, &x->maps) = s->map;
		*VEC_ADD(x->a, &x->keys) = s->key;
	}
	return 0;
}

/* In containers and initContainers, wherever they are. */
static void walk_containers(struct image_spots *x, struct node *n)
{
	for (uint32_t i = 0; n->kind == NODE_SEQ && i < n->n; i++)
		walk_containers(x, n->items[i]);
	for (uint32_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
		str key = entry_key(&n->entries[i]);
		struct node *v = n->entries[i].value;
		if (v->kind < NODE_SEQ)
			continue;
		walk_containers(x, v);
		if (v->kind != NODE_SEQ || (!str_eq(key, S("containers")) && !str_eq(key, S("initContainers"))))
			continue;
		for (uint32_t k = 0; k < v->n; k++) {
			struct entry *e = v->items[k]->kind == NODE_MAP ? node_entry(v->items[k], S("image")) : NULL;
			if (e)
				add_spot(x, &(struct spot){ .map = v->items[k], .key = S("image"), .value = &e->value });
		}
	}
}

static void retag(struct image_spots *x, size_t i, const struct image_rule *r)
{
	str old = node_str(node_get(x->maps.p[i], x->keys.p[i]));

	if (!rule_matches(r, old))
		return;
	str image = new_image(x->a, old, r);
	if (!str_eq(image, old))
		node_put(x->a, x->maps.p[i], x->keys.p[i], node_at(node_string(x->a, image), r->at));
}

int set_images(struct layer *l, const struct node *const *rules, size_t n, const struct specs *specs)
{
	struct arena *a = l->b->a;
	struct image_rule *all = NEW_ARRAY(a, struct image_rule, n);
	struct image_spots x = { .a = a };

	for (size_t i = 0; i < n; i++) {
		all[i] = (struct image_rule){ .new_name = node_get_str(rules[i], S("newName")), .new_tag = node_str(node_get(rules[i], S("newTag"))),
					      .digest = node_get_str(rules[i], S("digest")), .suffix = node_get_str(rules[i], S("tagSuffix")), .at = rules[i] };
		if (pattern_compile(l->b, node_get(rules[i], S("name")), TAIL, &all[i].name) < 0)
			return -1;
	}
	for (size_t i = 0; i < l->all->n; i++) {
		const struct past *id = id_of(l->b, l->all->p[i]);
		struct node *object = l->all->p[i]->object;
		x.maps.n = x.keys.n = 0;
		if (str_eq(id->kind, S("CustomResourceDefinition")))
			continue;
		walk_containers(&x, object);
		/* A field that is found both ways is changed twice, as kustomize does: a tagSuffix shows it. */
		for (size_t k = 0; k < specs->n; k++)
			if (spec_selects(&specs->p[k], id))
				visit_path(a, object, specs->p[k].path, false, add_spot, &x);
		for (size_t k = 0; k < n; k++)
			for (size_t j = 0; j < x.maps.n; j++)
				retag(&x, j, &all[k]);
	}
	return 0;
}
