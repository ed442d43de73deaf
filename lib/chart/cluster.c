/* SPDX-License-Identifier: MIT */
/* What templates may ask of a cluster: its version, its APIs, and the objects that lookup finds. */
#include <stdlib.h>
#include <string.h>

#include "chart/internal.h"
#include "kube/kube.h"

#define HELM_VERSION "v3.22.0" /* whose behaviour this is */

/* What Helm takes a cluster to serve when it has none to ask. */
static const char *const known_apis[] = {
	"v1", "admissionregistration.k8s.io/v1", "admissionregistration.k8s.io/v1alpha1", "admissionregistration.k8s.io/v1beta1",
	"internal.apiserver.k8s.io/v1alpha1", "apps/v1", "apps/v1beta1", "apps/v1beta2", "authentication.k8s.io/v1",
	"authentication.k8s.io/v1alpha1", "authentication.k8s.io/v1beta1", "authorization.k8s.io/v1", "authorization.k8s.io/v1beta1",
	"autoscaling/v1", "autoscaling/v2", "batch/v1", "batch/v1beta1", "certificates.k8s.io/v1", "certificates.k8s.io/v1beta1",
	"certificates.k8s.io/v1alpha1", "coordination.k8s.io/v1alpha2", "coordination.k8s.io/v1beta1", "coordination.k8s.io/v1",
	"discovery.k8s.io/v1", "discovery.k8s.io/v1beta1", "events.k8s.io/v1", "events.k8s.io/v1beta1", "extensions/v1beta1",
	"flowcontrol.apiserver.k8s.io/v1", "flowcontrol.apiserver.k8s.io/v1beta1", "flowcontrol.apiserver.k8s.io/v1beta2",
	"flowcontrol.apiserver.k8s.io/v1beta3", "lifecycle.k8s.io/v1alpha1", "networking.k8s.io/v1", "networking.k8s.io/v1beta1",
	"node.k8s.io/v1", "node.k8s.io/v1alpha1", "node.k8s.io/v1beta1", "policy/v1", "policy/v1beta1", "rbac.authorization.k8s.io/v1",
	"rbac.authorization.k8s.io/v1beta1", "rbac.authorization.k8s.io/v1alpha1", "resource.k8s.io/v1", "resource.k8s.io/v1beta2",
	"resource.k8s.io/v1beta1", "resource.k8s.io/v1alpha3", "scheduling.k8s.io/v1alpha3", "scheduling.k8s.io/v1beta1",
	"scheduling.k8s.io/v1", "storage.k8s.io/v1beta1", "storage.k8s.io/v1", "storage.k8s.io/v1alpha1", "storagemigration.k8s.io/v1",
	"storagemigration.k8s.io/v1beta1", "apiextensions.k8s.io/v1beta1", "apiextensions.k8s.io/v1",
};

/* ---- .Capabilities -------------------------------------------------------------------- */
struct caps {
	str version, major, minor;
	struct val apis;
};
enum caps_part { CAPS_ALL, CAPS_KUBE, CAPS_HELM, CAPS_APIS };
struct part {
	struct caps *caps;
	enum caps_part which;
};
static struct val part_object(struct arena *a, struct caps *caps, enum caps_part which);

static bool has_api(struct arena *a, const struct caps *k, str want)
{
	for (size_t i = 0; i < vlist_count(k->apis.list); i++)
		if (str_eq(val_text(vlist_at(a, k->apis.list, i)), want))
			return true;
	return false;
}

static int kube_get(const struct caps *k, str name, struct val *out)
{
	bool version = str_eq(name, S("Version")) || str_eq(name, S("GitVersion")) || str_eq(name, S("String"));

	if (!version && !str_eq(name, S("Major")) && !str_eq(name, S("Minor")))
		return 0;
	*out = val_str(version ? k->version : str_eq(name, S("Major")) ? k->major : k->minor);
	return 1;
}

static int helm_get(str name, struct val *out)
{
	if (str_eq(name, S("Version")))
		*out = val_str(S(HELM_VERSION));
	else if (str_eq(name, S("GitTreeState")))
		*out = val_str(S("clean"));
	else if (str_eq(name, S("GitCommit")) || str_eq(name, S("GoVersion")))
		*out = val_str(S(""));
	else
		return 0;
	return 1;
}

static int part_get(struct tmpl_call *c, void *self, str name, const struct val *args, size_t n, struct val *out)
{
	struct part *p = self;

	switch (p->which) {
	case CAPS_KUBE:
		return kube_get(p->caps, name, out);
	case CAPS_HELM:
		return helm_get(name, out);
	case CAPS_APIS:
		if (!str_eq(name, S("Has")))
			return 0;
		if (n != 1 || args[0].kind != VAL_STRING)
			return tmpl_error(c, "wants one string: .Capabilities.APIVersions.Has \"apps/v1\"");
		*out = val_bool(has_api(c->a, p->caps, val_text(args[0])));
		return 1;
	case CAPS_ALL:
		break;
	}
	if (str_eq(name, S("KubeVersion")))
		*out = part_object(c->a, p->caps, CAPS_KUBE);
	else if (str_eq(name, S("APIVersions")))
		*out = part_object(c->a, p->caps, CAPS_APIS);
	else if (str_eq(name, S("HelmVersion")))
		*out = part_object(c->a, p->caps, CAPS_HELM);
	else
		return 0;
	return 1;
}

static struct val part_plain(struct arena *a, void *self)
{
	struct part *p = self;
	struct val map = val_map(a);

	switch (p->which) {
	case CAPS_APIS:
		return p->caps->apis;
	case CAPS_KUBE:
		vmap_put(a, map.map, S("Version"), val_str(p->caps->version));
		vmap_put(a, map.map, S("Major"), val_str(p->caps->major));
		vmap_put(a, map.map, S("Minor"), val_str(p->caps->minor));
		break;
	case CAPS_HELM:
		vmap_put(a, map.map, S("version"), val_str(S(HELM_VERSION)));
		vmap_put(a, map.map, S("git_tree_state"), val_str(S("clean")));
		break;
	case CAPS_ALL:
		vmap_put(a, map.map, S("KubeVersion"), part_object(a, p->caps, CAPS_KUBE));
		vmap_put(a, map.map, S("APIVersions"), part_object(a, p->caps, CAPS_APIS));
		vmap_put(a, map.map, S("HelmVersion"), part_object(a, p->caps, CAPS_HELM));
	}
	return map;
}

static void part_text(struct arena *a, void *self, struct buf *out)
{
	struct part *p = self;

	if (p->which == CAPS_KUBE)
		buf_add(out, p->caps->version);
	else
		val_print(a, out, part_plain(a, self));
}

static const struct vclass part_classes[] = {
	[CAPS_ALL] = { "*chartutil.Capabilities", "ptr", part_get, part_plain, part_text },
	[CAPS_KUBE] = { "chartutil.KubeVersion", "struct", part_get, part_plain, part_text },
	[CAPS_HELM] = { "version.BuildInfo", "struct", part_get, part_plain, part_text },
	[CAPS_APIS] = { "chartutil.VersionSet", "slice", part_get, part_plain, part_text },
};

static struct val part_object(struct arena *a, struct caps *caps, enum caps_part which)
{
	struct part *p = NEW(a, struct part);

	*p = (struct part){ caps, which };
	return val_object(a, &part_classes[which], p);
}

str kube_version_normal(struct arena *a, str s)
{
	struct buf b = BUF(a);
	size_t parts = 0, i = str_starts(s, S("v")) ? 1 : 0;

	buf_char(&b, 'v');
	while (i < s.n) {
		size_t from = i;
		while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
			i++;
		if (i == from || (i - from > 1 && s.p[from] == '0'))
			return S("");
		if (parts++)
			buf_char(&b, '.');
		buf_add(&b, str_sub(s, from, i));
		if (i >= s.n || s.p[i] != '.' || (parts >= 3 && i + 1 >= s.n))
			break;
		i++;
	}
	if (parts < 2)
		return S("");
	if (parts == 2)
		buf_add(&b, S(".0"));
	return buf_str(&b);
}

struct val capabilities_object(struct arena *a, const struct release *r, str version)
{
	struct caps *k = NEW(a, struct caps);
	ptrdiff_t dot = str_chr(version, '.');
	str rest = str_sub(version, (size_t)dot + 1, version.n);

	k->version = version;
	k->major = str_sub(version, 1, (size_t)dot);
	k->minor = str_sub(rest, 0, (size_t)str_chr(rest, '.'));
	k->apis = val_list(a);
	for (size_t i = 0; i < COUNT(known_apis); i++)
		vlist_push(a, k->apis.list, val_str(str_of(known_apis[i])));
	for (size_t i = 0; i < r->api_versions.n; i++)
		for (str s = str_of(r->api_versions.p[i]); s.n;) {
			ptrdiff_t comma = str_chr(s, ',');
			vlist_push(a, k->apis.list, val_str(comma < 0 ? s : str_sub(s, 0, (size_t)comma)));
			s = comma < 0 ? S("") : str_sub(s, (size_t)comma + 1, s.n);
		}
	return part_object(a, k, CAPS_ALL);
}

/* ---- lookup -------------------------------------------------------------------------------- */
/* lookup APIVERSION KIND NAMESPACE NAME: an object, a list without NAME, or an empty map. */
static int lookup(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	const struct release *r = c->x->ctx;
	str version = val_text(args[0]), kind = val_text(args[1]), ns = val_text(args[2]), name = val_text(args[3]);
	struct node *items = node_new(c->a, NODE_SEQ);

	(void)n;
	*out = val_map(c->a);
	for (size_t i = 0; r->live && i < r->live->n; i++) {
		struct node *o = r->live->items[i], *meta = node_get(o, S("metadata"));
		if (!str_eq(node_get_str(o, S("apiVersion")), version) || !str_eq(node_get_str(o, S("kind")), kind))
			continue;
		str its = node_get_str(meta, S("namespace"));
		if (ns.n && its.n && !str_eq(its, ns))
			continue;
		if (name.n == 0) {
			node_push(c->a, items, o);
		} else if (str_eq(node_get_str(meta, S("name")), name)) {
			*out = val_of_node_int(c->a, o);
			return 0;
		}
	}
	if (name.n || !r->live)
		return 0;
	struct node *list = node_new(c->a, NODE_MAP);
	node_put(c->a, list, S("apiVersion"), node_string(c->a, version));
	node_put(c->a, list, S("kind"), node_string(c->a, str_printf(c->a, "%.*sList", STR_ARG(kind))));
	node_put(c->a, list, S("items"), items);
	*out = val_of_node_int(c->a, list);
	return 0;
}

const struct tmpl_func chart_functions[] = {
	{ "lookup", "ssss", lookup },
	{ 0 },
};
