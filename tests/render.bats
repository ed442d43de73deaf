#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2164 # run sets stderr; a failing cd fails the test
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
@test "modules come from the folders of -L, with those that they import" {
	mkdir -p lib/deep
	echo 'import "deep/more" as m; def fqdn: . + m::suffix;' >lib/names.jq
	echo 'def suffix: ".example";' >lib/deep/more.jq
	echo '{"k": 5}' >lib/data.json
	printf "a: '\${ include \"names\"; .name | fqdn }'\nb: '\${ import \"names\" as n; .name | n::fqdn }'\nc: '\${ import \"data\" as \$d; \$d::d[0].k }'\n" >t.yaml
	run --separate-stderr render -L lib --lock-out l.yaml -f v.yaml t.yaml
	gives 'a: web.example' 'b: web.example' 'c: 5'
	diff <(sed -n 's/^  \(.*\): sha256:.*/\1/p' l.yaml) <(printf '%s\n' lib/data.json lib/deep/more.jq lib/names.jq t.yaml v.yaml)
	printf "a: '\${ include \"none\"; .name }'\n" >t.yaml
	run --separate-stderr render -L lib -f v.yaml t.yaml
	refused t.yaml:1:8 'module not found: none'
}
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

# --- what was read, and what it took --------------------------------------------
@test "--check is silent on a fresh rendering, and shows the first difference of a stale one" {
	printf 'a: ${.name}\nb: ${.replicas}\nc: 1\n' >t.yaml
	render -f v.yaml -O kept.yaml t.yaml
	run --separate-stderr render -f v.yaml --check kept.yaml t.yaml
	[[ $status == 0 && -z $output && -z $stderr ]]
	sed -i 's/b: 3/b: 30/' kept.yaml
	run --separate-stderr render -f v.yaml --check kept.yaml t.yaml
	[[ $status == 1 && -z $output ]]
	has 'kept.yaml:2:5: error: ' "$stderr"
	has 'here is "b: 30", they make "b: 3"' "$stderr"
	has '-O kept.yaml instead of --check' "$stderr"
	head -n 2 kept.yaml | sed 's/30/3/' >short.yaml
	run --separate-stderr render -f v.yaml --check short.yaml t.yaml
	[[ $status == 1 ]]
	has 'short.yaml:3:1: error: ' "$stderr"
	has 'here is nothing, they make "c: 1"' "$stderr"
	run --separate-stderr render -f v.yaml --check none.yaml t.yaml
	[[ $status == 2 ]]
	run --separate-stderr render -f v.yaml --check kept.yaml -O kept.yaml t.yaml
	[[ $status == 2 ]]
}
@test "--check proves a chart's rendering" {
	chart 'templates/x.yaml=kind: X
a: {{ .Values.a }}'
	render --set a=1 -O kept.yaml c
	run --separate-stderr render --set a=1 --check kept.yaml c
	[[ $status == 0 ]]
	run --separate-stderr render --set a=2 --check kept.yaml c
	[[ $status == 1 ]]
	has 'kept.yaml:4:4: error: ' "$stderr"
}
@test "a lock names all inputs, and finds those that changed, came or went" {
	chart 'templates/x.yaml=kind: X' 'values.yaml=a: 1' 'files/f=text'
	run --separate-stderr render -f v.yaml --lock-out l.yaml c
	[[ $status == 0 ]]
	diff <(sed -n 's/^  \(.*\): sha256:.*/\1/p' l.yaml) <(printf '%s\n' c/Chart.yaml c/files/f c/templates/x.yaml c/values.yaml v.yaml)
	has "v.yaml: sha256:$(sha256sum <v.yaml | cut -d' ' -f1)" "$(<l.yaml)"
	run --separate-stderr render -f v.yaml --lock l.yaml c
	[[ $status == 0 && -z $stderr ]]
	echo 'a: 2' >c/values.yaml
	echo new >c/files/g
	rm c/files/f
	run --separate-stderr render -f v.yaml --lock l.yaml c
	[[ $status == 1 ]]
	has 'kind: X' "$output"
	has 'c/values.yaml: error: is sha256:' "$stderr"
	has 'c/files/g: error: was read and is not in l.yaml' "$stderr"
	has 'l.yaml:4:3: error: "c/files/f" is locked, but was not read now' "$stderr"
	hasnt templates/x.yaml "$stderr"
}
@test "a lock holds what releases, includes and libraries read, but not standard input" {
	chart 'templates/x.yaml=kind: X'
	printf -- '- {chart: c, name: one, valuesFiles: [v.yaml]}\n' >r.yaml
	render --lock-out l.yaml -O out.yaml --releases r.yaml
	has '  v.yaml: sha256:' "$(<l.yaml)"
	has '  r.yaml: sha256:' "$(<l.yaml)"
	echo 'def f: 1;' >f.jq
	echo 'x: ${f}' >i.yaml
	echo '$include: i.yaml' >t.yaml
	render -L f.jq --lock-out l.yaml -O out.yaml t.yaml
	diff <(sed -n 's/^  \(.*\): sha256:.*/\1/p' l.yaml) <(printf '%s\n' f.jq i.yaml t.yaml)
	render -L f.jq --check out.yaml --lock-out l2.yaml t.yaml
	cmp l.yaml l2.yaml # what is checked is no input
	run --separate-stderr render -L f.jq -f - --lock-out l.yaml t.yaml <v.yaml
	refused '<stdin>' 'standard input cannot be locked'
	run --separate-stderr render --lock v.yaml t.yaml
	refused v.yaml:1:1 'no lock of inputs'
}
@test "--timings tells of each chart and template" {
	chart 'templates/x.yaml=kind: X' 'templates/y.yaml={{ range until 20000 }}{{ end }}'
	printf -- '- {chart: c, name: one}\n- {chart: c, name: two}\n' >r.yaml
	run --separate-stderr render --timings --releases r.yaml
	[[ $status == 0 ]]
	diff <(sed -E 's/^ *[0-9]+\.[0-9]{3} +/T /' <<<"$stderr") <(printf '%s\n' 'CPU ms  times  chart' 'T 2  c' '  CPU ms  times  chart read' 'T 1  c' \
		'  CPU ms  times  template' 'T 2  c/templates/y.yaml' 'T 2  c/templates/x.yaml')
	echo 'a: ${.name}' >t.yaml
	run --separate-stderr render --timings -f v.yaml t.yaml
	diff <(sed -E 's/^ *[0-9]+\.[0-9]{3} +/T /' <<<"$stderr") <(printf '%s\n' 'CPU ms  times  template' 'T 1  t.yaml' '  CPU ms  times  template read' 'T 1  t.yaml')
}
@test "--keep-unchanged leaves an equal file alone, and replaces another" {
	chart 'templates/x.yaml=kind: X
a: {{ .Values.a }}'
	render --set a=1 -O out.yaml c
	touch -d '2001-01-01' out.yaml
	render --set a=1 --keep-unchanged -O out.yaml c
	[[ $(date -r out.yaml +%Y) == 2001 ]]
	render --set a=2 --keep-unchanged -O out.yaml c
	[[ $(date -r out.yaml +%Y) != 2001 ]]
	has 'a: 2' "$(<out.yaml)"
}
@test "the same input makes the same bytes, whatever the threads" {
	chart 'templates/x.yaml=kind: X
{{- range $k, $v := .Values }}
{{ $k }}: {{ $v }}
{{- end }}
all: {{ .Values | toJson }}
keys: {{ keys .Values | toJson }}
files: {{ (.Files.Glob "*").AsConfig | quote }}' 'b=1' 'a=2'
	local i
	for i in {1..20}; do echo "- {chart: c, name: r$i, values: {z: $i, y: 1, m: {q: 1, b: 2}}}"; done >r.yaml
	render -j 1 --origins-out o1 --releases r.yaml >one
	for i in 2 3 4; do
		render -j $i --origins-out o2 --releases r.yaml >two
		cmp one two
		cmp o1 o2
	done
}

# --- comments -----------------------------------------------------------------
@test "comments of a template stay with what they speak of" {
	template '# The header
# of two lines

$for: p in .ports # each port
# its kind
kind: ${$p.name} # or name
spec:
  # how many
  num: ${.replicas}
  list: # all
  # an item
  - ${.ports[].port} # numbers
  # a map
  - a: 1 # one
    # not always
    $if: .none == {}
    b: ${.nothing}
  text: | # of lines
    # no comment
---
a: {b: "#"} # flow
# the end'
	gives '# The header' '# of two lines' '' '# each port' '# its kind' 'kind: http # or name' 'spec:' '  # how many' '  num: 3' '  list: # all' \
		'  # an item' '  - 80 # numbers' '  - 9090' '  # a map' '  - a: 1 # one' '    # not always' '    b: null' '  text: | # of lines' '    # no comment' \
		--- '# The header' '# of two lines' '' '# each port' '# its kind' 'kind: metrics # or name' 'spec:' '  # how many' '  num: 3' '  list: # all' \
		'  # an item' '  - 80 # numbers' '  - 9090' '  # a map' '  - a: 1 # one' '    # not always' '    b: null' '  text: | # of lines' '    # no comment' \
		--- 'a: # flow' '  b: "#"' '# the end'
}
@test "comments of values stay behind, and --no-comments leaves all out" {
	printf '# secret thoughts\nname: web # of values\n' >w.yaml
	printf '# kept\na: ${.name}\n' >t.yaml
	run --separate-stderr render -f w.yaml t.yaml
	gives '# kept' 'a: web'
	run --separate-stderr render -f w.yaml --no-comments t.yaml
	gives 'a: web'
	run --separate-stderr render -f w.yaml -o json t.yaml
	gives '{' '  "a": "web"' '}'
}
@test "loops that make nothing come to an end" {
	template '$let: {l: "${[range(300)]}"}
$do:
  $for: a in $l
  $do:
    $for: b in $l
    $do:
      $for: c in $l
      $if: false
      x: 1'
	run --separate-stderr render --max-steps 100000 -f v.yaml t.yaml
	refused t.yaml:8:12 '--max-steps sets the limit'
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

# --- Argo CD ----------------------------------------------------------------------
@test "an app of apps: charts, kustomizations, folders, sets of every generator" { golden "$cases/argocd"; }
@test "--argocd without an Application is trouble" {
	echo 'kind: Pod' >p.yaml
	run --separate-stderr render --argocd p.yaml
	refused render 'no Application or ApplicationSet'
}
@test "an Application cannot read outside its repository" {
	mkdir repo
	printf 'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec: {source: {repoURL: u, path: ../..}}\n' >a.yaml
	run --separate-stderr render --argocd --repo u=repo a.yaml
	[[ $status == 1 ]]
	has 'leads out of the repository' "$stderr"
}
@test "Applications that bring themselves end" {
	mkdir repo
	printf 'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec: {source: {repoURL: u, path: .}}\n' | tee a.yaml >repo/a.yaml
	run --separate-stderr render --argocd -o jsonl --repo u=repo a.yaml
	[[ $status == 0 && ${#lines[@]} == 1 ]]
}
@test "what an ApplicationSet asks a server for is refused" {
	printf 'apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: x}\nspec: {generators: [{scmProvider: {}}], template: {}}\n' >a.yaml
	run --separate-stderr render --argocd a.yaml
	[[ $status == 1 ]]
	has 'the generator "scmProvider" is not supported' "$stderr"
}
# The tree that tests/cluster/argocd.bats finds equal to what the real Argo CD makes; argocd-all/want is what render made then.
argocd_fixture() {
	cp -a "$ROOT/tests/cluster/argocd/repo" repo
	grep -rl '@REPO@' repo | while read -r f; do sed -i 's|@REPO@|https://git.example/all|g' "$f"; done
	mkdir repo/.git
	printf 'ref: refs/heads/main\n' >repo/.git/HEAD
	printf '# pack-refs with: peeled\n0123456789abcdef0123456789abcdef01234567 refs/heads/main\n' >repo/.git/packed-refs
	for f in clusters root wrong; do
		sed 's|@REPO@|https://git.example/all|g; s|@API@|6443|; s|@CONFIG@|{}|' "$ROOT/tests/cluster/argocd/$f.yaml" >"$f.yaml"
	done
	all=(--argocd --repo "https://git.example/all=repo" --repo "http://127.0.0.1/charts=$ROOT/tests/cluster/argocd/charts")
}
@test "the fixture that the real Argo CD has seen" {
	argocd_fixture
	run --separate-stderr render "${all[@]}" -O out.yaml clusters.yaml root.yaml
	[[ $status == 1 ]]
	diff -u "$cases/argocd-all/want" out.yaml
	sed "s|$ROOT|ROOT|g" <<<"$stderr" | diff -u "$cases/argocd-all/err" -
	# The order does not hang on the number of threads.
	render "${all[@]}" -j 1 -O one.yaml clusters.yaml root.yaml 2>one.err || true
	cmp one.yaml out.yaml
	diff one.err - <<<"$stderr"
}
@test "what is wrong with an Application is said with its line and the chain that led there" {
	argocd_fixture
	run --separate-stderr render "${all[@]}" -q wrong.yaml
	[[ $status == 1 && $output == "" ]]
	diff -u "$cases/argocd-all/wrong" - <<<"$stderr"
}
@test "jsonnet, plugins, URLs of value files, and links out of a repository are refused" {
	mkdir -p repo/j repo/l repo/c
	echo '{}' >repo/j/a.jsonnet
	ln -s /etc/passwd repo/l/a.yaml
	printf 'apiVersion: v2\nname: c\nversion: 1.0.0\n' >repo/c/Chart.yaml
	app() { printf -- '---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: %s}\nspec: {source: {repoURL: u, %s}}\n' "$1" "$2"; }
	{ app a 'path: j'; app b 'path: ., plugin: {name: x}'; app c 'path: l'; app d 'path: c, helm: {valueFiles: [https://x.example/v.yaml]}'
		app e 'path: c, helm: {parameters: [{name: a, value: $ARGOCD_APP_REVISION}]}'; app f 'chart: ../../etc'; } >a.yaml
	run --separate-stderr render --argocd --repo u=repo a.yaml
	[[ $status == 1 && $output == "" ]]
	has 'repo/j/a.jsonnet: error: jsonnet is not supported; evaluate it beforehand, or leave it out with directory.exclude' "$stderr"
	has 'a.yaml:10:46: error: config management plugins are not supported' "$stderr"
	has 'repo/l/a.yaml: error: a link that leads out of the repository repo' "$stderr"
	has 'a.yaml:20:58: error: https://x.example/v.yaml is not fetched' "$stderr"
	has 'error: this asks for the commit of repo, which is not known' "$stderr"
	has 'a.yaml:30:16: error: ../../etc leads out of the repository repo' "$stderr"
}
@test "the newest packed chart that targetRevision allows" {
	mkdir -p charts c/templates
	local v
	for v in 1.2.0 1.10.0 2.0.0 2.1.0-rc.1; do
		printf 'apiVersion: v2\nname: c\nversion: %s\n' "$v" >c/Chart.yaml
		printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {v: "{{ .Chart.Version }}"}\n' >c/templates/c.yaml
		tar -czf "charts/c-$v.tgz" c
	done
	for v in '1.x 1.10.0' '~1.2 1.2.0' '>=1 2.0.0' '2.1.0-rc.1 2.1.0-rc.1' '* 2.0.0'; do
		printf 'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {source: {repoURL: u, chart: c, targetRevision: "%s"}}\n' "${v% *}" >a.yaml
		run --separate-stderr render --argocd --repo u=charts -o jsonl a.yaml
		[[ $status == 0 ]]
		has "\"${v#* }\"" "$output"
	done
}
@test "the order of a sync: hooks, waves, kinds, names; what others need first; what no sync applies last" {
	mkdir repo
	object() { printf -- '---\napiVersion: %s\nkind: %s\nmetadata: {name: %s, namespace: %s, annotations: {%s}}\n' "$1" "$2" "$3" "$4" "$5"; }
	{
		object v1 Pod test x 'helm.sh/hook: test'
		object batch/v1 Job after x 'argocd.argoproj.io/hook: "PostSync, Unknown"'
		object v1 ConfigMap b x ''
		object v1 ConfigMap a x ''
		object v1 Secret s x ''
		object apps/v1 Deployment d x 'argocd.argoproj.io/sync-wave: "-1"'
		object v1 Namespace x '""' 'argocd.argoproj.io/sync-wave: "5"'
		object batch/v1 Job before x 'helm.sh/hook: "pre-upgrade,post-delete", helm.sh/hook-weight: "7"'
		object v1 ConfigMap skipped x 'argocd.argoproj.io/hook: Skip'
		object batch/v1 Job failed x 'argocd.argoproj.io/hook: SyncFail'
		object x.example/v1 Thing t x 'argocd.argoproj.io/sync-wave: "-2"'
		printf -- '---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.x.example}\nspec: {group: x.example, names: {kind: Thing}, scope: Cluster}\n'
	} >repo/all.yaml
	printf 'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {destination: {namespace: given}, source: {repoURL: u, path: .}}\n' >a.yaml
	render --argocd --repo u=repo -o jsonl a.yaml >out
	[[ $(jq -r .metadata.name out | xargs) == "x before things.x.example t d s a b after failed skipped test" ]]
	# A Thing belongs to no namespace, says its CRD.
	[[ $(jq -r 'select(.kind == "Thing") | .metadata.namespace' out) == null ]]
}

# --- charts -------------------------------------------------------------------
# chart FILE=TEXT...: a small chart in $T/c.
chart() {
	mkdir -p c/templates
	[[ -e c/Chart.yaml ]] || printf 'apiVersion: v2\nname: c\nversion: 0.1.0\n' >c/Chart.yaml
	local f
	for f; do
		mkdir -p "$(dirname "c/${f%%=*}")"
		printf '%s\n' "${f#*=}" >"c/${f%%=*}"
	done
}

@test "a chart with subcharts, aliases, imports, hooks and files" { golden "$cases/chart-top"; }
@test "dependencies switched off by condition and tag" { golden "$cases/chart-off"; }
@test "null takes a chart's value away, in subcharts and globals too" { golden "$cases/chart-nulls"; }
@test "CRDs first, no hooks, an upgrade, more APIs" { golden "$cases/chart-crds"; }
@test "a v1 chart with requirements.yaml and a packed dependency" { golden "$cases/chart-v1"; }
@test "-o writes manifests anew" { golden "$cases/chart-json"; }
@test "the real Helm gives the same bytes" {
	local helm=${HELM:-$(command -v helm3 || command -v helm || echo ~/.cache/peers/bin/helm3)} args
	[[ -x $helm ]] || skip "helm is not installed"
	for args in '' '--set sub.deep.enabled=false,tags.fancy=false' '--set sub=null' '--set nullable=3 --include-crds' \
		'-s templates/hooks.yaml' '--set list[5].a=1,setint=12345678901 --skip-tests'; do
		# shellcheck disable=SC2086
		diff <("$helm" template rel "$cases/charts/top" -n ns --kube-version 1.37.0 $args 2>/dev/null) \
			<(render --name rel -n ns --kube-version 1.37.0 $args "$cases/charts/top" 2>/dev/null)
	done
}
@test "a packed chart renders as its folder does" {
	mkdir p
	cp -r "$cases/charts/top" p/top
	rm -r p/top/ignored p/top/files/z.bak
	tar -C p -czf top.tgz top
	diff <(render top.tgz 2>/dev/null) <(render p/top 2>/dev/null)
}
@test "a packed chart cannot reach outside its folder" {
	mkdir -p p/c
	printf 'apiVersion: v2\nname: c\nversion: 0.1.0\n' >p/c/Chart.yaml
	local name
	for name in 'c/../../x' 'x' 'c//x' 'c/a/../../../x'; do
		tar -C p -cf c.tar c/Chart.yaml
		tar -C p -P --transform "s#.*#$name#" -rf c.tar c/Chart.yaml
		gzip -cf c.tar >c.tgz
		run --separate-stderr render c.tgz
		[[ $status == 2 ]] || { echo "$name: $status"; return 1; }
		has 'outside the chart' "$stderr"
	done
	ln -s /etc/passwd p/c/link
	tar -C p -czf c.tgz c
	run --separate-stderr render c.tgz
	refused c.tgz 'not a plain file'
}
@test "a damaged packed chart is refused" {
	chart 'templates/x.yaml=kind: X'
	tar -czf c.tgz c
	head -c 100 c.tgz >d.tgz
	run --separate-stderr render d.tgz
	[[ $status == 2 ]]
	echo nonsense >e.tgz
	run --separate-stderr render e.tgz
	refused e.tgz 'no packed chart'
}
@test "what is no YAML is told at the template line that made it" {
	chart 'values.yaml=labels: {a: 1, b: 2}' 'templates/_h.tpl={{- define "l" }}
ok: 1
{{- range $k, $v := .Values.labels }}
{{ $k }}: {{ $v }}: x
{{- end }}
{{- end }}' 'templates/x.yaml=kind: X
metadata:
  labels: {{- include "l" . | nindent 4 }}'
	run --separate-stderr render c
	refused c/templates/_h.tpl:4:4 'made "a: 1: x", line 6 of a manifest of c/templates/x.yaml'
	[[ -z $output ]]
}
@test "an error in a template names its line and how it was reached" {
	chart 'templates/_h.tpl={{- define "l" }}
{{ required "a name is wanted" .Values.name }}
{{- end }}' 'templates/x.yaml=kind: X
name: {{ include "l" . }}'
	run --separate-stderr render c
	refused c/templates/_h.tpl:2:4 'a name is wanted'
	has c/templates/x.yaml:2 "$stderr"
}
@test "values that break the chart's schema are refused where they stand" {
	chart 'values.schema.json={"$schema":"http://json-schema.org/draft-07/schema#","properties":{"replicas":{"type":"integer"}}}' \
		'templates/x.yaml=kind: X'
	printf 'a: 1\nreplicas: two\n' >w.yaml
	run --separate-stderr render -f w.yaml c
	refused w.yaml:2:11 'values.schema.json of c'
}
@test "a missing dependency is named" {
	chart 'Chart.yaml=apiVersion: v2
name: c
version: 0.1.0
dependencies:
- {name: redis, version: 1.x, repository: ""}'
	run --separate-stderr render c
	refused c/Chart.yaml:5:3 '"redis" is not in charts/'
}
@test "a chart that wants another Kubernetes, a library, and bad names are refused" {
	chart 'Chart.yaml=apiVersion: v2
name: c
version: 0.1.0
kubeVersion: ">=1.50"'
	run --separate-stderr render c
	refused c/Chart.yaml 'wants Kubernetes >=1.50'
	chart 'Chart.yaml=apiVersion: v2
name: c
version: 0.1.0
type: library'
	run --separate-stderr render c
	refused c/Chart.yaml 'a library chart'
	run --separate-stderr render --name UPPER "$cases/charts/v1"
	refused render "cannot be a release's name"
	chart 'Chart.yaml=apiVersion: v2
name: c
version: first'
	run --separate-stderr render c
	refused c/Chart.yaml 'is no version'
}
@test "the chart and the cluster are JSON in the order of Helm's structs, and YAML by their keys" {
	chart 'Chart.yaml=apiVersion: v2
name: c
version: 1.2.3
annotations: {b: "2", a: "1"}
maintainers: [{url: u, name: m, email: e}]
description: d' 'templates/x.yaml=a: {{ .Chart | toJson }}
k: {{ .Capabilities.KubeVersion | toJson }}
{{ .Chart | toYaml }}'
	run --separate-stderr render --kube-version 1.36 c
	gives --- '# Source: c/templates/x.yaml' \
		'a: {"name":"c","version":"1.2.3","description":"d","maintainers":[{"name":"m","email":"e","url":"u"}],"apiVersion":"v2","annotations":{"a":"1","b":"2"},"IsRoot":true}' \
		'k: {"Version":"v1.36.0","Major":"1","Minor":"36"}' 'IsRoot: true' 'annotations:' '  a: "1"' '  b: "2"' 'apiVersion: v2' 'description: d' \
		'maintainers:' '- email: e' '  name: m' '  url: u' 'name: c' 'version: 1.2.3'
}
@test "--strict-values refuses what does not exist" {
	chart 'values.yaml=labels: {}' 'templates/x.yaml=kind: X
a: {{ .Values.labls }}'
	run --separate-stderr render c
	[[ $status == 0 ]]
	run --separate-stderr render --strict-values c
	refused c/templates/x.yaml:2:7 'did you mean "labels"'
}
@test "lookup finds what --live holds" {
	chart 'templates/x.yaml=kind: X
a: {{ (lookup "v1" "Secret" "ns" "s").data.k }}
b: {{ len (lookup "v1" "Secret" "" "").items }}
c: {{ lookup "v1" "Secret" "ns" "none" | toJson }}'
	printf 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: ns}, data: {k: dg==}}\n' >live.yaml
	run --separate-stderr render --live live.yaml c
	[[ $status == 0 ]]
	has 'a: dg==
b: 1
c: {}' "$output"
}
@test "--show-only names a template that made nothing" {
	chart 'templates/x.yaml=kind: X'
	run --separate-stderr render -s templates/y.yaml c
	refused render 'no template "templates/y.yaml"'
}
@test "many releases: one that fails is left out" {
	chart 'templates/x.yaml=kind: X
name: {{ .Release.Name }}
need: {{ required "need it" .Values.need }}'
	echo 'need: file' >w.yaml
	printf -- '- {chart: c, name: one, valuesFiles: [w.yaml]}\n- {chart: c, name: two}\n- {chart: c, name: three, namespace: shop, values: {need: inline}}\n' >r.yaml
	run --separate-stderr render --releases r.yaml
	[[ $status == 1 ]]
	has 'name: one
need: file' "$output"
	has 'name: three
need: inline' "$output"
	hasnt 'name: two' "$output"
	has 'need it (release two)' "$stderr"
}
@test "releases come out in their order, whatever the threads" {
	chart 'templates/x.yaml=kind: X
name: {{ .Release.Name }}'
	local i
	for i in {1..40}; do echo "- {chart: c, name: r$i}"; done >r.yaml
	diff <(render -j 4 -o jsonl --releases r.yaml | jq -r .name) <(printf 'r%s\n' {1..40})
}
@test "a release with an unknown field is refused" {
	printf -- '- {chart: c, nmespace: x}\n' >r.yaml
	run --separate-stderr render --releases r.yaml
	refused r.yaml:1:14 'did you mean "namespace"'
}
@test "origins of a chart's text and of its documents name template lines" {
	chart 'values.yaml=n: text' 'templates/x.yaml={{/* nothing */}}
apiVersion: v1
kind: ConfigMap
metadata: {name: x}
data:
  {{ "a" }}: {{ .Values.n }}'
	echo '{"properties":{"data":{"properties":{"a":{"type":"integer"}}}}}' >s.json
	local form
	for form in '' '-o yaml'; do
		# shellcheck disable=SC2086
		render $form --origins-out o.jsonl -O out.yaml c
		run --separate-stderr validate --schema s.json --origins o.jsonl out.yaml
		[[ $status == 1 ]]
		has c/templates/x.yaml:6 "$output"
	done
}
