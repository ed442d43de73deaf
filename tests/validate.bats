# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
load test_helper

setup() {
	cd "$T" || return 1
	cat >web.yaml <<-'Y'
		apiVersion: apps/v1
		kind: Deployment
		metadata:
		  name: web
		  namespace: shop
		spec:
		  replicas: 2
		  selector: {matchLabels: {app: web}}
		  template:
		    metadata: {labels: {app: web}}
		    spec:
		      containers:
		      - name: web
		        image: registry.example/web:1.0
		        resources:
		          limits: {cpu: 500m, memory: 1Gi}
	Y
	cat >config.schema.json <<-'J'
		{"$schema": "https://json-schema.org/draft/2020-12/schema",
		 "type": "object", "required": ["name"], "additionalProperties": false,
		 "properties": {
		   "name": {"type": "string", "pattern": "^[a-z]+$"},
		   "size": {"enum": ["small", "medium", "large"]},
		   "ports": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 65535}, "uniqueItems": true},
		   "store": {"oneOf": [
		     {"type": "object", "required": ["kind", "path"], "properties": {"kind": {"const": "disk"}, "path": {"type": "string"}}},
		     {"type": "object", "required": ["kind", "bucket"], "properties": {"kind": {"const": "s3"}, "bucket": {"type": "string"}}}]}}}
	J
}

@test "a valid document gives status 0 and no output" {
	echo 'name: web' >in.yaml
	run -0 --separate-stderr validate --schema config.schema.json in.yaml
	[ -z "$output" ]
	[ -z "$stderr" ]
}

@test "a finding has the line and column of its value, and status 1" {
	printf 'name: web\nports:\n- 80\n- 70000\n' >in.yaml
	run -1 --separate-stderr validate --schema config.schema.json in.yaml
	has 'in.yaml:4:3: error: ports[1]: must be at most 65535, found 70000 [maximum]' "$output"
	[ -z "$stderr" ]
}

@test "an unknown field is reported at its key with the nearest name" {
	printf 'name: web\nsise: small\n' >in.yaml
	run -1 --separate-stderr validate --schema config.schema.json in.yaml
	has 'in.yaml:2:1: error: sise: unknown field; did you mean "size"?' "$output"
}

@test "a value that is none of an enum is told with the nearest one" {
	printf 'name: web\nsize: smal\n' >in.yaml
	run -1 --separate-stderr validate --schema config.schema.json in.yaml
	has 'expected one of "small", "medium" or "large", found string "smal"; did you mean "small"?' "$output"
}

@test "oneOf is explained by the alternative that the discriminator names" {
	printf 'name: web\nstore: {kind: s3, bukket: x}\n' >in.yaml
	run -1 --separate-stderr validate --schema config.schema.json in.yaml
	has 'store: the field "bucket" is required' "$output"
	hasnt '"path"' "$output"
	printf 'name: web\nstore: {kind: tape}\n' >in.yaml
	run -1 --separate-stderr validate --schema config.schema.json in.yaml
	has 'in.yaml:2:15: error: store.kind: expected one of "disk" or "s3", found string "tape"' "$output"
}

@test "a quoted number where an integer is wanted says what to do" {
	printf 'name: web\nports: ["80"]\n' >in.yaml
	run -1 --separate-stderr validate --schema config.schema.json in.yaml
	has 'expected an integer, found string "80"; leave the quotes off' "$output"
}

@test "a schema that is wrong is trouble, with its own position" {
	printf '{"type": "object",\n "properties": {"a": {"type": "sting"}}}\n' >bad.json
	run -2 --separate-stderr validate --schema bad.json /dev/null
	has 'bad.json:2:' "$stderr"
	has 'the schema itself is wrong' "$stderr"
	printf '{"pattern": "a("}\n' >bad.json
	run -2 --separate-stderr validate --schema bad.json /dev/null
	has 'bad.json:1:' "$stderr"
	printf '{"$ref": "#/definitions/no"}\n' >bad.json
	run -2 --separate-stderr validate --schema bad.json /dev/null
	has 'there is no such place in the schema' "$stderr"
}

@test "references are not fetched; --map says where they are" {
	mkdir remote
	echo '{"type": "integer"}' >remote/count.json
	echo '{"$ref": "https://schemas.example/v1/count"}' >s.json
	echo '"x"' >in.json
	run -2 --separate-stderr validate --schema s.json in.json
	has '--map PREFIX=DIR' "$stderr"
	run -1 --separate-stderr validate --schema s.json --map https://schemas.example/v1/=remote in.json
	has 'expected an integer, found string "x"' "$output"
}

@test "a reference to a file beside the schema works" {
	echo '{"definitions": {"n": {"type": "integer"}}}' >defs.json
	echo '{"$schema": "http://json-schema.org/draft-07/schema#", "items": {"$ref": "defs.json#/definitions/n"}}' >s.json
	echo '[1, 2.5]' >in.json
	run -1 --separate-stderr validate --schema s.json in.json
	has '[1]: expected an integer, found number 2.5' "$output"
}

@test "a schema that refers to itself without end is trouble, not a hang" {
	echo '{"$ref": "#/definitions/a", "definitions": {"a": {"allOf": [{"$ref": "#/definitions/b"}]}, "b": {"allOf": [{"$ref": "#/definitions/a"}]}}}' >s.json
	echo 1 >in.json
	run -2 --separate-stderr timeout 10 validate --schema s.json in.json
	has 'without end' "$stderr"
}

@test "alternatives that multiply end in bounded time" {
	python3 - >s.json <<-'P'
		import json
		defs = {"d0": {"type": "string"}}
		for i in range(1, 40):
		    defs[f"d{i}"] = {"anyOf": [{"allOf": [{"$ref": f"#/$defs/d{i-1}"}]}, {"allOf": [{"$ref": f"#/$defs/d{i-1}"}]}]}
		print(json.dumps({"$defs": defs, "$ref": "#/$defs/d39"}))
	P
	echo 1 >in.json
	run -2 --separate-stderr timeout 20 validate --schema s.json in.json
	has 'takes too long' "$stderr"
}

@test "a pattern that backtracks without bound is trouble, not a hang" {
	echo '{"pattern": "^(a+)+$"}' >s.json
	python3 -c 'print("\"" + "a" * 5000 + "!\"")' >in.json
	run -2 --separate-stderr timeout 20 validate --schema s.json in.json
	has 'backtracks without bound' "$stderr"
}

@test "numbers are compared exactly" {
	echo '{"multipleOf": 0.01, "maximum": 18446744073709551616}' >s.json
	printf '0.07\n18446744073709551616\n' >in.jsonl
	run -0 validate --schema s.json in.jsonl
	printf '18446744073709551616.01\n0.075\n' >in.jsonl
	run -1 --separate-stderr validate --schema s.json in.jsonl
	has 'must be at most 18446744073709551616, found 18446744073709551616.01' "$output"
	has 'must be a multiple of 0.01, found 0.075' "$output"
}

@test "formats are asserted when asked" {
	echo '{"format": "date"}' >s.json
	echo '"2026-02-30"' >in.json
	run -0 validate --schema s.json in.json
	run -1 --separate-stderr validate --schema s.json --formats in.json
	has 'expected a date (2006-01-02), found string "2026-02-30"' "$output"
}

@test "--draft says how a schema without \$schema is read" {
	echo '{"exclusiveMinimum": true, "minimum": 1}' >s.json
	echo 1 >in.json
	run -2 --separate-stderr validate --schema s.json in.json
	run -1 validate --schema s.json --draft 4 in.json
}

@test "YAML is typed as Kubernetes reads it" {
	echo '{"items": {"type": "boolean"}}' >s.json
	echo '[yes, no, on, off, true]' >in.yaml
	run -0 validate --schema s.json in.yaml
	run -1 validate --schema s.json --yaml=1.2 in.yaml
}

# ---- Kubernetes ---------------------------------------------------------------
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

crd() {
	cat >crd.yaml <<-'Y'
		apiVersion: apiextensions.k8s.io/v1
		kind: CustomResourceDefinition
		metadata: {name: widgets.example.org}
		spec:
		  group: example.org
		  scope: Namespaced
		  names: {kind: Widget, plural: widgets}
		  versions:
		  - name: v1
		    served: true
		    storage: true
		    schema:
		      openAPIV3Schema:
		        type: object
		        required: [spec]
		        properties:
		          spec:
		            type: object
		            required: [port]
		            properties:
		              port: {x-kubernetes-int-or-string: true}
		              note: {type: string, pattern: '^(?i)[a-z]+$'}
		              free: {type: object, x-kubernetes-preserve-unknown-fields: true}
		              tags:
		                type: array
		                items: {type: object, properties: {key: {type: string}, value: {type: string}}, required: [key]}
		                x-kubernetes-list-type: map
		                x-kubernetes-list-map-keys: [key]
	Y
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

@test "--through copies what is valid and reports to standard error" {
	{
		cat web.yaml
		echo ---
		sed 's/replicas: 2/replicas: x/' web.yaml
	} >in.yaml
	run -1 --separate-stderr validate --kubernetes --through in.yaml
	has 'replicas: 2' "$output"
	hasnt 'replicas: x' "$output"
	has 'spec.replicas: expected an integer' "$stderr"
	run -0 --separate-stderr bash -c 'validate -k -t -o json <web.yaml'
	has '"kind": "Deployment"' "$output"
}

@test "the JSON report is a list with places, paths and objects" {
	sed 's/replicas: 2/replicas: x/' web.yaml >in.yaml
	run -1 --separate-stderr validate --kubernetes --report json in.yaml
	python3 - "$output" <<-'P'
		import json, sys
		[f] = json.loads(sys.argv[1])
		assert (f["file"], f["line"], f["column"]) == ("in.yaml", 7, 13), f
		assert f["severity"] == "error" and f["rule"] == "type" and f["path"] == "/spec/replicas", f
		assert f["object"] == {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}, f
	P
	run -0 --separate-stderr validate --kubernetes --report json web.yaml
	[ "$(python3 -c 'import json,sys; print(json.loads(sys.argv[1]))' "$output")" = '[]' ]
}

@test "findings name the layer's own line" {
	need config-merge
	printf 'name: web\nsize: small\n' >base.yaml
	printf '# production\nsize: huge\n' >prod.yaml
	config-merge base.yaml prod.yaml --origins-out o -O merged.yaml
	run -1 --separate-stderr validate --schema config.schema.json --origins o merged.yaml
	has 'prod.yaml:2:7: error: size: expected one of' "$output"
}

@test "nothing to check against is a usage error" {
	run -2 --separate-stderr validate web.yaml
	has '--schema FILE, --kubernetes' "$stderr"
	run -2 --separate-stderr validate --schema config.schema.json --ignore-missing web.yaml
}

@test "malformed input is trouble with its place" {
	printf 'a: [1\n' >in.yaml
	run -2 --separate-stderr validate --kubernetes in.yaml
	has 'in.yaml:' "$stderr"
}

@test "empty input is no documents: status 0" {
	run -0 --separate-stderr validate --kubernetes /dev/null
	[ -z "$output$stderr" ]
}

@test "references stay in the schema's folder" {
	mkdir -p a/b
	echo '{"type": "integer"}' >a/n.json
	echo '{"$ref": "../n.json"}' >a/b/s.json
	echo 1 >in.json
	run -2 --separate-stderr validate --schema a/b/s.json in.json
	has 'are not fetched' "$stderr"
	echo '{"$ref": "file:///etc/hostname"}' >a/b/s.json
	run -2 --separate-stderr validate --schema a/b/s.json in.json
	has 'are not fetched' "$stderr"
}

# ---- rules of the API beyond its schema ------------------------------------------
# refuse EDIT TEXT: web.yaml, edited with sed, has exactly one finding and it holds TEXT.
refuse() {
	sed -E "$1" web.yaml >in.yaml
	run -1 --separate-stderr validate --kubernetes in.yaml
	has "$2" "$output"
	[ "$(grep -c ': error:' <<<"$output")" = 1 ] || { echo "$output"; return 1; }
	run -0 validate --kubernetes --no-rule 'api/*' in.yaml
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

# ---- across objects -----------------------------------------------------------------
@test "--references finds what is missing, and not what is there" {
	cat >in.yaml <<-'Y'
		apiVersion: v1
		kind: Service
		metadata: {name: web}
		spec: {selector: {app: web}, ports: [{port: 80, name: http}]}
		---
		apiVersion: v1
		kind: ConfigMap
		metadata: {name: settings}
		---
		apiVersion: external-secrets.io/v1
		kind: ExternalSecret
		metadata: {name: outside}
		spec: {target: {name: login}}
		---
		apiVersion: apps/v1
		kind: Deployment
		metadata: {name: web}
		spec:
		  selector: {matchLabels: {app: web}}
		  template:
		    metadata: {labels: {app: web}}
		    spec:
		      containers:
		      - name: web
		        image: a
		        envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: login}}, {secretRef: {name: none, optional: true}}]
		---
		apiVersion: autoscaling/v2
		kind: HorizontalPodAutoscaler
		metadata: {name: web}
		spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
		---
		apiVersion: networking.k8s.io/v1
		kind: Ingress
		metadata: {name: web}
		spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
	Y
	run -0 --separate-stderr validate --kubernetes --references --ignore-missing in.yaml
	[ -z "$output" ]
	sed -i 's/number: 80/number: 81/; s/kind: Deployment, name: web/kind: Deployment, name: wep/; s/configMapRef: {name: settings/configMapRef: {name: setings/; s/selector: {app: web}/selector: {app: x}/' in.yaml
	run -1 --separate-stderr validate --kubernetes --references --ignore-missing in.yaml
	has 'in.yaml:4:18: error: spec.selector: this selects no pods of the objects given (Service web) [ref/selects-nothing]' "$output"
	has 'envFrom[0].configMapRef.name: there is no ConfigMap "setings"; did you mean "settings"?' "$output"
	has 'spec.scaleTargetRef.name: there is no Deployment "wep"; did you mean "web"?' "$output"
	has 'the Service "web" has no port 81' "$output"
	[ "$(grep -c ': error:' <<<"$output")" = 4 ]
}

@test "--references finds objects that are there twice" {
	cat web.yaml <(echo ---) web.yaml >in.yaml
	run -1 --separate-stderr validate -k -r in.yaml
	has 'this object is there twice: the first is at in.yaml:4' "$output"
	sed -i '0,/namespace: shop/s//namespace: other/' in.yaml
	run -0 validate -k -r in.yaml
}

# ---- secrets, scalars, accepted findings --------------------------------------------
token() { # a GitHub or npm token with its right checksum
	python3 - "$1" <<-'P'
		import sys, zlib
		body = "".join("abcdefghijklmnopqrstuvwxyzABCD"[(i * 7) % 30] for i in range(30))
		digits, n, out = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", zlib.crc32(body.encode()), ""
		for _ in range(6):
		    n, r = divmod(n, 62)
		    out = digits[r] + out
		print(sys.argv[1] + "_" + body + out)
	P
}

@test "--secrets finds credentials, and never shows them" {
	local github npm aws key=PRIVATE
	github=$(token ghp) npm=$(token npm) aws=AKIA$(printf 'QYLPMN5HHHFPZAM2')
	{
		printf 'a: "%s"\nb: "%s"\nc: "%s"\n' "$github" "$npm" "$aws"
		printf 'password: hunter2\nurl: postgres://app:s3cr3tpw@db:5432/x\n'
		printf 'key: |\n  -----BEGIN RSA %s KEY-----\n  MIIEowIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun\n' $key
		printf 'env: [{name: API_TOKEN, value: q8Zr2LmX0vB4nT7yKc1w}]\n'
	} >in.yaml
	run -1 --separate-stderr validate --secrets in.yaml
	for want in 'in.yaml:1:4: error: a GitHub token' 'in.yaml:2:4: error: an npm token' 'in.yaml:3:4: error: an AWS access key' \
		'in.yaml:4:11: error: the value of "password"' 'in.yaml:5:6: error: a password in a URL' 'in.yaml:7:1: error: a private key' \
		'in.yaml:9:32: error: the value of "API_TOKEN"'; do
		has "$want" "$output"
	done
	for value in "$github" "$npm" "$aws" hunter2 s3cr3tpw MIIEow q8Zr2L; do
		hasnt "$value" "$output"
	done
}

@test "--secrets passes examples, templates, references and encrypted values" {
	cat >in.yaml <<-'Y'
		aws: AKIAIOSFODNN7EXAMPLE
		github: ghp_abcdefghijklmnopqrstuvwxyzABCDEF0123
		password: ${DB_PASSWORD}
		passwordFile: /run/secrets/db
		existingSecretPassword: ""
		secretName: database-credentials-production
		tokenTTL: 3600s
		db: {password: 'ENC[AES256_GCM,data:p673w==,iv:YY=,type:str]', url: 'postgres://app:${PW}@db/x'}
		rootPassword: "{{ .Values.password }}"
		adminPassword: changeme
		env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: a, key: b}}}]
	Y
	run -0 --separate-stderr validate --secrets in.yaml
	[ -z "$output" ]
}

@test "the data of a Secret is looked at decoded" {
	printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {password: %s, note: aGVsbG8=}\n' "$(printf hunter2 | base64)" >in.yaml
	run -1 --separate-stderr validate -k --secrets --report json in.yaml
	has '"secret/password"' "$output"
	has '"path":"/data/password"' "$output"
	has '"kind":"Secret"' "$output"
	[ "$(grep -c '"rule"' <<<"$output")" = 1 ]
}

@test "tokens with a checksum are found where it fits, and only there" {
	local token
	python3 - >in.yaml <<-'P'
		import zlib, struct
		def bech32(hrp, data):
		    digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
		    values = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp] + data + [0] * 6
		    chk = 1
		    for v in values:
		        top = chk >> 25
		        chk = (chk & 0x1ffffff) << 5 ^ v
		        for i, g in enumerate([0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]):
		            chk ^= g if (top >> i) & 1 else 0
		    chk ^= 1
		    return hrp + "1" + "".join(digits[d] for d in data + [(chk >> 5 * (5 - i)) & 31 for i in range(6)])
		age = bech32("age-secret-key-", [(i * 11 + 3) % 32 for i in range(52)]).upper()
		glsa = "glsa_" + "".join("ABCdefGHIjklMNO123"[(i * 5) % 18] for i in range(32))
		glsa += "_" + struct.pack("<I", zlib.crc32(glsa.encode())).hex()
		for name, good in (("age", age), ("grafana", glsa)):
		    bad = good[:-1] + ("0" if good[-1] != "0" else "1" if name == "grafana" else "Q")
		    print(f"{name}Good: '{good}'\n{name}Bad: '{bad}'")
	P
	run -1 --separate-stderr validate --secrets in.yaml
	has 'in.yaml:1:10: error: an age key' "$output"
	has 'in.yaml:3:14: error: a Grafana token' "$output"
	[ "$(grep -c 'error:' <<<"$output")" = 2 ]
}

@test "--secrets finds passwords in lines, arguments and connection strings, at their line" {
	cat >in.yaml <<-'Y'
		apiVersion: v1
		kind: ConfigMap
		metadata: {name: a}
		data:
		  app.ini: |
		    [db]
		    user = app
		    password = hunt3r-two
		    # password = ignored-1
		    token = os.getenv("TOKEN1")
		  dsn: "Server=db;User=app;Password=hunt3r;"
		args: [--user=app, --password=hunt3r, --api-token, q8Zr2LmX0vB4nT7yKc1w, --password-file, /run/x1]
		keys: {password: wiki}
		passwordKey: admin-pass1
	Y
	run -1 --separate-stderr validate --secrets in.yaml
	has 'in.yaml:8:1: error: the value of "password"' "$output"
	has 'in.yaml:11:8: error: a password in a connection string' "$output"
	has 'in.yaml:12:20: error: the value of "--password"' "$output"
	has 'in.yaml:12:52: error: the value of "api-token"' "$output"
	[ "$(grep -c 'error:' <<<"$output")" = 4 ]
	hasnt hunt3r "$output"
}

@test "a baseline accepts credentials by hash, tells what is stale, and holds no value" {
	printf 'password: hunter2\nother: {password: hunter2}\n' >in.yaml
	run -1 --separate-stderr validate --secrets --secrets-baseline-out base.yaml in.yaml
	hasnt hunter2 "$(cat base.yaml)"
	[ "$(grep -c 'hash:' base.yaml)" = 2 ]
	run -0 --separate-stderr validate --secrets --secrets-baseline base.yaml in.yaml
	[ -z "$output" ]
	sed -i 's/^- rule/- reason: of the lab\n  rule/' base.yaml
	# a moved line stays accepted; another value, or the same one once more, is not
	printf '# moved\nother: {password: hunter2}\npassword: hunter3\nthird: {password: hunter2}\nfourth: {password: hunter2}\n' >in.yaml
	run -1 --separate-stderr validate --secrets --secrets-baseline base.yaml --secrets-baseline-out base.yaml in.yaml
	[ "$(grep -c 'secret/password' <<<"$output")" = 2 ]
	[ "$(grep -c 'of the lab' base.yaml)" = 2 ]
	run -0 --separate-stderr validate --secrets --secrets-baseline base.yaml in.yaml
	echo 'a: 1' >in.yaml
	run -0 --separate-stderr validate --secrets --secrets-baseline base.yaml in.yaml
	has 'base.yaml:4:3: warning: this accepted finding (secret/password in in.yaml) is not there any more' "$output"
	echo 'a: 1' >else.yaml
	run -0 --separate-stderr validate --secrets --secrets-baseline base.yaml else.yaml
	[ -z "$output" ]
	run -2 --separate-stderr validate --secrets --secrets-baseline in.yaml in.yaml
	run -2 --separate-stderr validate -k --secrets-baseline base.yaml in.yaml
}

@test "a plain scalar that YAML's versions read differently is a warning" {
	printf 'a: no\nb: 0777\nc: 12:30\nd: "no"\ne: true\nf: 10\n' >in.yaml
	run -0 --separate-stderr validate --secrets in.yaml
	has 'in.yaml:1:4: warning: Kubernetes reads no as false, YAML 1.2 as the string "no"' "$output"
	has 'in.yaml:2:4: warning: Kubernetes reads 0777 as the number 511, YAML 1.2 as the number 777' "$output"
	has 'in.yaml:3:4: warning: Kubernetes and YAML 1.2 read 12:30 as a string, some readers of YAML 1.1 as the number 750 (to base 60)' "$output"
	[ "$(grep -c warning: <<<"$output")" = 3 ]
	printf '[1_000, on, 1e3, Yes, 0o17, 1:30:00, 10e4]\n' >list.yaml
	run -0 --separate-stderr validate --secrets list.yaml
	has 'Kubernetes reads 1_000 as the number 1000, YAML 1.2 as the string "1_000"' "$output"
	has 'Kubernetes reads on as true, YAML 1.2 as the string "on"' "$output"
	has 'Kubernetes and YAML 1.2 read 1e3 as the number 1000, YAML 1.1 as a string' "$output"
	has '1:30:00 as a string, some readers of YAML 1.1 as the number 5400' "$output"
	run -1 validate --secrets --fail-on warning in.yaml
	run -0 --separate-stderr validate --secrets --no-rule ambiguous-scalar in.yaml
	[ -z "$output" ]
}

@test "a comment accepts a finding on its line or on the next" {
	cat >in.yaml <<-'Y'
		name: web
		size: huge # infraflux:ignore enum not our size
		# infraflux:ignore max* a port
		# infraflux:ignore uniqueItems of the lab
		ports: [70000]
		other: 1
	Y
	run -1 --separate-stderr validate --schema config.schema.json in.yaml
	has 'other: unknown field' "$output"
	has 'in.yaml:4:1: warning: nothing here breaks the rule uniqueItems any more' "$output"
	[ "$(grep -c 'in.yaml:' <<<"$output")" = 2 ]
	sed -i '1i # infraflux:ignore-file unknown-field a draft' in.yaml
	run -0 validate --schema config.schema.json in.yaml
}

@test "comments are heard on standard input and in pipes too" {
	printf 'size: huge # infraflux:ignore enum ours\n# infraflux:ignore maxi* a lab\nports: [70000]\n---\nname: a # infraflux:ignore required\nother: 1' >in.yaml
	run -1 --separate-stderr validate --schema config.schema.json <in.yaml
	cp in.yaml file.yaml
	local piped=$output
	run -1 --separate-stderr validate --schema config.schema.json file.yaml
	[ "${piped//<stdin>/file.yaml}" = "$output" ]
	hasnt 'none of' "$output"
	{ echo '# infraflux:ignore-file * a draft'; cat in.yaml; } | validate --schema config.schema.json
	# over the edge of what is read at once
	{ head -c 70000 /dev/zero | tr '\0' '\n'; cat in.yaml; } >long.yaml
	run -1 --separate-stderr validate --schema config.schema.json - <long.yaml
	hasnt 'none of' "$output"
}

@test "a comment must name a rule there is, and is not unused where its family did not run" {
	printf 'name: web\nsize: small # infraflux:ignore secret/* later\n# infraflux:ignore requierd x\nports: []\n' >in.yaml
	run -0 --separate-stderr validate --schema config.schema.json in.yaml
	has 'in.yaml:3:1: warning: this comment accepts nothing: there is no rule requierd; did you mean required?' "$output"
	hasnt 'secret/' "$output"
	run -0 --separate-stderr validate --schema config.schema.json --secrets in.yaml
	has 'in.yaml:2:1: warning: nothing here breaks the rule secret/* any more' "$output"
}

@test "--ignore accepts findings from a file, and tells what is unused, expired or unknown" {
	printf 'apiVersion: v1\nkind: Service\nmetadata: {name: A_b}\nspec: {ports: [{port: 70000}]}\n' >in.yaml
	cat >ignore.yaml <<-'Y'
		- {rule: api/name, kind: Service, name: A_*, reason: it is there}
		- {rule: api/range, path: /spec/ports/*, expires: 2020-01-01}
		- {rule: api/selector, file: "*.yaml"}
	Y
	run -1 --separate-stderr validate -k --ignore ignore.yaml in.yaml
	hasnt api/name "$output"
	has api/range "$output"
	has 'ignore.yaml:2:3: warning: this entry has expired' "$output"
	has 'ignore.yaml:3:3: warning: no finding fits this entry any more' "$output"
	echo '- {rule: api/nam}' >ignore.yaml
	run -2 --separate-stderr validate -k --ignore ignore.yaml in.yaml
	has 'there is no rule api/nam; did you mean api/name?' "$stderr"
	echo '- {rule: api/name, knd: x}' >ignore.yaml
	run -2 --separate-stderr validate -k --ignore ignore.yaml in.yaml
}

@test "--coverage says what ran over what, and what had nothing to do" {
	run -0 --separate-stderr validate -k --coverage --no-rule api/name web.yaml
	has 'coverage: kubernetes: ran over 1 object (Kubernetes v1.37.0, 1 kind)' "$stderr"
	has 'coverage: api: ran over 1 object; turned off: api/name' "$stderr"
	has 'coverage: references: off (--references turns it on)' "$stderr"
	run -0 --separate-stderr validate -k -r --secrets --coverage=cov.json web.yaml
	python3 - <<-'P'
		import json
		c = {f["family"]: f for f in json.load(open("cov.json"))["families"]}
		assert c["schema"]["state"] == "off" and c["references"]["state"] == "no input" and c["secrets"]["looked_at"] > 5, c
	P
	run -0 --separate-stderr validate -k --coverage </dev/null
	has 'coverage: kubernetes: no input' "$stderr"
}

@test "what matches nothing is told" {
	run -0 --separate-stderr validate -k --no-rule 'apu/*' web.yaml
	has 'warning: --no-rule apu/* names no rule' "$output$stderr"
	run -0 --separate-stderr validate --crds web.yaml web.yaml
	has 'web.yaml: warning: there is no CustomResourceDefinition in this' "$output"
	printf 'apiVersion: a.b/v1\nkind: C\nmetadata: {name: c}\n' >in.yaml
	run -0 --separate-stderr validate -k --ignore-missing in.yaml
	has 'warning: nothing was checked: no object is of a known kind' "$output"
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

@test "an empty document is no document: not checked, not counted, not copied" {
	printf -- '---\n---\na: 1\n---\n# only a comment\n' >"$T/in.yaml"
	echo '{"type": "object"}' >"$T/s.json"
	run -0 --separate-stderr validate -v --schema "$T/s.json" "$T/in.yaml"
	has '1 document, 0 invalid' "$output"
	run -0 --separate-stderr validate --schema "$T/s.json" --through "$T/in.yaml"
	[[ $output == 'a: 1' ]]
	echo 'null' >"$T/null.yaml"
	run -1 --separate-stderr validate --schema "$T/s.json" "$T/null.yaml"
}

@test "a usage error leaves standard output empty" {
	run -2 --separate-stderr validate --report text --report json "$T/nothing.yaml"
	[[ -z $output ]]
	has 'only one --report' "$stderr"
}

@test "a large stream is checked on all cores as on one: CRDs in it, order of findings, comments, what comes before an error" {
	awk 'BEGIN { for (i = 0; i < 12000; i++) {
		printf "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d}\ndata:\n  text: |\n    ---\n    # more\n", i
		if (i % 1000 == 500) printf "  odd: 1 # infraflux:ignore type on purpose\n"
		if (i % 1000 == 700) printf "  bad: 1\n"
		if (i % 3000 == 100) printf "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: k%ds.acme.io}\nspec: {group: acme.io, names: {kind: K%d, plural: k%ds}, scope: Namespaced, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}}]}\n", i, i, i
		if (i % 3000 == 2500) printf "---\napiVersion: acme.io/v1\nkind: K%d\nmetadata: {name: k}\nspec: {size: x}\n---\napiVersion: acme.io/v1\nkind: K%d\nmetadata: {name: k}\n", i - 2400, i + 600
	} }' >big.yaml
	run -1 validate -k -j 1 big.yaml
	one=$output
	[[ $(grep -c 'expected a string' <<<"$one") == 12 && $(grep -c 'spec.size: expected an integer' <<<"$one") == 4 && $(grep -c 'no schema for the kind' <<<"$one") == 4 ]]
	run -1 validate -k -j 4 big.yaml
	[[ $output == "$one" ]]
	run -1 bash -c 'validate -k -j 4 <big.yaml'
	[[ $output == "${one//big.yaml/<stdin>}" ]]
	{ cat big.yaml; printf -- '---\na: [\n---\n'; cat big.yaml; } >broken.yaml
	run --separate-stderr -2 validate -k -j 1 broken.yaml
	one=$output$stderr
	run --separate-stderr -2 validate -k -j 4 broken.yaml
	[[ $one == "$output$stderr" ]]
	{ echo '{"type": "object", "properties": {"kind": {"const": "ConfigMap"}}}'; } >s.json
	run -1 validate -s s.json -j 1 big.yaml
	one=$output
	run -1 validate -s s.json -j 4 big.yaml
	[[ $one == "$output" ]]
}

@test "--result writes the standard's flag, basic and detailed results, a line for each document" {
	echo '{"properties": {"a": {"$ref": "#/$defs/n"}, "b": {"anyOf": [{"type": "string", "title": "B"}, {"minimum": 5}]}}, "$defs": {"n": {"type": "integer"}}}' >s.json
	printf '{"a": "x", "b": 1}\n{"a": 1, "b": "t"}\n' >d.jsonl
	run --separate-stderr -1 validate -s s.json --result=flag d.jsonl
	[[ $output == $'{"valid":false}\n{"valid":true}' ]]
	has 'd.jsonl:1:7: error: a: expected an integer' "$stderr"
	run --separate-stderr -1 validate -s s.json --result=basic d.jsonl
	run -0 jq -ce '[.valid, ((.errors // .annotations)[] | [.keywordLocation, .instanceLocation, (.error // .annotation)])]' <<<"$output"
	[[ ${lines[0]} == '[false,["/properties/a/$ref/type","/a","expected an integer, found string \"x\""],["/properties/b/anyOf","/b","fits none of the 2 alternatives"],["/properties/b/anyOf/0/type","/b","expected a string, found integer 1"],["/properties/b/anyOf/1/minimum","/b","must be at least 5, found 1"]]' ]]
	[[ ${lines[1]} == '[true,["/properties/b/anyOf/0/title","/b","B"],["/properties","",["a","b"]]]' ]]
	run --separate-stderr -1 validate -s s.json --result=detailed d.jsonl
	run -0 jq -e 'select(.valid | not) | .errors | length == 2 and (.[0].absoluteKeywordLocation | endswith("s.json#/$defs/n/type")) and (.[1] | .keywordLocation == "/properties/b/anyOf" and (has("error") | not) and (.errors | length == 2))' <<<"${lines[0]}"
	run --separate-stderr -2 validate -s s.json --result=basic --through d.jsonl
	run --separate-stderr -2 validate -k --result=basic d.jsonl
}

@test "--explain tells the chain of schemas and references that led to a finding" {
	printf '{"properties": {"a": {"$ref": "#/$defs/n"}},\n "$defs": {"n": {"$ref": "t.json#/$defs/t"}}}\n' >s.json
	printf '{"$defs": {"t":\n {"type": "object", "additionalProperties": false, "properties": {"x": {"maximum": 3}}}}}\n' >t.json
	run -1 validate -s s.json --explain <<<'a: {x: 4, size: 5}'
	[[ ${lines[0]} == *'a.x: must be at most 3, found 4 (schema: /properties/a/$ref s.json:1:31 > /$ref s.json:2:26 > /properties/x/maximum t.json:2:84) [maximum]' ]]
	[[ ${lines[1]} == *'a.size: unknown field (schema: /properties/a/$ref s.json:1:31 > /$ref s.json:2:26 > /additionalProperties t.json:2:45) [unknown-field]' ]]
	run -1 validate -k --explain <<<$'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: x}]}'
	has '(schema: /properties/spec/$ref #/$defs/io.k8s.api.core.v1.ServiceSpec > /properties/ports/items/$ref #/$defs/io.k8s.api.core.v1.ServicePort > /properties/port/type' "$output"
}

@test "alternatives that want fields are told in one line, with all that they want" {
	echo '{"anyOf": [{"required": ["x"]}, {"required": ["b", "z"]}]}' >s.json
	run -1 validate -s s.json <<<'b: 1'
	has 'one of the fields "x" or "z" is required' "$output"
	run -1 validate -s s.json <<<'a: 1'
	has 'one of the fields "x" or "b" and "z" is required' "$output"
}

@test "a schema of one's own never shows what a Secret holds" {
	printf 'apiVersion: v1\nkind: List\nitems:\n- {kind: Secret, data: {a: hunter2, b: 123459}, stringData: {c: hunter2, d: {e: hunter2}}}\n' >s.yaml
	local rules=('"pattern": "^x"' '"const": 1' '"enum": ["hunter3", 123458]' '"not": {"enum": ["hunter2", 123459]}' '"format": "date"' '"maximum": 3, "pattern": "^x"'
		'"multipleOf": 1000, "maxLength": 1' '"anyOf": [{"const": "hunter3"}, {"const": "hunter4"}]' '"type": "boolean"' '"oneOf": [{"const": 1}, {"pattern": "^x"}]' '"contentEncoding": "base64"')
	for rule in "${rules[@]}"; do
		echo "{\"\$schema\": \"http://json-schema.org/draft-07/schema#\", \"properties\": {\"items\": {\"items\": {\"properties\": {\"data\": {\"additionalProperties\": {$rule}}, \"stringData\": {\"properties\": {\"c\": {$rule}, \"d\": {\"additionalProperties\": {$rule}}}}}}}}}" >s.json
		for form in none flag basic detailed; do
			run -1 validate --formats --explain -s s.json --result=$form s.yaml
			[[ $output != *hunter2* && $output != *12345[9]* ]]
		done
	done
	echo '{"properties": {"items": {"items": {"properties": {"data": false, "stringData": {"additionalProperties": false}}}}}}' >s.json
	run -1 validate -s s.json s.yaml
	[[ $output != *hunter2* ]]
}

# hostile STATUS MESSAGE SCHEMA DOCUMENT: it ends in time, and says where.
hostile() {
	echo "$3" >s.json
	echo "$4" >d.json
	run --separate-stderr "-$1" timeout 30 validate -s s.json d.json
	[[ -z $2 ]] || has "$2" "$output$stderr"
}

@test "references go by the draft of the schema they are in, and not out of its folder" {
	mkdir sub
	echo '{"$schema": "https://json-schema.org/draft-07/schema", "properties": {"a": {"$ref": "defs#/definitions/pair"}, "b": {"$ref": "sub/x.yaml"}}}' >s.json
	echo '{"definitions": {"pair": {"items": [{"type": "string"}], "additionalItems": false}}}' >defs.json
	printf '%s\n' 'properties:' '  k: {$ref: "../defs.json#/definitions/pair"}' >sub/x.yaml
	run -1 --separate-stderr validate --schema s.json - <<<'{"a": ["x"], "b": {"k": [1, 2]}}'
	has '<stdin>:1:26: error: b.k[0]: expected a string' "$output"
	has '<stdin>:1:29: error: b.k[1]: ' "$output"
	echo '{"$ref": "defs.json#/definitions/pair"}' >new.json # 2020-12, whose items are one schema
	run -2 --separate-stderr validate --schema new.json - <<<'[]'
	has 'defs.json:1:36: error: a schema is a map (or true or false), not a list' "$stderr"
	[[ $(wc -l <<<"$stderr") == 1 ]]
	echo true >secret.json
	mkdir -p ours v1
	echo '{"$ref": "%2e%2e/secret.json"}' >ours/s.json
	run -2 --separate-stderr validate --schema ours/s.json - <<<1
	has "ours/s.json:1:10: error: nothing is known of file://$PWD/ours/%2e%2e/secret.json: references are not fetched, and lead to no file outside of the schema's folder" "$stderr"
	echo '{"$ref": "nowhere"}' >ours/s.json
	run -2 --separate-stderr validate --schema ours/s.json - <<<1
	has 'ours/s.json:1:10: error: there is no file ours/nowhere (nor with .json, .yaml or .yml), which this refers to' "$stderr"
	echo '{"type": "integer"}' >v1/a.json
	echo '{"$ref": "https://t.example/v1/a"}' >ours/s.json # the longest prefix counts
	run -0 validate --schema ours/s.json --map https://t.example/v1/=v1 --map https://t.example/=ours - <<<1
}

@test "hostile schemas end in bounded time, with the place of what is wrong" {
	local defs text
	text=$(printf 'a%.0s' {1..40})b
	hostile 2 'refers to itself without end (schema: s.json:1:1)' '{"$ref": "#"}' 1
	hostile 2 'refers to itself without end (schema: s.json:1:' '{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}' 1
	hostile 2 'refers to itself without end (schema: s.json:1:12)' '{"allOf": [{"$ref": "#/allOf/0"}]}' 1
	defs='"d0": {"type": "string"}'
	for i in {1..40}; do defs+=", \"d$i\": {\"anyOf\": [{\"\$ref\": \"#/\$defs/d$((i - 1))\"}, {\"\$ref\": \"#/\$defs/d$((i - 1))\"}]}"; done
	hostile 2 "d.json:1:1: error: checking this document takes too long: the schema's alternatives multiply (schema: s.json:1:" "{\"\$defs\": {$defs}, \"\$ref\": \"#/\$defs/d40\"}" 1
	hostile 1 'd.json:1:1: error: fits none of the alternatives, which are too many to be told' "{\"\$defs\": {$defs}, \"\$ref\": \"#/\$defs/d20\"}" 1
	defs=${defs/'{"type": "string"}'/'{"uniqueItems": true, "minItems": 100000}'}
	hostile 2 "the schema's alternatives multiply" "{\"\$defs\": {$defs}, \"\$ref\": \"#/\$defs/d22\"}" "[$(seq -s, 1 20000)]"
	defs=${defs/'"uniqueItems": true'/'"const": [1], "maxItems": 1'}
	hostile 2 "the schema's alternatives multiply" "{\"\$defs\": {$defs}, \"\$ref\": \"#/\$defs/d22\", \"unevaluatedItems\": false}" "[$(seq -s, 1 20000)]"
	hostile 2 "the schema's patterns backtrack too much" '{"items": {"pattern": "^(a+)+$"}}' "[$(printf '"aaaaaaaaaaaaaaaaab",%.0s' {1..20000})\"a\"]"
	hostile 2 'the pattern "\s+$" gives up on this text' '{"pattern": "\\s+$"}' "\"$(printf '%100000s' a)\""
	hostile 2 'd.json:1:1: error: the pattern "^(a+)+$" gives up on this text' '{"pattern": "^(a+)+$"}' "\"$text\""
	hostile 2 'a pattern of patternProperties gives up on a key' '{"patternProperties": {"^(a|aa)+$": true}}' "{\"$text\": 1}"
	hostile 2 's.json:1:13: error: the schema itself is wrong: pattern: expected a regular expression' "{\"pattern\": \"$(printf '(%.0s' {1..5000})$(printf ')%.0s' {1..5000})\"}" 1
	hostile 2 's.json:1:7001: error: lists and maps are nested more than 1000 deep' "$(printf '{"not":%.0s' {1..5000})true$(printf '}%.0s' {1..5000})" 1
	hostile 2 's.json:1:13: error: nothing is known of http://acme.io/none' '{"$schema": "http://acme.io/none"}' 1
	[[ $(wc -l <<<"$stderr") == 1 ]]
}

@test "huge enums, lists, objects are looked up, not searched" {
	list() { awk -v n="$1" -v f="$2" -v step="${3:-1}" 'BEGIN { for (i = 1; i <= n; i++) printf f "%s", i * step, i < n ? "," : "" }'; }
	{ printf '{"items": {"enum": ['; list 60000 '%g.5'; printf ']}}'; } >enum.json
	{ printf '['; list 60000 '%g.5'; printf ']'; } >d.json
	run -0 timeout 30 validate -s enum.json d.json
	{ printf '['; list 60000 '%d'; printf ']'; } >d.json
	run -1 timeout 30 validate -s enum.json d.json
	echo '{"uniqueItems": true}' >s.json
	{ printf '['; list 1000000 '%d'; printf ']'; } >d.json
	run -0 timeout 30 validate -s s.json d.json
	{ printf '['; list 1000000 '%d'; printf ', 1000]'; } >d.json
	run -1 timeout 30 validate -s s.json d.json
	has 'is the same as item 999' "$output"
	{ printf '{"required": ['; list 30000 '"p%d"'; printf ']}'; } >s.json
	run -1 timeout 30 validate -s s.json <<<'{}'
	has 'the field "p1" is required' "$output"
	{ printf '{"properties": {'; list 30000 '"p%d": true'; printf '}, "additionalProperties": false}'; } >s.json
	{ printf '{'; list 30000 '"q%d": 1'; printf '}'; } >d.json
	run -1 timeout 30 validate -s s.json d.json
	has 'q1: unknown field' "$output"
}

# ---- reports ------------------------------------------------------------------------
@test "one run writes every report, each of its own form, with the same findings" {
	local scanning=$ROOT/tests/cases/validate/code-scanning.schema.json
	cp web.yaml "a b.yaml"
	sed -i 's/replicas: 2/replicas: -2/; s/name: web$/name: "W<&>"/' "a b.yaml"
	crd
	sed -i 's/^            type: object$/&\n            x-kubernetes-validations: [{rule: "true"}]/' crd.yaml
	printf 'apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w}\nspec: {port: 1, note: no}\n' >w.yaml
	run -1 validate -k --crds crd.yaml --report text --report json=r.json --report jsonl=r.jsonl --report sarif=r.sarif --report junit=r.xml \
		--report github=r.gh "$PWD/a b.yaml" w.yaml
	python3 - "${#lines[@]}" <<-'P'
		import json, sys, xml.dom.minidom
		found = json.load(open("r.json"))
		n = len(found)
		assert n == int(sys.argv[1]) - 1 >= 4, (n, sys.argv)
		assert [json.loads(l) for l in open("r.jsonl")] == found
		run = json.load(open("r.sarif"))["runs"][0]
		placed = [f for f in found if f["file"]]
		assert len(run["results"]) == len(placed) == n - 1
		assert run["invocations"][0]["toolExecutionNotifications"][0]["associatedRule"]["id"] == "cel-not-evaluated"
		assert all(run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])
		assert any(r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.yaml" for r in run["results"])
		assert len({json.dumps(r["partialFingerprints"]) for r in run["results"]}) == len(run["results"])
		suite = xml.dom.minidom.parse("r.xml").documentElement
		assert int(suite.getAttribute("tests")) == n and int(suite.getAttribute("failures")) == sum(f["severity"] == "error" for f in found)
		assert len(open("r.gh").readlines()) == n
	P
	run -0 --separate-stderr validate --formats --schema "$scanning" r.sarif
	# a fingerprint outlives lines that move
	jq -r '.runs[0].results[].partialFingerprints[]' r.sarif | sort >before
	sed -i '1i # moved' "a b.yaml"
	run -1 validate -k --crds crd.yaml --report sarif=r.sarif "$PWD/a b.yaml" w.yaml
	jq -r '.runs[0].results[].partialFingerprints[]' r.sarif | sort | diff before -
}

@test "reports without findings are valid, and so is one of standard input" {
	run -0 validate -k --report text --report json=r.json --report jsonl=r.jsonl --report sarif=r.sarif --report junit=r.xml --report github=r.gh web.yaml
	[ "$(jq -c . r.json)" = '[]' ]
	[ ! -s r.jsonl ]
	[ ! -s r.gh ]
	python3 -c 'import xml.dom.minidom; assert xml.dom.minidom.parse("r.xml").documentElement.getAttribute("tests") == "0"'
	run -0 validate --formats --schema "$ROOT/tests/cases/validate/code-scanning.schema.json" r.sarif
	validate -k --fail-on never --report sarif=r.sarif <<<'{"apiVersion": "v1", "kind": "Servise"}' >&2
	run -0 validate --formats --schema "$ROOT/tests/cases/validate/code-scanning.schema.json" r.sarif
	[ "$(jq -r '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri' r.sarif)" = stdin ]
}

@test "past 25,000 results SARIF leaves out the least severe ones, and says so" {
	awk 'BEGIN { print "list:"; for (i = 0; i < 25010; i++) print "- 0777"; print "name: 5" }' >in.yaml
	echo '{"properties": {"name": {"type": "string"}}}' >s.json
	run -1 --separate-stderr validate --schema s.json --report sarif in.yaml
	[ "$(jq '.runs[0].results | length' <<<"$output")" = 25000 ]
	[ "$(jq -r '.runs[0].results[0].level' <<<"$output")" = error ]
	has '11 of 25011 results left out' "$output"
}

# ---- references, kind by kind ---------------------------------------------------------
@test "--references: each kind of reference is missed when it dangles, and found when it does not" {
	each() { # YAML-OF-THE-REFERRING MISSING-TEXT YAML-OF-THE-TARGET
		printf '%s\n' "$1" >in.yaml
		run --separate-stderr validate -k -r --ignore-missing --no-rule 'cel-*' in.yaml
		has "$2" "$output"
		[ "$(grep -c '\[ref/' <<<"$output")" = 1 ] || { echo "$output"; return 1; }
		printf -- '---\n%s\n' "$3" >>in.yaml
		run -0 --separate-stderr validate -k -r --ignore-missing --no-rule 'cel-*' in.yaml
		hasnt '[ref/' "$output"
	}
	pod() { printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: a}}\nspec: {%s containers: [{name: c, image: i%s}]}' "$1" "$2"; }
	object() { printf 'apiVersion: %s\nkind: %s\nmetadata: {name: %s}\n%s' "$@"; }
	each "$(object v1 Service s 'spec: {selector: {app: a}, ports: [{port: 80}]}')" 'this selects no pods' "$(pod '' '')"
	each "$(object networking.k8s.io/v1 NetworkPolicy np 'spec: {podSelector: {matchLabels: {app: a}}}')" 'this selects no pods' "$(pod '' '')"
	each "$(object policy/v1 PodDisruptionBudget b 'spec: {minAvailable: 1, selector: {matchLabels: {app: a}}}')" 'this selects no pods' "$(pod '' '')"
	each "$(pod '' ', envFrom: [{configMapRef: {name: x}}]')" 'there is no ConfigMap "x"' "$(object v1 ConfigMap x '')"
	each "$(pod '' ', env: [{name: A, valueFrom: {configMapKeyRef: {name: x, key: k}}}]')" 'there is no ConfigMap "x"' "$(object v1 ConfigMap x '')"
	each "$(pod 'volumes: [{name: v, projected: {sources: [{secret: {name: x}}]}}],' '')" 'there is no Secret "x"' "$(object v1 Secret x '')"
	each "$(pod 'imagePullSecrets: [{name: x}],' '')" 'there is no Secret "x"' "$(object v1 Secret x '')"
	each "$(pod 'serviceAccountName: x,' '')" 'there is no ServiceAccount "x"' "$(object v1 ServiceAccount x '')"
	each "$(pod 'volumes: [{name: v, persistentVolumeClaim: {claimName: x}}],' '')" 'there is no PersistentVolumeClaim "x"' \
		"$(object v1 PersistentVolumeClaim x 'spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}')"
	each "$(object networking.k8s.io/v1 Ingress i 'spec: {defaultBackend: {service: {name: x, port: {number: 80}}}}')" 'there is no Service "x"' \
		"$(object v1 Service x 'spec: {ports: [{port: 80}]}')"
	each "$(object gateway.networking.k8s.io/v1 HTTPRoute h 'spec: {rules: [{backendRefs: [{name: x, port: 80}]}]}')" 'there is no Service "x"' \
		"$(object v1 Service x 'spec: {ports: [{port: 80}]}')"
	each "$(object gateway.networking.k8s.io/v1 HTTPRoute h 'spec: {rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: x, port: 80}}}]}]}')" \
		'there is no Service "x"' "$(object v1 Service x 'spec: {ports: [{port: 80}]}')"
	each "$(object autoscaling/v2 HorizontalPodAutoscaler h 'spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: example.org/v1, kind: Rollout, name: x}}')" \
		'there is no Rollout "x"' "$(object example.org/v1 Rollout x '')"
	each "$(object rbac.authorization.k8s.io/v1 RoleBinding r 'roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: x}')" 'there is no Role "x"' \
		"$(object rbac.authorization.k8s.io/v1 Role x '')"
}

@test "every rule that the program reports has a name that a suppression may use" {
	local rule ids
	ids=$(cd "$ROOT" && grep -ohE '"(api|ref|secret)/[a-z0-9-]+"' lib/schema/*.c | tr -d '"' | sort -u)
	[ "$(wc -l <<<"$ids")" -gt 50 ]
	echo '{}' >s.json
	for rule in $ids unknown-field unknown-kind no-object duplicate-item cel-not-evaluated ambiguous-scalar type required additionalProperties oneOf; do
		printf -- '- 1 # infraflux:ignore %s x\n' "$rule"
	done >in.yaml
	run -0 --separate-stderr validate --schema s.json in.yaml
	hasnt 'there is no rule' "$output$stderr"
}

# ---- one mistake, one finding ---------------------------------------------------------
# says SCHEMA DOCUMENT TEXT: there is exactly one finding, and it holds TEXT.
says() {
	echo "$1" >s.json
	run -1 --separate-stderr validate -s s.json <<<"$2"
	has "$3" "$output"
	[ "$(grep -c '^<stdin>' <<<"$output")" = 1 ] || { echo "$output"; return 1; }
}

@test "a wrong name is told once: not as a missing field, and not by the rules of the API, too" {
	once() { # EDIT TEXT
		sed -E "$1" web.yaml >in.yaml
		run -1 --separate-stderr validate --kubernetes in.yaml
		has "$2" "$output"
		[ "$(grep -c 'in.yaml:' <<<"$output")" = 1 ] || { echo "$output"; return 1; }
	}
	sed -i 's|image:.*|&\n        ports: [{containerPort: 80}]\n        livenessProbe: {httpGet: {port: 80}}|' web.yaml
	once 's/containerPort/container_port/' 'container_port: unknown field; did you mean "containerPort"?'
	once 's/containerPort/port/' 'ports[0].port: unknown field; did you mean "containerPort"?'
	once 's/matchLabels/matchlabels/' 'matchlabels: unknown field; did you mean "matchLabels"?'
	once 's/httpGet/http_get/' 'http_get: unknown field; did you mean "httpGet"?'
	once 's/livenessProbe/liveness/' 'liveness: unknown field; did you mean "livenessProbe"?'
	once 's/^  name: web/  Name: web/' 'metadata.Name: unknown field; did you mean "name"?'
	once 's/^metadata:/meta:/' 'meta: unknown field; did you mean "metadata"?'
	once 's/containers:/container:/' 'container: unknown field; did you mean "containers"?'
	once 's/( *)containers:/\1restartPolicy: Allways\n&/' 'did you mean "Always"?'
	once 's/image:.*/&\n        env: [{LEVEL: x}]/' 'LEVEL: unknown field, and the required field "name" is missing'
	once 's/replicas: 2/replicas: 2\n  selectr: 1/' 'selectr: unknown field ('
}

@test "two fields of which only one may be there are named" {
	local s='{"oneOf": [{"required": ["name", "inline"]}, {"$ref": "#/$defs/r"}, {"required": ["x"]}], "$defs": {"r": {"required": ["name", "ref"]}}}'
	says "$s" '{name: a, inline: 1, ref: 2}' '"inline" and "ref" exclude each other: keep one of them (alternatives 1 and 2 of oneOf)'
	says '{"oneOf": [{"required": ["a"]}, {"type": "object"}]}' '{a: 1}' 'fits alternatives 1 and 2 of oneOf, where exactly one is allowed'
}

@test "a field that is missing where others are allowed names the one that was meant" {
	local s='{"required": ["image"], "properties": {"image": {"required": ["repository"], "properties": {"tag": {}}}}}'
	says "$s" 'imgae: {repository: a}' '<stdin>:1:1: error: the field "image" is required; is it "imgae" that was meant?'
	says "$s" 'image: {tag: a, repo: b}' '<stdin>:1:17: error: image: the field "repository" is required; is it "repo" that was meant?'
	says "$s" 'image: {tag: a, any: b}' '<stdin>:1:8: error: image: the field "repository" is required ['
}

@test "alternatives are told by the field that decides, or by the fields that they know" {
	local kinds='{"oneOf": [
		{"additionalProperties": false, "required": ["kind", "url"], "properties": {"v": {"const": 1}, "kind": {"enum": ["Http"]}, "url": {"type": "string"}}},
		{"additionalProperties": false, "required": ["kind", "path"], "properties": {"v": {"const": 1}, "kind": {"enum": ["File"]}, "path": {"type": "string"}}},
		{"additionalProperties": false, "properties": {"legacy": {"type": "object"}}}]}'
	says "$kinds" '{v: 1, kind: File, path: 3}' 'path: expected a string, found integer 3; quote it: "3" [type]'
	says "$kinds" '{v: 1, kind: Htttp, url: a}' 'kind: expected one of "Http" or "File", found string "Htttp"; did you mean "Http"?'
	says "$kinds" '{v: 2, kind: File, path: a}' 'v: expected 1, found integer 2'
	says "$kinds" '{legacy: 3}' 'legacy: expected a map, found integer 3 [type]'
	local all='{"oneOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}], "$defs": {"base": {"required": ["type"]},
		"a": {"allOf": [{"$ref": "#/$defs/base"}, {"properties": {"type": {"const": "a"}, "num": {"type": "integer"}}}]},
		"b": {"required": ["type"], "properties": {"type": {"const": "b"}, "m": {"oneOf": [{"required": ["k"], "properties": {"k": {"const": "x"}}}, {"required": ["k"], "properties": {"k": {"const": "z"}, "l": {"type": "integer"}}}]}}}}}'
	says "$all" '{type: a, num: q}' 'num: expected an integer, found string "q" ['
	says "$all" '{type: b, m: {k: z, l: q}}' 'm.l: expected an integer, found string "q" ['
	says "$all" '{type: b, m: {l: 1}}' 'm: the field "k" is required: one of "x" or "z" ['
	says "$all" '{type: b, m: {K: x}}' 'm.K: unknown field; did you mean "k"?'
	local jobs='{"oneOf": [{"required": ["runs-on"], "additionalProperties": false, "properties": {"runs-on": {}, "steps": {"type": "array"}}},
		{"required": ["uses"], "additionalProperties": false, "properties": {"uses": {"pattern": "/"}}}]}'
	says "$jobs" '{run-on: a, steps: []}' 'run-on: unknown field; did you mean "runs-on"? ['
	says "$jobs" '{uses: a}' 'uses: string "a" does not match the pattern / ['
	says '{"oneOf": [{"type": "integer", "maximum": 9}, {"type": "string", "pattern": "^[a-z]+$"}]}' '12' 'must be at most 9, found 12 ['
	says '{"anyOf": [{"pattern": "^a"}, {"pattern": "^b"}]}' 'c' 'fits none of the 2 alternatives: string "c" does not match the pattern ^a; or: string "c" does not match the pattern ^b'
	says '{"enum": ["1.10", "on", 3]}' '1.10' 'found number 1.10; put it in quotes'
	says '{"enum": ["1.10", "on", 3]}' '"3"' 'found string "3"; leave the quotes off'
	says '{"type": "array"}' 'one' 'expected a list, found string "one"; write it as a list: ["one"]'
	says '{"not": {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}}' 'b: 1' 'the field "b" is not allowed here'
	local many; many=$(printf '"v%s", ' {100..140})
	says "{\"enum\": [$many\"last\"]}" 'lost' 'expected one of 42 values, found string "lost"; did you mean "last"?'
}

@test "what is said of an ambiguous scalar is what its readers do" {
	reads() { # SCALAR TEXT (none: no warning)
		run -0 --separate-stderr validate --secrets <<<"- $1"
		if [ -n "$2" ]; then has "$2" "$output"; else [ -z "$output" ]; fi
	}
	reads -0777 'Kubernetes reads -0777 as the number -511, YAML 1.2 as the number -777;'
	reads +0777 'Kubernetes reads +0777 as the number 511, YAML 1.2 as the number 777;'
	reads 007 'Kubernetes and YAML 1.2 read 007 as the number 7: its zeros are lost;'
	reads 08 'read 08 as the number 8: its zeros are lost'
	reads 0X1F 'Kubernetes reads 0X1F as the number 31, YAML 1.2 as the string "0X1F"'
	reads 1e400 'Kubernetes reads 1e400 as the string "1e400", YAML 1.2 as the number 1e400'
	reads 190:20:30 'as the number 685230 (to base 60)'
	reads 7e11 'as the number 700000000000, YAML 1.1 as a string'
	reads y 'Kubernetes reads y as true, YAML 1.2 as the string "y"'
	for plain in 0o17 0x1F .5 '~' Null = '<<' 2001-12-14 +1 infinity .inf 1.10 nO 12:61 1:234 -0 5. true; do
		reads "$plain" ''
	done
}

@test "a schema that takes a scalar as one thing only leaves nothing to warn about" {
	echo '{"properties": {"s": {"type": "string"}, "b": {"type": "boolean"}, "t": {"type": "string"}, "n": {"type": "number"}, "i": {"type": "integer"}}}' >s.json
	run -0 --separate-stderr validate -s s.json <<<'{b: on, t: 12:30, "n": 1e3}'
	[ -z "$output" ]
	run -1 --separate-stderr validate -s s.json <<<$'s: no\ni: 0777\nother: on'
	has 'found boolean no; quote it: "no"' "$output"
	has '<stdin>:2:4: warning: Kubernetes reads 0777' "$output"
	has '<stdin>:3:8: warning: Kubernetes reads on' "$output"
	[ "$(grep -c '^<stdin>' <<<"$output")" = 3 ]
	sed -E '/resources|limits/d; s|image:.*|&\n        tty: yes\n      volumes: [{name: a, configMap: {name: a, defaultMode: 0644}}]|' web.yaml >in.yaml
	run -0 --separate-stderr validate -k in.yaml
	[ -z "$output" ]
	sed -i 's/tty: yes/env: [{name: A, value: off}]/' in.yaml
	run -1 --separate-stderr validate -k in.yaml
	[ "$(grep -c 'in.yaml:' <<<"$output")" = 1 ]
}

@test "a plain key that Kubernetes reads as something else is a warning, which a comment may accept" {
	printf '0777: a\n1.10: b\n404: c\n"010": d\non: e\nx: {1e3: f} # infraflux:ignore number-key a code\n' >in.yaml
	run -0 --separate-stderr validate --secrets in.yaml
	has 'in.yaml:1:1: warning: the key 0777 is "511" to Kubernetes' "$output"
	has 'in.yaml:2:1: warning: the key 1.10 is "1.1" to Kubernetes' "$output"
	has 'in.yaml:5:1: warning: the key on is "true" to Kubernetes' "$output"
	[ "$(grep -c 'in.yaml:' <<<"$output")" = 3 ]
	run -0 --separate-stderr validate --secrets --no-rule '*-key' - <in.yaml
	[ -z "$output" ]
	run -0 --separate-stderr validate --secrets --yaml=1.2 --no-rule ambiguous-scalar in.yaml
	hasnt 'the key' "$output"
}

@test "--references: what controllers, operators and other parts of the platform make is not missed" {
	local good=$ROOT/tests/cases/validate/references.yaml
	run -0 --separate-stderr validate -k -r --ignore-missing --no-rule cel-not-evaluated "$good"
	[ -z "$output" ]
	run -0 --separate-stderr validate -k -r -v --ignore-missing --no-rule cel-not-evaluated "$good"
	has 'there is no Secret "db-app" among the objects given; the Cluster "db" may make it' "$output"
	has 'this selects no pods of the objects given; the Rollout "api" may make them' "$output"
	[ "$(grep -c 'note:' <<<"$output")" = 6 ]
	# and what nobody makes is
	miss() { # EDIT TEXT
		sed -E "$1" "$good" >in.yaml
		run --separate-stderr validate -k -r --ignore-missing --no-rule cel-not-evaluated in.yaml
		has "$2" "$output"
		[ "$(grep -c '^in.yaml' <<<"$output")" = 1 ] || { echo "$output"; return 1; }
	}
	miss 's/targetPort: http\}/targetPort: htp}/' 'warning: spec.ports[0].targetPort: no container of the pods that are selected has a port of the name "htp"; did you mean "http"?'
	miss '/^kind: ReferenceGrant/,/^spec/s/namespace: shop/namespace: edge/' 'no ReferenceGrant in the namespace shop lets HTTPRoutes of edge refer to its Services (gateway.networking.k8s.io/HTTPRoute edge/web) [ref/grant]'
	miss 's/configMapRef: \{name: web-5h2k9\}/configMapRef: {name: web}/' 'there is no ConfigMap "web"; did you mean "web-5h2k9"?'
	miss 's/port: \{name: http\}/port: {name: https}/' 'the Service "web" has no port https'
	miss 's/claimName: data-db-0/claimName: dat-db-0/' 'there is no PersistentVolumeClaim "dat-db-0"'
	miss 's/cert-manager.io.cluster-issuer/x/' 'there is no Secret "web-cert"'
	miss 's/kube-root-ca.crt, key/kube-root-ca, key/' 'there is no ConfigMap "kube-root-ca"'
	miss 's/name: web, namespace: shop\}, \{kind: ServiceAccount, name: prometheus/name: wep, namespace: shop}, {kind: ServiceAccount, name: prometheus/' 'there is no ServiceAccount "wep"; did you mean "web"?'
	miss 's/values: \[web, other\]/values: [other]/' 'warning: spec.podSelector: this selects no pods'
	# a chart that a controller applies to the namespace may bring it
	printf -- '---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: chart, namespace: shop}\nspec: {interval: 1m}\n' >>in.yaml
	run -0 --separate-stderr validate -k -r --ignore-missing --no-rule cel-not-evaluated in.yaml
	[ -z "$output" ]
}

@test "folders are the documents in them, and a file that cannot be read keeps none from being checked" {
	mkdir -p d/sub d/.hidden none
	sed 's/replicas: 2/replicas: x/' web.yaml | tee d/b.yaml d/sub/c.yml >d/.hidden/h.yaml
	config-merge -o json d/b.yaml >d/a.json
	ln -s ../.. d/sub/loop
	ln -s b.yaml d/link.yaml
	echo 'no document' >d/notes.txt
	run -1 --separate-stderr validate -k d
	has '4 documents, 4 invalid' "$output"
	[ "$(cut -d: -f1 <<<"$output" | head -4 | tr '\n' ' ')" = 'd/a.json d/b.yaml d/link.yaml d/sub/c.yml ' ]
	echo 'a: [' >d/aa.yaml
	ln -s nothing d/gone.yaml
	for jobs in 1 4; do
		run -2 --separate-stderr validate -j $jobs -k d web.yaml none.yaml d/b.yaml
		has 'd/aa.yaml:2:1: error:' "$stderr"
		has 'd/gone.yaml: error: cannot read' "$stderr"
		has 'none.yaml: error: cannot read' "$stderr"
		has '6 documents, 5 invalid' "$output"
	done
	run -0 --separate-stderr validate -k none <web.yaml
	has 'none: warning: there is no file .yaml, .yml, .json or .jsonl in this folder' "$output"
	run -2 --separate-stderr validate -j 4 -k nothing.yaml
	[ "$(wc -l <<<"$stderr")" = 1 ]
}

@test "--origins may be written by the program before in the pipe" {
	need config-merge
	need render
	printf 'name: web\nsize: small\n' >base.yaml
	printf '# production\nsize: huge\n' >prod.yaml
	printf 'name: ${ .name }\nsize: ${ .size }\n' >t.yaml
	for _ in 1 2 3; do
		rm -f o p
		run -1 --separate-stderr bash -c 'config-merge base.yaml prod.yaml --origins-out o | validate --schema config.schema.json --origins o'
		has 'prod.yaml:2:7: error: size: expected one of' "$output"
		rm -f o
		run -1 --separate-stderr bash -c 'config-merge base.yaml prod.yaml --origins-out o | render -f - --origins o --origins-out p t.yaml | validate --schema config.schema.json --origins p'
		has 'prod.yaml:2:7: error: size: expected one of' "$output"
	done
}

@test "what is wrong with a kind, a quantity, an identity is told where it stands" {
	edit() { # EDIT TEXT
		sed -E "$1" web.yaml >in.yaml
		run -1 --separate-stderr validate --kubernetes in.yaml
		has "$2" "$output"
		[ "$(grep -c '^in.yaml:' <<<"$output")" = 1 ] || { echo "$output"; return 1; }
	}
	edit 's/1Gi/1GB/' 'found string "1GB"; did you mean 1G?'
	edit 's/1Gi/1 Gi/' 'found string "1 Gi"; did you mean 1Gi?'
	edit 's/500m/"0,5"/' 'found string "0,5"; did you mean 0.5?'
	edit 's/500m/500mi/' 'found string "500mi" ('
	edit 's/kind: Dep.*/kind: Deploy/' 'in.yaml:2:7: error: no schema for the kind Deploy of apps/v1 in Kubernetes v1.37.0; did you mean Deployment?'
	edit 's/^apiVersion: .*/apiVersion: app\/v1/' 'in.yaml:1:13: error: no schema for the kind Deployment of app/v1 in Kubernetes v1.37.0; apps/v1 has it'
	edit 's/^kind:/Kind:/' 'in.yaml:2:1: error: this is no Kubernetes object: it has no kind; did you mean "kind" by "Kind"?'
	edit 's/^apiVersion:/apiversion:/' 'in.yaml:1:1: error: this is no Kubernetes object: it has no apiVersion; did you mean "apiVersion" by "apiversion"?'
}

@test "an alternative that alone knows the fields is meant, and what it lacks is told" {
	local one='{"oneOf": [{"additionalProperties": false, "properties": {"version": {"enum": ["v1"]}, "machine": {}, "cluster": {}}},
		{"additionalProperties": false, "required": ["kind", "name"], "properties": {"kind": {"enum": ["A"]}, "name": {}, "size": {}}},
		{"additionalProperties": false, "required": ["kind", "name"], "properties": {"kind": {"enum": ["B"]}, "name": {}, "size": {}}},
		{"additionalProperties": false, "required": ["kind", "name"], "properties": {"kind": {"enum": ["C"]}, "name": {}, "speed": {}}}]}'
	says "$one" '{version: v2, machine: 1, cluster: 2}' 'version: expected "v1", found string "v2" ['
	says "$one" '{name: a, size: 1}' 'the field "kind" is required: one of "A" or "B" ['
	says '{"type": "string", "pattern": "^[0-9]+s$"}' '10' 'expected a string, found integer 10; it must match the pattern ^[0-9]+s$'
}

@test "hundreds of alternatives with hundreds of fields are explained in bounded time" {
	python3 - <<-'P'
		import json
		fields = {f"f{j}": {"type": "integer"} for j in range(300)}
		json.dump({"oneOf": [{"required": ["kind"], "additionalProperties": False, "properties": {"kind": {"const": f"k{i}"}, **fields}} for i in range(300)]}, open("s.json", "w"))
		json.dump({"kind": "zz", **{f: "x" for f in fields}}, open("d.json", "w"))
	P
	run -1 timeout 20 validate -s s.json d.json
	has 'd.json:1:10: error: kind: expected one of "k0", ' "$output"
}
