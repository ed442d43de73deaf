/* SPDX-License-Identifier: MIT */
/* Values that no message may show, whichever rule speaks of them. */
#include "schema/secrets.h"

bool secret_hides_below(const struct node *object, str key)
{
	return (str_eq(key, S("data")) || str_eq(key, S("stringData"))) && str_eq(node_get_str(object, S("kind")), S("Secret"));
}

bool secret_hides(const struct node *in, str key, const struct node *value)
{
	enum { SHORTEST = 4 }; /* of digits */
	str text = node_text(value);
	if (in && str_eq(key, S("value")) && node_get_str(in, S("name")).n)
		key = node_get_str(in, S("name"));
	enum telling how = secret_name(key);
	return how && value->kind < NODE_SEQ && (secret_value(text, how) || (value->kind != NODE_STRING && value->kind != NODE_BOOL && text.n >= SHORTEST));
}

static bool hides(const struct node *n, const struct node *value, str key, bool below, bool *found)
{
	for (size_t i = 0; n->kind >= NODE_SEQ && i < n->n && !*found; i++) {
		const struct entry *e = n->kind == NODE_MAP ? &n->entries[i] : NULL;
		const struct node *v = e ? e->value : n->items[i];
		str name = e ? entry_key(e) : key;
		bool inner = below || (e && secret_hides_below(n, name));
		if (v == value) {
			*found = true;
			return inner || secret_hides(e ? n : NULL, name, v);
		}
		if (v->kind >= NODE_SEQ && hides(v, value, name, inner, found))
			return true;
	}
	return false;
}

bool secret_hides_in(const struct node *doc, const struct node *value)
{
	bool found = false;
	return doc && hides(doc, value, (str){ 0 }, false, &found);
}
