#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# validate --schema: drafts, references, formats, outputs, hostile schemas.
# shellcheck disable=SC2154
load validate_helper

# hostile STATUS MESSAGE SCHEMA DOCUMENT: it ends in time, and says where.
hostile() {
	echo "$3" >s.json
	echo "$4" >d.json
	run --separate-stderr "-$1" timeout 30 validate -s s.json d.json
	[[ -z $2 ]] || has "$2" "$output$stderr"
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
