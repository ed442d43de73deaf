/* SPDX-License-Identifier: MIT */
/* Two streams of objects: who is whose counterpart, and what became of them. */
#include <string.h>

#include "diff/drift.h"

const struct option diff_option_table[] = {
	{ .name = "generic", .type = OPT_FLAG, .offset = offsetof(struct diff_options, generic), .help = "compare any two documents; every field counts" },
	{ .name = "fields", .type = OPT_CHOICE, .offset = offsetof(struct diff_options, fields), .arg = "owned|all", .choices = "owned|all",
	  .help = "which fields of live objects count (default: owned)" },
	{ .name = "ignore", .type = OPT_LIST, .offset = offsetof(struct diff_options, ignore), .arg = "FILE",
	  .help = "rules for drift that is none: kind, name, namespace, pointer or jq, manager, reason, expires" },
	{ .name = "baseline", .type = OPT_LIST, .offset = offsetof(struct diff_options, baseline), .arg = "FILE",
	  .help = "accepted drift, or a JSON report of an earlier run" },
	{ .name = "last-applied", .type = OPT_STRING, .offset = offsetof(struct diff_options, last_applied), .arg = "FILE",
	  .help = "objects as they were applied last: what has gone from them since is drift" },
	{ .name = "manager", .type = OPT_LIST, .offset = offsetof(struct diff_options, managers), .arg = "NAME",
	  .help = "field manager whose fields are ours (default: infraflux, or who applied most)" },
	{ .name = "impact", .type = OPT_FLAG, .offset = offsetof(struct diff_options, impact),
	  .help = "tell what it would do to apply it: refused, loss, restart, scale, traffic, access" },
	{ .name = "prune", .type = OPT_FLAG, .offset = offsetof(struct diff_options, prune),
	  .help = "live objects that carry our label and are not desired are drift" },
	{ .name = "label", .type = OPT_STRING, .offset = offsetof(struct diff_options, label), .arg = "KEY[=VALUE]",
	  .help = "our label, for --prune (default: app.kubernetes.io/managed-by=infraflux); * is any object" },
	{ .name = "namespace", .letter = 'n', .type = OPT_STRING, .offset = offsetof(struct diff_options, ns), .arg = "NAME",
	  .help = "namespace of desired objects that name none" },
	{ .name = "allow-empty", .type = OPT_FLAG, .offset = offsetof(struct diff_options, allow_empty), .help = "no desired object is no trouble" },
	{ .name = "kubernetes", .type = OPT_STRING, .offset = offsetof(struct diff_options, kubernetes), .arg = "VERSION",
	  .help = "API schemas of this version (default: the newest)" },
	{ .name = "crds", .type = OPT_LIST, .offset = offsetof(struct diff_options, crds), .arg = "PATH",
	  .help = "CustomResourceDefinitions, a file or a folder of them: types and list keys of custom kinds" },
	{ .name = "origins", .type = OPT_STRING, .offset = offsetof(struct diff_options, origins), .arg = "FILE",
	  .help = "where the desired objects were written, from config-merge or render" },
	{ .name = "state", .type = OPT_STRING, .offset = offsetof(struct diff_options, state), .arg = "FILE",
	  .help = "remember in FILE since when there is drift, and tell it" },
	{ .name = NULL },
};

static str joined(struct arena *a, const str *parts, size_t n)
{
	struct buf b = BUF(a);

	for (size_t i = 0; i < n; i++) {
		buf_add(&b, parts[i]);
		buf_char(&b, '\n');
	}
	return buf_str(&b);
}

static str id_key(struct arena *a, const struct kube_id *id)
{
	return joined(a, (const str[]){ id->group, id->kind, id->ns, id->name }, 4);
}

static str name_key(struct arena *a, const struct kube_id *id)
{
	return joined(a, (const str[]){ id->group, id->kind, id->name }, 3);
}

static struct kube_id id_copy(struct arena *a, const struct kube_id *id)
{
	return (struct kube_id){ str_copy(a, id->group), str_copy(a, id->version), str_copy(a, id->kind), str_copy(a, id->ns), str_copy(a, id->name) };
}

struct diff_object *drift_object(struct drift *r, const struct kube_id *id, enum diff_verdict verdict)
{
	struct diff_object *x = NEW(r->a, struct diff_object);

	x->id = id_copy(r->a, id);
	x->label = kube_id_text(r->a, &x->id);
	x->verdict = verdict;
	*VEC_ADD(r->a, &r->x->objects) = x;
	return x;
}

static int identify(struct drift *r, const struct node *n, struct kube_id *id)
{
	const char *why;

	if (kube_identify(n, id, &why)) {
		bool known, namespaced = kube_is_namespaced(id, &known);
		if (known && !namespaced)
			id->ns = S("");
		return 0;
	}
	return diag_trouble(r->d, node_pos(n), "object", "this %s; objects of Kubernetes have both apiVersion and kind; --generic compares any documents", why);
}

/* ---- desired ---------------------------------------------------------------------- */

static int take_desired(void *ctx, struct node *n)
{
	struct drift *r = ctx;
	struct kube_id id;
	bool known;

	if (identify(r, n, &id))
		return -1;
	if (!id.ns.n && r->o->ns && (kube_is_namespaced(&id, &known) || !known))
		id.ns = str_of(r->o->ns);
	void **slot = map_at(r->a, &r->by_id, id_key(r->a, &id));
	if (*slot) {
		const struct pos first = ((struct known_object *)*slot)->object->pos;
		struct finding f = { .severity = SEV_ERROR, .rule = "duplicate-object", .pos = node_pos(n) };
		f.message = str_printf(r->a, "%.*s is desired twice; the first is at %s:%u", STR_ARG(kube_id_text(r->a, &id)), first.file ? first.file : "-",
				       (unsigned)first.line);
		kube_finding_id(&f, n, &id);
		diag_finding(r->d, &f);
		return 0;
	}
	struct known_object *k = NEW(r->a, struct known_object);
	k->object = drift_object(r, &id, DIFF_ADDED);
	k->object->pos = node_pos(n);
	k->object->desired = drift_is_secret(&id) ? secret_normal(r->a, n) : n;
	k->last = map_get(&r->last, id_key(r->a, &id));
	*slot = k;
	void **by_name = map_at(r->a, &r->by_name, name_key(r->a, &id));
	*by_name = k; /* of several, those with a namespace are found by it */
	if (str_eq(id.kind, S("CustomResourceDefinition")))
		return kube_schemas_add_crd(r->schemas, n, NULL);
	return 0;
}

static int take_last(void *ctx, struct node *n)
{
	struct drift *r = ctx;
	struct kube_id id;

	if (identify(r, n, &id))
		return -1;
	*map_at(r->a, &r->last, id_key(r->a, &id)) = drift_is_secret(&id) ? secret_normal(r->a, n) : n;
	return 0;
}

/* Workloads that an autoscaler among the desired objects drives. */
static void find_scaled(struct drift *r)
{
	for (size_t i = 0; i < r->x->objects.n; i++) {
		const struct diff_object *hpa = r->x->objects.p[i];
		const struct node *target = node_get(node_get(hpa->desired, S("spec")), S("scaleTargetRef"));
		if (!str_eq(hpa->id.kind, S("HorizontalPodAutoscaler")) || !target)
			continue;
		for (size_t k = 0; k < r->by_id.n; k++) {
			struct known_object *o = r->by_id.items[k].value;
			const struct diff_object *x = o->object;
			if (str_eq(x->id.kind, node_get_str(target, S("kind"))) && str_eq(x->id.name, node_get_str(target, S("name"))) &&
			    str_eq(x->id.ns, hpa->id.ns))
				o->scaled = node_get(node_get(x->desired, S("spec")), S("replicas"));
		}
	}
}

/* Every object of a file. */
static int read_all(struct drift *r, const char *path, struct arena *a, const struct read_options *o, bool fresh,
		    int (*take)(void *ctx, struct node *n))
{
	struct reader *reader = reader_open(r->a, r->d, o, path);
	struct node *n;
	int got = -1;

	while (reader && (got = reader_next(reader, a, &n)) == 1) {
		if (!(n->flags & NODE_EMPTY) && kube_flatten(a, n, take, r)) {
			got = -1;
			break;
		}
		if (fresh)
			arena_reset(a);
	}
	if (reader)
		reader_close(reader);
	return got;
}

/* ---- live -------------------------------------------------------------------------- */

static bool carries_label(const struct drift *r, const struct node *n)
{
	str label = r->o->label ? str_of(r->o->label) : S("app.kubernetes.io/managed-by=infraflux");
	if (str_eq(label, S("*")))
		return true;
	ptrdiff_t eq = str_chr(label, '=');
	const struct node *v = node_get(node_get(node_get(n, S("metadata")), S("labels")), eq < 0 ? label : str_sub(label, 0, (size_t)eq));

	return v && (eq < 0 || str_eq(node_str(v), str_sub(label, (size_t)eq + 1, label.n)));
}

/* The desired object that n is.  Without a namespace on one side it must be the only one of its name. */
static struct known_object *counterpart(struct drift *r, const struct kube_id *id)
{
	struct known_object *k = map_get(&r->by_id, id_key(&r->scratch, id));
	struct kube_id bare = *id;
	bool known;

	if (k)
		return k;
	bare.ns = S("");
	if (id->ns.n && (k = map_get(&r->by_id, id_key(&r->scratch, &bare))))
		return k;
	k = map_get(&r->by_name, name_key(&r->scratch, id));
	kube_is_namespaced(id, &known);
	return k && !id->ns.n && !known ? k : NULL; /* a custom kind that is cluster-scoped after all */
}

/* The object as it was applied last: told by --last-applied, or by the annotation that kubectl leaves. */
static struct node *last_of(struct drift *r, const struct known_object *k, const struct node *live)
{
	const struct node *text = node_get(node_get(node_get(live, S("metadata")), S("annotations")), S("kubectl.kubernetes.io/last-applied-configuration"));
	const struct read_options json = { .input = FORMAT_JSON };
	struct diag quiet;
	struct node *n;

	if (k->last || r->o->last_applied || !node_is(text, NODE_STRING))
		return k->last;
	/* a broken annotation is none: what is said of it is not passed on */
	diag_fork(&quiet, r->d, &r->scratch);
	if (read_text(&r->scratch, &quiet, &json, "last-applied-configuration", node_text(text), &n))
		return NULL;
	return drift_is_secret(&k->object->id) ? secret_normal(&r->scratch, n) : n;
}

bool drift_is_secret(const struct kube_id *id)
{
	return str_eq(id->kind, S("Secret")) && !id->group.n;
}

int drift_compare(struct drift *r, struct known_object *k, struct node *live)
{
	struct diff_object *x = k->object;
	struct node *desired = x->desired, *meta = node_get(live, S("metadata"));
	struct marks marks = { .a = &r->scratch };
	bool known;

	kube_is_namespaced(&x->id, &known);
	if (drift_is_secret(&x->id))
		live = secret_normal(&r->scratch, live);
	if (ignore_mark(r->ignore, &r->scratch, &x->id, desired, live, &marks))
		return -1;
	if (k->scaled) {
		struct node **key = arena_raw(&r->scratch, sizeof(*key));
		*key = k->scaled;
		*map_at(&r->scratch, &marks.set, (str){ (const char *)key, sizeof(*key) }) = k->scaled;
	}
	struct compare c = {
		.a = r->a, .scratch = &r->scratch, .d = r->d, .o = r->o, .id = x->id, .builtin = known, .secret = drift_is_secret(&x->id),
		.masks = r->x->masks, .ignore = r->ignore, .out = x, .ignored = &marks,
		.managed = node_get(meta, S("managedFields")), .segments = r->segments, .keys = r->keys,
	};
	const struct node *ours = r->o->generic ? NULL : owners_ours(r->o, &r->scratch, c.managed, desired);
	compare_object(&c, kube_cursor(r->schemas, &x->id), desired, live, r->o->generic ? NULL : last_of(r, k, live), ours);
	x->matched = true;
	x->verdict = x->n ? DIFF_CHANGED : DIFF_UNCHANGED;
	return 0;
}

/* A copy of a live object for the reports, without what the server keeps. */
struct node *drift_shown(struct drift *r, const struct kube_id *id, struct node *n)
{
	struct node *copy = node_copy(r->a, n), *meta = node_get(copy, S("metadata")), *data = node_get(copy, S("data"));
	static const char *const kept[] = { "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink", "managedFields" };

	if (r->o->generic)
		return copy;
	for (size_t i = 0; meta && i < COUNT(kept); i++)
		node_remove(meta, str_of(kept[i]));
	struct node *notes = node_get(meta, S("annotations"));
	if (notes)
		node_remove(notes, S("kubectl.kubernetes.io/last-applied-configuration"));
	node_remove(copy, S("status"));
	if (drift_is_secret(id) && data)
		node_put(r->a, copy, S("data"), (struct node *)(uintptr_t)mask(r->x->masks, r->a, data));
	return copy;
}

static int match_live(struct drift *r, struct node *n)
{
	struct kube_id id;

	if (identify(r, n, &id))
		return -1;
	void **seen = map_at(r->a, &r->live_seen, id_key(r->a, &id));
	if (*seen) {
		struct finding f = { .severity = SEV_ERROR, .rule = "duplicate-object", .pos = node_pos(n) };
		f.message = str_printf(r->a, "%.*s is in the live objects twice", STR_ARG(kube_id_text(r->a, &id)));
		kube_finding_id(&f, n, &id);
		diag_finding(r->d, &f);
		return 0;
	}
	*seen = r;
	struct known_object *k = counterpart(r, &id);
	if (!k) {
		if (r->o->prune && carries_label(r, n)) {
			struct diff_object *x = drift_object(r, &id, DIFF_REMOVED);
			x->live = drift_shown(r, &id, n);
			x->pos = (struct pos){ .file = str_dup(r->a, str_of(node_pos(n).file)), .line = n->line, .col = n->col };
		}
		return 0;
	}
	if (k->object->matched) {
		diag_at(r->d, SEV_WARNING, node_pos(n), "ambiguous-namespace",
			"%.*s fits the desired %.*s, too, which names no namespace; give it one with --namespace",
			STR_ARG(kube_id_text(&r->scratch, &id)), STR_ARG(k->object->label));
		return 0;
	}
	return drift_compare(r, k, n);
}

static int take_live(void *ctx, struct node *n)
{
	struct drift *r = ctx;
	struct arena_mark before = arena_mark(&r->scratch);
	int bad = match_live(r, n);

	arena_rewind(&r->scratch, before);
	return bad;
}

/* ---- the whole --------------------------------------------------------------------------- */

static void finish(struct drift *r)
{
	for (size_t i = 0; i < r->x->objects.n; i++) {
		struct diff_object *x = r->x->objects.p[i];
		if (x->verdict != DIFF_UNCHANGED && x->verdict != DIFF_CHANGED && ignore_accepts(r->ignore, x, NULL))
			x->verdict = DIFF_UNCHANGED;
		r->x->count[x->verdict]++;
	}
	diff_findings(r->x);
	ignore_end(r->ignore, r->d);
}

static int prepare(struct drift *r)
{
	const struct read_options plain = { 0 };

	r->segments = NEW_ARRAY(r->a, struct segment, DOC_MAX_DEPTH + 8);
	r->keys = NEW_ARRAY(r->a, str, 2 * DOC_MAX_DEPTH + 16);
	r->x->masks = masks_new(r->a);
	r->ignore = ignore_read(r->a, r->d, r->o);
	if (!r->ignore)
		return -1;
	if (r->o->generic)
		return 0;
	r->schemas = kube_schemas_open(r->a, r->d, r->o->kubernetes);
	if (!r->schemas)
		return -1;
	for (size_t i = 0; i < r->o->crds.n; i++)
		if (kube_schemas_add_crds(r->schemas, r->a, r->d, r->o->read.yaml, r->o->crds.p[i]))
			return -1;
	return r->o->last_applied ? read_all(r, r->o->last_applied, r->a, &plain, false, take_last) : 0;
}

static int run(struct drift *r, const char *desired, const char *live)
{
	struct read_options of_desired = r->o->read;

	if (prepare(r))
		return -1;
	if (r->o->origins && !(r->origins = origins_read(r->a, r->d, r->o->origins)))
		return -1;
	of_desired.origins = r->origins;
	if (r->o->generic) {
		if (drift_generic(r, desired, live))
			return -1;
		finish(r);
		return 0;
	}
	if (read_all(r, desired, r->a, &of_desired, false, take_desired))
		return -1;
	if (!r->by_id.n && !r->o->allow_empty)
		return diag_trouble(r->d, IN_FILE(file_label(desired)), "empty", "no object is desired, which would mean that all is unwanted; --allow-empty if so");
	find_scaled(r);
	if (read_all(r, live, &r->scratch, &r->o->read, true, take_live))
		return -1;
	finish(r);
	return 0;
}

int diff_run(struct diff *x, struct arena *a, struct diag *d, const struct diff_options *o, const char *desired, const char *live)
{
	struct drift r = { .x = x, .a = a, .d = d, .o = o };

	*x = (struct diff){ .a = a, .d = d, .o = o };
	int bad = run(&r, desired, live);
	if (r.schemas)
		kube_schemas_close(r.schemas);
	origins_free(r.origins);
	arena_free(&r.scratch);
	return bad;
}
