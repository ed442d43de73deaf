/* SPDX-License-Identifier: MIT */
/* Reads TOML 1.0 into values: tables, arrays of tables, dotted keys, every kind of string and number. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "template/data.h"
#include "template/gotime.h"

struct toml {
	struct arena *a;
	str in;
	size_t i;
	uint32_t line;
	const char *error;
	struct map defined; /* paths of tables that a header named */
	int depth;
};

static bool fail(struct toml *t, const char *why)
{
	if (!t->error)
		t->error = str_dup(t->a, str_printf(t->a, "toml: line %u: %s", t->line, why));
	return false;
}

static int at(const struct toml *t, size_t ahead)
{
	return t->i + ahead < t->in.n ? (unsigned char)t->in.p[t->i + ahead] : -1;
}

static void blanks(struct toml *t)
{
	while (at(t, 0) == ' ' || at(t, 0) == '\t')
		t->i++;
}

/* Blanks, newlines, comments. */
static void gaps(struct toml *t)
{
	for (;; t->i++) {
		int c = at(t, 0);

		if (c == '#')
			while (at(t, 1) >= 0 && at(t, 1) != '\n')
				t->i++;
		else if (c == '\n')
			t->line++;
		else if (c != ' ' && c != '\t' && c != '\r')
			return;
	}
}

static bool end_of_line(struct toml *t)
{
	blanks(t);
	if (at(t, 0) == '#')
		while (at(t, 0) >= 0 && at(t, 0) != '\n')
			t->i++;
	if (at(t, 0) == '\r')
		t->i++;
	return at(t, 0) < 0 || at(t, 0) == '\n' || fail(t, "expected the end of the line");
}

static bool bare(int c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '_';
}

/* ---- strings ---- */

static bool escape(struct toml *t, struct buf *b)
{
	static const char from[] = "btnfre\"\\", to[] = "\b\t\n\f\r\x1b\"\\";
	int c = at(t, 0), n = c == 'u' ? 4 : c == 'U' ? 8 : 0;
	const char *p = c > 0 ? strchr(from, c) : NULL;
	uint32_t cp = 0;

	t->i++;
	if (p) {
		buf_char(b, to[p - from]);
		return true;
	}
	if (!n)
		return fail(t, "invalid escape in a string");
	for (; n; n--, t->i++) {
		c = at(t, 0);
		c = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : 99;
		if (c > 15 || cp > 0xfffffff)
			return fail(t, "invalid escape in a string");
		cp = cp * 16 + (uint32_t)c;
	}
	if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		return fail(t, "an escape that is no character");
	print_rune(b, cp);
	return true;
}

static bool string(struct toml *t, str *out)
{
	int quote = at(t, 0);
	bool longer = at(t, 1) == quote && at(t, 2) == quote;
	struct buf b = BUF(t->a);

	t->i += longer ? 3 : 1;
	if (longer && at(t, 0) == '\r')
		t->i++;
	if (longer && at(t, 0) == '\n') {
		t->i++;
		t->line++;
	}
	for (;;) {
		int c = at(t, 0);

		if (c < 0 || (c == '\n' && !longer))
			return fail(t, "a string is not closed");
		if (c == quote && (!longer || (at(t, 1) == quote && at(t, 2) == quote && at(t, 3) != quote)))
			break;
		t->line += c == '\n';
		if (c != '\\' || quote == '\'') {
			buf_char(&b, (char)c);
			t->i++;
			continue;
		}
		t->i++;
		if (longer && (at(t, 0) == '\n' || at(t, 0) == ' ' || at(t, 0) == '\t' || at(t, 0) == '\r')) {
			while (at(t, 0) == '\n' || at(t, 0) == ' ' || at(t, 0) == '\t' || at(t, 0) == '\r') {
				t->line += at(t, 0) == '\n';
				t->i++;
			}
		} else if (!escape(t, &b)) {
			return false;
		}
	}
	t->i += longer ? 3 : 1;
	*out = b.n ? buf_str(&b) : S("");
	return true;
}

/* ---- numbers and dates ---- */

static bool is_date(str s, struct toml *t, struct val *out)
{
	static const char *const layouts[] = { "2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02", "15:04:05.999999999" };
	struct gotime time;
	char *copy = str_dup(t->a, s);

	if (s.n > 10 && (copy[10] == ' ' || copy[10] == 't'))
		copy[10] = 'T';
	for (size_t i = 0; i < COUNT(layouts); i++)
		if (!time_parse(t->a, str_of(layouts[i]), str_of(copy), NULL, &time)) {
			*out = time_value(t->a, time);
			return true;
		}
	return false;
}

static bool number(struct toml *t, struct val *out)
{
	size_t from = t->i;
	struct buf b = BUF(t->a);
	str s;
	int64_t v;
	char *end;
	double f;

	while (bare(at(t, 0)) || at(t, 0) == '+' || at(t, 0) == '.' || at(t, 0) == ':' ||
	       (at(t, 0) == ' ' && t->i - from == 10 && at(t, 1) >= '0' && at(t, 1) <= '9' && at(t, 3) == ':'))
		t->i++;
	s = str_sub(t->in, from, t->i);
	if (str_eq(s, S("true")) || str_eq(s, S("false"))) {
		*out = val_bool(s.n == 4);
		return true;
	}
	if (s.n >= 8 && (s.p[4] == '-' || s.p[2] == ':') && is_date(s, t, out))
		return true;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '_')
			buf_char(&b, s.p[i]);
	s = buf_str(&b);
	if (s.n && parse_int(s, s.n > 1 && s.p[0] == '0' ? 0 : 10, &v) && !(s.n > 1 && s.p[0] == '0' && s.p[1] >= '0' && s.p[1] <= '9')) {
		*out = val_int64(v);
		return true;
	}
	buf_char(&b, '\0');
	f = strtod(b.p, &end);
	if (b.n < 2 || *end || end == b.p)
		return fail(t, "expected a value");
	*out = val_float(f);
	return true;
}

/* ---- values ---- */

static bool value(struct toml *t, struct val *out);
static bool key_value(struct toml *t, struct vmap *table);

static bool array(struct toml *t, struct val *out)
{
	struct val item;

	*out = val_list(t->a);
	t->i++;
	for (;;) {
		gaps(t);
		if (at(t, 0) == ']')
			break;
		if (!value(t, &item))
			return false;
		vlist_push(t->a, out->list, item);
		gaps(t);
		if (at(t, 0) == ',')
			t->i++;
		else if (at(t, 0) != ']')
			return fail(t, "expected \",\" or \"]\" in an array");
	}
	t->i++;
	return true;
}

static bool inline_table(struct toml *t, struct val *out)
{
	*out = val_map(t->a);
	t->i++;
	blanks(t);
	while (at(t, 0) != '}') {
		if (!key_value(t, out->map))
			return false;
		blanks(t);
		if (at(t, 0) == ',') {
			t->i++;
			blanks(t);
		} else if (at(t, 0) != '}') {
			return fail(t, "expected \",\" or \"}\" in an inline table");
		}
	}
	t->i++;
	return true;
}

static bool value(struct toml *t, struct val *out)
{
	int c = at(t, 0);
	str s;
	bool good;

	if (t->depth > TMPL_MAX_NESTING)
		return fail(t, "values are nested too deeply");
	t->depth++;
	if (c == '"' || c == '\'') {
		good = string(t, &s);
		*out = val_str(s);
	} else {
		good = c == '[' ? array(t, out) : c == '{' ? inline_table(t, out) : number(t, out);
	}
	t->depth--;
	return good;
}

static bool key(struct toml *t, str *out)
{
	size_t from;

	blanks(t);
	if (at(t, 0) == '"' || at(t, 0) == '\'')
		return string(t, out);
	for (from = t->i; bare(at(t, 0)); t->i++)
		;
	*out = str_sub(t->in, from, t->i);
	return out->n || fail(t, "expected a key");
}

/* The table `name` in *table, made where it is missing; of an array of tables the last. */
static bool step(struct toml *t, struct vmap **table, str name)
{
	struct val v;

	if (!vmap_get(t->a, *table, name, &v)) {
		v = val_map(t->a);
		vmap_put(t->a, *table, name, v);
	}
	if (v.kind == VAL_LIST && vlist_count(v.list))
		v = vlist_at(t->a, v.list, vlist_count(v.list) - 1);
	if (v.kind != VAL_MAP)
		return fail(t, "a key is used as a table but holds a value");
	*table = v.map;
	return true;
}

static bool key_value(struct toml *t, struct vmap *table)
{
	str name;
	struct val v;

	for (;;) {
		if (!key(t, &name))
			return false;
		blanks(t);
		if (at(t, 0) != '.')
			break;
		t->i++;
		if (!step(t, &table, name))
			return false;
	}
	if (at(t, 0) != '=')
		return fail(t, "expected \"=\" after a key");
	t->i++;
	blanks(t);
	if (vmap_get(t->a, table, name, &v))
		return fail(t, "a key is defined twice");
	if (!value(t, &v))
		return false;
	vmap_put(t->a, table, name, v);
	return true;
}

static bool header(struct toml *t, struct vmap *root, struct vmap **table)
{
	bool many = at(t, 1) == '[';
	struct buf path = BUF(t->a);
	str name;
	struct val v;
	void **seen;

	t->i += many ? 2 : 1;
	for (*table = root;;) {
		if (!key(t, &name))
			return false;
		buf_printf(&path, "%.*s\n", STR_ARG(name));
		blanks(t);
		if (at(t, 0) != '.')
			break;
		t->i++;
		if (!step(t, table, name))
			return false;
	}
	if (at(t, 0) != ']' || (many && at(t, 1) != ']'))
		return fail(t, "expected \"]\" after the name of a table");
	t->i += many ? 2 : 1;
	if (!many) {
		seen = map_at(t->a, &t->defined, str_copy(t->a, buf_str(&path)));
		if (*seen == *table)
			return fail(t, "a table is defined twice");
		*seen = *table;
		return step(t, table, name);
	}
	if (!vmap_get(t->a, *table, name, &v)) {
		v = val_list(t->a);
		v.list->type = "[]map[string]interface {}";
		vmap_put(t->a, *table, name, v);
	}
	if (v.kind != VAL_LIST || !v.list->type)
		return fail(t, "a key is used as an array of tables but holds a value");
	vlist_push(t->a, v.list, val_map(t->a));
	return step(t, table, name);
}

const char *toml_decode(struct arena *a, str text, struct val *out)
{
	struct toml t = { .a = a, .in = text, .line = 1 };
	struct vmap *table;

	*out = val_map(a);
	table = out->map;
	for (gaps(&t); at(&t, 0) >= 0 && !t.error; gaps(&t))
		if ((at(&t, 0) == '[' ? header(&t, out->map, &table) : key_value(&t, table)))
			end_of_line(&t);
	return t.error;
}
