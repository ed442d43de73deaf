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

@test "of 300 objects that the server takes and 300 that it refuses, of 60 kinds, validate says the same" {
	need python3
	local last crds=${REAL_PREFIX:-$HOME/.cache/infraflux-real}/share/crds
	[[ -d $crds ]] || skip "no CustomResourceDefinitions in $crds"
	run -0 "$ROOT/tests/cluster/validate-agrees" "$BATS_FILE_TMPDIR/cluster/kubeconfig" "${SEED:-7}" 6 "$crds"
	last=${lines[-1]}
	echo "$output"
	count() { sed -E "s/^(.* )?([0-9]+) $1.*/\2/" <<<"$last"; }
	(($(count kinds) >= 60))
	(($(count valid) >= 300))
	(($(count refused) >= 300))
	(($(count wrong) == 0))
	(($(count missed) <= 2))
	hasnt 'changes.yaml' "$output"
}
