# SPDX-License-Identifier: MIT
# PlatformNorthStar's dev in a real cluster, as its document says: deployed by one who may do just that, ready, watched by
# one who may only look.
load ../test_helper

setup_file() {
	export N=$ROOT/examples/northstar WORK=$BATS_FILE_TMPDIR KUBECONFIG=$BATS_FILE_TMPDIR/cluster/kubeconfig
	"$REAL/cluster-up" -n 4 -u deployer:northstar-deployers -u reader:northstar-drift-readers "$WORK/cluster" >&2
	kubectl create -f - >/dev/null <<-'END'
		apiVersion: storage.k8s.io/v1
		kind: StorageClass
		metadata: {name: longhorn}
		provisioner: none.example
		volumeBindingMode: WaitForFirstConsumer
	END
	provision >/dev/null 2>&1 </dev/null 3>&- 4>&- &
	echo $! >"$WORK/provision.pid"
	mkdir "$WORK/root"
	cp -a "$ROOT/bin" "$ROOT/pipelines" "$ROOT/lib" "$ROOT/examples" "$WORK/root/"
	export DEPLOYER=$WORK/cluster/deployer.kubeconfig READER=$WORK/cluster/reader.kubeconfig
	export INFRAFLUX_PLATFORM=examples/northstar
	(
		sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$N/docs/deploying-to-a-cluster.md" >"$WORK/steps"
		cd "$WORK/root" && bash -euo pipefail "$WORK/steps" >"$WORK/out" 2>"$WORK/err" </dev/null
	) || { tail -n 30 "$WORK/out" "$WORK/err" >&2; false; }
}
teardown_file() {
	kill "$(<"$WORK/provision.pid")" || true
	"$REAL/cluster-down" -r "$WORK/cluster" >&2
}
setup() {
	cd "$WORK/root"
	export INFRAFLUX_PLATFORM=examples/northstar
}
as() { KUBECONFIG=$WORK/cluster/$1.kubeconfig "${@:2}"; }

# provision: a volume for each claim that a pod waits for, as Longhorn would.
provision() {
	while sleep 1; do
		kubectl get pvc -A -o json | jq -c '.items[] | select(.status.phase == "Pending" and .metadata.annotations["volume.kubernetes.io/selected-node"]) |
			{apiVersion: "v1", kind: "PersistentVolume", metadata: {name: "\(.metadata.namespace)-\(.metadata.name)"},
			spec: {capacity: .spec.resources.requests, accessModes: .spec.accessModes, storageClassName: .spec.storageClassName,
				hostPath: {path: "/var/mnt"}, claimRef: {namespace: .metadata.namespace, name: .metadata.name}}}' >"$WORK/volumes"
		[[ ! -s $WORK/volumes ]] || kubectl apply -f "$WORK/volumes"
	done
}

@test "the document's steps deploy dev, by one who may do just that, and all of it becomes ready" {
	local kind
	has 'objects would change' "$(<"$WORK/err")"
	has 'deploy: dev is at release 1: ' "$(<"$WORK/err")"
	has 'verified' "$(<"$WORK/err")"
	run -0 as deployer infraflux verify dev --target kube:test
	[[ $output =~ ([0-9]+)' of '([0-9]+)' objects that have a state are ready' && ${BASH_REMATCH[1]} == "${BASH_REMATCH[2]}" ]]
	# Every application of dev has pods, and they are ready (a CronJob waits for its hour).
	for kind in deployments statefulsets; do
		[[ $(kubectl get $kind -A -o json | jq '[.items[] | select((.status.readyReplicas // 0) < .spec.replicas)] | length') == 0 ]]
	done
	[[ $(kubectl get deployments,statefulsets,cronjobs -A -o json | jq -r '.items[].metadata.labels["app.kubernetes.io/instance"]' | sort -u) == \
		$(infraflux catalog --environment dev --json | jq -r .name | sort -u) ]]
}

@test "defaults and what controllers write are no drift; an edit is, with its manager" {
	run -0 as reader infraflux drift dev --target kube:test
	[[ $output =~ ^'0 added, 0 removed, 0 changed, '[0-9]+' unchanged'$ ]]
	run -0 as reader infraflux drift dev --target kube:test --source
	kubectl -n web set image deployment/storefront '*=docker.io/library/nginx:1' --field-manager=somebody
	run -1 as reader infraflux drift dev --target kube:test
	has '~ apps/Deployment web/storefront' "$output"
	has '(somebody, 20' "$output"
	as deployer infraflux deploy dev --target kube:test --take-over -q
	as reader infraflux drift dev --target kube:test
}

@test "the deployer and the reader may do their work, and nothing else" {
	local verb kind
	for kind in secrets -n\ kube-system\ deployments.apps -n\ infraflux\ secrets clusterroles pods\ --subresource=exec; do
		# shellcheck disable=SC2086 # an option and its value
		for verb in get create patch; do
			run -1 as deployer kubectl auth can-i $verb -n web $kind
			run -1 as reader kubectl auth can-i $verb -n web $kind
		done
	done
	run -1 as deployer kubectl auth can-i create namespaces
	for kind in deployments.apps configmaps services externalsecrets.external-secrets.io networkpolicies.networking.k8s.io; do
		for verb in get list create patch delete; do
			run -0 as deployer kubectl auth can-i $verb -n web $kind
		done
		run -0 as reader kubectl auth can-i list -n web $kind
		for verb in create update patch delete deletecollection; do
			run -1 as reader kubectl auth can-i $verb -n web $kind
			run -1 as reader kubectl auth can-i $verb -n infraflux configmaps
		done
	done
	run -2 as reader infraflux deploy dev --target kube:test
	has 'cannot read the lock' "$output"
	run -2 as reader infraflux rollback dev 1 --target kube:test
}

@test "one application alone is deployed, seen by the gates of promote, and rolled back" {
	config-merge --in-place --set target=kube:test examples/northstar/environments/dev.yaml
	local values=examples/northstar/applications/apis/podinfo/values-dev.yaml
	config-merge --in-place --set-string image.tag=6.9.1 "$values"
	run -0 --separate-stderr as deployer infraflux deploy dev --app podinfo
	has 'dev is at release 2: ' "$stderr"
	[[ $(kubectl -n apis get deployment podinfo -o jsonpath='{.spec.template.spec.containers[0].image}') == *:6.9.1 ]]
	as reader infraflux drift dev --target kube:test --source
	run as deployer infraflux promote dev staging --dry-run
	has 'dev runs what its configuration says, release 2' "$output"
	has 'dev is as it was released' "$output"
	run -0 infraflux status dev --json
	[[ $(jq .release <<<"$output") == 2 ]]
	run -0 --separate-stderr as deployer infraflux rollback dev
	has 'release 3, which is release 1 again' "$stderr"
	as reader infraflux drift dev --target kube:test
}
