/* SPDX-License-Identifier: MIT */
/* The standard's own meta-schemas: lines of "URI <tab> JSON". */
#include "schema/internal.h"

__asm__(".pushsection .rodata\n"
	".global schema_meta_data, schema_meta_end\n.hidden schema_meta_data\n.hidden schema_meta_end\n"
	"schema_meta_data: .incbin \"lib/schema/meta-schemas.txt\"\n"
	"schema_meta_end: .byte 0\n.popsection\n");
extern const char schema_meta_data[], schema_meta_end[];

static const char *const uris[] = {
	[DRAFT_4] = "http://json-schema.org/draft-04/schema",
	[DRAFT_6] = "http://json-schema.org/draft-06/schema",
	[DRAFT_7] = "http://json-schema.org/draft-07/schema",
	[DRAFT_2019] = "https://json-schema.org/draft/2019-09/schema",
	[DRAFT_2020] = "https://json-schema.org/draft/2020-12/schema",
};

str meta_schema_uri(int draft)
{
	return str_of(uris[draft]);
}

/* Many write https: where it is http:, and the other way round. */
static str without_scheme(str uri)
{
	return str_sub(uri, str_starts(uri, S("https:")) ? 6 : str_starts(uri, S("http:")) ? 5 : 0, uri.n);
}

int meta_schema_draft(str uri)
{
	if (str_ends(uri, S("#")))
		uri = str_sub(uri, 0, uri.n - 1);
	for (int d = DRAFT_4; d <= DRAFT_2020; d++)
		if (str_eq(without_scheme(uri), without_scheme(str_of(uris[d]))))
			return d;
	return DRAFT_NONE;
}

str meta_schema_text(str uri)
{
	str all = { schema_meta_data, (size_t)(schema_meta_end - schema_meta_data) };
	while (all.n) {
		ptrdiff_t end = str_chr(all, '\n');
		str line = str_sub(all, 0, end < 0 ? all.n : (size_t)end);
		all = str_sub(all, line.n + 1, all.n);
		ptrdiff_t tab = str_chr(line, '\t');
		if (tab > 0 && str_eq(str_sub(line, 0, (size_t)tab), uri))
			return str_sub(line, (size_t)tab + 1, line.n);
	}
	return (str){ 0 };
}
