/* SPDX-License-Identifier: MIT */
/* The one funnel of all messages. */
#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct diag_held {
	struct finding finding;
	struct diag_held *next, *last; /* last: of the list, kept in its head */
};

static void add_escaped(struct buf *b, str s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		size_t n = utf8_decode((str){ s.p + i, s.n - i }, &cp);
		if (n && cp >= 0x20 && cp != 0x7F && !(cp >= 0x80 && cp < 0xA0)) {
			buf_add(b, (str){ s.p + i, n });
		} else if (n && (cp == '\n' || cp == '\t')) {
			buf_add(b, cp == '\n' ? S("\\n") : S("\\t"));
		} else {
			buf_printf(b, "\\x%02x", (unsigned char)s.p[i]);
			n = 1;
		}
		i += n ? n : 1;
	}
}

/* The line of a finding and a caret below its column, from the file itself. */
static void add_caret(struct buf *b, struct pos pos)
{
	enum { WIDEST = 160 };
	struct stat st;
	FILE *f;

	if (!pos.file || !pos.line || stat(pos.file, &st) || !S_ISREG(st.st_mode) || !(f = fopen(pos.file, "r")))
		return;
	char line[WIDEST + 1];
	size_t n = 0;
	int c;
	for (uint32_t at = 1; at < pos.line && (c = getc(f)) != EOF;)
		at += c == '\n';
	while ((c = getc(f)) != EOF && c != '\n' && n < WIDEST)
		line[n++] = c == '\t' ? ' ' : (char)c;
	fclose(f);
	if (!n || pos.col > n + 1)
		return;
	buf_char(b, '\t');
	add_escaped(b, (str){ line, n });
	buf_add(b, S("\n\t"));
	buf_fill(b, ' ', pos.col ? pos.col - 1 : 0);
	buf_add(b, S("^\n"));
}

void finding_text(struct buf *b, const struct finding *f, const char *program, bool color)
{
	static const char *const names[] = { "note", "warning", "error" };
	static const char *const colors[] = { "\033[36m", "\033[33m", "\033[31m" };

	if (f->pos.file) {
		add_escaped(b, str_of(f->pos.file));
		if (f->pos.line)
			buf_printf(b, ":%u:%u", (unsigned)f->pos.line, (unsigned)(f->pos.col ? f->pos.col : 1));
	} else {
		buf_add(b, str_of(program));
	}
	buf_printf(b, ": %s%s:%s ", color ? colors[f->severity] : "", names[f->severity], color ? "\033[0m" : "");
	add_escaped(b, f->message);
	if (f->rule)
		buf_printf(b, " [%s]", f->rule);
	buf_char(b, '\n');
}

static void print(struct diag *d, const struct finding *f)
{
	struct arena scratch = { 0 };
	struct buf b = BUF(&scratch);

	if (d->terminal)
		buf_add(&b, S("\r\033[K"));
	finding_text(&b, f, d->program, d->color);
	if (d->terminal)
		add_caret(&b, f->pos);
	for (size_t done = 0; done < b.n;) {
		ssize_t n = write(STDERR_FILENO, b.p + done, b.n - done);
		if (n < 0 && errno != EINTR)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	arena_free(&scratch);
}

void finding_copy(struct arena *a, struct finding *to, const struct finding *f)
{
	*to = *f;
	to->message = str_copy(a, f->message);
	to->path = str_copy(a, f->path);
	to->api_version = str_copy(a, f->api_version);
	to->kind = str_copy(a, f->kind);
	to->ns = str_copy(a, f->ns);
	to->name = str_copy(a, f->name);
}

static void hold(struct diag *d, const struct finding *f)
{
	struct diag_held *h = NEW(d->arena, struct diag_held);

	finding_copy(d->arena, &h->finding, f);
	if (d->held)
		d->held->last->next = h;
	else
		d->held = h;
	d->held->last = h;
}

void diag_finding(struct diag *d, const struct finding *f)
{
	if (d->accepts && f->severity == SEV_WARNING && d->accepts(d->accepts_ctx, f))
		return;
	if (d->lock)
		lock_take(d->lock);
	d->count[f->severity]++;
	d->troubles += f->trouble;
	if (d->forked) {
		hold(d, f);
	} else {
		if (d->sink.put)
			d->sink.put(d->sink.ctx, f);
		if (f->trouble || (f->severity >= d->least && !(d->sink.put && d->sink.quiet_stderr)))
			print(d, f);
	}
	if (d->lock)
		lock_give(d->lock);
}

static void report(struct diag *d, enum severity s, bool trouble, struct pos pos, const char *rule, const char *fmt,
		   va_list args)
{
	char small[512], *text = small;
	va_list again;
	struct arena scratch = { 0 };

	va_copy(again, args);
	int n = vsnprintf(small, sizeof small, fmt, args);
	if (n >= (int)sizeof small) {
		text = arena_raw(&scratch, (size_t)n + 1);
		vsnprintf(text, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	diag_finding(d, &(struct finding){ .severity = s,
					    .trouble = trouble,
					    .rule = rule,
					    .pos = pos,
					    .message = { text, n < 0 ? 0 : (size_t)n } });
	arena_free(&scratch);
}

void diag_at(struct diag *d, enum severity s, struct pos pos, const char *rule, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(d, s, false, pos, rule, fmt, args);
	va_end(args);
}

int diag_trouble(struct diag *d, struct pos pos, const char *rule, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(d, SEV_ERROR, true, pos, rule, fmt, args);
	va_end(args);
	return -1;
}

int diag_sys(struct diag *d, const char *verb, const char *path)
{
	int err = errno;
	char why[128];

	if (strerror_r(err, why, sizeof why))
		snprintf(why, sizeof why, "error %d", err);
	const char *hint = err == ENOENT   ? "; is the name right?"
			   : err == ENOSPC ? "; make room and run again, nothing was replaced"
			   : err == EPIPE  ? "; the program reading the output ended early"
			   : err == EACCES ? "; check its permissions"
			   : err == EBADF && strcmp(path, "<stdin>") == 0 ? "; it is closed, or was read before: name - only once"
					   : "";
	return diag_trouble(d, IN_FILE(path), "io", "cannot %s: %s%s", verb, why, hint);
}

void diag_fork(struct diag *child, struct diag *parent, struct arena *a)
{
	*child = (struct diag){ .program = parent->program, .arena = a, .forked = true, .least = parent->least, .journal = parent->journal };
}

void diag_join(struct diag *parent, struct diag *child)
{
	for (struct diag_held *h = child->held; h; h = h->next)
		diag_finding(parent, &h->finding);
	child->held = NULL;
}

struct finding *diag_held_at(struct diag *child, size_t i)
{
	struct diag_held *h = child->held;

	for (; h && i; i--)
		h = h->next;
	return h ? &h->finding : NULL;
}

struct finding *diag_held_next(struct finding *f)
{
	struct diag_held *next = ((struct diag_held *)f)->next; /* finding is its first member */

	return next ? &next->finding : NULL;
}
