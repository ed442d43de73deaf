/* SPDX-License-Identifier: MIT */
/* Option tables: parsing, --help, completions. */
#include "base/internal.h"

#include <stdio.h>
#include <string.h>

static const struct option *find(const struct option_group *groups, str name, char letter, void **target)
{
	for (const struct option_group *g = groups; g->options; g++)
		for (const struct option *o = g->options; o->name; o++)
			if (letter ? o->letter == letter : str_eq(str_of(o->name), name)) {
				*target = g->target;
				return o;
			}
	return NULL;
}

static int unknown(struct run *r, const struct option_group *groups, const char *arg, str name)
{
	str names[128];
	size_t n = 0;

	for (const struct option_group *g = groups; g->options; g++)
		for (const struct option *o = g->options; o->name && n < COUNT(names); o++)
			names[n++] = str_of(o->name);
	str near = name.n > 1 ? str_nearest(name, names, n) : (str){ "", 0 };
	if (near.n)
		return run_usage(r, "unknown option %s; did you mean --%.*s?", arg, STR_ARG(near));
	return run_usage(r, "unknown option %s", arg);
}

static int choose(const char *choices, const char *value)
{
	size_t n = strlen(value);
	int index = 0;

	for (const char *p = choices;; index++) {
		const char *bar = strchr(p, '|');
		size_t len = bar ? (size_t)(bar - p) : strlen(p);
		if (len == n && memcmp(p, value, n) == 0)
			return index;
		if (!bar)
			return -1;
		p = bar + 1;
	}
}

static int apply(struct run *r, const struct option *o, void *target, const char *value)
{
	char *field = (char *)target + o->offset;
	const char *wrong;

	switch (o->type) {
	case OPT_FLAG:
		*(bool *)field = true;
		return 0;
	case OPT_STRING:
		*(const char **)field = value ? value : "";
		return 0;
	case OPT_LIST: {
		struct strlist *l = (struct strlist *)field;
		*VEC_ADD(&r->perm, l) = value;
		return 0;
	}
	case OPT_NUMBER: {
		int64_t v;
		if (!str_to_i64(str_of(value), &v) || v < 0)
			return run_usage(r, "--%s wants a whole number, not \"%s\"", o->name, value);
		*(int64_t *)field = v;
		return 0;
	}
	case OPT_CHOICE: {
		int i = choose(o->choices, value);
		if (i < 0)
			return run_usage(r, "--%s is one of %s, not \"%s\"", o->name, o->choices, value);
		*(int *)field = i;
		return 0;
	}
	case OPT_CALL:
		wrong = o->call(target, o, value);
		return wrong ? run_usage(r, "--%s%s%s: %s", o->name, value ? "=" : "", value ? value : "", wrong) : 0;
	}
	return 0;
}

/* --name, --name=VALUE, --name VALUE; returns how many further arguments were used, or -1. */
static int parse_long(struct run *r, const struct option_group *groups, const char *arg, const char *next)
{
	str name = str_of(arg + 2);
	ptrdiff_t equals = str_chr(name, '=');
	const char *value = equals < 0 ? NULL : name.p + equals + 1;
	void *target;

	if (equals >= 0)
		name.n = (size_t)equals;
	const struct option *o = find(groups, name, 0, &target);
	if (!o)
		return unknown(r, groups, arg, name);
	if (!o->arg || o->optional) {
		if (value && !o->arg)
			return run_usage(r, "--%s takes no value", o->name);
		return apply(r, o, target, value);
	}
	if (value)
		return apply(r, o, target, value);
	if (!next)
		return run_usage(r, "--%s wants a value: --%s %s", o->name, o->name, o->arg);
	return apply(r, o, target, next) ? -1 : 1;
}

/* -abc, -nVALUE, -n VALUE */
static int parse_short(struct run *r, const struct option_group *groups, const char *arg, const char *next)
{
	for (const char *p = arg + 1; *p; p++) {
		void *target;
		const struct option *o = find(groups, (str){ "", 0 }, *p, &target);
		if (!o)
			return unknown(r, groups, arg, (str){ p, 1 });
		if (!o->arg || o->optional) {
			if (apply(r, o, target, NULL))
				return -1;
			continue;
		}
		const char *value = p[1] == '=' ? p + 2 : p[1] ? p + 1 : next;
		if (!value)
			return run_usage(r, "-%c wants a value: -%c %s", *p, *p, o->arg);
		return apply(r, o, target, value) ? -1 : !p[1];
	}
	return 0;
}

int options_parse(struct run *r, const struct option_group *groups, int argc, char **argv)
{
	bool only_args = false;

	r->args = NEW_ARRAY(&r->perm, char *, (size_t)argc + 1);
	for (int i = 1; i < argc; i++) {
		char *arg = argv[i];
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		if (only_args || arg[0] != '-' || !arg[1]) {
			r->args[r->nargs++] = arg;
		} else if (strcmp(arg, "--") == 0) {
			only_args = true;
		} else {
			int used = arg[1] == '-' ? parse_long(r, groups, arg, next) : parse_short(r, groups, arg, next);
			if (used < 0)
				return -1;
			i += used;
		}
	}
	return 0;
}

void options_help(struct out *o, const struct program *p, const struct option_group *groups)
{
	out_printf(o, "Usage: %s %s\n%s\n\n", p->name, p->synopsis, p->purpose);
	for (const struct option_group *g = groups; g->options; g++) {
		for (const struct option *opt = g->options; opt->name; opt++) {
			char left[96];
			const char *arg = opt->choices ? opt->choices : opt->arg;
			int n = opt->letter ? snprintf(left, sizeof left, "  -%c, --%s", opt->letter, opt->name)
					    : snprintf(left, sizeof left, "      --%s", opt->name);
			if (arg && n > 0 && (size_t)n < sizeof left)
				n += snprintf(left + n, sizeof left - (size_t)n, opt->optional ? "[=%s]" : "=%s", arg);
			if (n > 34)
				out_printf(o, "%s\n%36s%s\n", left, "", opt->help);
			else
				out_printf(o, "%-36s%s\n", left, opt->help);
		}
	}
	out_printf(o, "\nStatus: 0 fine; 1 findings at or above --fail-on; 2 trouble (usage, unreadable or\n"
		      "malformed input, failed write).\n%s%s", p->notes ? p->notes : "",
		   p->notes && !str_ends(str_of(p->notes), S("\n")) ? "\n" : "");
}

static void words(struct out *o, const char *choices)
{
	for (; *choices; choices++)
		out_char(o, *choices == '|' ? ' ' : *choices);
}

static void complete_bash(struct out *o, const struct program *p, const struct option_group *groups, const char *id)
{
	out_printf(o, "# bash completion for %s\n_%s() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		      "\tif [[ $cur == = ]]; then cur=; fi\n\tif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
		      "\tcase $prev in\n", p->name, id);
	for (const struct option_group *g = groups; g->options; g++)
		for (const struct option *opt = g->options; opt->name; opt++)
			if (opt->choices) {
				out_printf(o, "\t--%s) mapfile -t COMPREPLY < <(compgen -W '", opt->name);
				words(o, opt->choices);
				out_printf(o, "' -- \"$cur\"); return ;;\n");
			}
	out_printf(o, "\tesac\n\tif [[ $cur == -* ]]; then\n\t\tmapfile -t COMPREPLY < <(compgen -W '");
	for (const struct option_group *g = groups; g->options; g++)
		for (const struct option *opt = g->options; opt->name; opt++)
			out_printf(o, "%s--%s", g == groups && opt == g->options ? "" : " ", opt->name);
	out_printf(o, "' -- \"$cur\")\n\telse\n\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n\tfi\n}\n"
		      "complete -o filenames -F _%s %s\n", id, p->name);
}

static void complete_zsh(struct out *o, const struct program *p, const struct option_group *groups)
{
	out_printf(o, "#compdef %s\n_arguments -s \\\n", p->name);
	for (const struct option_group *g = groups; g->options; g++)
		for (const struct option *opt = g->options; opt->name; opt++) {
			out_printf(o, "\t'*--%s%s[", opt->name, opt->optional ? "=-" : opt->arg ? "=" : "");
			for (const char *h = opt->help; *h; h++) {
				if (*h == '\'')
					out_write(o, S("'\\''"));
				else if (*h == '[' || *h == ']' || *h == ':')
					out_printf(o, "\\%c", *h);
				else
					out_char(o, *h);
			}
			out_char(o, ']');
			if (opt->choices) {
				out_printf(o, "%s:choice:(", opt->optional ? ":" : "");
				words(o, opt->choices);
				out_char(o, ')');
			} else if (opt->arg) {
				out_printf(o, "%s:%s:_files", opt->optional ? ":" : "", opt->arg);
			}
			out_printf(o, "' \\\n");
		}
	out_printf(o, "\t'*:file:_files'\n");
}

void options_completion(struct out *o, const struct program *p, const struct option_group *groups, bool zsh)
{
	char id[64];
	size_t n = 0;

	for (const char *c = p->name; *c && n + 1 < sizeof id; c++)
		id[n++] = *c == '-' ? '_' : *c;
	id[n] = '\0';
	if (zsh)
		complete_zsh(o, p, groups);
	else
		complete_bash(o, p, groups, id);
}
