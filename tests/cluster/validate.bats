# SPDX-License-Identifier: MIT
# validate against a real API server: the same verdict on objects broken in many ways.
load ../test_helper

setup_file() {
	# A bare server has no controller that would make the service account of a pod.
	APISERVER_FLAGS="--disable-admission-plugins=ServiceAccount,LimitRanger,ResourceQuota" "$REAL/cluster-up" -b "$BATS_FILE_TMPDIR/cluster" >&2
}
teardown_file() {
	"$REAL/cluster-down" -r "$BATS_FILE_TMPDIR/cluster" >&2
}

@test "of objects broken in seeded ways, the server and validate say the same" {
	need python3
	local last wrong missed refused
	run -0 "$ROOT/tests/cluster/validate-agrees" "$BATS_FILE_TMPDIR/cluster/kubeconfig" 7 20
	last=${lines[-1]}
	refused=$(sed -E 's/.* ([0-9]+) refused.*/\1/' <<<"$last")
	wrong=$(sed -E 's/.* ([0-9]+) wrong.*/\1/' <<<"$last")
	missed=$(sed -E 's/.* ([0-9]+) missed.*/\1/' <<<"$last")
	echo "$output"
	((refused > 300))
	((wrong * 100 <= refused))
	((missed * 100 <= refused * 5))
}
