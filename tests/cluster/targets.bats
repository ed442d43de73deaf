# SPDX-License-Identifier: MIT
# kube: targets on a real API server: what each verb does there, and what it does when things go wrong.
load ../test_helper

setup_file() {
	export WORK=$BATS_FILE_TMPDIR KUBECONFIG=$BATS_FILE_TMPDIR/cluster/kubeconfig
	"$REAL/cluster-up" -n 2 -s "$REAL/stages/failing-images.yaml" -u reader:lab-drift-readers "$WORK/cluster" >&2
	kubectl create -f - >/dev/null <<-'END'
		apiVersion: storage.k8s.io/v1
		kind: StorageClass
		metadata: {name: late}
		provisioner: none.example
		volumeBindingMode: WaitForFirstConsumer
	END
}
teardown_file() {
	"$REAL/cluster-down" -r "$WORK/cluster" >&2
}

# Each test has an environment of its own, NAME, in a platform of a few objects (NAME: $E), and a machine to work at.
setup() {
	cd "$T"
	E=t$BATS_TEST_NUMBER P=$T/platform
	export INFRAFLUX_STATE=$T/here
	mkdir -p "$P"/{environments,schemas,templates,platform}
	printf 'kubernetes: {version: 1.37.2}\ntarget: kube:test\n' >"$P/environments/defaults.yaml"
	printf 'environment: %s\n' "$E" >"$P/environments/$E.yaml"
	echo '{}' >"$P/schemas/config.schema.json"
	echo '[]' >"$P/templates/releases.yaml"
	objects
}

flux() { infraflux "$1" "$E" --platform "$P" --timeout 60 "${@:2}"; }
record() { tail -n 1 "$INFRAFLUX_STATE/.infraflux/$E/runs.jsonl" | jq -r "$1"; }
k() { kubectl -n "$E" "$@"; }

# objects [IMAGE]: the platform's objects: a namespace, a Deployment, a ConfigMap and a Service.
objects() {
	cat >"$P/platform/objects.yaml" <<-END
		apiVersion: v1
		kind: Namespace
		metadata: {name: $E}
		---
		apiVersion: apps/v1
		kind: Deployment
		metadata: {name: web, namespace: $E}
		spec:
		  replicas: 2
		  selector: {matchLabels: {app: web}}
		  template:
		    metadata: {labels: {app: web}}
		    spec:
		      containers:
		      - {name: web, image: "example.org/${1:-good}:1", resources: {requests: {cpu: 1000m}}}
		---
		apiVersion: v1
		kind: ConfigMap
		metadata: {name: web, namespace: $E}
		data: {color: blue, size: small}
		---
		apiVersion: v1
		kind: Service
		metadata: {name: web, namespace: $E}
		spec: {selector: {app: web}, ports: [{port: 80}]}
	END
}
also() { { echo ---; cat; } >>"$P/platform/objects.yaml"; }

@test "a dry run shows the plan, asks the server and stores nothing; the deploy then becomes ready and is clean" {
	run -0 --separate-stderr flux deploy --dry-run
	has "deploy: $E -> kube:test" "$stderr"
	has "+ apps/Deployment $E/web" "$output"
	has 'dry run: 4 objects would change' "$stderr"
	run -1 kubectl get namespace "$E"
	run -1 kubectl get configmap -n infraflux "inventory-$E"
	[[ ! -e $INFRAFLUX_STATE/.infraflux/$E/runs.jsonl ]]
	run -0 --separate-stderr flux deploy
	has 'is at release 1: 4 changed, 0 removed, 4 objects' "$stderr"
	[[ $(k get deployment web -o jsonpath='{.status.readyReplicas}') == 2 ]]
	run -0 flux verify
	has '2 of 2 objects that have a state are ready' "$output"
	run -0 flux drift
	has '0 added, 0 removed, 0 changed, 4 unchanged' "$output"
	run -0 --separate-stderr flux deploy
	has 'is at release 1: 0 changed' "$stderr"
	# With a namespace that is there the server says what it would not take.
	also <<<"{apiVersion: v1, kind: Service, metadata: {name: bad, namespace: $E}, spec: {clusterIP: 1.2.3.4, ports: [{port: 1}]}}"
	run -1 --separate-stderr flux deploy --dry-run
	has 'the API server refuses: The Service "bad" is invalid: spec.clusterIPs' "$stderr"
	has 'nothing was changed' "$stderr"
}

shop_kind() {
	mkdir -p "$P/schemas/crds"
	cat >"$P/schemas/crds/shops.yaml" <<-'END'
		apiVersion: apiextensions.k8s.io/v1
		kind: CustomResourceDefinition
		metadata: {name: shops.example.org}
		spec:
		  group: example.org
		  scope: Namespaced
		  names: {kind: Shop, plural: shops, singular: shop, listKind: ShopList}
		  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
	END
}

@test "waves are applied one by one, definitions first, each when the one before is ready" {
	shop_kind
	also <<-END
		apiVersion: example.org/v1
		kind: Shop
		metadata: {name: first, namespace: $E, annotations: {argocd.argoproj.io/sync-wave: "-2"}}
		---
		apiVersion: batch/v1
		kind: Job
		metadata: {name: before, namespace: $E, annotations: {argocd.argoproj.io/sync-wave: "-1"}}
		spec: {template: {spec: {restartPolicy: Never, containers: [{name: j, image: "example.org/j:1"}]}}}
		---
		apiVersion: v1
		kind: ConfigMap
		metadata: {name: last, namespace: $E, annotations: {argocd.argoproj.io/sync-wave: "5"}}
	END
	run -2 --separate-stderr flux deploy
	has 'does not know the kind Shop (example.org/v1): 1 objects' "$stderr"
	has 'install their CustomResourceDefinitions first' "$stderr"
	also <"$P/schemas/crds/shops.yaml"
	run -0 --separate-stderr flux deploy -v
	[[ $(grep -oE ': (namespaces and definitions|wave -?[0-9]+)$' <<<"$stderr" | uniq | paste -sd,) == ': namespaces and definitions,: wave -2,: wave -1,: wave 0,: wave 5' ]]
	k get shop first
	[[ ! $(k get job before -o jsonpath='{.status.completionTime}') > $(k get configmap last -o jsonpath='{.metadata.creationTimestamp}') ]]
	# Now the first asks for a condition that it never gets, and nothing after it is made.
	k delete configmap last
	sed -i 's|sync-wave: "-2"|sync-wave: "-2", infraflux/ready: "Open=True"|' "$P/platform/objects.yaml"
	run -1 --separate-stderr flux deploy --timeout 3 --no-rollback
	has "not ready: wave -2: Shop $E/first not ready after 3 s" "$stderr"
	has 'Open=True is asked for; there is no such condition yet' "$stderr"
	run -1 k get configmap last
	k patch shop first --type merge -p '{"status": {"conditions": [{"type": "Open", "status": "True"}]}}'
	flux deploy -q
	k get configmap last
}

@test "a conflict is explained: which field, who holds it, since when, what to do; --take-over makes it ours" {
	flux deploy -q
	k patch configmap web --field-manager=alice --type merge -p '{"data": {"color": "red", "extra": "hers"}}'
	run -1 --separate-stderr flux drift
	has 'data.color: red -> blue  (alice, 20' "$output"
	hasnt extra "$output"
	run -1 --separate-stderr flux deploy
	has "ConfigMap $E/web /data/color" "$stderr"
	has 'is "red", the manifests say "blue"' "$stderr"
	[[ $stderr =~ 'held by alice since 20'[0-9-]+T[0-9:]+Z ]]
	has 'make the fields ours with --take-over, or leave them to their manager' "$stderr"
	hasnt 'Please review the fields' "$stderr"
	[[ $(record .outcome) == findings ]]
	[[ $(k get configmap web -o jsonpath='{.data.color}') == red ]]
	run -0 flux deploy --take-over
	[[ $(k get configmap web -o jsonpath='{.data.color}/{.data.extra}') == blue/hers ]]
	flux drift
	# An autoscaler that scales is not asked for its field by diff-drift; the server is.
	k patch deployment web --subresource=scale --field-manager=autoscaler --type merge -p '{"spec": {"replicas": 3}}'
	run -1 --separate-stderr flux deploy
	has 'conflict with "autoscaler" with subresource "scale" using apps/v1: .spec.replicas' "$stderr"
}

@test "kubectl's edits, deletions and strangers' fields: drift says what, by whom and when" {
	flux deploy -q
	k set image deployment/web web=example.org/other:2 --field-manager=kubectl-set
	k delete service web
	k annotate configmap web note=mine
	run -1 flux drift --report "json=$T/drift.json"
	has "- Service $E/web" "$output" || has "+ Service $E/web" "$output"
	has 'example.org/other:2 -> example.org/good:1' "$output"
	[[ $(jq -r '.objects[] | select(.change == "changed") | .changes[] | "\(.path) \(.manager) \(.time | test("^20.*Z$"))"' "$T/drift.json") == '/spec/template/spec/containers/0/image kubectl-set true' ]]
	run -1 flux verify
	has 'live       FAIL' "$output"
	flux deploy -q --take-over
	flux verify
}

@test "what is not ready in time is told with its reasons; without an earlier release it is left there" {
	objects missing
	run -1 --separate-stderr flux deploy --timeout 5
	has "deploy: wave 0: 0 of 1 ready; Deployment $E/web: " "$stderr"
	has "not ready: wave 0: Deployment $E/web not ready after 5 s" "$stderr"
	has 'container web waits: ErrImagePull: manifest unknown' "$stderr"
	has 'there is no release to go back to' "$stderr"
	[[ $(record .outcome) == findings && $(record .stalled) == *'not ready after 5 s' ]]
	# A pod that fits on no node, and a claim without a class.
	objects
	sed -i 's/cpu: 1000m/cpu: 100000m/' "$P/platform/objects.yaml"
	also <<<"{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: late, namespace: $E}, spec: {storageClassName: late, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}"
	also <<<"{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: never, namespace: $E}, spec: {storageClassName: none, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}"
	run -1 --separate-stderr flux deploy --timeout 5
	has 'Unschedulable: 0/2 nodes are available: 2 Insufficient cpu' "$stderr"
	has "PersistentVolumeClaim $E/never: it is not bound to a volume" "$stderr"
	hasnt "PersistentVolumeClaim $E/late" "$stderr"
	# Too long for its own deadline: no waiting for the time limit.
	sed -i 's/  replicas: 2/  replicas: 2\n  progressDeadlineSeconds: 2/' "$P/platform/objects.yaml"
	sed -i '/name: never/d' "$P/platform/objects.yaml"
	run -1 --separate-stderr flux deploy --timeout 50
	has 'failed' "$stderr"
	has 'ProgressDeadlineExceeded' "$stderr"
}

@test "a failing image stalls the rollout and is rolled back by itself, exactly" {
	flux deploy -q
	kubectl get -n "$E" deployment,configmap web -o json | jq '.items | map(.spec, .data)' >before
	objects crash
	sed -i 's/color: blue/color: green/' "$P/platform/objects.yaml"
	also <<<"{apiVersion: v1, kind: ConfigMap, metadata: {name: new, namespace: $E}}"
	run -1 --separate-stderr flux deploy --timeout 6
	has 'container web waits: CrashLoopBackOff: back-off restarting failed container (ended with 1, 5 restarts)' "$stderr"
	has 'going back to release 1' "$stderr"
	has "$E is at release 1 again; the new one was not ready: wave 0: Deployment $E/web not ready after 6 s" "$stderr"
	[[ $(record '"\(.status) \(.outcome) \(.rolledBackTo)"') == '1 findings 1' ]]
	grep -q 'infraflux_run_status{.*} 1' "$INFRAFLUX_STATE/.infraflux/$E/metrics/infraflux_deploy.prom"
	kubectl get -n "$E" deployment,configmap web -o json | jq '.items | map(.spec, .data)' | diff before -
	run -1 k get configmap new
	flux verify
	run -0 flux rollback --list
	[[ ${#lines[@]} == 1 ]]
}

@test "pruning goes by inventory and label, within its limits" {
	local i
	for i in 1 2 3; do also <<<"{apiVersion: v1, kind: ConfigMap, metadata: {name: old-$i, namespace: $E}}"; done
	also <<<"{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: $E}, spec: {storageClassName: late, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}"
	also <<<"{apiVersion: v1, kind: ConfigMap, metadata: {name: given-away, namespace: $E}}"
	flux deploy -q
	# Someone's copy with our label is not in the inventory; what has lost the label is not ours any more.
	k get configmap web -o json | jq '.metadata |= {name: "copy", namespace, labels}' | kubectl create -f -
	k label configmap given-away infraflux/environment-
	objects
	run -2 --separate-stderr flux deploy --max-prune 2
	has '3 objects would be removed, more than --max-prune 2' "$stderr"
	k get configmap old-1
	run -0 --separate-stderr flux deploy
	has "kept (--prune-all removes them): objects/$E/PersistentVolumeClaim/data.yaml" "$stderr"
	has '3 removed' "$stderr"
	run -1 k get configmap old-1
	k get configmap copy given-away
	# It stays in the inventory until it goes.
	run -0 flux deploy --prune-all
	has "- objects/$E/PersistentVolumeClaim/data.yaml" "$output"
	run -1 k get pvc data
	# Nothing desired at all looks like a mistake.
	echo '# nothing' >"$P/platform/objects.yaml"
	run -2 --separate-stderr flux deploy --max-prune 100 --prune-all
	has 'nothing is desired, yet 4 objects are live' "$stderr"
	k get deployment web
}

@test "kill -9 at each of its writes: the next deploy finishes it, and nothing is left unknown" {
	local n
	cat >kubectl-that-kills <<-'END'
		#!/usr/bin/env bash
		if [[ " $* " == *' apply '* && " $* " != *' --dry-run=server '* ]]; then
			echo x >>"$COUNT"
			if (($(wc -l <"$COUNT") == AT)); then
				[[ ${HALF:-} ]] && kubectl "$@"
				kill -9 "$(sed -E 's/.*process ([0-9]+),.*/\1/' "$OWNER")"
				exit 1
			fi
		fi
		exec kubectl "$@"
	END
	chmod +x kubectl-that-kills
	export COUNT=$T/count OWNER=$INFRAFLUX_STATE/.infraflux/$E/lock.owner
	flux deploy -q
	for n in 1 2 3 4 5; do
		for half in '' half; do
			: >"$COUNT"
			objects "image-$n$half"
			also <<<"{apiVersion: v1, kind: ConfigMap, metadata: {name: of-$n$half, namespace: $E}}"
			AT=$n HALF=$half KUBECTL=$T/kubectl-that-kills run -137 flux deploy
			run -0 --separate-stderr flux deploy
			((n < 2 || n > 3)) || has 'finishing what was interrupted: deploy' "$stderr"
			[[ $(k get configmaps -l "infraflux/environment=$E" -o name | paste -sd,) == "configmap/of-$n$half,configmap/web" ]]
		done
	done
	flux verify
}

@test "the lock in the cluster holds off other machines, names its owner, and is freed by who was killed" {
	flux deploy -q
	kubectl -n infraflux patch lease "lock-$E" --type merge -p "{\"spec\": {\"holderIdentity\": \"deploy of ann@elsewhere\", \"renewTime\": \"$(date -u +%FT%T.000000Z)\"},
		\"metadata\": {\"annotations\": {\"infraflux/seat\": \"elsewhere:/state\"}}}"
	run -2 --separate-stderr flux deploy
	has "$E is locked in the cluster by deploy of ann@elsewhere" "$stderr"
	[[ $(record .outcome) == locked ]]
	# Looking takes no lock; a lock that was not renewed for its time is free.
	flux drift
	kubectl -n infraflux patch lease "lock-$E" --type merge -p "{\"spec\": {\"renewTime\": \"$(date -u -d '-40 seconds' +%FT%T.000000Z)\"}}"
	run -0 --separate-stderr flux deploy --wait-lock 30
	has 'waiting for deploy of ann@elsewhere' "$stderr"
	[[ $(kubectl -n infraflux get lease "lock-$E" -o jsonpath='{.spec.holderIdentity}') == '' ]]
}

@test "a rollback is exact, and another machine can make it, for releases are kept in the cluster" {
	also <<<"{apiVersion: v1, kind: Secret, metadata: {name: key, namespace: $E}, stringData: {word: open-sesame-1}}"
	flux deploy -q
	k get deployment,configmap,service web -o json | jq '.items | map(.spec // .data)' >first
	sed -i -e 's/color: blue/color: green/' -e 's/size: small/shape: round/' -e 's/replicas: 2/replicas: 3/' -e 's/open-sesame-1/open-sesame-2/' "$P/platform/objects.yaml"
	also <<<"{apiVersion: v1, kind: ConfigMap, metadata: {name: second, namespace: $E}}"
	flux deploy -q --note 'the second'
	rm -rf "$INFRAFLUX_STATE"
	INFRAFLUX_STATE=$T/elsewhere
	run -0 flux rollback --list
	has 'the second' "${lines[1]}"
	run -0 --separate-stderr flux rollback
	has 'release 3, which is release 1 again' "$stderr"
	k get deployment,configmap,service web -o json | jq '.items | map(.spec // .data)' | diff first -
	[[ $(k get secret key -o jsonpath='{.data.word}' | base64 -d) == open-sesame-1 ]]
	run -1 k get configmap second
	flux verify
	flux rollback 2 -q
	[[ $(k get configmap web -o jsonpath='{.data.shape}/{.data.size}') == round/ ]]
	flux drift
	run -2 flux rollback 77
	has 'no release 77; there are: 1 2 3 4' "$output"
}

@test "the values of Secrets are in no output, no ConfigMap, no file that others may read" {
	also <<<"{apiVersion: v1, kind: Secret, metadata: {name: key, namespace: $E}, stringData: {word: open-sesame-1}}"
	umask 022
	run -0 flux deploy --dry-run -k
	hasnt open-sesame "$output"
	run -0 flux deploy -v -k
	hasnt open-sesame "$output"
	[[ $(stat -c %a "$INFRAFLUX_STATE/.infraflux" "$INFRAFLUX_STATE/.infraflux/$E/work/deploy" | sort -u) == 700 ]]
	sed -i 's/open-sesame-1/open-sesame-2/' "$P/platform/objects.yaml"
	run -1 flux drift --source
	has "Secret $E/key" "$output"
	hasnt open-sesame "$output"
	run -0 flux deploy
	hasnt open-sesame "$output"
	hasnt "$(printf open-sesame-2 | base64)" "$output$(kubectl get configmaps -A -o yaml)"
	kubectl get configmaps -n infraflux -l "infraflux/release=000002" -o json | jq -r --arg e "$E" '.items[] | select(.metadata.labels["infraflux/state"] == $e).binaryData.archive' |
		base64 -d >kept
	[[ $(restore --list kept | paste -sd,) != *Secret* ]]
	flux backup -q
	[[ $(stat -c %a "$INFRAFLUX_STATE/.infraflux/$E/backups/"*) == 600 ]]
	# Who may not read Secrets compares all else, and is told.
	kubectl create -f - >/dev/null <<-END
		apiVersion: rbac.authorization.k8s.io/v1
		kind: ClusterRole
		metadata: {name: "look-$E"}
		rules:
		- {apiGroups: ["", apps], resources: [configmaps, services, deployments, namespaces], verbs: [get, list]}
		---
		apiVersion: rbac.authorization.k8s.io/v1
		kind: ClusterRoleBinding
		metadata: {name: "look-$E"}
		roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "look-$E"}
		subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: reader}]
	END
	export KUBECONFIG=$WORK/cluster/reader.kubeconfig
	run -0 --separate-stderr flux drift
	has 'the Secrets of release 2 are not compared' "$stderr"
	has '4 unchanged' "$output"
	run -2 --separate-stderr flux deploy
	has 'cannot read the lock' "$stderr"
}

@test "a backup is recovered into an emptied cluster, releases and all, and is equal" {
	also <<-END
		apiVersion: batch/v1
		kind: Job
		metadata: {name: once, namespace: $E}
		spec: {template: {spec: {restartPolicy: Never, containers: [{name: j, image: "example.org/j:1"}]}}}
		---
		apiVersion: v1
		kind: Service
		metadata: {name: pods, namespace: $E}
		spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
		---
		{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: $E}, spec: {storageClassName: late, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
	END
	flux deploy -q
	k annotate deployment web note=by-hand
	flux backup
	restore --stdout --only target "$INFRAFLUX_STATE/.infraflux/$E/backups/"* >packed
	local field
	for field in status: uid: resourceVersion: managedFields: 'clusterIP: 10' controller-uid; do hasnt "$field" "$(<packed)"; done
	has 'clusterIP: None' "$(<packed)"
	has 'note: by-hand' "$(<packed)"
	run -2 --separate-stderr flux recover
	has 'replace them with --yes' "$stderr"
	# All is lost: the namespace, the inventory, the releases, and what this machine knew.
	kubectl delete namespace "$E"
	kubectl delete configmaps,leases -n infraflux -l "infraflux/state=$E"
	mv "$INFRAFLUX_STATE/.infraflux/$E/backups" backups
	rm -rf "$INFRAFLUX_STATE"
	run -0 --separate-stderr flux recover --from backups/*
	has 'holds the 7 objects' "$stderr"
	k get deployment,service,job,pvc,configmap -o json --show-managed-fields >live.json
	flux recover --from backups/* --to "dir:$T/files" -q
	find files -name '*.yaml' -exec awk 'FNR == 1 { print "---" } { print }' {} + >packed.yaml
	kubectl get namespace "$E" -o json --show-managed-fields >>live.json
	run -0 diff-drift packed.yaml live.json
	has '7 unchanged' "$output"
	[[ $(k get deployment web -o jsonpath='{.metadata.annotations.note} {.status.readyReplicas}') == 'by-hand 2' ]]
	run -0 flux verify
	run -0 flux rollback --list
	[[ ${#lines[@]} == 2 ]]
	flux rollback 1 -q
	[[ $(k get deployment web -o jsonpath='{.metadata.annotations.note}') == '' ]]
}

@test "a context that is not there, a cluster that is not reached and kubectl missing are told" {
	run -2 flux deploy --target kube:nowhere
	has 'kubectl knows no context "nowhere"; there are: test' "$output"
	sed 's|server: .*|server: https://127.0.0.1:1|' "$KUBECONFIG" >unreachable
	KUBECONFIG=$T/unreachable run -2 flux drift
	has 'cannot reach the cluster of kube:test' "$output"
	KUBECTL=$T/none run -2 flux drift
	has "wants kubectl" "$output"
	also <<<'{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: not-made}}'
	run -2 flux deploy
	has 'there is no namespace not-made in kube:test' "$output"
}
