/* SPDX-License-Identifier: MIT */
/* Cuts the output of templates into manifests and sorts them as Helm installs them. */
#include <stdlib.h>
#include <string.h>

#include "chart/internal.h"

static const char *const install_order[] = {
	"PriorityClass", "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget",
	"ServiceAccount", "Secret", "SecretList", "ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim",
	"CustomResourceDefinition", "ClusterRole", "ClusterRoleList", "ClusterRoleBinding", "ClusterRoleBindingList", "Role", "RoleList",
	"RoleBinding", "RoleBindingList", "Service", "DaemonSet", "Pod", "ReplicationController", "ReplicaSet", "Deployment",
	"HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob", "IngressClass", "Ingress", "APIService",
};
static const char *const hook_events[] = {
	"pre-install", "post-install", "pre-delete", "post-delete", "pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback",
	"test", "test-success",
};

static bool is_blank(char c)
{
	return memchr(" \t\n\f\r", c, 5) != NULL;
}

/* Offset of the next separator at or behind i: a line that begins with ---; its end in *after. */
static size_t next_separator(str s, size_t i, bool at_start, size_t *after)
{
	bool first = i == 0 && at_start;

	for (size_t k = i; k + 3 <= s.n; first = false) {
		const char *newline = first ? NULL : memchr(s.p + k, '\n', s.n - k);
		if (!first && !newline)
			break;
		if (newline)
			k = (size_t)(newline + 1 - s.p);
		if (k + 3 > s.n || memcmp(s.p + k, "---", 3) != 0)
			continue;
		size_t from = k, end = k + 3;
		while (from > i && is_blank(s.p[from - 1]))
			from--;
		while (end < s.n && is_blank(s.p[end]))
			end++;
		*after = end;
		return from;
	}
	*after = s.n;
	return s.n;
}

static void manifests_each(str text, void (*visit)(void *ctx, str piece), void *ctx)
{
	str s = str_trim(text);
	size_t i = 0, after;

	for (bool last = false; !last; i = after) {
		size_t end = next_separator(s, i, i == 0, &after);
		last = end == s.n;
		if (end > i)
			visit(ctx, str_trim(str_sub(s, i, end)));
	}
}

/* ---- heads ------------------------------------------------------------------------------ */
struct splitting {
	struct arena *a;
	struct diag *diag;
	str source, text;
	const char *name; /* the source */
	const struct tmpl_lines *lines;
	struct pieces *out;
	int bad;
};

/* The template line that wrote the byte at offset of the output. */
static struct pos line_at(const struct tmpl_lines *l, size_t offset)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (l->p[mid].offset <= offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? l->p[lo - 1].pos : NOWHERE;
}

/* Where the last value between two offsets was set. */
static struct pos value_at(const struct tmpl_lines *l, size_t from, size_t to)
{
	struct pos value = NOWHERE;
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (l->p[mid].offset < from)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < l->n && l->p[lo].offset < to; lo++)
		if (l->p[lo].value.file)
			value = l->p[lo].value;
	return value;
}

void manifest_lines(struct arena *a, struct manifest *m)
{
	size_t n = 1, base = m->offset;

	if (m->lines)
		return;
	for (size_t i = 0; i < m->text.n; i++)
		n += m->text.p[i] == '\n';
	m->lines = NEW_ARRAY(a, struct pos, n);
	m->values = NEW_ARRAY(a, struct pos, n);
	m->nlines = n;
	for (size_t i = 0, line = 0; line < n; line++) {
		size_t at = i;
		while (at < m->text.n && (m->text.p[at] == ' ' || m->text.p[at] == '\t'))
			at++;
		m->lines[line] = line_at(m->marks, base + at);
		size_t from = i;
		while (i < m->text.n && m->text.p[i] != '\n')
			i++;
		m->values[line] = value_at(m->marks, base + from, base + i + 1);
		i++;
	}
}

static str scalar_text(const struct node *n)
{
	return n && n->kind != NODE_NULL && n->kind != NODE_MAP && n->kind != NODE_SEQ ? node_text(n) : S("");
}

/* Helm: what is annotated as a hook is one; with an event nobody knows it is nothing at all. */
static bool read_hook(struct splitting *s, struct piece *p, const struct node *head)
{
	const struct node *note = node_get(node_get(node_get(head, S("metadata")), S("annotations")), S("helm.sh/hook"));
	str list = scalar_text(note);

	if (!note)
		return true;
	p->hook = true;
	for (bool more = true; more;) {
		ptrdiff_t comma = str_chr(list, ',');
		str event = str_trim(comma < 0 ? list : str_sub(list, 0, (size_t)comma));
		size_t i = 0;
		char *low = str_dup(s->a, event);
		for (char *c = low; *c; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c |= 32;
		while (i < COUNT(hook_events) && strcmp(low, hook_events[i]) != 0)
			i++;
		if (i == COUNT(hook_events)) {
			manifest_lines(s->a, &p->m);
			diag_at(s->diag, SEV_WARNING, p->m.lines[0], "hook", "left out: \"%.*s\" is no hook that Helm knows", STR_ARG(event));
			return false;
		}
		p->test |= i >= COUNT(hook_events) - 2;
		more = comma >= 0;
		list = more ? str_sub(list, (size_t)comma + 1, list.n) : list;
	}
	return true;
}

/* Says of what the reader found where the template made it. */
static int blame(struct splitting *s, struct diag *held, struct manifest *m)
{
	manifest_lines(s->a, m);
	for (struct finding *f = diag_held_at(held, 0); f; f = diag_held_next(f)) {
		if (f->pos.line == 0 || f->pos.line > m->nlines)
			continue;
		struct pos made = m->lines[f->pos.line - 1];
		str line = m->text;
		for (uint32_t k = 1; k < f->pos.line; k++)
			line = str_sub(line, (size_t)str_chr(line, '\n') + 1, line.n);
		ptrdiff_t end = str_chr(line, '\n');
		line = str_trim(end < 0 ? line : str_sub(line, 0, (size_t)end));
		f->message = str_printf(s->a, "%.*s; this line of the template made \"%.*s%s\", line %u of a manifest of %.*s", STR_ARG(f->message),
		    (int)(line.n > 80 ? 80 : line.n), line.p, line.n > 80 ? "…" : "", f->pos.line, STR_ARG(s->source));
		if (made.file)
			f->pos = made;
	}
	diag_join(s->diag, held);
	return -1;
}

static int read_piece(struct splitting *s, struct manifest *m, struct node **out)
{
	const struct read_options o = { .input = FORMAT_YAML, .duplicates = 1 };
	size_t end = m->offset + m->text.n;
	struct diag held;
	str text = m->text;

	text.n += end < s->text.n && s->text.p[end] == '\n'; /* a whole last line is read faster */
	diag_fork(&held, s->diag, s->a);
	if (read_text(s->a, &held, &o, s->name, text, out) < 0 || held.held)
		blame(s, &held, m);
	return held.troubles ? -1 : 0;
}

static void visit(void *ctx, str text)
{
	struct splitting *s = ctx;
	struct piece p = { .m = { .source = s->source, .text = text, .marks = s->lines, .offset = (size_t)(text.p - s->text.p) } };
	struct node *head;

	if (s->bad)
		return;
	if (read_piece(s, &p.m, &head) < 0) {
		s->bad = -1;
		return;
	}
	p.kind = scalar_text(node_get(head, S("kind")));
	p.order = s->out->n;
	if (read_hook(s, &p, head))
		*VEC_ADD(s->a, s->out) = p;
}

int manifests_split(struct arena *a, struct diag *d, str source, str text, const struct tmpl_lines *lines, struct pieces *out)
{
	struct splitting s = { .a = a, .diag = d, .source = source, .name = str_dup(a, source), .text = text, .lines = lines, .out = out };

	manifests_each(text, visit, &s);
	return s.bad;
}

/* ---- order --------------------------------------------------------------------------------- */
static size_t rank(str kind)
{
	size_t i = 0;

	while (i < COUNT(install_order) && !str_eq(kind, str_of(install_order[i])))
		i++;
	return i;
}

static int compare(const void *x, const void *y)
{
	const struct piece *a = x, *b = y;
	size_t ra = rank(a->kind), rb = rank(b->kind);
	int names;

	if (a->hook != b->hook)
		return a->hook - b->hook;
	if (ra != rb)
		return ra < rb ? -1 : 1;
	if (ra == COUNT(install_order) && (names = str_cmp(a->kind, b->kind)) != 0)
		return names;
	return a->order < b->order ? -1 : a->order > b->order;
}

void manifests_sort(struct pieces *p)
{
	if (p->n)
		qsort(p->p, p->n, sizeof *p->p, compare);
}
