# SPDX-License-Identifier: MIT
# diff-drift: what is drift, what is none, and how it is told.
load test_helper

setup() {
	cd "$T" || return
}

# same: d.yaml and l.yaml show no drift with the options given.
same() {
	run --separate-stderr -0 diff-drift "$@" d.yaml l.yaml
}

# drifts TEXT [OPTION]...: they show drift, and the report holds TEXT.
drifts() {
	local text=$1
	shift
	run --separate-stderr -1 diff-drift "$@" d.yaml l.yaml
	has "$text" "$output"
}

deployment() { # NAME EXTRA...: a Deployment whose spec has the further fields EXTRA (flow YAML)
	cat <<-END
		apiVersion: apps/v1
		kind: Deployment
		metadata: {name: $1, namespace: shop}
		spec:
		  selector: {matchLabels: {app: $1}}
		  template:
		    metadata: {labels: {app: $1}}
		    spec: {containers: [{name: main, image: "app:1"}]}
	END
	shift
	printf '  %s\n' "$@"
}

service() { # PORTS (flow YAML)
	printf 'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {app: web}\n  ports: %s\n' "$1"
}

@test "an object is itself, whatever the order of its keys" {
	deployment web 'replicas: 2' >d.yaml
	printf '{"kind":"Deployment","spec":{"replicas":2,"template":{"spec":{"containers":[{"image":"app:1","name":"main"}]},"metadata":{"labels":{"app":"web"}}},"selector":{"matchLabels":{"app":"web"}}},"metadata":{"namespace":"shop","name":"web"},"apiVersion":"apps/v1"}' >l.yaml
	same
	has '0 added, 0 removed, 0 changed, 1 unchanged' "$output"
}

@test "a changed field is drift, with its path, both values, and status 1" {
	deployment web 'replicas: 2' >d.yaml
	deployment web 'replicas: 5' >l.yaml
	drifts 'spec.replicas: 5 -> 2'
	has '~ apps/Deployment shop/web' "$output"
}

@test "an object that is missing is drift; one that is not desired is none without --prune" {
	{ deployment web; echo ---; deployment api; } >d.yaml
	{ deployment web; echo ---; deployment other; } >l.yaml
	drifts '+ apps/Deployment shop/api'
	hasnt other "$output"
}

@test "with --prune what carries our label and is not desired is drift" {
	deployment web >d.yaml
	{ deployment web; echo ---
	  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old, namespace: shop, labels: {app.kubernetes.io/managed-by: infraflux}}\n---\n'
	  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: foreign, namespace: shop}\n'; } >l.yaml
	same
	drifts '- ConfigMap shop/old' --prune
	hasnt foreign "$output"
	same --prune --label team=x
}

@test "what the server fills in is no drift" {
	deployment web >d.yaml
	{ deployment web 'revisionHistoryLimit: 10' 'progressDeadlineSeconds: 600' |
	  sed 's/^metadata: .*/metadata: {name: web, namespace: shop, uid: u, resourceVersion: "7", generation: 3, creationTimestamp: "2026-01-01T00:00:00Z"}/'
	  printf 'status: {replicas: 1}\n'; } >l.yaml
	same
	same --fields=all
}

@test "desired objects that were exported may carry server fields and status" {
	{ deployment web | sed 's/name: web, names/name: web, resourceVersion: "1", creationTimestamp: null, names/'; echo 'status: {}'; } >d.yaml
	deployment web >l.yaml
	same
}

@test "quantities are compared by value, and by value only where the API has quantities" {
	deployment web | sed 's/image: "app:1"/image: "app:1", resources: {requests: {cpu: 1000m, memory: 1Gi}, limits: {cpu: 0.5}}/' >d.yaml
	deployment web | sed 's/image: "app:1"/image: "app:1", resources: {requests: {cpu: "1", memory: 1024Mi}, limits: {cpu: 500m}}/' >l.yaml
	same
	sed -i 's/1024Mi/1000Mi/' l.yaml
	drifts 'requests.memory: 1000Mi -> 1Gi'
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {cpu: 1000m}\n' >d.yaml
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {cpu: "1"}\n' >l.yaml
	drifts 'data.cpu'
}

@test "items of list maps are matched by their keys, and order is no drift" {
	service '[{name: a, port: 80, targetPort: 8080}, {name: b, port: 443, targetPort: 8443}]' >d.yaml
	service '[{name: b, port: 443, targetPort: 8443, protocol: TCP, nodePort: 30001}, {name: a, port: 80, targetPort: 8080, protocol: TCP}]' >l.yaml
	same
	sed -i 's/targetPort: 8443/targetPort: 9/' l.yaml
	drifts 'spec.ports[port=443].targetPort: 9 -> 8443'
}

@test "the order of a list without keys counts" {
	deployment web | sed 's/image: "app:1"/image: "app:1", args: [a, b]/' >d.yaml
	deployment web | sed 's/image: "app:1"/image: "app:1", args: [b, a]/' >l.yaml
	drifts 'args[0]'
	sed -i 's/args: .b, a./args: [a, x, b]/' l.yaml
	drifts '- spec.template.spec.containers[name=main].args[1]: x'
}

@test "defaults inside lists without keys are no drift, other additions are" {
	printf 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n, namespace: shop}\nspec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]}\n' >d.yaml
	sed 's/{port: 80}/{port: 80, protocol: TCP}/' d.yaml >l.yaml
	same
	sed -i 's/port: 80,/port: 80, endPort: 90,/' l.yaml
	drifts 'endPort'
}

@test "fields that others add are no drift; with --fields=all they are" {
	deployment web >d.yaml
	deployment web | sed 's/^metadata: .*/metadata: {name: web, namespace: shop, annotations: {mesh: injected}}/' >l.yaml
	same
	drifts '- metadata.annotations: {"mesh":"injected"}' --fields=all
}

@test "a field that our manager owns and desired no longer names is drift" {
	deployment web >d.yaml
	{ deployment web 'paused: true'; } | sed 's/^metadata: .*/metadata: {name: web, namespace: shop, managedFields: [{manager: infraflux, operation: Apply, time: "2026-11-01T00:00:00Z", fieldsV1: {"f:spec": {"f:paused": {}}}}]}/' >l.yaml
	drifts '- spec.paused: true  (infraflux, 2026-11-01T00:00:00Z)'
	sed -i 's/manager: infraflux/manager: another/' l.yaml
	same
	drifts 'spec.paused' --manager another
}

@test "a change names the manager who made it, and when" {
	deployment web 'replicas: 2' >d.yaml
	deployment web 'replicas: 5' | sed 's/^metadata: .*/metadata: {name: web, namespace: shop, managedFields: [{manager: old, operation: Update, time: "2026-01-01T00:00:00Z", fieldsV1: {"f:spec": {"f:replicas": {}}}}, {manager: kubectl-edit, operation: Update, time: "2026-11-20T10:00:00Z", fieldsV1: {"f:spec": {"f:replicas": {}}}}]}/' >l.yaml
	drifts '(kubectl-edit, 2026-11-20T10:00:00Z)'
}

@test "replicas that an autoscaler sets are no drift" {
	deployment web 'replicas: 2' >d.yaml
	deployment web 'replicas: 5' | sed 's/^metadata: .*/metadata: {name: web, namespace: shop, managedFields: [{manager: kube-controller-manager, operation: Update, subresource: scale, time: "2026-11-20T10:00:00Z", fieldsV1: {"f:spec": {"f:replicas": {}}}}]}/' >l.yaml
	same
	sed -i 's/manager: kube-controller-manager/manager: kubectl/' l.yaml
	drifts '(kubectl, 2026-11-20T10:00:00Z)'
	deployment web 'replicas: 5' >l.yaml
	drifts spec.replicas
	printf -- '---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\nspec: {maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}\n' | tee -a d.yaml >>l.yaml
	same
}

@test "what was applied last and is gone since is drift: by the annotation, and by --last-applied" {
	deployment web >d.yaml
	deployment web 'paused: true' >l.yaml
	same
	cp l.yaml last.yaml
	drifts '- spec.paused: true' --last-applied last.yaml
	sed -i 's/^metadata: .*/metadata: {name: web, namespace: shop, annotations: {kubectl.kubernetes.io\/last-applied-configuration: "{\\"spec\\":{\\"paused\\":true}}"}}/' l.yaml
	drifts '- spec.paused: true'
}

@test "a Secret is compared as the server stores it, and its values are never shown" {
	printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\nstringData: {a: hunter2, b: same}\n' >d.yaml
	printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\ntype: Opaque\ndata: {a: b3RoZXI=, b: c2FtZQ==}\n' >l.yaml
	for format in text json patch unified markdown html sarif junit github metrics; do
		run --separate-stderr -1 diff-drift --report "$format" d.yaml l.yaml
		for secret in hunter2 aHVudGVyMg b3RoZXI= other c2FtZQ; do
			hasnt "$secret" "$output$stderr"
		done
	done
	drifts 'data.a: "*** ('
	hasnt data.b "$output"
}

@test "the JSON report has the fields of the contract" {
	need jq
	{ deployment web 'replicas: 2'; echo ---; deployment api; } >d.yaml
	deployment web 'replicas: 5' >l.yaml
	run --separate-stderr -1 diff-drift --report json d.yaml l.yaml
	[[ $(jq -c .summary <<<"$output") == '{"added":1,"removed":0,"changed":1,"unchanged":0}' ]]
	[[ $(jq -c '.objects[0]' <<<"$output") == '{"id":"apps/Deployment shop/web","change":"changed","changes":[{"path":"/spec/replicas","op":"replace","desired":2,"live":5,"manager":null,"time":null}]}' ]]
	[[ $(jq -c '.objects[1]' <<<"$output") == '{"id":"apps/Deployment shop/api","change":"added","changes":[]}' ]]
	cp d.yaml l.yaml
	run --separate-stderr -0 diff-drift --report json d.yaml l.yaml
	[[ $(jq -c .objects <<<"$output") == '[]' ]]
}

@test "lists of kubectl are taken apart, and either input may be standard input" {
	deployment web 'replicas: 2' >d.yaml
	printf '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},"spec":{"replicas":3}}]}' >l.json
	run --separate-stderr -1 diff-drift d.yaml - <l.json
	has 'spec.replicas: 3 -> 2' "$output"
	run --separate-stderr -1 diff-drift - l.json <d.yaml
	has 'spec.replicas: 3 -> 2' "$output"
	run --separate-stderr -2 diff-drift - - <d.yaml
	has 'only one of DESIRED and LIVE' "$stderr"
}

@test "a desired object without a namespace meets the live one of its name" {
	deployment web 'replicas: 2' | sed 's/, namespace: shop//' >d.yaml
	deployment web 'replicas: 3' >l.yaml
	drifts 'spec.replicas: 3 -> 2' -n shop
	drifts '+ apps/Deployment other/web' -n other
}

@test "the same object twice is a finding" {
	{ deployment web; echo ---; deployment web; } >d.yaml
	deployment web >l.yaml
	drifts '[duplicate-object]'
	has 'd.yaml:11:1' "$output"
	mv d.yaml x && mv l.yaml d.yaml && mv x l.yaml
	drifts 'in the live objects twice'
}

@test "an empty DESIRED is trouble unless it is allowed" {
	: >d.yaml
	deployment web >l.yaml
	run --separate-stderr -2 diff-drift d.yaml l.yaml
	has --allow-empty "$stderr"
	same --allow-empty
}

@test "what is no object is trouble that tells of --generic" {
	echo 'a: 1' >d.yaml
	deployment web >l.yaml
	run --separate-stderr -2 diff-drift d.yaml l.yaml
	has 'd.yaml:1:1: error: this has no apiVersion' "$stderr"
	has --generic "$stderr"
}

@test "--ignore hides what its rules name: by pointer, path with *, jq, kind and manager" {
	deployment web 'replicas: 2' >d.yaml
	deployment web 'replicas: 5' | sed 's/app:1/app:2/; s/^metadata: .*/metadata: {name: web, namespace: shop, managedFields: [{manager: hpa, operation: Update, fieldsV1: {"f:spec": {"f:replicas": {}}}}]}/' >l.yaml
	echo '- {kind: Deployment, pointer: /spec/replicas, reason: scaled}' >i.yaml
	drifts image --ignore i.yaml
	hasnt spec.replicas "$output"
	echo '- {kind: Deploy*, name: web, pointer: "spec.template.spec.containers[*].image"}' >j.yaml
	same --ignore i.yaml --ignore j.yaml
	echo '- {jq: ".spec.template.spec.containers[] | select(.name == \"main\") | .image"}' >j.yaml
	same --ignore i.yaml --ignore j.yaml
	echo '- {manager: hpa}' >i.yaml
	same --ignore i.yaml --ignore j.yaml
	echo '- {kind: Deployment, namespace: shop}' >i.yaml
	same --ignore i.yaml
	echo '- {kind: Deployment, namespace: elsewhere}' >i.yaml
	drifts spec.replicas --ignore i.yaml
}

@test "a rule that has expired hides nothing and says so; a rule that hides all is refused" {
	deployment web 'replicas: 2' >d.yaml
	deployment web 'replicas: 5' >l.yaml
	echo '- {pointer: /spec/replicas, expires: 2001-12-31}' >i.yaml
	drifts spec.replicas --ignore i.yaml
	has '[ignore-expired]' "$output"
	echo '- {pointer: /spec/replicas, expires: 2999-12-31}' >i.yaml
	same --ignore i.yaml
	for bad in '- {reason: x}' '- {pionter: /a}' 'a: 1' '- {pointer: /a, expires: soon}' '- {pointer: "a[", kind: X}' '- {jq: ".a |"}'; do
		echo "$bad" >i.yaml
		run --separate-stderr -2 diff-drift --ignore i.yaml d.yaml l.yaml
		has 'i.yaml:1:' "$stderr"
	done
}

@test "--baseline accepts drift until it expires, and tells of what is no drift any more" {
	deployment web 'replicas: 2' >d.yaml
	deployment web 'replicas: 5' >l.yaml
	echo '- {object: apps/Deployment shop/web, path: /spec/replicas, live: 5, reason: sale, owner: ann, expires: 2999-01-01}' >b.yaml
	same --baseline b.yaml
	sed -i 's/live: 5/live: 6/' b.yaml
	drifts spec.replicas --baseline b.yaml
	has '[baseline-unused]' "$output"
	sed -i 's/live: 6, //; s/2999/2001/' b.yaml
	drifts '[baseline-expired]' --baseline b.yaml
	has spec.replicas "$output"
}

@test "a JSON report of today is a baseline for tomorrow" {
	{ deployment web 'replicas: 2'; echo ---; deployment api; } >d.yaml
	deployment web 'replicas: 5' >l.yaml
	run --separate-stderr -1 diff-drift --report json=b.json d.yaml l.yaml
	same --baseline b.json
}

@test "--generic compares any two documents, every field of them" {
	printf 'a: 1\nb: [x, y]\nc: {d: 1.0}\n' >d.yaml
	printf 'c: {d: 1}\nb: [x, y]\na: 1\n' >l.yaml
	same --generic
	printf 'a: 2\nb: [x, z, y]\nc: {d: 1}\nextra: 1\n' >l.yaml
	drifts '~ a: 2 -> 1' --generic
	has '- b[1]: z' "$output"
	has '- extra: 1' "$output"
}

@test "--generic pairs objects by identity and items by name" {
	{ deployment a; echo ---; service '[]'; } >d.yaml
	{ service '[]'; echo ---; deployment a; } >l.yaml
	same --generic
	printf 'l: [{name: x, v: 1}, {name: y, v: 2}]\n' >d.yaml
	printf 'l: [{name: y, v: 3}, {name: x, v: 1}]\n' >l.yaml
	drifts '~ l[name=y].v: 3 -> 2' --generic
}

@test "text of many lines shows the lines that differ" {
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  f: |\n    one\n    two\n    three\n' >d.yaml
	sed 's/two/2/' d.yaml >l.yaml
	drifts '-2'
	has '+two' "$output"
}

@test "custom kinds use the list keys of their CRD" {
	cat >crd.yaml <<-'END'
		apiVersion: apiextensions.k8s.io/v1
		kind: CustomResourceDefinition
		metadata: {name: gates.example.com}
		spec:
		  group: example.com
		  names: {kind: Gate, plural: gates}
		  scope: Namespaced
		  versions:
		  - name: v1
		    served: true
		    storage: true
		    schema:
		      openAPIV3Schema:
		        type: object
		        properties:
		          spec:
		            type: object
		            properties:
		              rules: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [where], items: {type: object, properties: {where: {type: string}, to: {type: string}}}}
	END
	printf 'apiVersion: example.com/v1\nkind: Gate\nmetadata: {name: g, namespace: n}\nspec: {rules: [{where: a, to: x}, {where: b, to: y}]}\n' >d.yaml
	printf 'apiVersion: example.com/v1\nkind: Gate\nmetadata: {name: g, namespace: n}\nspec: {rules: [{where: b, to: y}, {where: a, to: x}]}\n' >l.yaml
	drifts 'rules[0]'
	same --crds crd.yaml
	mkdir -p crds/deep
	mv crd.yaml crds/deep/
	ln -s .. crds/deep/back
	same --crds crds
	run -0 --separate-stderr diff-drift --crds d.yaml d.yaml d.yaml
	[[ $output == *'d.yaml: warning: there is no CustomResourceDefinition in this [nothing-matched]'* ]]
}

@test "findings stand at the lines that origins name" {
	deployment web 'replicas: 2' >prod.yaml
	run -0 config-merge --origins-out o.jsonl -O d.yaml prod.yaml
	deployment web 'replicas: 5' >l.yaml
	run --separate-stderr -1 diff-drift --origins o.jsonl --report github d.yaml l.yaml
	has 'file=prod.yaml,line=9' "$output"
}

@test "several reports come from one run, and -O takes the one for standard output" {
	need jq
	deployment web 'replicas: 2' >d.yaml
	deployment web 'replicas: 5' >l.yaml
	run --separate-stderr -1 diff-drift --report text --report json=j --report sarif=s --report junit=u --report metrics=m d.yaml l.yaml
	has 'spec.replicas: 5 -> 2' "$output"
	[[ $(jq -r .summary.changed j) == 1 && $(jq -r '.runs[0].results[0].ruleId' s) == drift/changed ]]
	has '<testsuite' "$(<u)"
	has 'infraflux_drift_objects{change="changed"} 1' "$(<m)"
	run --separate-stderr -1 diff-drift -O t d.yaml l.yaml
	[[ -z $output ]]
	has 'spec.replicas: 5 -> 2' "$(<t)"
}

@test "the patch report turns live into desired" {
	need jq
	printf 'l: [a, b, c, d, e]\nm: {x: 1, "a/b": 2}\nn: [{name: p, v: 1}, {name: q, v: [1, 2]}]\n' >d.yaml
	printf 'l: [z, b, d, y, e, f]\nm: {y: 1, "a/b": 3}\nn: [{name: r, v: 1}, {name: q, v: [2]}]\n' >l.yaml
	run --separate-stderr -1 diff-drift --generic --report patch d.yaml l.yaml
	jq '.[0].patch' <<<"$output" >p.json
	config-merge --patch p.json -O l2.yaml l.yaml
	run --separate-stderr -0 diff-drift --generic d.yaml l2.yaml
	deployment web 'replicas: 2' >d.yaml
	deployment web 'replicas: 5' >l.yaml
	run --separate-stderr -1 diff-drift --report patch d.yaml l.yaml
	[[ $(jq -c '.[0] | [.apiVersion, .kind, .namespace, .name, .patch]' <<<"$output") == '["apps/v1","Deployment","shop","web",[{"op":"replace","path":"/spec/replicas","value":2}]]' ]]
}

@test "the unified report is a diff of what counts, which patch applies" {
	need patch
	{ deployment web 'replicas: 2'; echo ---; deployment api; } >d.yaml
	deployment web 'replicas: 5' | sed 's/^metadata: .*/metadata: {name: web, namespace: shop, uid: u, labels: {added: by-a-webhook}}/' >l.yaml
	run --separate-stderr -1 diff-drift --report unified d.yaml l.yaml
	has '--- live/apps/Deployment/shop/web' "$output"
	has $'-  replicas: 5\n+  replicas: 2' "$output"
	has $'--- /dev/null\n+++ desired/apps/Deployment/shop/api\n@@ -0,0 +1' "$output"
	hasnt uid "$output"
	hasnt webhook "$output"
	printf 'a: [1, 2, 3, 4, 5, 6, 7, 8, 9]\nz: {k: v}\n' | config-merge -o yaml -O d.yaml
	printf 'a: [1, 3, 4, 5, 6, 7, x, 8, 9]\nz: {}\n' | config-merge -o yaml -O l.yaml
	diff-drift --generic --report unified=u d.yaml l.yaml >/dev/null || true
	patch -s l.yaml u
	cmp d.yaml l.yaml
}

@test "the HTML report is one page, with nothing of the objects taken for markup" {
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {k: "<script>alert(1)</script>"}\n' >d.yaml
	sed 's/alert(1)/alert(2)/' d.yaml >l.yaml
	run --separate-stderr -1 diff-drift --report html d.yaml l.yaml
	has '<!doctype html>' "$output"
	has '&#60;script&#62;alert(1)' "$output"
	hasnt '<script' "$output"
	hasnt http "$output"
}

@test "--impact tells what it would do to apply the change" {
	need jq
	deployment web 'replicas: 2' >d.yaml
	deployment web 'replicas: 5' | sed 's/app:1/app:2/; s/matchLabels: {app: web}/matchLabels: {app: old}/' >l.yaml
	drifts '! scale: pods are taken away' --impact
	has '! restart: its pods are replaced' "$output"
	has '! refused: the API refuses' "$output"
	run --separate-stderr -1 diff-drift --impact --report json d.yaml l.yaml
	[[ $(jq -c '[.objects[0].changes[].impact.class] | sort' <<<"$output") == '["refused","restart","scale"]' ]]
	printf 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\nspec: {resources: {requests: {storage: 1Gi}}}\n' >d.yaml
	sed 's/1Gi/1G/' d.yaml >l.yaml
	drifts 'storage: 1G -> 1Gi' --impact
	hasnt '!' "$output"
	sed 's/1Gi/2Gi/' d.yaml >l.yaml
	drifts '! refused: a claim can only grow' --impact
	printf -- '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: old, labels: {app.kubernetes.io/managed-by: infraflux}}\n' >>l.yaml
	drifts '! loss: all that is in it goes with it' --impact --prune
}

@test "--state remembers since when there is drift, and forgets what is mended" {
	need jq
	{ deployment web 'replicas: 2'; echo ---; deployment api; } >d.yaml
	deployment web 'replicas: 5' >l.yaml
	drifts 'since 20' --state s.json
	sed -i 's/"since": "20[^"]*"/"since": "2026-01-02T03:04:05Z"/' s.json
	drifts 'spec.replicas: 5 -> 2  since 2026-01-02T03:04:05Z' --state s.json
	has '+ apps/Deployment shop/api  since 2026-01-02T03:04:05Z' "$output"
	run --separate-stderr -1 diff-drift --state s.json --report metrics d.yaml l.yaml
	has 'infraflux_drift_since_timestamp_seconds{group="apps",kind="Deployment",namespace="shop",name="web",change="changed"} 1767323045' "$output"
	deployment web 'replicas: 2' >l.yaml
	drifts '+ apps/Deployment shop/api' --state s.json
	[[ $(jq -c '[.drift[].id]' s.json) == '["apps/Deployment shop/api"]' ]]
	cp s.json before
	run --separate-stderr -2 diff-drift --state s.json d.yaml missing
	cmp s.json before
	echo '{}' >s.json
	run --separate-stderr -2 diff-drift --state s.json d.yaml l.yaml
	has 's.json: error: this is no state' "$stderr"
}

@test "--fail-on=never lets a report stand, and --status-fd tells the verdict" {
	deployment web 'replicas: 2' >d.yaml
	deployment web 'replicas: 5' >l.yaml
	run --separate-stderr -0 diff-drift --fail-on=never d.yaml l.yaml
	has spec.replicas "$output"
	diff-drift --status-fd 3 d.yaml l.yaml 3>v || true
	has '"verdict":"findings"' "$(<v)"
}

@test "nothing but the report is written, and the inputs are not touched" {
	mkdir in && cd in
	deployment web 'replicas: 2' >d.yaml
	deployment web 'replicas: 5' >l.yaml
	sum=$(sha256sum ./*)
	run --separate-stderr -1 diff-drift d.yaml l.yaml
	[[ $(sha256sum ./*) == "$sum" && $(ls) == $'d.yaml\nl.yaml' ]]
}

@test "usage errors and unreadable inputs are status 2" {
	deployment web >d.yaml
	for args in '' d.yaml 'd.yaml d.yaml d.yaml' '--nope d.yaml d.yaml' 'd.yaml missing.yaml' '. d.yaml' '--kubernetes 1.2 d.yaml d.yaml' '--report nope d.yaml d.yaml'; do
		# shellcheck disable=SC2086
		run --separate-stderr -2 diff-drift $args
		[[ -n $stderr ]]
	done
	printf 'a: [\n' >l.yaml
	run --separate-stderr -2 diff-drift d.yaml l.yaml
	has 'l.yaml:' "$stderr"
}

@test "a Secret without an apiVersion is itself, too" {
	printf 'kind: Secret\nmetadata: {name: x}\nstringData: {a: hunter2}\n' >"$T/s.yaml"
	run -0 --separate-stderr diff-drift --generic "$T/s.yaml" "$T/s.yaml"
	sed 's/hunter2/hunter3/' "$T/s.yaml" >"$T/t.yaml"
	run -1 --separate-stderr diff-drift --generic "$T/s.yaml" "$T/t.yaml"
	hasnt hunter "$output$stderr"
}

@test "a kind called Secret of another group is compared as it is written, annotation and all" {
	cat >"$T/live.yaml" <<-'YAML'
		apiVersion: vault.example.org/v1
		kind: Secret
		metadata:
		  name: x
		  annotations:
		    kubectl.kubernetes.io/last-applied-configuration: '{"apiVersion":"vault.example.org/v1","kind":"Secret","metadata":{"name":"x"},"stringData":{"a":"1"}}'
		stringData: {a: "1"}
		data: {b: set by another}
	YAML
	printf 'apiVersion: vault.example.org/v1\nkind: Secret\nmetadata: {name: x}\n' >"$T/want.yaml"
	run -1 --separate-stderr diff-drift "$T/want.yaml" "$T/live.yaml"
	has stringData "$output"
}
