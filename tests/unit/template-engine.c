/* SPDX-License-Identifier: MIT */
/* What the table of templates cannot say: positions and chains in messages, budgets, objects, origins of lines, shared sets. */
#include "check.h"

#include <string.h>

#include "template/template.h"

struct bench {
	struct arena a;
	struct diag parent, d;
	struct tmpl_set *set;
	struct tmpl_exec x;
	struct buf out;
};

static void setup(struct bench *b, const struct tmpl_func *extra)
{
	memset(b, 0, sizeof(*b));
	b->parent = (struct diag){ .program = "test", .arena = &b->a };
	diag_fork(&b->d, &b->parent, &b->a);
	b->set = tmpl_set_new(&b->a, &b->d, extra);
	b->x = (struct tmpl_exec){ .set = b->set, .a = &b->a, .diag = &b->d };
	b->out = BUF(&b->a);
}

static str message(struct bench *b)
{
	struct finding *f = diag_held_at(&b->d, 0);
	struct buf t = BUF(&b->a);

	if (f)
		finding_text(&t, f, "test", false);
	return f ? str_trim(buf_str(&t)) : S("");
}

static struct val values(struct bench *b, const char *file, const char *text)
{
	struct node *n = NULL;
	struct val top = val_map(&b->a);
	struct read_options o = { .input = FORMAT_YAML };

	CHECK(read_text(&b->a, &b->d, &o, file, str_of(text), &n) == 0);
	vmap_put(&b->a, top.map, S("Values"), val_of_node(&b->a, n));
	return top;
}

static int parse(struct bench *b, const char *file, const char *text)
{
	return tmpl_parse(b->set, file, str_of(file), str_of(text));
}

static void chains(void)
{
	struct bench b;

	setup(&b, NULL);
	CHECK(parse(&b, "a.yaml", "x: 1\ny: {{ include \"outer\" .Values }}\n") == 0);
	CHECK(parse(&b, "_h.tpl", "{{ define \"outer\" }}\n{{ template \"inner\" . }}{{ end }}\n{{ define \"inner\" }}{{ .service.port }}{{ end }}") == 0);
	CHECK(tmpl_exec(&b.x, S("a.yaml"), values(&b, "values.yaml", "name: x\nservices: {port: 1}\n"), &b.out) < 0);
	CHECK_STR(message(&b), S("_h.tpl:3:24: error: nil pointer evaluating interface {}.port: .service is not set; did you mean \"services\"?; "
				 "the value is from values.yaml:1:1; called at _h.tpl:2:4, included at a.yaml:2:7 [template]"));
	arena_free(&b.a);

	setup(&b, NULL);
	CHECK(parse(&b, "a.yaml", "{{ tpl .Values.text . }}") == 0);
	CHECK(tmpl_exec(&b.x, S("a.yaml"), values(&b, "v.yaml", "first: 1\ntext: |\n  one\n  {{ upper 1 }}\n"), &b.out) < 0);
	CHECK_STR(message(&b), S("v.yaml:4:10: error: argument 1 of upper must be a string, but the value is int; the value: 1; text of tpl at a.yaml:1:4 [template]"));
	arena_free(&b.a);

	setup(&b, NULL);
	CHECK(parse(&b, "a.yaml", "a\n{{ uper \"x\" }}") < 0);
	CHECK_STR(message(&b), S("a.yaml:2:4: error: function \"uper\" is not defined; did you mean \"upper\"? [template-syntax]"));
	arena_free(&b.a);
}

static void budgets(void)
{
	struct bench b;

	setup(&b, NULL);
	CHECK(parse(&b, "a", "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}") == 0);
	b.x.max_steps = 200000;
	CHECK(tmpl_exec(&b.x, S("a"), val_none(), &b.out) < 0);
	CHECK(str_find(message(&b), S("within 200000 steps")) >= 0);
	arena_free(&b.a);

	setup(&b, NULL);
	CHECK(parse(&b, "a", "{{ range until 2000 }}{{ repeat 1000 \"x\" }}{{ end }}") == 0);
	b.x.max_output = 1000000;
	CHECK(tmpl_exec(&b.x, S("a"), val_none(), &b.out) < 0);
	CHECK(str_find(message(&b), S("limit of 1000000 bytes")) >= 0);
	arena_free(&b.a);

	static const char *const greedy[] = {
		"{{ $s := repeat 100000 \"x\" }}{{ range until 1000 }}{{ $s = join \"\" (list $s $s $s $s) }}{{ end }}",
		"{{ $s := repeat 1000000 \"x\" }}{{ $l := list }}{{ range until 1000 }}{{ $l = append $l $s }}{{ end }}{{ join \"\" $l }}",
		"{{ range until 100000 }}{{ range until 1000 }}{{ $x := upper \"abc\" }}{{ end }}{{ end }}",
		"{{ $d := dict \"a\" \"x\" }}{{ range until 100 }}{{ $d = dict \"a\" $d \"b\" $d }}{{ end }}{{ toYaml $d | len }}{{ toJson $d | len }}{{ print $d | len }}",
		"{{ replace \"\" (repeat 1000000 \"y\") (repeat 1000000 \"x\") }}",
		"{{ define \"r\" }}{{ if true }}{{ if true }}{{ if true }}{{ with (((include \"r\" .))) }}{{ end }}{{ end }}{{ end }}{{ end }}{{ end }}{{ include \"r\" . }}",
	};
	for (size_t i = 0; i < COUNT(greedy); i++) {
		setup(&b, NULL);
		CHECK(parse(&b, "a", greedy[i]) == 0);
		b.x.max_steps = 20000000;
		CHECK(tmpl_exec(&b.x, S("a"), val_none(), &b.out) < 0);
		CHECK(b.a.total < (size_t)640 << 20);
		arena_free(&b.a);
	}

	setup(&b, NULL);
	CHECK(parse(&b, "a", "{{ template \"a\" . }}") == 0);
	b.x.max_depth = 20;
	CHECK(tmpl_exec(&b.x, S("a"), val_none(), &b.out) < 0);
	CHECK(str_find(message(&b), S("20 templates deep")) >= 0);
	arena_free(&b.a);

	setup(&b, NULL); /* what holds itself is printed to an end, and has no JSON */
	CHECK(parse(&b, "a", "{{ $d := dict }}{{ $_ := set $d \"self\" $d }}{{ toJson $d }}{{ toYaml $d }}{{ print $d | len | lt 10 }}") == 0);
	CHECK(tmpl_exec(&b.x, S("a"), val_none(), &b.out) == 0);
	CHECK_STR(buf_str(&b.out), S("true"));
	arena_free(&b.a);
}

static void strictness(void)
{
	struct bench b;

	setup(&b, NULL);
	CHECK(parse(&b, "a", "{{ .Values.replicaCont }}") == 0);
	b.x.strict = true;
	CHECK(tmpl_exec(&b.x, S("a"), values(&b, "v.yaml", "replicaCount: 1\n"), &b.out) < 0);
	CHECK(str_find(message(&b), S(".Values.replicaCont is not set; did you mean \"replicaCount\"?")) >= 0);
	arena_free(&b.a);
}

static int greet(struct tmpl_call *c, const struct val *args, size_t n, struct val *out)
{
	(void)n;
	*out = val_str(str_printf(c->a, "%s %.*s", (const char *)c->x->ctx, STR_ARG(val_text(args[0]))));
	return 0;
}

static int box_get(struct tmpl_call *c, void *self, str name, const struct val *args, size_t n, struct val *out)
{
	if (str_eq(name, S("Twice")) && n == 1 && args[0].kind == VAL_INT)
		*out = val_int(2 * args[0].i);
	else if (str_eq(name, S("Name")) && n == 0)
		*out = val_str(str_of(self));
	else
		return n ? tmpl_error(c, "%s: these arguments do not fit", c->name) : 0;
	return 1;
}

static void objects(void)
{
	static const struct tmpl_func extra[] = { { "greet", "s", greet }, { NULL, NULL, NULL } };
	static const struct vclass box = { "*test.Box", "ptr", box_get, NULL, NULL };
	struct bench b;
	char name[] = "crate";

	setup(&b, extra);
	CHECK(parse(&b, "a", "{{ greet \"you\" }} {{ .Name }} {{ .Twice 4 }} {{ 5 | .Twice }} {{ typeOf . }} {{ if . }}yes{{ end }}") == 0);
	b.x.ctx = "hi";
	CHECK(tmpl_exec(&b.x, S("a"), val_object(&b.a, &box, name), &b.out) == 0);
	CHECK_STR(buf_str(&b.out), S("hi you crate 8 10 *test.Box yes"));
	CHECK(parse(&b, "b", "{{ .Nope }}") == 0);
	CHECK(tmpl_exec(&b.x, S("b"), val_object(&b.a, &box, name), &b.out) < 0);
	CHECK_STR(message(&b), S("b:1:4: error: can't evaluate field Nope in type *test.Box [template]"));
	arena_free(&b.a);
}

/* Where the value in the output line that begins with text was set. */
static struct pos value_of(struct bench *b, const char *text)
{
	str out = buf_str(&b->out);
	ptrdiff_t at = str_find(out, str_of(text)), end;
	struct pos value = { .file = "", .line = 0 };

	if (at < 0)
		return value;
	end = at + str_chr(str_sub(out, (size_t)at, out.n), '\n');
	for (size_t i = 0; i < b->x.lines->n && b->x.lines->p[i].offset <= (size_t)end; i++)
		if (b->x.lines->p[i].offset + 8 >= (size_t)at && b->x.lines->p[i].value.file)
			value = b->x.lines->p[i].value;
	return value;
}

static void origins(void)
{
	struct bench b;
	struct tmpl_lines lines = { 0 };

	setup(&b, NULL);
	b.x.lines = &lines;
	CHECK(parse(&b, "a.yaml", "kind: x\nreplicas: {{ .Values.replicas }}\nname: {{ .Values.name | default \"y\" | quote }}\n"
				  "none: {{ .Values.none | default \"z\" }}\nlabels: {{- toYaml .Values.labels | nindent 2 }}\n"
				  "{{ include \"h\" . }}\nend: 1\n") == 0);
	CHECK(parse(&b, "_h", "{{ define \"h\" }}port: {{ .Values.port }}{{ end }}") == 0);
	CHECK(tmpl_exec(&b.x, S("a.yaml"),
			values(&b, "v.yaml", "replicas: 3\nname: web\nlabels:\n  app: x\n  list:\n    - one\n    - two: 2\nport: 80\n"), &b.out) == 0);
	CHECK_STR(buf_str(&b.out), S("kind: x\nreplicas: 3\nname: \"web\"\nnone: z\nlabels:\n  app: x\n  list:\n  - one\n  - two: 2\nport: 80\nend: 1\n"));
	CHECK_INT(value_of(&b, "replicas").line, 1);
	CHECK_INT(value_of(&b, "name:").line, 2);
	CHECK_INT(value_of(&b, "app:").line, 4);
	CHECK_INT(value_of(&b, "- one").line, 6);
	CHECK_INT(value_of(&b, "- two").line, 7);
	CHECK_INT(value_of(&b, "port").line, 8);
	CHECK_INT(value_of(&b, "kind").line, 0);
	arena_free(&b.a);
}

/* The line of the template that wrote the output line that holds text. */
static uint32_t line_of(struct bench *b, const char *text, const char *file)
{
	ptrdiff_t at = str_find(buf_str(&b->out), str_of(text));
	struct pos pos = { 0 };

	for (size_t i = 0; at >= 0 && i < b->x.lines->n && b->x.lines->p[i].offset <= (size_t)at; i++)
		pos = b->x.lines->p[i].pos;
	return pos.file && strcmp(pos.file, file) == 0 ? pos.line : 0;
}

static void lines(void)
{
	struct bench b;
	struct tmpl_lines lines = { 0 };

	setup(&b, NULL);
	b.x.lines = &lines;
	CHECK(parse(&b, "a.yaml", "first: 1\nsecond: {{ .Values.none }}2\n  {{- include \"labels\" . | nindent 2 }}\nlast: 3\n") == 0);
	CHECK(parse(&b, "_h.tpl", "{{ define \"labels\" -}}\napp: x\n{{ if true -}}\ntier: y\n{{- end }}\n{{- end }}") == 0);
	CHECK(tmpl_exec(&b.x, S("a.yaml"), values(&b, "v.yaml", "a: 1\n"), &b.out) == 0);
	CHECK_STR(buf_str(&b.out), S("first: 1\nsecond: 2\n  app: x\n  tier: y\nlast: 3\n"));
	CHECK_INT(line_of(&b, "first", "a.yaml"), 1);
	CHECK_INT(line_of(&b, "second", "a.yaml"), 2);
	CHECK_INT(line_of(&b, "app", "_h.tpl"), 2);
	CHECK_INT(line_of(&b, "tier", "_h.tpl"), 4);
	CHECK_INT(line_of(&b, "last", "a.yaml"), 4);
	arena_free(&b.a);
}

/* The tree that values were read from stays as it was, and one set serves many executions. */
static void sharing(void)
{
	struct bench b;
	struct node *n = NULL;
	struct read_options o = { .input = FORMAT_YAML };
	struct buf second;

	setup(&b, NULL);
	CHECK(read_text(&b.a, &b.d, &o, "v", S("m: {a: 1}\n"), &n) == 0);
	CHECK(parse(&b, "a", "{{ $_ := set .m \"b\" 2 }}{{ .m }}") == 0);
	for (int i = 0; i < 2; i++) {
		second = BUF(&b.a);
		CHECK(tmpl_exec(&b.x, S("a"), val_of_node(&b.a, n), &second) == 0);
		CHECK_STR(buf_str(&second), S("map[a:1 b:2]"));
	}
	CHECK_INT(node_get(n, S("m"))->n, 1);
	arena_free(&b.a);
}

int main(void)
{
	chains();
	budgets();
	strictness();
	objects();
	lines();
	origins();
	sharing();
	return check_done();
}
