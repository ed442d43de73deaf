/* SPDX-License-Identifier: MIT */
/* Quantities: what is one, and which is larger. */
#include "check.h"

#include "kube/kube.h"

static void order(const char *x, const char *y, int want)
{
	int got = 9;

	CHECK(kube_quantity_cmp(str_of(x), str_of(y), &got));
	if (!CHECK_INT(got, want))
		fprintf(stderr, "\tof %s and %s\n", x, y);
	CHECK(kube_quantity_cmp(str_of(y), str_of(x), &got) && got == -want);
}

int main(void)
{
	static const char *const valid[] = { "0", "1", "+1", "-1", "1.5", ".5", "5.", "1k", "1Ki", "1.5Gi", "100m", "1n", "1u", "1E", "1E3",
					     "1e3", "1e-3", "1E+3", "12e6", "-.5Mi", "00012", "123456789012345678901234567890" };
	static const char *const invalid[] = { "", "+", "-", ".", "k", "1K", "1ki", "1 ", " 1", "1e", "1e+", "1e1.5", "1mi", "1.2.3", "0x1",
					       "--1", "1Kib", "1_000", "1,5", "NaN", "1e99999999999", "1e5m" };
	int unused;

	for (size_t i = 0; i < COUNT(valid); i++)
		CHECK(kube_quantity_valid(str_of(valid[i])));
	for (size_t i = 0; i < COUNT(invalid); i++)
		if (!CHECK(!kube_quantity_valid(str_of(invalid[i]))))
			fprintf(stderr, "\t%s\n", invalid[i]);
	order("1000m", "1", 0);
	order("1Ki", "1024", 0);
	order("1Gi", "1073741824", 0);
	order("1G", "1000M", 0);
	order("1G", "1Gi", -1);
	order("1Ei", "1152921504606846976", 0);
	order("1Ei", "1152921504606846975.999999999999", 1);
	order("0.5Ki", "512", 0);
	order("1e3", "1k", 0);
	order("1E3", "1E", -1);
	order("1E-3", "1m", 0);
	order("0", "-0", 0);
	order("-0.0Ki", "0", 0);
	order("-1", "1", -1);
	order("-2", "-1", -1);
	order("0.000000001", "1n", 0);
	order("100000000000000000000000000001", "100000000000000000000000000000", 1);
	order("1e2147483647", "1e2147483646", 1);
	order("00.10", "100m", 0);
	order("9Ei", "10Ei", -1);
	order("1.0000", "1", 0);
	CHECK(!kube_quantity_cmp(S("1x"), S("1"), &unused));
	return check_done();
}
