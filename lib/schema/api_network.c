/* SPDX-License-Identifier: MIT */
/* Networks as the API server reads them: ADDRESS/BITS. */
#include "schema/internal.h"

#include <arpa/inet.h>
#include <string.h>

bool api_network(str s, struct api_network *n)
{
	char text[INET6_ADDRSTRLEN];
	ptrdiff_t slash = str_chr(s, '/');
	int64_t bits;
	if (slash < 0 || (size_t)slash + 1 == s.n || s.p[slash + 1] < '0' || s.p[slash + 1] > '9' || !str_to_i64(str_sub(s, (size_t)slash + 1, s.n), &bits))
		return false;
	str address = str_sub(s, 0, (size_t)slash);
	bool v4 = format_ipv4(address);
	*n = (struct api_network){ .size = v4 ? 4 : 16, .bits = (unsigned)bits };
	if ((!v4 && !format_ipv6(address)) || bits < 0 || bits > (v4 ? 32 : 128) || address.n >= sizeof(text))
		return false;
	memcpy(text, address.p, address.n);
	text[address.n] = '\0';
	if (inet_pton(v4 ? AF_INET : AF_INET6, text, n->address) != 1)
		return false;
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };
	n->whole = v4 || memcmp(n->address, mapped, sizeof(mapped)) != 0;
	for (unsigned i = n->bits; i < 8 * n->size; i++)
		n->whole &= !(n->address[i / 8] >> (7 - i % 8) & 1);
	return true;
}

bool api_network_within(const struct api_network *inner, const struct api_network *outer)
{
	if (inner->size != outer->size || inner->bits <= outer->bits)
		return false;
	for (unsigned i = 0; i < outer->bits; i++)
		if ((inner->address[i / 8] ^ outer->address[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static bool within(str s, const char *network)
{
	struct api_network one, range;
	char text[64];
	size_t n = s.n < sizeof(text) - 5 ? s.n : 0;
	memcpy(text, s.p, n);
	strcpy(text + n, str_chr(s, ':') >= 0 ? "/128" : "/32");
	return n && api_network(str_of(text), &one) && api_network(str_of(network), &range) && api_network_within(&one, &range);
}

const char *api_address_range(str s)
{
	static const struct { const char *network, *what; } ranges[] = {
		{ "127.0.0.0/8", "the loopback range" }, { "169.254.0.0/16", "the link-local range" }, { "fe80::/10", "the link-local range" },
		{ "224.0.0.0/24", "the link-local multicast range" }, { "ff02::/16", "the link-local multicast range" },
	};
	if (str_eq(s, S("0.0.0.0")) || str_eq(s, S("::")))
		return "the unspecified address";
	if (str_eq(s, S("::1")))
		return "the loopback range";
	for (size_t i = 0; i < COUNT(ranges); i++)
		if (within(s, ranges[i].network))
			return ranges[i].what;
	return NULL;
}
