# SPDX-License-Identifier: MIT
# PlatformNorthStar against a real API server with controllers and simulated nodes: it takes every object, and prod becomes ready.
load ../test_helper

setup_file() {
	export N=$ROOT/examples/northstar WORK=$BATS_FILE_TMPDIR KUBECONFIG=$BATS_FILE_TMPDIR/cluster/kubeconfig
	local env namespace
	"$REAL/cluster-up" -n 4 "$WORK/cluster" >&2
	kubectl apply --server-side -f "$N/schemas/crds" >/dev/null
	kubectl create namespace argocd >/dev/null
	for env in dev staging prod; do
		config-merge -O "$WORK/$env.yaml" "$N/environments/defaults.yaml" "$N"/applications/*/*/app.yaml "$N/environments/$env.yaml" "$N"/clusters/"$env"-*.yaml
		render -f "$WORK/$env.yaml" "$N"/platform/*.yaml "$N"/platform/services/*.yaml |
			config-merge --kubernetes --apply-order -o yaml -O "$WORK/$env.platform.yaml" -
		render -f "$WORK/$env.yaml" --set-string root="$N" -O "$WORK/$env.releases.yaml" "$N/templates/releases.yaml"
		render --releases "$WORK/$env.releases.yaml" -o yaml -O "$WORK/$env.apps.yaml"
	done
	# What a dry run must find there.
	kubectl apply --server-side --field-manager=infraflux -f "$WORK/prod.platform.yaml" >/dev/null
	kubectl create -f - >/dev/null <<-'END'
		apiVersion: storage.k8s.io/v1
		kind: StorageClass
		metadata: {name: longhorn}
		provisioner: none.example
		volumeBindingMode: WaitForFirstConsumer
	END
}
teardown_file() {
	"$REAL/cluster-down" -r "$WORK/cluster" >&2
}

# provision: a volume for each claim that waits for one, as Longhorn would.
provision() {
	kubectl get pvc -A -o json | jq -c '.items[] | select(.status.phase == "Pending") | {apiVersion: "v1", kind: "PersistentVolume",
		metadata: {name: "\(.metadata.namespace)-\(.metadata.name)"},
		spec: {capacity: .spec.resources.requests, accessModes: .spec.accessModes, storageClassName: .spec.storageClassName,
			hostPath: {path: "/var/mnt"}, claimRef: {namespace: .metadata.namespace, name: .metadata.name}}}' >"$T/volumes"
	[[ ! -s $T/volumes ]] || kubectl apply -f "$T/volumes" >/dev/null 2>&1 || true
}
waiting() {
	kubectl get deployments,statefulsets -A -o json |
		jq -r '.items[] | select((.status.readyReplicas // 0) < .spec.replicas) | "\(.kind) \(.metadata.namespace)/\(.metadata.name)"'
}

@test "the API server takes every object of every environment, strictly" {
	local env
	for env in dev staging prod; do
		kubectl apply --server-side --force-conflicts --field-manager=infraflux --dry-run=server --validate=strict \
			-f "$WORK/$env.platform.yaml" -f "$WORK/$env.apps.yaml" >"$T/out" 2>"$T/err" || { cat "$T/err"; return 1; }
		# Not even a warning: that a pod would be refused is one.
		[[ ! -s $T/err ]] || { cat "$T/err"; return 1; }
	done
}

@test "infraflux deploy --dry-run to the cluster says the same of every environment" {
	local env
	export INFRAFLUX_STATE=$T INFRAFLUX_PLATFORM=$N
	for env in dev staging prod; do
		run -0 --separate-stderr infraflux deploy "$env" --target kube:test --dry-run
		has 'dry run: ' "$stderr"
		hasnt 'was not asked' "$stderr"
	done
	run -1 kubectl get namespace infraflux
}

@test "prod becomes ready" {
	local i
	kubectl apply --server-side --field-manager=infraflux --validate=strict -f "$WORK/prod.apps.yaml" >/dev/null
	for ((i = 0; i < 60; i++)); do
		provision
		[[ $(waiting) == "" ]] && break
		sleep 2
	done
	[[ $(waiting) == "" ]] || { waiting; kubectl get events -A | grep -v Normal | tail -5; return 1; }
	# A database's replicas stand on different nodes.
	[[ $(kubectl get pods -n data -l app.kubernetes.io/name=main-postgres -o json | jq '[.items[].spec.nodeName] | unique | length') == 3 ]]
}

@test "the namespaces refuse a pod that may be root" {
	run -1 kubectl run root --image=docker.io/library/busybox:1.37.0 -n web
	has "violates PodSecurity" "$output"
}
