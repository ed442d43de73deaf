#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# validate: what is read, its status, streams, folders, origins.
# shellcheck disable=SC2154
load validate_helper

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

@test "a quoted number where an integer is wanted says what to do" {
	printf 'name: web\nports: ["80"]\n' >in.yaml
	run -1 --separate-stderr validate --schema config.schema.json in.yaml
	has 'expected an integer, found string "80"; leave the quotes off' "$output"
}

@test "YAML is typed as Kubernetes reads it" {
	echo '{"items": {"type": "boolean"}}' >s.json
	echo '[yes, no, on, off, true]' >in.yaml
	run -0 validate --schema s.json in.yaml
	run -1 validate --schema s.json --yaml=1.2 in.yaml
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
