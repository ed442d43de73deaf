# SPDX-License-Identifier: MIT
# shellcheck shell=bash
load test_helper

setup() {
	cd "$T" || return
	mkdir -p tree/conf/deep tree/empty
	printf 'one\n' >tree/conf/a.yaml
	printf 'two\n' >tree/conf/deep/b.yaml
	: >tree/conf/zero
	head -c 2500000 /dev/urandom >tree/big.bin
	ln -s ../nowhere tree/conf/link
	ln tree/conf/a.yaml tree/hard.yaml
	chmod 0640 tree/conf/deep/b.yaml
	touch -d '2020-02-03 04:05:06.123456789' tree/conf/a.yaml
}
entries() { restore --list "$1"; }

objects() {
	cat <<-'EOF'
		apiVersion: v1
		kind: Namespace
		metadata:
		  name: shop
		---
		apiVersion: apps/v1
		kind: Deployment
		metadata:
		  name: web
		  namespace: shop
		spec:
		  replicas: 3
		---
		apiVersion: v1
		kind: ConfigMap
		metadata:
		  name: web
		  namespace: shop
		data:
		  version: "1.10"
	EOF
}

@test "tar reads the archive" {
	need tar zstd
	pack-backup tree >a.tar.zst
	mkdir x
	tar --zstd -xf a.tar.zst -C x
	diff -r --no-dereference tree x/tree
	[[ $(readlink x/tree/conf/link) == ../nowhere ]]
	[[ x/tree/hard.yaml -ef x/tree/conf/a.yaml ]]
	[[ $(stat -c %a x/tree/conf/deep/b.yaml) == 640 ]]
	zstd -t a.tar.zst
}

@test "names over 100 bytes, and those that are no UTF-8, come back by tar and by restore" {
	need tar zstd
	local long
	long=$(printf 'd%.0s' {1..120})
	mkdir -p "n/$long/$long"
	echo x >"n/$long/$long/$long"
	echo y >"n/$(printf 'caf\xe9')"
	echo z >"n/$(printf 'tab\tnew\nline')"
	echo w >"n/$long/$(printf '\xff%.0s' {1..110})"
	ln -s "$long/$long/$long" n/far
	pack-backup n >a.tar.zst
	mkdir x
	tar --zstd -xf a.tar.zst -C x
	diff -r n x/n
	restore --to y a.tar.zst
	diff -r n y/n
	run -0 restore --list a.tar.zst
	has 'tab\011new\nline' "$output"
}

@test "the same input gives the same archive, whatever the threads" {
	for i in {1..300}; do head -c $((i * 37)) tree/big.bin >"tree/f$i"; done
	pack-backup -j 1 tree >1.tar.zst
	pack-backup -j 2 tree >2.tar.zst
	pack-backup -j 5 -O 5.tar.zst tree
	cmp 1.tar.zst 2.tar.zst
	cmp 1.tar.zst 5.tar.zst
}

@test "the archive of -O is for its owner alone, and whole" {
	umask 022
	pack-backup -O a.tar.zst tree
	[[ $(stat -c %a a.tar.zst) == 600 ]]
	restore --verify a.tar.zst
	[[ -z $(find . -maxdepth 1 -name '.a.tar*') ]]
}

@test "the manifest holds every entry's facts" {
	need jq sha256sum
	pack-backup --manifest-out m.json --label env=prod --label 'note=a "b"' tree >a.tar.zst
	run -0 jq -r '.labels.note, (.entries[] | select(.name == "tree/conf/a.yaml") | .sha256, .mode, .mtime, .nsec, .size, .type)' m.json
	has 'a "b"' "$output"
	has "$(sha256sum <tree/conf/a.yaml | cut -d' ' -f1)" "$output"
	has '0644
1580702706
123456789
4
file' "$output"
	[[ $(jq -r '.entries[].name' m.json) == "$(entries a.tar.zst)" ]]
	[[ $(jq -r '.entries[] | select(.type == "symlink") | .target' m.json) == ../nowhere ]]
	[[ $(jq -r '.entries[] | select(.type == "hardlink") | .target' m.json) == tree/conf/a.yaml ]]
	if command -v tar zstd >/dev/null; then
		tar --zstd -xOf a.tar.zst .infraflux/manifest.json | cmp - m.json
	fi
}

@test "nothing of the run's time is stored, but SOURCE_DATE_EPOCH where it is set" {
	need jq
	pack-backup --manifest-out m.json tree >a.tar.zst
	[[ $(jq '.created' m.json) == null ]]
	SOURCE_DATE_EPOCH=1700000000 pack-backup --manifest-out m.json tree >b.tar.zst
	[[ $(jq '.created' m.json) == 1700000000 ]]
	SOURCE_DATE_EPOCH=soon run -2 pack-backup tree
}

@test "names lose their leading slash, and .. is refused" {
	pack-backup "$T/tree/conf/" ./tree//empty/. >a.tar.zst
	run -0 entries a.tar.zst
	has "${T#/}/tree/conf/deep/b.yaml" "$output"
	has "tree/empty" "$output"
	run -2 --separate-stderr pack-backup tree/../tree
	has 'tree/../tree: error: ".." in a name is refused' "$stderr"
}

@test "a folder packed as . has its entries at the top" {
	cd tree
	pack-backup . >../a.tar.zst
	run -0 entries ../a.tar.zst
	[[ ${lines[0]} == big.bin ]]
	has 'conf/deep/b.yaml' "$output"
}

@test "--exclude leaves out what matches and all below it" {
	pack-backup --exclude '**/deep' --exclude 'tree/*.bin' tree >a.tar.zst
	run -0 entries a.tar.zst
	hasnt deep "$output"
	hasnt big.bin "$output"
	has tree/conf/a.yaml "$output"
}

@test "--exclude leaves out objects too" {
	objects | pack-backup --exclude 'objects/**/ConfigMap' - >a.tar.zst
	[[ $(entries a.tar.zst | wc -l) == 2 ]]
}

@test "a path that is a link to a folder is packed as a link, with a warning, or with / as the folder" {
	ln -s tree way
	run -0 --separate-stderr pack-backup -O a.tar.zst way
	has 'write way/' "$stderr"
	[[ $(entries a.tar.zst) == way ]]
	run -0 --separate-stderr pack-backup -O b.tar.zst way/
	[[ -z $stderr ]]
	has way/conf/deep/b.yaml "$(entries b.tar.zst)"
}

@test "a path given twice, or within another, is packed once" {
	pack-backup tree tree/conf tree >a.tar.zst
	[[ $(entries a.tar.zst | sort | uniq -d) == '' ]]
	[[ $(entries a.tar.zst | wc -l) == $(find tree | wc -l) ]]
}

@test "two places that would have one name are refused" {
	mkdir -p "other/$T"
	cp -r tree "other/$T/"
	cd other
	run -2 --separate-stderr pack-backup "$T/tree/conf/a.yaml" "${T#/}/tree/conf/a.yaml"
	has 'would have the same name' "$stderr"
}

@test "a pipe, a socket or a device is left out with a warning" {
	mkfifo tree/pipe
	run -0 --separate-stderr pack-backup -O a.tar.zst tree
	has 'tree/pipe: warning: is a pipe' "$stderr"
	hasnt pipe "$(entries a.tar.zst)"
	run -1 --separate-stderr pack-backup --fail-on warning -O a.tar.zst tree
}

@test "what can't be read is reported, the rest is kept" {
	run -1 --separate-stderr pack-backup -O a.tar.zst tree/conf missing
	has 'missing: error: cannot read: No such file' "$stderr"
	has '[unreadable]' "$stderr"
	has tree/conf/a.yaml "$(entries a.tar.zst)"
	run -2 --separate-stderr pack-backup -O b.tar.zst missing
	[[ ! -e b.tar.zst ]]
}

@test "a file without permission to read is reported, the rest is kept" {
	((EUID)) || skip 'root reads everything'
	chmod 0 tree/conf/a.yaml
	run -1 --separate-stderr pack-backup -O a.tar.zst tree
	has 'tree/conf/a.yaml: error: cannot read: Permission denied' "$stderr"
	restore --verify a.tar.zst
	has big.bin "$(entries a.tar.zst)"
}

@test "a file that changes while it is read is reported, small or large" {
	local i status
	mkdir busy
	head -c 60000000 /dev/zero >busy/large
	for i in {1..20}; do
		(while :; do printf x | dd of=busy/large bs=1 conv=notrunc status=none; done) &
		status=0
		pack-backup -O a.tar.zst busy 2>err || status=$?
		kill $!
		wait $! || true
		((status == 0)) || break
	done
	[[ $status == 1 ]]
	has 'busy/large: error: changed each time it was read' "$(<err)"
	restore --verify a.tar.zst
}

@test "a file that shrinks or grows while packed leaves a sound archive" {
	head -c 30000000 /dev/urandom >tree/moving
	(for i in {1..200}; do truncate -s $((i % 2 * 20000000 + 3000000)) tree/moving; done) &
	pack-backup -O a.tar.zst tree 2>/dev/null || [[ $? == 1 ]]
	wait
	restore --verify a.tar.zst
	restore --to out a.tar.zst
	cmp tree/big.bin out/tree/big.bin
}

@test "files that have a size only when read, as in /proc, are packed whole" {
	[[ -r /proc/self/mounts ]] || skip 'no /proc'
	pack-backup -O a.tar.zst /proc/version
	restore --stdout --only '**/version' a.tar.zst | cmp - /proc/version
}

@test "times before 1970 and after 2242 are kept" {
	touch -d '1901-01-01 00:00:00.5' tree/conf/a.yaml
	touch -d '2400-01-01' tree/conf/zero
	pack-backup tree >a.tar.zst
	restore --to out a.tar.zst
	[[ $(stat -c %.9Y out/tree/conf/a.yaml out/tree/conf/zero) == "$(stat -c %.9Y tree/conf/a.yaml tree/conf/zero)" ]]
}

@test "the archive itself is not packed" {
	cd tree
	pack-backup -O self.tar.zst .
	hasnt self.tar "$(entries self.tar.zst)"
	pack-backup -O self.tar.zst .
	hasnt self.tar "$(entries self.tar.zst)"
	pack-backup . >conf/out.tar.zst
	hasnt out.tar "$(entries conf/out.tar.zst)"
}

@test "objects come back equal and in their order" {
	objects >in.yaml
	pack-backup - <in.yaml >a.tar.zst
	[[ $(entries a.tar.zst) == "objects/_cluster/Namespace/shop.yaml
objects/shop/Deployment.apps/web.yaml
objects/shop/ConfigMap/web.yaml" ]]
	restore --stdout a.tar.zst >out.yaml
	diff <(echo ---; cat in.yaml) out.yaml
}

@test "without a path the object stream is packed" {
	objects | pack-backup >a.tar.zst
	[[ $(entries a.tar.zst | wc -l) == 3 ]]
}

@test "an empty object stream makes an archive of nothing" {
	pack-backup - </dev/null >a.tar.zst
	restore --verify a.tar.zst
	[[ -z $(restore --stdout a.tar.zst) ]]
}

@test "lists are taken apart, and names are made safe" {
	cat >in.json <<-'EOF'
		{"apiVersion": "v1", "kind": "List", "items": [
		  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "a/../b:c"}},
		  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "..", "namespace": "x"}},
		  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "..", "namespace": "x"}}]}
	EOF
	pack-backup - <in.json >a.tar.zst
	[[ $(entries a.tar.zst) == "objects/_cluster/ClusterRole.rbac.authorization.k8s.io/a%2F..%2Fb:c.yaml
objects/x/Pod/%2E..yaml
objects/x/Pod/%2E.~2.yaml" ]]
	restore --to out a.tar.zst
}

@test "what is no object, and what is no YAML, is refused with its place" {
	run -2 --separate-stderr pack-backup -O a.tar.zst - < <(objects; printf -- '---\nreplicas: 3\n')
	has '<stdin>:2' "$stderr"
	has 'no Kubernetes object' "$stderr"
	[[ ! -e a.tar.zst ]]
	run -2 --separate-stderr pack-backup -O a.tar.zst - <<<'a: [1'
	[[ ! -e a.tar.zst ]]
}

@test "objects and files go into one archive" {
	pack-backup - tree/conf < <(objects) >a.tar.zst
	run -0 entries a.tar.zst
	has objects/shop/ConfigMap/web.yaml "$output"
	has tree/conf/a.yaml "$output"
	restore --stdout a.tar.zst | grep -q 'kind: Deployment'
}

@test "an archive is not written to a terminal" {
	need_terminal
	run -0 script -qec 'pack-backup tree; echo "status $?"' /dev/null
	has 'not for a terminal' "$output"
	has 'status 2' "$output"
}

@test "a full disk is trouble, and leaves nothing" {
	run -2 --separate-stderr bash -c 'pack-backup tree >/dev/full'
	has 'No space left' "$stderr"
	run -2 --separate-stderr bash -c 'ulimit -f 500; trap "" XFSZ; pack-backup -O a.tar.zst tree'
	[[ ! -e a.tar.zst && -z $(find . -maxdepth 1 -name '.a.tar*') ]]
}

@test "a reader that goes away is trouble, not a crash" {
	run -2 --separate-stderr bash -c 'pack-backup tree 2>err | head -c 10 >/dev/null; exit "${PIPESTATUS[0]}"'
	has 'Broken pipe' "$(<err)"
}

@test "usage errors have status 2 and say what to do" {
	run -2 --separate-stderr pack-backup --level 0 tree
	run -2 --separate-stderr pack-backup --label novalue tree
	has KEY=VALUE "$stderr"
	run -2 --separate-stderr pack-backup --lable a=b tree
	has 'did you mean --label' "$stderr"
}

@test "an increment holds what changed, and lists all" {
	pack-backup -O full.tar.zst tree
	echo changed >tree/conf/deep/b.yaml
	rm tree/conf/zero
	echo new >tree/new
	chmod 0600 tree/big.bin
	pack-backup -O inc.tar.zst --since full.tar.zst tree
	[[ $(stat -c %s inc.tar.zst) -lt 20000 ]]
	[[ $(entries inc.tar.zst) == "$(find tree | LC_ALL=C sort)" ]]
	restore --to out full.tar.zst inc.tar.zst
	diff -r --no-dereference tree out/tree
	[[ ! -e out/tree/conf/zero && $(stat -c %a out/tree/big.bin) == 600 ]]
}

@test "an increment can be made against a manifest, and against an increment" {
	pack-backup -O full.tar.zst --manifest-out full.json tree
	echo second >tree/second
	pack-backup -O i1.tar.zst --manifest-out i1.json --since full.json tree
	echo third >tree/third
	pack-backup -O i2.tar.zst --since i1.json tree
	run -0 restore --verify full.tar.zst i1.tar.zst i2.tar.zst
	hasnt earlier "$output"
	run -0 restore --verify i2.tar.zst
	has 'files are in earlier archives' "$output"
	restore --to out full.tar.zst i1.tar.zst i2.tar.zst
	diff -r --no-dereference tree out/tree
	run -2 --separate-stderr restore --to out2 full.tar.zst i2.tar.zst
	has 'is no increment of an archive named before it' "$stderr"
	run -1 --separate-stderr restore --to out3 i1.tar.zst
	has 'earlier archive' "$stderr"
	[[ ! -e out2 && ! -e out3 ]]
}

@test "--since refuses what is no manifest" {
	echo '{}' >m.json
	run -2 --separate-stderr pack-backup -O a.tar.zst --since m.json tree
	has 'm.json: error: the manifest is not as pack-backup writes it' "$stderr"
}

@test "unchanged objects are not packed again" {
	objects | pack-backup -O full.tar.zst -
	objects | sed 's/replicas: 3/replicas: 4/' | pack-backup -O inc.tar.zst --since full.tar.zst -
	run -0 restore --stdout full.tar.zst inc.tar.zst
	has 'replicas: 4' "$output"
	[[ $(grep -c '^---' <<<"$output") == 3 ]]
}
