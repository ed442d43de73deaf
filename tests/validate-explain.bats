#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# validate: one mistake is one finding, and says what was meant.
# shellcheck disable=SC2154
load validate_helper

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
