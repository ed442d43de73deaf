# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# What the suites of validate share.
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

# says SCHEMA DOCUMENT TEXT: there is exactly one finding, and it holds TEXT.
says() {
	echo "$1" >s.json
	run -1 --separate-stderr validate -s s.json <<<"$2"
	has "$3" "$output"
	[ "$(grep -c '^<stdin>' <<<"$output")" = 1 ] || { echo "$output"; return 1; }
}
