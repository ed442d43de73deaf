/* SPDX-License-Identifier: MIT */
/* Inside doc: how a string is written as a YAML scalar. */
#ifndef INFRAFLUX_DOC_EMIT_H
#define INFRAFLUX_DOC_EMIT_H

#include "doc/doc.h"

enum scalar_form {
	FORM_PLAIN,
	FORM_SINGLE,
	FORM_DOUBLE,
	FORM_LITERAL,	      /* a block: text of many lines */
	FORM_LITERAL_INDENTED, /* the same; its first line begins with a blank, so it must say its indentation */
};
/* The form that reads back as this string in YAML 1.1 and 1.2 alike, and reads best. */
enum scalar_form scalar_form(str s);

#endif
