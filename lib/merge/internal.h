/* SPDX-License-Identifier: MIT */
/* What the files of lib/merge share: places in a document, rule cursors, nodes of our own. */
#ifndef INFRAFLUX_MERGE_INTERNAL_H
#define INFRAFLUX_MERGE_INTERNAL_H

#include "merge/merge.h"

/* Where we are: a chain on the C stack, made into a pointer only for messages. */
struct place {
	const struct place *up; /* NULL: the root */
	str key;
	size_t index;
	bool item; /* index counts, not key */
	const struct merge_strategy *by; /* of an item that merges by key */
};
str place_pointer(struct arena *a, const struct place *p);
str place_text(struct arena *a, const struct place *p); /* as people write it: a.b[0] */
str pointer_text(struct arena *a, str pointer, const struct node *root); /* the same of a JSON Pointer */

/* Rules that may still match below a place; n is nearly always 0. */
struct rule_set {
	const struct rule_step **p;
	size_t n;
};
struct rule_set rules_root(struct arena *a, const struct merge_rules *r);
struct rule_set rules_key(struct arena *a, struct rule_set s, str key);
/* `item` is looked at by [key=value] steps. */
struct rule_set rules_item(struct arena *a, struct rule_set s, size_t index, size_t length, const struct node *item);
/* The strategy that rules have for this place, with the rule's own node for messages; false: none. */
bool rules_here(struct rule_set s, struct merge_strategy *out, const struct node **rule);

/* Nodes made while merging may be changed; all others are copied first. */
#define NODE_OURS 0x80000000u
struct node *node_ours(struct arena *a, struct history *h, struct node *n); /* n, or a clone marked ours */
void node_disown(struct node *root);
void map_compact(struct arena *a, struct node *map); /* drops the entries whose value was set to NULL */

struct merge {
	struct arena *a, scratch;
	struct diag *d;
	struct merge_options o;
	struct node *first, *result; /* first: Helm's base, merged last */
	bool tagged;		     /* some layer has tags */
	bool keep_tags;		     /* strategies and nulls wait for the layer below */
	bool placing;		     /* an item of a list that merges by key is adopted: !before and !after are in place */
	bool helm_base;		     /* the layer below is the chart's */
	size_t layers;
	const struct node *base; /* the first layer; for --unused */
	uint32_t second_line;	 /* where the second begins, if in the same file */
	struct map free_maps;
};
/* target.c: "kind=Deployment,name=web-*,label=tier=*"; NULL: reported. */
struct target;
struct target *target_parse(struct arena *a, struct diag *d, const char *text);
bool target_matches(struct arena *a, const struct target *t, const struct node *doc);
/* What edits hit, counted apart by threads. */
void merge_edits_reset(struct merge_edits *e);
void merge_edits_count(struct merge_edits *sum, const struct merge_edits *more);
/* --unused: what an override meets. */
void unused_new_key(struct merge *m, const struct place *at, const struct node *map, const struct entry *e);
void unused_replaced(struct merge *m, const struct place *at, const struct node *below, const struct node *over, bool deleted);
/* Reports the first key of p that a map of doc, not empty, does not have. */
void merge_unused_path(struct diag *d, enum severity sev, const struct path *p, const struct node *doc, const char *what);
/* NULL: deleted. */
struct node *merge_nodes(struct merge *m, const struct place *at, struct rule_set rules, struct node *below, struct node *over);
/* A value of a layer with nothing below it: its tags are consumed.  NULL: deleted. */
struct node *merge_adopt(struct merge *m, const struct place *at, struct node *over);
struct node *merge_lists(struct merge *m, const struct place *at, struct rule_set rules, const struct merge_strategy *s, bool asked,
			 struct node *below, struct node *over);
/* The strategy that n's tag asks for; MERGE_DEFAULT if it has none, or a bad one (reported). */
struct merge_strategy merge_tag_strategy(struct merge *m, const struct place *at, const struct node *n);
struct node *merge_replace(struct merge *m, const struct place *at, struct node *below, struct node *over);
void merge_finding(struct merge *m, enum severity sev, const struct place *at, struct pos pos, const char *rule, const char *fmt, ...)
	PRINTF_LIKE(6, 7);

/* winner stands where lost stood.  NULL h: nothing is kept. */
void history_lost(struct history *h, const struct node *winner, struct node *lost);
void history_gone(struct history *h, const struct node *parent, str key, struct node *by, struct node *lost);
struct node *history_gone_by(struct history *h, const struct node *parent, str key);
void history_move(struct history *h, const struct node *from, const struct node *to);

/* ---- items.c: lists of the Kubernetes API */
struct list_of {
	struct list_keys keys;
	struct kube_cursor item;
	str primary; /* the key an item must have; empty: a list of scalars */
};
/* The value that tells item apart; NULL: it lacks its key. */
const struct node *item_identity(const struct list_of *l, const struct node *item);
void items_index(struct merge *m, const struct list_of *l, const struct node *list, struct map *out);
/* The index in list, of which index was made, of the item that is `item`; -1: none. */
int64_t items_lookup(struct merge *m, const struct list_of *l, const struct map *index, const struct node *list, const struct node *item);
struct node *items_in_order(struct merge *m, const struct list_of *l, struct node *merged, const struct node *order, const struct node *server);

/* Text that is equal for equal values: numbers by value, keys sorted. */
str value_key(struct arena *a, const struct node *n);

#endif
