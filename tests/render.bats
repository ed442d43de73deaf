#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
load test_helper

cases=$BATS_TEST_DIRNAME/cases/render

setup() {
	cat >"$T/v.yaml" <<-'Y'
		name: web
		image: {name: nginx, tag: "1.10"}
		replicas: 3
		ports: [{name: http, port: 80}, {name: metrics, port: 9090}]
		nothing: null
		none: {}
	Y
	cd "$T"
}

# template TEXT: renders it over v.yaml.
template() {
	printf '%s\n' "$1" >t.yaml
	run --separate-stderr render -f v.yaml t.yaml
}
# refused POSITION MESSAGE: the last run was trouble of that kind, and wrote nothing.
refused() {
	[[ $status == 2 ]] || { echo "status $status"; return 1; }
	has "$1: error: " "$stderr"
	has "$2" "$stderr"
}
# gives LINE...: the last run made these lines.
gives() {
	[[ $status == 0 ]] || { echo "status $status: $stderr"; return 1; }
	diff <(printf '%s\n' "$@") <(printf '%s\n' "$output")
}

@test "a template makes objects of every kind of form" { golden "$cases/template-shop"; }

# --- holes --------------------------------------------------------------------
@test "a scalar that is one hole keeps the type of the result" {
	template '[ "${.replicas}", "${.ports[0]}", "${.nothing}", "${ .name | length > 2 }" ]'
	gives '- 3' '- name: http' '  port: 80' '- null' '- true'
}
@test "within text a result becomes text, numbers as they were written" {
	template 'a: ${.image.name}:${.image.tag}-${.replicas}'
	gives 'a: nginx:1.10-3'
}
@test "text that looks like a number stays text" {
	template 'a: ${.replicas}${.replicas}'
	gives 'a: "33"'
}
@test "a dollar before the hole makes it literal" {
	template 'a: $${.name} $x ${.name}'
	gives 'a: ${.name} $x web'
}
@test "brackets and quotes within an expression do not end it" {
	template 'a: ${ "}" + .name + "\("{" + .name)" }'
	gives 'a: "}web{web"'
}
@test "keys may hold holes" {
	template '${.name}-${.replicas}: 1'
	gives 'web-3: 1'
}
@test "an expression without a result leaves its place out" {
	template '{a: "${empty}", b: ["${empty}", 1]}'
	gives 'b:' '- 1'
}
@test "several results are several items of a list" {
	template '["${.ports[] | .port}"]'
	gives '- 80' '- 9090'
}
@test "several results in one place are refused" {
	template 'a: ${ .ports[] }'
	refused t.yaml:1:7 '2 values for one place'
}
@test "a default handles a missing value, null and false" {
	template '{a: "${.foo // 5}", b: "${.nothing // \"x\"}", c: "${.foo.bar?}", d: "${.image.foo // .name}"}'
	gives 'a: 5' 'b: x' 'c: null' 'd: web'
}
@test "numbers beyond 53 bits and decimals pass through" {
	printf 'big: 12345678901234567890\nf: 1.10\n' >n.yaml
	printf 'a: ${.big}\nb: ${.f}\nc: x${.f}\n' >t.yaml
	run --separate-stderr render -f n.yaml t.yaml
	gives 'a: 12345678901234567890' 'b: 1.10' 'c: x1.10'
}
@test "functions come from a file of jq definitions" {
	echo 'def twice: . + .;' >lib.jq
	printf 'a: ${.name | twice}\n' >t.yaml
	run --separate-stderr render -L lib.jq -f v.yaml t.yaml
	gives 'a: webweb'
}

# --- structure ----------------------------------------------------------------
@test "\$if takes away its map, its item, its key or its document" {
	template '{$if: false, a: 1}
---
b: {$if: ".replicas > 5", c: 1}
d: [{$if: false, e: 1}, 2]'
	gives 'd:' '- 2'
}
@test "\$then beside other keys is merged over them" {
	template '{a: {x: 1, z: 1}, $if: .replicas, $then: {a: {z: 2}}, $else: {a: 9}}'
	gives 'a:' '  x: 1' '  z: 2'
}
@test "\$else beside other keys is merged over them" {
	template '{a: 1, $if: false, $then: {a: 2}, $else: {b: 3}}'
	gives 'a: 1' 'b: 3'
}
@test "\$for repeats items, documents and keys" {
	template '$for: p in .ports
list: [{$for: "i, q in .ports", id: "${$i}${$q.name}"}, last]
map: {$for: "q in .ports", "${$q.name}": "${$p.port}"}'
	gives list: '- id: 0http' '- id: 1metrics' '- last' map: '  http: 80' '  metrics: 80' --- \
		list: '- id: 0http' '- id: 1metrics' '- last' map: '  http: 9090' '  metrics: 9090'
}
@test "\$for over nothing makes an empty list, an empty map or no document" {
	template '{a: {$for: "x in .none", $do: 1}, b: {$for: "x in .none", c: 1}}
---
{$for: "x in .none", d: 1}'
	gives 'a: []' 'b: {}'
}
@test "\$let names values, each seeing those before it" {
	template '{$let: {one: "${.replicas}", two: "${$one + 1}", on1: plain}, a: "${$two}", b: "${$on1}"}'
	gives 'a: 4' 'b: plain'
}
@test "a name ends with the map that made it" {
	template '[{$let: {one: 1}, a: "${$one}"}, {b: "${$one}"}]'
	refused t.yaml:1:41 '$one is not bound here'
}
@test "\$include sees values and names, and is looked for in -L" {
	mkdir inc
	printf 'who: ${.name}${$num}\nx: 1\n' >inc/part.yaml
	printf 'a: {$let: {num: 7}, $include: part.yaml, x: 2}\n' >t.yaml
	run --separate-stderr render -L inc -f v.yaml t.yaml
	gives 'a:' '  x: 2' '  who: web7'
}
@test "files that include each other are refused" {
	printf '$include: t.yaml\n' >u.yaml
	template '$include: u.yaml'
	refused u.yaml:1:11 'includes itself'
}
@test "a key made in each round is refused" {
	template '{$for: "p in .ports", same: 1}
---
a: {$for: "p in .ports", same: 1}'
	refused t.yaml:3:26 '"same" is made twice'
}
@test "misplaced keys are refused" {
	template '{$then: 1}'
	refused t.yaml:1:9 '$then without $if'
	template '{$for: "p in .ports", $do: 1, a: 2}'
	refused t.yaml:1:28 '$do is the whole body'
	template '{$for: ".ports"}'
	refused t.yaml:1:8 'NAME in EXPRESSION'
}

# --- errors -------------------------------------------------------------------
@test "a path that leads nowhere is an error with the nearest name" {
	template 'a: x ${.image.tga} y'
	refused t.yaml:1:8 '.image.tga is undefined: there is no "tga" in .image; did you mean "tag"?'
}
@test "such a path is seen within an expression, where it stands" {
	template 'a: ${ .name + "x" + .nam | ascii_upcase }'
	refused t.yaml:1:21 'did you mean "name"'
}
@test "an index past the end is an error" {
	template 'a: ${.ports[2].name}'
	refused t.yaml:1:6 '.ports has 2 items'
}
@test "a path into a scalar names where that was written" {
	template 'a: ${.name.x}'
	refused t.yaml:1:6 'it was written at v.yaml:1:7'
}
@test "null does not become text" {
	template 'a: x${.nothing}'
	refused t.yaml:1:7 'null cannot become text'
}
@test "errors in a literal block name its line" {
	template 'b: |
  one
    two ${ .nam } x'
	refused t.yaml:3:12 '.nam is undefined'
}
@test "jq's own errors stand at the expression" {
	template 'a: ${ foo(1) }'
	refused t.yaml:1:7 'foo/1 is not defined'
	template 'a: ${ .name | error("boom") }'
	refused t.yaml:1:7 'boom'
}
@test "a hole without an end is refused" {
	template 'a: ${ .name '
	refused t.yaml:1:7 'has no end'
}
@test "errors of included files name these files" {
	printf 'x: ${.nope}\n' >u.yaml
	template 'a: {$include: u.yaml}'
	refused u.yaml:1:6 '.nope is undefined'
}

# --- values -------------------------------------------------------------------
@test "later files win, and null in them stays null" {
	echo 'image: {tag: null, extra: 1}' >w.yaml
	echo 'a: ${.image}' >t.yaml
	run --separate-stderr render -f v.yaml -f w.yaml t.yaml
	gives 'a:' '  name: nginx' '  tag: null' '  extra: 1'
}
@test "--set has Helm's grammar" {
	echo '${.}' >t.yaml
	run --separate-stderr render --set 'a.b=1,c={x,2},d[1].e=true,f=a\,b,g.h\.i=null,j=007,k=' t.yaml
	gives 'a:' '  b: 1' 'c:' '- x' '- 2' 'd:' '- null' '- e: true' 'f: a,b' 'g:' '  h.i: null' 'j: "007"' 'k: ""'
}
@test "--set-string, --set-json and --set-file" {
	printf 'one\ntwo\n' >x.txt
	echo '${.}' >t.yaml
	run --separate-stderr render --set-json 'a={"b":[1,2]},z=3' --set-json '{"m":{"o":1}}' --set-string s=12 --set-file f=x.txt t.yaml
	gives 'a:' '  b:' '  - 1' '  - 2' 'z: 3' 'm:' '  o: 1' 's: "12"' 'f: |' '  one' '  two'
}
@test "a malformed --set is refused" {
	echo '${.}' >t.yaml
	local s
	for s in a 'a.b' 'a=1,b' 'a[x]=1' 'a[-1]=1' 'a[70000]=1' 'a={1' 'a.=1,b=2'; do
		run --separate-stderr render --set "$s" t.yaml
		[[ $status == 2 ]] || { echo "$s: $status $output"; return 1; }
		has '--set:1:' "$stderr"
	done
}
@test "values come from standard input only when asked for" {
	echo 'a: ${.x // "none"}' >t.yaml
	run --separate-stderr render -f - t.yaml <<<'x: piped'
	gives 'a: piped'
	run --separate-stderr render t.yaml <<<'x: piped'
	gives 'a: none'
}

# --- output -------------------------------------------------------------------
@test "the form of the output can be chosen" {
	printf 'a: ${.name}\n' >t.yaml
	run --separate-stderr render -o jsonl -f v.yaml t.yaml
	gives '{"a":"web"}'
}
@test "origins name the values file for what came from there" {
	need validate
	printf 'a: ${.replicas}\nb: 1\n' >t.yaml
	echo '{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}' >s.json
	render -f v.yaml --origins-out o.jsonl -O out.yaml t.yaml
	run --separate-stderr validate --schema s.json --origins o.jsonl out.yaml
	[[ $status == 1 ]]
	has v.yaml:3:11 "$output"
	has t.yaml:2:4 "$output"
}
@test "without a source it is a usage error" {
	run --separate-stderr render -f v.yaml
	[[ $status == 2 ]]
	has 'no SOURCE is named' "$stderr"
}
@test "a kustomization is refused clearly" {
	mkdir k
	echo 'resources: []' >k/kustomization.yaml
	run --separate-stderr render k
	refused k 'kustomization'
}
