#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2164 # run sets stderr; a failing cd fails the test
# Kustomizations, which render builds. cases/kustomize/*.txt hold files ("-- NAME --") and what kustomize 5.8 makes of them ("-- want --").
load test_helper

cases=$BATS_TEST_DIRNAME/cases/kustomize

setup() { cd "$T"; }

# unpack CASE: its files into k/, and want.
unpack() {
	rm -rf k want
	awk '/^-- .* --$/ { f = $0; sub(/^-- /, "", f); sub(/ --$/, "", f); if (f != "want") f = "k/" f; d = f; if (sub(/\/[^\/]*$/, "", d)) system("mkdir -p " d); printf "" >f; next } { print >f }' "$1"
}
# kustomization FILE=TEXT...: a folder k, built.
kustomization() {
	local f
	rm -rf k
	for f; do
		mkdir -p "$(dirname "k/${f%%=*}")"
		printf '%s\n' "${f#*=}" >"k/${f%%=*}"
	done
	run --separate-stderr render k
}
pod='{apiVersion: v1, kind: Pod, metadata: {name: p}}'

@test "each case is built to the byte as kustomize does" {
	local c bad=0
	for c in "$cases"/*.txt; do
		unpack "$c"
		render k >got 2>errors && diff want got || { bad=1; echo "in ${c##*/}:"; cat errors; }
	done
	((bad == 0))
}
@test "the real kustomize still says the same of each case" {
	local kustomize=${KUSTOMIZE:-$(command -v kustomize || echo ~/.cache/peers/bin/kustomize)} helm=${HELM:-$(command -v helm || echo ~/.cache/peers/bin/helm3)} c bad=0
	[[ -x $kustomize && -x $helm ]] || skip "kustomize or helm is not installed"
	for c in "$cases"/*.txt; do
		unpack "$c"
		"$kustomize" build --enable-helm --helm-command "$helm" k 2>/dev/null | diff want - || { bad=1; echo "in ${c##*/}"; }
	done
	((bad == 0))
}
@test "a kustomization with overlay, component, generators, patches and replacements" { golden "$BATS_TEST_DIRNAME/cases/render/kustomization"; }
@test "-o asks for another form, with the order of keys and the numbers of the source" {
	kustomization 'kustomization.yaml=resources: [a.yaml]' 'a.yaml={kind: Pod, apiVersion: v1, metadata: {name: p}, spec: {x: 1.10}}'
	[[ $output == *'x: 1.1' ]]
	run --separate-stderr render -o jsonl k
	[[ $output == '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"},"spec":{"x":1.10}}' ]]
}

# --- what is refused ----------------------------------------------------------------
@test "a field that there is not is refused at its place, at every depth" {
	kustomization 'kustomization.yaml=resource: [x.yaml]'
	refused k/kustomization.yaml:1:1 'did you mean "resources"'
	kustomization 'kustomization.yaml=patches: [{patch: x, targt: {kind: Pod}}]'
	refused k/kustomization.yaml:1:22 'there is no "targt" in patches; did you mean "target"'
	kustomization 'kustomization.yaml=helmCharts: [{name: x, valueInline: {}}]'
	refused k/kustomization.yaml:1:24 'did you mean "valuesInline"'
	kustomization "kustomization.yaml=configurations: [c.yaml]" 'c.yaml=nameReferences: []'
	refused k/c.yaml:1:1 'did you mean "nameReference"'
}
@test "a value of another type is refused at its place" {
	kustomization 'kustomization.yaml=namePrefix: 5'
	refused k/kustomization.yaml:1:13 'namePrefix is text, not integer; quote it'
	kustomization 'kustomization.yaml=commonLabels: {a: 1}'
	refused k/kustomization.yaml:1:19 'commonLabels is made of texts'
	kustomization 'kustomization.yaml=replicas: [{name: x, count: "1"}]'
	refused k/kustomization.yaml:1:29 'count is an integer'
	kustomization 'kustomization.yaml=resources: a.yaml'
	refused k/kustomization.yaml:1:12 'resources is a list of texts'
	kustomization 'kustomization.yaml=kind: Foo'
	refused k/kustomization.yaml:1:7 'kind is Kustomization or Component'
	kustomization 'kustomization.yaml=kind: Kustomization'
	refused k/kustomization.yaml:1:1 'asks for nothing'
}
@test "what runs programs is refused" {
	kustomization 'kustomization.yaml=generators: ["{apiVersion: someteam/v1, kind: Maker, metadata: {name: x}}"]'
	refused k/kustomization.yaml:1:1 'Maker is a plugin of its own'
	kustomization 'kustomization.yaml=transformers: [f.yaml]' 'f.yaml=apiVersion: v1
kind: Fn
metadata: {name: f, annotations: {config.kubernetes.io/function: "container: {image: x}"}}'
	refused k/f.yaml:1:1 'Fn is a KRM function'
	kustomization 'kustomization.yaml=transformers: [f.yaml]' 'f.yaml={apiVersion: builtin, kind: LabelTransfomer, metadata: {name: f}}'
	refused k/f.yaml:1:29 'did you mean LabelTransformer'
	kustomization 'kustomization.yaml=generators: [f.yaml]' 'f.yaml={apiVersion: builtin, kind: LabelTransformer, metadata: {name: f}}'
	refused k/f.yaml:1:1 'belongs under transformers'
}
@test "an unknown field of a plugin is a warning" {
	kustomization "kustomization.yaml=resources: [p.yaml]
transformers: [f.yaml]" "p.yaml=$pod" 'f.yaml={apiVersion: builtin, kind: LabelTransformer, metadata: {name: f}, label: {a: b}}'
	[[ $status == 0 ]]
	has 'k/f.yaml:1:68: warning: there is no "label" in LabelTransformer; did you mean "labels"' "$stderr"
}
@test "what is elsewhere is not fetched" {
	kustomization 'kustomization.yaml=resources: ["https://example.org/base?ref=v1"]'
	refused k/kustomization.yaml:1:13 'not fetched; name a checkout with --repo URL=DIR'
	kustomization 'kustomization.yaml=helmCharts: [{name: web, version: 1.2.3, repo: "https://charts.example"}]'
	refused k/kustomization.yaml:1:14 'run: helm pull --untar --untardir k/charts/web-1.2.3 --repo https://charts.example web --version 1.2.3'
	kustomization 'kustomization.yaml=helmCharts: [{name: web, repo: "oci://reg.example/x/"}]'
	refused k/kustomization.yaml:1:14 'helm pull --untar --untardir k/charts oci://reg.example/x/web'
}
@test "--repo says where the checkouts are" {
	mkdir -p co/deploy
	echo "$pod" >co/deploy/p.yaml
	echo 'resources: [p.yaml]' >co/deploy/kustomization.yaml
	for url in 'https://github.com/org/app//deploy?ref=v1' 'git@github.com:org/app.git//deploy?ref=v1' 'github.com/org/app/deploy' 'https://github.com/org/app/deploy/p.yaml'; do
		kustomization "kustomization.yaml=resources: [\"$url\"]"
		refused k/kustomization.yaml:1:13 'not fetched'
		run --separate-stderr render --repo https://github.com/org/app.git=co k
		[[ $status == 0 && $output == *'name: p' ]]
	done
	run --separate-stderr render --repo https://github.com/org/app@v2=nowhere --repo https://github.com/org/app@v1=co k
	refused k/kustomization.yaml:1:13 'not fetched'
	kustomization 'kustomization.yaml=resources: ["https://github.com/org/app//deploy?ref=v1"]'
	run --separate-stderr render --repo https://github.com/org/app=nowhere --repo https://github.com/org/app@v1=co k
	[[ $status == 0 ]]
	run --separate-stderr render --repo https://github.com/org/ap=co k
	refused k/kustomization.yaml:1:13 'not fetched'
	for r in k =k k=; do
		run --separate-stderr render --repo $r k
		[[ $status == 2 && $stderr == *"--repo wants URL=DIR, not \"$r\""* ]]
	done
}
@test "files stay within the folder of the kustomization" {
	echo "$pod" >p.yaml
	kustomization 'kustomization.yaml=resources: [../p.yaml]'
	refused k/kustomization.yaml:1:13 '../p.yaml is outside of k'
	run --separate-stderr render --load-restrictor=LoadRestrictionsNone k
	[[ $status == 0 && $output == *'name: p' ]]
	ln -s ../p.yaml k/link.yaml
	echo 'configMapGenerator: [{name: x, files: [link.yaml]}]' >k/kustomization.yaml
	run --separate-stderr render k
	refused k/kustomization.yaml:1:40 'link.yaml is outside of k'
	echo 'patches: [{path: /etc/passwd}]' >k/kustomization.yaml
	run --separate-stderr render k
	refused k/kustomization.yaml:1:18 '/etc/passwd is outside of k'
}

# --- errors ---------------------------------------------------------------------------
@test "a failure below names the way there" {
	kustomization 'kustomization.yaml=resources: [mid]' 'mid/kustomization.yaml=components: [base]' 'base/x=' 'mid/base/kustomization.yaml=apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- patch: "{apiVersion: v1, kind: Pod, metadata: {name: p}}"'
	refused k/mid/base/kustomization.yaml:4:3 'there is none among the resources (by way of k/mid/kustomization.yaml:1:14, k/kustomization.yaml:1:13)'
}
@test "kustomizations in a ring or too deep are refused" {
	kustomization 'kustomization.yaml=resources: ["."]'
	refused k/./kustomization.yaml 'includes itself'
	kustomization 'a/kustomization.yaml=resources: [../b]' 'b/kustomization.yaml=resources: [../a]' 'kustomization.yaml=resources: [a]'
	[[ $status == 2 ]]
	has 'includes itself' "$stderr"
	local d=k i
	for ((i = 0; i < 60; i++)); do
		mkdir -p $d/k
		echo 'resources: [k]' >$d/kustomization.yaml
		d=$d/k
	done
	run --separate-stderr render k
	[[ $status == 2 ]]
	has 'nest deeper than 50' "$stderr"
}
@test "a name that is a file and no folder, and none at all, are refused" {
	kustomization 'kustomization.yaml=resources: [nope.yaml]'
	refused k/kustomization.yaml:1:13 'there is no k/nope.yaml'
	kustomization 'kustomization.yaml=components: [p.yaml]' "p.yaml=$pod"
	refused k/kustomization.yaml:1:14 'a component is a folder'
	kustomization 'kustomization.yaml=resources: [d]' 'd/x='
	refused k/d 'there is no kustomization.yaml in k/d'
	kustomization "kustomization.yaml=resources: [$(printf 'x%.0s' {1..5000})]"
	refused k/kustomization.yaml:1:13 'there is no'
}
@test "a patch that fits nothing is refused" {
	kustomization 'kustomization.yaml=patches:
- patch: "{apiVersion: v1, kind: Pod, metadata: {name: p}}"'
	refused k/kustomization.yaml:2:3 'the patch is for Pod "p"'
	kustomization 'kustomization.yaml=resources: [p.yaml]
patches:
- target: {kind: Pod}
  patch: |-
    - op: add
      path: /metadata/labels
      value: {}
    - op: remove
      path: /spec/x' "p.yaml=$pod"
	refused k/kustomization.yaml:9:9 'the document has no /spec'
	kustomization 'kustomization.yaml=resources: [p.yaml]
patches: [{target: {name: "p(?!x)"}, patch: "[]"}]' "p.yaml=$pod"
	refused k/kustomization.yaml:2:27 'no looking ahead or behind'
}
@test "the same object twice is refused, with both places" {
	kustomization 'kustomization.yaml=resources: [a.yaml, b.yaml]' "a.yaml=$pod" "b.yaml=$pod"
	refused k/b.yaml:1:1 'is there already, from k/a.yaml:1'
	kustomization 'kustomization.yaml=resources: [a.yaml]
namespace: nn' 'a.yaml={apiVersion: v1, kind: Pod, metadata: {name: p, namespace: x}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: other}}'
	refused k/kustomization.yaml:2:12 'with this namespace there are two of Pod "p"'
}
@test "replacements and vars that lead nowhere are refused" {
	kustomization 'kustomization.yaml=resources: [p.yaml]
replacements:
- source: {kind: Pod}
  targets: [{select: {kind: Pod}, fieldPaths: [spec.x]}]' "p.yaml=$pod"
	refused k/kustomization.yaml:4:48 'Pod "p" has no spec.x to replace'
	kustomization 'kustomization.yaml=resources: [p.yaml]
replacements:
- source: {kind: Pod, fieldPath: spec.y}
  targets: [{select: {kind: Pod}}]' "p.yaml=$pod"
	refused k/kustomization.yaml:3:11 'has no spec.y'
	kustomization 'kustomization.yaml=resources: [p.yaml]
vars: [{name: V, objref: {kind: Service, apiVersion: v1, name: none}}]' "p.yaml=$pod"
	refused k/kustomization.yaml:2:8 'no resource is Service "none", which the var "V" refers to'
}
@test "a validator that changes something is refused" {
	kustomization 'kustomization.yaml=resources: [p.yaml]
validators: ["{apiVersion: builtin, kind: LabelTransformer, metadata: {name: x}, labels: {a: b}, fieldSpecs: [{path: metadata/labels, create: true}]}"]' "p.yaml=$pod"
	refused k/kustomization.yaml:2:13 'a validator may not change resources'
}
@test "origins of a kustomization name its files" {
	kustomization 'kustomization.yaml=resources: [a.yaml]
images: [{name: x, newTag: "2"}]' 'a.yaml=apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - image: x:1'
	echo '{"properties":{"spec":{"properties":{"containers":{"items":{"properties":{"image":{"type":"integer"}}}}}}}}' >s.json
	render --origins-out o.jsonl -O out.yaml k
	run --separate-stderr validate --schema s.json --origins o.jsonl out.yaml
	has k/kustomization.yaml:2 "$output"
}

# --- hostile --------------------------------------------------------------------------
# thing: a resource that values go into.
thing='apiVersion: e/v1
kind: Thing
metadata: {name: t}
spec: {a: {b: c}, text: xxxxxxxx}'
@test "what would grow without end is refused in time" {
	local i many
	many=$(for i in {1..40}; do echo "- {source: {kind: Thing, fieldPath: spec}, targets: [{select: {kind: Thing}, fieldPaths: [spec.x$i], options: {create: true}}]}"; done)
	kustomization "kustomization.yaml=resources: [r.yaml]
replacements:
$many" "r.yaml=$thing"
	[[ $status == 2 ]]
	has '[limit]' "$stderr"
	many=$(for i in {1..40}; do echo "    - {op: copy, from: /spec, path: /spec/x$i}"; done)
	kustomization "kustomization.yaml=resources: [r.yaml]
patches:
- target: {kind: Thing}
  patch: |-
$many" "r.yaml=$thing"
	[[ $status == 2 ]]
	for ((i = 0; i < 40; i++)); do
		mkdir -p d/$i
		echo "resources: [../$((i + 1)), ../$((i + 1))/../$((i + 1))]" >d/$i/kustomization.yaml
	done
	mkdir d/40
	echo 'namePrefix: x' >d/40/kustomization.yaml
	run --separate-stderr timeout 10 render d/0
	[[ $status == 2 ]]
	has 'more than 10000 kustomizations' "$stderr"
	kustomization 'kustomization.yaml=crds: [c.json]' 'c.json={"A": {"Schema": {"properties": {"kind": {}, "apiVersion": {}, "metadata": {}, "p": {"$ref": "A"}, "q": {"$ref": "A"}, "r": {"$ref": "A"}}}}}'
	[[ $status == 2 ]]
	has 'in a ring' "$stderr"
}
@test "paths deeper than a tree may be are refused" {
	local deep
	deep=$(printf 'a.%.0s' {1..600})a
	kustomization "kustomization.yaml=resources: [r.yaml]
replacements: [{sourceValue: x, targets: [{select: {kind: Thing}, fieldPaths: [$deep], options: {create: true}}]}]" "r.yaml=$thing"
	[[ $status == 2 ]]
	has 'a path has at most 500 parts' "$stderr"
}

@test "a regular expression that gives up on a name is trouble, not a name that does not match" {
	kustomization "o.yaml=$(printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %sb}' "$(printf 'a%.0s' {1..60})")" 'kustomization.yaml=resources: [o.yaml]
patches:
- target: {name: "(a|aa)+[cd]"}
  patch: "[{op: add, path: /data, value: {a: b}}]"'
	refused k/kustomization.yaml:3:18 'a regular expression that takes too many steps'
}
