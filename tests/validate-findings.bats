#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# validate: accepted findings, coverage, reports.
# shellcheck disable=SC2154
load validate_helper

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
