#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Reports, whichever program writes them: where they go, and what may stand in them.
load test_helper

setup() {
	cd "$T" || return 1
	echo '{"properties": {"name": {"type": "string"}}, "additionalProperties": false}' >s.json
	echo 'name: 5' >in.yaml
}

@test "a report goes over no other report, output or input, by whatever name" {
	ln in.yaml hard.yaml
	for where in 'json=r --report sarif=r' 'json=r --report sarif=./x/../r' 'json=in.yaml' 'json=hard.yaml' 'json=r --through -O r' 'json=r --coverage=r' \
		'json=r --secrets --secrets-baseline-out r' 'json='; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr validate -s s.json --report $where in.yaml
		has '--report json=' "$stderr"
		[ ! -e r ]
		[ "$(<in.yaml)" = 'name: 5' ]
	done
	run -1 --separate-stderr validate -s s.json --report json=/dev/null --report sarif=/dev/null --report junit=r in.yaml
}

@test "-O takes the report that would go to standard output, unless there was trouble" {
	run -1 --separate-stderr validate -s s.json -O r --report json=r.json in.yaml
	[ -z "$output$stderr" ]
	has 'in.yaml:1:7: error: name: expected a string' "$(<r)"
	run -1 --separate-stderr validate -s s.json -O r --report jsonl in.yaml
	[ -z "$output$stderr" ]
	[ "$(jq -r .rule r)" = type ]
	echo '{' >bad.json
	run -2 --separate-stderr validate -s s.json -O r --report sarif in.yaml bad.json
	[ "$(jq -r .rule r)" = type ]
	run -1 --separate-stderr validate -s s.json -O r --through in.yaml
	has 'expected a string' "$stderr"
	[ -e r ] && [ ! -s r ]
}

@test "a report that cannot be written is trouble, and the others are written" {
	run -2 --separate-stderr validate -s s.json --report json=/dev/full --report jsonl=r.jsonl in.yaml
	has '/dev/full: error: cannot write' "$stderr"
	has 'expected a string' "$output"
	[ "$(wc -l <r.jsonl)" = 1 ]
	run -2 --separate-stderr validate -s s.json --report json=none/r.json --report jsonl in.yaml
	has 'none/r.json: error: cannot write' "$stderr"
	[ "$(jq -r .rule <<<"$output")" = type ]
}

@test "paths in reports are the repository's, however they were named" {
	mkdir -p 'a,b:c/d%1' 'a,b:c/x'
	cp in.yaml 'a,b:c/d%1/e f.yaml'
	validate -s s.json --fail-on never --report sarif=r.sarif --report github=r.gh ".//a,b:c/./x/../d%1/e f.yaml" "$PWD/in.yaml"
	[ "$(jq -r '.runs[0].results[].locations[0].physicalLocation.artifactLocation.uri' r.sarif | xargs)" = 'a%2Cb%3Ac/d%251/e%20f.yaml in.yaml' ]
	[ "$(cut -d, -f1 r.gh | xargs -d '\n')" = '::error file=a%2Cb%3Ac/d%251/e f.yaml ::error file=in.yaml' ]
	run -1 --separate-stderr validate -s s.json --report github <in.yaml
	[ "${output%%;*}" = '::error title=type::line 1, column 7: name: expected a string, found integer 5' ]
}

@test "no control character of a document reaches a log or an XML reader" {
	printf '"a\\x01\\e[31m\\x0b<&>\\"%%": 1\n"b\\nc\\t\\x7f": 1\n' >in.yaml
	validate -s s.json --fail-on never --report text=r.txt --report github=r.gh --report junit=r.xml --report sarif=r.sarif --report json=r.json in.yaml >out
	! LC_ALL=C grep -P '[\x00-\x08\x0b-\x1f\x7f]' out r.txt r.gh r.xml r.sarif
	has '::"a\x01\x1b[31m\x0b<&>"%25": unknown field' "$(<r.gh)"
	has '::"b%0Ac' "$(<r.gh)"
	python3 - <<-'P'
		import json, xml.etree.ElementTree as tree
		assert [f["path"] for f in json.load(open("r.json"))] == ["/a\x01\x1b[31m\x0b<&>\"%", "/b\nc\t\x7f"]
		root = tree.parse("r.xml").getroot()
		# what Jenkins' schema of these files allows (junit-10.xsd)
		allowed = {"testsuites": {"name", "time", "tests", "failures", "errors"}, "failure": {"type", "message"}, "system-out": set(),
		           "testsuite": {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		           "testcase": {"name", "time", "classname", "group"}}
		for e in root.iter():
		    assert set(e.attrib) <= allowed[e.tag], (e.tag, e.attrib)
		assert [root.get("tests"), root.get("failures"), len(root.findall(".//failure"))] == ["2", "0", 0]
	P
}

@test "a report of --through, of trouble in the middle, of what is about no place" {
	printf 'name: a\n---\nname: 5\n---\nname: b\n' >in.yaml
	for form in text json jsonl sarif junit github; do
		run -1 --separate-stderr validate -s s.json --through --report $form in.yaml
		[ "$output" = $'name: a\n---\nname: b' ]
		has 'expected a string' "$stderr"
	done
	printf -- '---\nname: [\n' >>in.yaml
	run -2 --separate-stderr validate -s s.json --report junit in.yaml
	has 'tests="2" failures="2"' "$output"
	run -0 --separate-stderr validate -s s.json --no-rule nothing/* --report junit </dev/null
	has 'failures="0"' "$output"
	has '<system-out>validate: warning: --no-rule' "$output"
}

@test "credentials are security findings to code scanning" {
	validate --secrets --fail-on never --report sarif=r.sarif <<<'{password: hunter2}'
	[ "$(jq -r '.runs[0].tool.driver.rules[0].properties | .tags[0], ."security-severity"' r.sarif | xargs)" = 'security 8.0' ]
	run -0 validate --formats --schema "$ROOT/tests/cases/validate/code-scanning.schema.json" r.sarif
}
