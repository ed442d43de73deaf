# SPDX-License-Identifier: MIT
# config-merge: layers, strategies, edits, provenance.
load test_helper

setup() {
	cd "$T" || return
}

# layer NAME: writes standard input to NAME.
layer() {
	cat >"$1"
}

# merged WANT ARG...: config-merge ARG... succeeds and its compact JSON is WANT.
merged() {
	local want=$1
	shift
	run --separate-stderr -0 config-merge -o jsonl "$@"
	[[ $output == "$want" ]] || { printf 'got:  %s\nwant: %s\n%s\n' "$output" "$want" "$stderr"; return 1; }
}

@test "maps merge, scalars and lists of the later layer replace" {
	layer a.yaml <<<'{m: {x: 1, w: 2}, l: [1, 2], s: old}'
	layer b.yaml <<<'{m: {w: 3, z: 4}, l: [3], s: new}'
	merged '{"m":{"x":1,"w":3,"z":4},"l":[3],"s":"new"}' a.yaml b.yaml
}

@test "keys keep the order of the first layer, new ones follow" {
	layer a.yaml <<<'{c: 1, a: 2}'
	layer b.yaml <<<'{b: 3, a: 4}'
	merged '{"c":1,"a":4,"b":3}' a.yaml b.yaml
}

@test "a null of the first layer is a value" {
	layer a.yaml <<<'{x: null, w: 1}'
	layer b.yaml <<<'{w: 2}'
	merged '{"x":null,"w":2}' a.yaml b.yaml
}

@test "a later null deletes what stands below, or stays where nothing does" {
	layer a.yaml <<<'{x: 1, w: {z: 1, k: 2}}'
	layer b.yaml <<<'{x: null, w: {z: ~}, free: null, new: {deep: null}}'
	merged '{"w":{"k":2},"free":null,"new":{"deep":null}}' a.yaml b.yaml
}

@test "what a middle layer deleted can come back, without what it had" {
	layer a.yaml <<<'{x: {a: 1, b: 2}}'
	layer b.yaml <<<'{x: null}'
	layer c.yaml <<<'{x: {c: 3}}'
	merged '{"x":{"c":3}}' a.yaml b.yaml c.yaml
	# Helm merges b and c first, so the null is gone before the chart's values are met.
	merged '{"x":{"a":1,"b":2,"c":3}}' --helm a.yaml b.yaml c.yaml
}

@test "helm: a null over a null goes at the top and stays below" {
	layer chart.yaml <<<'{top: null, m: {deep: null, gone: 1}}'
	layer user.yaml <<<'{top: null, m: {deep: null, gone: null, other: null}, free: null}'
	merged '{"m":{"deep":null,"other":null},"free":null}' --helm chart.yaml user.yaml
}

@test "helm: an empty first layer is still the chart's values" {
	: >chart.yaml
	layer a.yaml <<<'{x: 1}'
	layer b.yaml <<<'{x: null}'
	merged '{"x":null}' --helm chart.yaml a.yaml b.yaml
}

@test "tags append, prepend, replace and delete" {
	layer a.yaml <<<'{l: [1, 2], p: [1], r: {x: 1}, d: {z: 1}, k: 1}'
	layer b.yaml <<'YAML'
l: !append [3]
p: !prepend [0]
r: !replace {z: 9}
d: !delete
YAML
	merged '{"l":[1,2,3],"p":[0,1],"r":{"z":9},"k":1}' a.yaml b.yaml
}

@test "!merge:KEY matches items, merges them deep, appends new ones, and deletes with !delete" {
	layer a.yaml <<'YAML'
c:
- {name: web, image: old, env: {A: 1}}
- {name: log, image: l}
- {name: old, image: o}
YAML
	layer b.yaml <<'YAML'
c: !merge:name
- {name: web, image: new, env: {B: 2}}
- !delete {name: old}
- {name: extra}
YAML
	merged '{"c":[{"name":"web","image":"new","env":{"A":1,"B":2}},{"name":"log","image":"l"},{"name":"extra"}]}' a.yaml b.yaml
}

@test "several keys tell items apart" {
	layer a.yaml <<<'{p: [{port: 53, proto: UDP, v: a}, {port: 53, proto: TCP, v: b}]}'
	layer b.yaml <<<'{p: !<!merge:port,proto> [{proto: TCP, port: 53, v: c}]}'
	merged '{"p":[{"port":53,"proto":"UDP","v":"a"},{"port":53,"proto":"TCP","v":"c"}]}' a.yaml b.yaml
	sed -i 's/!<!merge:port,proto>/!merge:port+proto/' b.yaml
	merged '{"p":[{"port":53,"proto":"UDP","v":"a"},{"port":53,"proto":"TCP","v":"c"}]}' a.yaml b.yaml
}

@test "--lists sets the strategy of all lists; a tag still wins" {
	layer a.yaml <<<'{x: [1], z: [1], k: [{name: a, v: 1}]}'
	layer b.yaml <<<'{x: [2], z: !replace [2], k: [{name: a, w: 2}]}'
	merged '{"x":[1,2],"z":[2],"k":[{"name":"a","v":1},{"name":"a","w":2}]}' --lists=append a.yaml b.yaml
	merged '{"x":[2],"z":[2],"k":[{"name":"a","v":1,"w":2}]}' --lists=merge:name a.yaml b.yaml
	merged '{"x":[2],"z":[2],"k":[{"name":"a","w":2}]}' --lists=replace a.yaml b.yaml
	run --separate-stderr -2 config-merge --lists=sideways a.yaml
	has 'no such strategy' "$stderr"
}

@test "unique appends only what is not there" {
	layer a.yaml <<<'{x: [1, {a: 1, b: 2}]}'
	layer b.yaml <<<'{x: !unique [2, 1, {b: 2, a: 1.0}, 2]}'
	merged '{"x":[1,{"a":1,"b":2},2]}' a.yaml b.yaml
}

@test "--rules give strategies by path, wildcards and selectors included" {
	layer a.yaml <<<'{l: [1], c: [{name: w, args: [a], env: [{k: x, v: 1}]}], m: {a: {l: [1]}, b: {l: [1]}}}'
	layer b.yaml <<<'{l: [2], c: [{name: w, args: [b], env: [{k: x, v: 2}]}], m: {a: {l: [2]}, b: {l: [2]}}}'
	layer rules.yaml <<'YAML'
- {path: l, strategy: prepend}
- {path: c, strategy: merge:name}
- {path: 'c[name=w].args', strategy: append}
- {path: 'c[*].env', strategy: merge:k}
- {path: /m/*/l, strategy: append}
- {path: 'm.b.l', strategy: replace}
YAML
	sed -i 's#/m/\*/l#"m.*.l"#' rules.yaml
	merged '{"l":[2,1],"c":[{"name":"w","args":["a","b"],"env":[{"k":"x","v":2}]}],"m":{"a":{"l":[1,2]},"b":{"l":[2]}}}' \
		--rules rules.yaml a.yaml b.yaml
}

@test "a rule that no layer meets is named; a bad rule is refused at its line" {
	layer a.yaml <<<'{x: 1}'
	layer rules.yaml <<<'- {path: nowhere, strategy: append}'
	run --separate-stderr -0 config-merge --rules rules.yaml a.yaml
	has 'rules.yaml:1:10: warning:' "$stderr"
	has '[unused-rule]' "$stderr"
	layer rules.yaml <<<'- {path: x, strategy: sum}'
	run --separate-stderr -2 config-merge --rules rules.yaml a.yaml
	has 'rules.yaml:1:' "$stderr"
}

@test "a strategy on the wrong kind is a finding at its position" {
	layer a.yaml <<<'x: {a: 1}'
	layer b.yaml <<<'x: !append [1]'
	run --separate-stderr -1 config-merge a.yaml b.yaml
	has 'b.yaml:1:4: error:' "$stderr"
	has '[wrong-kind]' "$stderr"
}

@test "a tag that meets nothing is a warning, and is not put out" {
	layer a.yaml <<<'z: 1'
	layer b.yaml <<<'x: !append [1]'
	run --separate-stderr -0 config-merge a.yaml b.yaml
	has 'b.yaml:1:4: warning: !append applies to nothing' "$stderr"
	hasnt '!append' "$output"
	run --separate-stderr -1 config-merge --fail-on warning a.yaml b.yaml
}

@test "an unknown tag is a finding that lists the known ones" {
	layer a.yaml <<<'x: [1]'
	layer b.yaml <<<'x: !apend [2]'
	run --separate-stderr -1 config-merge a.yaml b.yaml
	has 'b.yaml:1:4: error: tag !apend' "$stderr"
	has '!prepend' "$stderr"
}

@test "missing and double merge keys are findings with both places" {
	layer a.yaml <<'YAML'
x:
- {name: a}
- {nam: b}
- {name: a}
YAML
	layer b.yaml <<<'x: !merge:name [{name: a, v: 1}, {name: a, v: 2}]'
	run --separate-stderr -1 config-merge -o jsonl a.yaml b.yaml
	has 'a.yaml:3:3: error: this item lacks name' "$stderr"
	has 'a.yaml:4:3: error: two items of x are [name=a]; the other is on line 2' "$stderr"
	has 'b.yaml:1:34: error: two items' "$stderr"
}

@test "--strict finds values that change their kind" {
	layer a.yaml <<<'{x: 1, z: {a: 1}, nil: null, f: 1}'
	layer b.yaml <<<'{x: "1", z: [1], nil: 2, f: 1.5}'
	run --separate-stderr -1 config-merge --strict a.yaml b.yaml
	has 'b.yaml:1:5: error: x is a string, and was an integer (a.yaml:1:5)' "$stderr"
	has 'z is a list, and was a map' "$stderr"
	hasnt 'nil' "$stderr"
	hasnt ' f is' "$stderr"
	run --separate-stderr -0 config-merge a.yaml b.yaml
}

@test "empty layers are legal, and so is nothing at all" {
	: >empty.yaml
	echo '# only words' >words.yaml
	layer a.yaml <<<'x: 1'
	merged '{"x":1}' empty.yaml a.yaml words.yaml
	run --separate-stderr -0 config-merge empty.yaml words.yaml
	[[ -z $output ]]
	run --separate-stderr -0 config-merge </dev/null
	[[ -z $output ]]
}

@test "standard input is a layer" {
	layer a.yaml <<<'x: 1'
	run --separate-stderr -0 bash -c 'echo "z: 2" | config-merge -o jsonl a.yaml -'
	[[ $output == '{"x":1,"z":2}' ]]
	run --separate-stderr -2 bash -c 'echo "{" | config-merge'
	has '<stdin>:' "$stderr"
}

@test "several documents in one input are refused with the three ways out" {
	printf 'x: 1\n---\nz: 2\n' >two.yaml
	run --separate-stderr -2 config-merge two.yaml
	has 'two.yaml:3:1: error:' "$stderr"
	has '--each' "$stderr"
	has '--layers' "$stderr"
	has '--kubernetes' "$stderr"
	merged '{"x":1,"z":2}' --layers two.yaml
	run --separate-stderr -0 config-merge --each -o jsonl two.yaml
	[[ $output == '{"x":1}'$'\n''{"z":2}' ]]
}

@test "edits are done in the order of the command line, after the layers" {
	layer a.yaml <<<'{x: 1, l: [1, 2]}'
	merged '{"l":[1,9,3],"y":{"z":"2"}}' a.yaml --set x=5 --delete x --set 'l[1]=9' --set l[-]=3 --set-string y.z=2
	layer b.yaml <<<'{c: [{name: a, v: 1}, {name: b=c, v: 2}], "x.y": 1}'
	merged '{"c":[{"name":"a","v":5},{"name":"b=c","v":6}],"x.y":2}' b.yaml --set 'c[name=a].v=5' --set 'c[name="b=c"].v=6' --set '"x.y"=2'
}

@test "--set reads YAML and --set-string does not" {
	layer a.yaml <<<'{}'
	merged '{"a":true,"b":"true","c":[1,{"d":null}],"e":"x=y"}' a.yaml --set a=yes --set-string b=true --set 'c=[1, {d: ~}]' --set e=x=y
}

@test "--set where no place can be is trouble that names the step" {
	layer a.yaml <<<'{x: text, l: [1]}'
	run --separate-stderr -2 config-merge a.yaml --set x.y=1
	has '--set x.y' "$stderr"
	run --separate-stderr -2 config-merge a.yaml --set 'l[5]=1'
	run --separate-stderr -2 config-merge a.yaml --set nothing
	has 'PATH=VALUE' "$stderr"
}

@test "--select puts out what a path finds, each hit a document" {
	layer a.yaml <<<'{s: {a: {p: 1}, b: {p: 2}}}'
	merged '{"p":2}' a.yaml --select s.b
	run --separate-stderr -0 config-merge -o jsonl a.yaml --select 's.*.p'
	[[ $output == 1$'\n'2 ]]
	run --separate-stderr -1 config-merge a.yaml --select s.c
	has 'nothing at this path' "$stderr"
	run --separate-stderr -0 config-merge a.yaml --delete s.c
	has 'warning' "$stderr"
}

@test "--patch is RFC 6902: all operations or none" {
	layer a.yaml <<<'{x: 1, l: [a, b]}'
	layer p.yaml <<'YAML'
- {op: test, path: /x, value: 1.0}
- {op: add, path: /l/1, value: new}
- {op: move, from: /x, path: /y}
- {op: copy, from: /l, path: /m}
- {op: remove, path: /l/0}
YAML
	merged '{"l":["new","b"],"y":1,"m":["a","new","b"]}' a.yaml --patch p.yaml
	layer p.yaml <<<'[{op: add, path: /z, value: 1}, {op: remove, path: /l/7}]'
	run --separate-stderr -2 config-merge a.yaml --patch p.yaml -O out.yaml
	has 'p.yaml:1:52: error: remove: the document has no /l/7' "$stderr"
	[[ ! -e out.yaml ]]
}

@test "a patch of copies that double is refused in little time" {
	layer a.yaml <<<'{a: {}}'
	for _ in {1..60}; do echo '- {op: copy, from: "", path: /a/x}'; echo '- {op: copy, from: /a, path: /b}'; done >p.yaml
	run --separate-stderr -2 timeout 10 config-merge a.yaml --patch p.yaml -O out.yaml
	has 'error:' "$stderr"
}

@test "--merge-patch is RFC 7396" {
	layer a.yaml <<<'{a: {b: 1, c: 2}, d: [1]}'
	layer p.yaml <<<'{a: {b: null, m: {x: null, z: 1}}, d: {z: 1}, q: null}'
	merged '{"a":{"c":2,"m":{"z":1}},"d":{"z":1}}' a.yaml --merge-patch p.yaml
}

@test "--env overrides with the type of what is replaced" {
	layer a.yaml <<<'{db: {Port: 1, name: "5"}, l: [{v: a}], flag: false}'
	APP__db__port=5433 APP__db__name=7 APP__l__0__v=yes APP__flag=true APP__new__x=1 APPX__no=1 \
		merged '{"db":{"Port":5433,"name":"7"},"l":[{"v":"yes"}],"flag":true,"new":{"x":1}}' --env APP a.yaml
	APP__db__Port=many run --separate-stderr -1 config-merge --env APP a.yaml
	has '$APP__db__Port: error: it replaces a' "$stderr"
	has '(a.yaml:1:13)' "$stderr"
}

@test "a value of an option or variable keeps its tag, for the layer that it is written to" {
	layer a.yaml <<<'a: 1'
	run --separate-stderr -0 config-merge --set 'l=!append [3]' a.yaml
	[[ $output == $'a: 1\nl: !append\n- 3' ]]
	APP__l='!append [3]' run --separate-stderr -0 config-merge --env APP a.yaml
	[[ $output == $'a: 1\nl: !append\n- 3' ]]
	config-merge --in-place --set 'l=!append [3]' a.yaml
	[[ $(<a.yaml) == $'a: 1\nl: !append\n- 3' ]]
	APP__a__b=1 run --separate-stderr -1 config-merge --env APP a.yaml
	has '$APP__a__b: error: step 2 of "APP__a__b" leads into an integer' "$stderr"
}

@test "--explain tells who set each value and what it overrode" {
	layer a.yaml <<'YAML'
server:
  port: 80
  host: a
debug: true
YAML
	layer b.yaml <<'YAML'
server:
  port: 8080
debug: null
YAML
	layer c.yaml <<'YAML'
server:
  port: 443
list: [1]
YAML
	run --separate-stderr -0 config-merge --explain a.yaml b.yaml c.yaml --set list[0]=2
	cat >want <<'TXT'
c.yaml:2:9     server.port = 443
b.yaml:2:9       over 8080
a.yaml:2:9       over 80
a.yaml:3:9     server.host = "a"
--set list[0]  list[0] = 2
c.yaml:3:8       over 1
b.yaml:3:8     debug = (deleted)
a.yaml:4:8       over true
TXT
	diff -u want <(echo "$output")
	run --separate-stderr -0 config-merge --explain=server.port a.yaml b.yaml c.yaml
	[[ $(wc -l <<<"$output") == 3 ]]
	run --separate-stderr -0 config-merge --explain=server.port -o json a.yaml b.yaml
	has '"path": "/server/port"' "$output"
	has '"line": 2' "$output"
	run --separate-stderr -1 config-merge --explain=nowhere a.yaml
}

@test "--explain follows items through keyed merges and appends" {
	layer a.yaml <<<'{c: [{name: w, v: 1}], l: [x]}'
	layer b.yaml <<<'{c: !merge:name [{name: w, v: 2}], l: !prepend [w]}'
	run --separate-stderr -0 config-merge --explain a.yaml b.yaml
	cat >want <<'TXT'
b.yaml:1:25  c[0].name = "w"
a.yaml:1:13    over "w"
b.yaml:1:31  c[0].v = 2
a.yaml:1:19    over 1
b.yaml:1:49  l[0] = "w"
a.yaml:1:28  l[1] = "x"
TXT
	diff -u want <(echo "$output")
}

@test "numbers and text travel as they were written" {
	layer a.yaml <<'YAML'
big: 9223372036854775808123
version: 1.10
octal: "0755"
ts: 2001-12-14
enc: ENC[AES256_GCM,data:xx=,type:str]
YAML
	run --separate-stderr -0 config-merge a.yaml --set huge=1e300
	has 'big: 9223372036854775808123' "$output"
	has 'version: 1.10' "$output"
	has 'octal: "0755"' "$output"
	has 'enc: ENC[AES256_GCM,data:xx=,type:str]' "$output"
	has 'huge: 1e300' "$output"
}

@test "an alias shared by two places is changed in one" {
	layer a.yaml <<'YAML'
x: &b {v: 1}
w: *b
YAML
	layer b.yaml <<<'{w: {v: 2}}'
	merged '{"x":{"v":1},"w":{"v":2}}' a.yaml b.yaml
	merged '{"x":{"v":3},"w":{"v":1}}' a.yaml --set x.v=3
}

@test "an unknown flag is a usage error" {
	run --separate-stderr -2 config-merge --ytt x
	has 'unknown option' "$stderr"
}

@test "merging many small layers over a large base takes time in proportion" {
	seq 1 50000 | sed 's/.*/k&: &/' >base.yaml
	for i in $(seq 1 300); do echo "k$i: x" >"l$i.yaml"; done
	run --separate-stderr -0 timeout 5 config-merge base.yaml l*.yaml -O out.yaml
	[[ $(grep -c ': x$' out.yaml) == 300 ]]
}

@test "--kubernetes merges the same object by the API's keys, and adds new ones" {
	layer base.yaml <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
      - name: web
        image: old
        ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53, protocol: TCP, name: t}]
        env: [{name: A, value: "1"}]
      - {name: side, image: s}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
YAML
	layer over.yaml <<'YAML'
apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, namespace: shop}
  spec:
    template:
      spec:
        containers:
        - name: web
          image: new
          ports: [{containerPort: 53, name: tcp}]
          env: [{name: A, $patch: delete}, {name: B, value: "2"}]
        - {name: side, $patch: delete}
- {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, $patch: delete}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: null}, data: {k: v}}
YAML
	run --separate-stderr -0 config-merge --kubernetes -o jsonl base.yaml over.yaml
	has '"containers":[{"name":"web","image":"new","ports":[{"containerPort":53,"protocol":"UDP"},{"containerPort":53,"protocol":"TCP","name":"tcp"}],"env":[{"name":"B","value":"2"}]}]' "${lines[0]}"
	[[ ${lines[1]} == '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"k":"v"}}' ]]
	[[ ${#lines[@]} == 2 ]]
}

@test "--apply-order puts objects in the order in which they are applied: phase, wave, kind" {
	layer a.yaml <<'YAML'
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: late, namespace: shop, annotations: {argocd.argoproj.io/sync-wave: "2"}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: after, namespace: shop, annotations: {helm.sh/hook: post-install}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web, namespace: shop}}
---
{apiVersion: example.org/v1, kind: Shop, metadata: {name: first, namespace: shop, annotations: {argocd.argoproj.io/sync-wave: "-3"}}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: before, namespace: shop, annotations: {argocd.argoproj.io/hook: PreSync}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
YAML
	run --separate-stderr -0 config-merge --kubernetes --apply-order -o jsonl a.yaml
	[[ $(sed -E 's/.*"kind":"([A-Za-z]+)".*"name":"([a-z]+)".*/\1 \2/' <<<"$output" | paste -sd,) == 'Job before,Shop first,Namespace shop,ConfigMap web,Deployment web,ConfigMap late,Job after' ]]
	run --separate-stderr -2 config-merge --each --apply-order a.yaml
	has 'mean something only with --kubernetes' "$stderr"
}

@test "--kubernetes: a deletion that meets nothing is a warning, an item without its key an error" {
	layer base.yaml <<<'{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}'
	layer over.yaml <<<'{apiVersion: v1, kind: Service, metadata: {name: b}, $patch: delete}'
	run --separate-stderr -0 config-merge --kubernetes base.yaml over.yaml
	has 'over.yaml:1:1: warning: $patch: delete for Service b meets no such object' "$stderr"
	layer over.yaml <<<'{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{targetPort: 1}]}}'
	run --separate-stderr -1 config-merge --kubernetes base.yaml over.yaml
	has 'over.yaml:1:69: error: this item lacks the key by which the API merges the list: port' "$stderr"
}

@test "--crds gives the list keys of custom resources" {
	mkdir crds
	layer crds/crd.yaml <<'YAML'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.x.io}
spec:
  group: x.io
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              rules:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [host, path]
                items: {type: object, properties: {host: {type: string}, path: {type: string}, to: {type: string}}}
YAML
	layer base.yaml <<<'{apiVersion: x.io/v1, kind: Thing, metadata: {name: a}, spec: {rules: [{host: h, path: /a, to: x}, {host: h, path: /b, to: x}]}}'
	layer over.yaml <<<'{apiVersion: x.io/v1, kind: Thing, metadata: {name: a}, spec: {rules: [{host: h, path: /b, to: z}]}}'
	run --separate-stderr -0 config-merge --kubernetes --crds crds -o jsonl base.yaml over.yaml
	has '"rules":[{"host":"h","path":"/a","to":"x"},{"host":"h","path":"/b","to":"z"}]' "$output"
	run --separate-stderr -0 config-merge --kubernetes -o jsonl base.yaml over.yaml
	has '"rules":[{"host":"h","path":"/b","to":"z"}]' "$output"
}

@test "--unused finds overrides that are unknown, equal or shadowed" {
	layer a.yaml <<<'{server: {port: 80, host: a}, labels: {}}'
	layer b.yaml <<'YAML'
server:
  prot: 81
  host: a
  port: 8080
labels: {x: 1}
YAML
	layer c.yaml <<<'{server: {port: 443}, labels: {z: 1}}'
	run --separate-stderr -0 config-merge --unused=warn a.yaml b.yaml c.yaml --set server.hots=1
	has 'b.yaml:2:3: warning: server.prot is unknown to the layers below; did you mean "port"?' "$stderr"
	has 'b.yaml:3:9: warning: server.host is the same already (a.yaml:1:27)' "$stderr"
	has 'b.yaml:4:9: warning: server.port does nothing: c.yaml:1:17 overrides it' "$stderr"
	has '--set server.hots: "hots" is unknown to the layers; did you mean "host"?' "$stderr"
	[[ $(wc -l <<<"$stderr") == 4 ]]
	run --separate-stderr -1 config-merge --unused=error a.yaml b.yaml
	layer d.yaml <<<'{server: {port: 81}}'
	run --separate-stderr -0 config-merge --unused=error a.yaml d.yaml
}

# edited WANT ARG...: --in-place ARG... on in.yaml makes this diff (lines < and > only).
edited() {
	local want=$1
	shift
	cp in.yaml file.yaml
	run --separate-stderr -0 config-merge --in-place file.yaml "$@"
	[[ -z $output ]]
	diff <(printf '%s\n' "$want") <(diff in.yaml file.yaml | grep '^[<>]')
}

@test "--in-place changes only the bytes of the value" {
	layer in.yaml <<'YAML'
# head
app:
    name: 'web'   # the name
    # above the image
    image: "repo/app:v1"  # tag

    labels: {}
    flow: {a: 1, b: [x, w]}
    args:
      - --one
      - --two   # second
    list:
    - name: a
      v: 1
    text: |
      one
      two

    empty:
tail: end
YAML
	edited $'<     image: "repo/app:v1"  # tag\n>     image: "repo/app:v2"  # tag' --set app.image=repo/app:v2
	edited $'<     name: \'web\'   # the name\n>     name: \'it\'\'s\'   # the name' --set "app.name=it's"
	edited $'<     labels: {}\n>     labels: {x: 1}' --set app.labels.x=1
	edited $'<     flow: {a: 1, b: [x, w]}\n>     flow: {a: 1, b: [w], c: {d: "1,2"}}' --set-string app.flow.c.d=1,2 --delete app.flow.b[0]
	edited $'>       - --three' --set app.args[-]=--three
	edited $'<       - --two   # second' --delete app.args[1]
	edited $'<     empty:\n>     empty: full' --set app.empty=full
	edited $'<       two\n>       three' --set-string app.text=$'one\nthree\n'
	edited $'<     text: |\n<       one\n<       two\n>     text: short' --set app.text=short
	edited $'<     args:\n<       - --one\n<       - --two   # second\n>     args: []' --set app.args=[]
	edited $'< tail: end\n> more: 1' --delete tail --set more=1
	edited $'>     new: 1' --set app.new=1
}

@test "--in-place leaves a file alone in which nothing changes" {
	echo 'a: 1 # one' >file.yaml
	touch -d 2001-01-01 file.yaml
	run --separate-stderr -0 config-merge --in-place file.yaml --set a=1
	[[ $(stat -c %Y file.yaml) == "$(date -d 2001-01-01 +%s)" ]]
}

@test "--in-place keeps CRLF, the byte order mark and the mode" {
	printf '\xef\xbb\xbfa: 1\r\nb:\r\n- x\r\n' >file.yaml
	chmod 640 file.yaml
	run --separate-stderr -0 config-merge --in-place file.yaml --set a=2 --set 'b[-]=z' --set c=3
	[[ $(od -An -c file.yaml | tr -d ' \n') == '357273277a:2\r\nb:\r\n-x\r\n-z\r\nc:3\r\n' ]]
	[[ $(stat -c %a file.yaml) == 640 ]]
}

@test "--in-place edits all files or none" {
	echo 'a: {b: 1}' >one.yaml
	echo 'a: text' >two.yaml
	run --separate-stderr -2 config-merge --in-place one.yaml two.yaml --set a.b=2
	[[ $(<one.yaml) == 'a: {b: 1}' ]]
	echo '{"a": {"b": 1}}' >two.json
	run --separate-stderr -0 config-merge --in-place one.yaml two.json --set a.b=2 --set a.c=x
	[[ $(<one.yaml) == 'a: {b: 2, c: x}' ]]
	[[ $(<two.json) == '{"a": {"b": 2, "c": "x"}}' ]]
}

@test "--in-place refuses an edit that would change another value too" {
	printf 'a: &x 1\nb: *x\n' >file.yaml
	run --separate-stderr -2 config-merge --in-place file.yaml --set a=2
	has 'anchor' "$stderr"
	[[ $(<file.yaml) == $'a: &x 1\nb: *x' ]]
	run --separate-stderr -0 config-merge --in-place file.yaml --set b=2
	[[ $(<file.yaml) == $'a: &x 1\nb: 2' ]]
}

@test "10,000 random merges agree with an oracle, and the laws hold" {
	need python3
	run --separate-stderr -0 timeout 120 python3 "$ROOT/tests/cases/config-merge/oracle.py" 10000 "$RANDOM"
	has ' 0 failed' "$output"
}

@test "--hierarchy merges the layers that exist, and -v says which" {
	mkdir -p env cluster
	layer stack.yaml <<'YAML'
- base.yaml
- env/${env}.yaml
- path: cluster/${env}-${cluster}.yaml
YAML
	echo 'a: 1' >base.yaml
	echo 'b: 2' >env/prod.yaml
	echo 'c: 3' >cluster/prod-eu1.yaml
	merged '{"a":1,"b":2,"c":3}' --hierarchy stack.yaml -D env=prod -D cluster=eu1
	merged '{"a":1}' --hierarchy stack.yaml -D env=dev -D cluster=x
	merged '{"a":1,"b":2,"c":4}' --hierarchy stack.yaml -D env=prod -D cluster=none <(echo 'c: 4')
	run --separate-stderr -0 config-merge -v --hierarchy stack.yaml -D env=prod -D cluster=x
	has 'stack.yaml:2:3: note: env/prod.yaml is a layer' "$stderr"
	has 'there is no cluster/prod-x.yaml' "$stderr"
	run --separate-stderr -2 config-merge --hierarchy stack.yaml -D env=prod
	has 'stack.yaml:3:3: error: ${cluster} has no value; give it with -D cluster=VALUE' "$stderr"
	layer stack.yaml <<<'[{path: gone.yaml, required: true}]'
	run --separate-stderr -2 config-merge --hierarchy stack.yaml
	has 'there is no layer gone.yaml, and it is required' "$stderr"
	layer stack.yaml <<<'[{path: gone.yaml, required: 1}, base.yaml]'
	run --separate-stderr -2 config-merge --hierarchy stack.yaml
	has 'stack.yaml:1:30: error: required is true or false, not an integer' "$stderr"
	layer stack.yaml <<<'[base.yaml, "env/${env"]'
	run --separate-stderr -2 config-merge --hierarchy stack.yaml -D env=prod
	has 'stack.yaml:1:13: error: "${" without "}" after it: ${env' "$stderr"
	for d in env =prod; do
		run --separate-stderr -2 config-merge --hierarchy stack.yaml -D $d
		has "-D wants NAME=VALUE, not \"$d\"" "$stderr"
	done
}

@test "--matrix lands a result and its origins for every combination" {
	mkdir -p env out
	layer stack.yaml <<<'[base.yaml, "env/${env}.yaml", "${env}-${size}.yaml"]'
	echo 'a: 1' >base.yaml
	for e in dev prod; do echo "e: $e" >env/$e.yaml; done
	echo 's: 9' >prod-big.yaml
	run --separate-stderr -0 config-merge --hierarchy stack.yaml --matrix env=dev,prod --matrix size=big,small --set n=1 \
		-O 'out/${env}-${size}.yaml' --origins-out 'out/${env}-${size}.origins'
	[[ $(<out/prod-big.yaml) == $'a: 1\ne: prod\ns: 9\n"n": 1' ]]
	[[ $(<out/dev-small.yaml) == $'a: 1\ne: dev\n"n": 1' ]]
	[[ $(ls out | wc -l) == 8 ]]
	run --separate-stderr -2 config-merge --hierarchy stack.yaml --matrix env=dev,prod -D size=big -O out.yaml
	has 'same file for several results' "$stderr"
	rm -r out && mkdir out
	refuses_matrix() {
		run --separate-stderr -2 config-merge --hierarchy stack.yaml -D size=big --matrix "${@:2}"
		has "$1" "$stderr"
	}
	refuses_matrix '--origins-out out/o is the same file for several results' env=dev,prod -O 'out/${env}' --origins-out out/o
	refuses_matrix '--origins-out out/${env} is the same file' env=dev,prod -O 'out/${env}' --origins-out 'out/${env}'
	refuses_matrix '--matrix has env twice' env=dev -O 'out/${env}' --matrix env=prod
	refuses_matrix '${nev} has no value' env=dev,prod -O 'out/${env}-${nev}'
	refuses_matrix '"${" without "}" after it: ${env' env=dev -O 'out/${env'
	for m in env= env=dev, env=,dev env=dev,,prod =dev env; do refuses_matrix "--matrix wants NAME=VALUE,VALUE,…, not \"$m\"" $m -O 'out/${env}'; done
	refuses_matrix '--matrix makes more than 100000 results' "a=$(seq -s, 400)" --matrix "b=$(seq -s, 400)" -O 'out/${a}-${b}'
	[[ -z $(ls out) ]]
	run --separate-stderr -2 config-merge --matrix env=a base.yaml
}

@test "--sort-keys sorts, all the way down" {
	layer a.yaml <<<'{b: {z: 1, a: 2}, a: [{d: 1, c: 2}]}'
	merged '{"a":[{"c":2,"d":1}],"b":{"a":2,"z":1}}' --sort-keys a.yaml
}

@test "--in-place puts a first value below the comments of a file that holds nothing else" {
	printf '# Nothing differs.' >"$T/f.yaml"
	config-merge --in-place --set a.b=1 "$T/f.yaml"
	[[ $(<"$T/f.yaml") == $'# Nothing differs.\na:\n  b: 1' ]]
	printf '# Nothing differs.' >"$T/f.yaml"
	config-merge -q --in-place --delete a.b "$T/f.yaml"
	[[ $(<"$T/f.yaml") == '# Nothing differs.' ]]
}

@test "a large stream on all cores is what it is on one, positions included" {
	for i in $(seq 1 30000); do printf -- '---\nkind: K%d\ntext: |\n  --- not a document\n  %d\nlist: [a, b]\n' "$i" "$i"; done >big.yaml
	config-merge --each -j 1 --set seen=1 --delete list[0] big.yaml >one.yaml
	config-merge --each -j 4 --set seen=1 --delete list[0] big.yaml >four.yaml
	cmp one.yaml four.yaml
	[[ $(grep -c '^seen: 1' four.yaml) == 30000 && $(head -n 1 four.yaml) == 'kind: K1' ]]
	cp big.yaml bad.yaml
	printf -- '---\na: 1\na: 2\n' >>bad.yaml
	cat big.yaml >>bad.yaml
	run --separate-stderr -2 config-merge --each -j 4 bad.yaml
	has 'bad.yaml:180003:1: error:' "$stderr"
	{ echo '%TAG !x! tag:x,2000:'; cat big.yaml; printf -- '...\n%%TAG !e! tag:e,2000:\n---\nv: !e!a 1\n'; } >tags.yaml
	run --separate-stderr -0 config-merge --each -j 4 tags.yaml
	[[ $(grep -c '^kind:' <<<"$output") == 30000 ]]
}

# same FILE OPTION...: on four threads what it is on one, from standard input: output, messages, origins, status.
same() {
	local f=$1 one=0 four=0
	shift
	config-merge --each -j 1 --origins-out one.o "$@" <"$f" >one 2>one.err || one=$?
	config-merge --each -j 4 --origins-out four.o "$@" <"$f" >four 2>four.err || four=$?
	[[ $one == "$four" ]]
	cmp one.err four.err
	((one > 1)) || { cmp one four && cmp one.o four.o; }
}

@test "streams of every form are cut at true boundaries only" {
	seq 1 60000 | sed 's/.*/{"n": &, "s": "a\\"}{\\\\"}/' >lines
	same lines -o json
	sed 's/^/\n/; s/,/,\n\n/' lines >pretty
	same pretty -o jsonl
	{ cat lines; echo '# now YAML'; sed 's/^/---\n/' lines; } >turns
	same turns -o jsonl
	sed 's/"s"/s/; s/^/---\n/' lines >flow
	same flow -o jsonl
	{ cat lines; printf '{"a":\n1]\n'; cat lines; } >bad
	same bad
	{ cat lines; printf '{"a": "x\n'; cat lines; } >bad
	same bad
	{ sed 's/^/---\n/' lines; printf -- '---\na: "x\n'; sed 's/^/---\n/' lines; } >bad
	same bad
	{ sed 's/.*/a: "\xe2\x80\xa8 \xc2\x85"\r\n---/' lines; printf 'a: [\n'; } >breaks
	same breaks
	printf -- '---\n%.0s' $(seq 1 300000) >empty
	same empty
	jq -c -n '[range(200000)]' >one
	same one
	iconv -t UTF-16 flow >wide
	same wide -o jsonl
	config-merge --each -j 4 -o jsonl lines - flow <pretty >all
	[[ $(wc -l <all) == 180000 ]]
}

@test "--comments keeps those of the lines that won" {
	layer a.yaml <<'YAML'
# Defaults.

# the server
server:   # all of it
  # its port
  port: 80   # http
  text: |  # of lines
    # no comment
    x
  host: "a # b"  # host
list:
# first
- name: a # A
  # inner
  v: 1
- b   # B
# the end
YAML
	layer b.yaml <<'YAML'
server:
  # prod port
  port: 443 # https
  new: 1 # fresh
YAML
	cat >want <<'YAML'
# Defaults.

# the server
server:   # all of it
  # prod port
  port: 443 # https
  text: |  # of lines
    # no comment
    x
  host: "a # b"  # host
  new: 1 # fresh
  x: 1
list:
# first
- name: a # A
  # inner
  v: 1
- b   # B
# the end
YAML
	run --separate-stderr -0 config-merge --comments a.yaml b.yaml --set server.x=1
	diff want <(echo "$output")
	run --separate-stderr -0 config-merge --comments a.yaml
	diff a.yaml <(echo "$output")
	run --separate-stderr -2 config-merge --comments -o json a.yaml
}

@test "items of a keyed list can be put before and after others, and lists merge by index" {
	layer a.yaml <<<'{l: [{name: a}, {name: b}, {name: c}], i: [{x: 1}, {x: 2}]}'
	layer b.yaml <<'YAML'
l: !merge:name
- !before:b {name: new}
- !after:c {name: a, v: 1}
- !after:a {name: last}
i: !index [{z: 1}, !delete, {x: 3}]
YAML
	merged '{"l":[{"name":"new"},{"name":"b"},{"name":"c"},{"name":"a","v":1},{"name":"last"}],"i":[{"x":1,"z":1},{"x":3}]}' a.yaml b.yaml
	layer b.yaml <<<'l: !merge:name [!after:zzz {name: new}]'
	run --separate-stderr -1 config-merge a.yaml b.yaml
	has 'b.yaml:1:17: error: !after:zzz: no item of l has that name' "$stderr"
	layer b.yaml <<<'l: [!after:a {name: new}]'
	run --separate-stderr -0 config-merge a.yaml b.yaml
	has 'b.yaml:1:5: warning: !after:a applies to nothing' "$stderr"
}

@test "--target limits edits to the objects that it describes" {
	layer s.yaml <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-a, labels: {tier: front}}
spec: {replicas: 1}   # one
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: job}
spec: {replicas: 1}
---
plain: 1
YAML
	cp s.yaml f.yaml
	run --separate-stderr -0 config-merge --in-place f.yaml --target 'kind=Deploy*,name=web-*' --set spec.replicas=3 --target label=tier --set spec.x=1
	[[ $(diff s.yaml f.yaml | grep -c '^>') == 1 ]]
	has 'spec: {replicas: 3, x: 1}   # one' "$(<f.yaml)"
	run --separate-stderr -1 config-merge --each s.yaml --target kind=Nothing --delete spec
	has '--target kind=Nothing: there is no such object' "$stderr"
	run --separate-stderr -2 config-merge --each s.yaml --target Deployment
}

@test "--rename keeps a key's place, its comments and its value's form" {
	printf '# top\nimage:   # c1\n  tag: "v1"   # c2\n  '"'repo'"': x\nlist:\n- {k: 1, "l": 2} # n\n' >f.yaml
	config-merge --in-place --rename image.tag=version --rename 'image.repo=a: b' --rename '*[0].k=z' --rename image=picture --set picture.version=v2 f.yaml
	[[ $(<f.yaml) == $'# top\npicture:   # c1\n  version: "v2"   # c2\n  "a: b": x\nlist:\n- {z: 1, "l": 2} # n' ]]
	printf 'a: {b: 1, c: 2}\n' >g.yaml
	merged '{"a":{"d":1,"c":2}}' g.yaml --rename a.b=d
	run --separate-stderr -2 config-merge --in-place --rename a.b=c g.yaml
	has 'would take the place of the key c' "$stderr"
	run --separate-stderr -0 config-merge --in-place --rename a.x=c g.yaml
	has '--rename a.x=c: there is no such key' "$stderr"
	run --separate-stderr -2 config-merge --rename 'a.*=c' g.yaml
	has 'only a key can be renamed' "$stderr"
}

@test "--explain speaks of every document of a stream, and of edits and merging in it" {
	printf 'kind: A\napiVersion: v1\nmetadata: {name: x}\nsize: 1\n---\nkind: B\napiVersion: v1\nmetadata: {name: y}\n' >s.yaml
	printf 'kind: A\napiVersion: v1\nmetadata: {name: x}\nsize: 2\n' >o.yaml
	run --separate-stderr -0 config-merge --each --explain=size --target kind=A --set size=3 s.yaml
	[[ $output == $'# A x\n--set size  size = 3\ns.yaml:4:7    over 1' ]]
	run --separate-stderr -0 config-merge --kubernetes --explain=size s.yaml o.yaml
	[[ $output == $'# A x\no.yaml:4:7  size = 2\ns.yaml:4:7    over 1' ]]
	run --separate-stderr -1 config-merge --each --explain=zz s.yaml
	has 'no layer has anything' "$stderr"
}

@test "--explain tells of the items that a replaced list has lost" {
	printf 'l: [a, b, c]\n' >a.yaml
	printf 'l: [d]\n' >b.yaml
	run -0 config-merge --explain a.yaml b.yaml
	[[ $output == $'b.yaml:1:5   l[0] = "d"\na.yaml:1:5     over "a"\nb.yaml:1:4   l[1] = (deleted)\na.yaml:1:8     over "b"\nb.yaml:1:4   l[2] = (deleted)\na.yaml:1:11    over "c"' ]]
}

@test "--unused leaves the key of a merged item alone" {
	printf 'l: [{name: a, x: 1, z: 2}]\n' >a.yaml
	printf 'l: !merge:name [{name: a, x: 1, z: 3}]\n' >b.yaml
	run --separate-stderr -0 config-merge --unused=warn a.yaml b.yaml
	[[ $stderr == *'l[0].x is the same already'* && $stderr != *name* ]]
}

@test "a patch with many removals takes time by its length" {
	jq -nc '[range(100000) | {key: "k\(.)", value: .}] | from_entries' >big.json
	jq -nc '[range(99999) | {op: "remove", path: "/k\(.)"}] + [{op: "test", path: "", value: {k99999: 99999}}, {op: "add", path: "/k1", value: 1}]' >p.json
	run -0 timeout 20 config-merge big.json --patch p.json -o jsonl
	[[ $output == '{"k99999":99999,"k1":1}' ]]
}
