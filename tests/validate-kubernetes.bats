#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# validate --kubernetes: built-in kinds, CRDs, the rules of the API beyond its schema.
# shellcheck disable=SC2154
load validate_helper

# refuse EDIT TEXT: web.yaml, edited with sed, has exactly one finding and it holds TEXT.
refuse() {
	sed -E "$1" web.yaml >in.yaml
	run -1 --separate-stderr validate --kubernetes in.yaml
	has "$2" "$output"
	[ "$(grep -c ': error:' <<<"$output")" = 1 ] || { echo "$output"; return 1; }
	run -0 validate --kubernetes --no-rule 'api/*' in.yaml
}

@test "a valid object is valid, of each release there is" {
	for v in 1.37 v1.36 1.35; do
		run -0 --separate-stderr validate --kubernetes=$v web.yaml
		[ -z "$output" ]
	done
	run -2 --separate-stderr validate --kubernetes=1.2 web.yaml
	has 'v1.37' "$stderr"
}

@test "an unknown field of an object is refused with the nearest name" {
	sed 's/image:/imag:/' web.yaml >in.yaml
	run -1 --separate-stderr validate --kubernetes in.yaml
	has 'in.yaml:14:9: error: spec.template.spec.containers[0].imag: unknown field; did you mean "image"? (apps/Deployment shop/web)' "$output"
}

@test "quantities and types of objects are checked" {
	sed 's/500m/500x/; s/replicas: 2/replicas: two/' web.yaml >in.yaml
	run -1 --separate-stderr validate --kubernetes in.yaml
	has 'in.yaml:16:25: error: spec.template.spec.containers[0].resources.limits.cpu: expected a quantity' "$output"
	has 'in.yaml:7:13: error: spec.replicas: expected an integer, found string "two"' "$output"
}

@test "an object of unknown kind is a finding, unless --ignore-missing" {
	printf 'apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w}\n' >in.yaml
	run -1 --separate-stderr validate --kubernetes in.yaml
	has 'in.yaml:2:7: error: no schema for the kind Widget of example.org/v1' "$output"
	has '--crds' "$output"
	run -0 validate --kubernetes --ignore-missing in.yaml
	sed -i 's/example.org/apps/; s/Widget/Deploymnt/' in.yaml
	run -1 validate --kubernetes in.yaml
	has 'did you mean Deployment?' "$output"
	printf 'apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: w}\n' >in.yaml
	run -1 validate --kubernetes in.yaml
	has 'networking.k8s.io/v1 has it' "$output"
}

@test "what is no object is a finding; an empty document is passed over" {
	printf -- '---\n# nothing\n---\nkind: Pod\n' >in.yaml
	run -1 --separate-stderr validate --kubernetes in.yaml
	has 'in.yaml:4:1: error: this is no Kubernetes object: it has no apiVersion' "$output"
}

@test "items of lists are checked at their own place" {
	printf 'apiVersion: v1\nkind: List\nitems:\n' >in.yaml
	sed 's/^/  /; 1s/^ />/; 1s/> /- /; s/replicas: 2/replicas: []/' web.yaml >>in.yaml
	run -1 --separate-stderr validate --kubernetes in.yaml
	has 'in.yaml:10:15: error: spec.replicas: expected an integer' "$output"
	hasnt 'unknown' "$output"
}

@test "CRDs are read as they are" {
	crd
	cat >in.yaml <<-'Y'
		apiVersion: example.org/v1
		kind: Widget
		metadata: {name: w, labels: {a: b}}
		spec:
		  port: http
		  note: null
		  free: {any: [1, {thing: true}]}
		  tags: [{key: a}, {key: b}]
	Y
	run -0 --separate-stderr validate --crds crd.yaml in.yaml
	[ -z "$output" ]
	sed -i 's/port: http/port: [1]/; s/note: null/note: "9"/; s/key: b/key: a/; s/labels/lables/' in.yaml
	echo '  more: 1' >>in.yaml
	run -1 --separate-stderr validate --crds crd.yaml in.yaml
	has 'in.yaml:5:9: error: spec.port: expected a string or an integer, found a list' "$output"
	has 'in.yaml:6:9: error: spec.note: string "9" does not match the pattern' "$output"
	has 'in.yaml:8:20: error: spec.tags[1]: a second item with key=a (the first is on line 8)' "$output"
	has 'in.yaml:3:21: error: metadata.lables: unknown field; did you mean "labels"?' "$output"
	has 'in.yaml:9:3: error: spec.more: unknown field' "$output"
}

@test "CRDs may be a folder, or standard input" {
	crd
	mkdir -p crds/deep
	mv crd.yaml crds/deep/
	printf 'apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w}\nspec: {}\n' >in.yaml
	run -1 --separate-stderr validate --crds crds in.yaml
	has 'spec: the field "port" is required' "$output"
	run -1 --separate-stderr bash -c 'validate --crds - in.yaml <crds/deep/crd.yaml'
	has 'spec: the field "port" is required' "$output"
}

@test "what the API refuses in a workload is a finding with an api/ rule" {
	refuse 's/^  name: web/  name: Web_1/' '[api/name]'
	refuse 's/replicas: 2/replicas: -2/' 'must be at least 0, found -2'
	refuse 's/(selector.*app: )web/\1wep/' 'spec.selector.matchLabels.app: the pod template has "web" there: its labels must match the selector'
	refuse 's/cpu: 500m/cpuu: 500m/' 'no such resource; did you mean "cpu"?'
	refuse 's/limits: \{/requests: {cpu: 2}, limits: {/; s/resources:/resources: {/; s/1Gi\}/1Gi}}/' 'the request 2 is more than the limit 500m'
	refuse 's/image:.*/&\n        imagePullPolicy: always/' 'did you mean "Always"?'
	refuse 's/image:.*/&\n        volumeMounts: [{name: dta, mountPath: \/d}]\n      volumes: [{name: data}]/; /resources|limits/d' 'there is no volume "dta"; did you mean "data"?'
	refuse 's/image:.*/&\n        livenessProbe: {periodSeconds: 3}/' 'a probe needs one of exec, grpc, httpGet or tcpSocket'
	refuse 's/image:.*/&\n        env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]/' 'either a value or a valueFrom'
	refuse 's/( *)- name: web/&\n\1  image: a\n&/' 'a second container "web" (the first is on line 13)'
	refuse 's/image:.*/&\n        ports: [{containerPort: 70000}]/' 'must be from 1 to 65535, found 70000'
	refuse 's/^  replicas:.*/&\n  strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}/' 'must not be set where the type is Recreate'
	refuse 's/( *)containers:/\1restartPolicy: Never\n&/' 'must be Always in a Deployment'
	refuse 's/labels: \{app: web\}/labels: {app: web, "-x": v}/' 'the key must be [prefix.domain/]name'
}

@test "what the API refuses in other kinds is a finding with an api/ rule" {
	each() { # SPEC TEXT
		printf 'metadata: {name: x}\n%s\n' "$1" >in.yaml
		run -1 --separate-stderr validate --kubernetes in.yaml
		has "$2" "$output"
		[ "$(grep -c ': error:' <<<"$output")" = 1 ] || { echo "$output"; return 1; }
	}
	each $'apiVersion: v1\nkind: Service\nspec: {ports: [{port: 80}, {port: 81, name: a}]}' 'a name is required where there is more than one port'
	each $'apiVersion: v1\nkind: Service\nspec: {ports: [{port: 80, nodePort: 30000}]}' 'goes with the types NodePort and LoadBalancer only'
	each $'apiVersion: v1\nkind: Service\nspec: {type: ExternalName}' 'needs an externalName'
	each $'apiVersion: v1\nkind: PersistentVolumeClaim\nspec: {resources: {requests: {storage: 1Gi}}}' '"accessModes" is required'
	each $'apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nstringData: {tls.crt: x}' 'needs the key "tls.key"'
	each $'apiVersion: v1\nkind: ConfigMap\ndata: {"a b": x}' 'the key must be a key of letters'
	each $'apiVersion: batch/v1\nkind: CronJob\nspec: {schedule: "* * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}}}' \
		'a schedule of five fields'
	each $'apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {containers: [{name: a, image: a}]}}}' 'needs the restartPolicy OnFailure or Never'
	each $'apiVersion: networking.k8s.io/v1\nkind: Ingress\nspec: {rules: [{http: {paths: [{path: a, pathType: Prefix, backend: {service: {name: a, port: {number: 1}}}}]}}]}' \
		'the path must begin with /'
	each $'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec: {minReplicas: 3, maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}}' \
		'must not be below minReplicas (3), found 2'
	each $'apiVersion: policy/v1\nkind: PodDisruptionBudget\nspec: {minAvailable: 1, maxUnavailable: 1, selector: {}}' 'has minAvailable already'
	each $'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nrules: [{verbs: [get], resources: [pods]}]' 'needs apiGroups'
	each $'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nroleRef: {kind: ClusterRole, name: a}\nsubjects: [{kind: ServiceAccount, name: a}]' 'needs its namespace'
	each $'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec: {podSelector: {}, ingress: [{from: [{}]}]}' 'a peer needs podSelector'
}

@test "a removed version of the API says when it went and what has the kind now" {
	printf 'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\n' >in.yaml
	run -1 --separate-stderr validate --kubernetes in.yaml
	has 'in.yaml:1:13: error: PodDisruptionBudget of policy/v1beta1 was removed in Kubernetes 1.25; policy/v1 has it' "$output"
	run -0 --separate-stderr validate --kubernetes --ignore-missing in.yaml
	has 'warning:' "$output"
}

@test "what a version of the API is depends on the release" {
	printf 'apiVersion: networking.k8s.io/v1beta1\nkind: ServiceCIDR\nmetadata: {name: a}\nspec: {cidrs: [10.0.0.0/8]}\n' >in.yaml
	run -0 --separate-stderr validate --kubernetes=1.36 in.yaml
	has 'warning: apiVersion: deprecated since Kubernetes 1.34, it goes in 1.37: use networking.k8s.io/v1' "$output"
	run -1 --separate-stderr validate --kubernetes=1.37 in.yaml
	has 'error: ServiceCIDR of networking.k8s.io/v1beta1 was removed in Kubernetes 1.37; networking.k8s.io/v1 has it' "$output"
	crd
	sed -i 's/^    served: true/&\n    deprecated: true\n    deprecationWarning: use v2/' crd.yaml
	printf 'apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w}\nspec: {port: 2}\n' >in.yaml
	run -0 --separate-stderr validate -k --crds crd.yaml in.yaml
	has 'warning: apiVersion: use v2' "$output"
	sed -i 's/^    served: true/    served: false/' crd.yaml
	run -1 --separate-stderr validate -k --crds crd.yaml in.yaml
	has 'error: the CustomResourceDefinition of Widget does not serve the version v1' "$output"
}

@test "-v lists the CEL rules that are not evaluated" {
	crd
	sed -i 's/^            type: object$/&\n            x-kubernetes-validations: [{rule: "self.port != 1", message: not one}]/' crd.yaml
	printf 'apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w}\nspec: {port: 2}\n' >in.yaml
	run -0 --separate-stderr validate -k -v --crds crd.yaml in.yaml
	has 'note: not evaluated: self.port != 1 (not one) [cel-not-evaluated]' "$output"
	has 'warning: 1 CEL rule' "$output"
}

@test "CRDs in the stream count for what follows them; their CEL rules are counted" {
	crd
	sed -i 's/^            type: object$/&\n            x-kubernetes-validations: [{rule: "self.port != 1"}]/' crd.yaml
	cat crd.yaml <(printf -- '---\napiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w}\nspec: {prt: 1, port: 1}\n') >in.yaml
	run -1 --separate-stderr validate -k in.yaml
	has 'spec.prt: unknown field' "$output"
	has 'warning: 1 CEL rule of the CustomResourceDefinitions in use is not evaluated' "$output"
	hasnt unknown-kind "$output"
}

@test "one object of each of thirty kinds is valid, in each release" {
	for v in 1.37 1.36 1.35; do
		run -0 --separate-stderr validate --kubernetes=$v "$ROOT/tests/cases/validate/kinds.yaml"
		[ -z "$output" ]
	done
	local cases=$ROOT/tests/cases/validate
	run -0 --separate-stderr validate --kubernetes=1.37 --no-rule api/deprecated "$cases/kinds-more.yaml" "$cases/gadget-crd.yaml"
	[ -z "$output" ]
}

@test "what a real API server takes is valid, what it refuses is not: 2,600 changes by its own rules" {
	need python3
	"$ROOT/tests/cases/validate/change-objects" objects
	local crd=$ROOT/tests/cases/validate/sample-crd.yaml taken=(objects/taken/*) refused=(objects/refused/*)
	((${#taken[@]} > 1000 && ${#refused[@]} > 1500))
	run -0 validate --kubernetes=1.37 --no-rule api/deprecated --crds "$crd" "${taken[@]}"
	[ -z "$output" ]
	run -1 --separate-stderr validate --kubernetes=1.37 --crds "$crd" --report json "${refused[@]}"
	comm -13 <(jq -r '.[] | select(.severity == "error").file' <<<"$output" | sort -u) <(printf '%s\n' "${refused[@]}" | sort) >missed
	[ ! -s missed ] || { cat missed; false; }
}

@test "networks with bits beyond their prefix are refused from 1.36 on" {
	cat >in.yaml <<-'EOF'
		apiVersion: networking.k8s.io/v1
		kind: NetworkPolicy
		metadata: {name: p}
		spec:
		  podSelector: {}
		  ingress:
		  - from:
		    - ipBlock:
		        cidr: 10.0.0.1/8
		        except: [11.0.0.0/16]
	EOF
	run -1 --separate-stderr validate --kubernetes=1.36 in.yaml
	has "in.yaml:9:15: error: spec.ingress[0].from[0].ipBlock.cidr: expected a network without bits beyond its prefix" "$output"
	run -1 --separate-stderr validate --kubernetes=1.35 in.yaml
	hasnt "beyond its prefix" "$output"
	has "in.yaml:10:18: error: spec.ingress[0].from[0].ipBlock.except[0]: must be a part of 10.0.0.1/8" "$output"
}

@test "rules of a definition hold wherever it is used, at the line of the value" {
	cat >in.yaml <<-'EOF'
		apiVersion: apps/v1
		kind: Deployment
		metadata:
		  name: a
		  finalizers: [mine]
		spec:
		  minReadySeconds: 700
		  selector:
		    matchExpressions:
		    - {key: a, operator: In}
		  template:
		    metadata: {labels: {a: b}}
		    spec:
		      affinity:
		        podAffinity:
		          requiredDuringSchedulingIgnoredDuringExecution:
		          - topologyKey: a
		            labelSelector:
		              matchExpressions:
		              - key: a
		                operator: Exists
		                values: [b]
		      volumes:
		      - name: v
		        projected:
		          sources:
		          - downwardAPI:
		              items:
		              - path: x
		                fieldRef:
		                  fieldPath: status.podIP
		      initContainers:
		      - name: i
		        image: i
		        livenessProbe: {exec: {command: [a]}}
		      containers:
		      - name: c
		        image: c
		        env:
		        - name: E
		          valueFrom:
		            fieldRef:
		              fieldPath: metadata.nam
		        resources:
		          requests: {nvidia.com/gpu: 1}
	EOF
	run -1 --separate-stderr validate -k in.yaml
	has 'in.yaml:5:16: error: metadata.finalizers[0]: a finalizer has a domain before it' "$output"
	has 'in.yaml:7:20: error: spec.minReadySeconds: must be below progressDeadlineSeconds' "$output"
	has 'in.yaml:10:7: error: spec.selector.matchExpressions[0]: the operator In needs values' "$output"
	has 'in.yaml:22:25: error: ' "$output"
	has 'labelSelector.matchExpressions[0].values: must be empty where the operator is Exists' "$output"
	has 'in.yaml:31:30: error: spec.template.spec.volumes[0].projected.sources[0].downwardAPI.items[0].fieldRef.fieldPath: "status.podIP" is no field' "$output"
	has 'in.yaml:35:9: error: spec.template.spec.initContainers[0].livenessProbe: goes with restartPolicy: Always only' "$output"
	has 'in.yaml:43:26: error: ' "$output"
	has 'did you mean "metadata.name"?' "$output"
	has 'in.yaml:45:38: error: spec.template.spec.containers[0].resources.requests."nvidia.com/gpu": needs a limit' "$output"
}

@test "the values of a Secret are not shown in findings" {
	printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {p: not-base64!!hunter2}\nstringData: {q: 4711237}\n' >in.yaml
	run -1 --separate-stderr validate -k in.yaml
	has 'in.yaml:4:11: error: data.p: expected base64 text' "$output"
	has 'in.yaml:5:17: error: stringData.q: expected a string' "$output"
	hasnt hunter2 "$output$stderr"
	hasnt 4711237 "$output$stderr"
}
