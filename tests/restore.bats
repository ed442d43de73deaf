# SPDX-License-Identifier: MIT
# shellcheck shell=bash
load test_helper

setup() {
	cd "$T" || return
	mkdir -p tree/conf/deep tree/empty
	printf 'one\n' >tree/conf/a.yaml
	printf 'two\n' >tree/conf/deep/b.yaml
	: >tree/conf/zero
	head -c 1500000 /dev/urandom >tree/big.bin
	ln -s ../nowhere tree/conf/link
	ln tree/conf/a.yaml tree/hard.yaml
	chmod 0640 tree/conf/deep/b.yaml
	chmod 0750 tree/conf/deep
	touch -d '2020-02-03 04:05:06.123456789' tree/conf/a.yaml tree/conf/deep
	pack-backup tree >a.tar.zst
}
same() { diff -r --no-dereference "$1" "$2"; }
# flip FILE BYTE BIT
flip() {
	perl -e 'open F, "+<", $ARGV[0] or die; seek F, $ARGV[1], 0; read F, $c, 1; seek F, $ARGV[1], 0; print F chr(ord($c) ^ 1 << $ARGV[2])' "$@"
}
leftovers() { find . -name '*.part-*'; }

@test "everything comes back: bytes, modes, times, links" {
	restore --to out a.tar.zst
	same tree out/tree
	[[ $(readlink out/tree/conf/link) == ../nowhere ]]
	[[ out/tree/hard.yaml -ef out/tree/conf/a.yaml ]]
	[[ $(cd tree && find . -exec stat -c '%n %a %.9Y %u %g' {} + | sort) == "$(cd out/tree && find . -exec stat -c '%n %a %.9Y %u %g' {} + | sort)" ]]
	[[ -z $(leftovers) ]]
}

@test "an archive from a pipe is restored too" {
	restore --to out - <a.tar.zst
	same tree out/tree
	restore --to out2 < <(cat a.tar.zst)
	same tree out2/tree
	restore --verify <(cat a.tar.zst)
}

@test "--list prints the names, with -v their facts" {
	run -0 restore --list a.tar.zst
	[[ $output == "$(find tree | LC_ALL=C sort)" ]]
	run -0 restore --list -v a.tar.zst
	has '2020-02-03T04:05:06Z tree/conf/a.yaml' "$output"
	has 'tree/conf/link -> ../nowhere' "$output"
	has 'tree/hard.yaml link to tree/conf/a.yaml' "$output"
}

@test "--only chooses by globs; a folder brings all below it" {
	run -0 restore --list --only tree/conf a.tar.zst
	[[ $output == "$(find tree/conf | LC_ALL=C sort)" ]]
	run -0 restore --list --only '*.yaml' --only 'tree/*/*.yaml' a.tar.zst
	[[ $output == tree/conf/a.yaml ]]
	run -0 restore --list --only '**/*.yaml' a.tar.zst
	[[ $output == "tree/conf/a.yaml
tree/conf/deep/b.yaml
tree/hard.yaml" ]]
	run -0 restore --list --only '**/[ab].yam?' a.tar.zst
	[[ $output == "tree/conf/a.yaml
tree/conf/deep/b.yaml" ]]
	restore --to out --only tree/conf/deep a.tar.zst
	[[ $(cd out && find . -type f) == ./tree/conf/deep/b.yaml ]]
	run -1 --separate-stderr restore --list --only nothing a.tar.zst
	has '[no-match]' "$stderr"
}

@test "--only reads little of a large archive" {
	need strace
	for i in {1..40}; do head -c 1100000 /dev/urandom >"tree/r$i"; done
	pack-backup tree >big.tar.zst
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=pread64 -o trace restore --to out --only tree/r20 big.tar.zst
	cmp tree/r20 out/tree/r20
	local n
	n=$(grep -oE '= [0-9]+$' trace | awk '{ n += $2 } END { print n }')
	((n < 3000000))
}

@test "a hard link without its file comes back as the file" {
	restore --to out --only tree/hard.yaml a.tar.zst
	[[ $(<out/tree/hard.yaml) == one ]]
}

@test "--stdout prints the files of --only" {
	[[ $(restore --stdout --only tree/conf/a.yaml a.tar.zst) == one ]]
	run -1 --separate-stderr restore --stdout a.tar.zst
	has 'no object stream' "$stderr"
}

@test "a folder that is not empty needs --force" {
	mkdir -p out/tree/conf
	echo mine >out/mine
	echo old >out/tree/conf/a.yaml
	run -2 --separate-stderr restore --to out a.tar.zst
	has 'out: error: is not empty' "$stderr"
	[[ $(<out/tree/conf/a.yaml) == old ]]
	restore --force --to out a.tar.zst
	same tree out/tree
	[[ $(<out/mine) == mine ]]
	[[ $(stat -c '%a %.9Y' out/tree/conf/deep) == $(stat -c '%a %.9Y' tree/conf/deep) ]]
	[[ -z $(leftovers) ]]
	mkdir empty
	chmod 0711 empty
	restore --to empty a.tar.zst
	same tree empty/tree
	[[ $(stat -c %a empty) == 711 ]]
}

@test "--force writes through no link and replaces no folder by a file" {
	mkdir -p out outside
	ln -s "$T/outside" out/tree
	run -2 --separate-stderr restore --force --to out a.tar.zst
	has 'tree is a link, and nothing is written through it' "$stderr"
	[[ -z $(ls outside) ]]
	rm out/tree
	mkdir -p out/tree/conf/a.yaml
	run -2 --separate-stderr restore --force --to out a.tar.zst
	has 'is a folder there' "$stderr"
	[[ ! -e out/tree/big.bin && -z $(leftovers) ]]
	rmdir out/tree/conf/a.yaml
	ln -s "$T/outside/file" out/tree/conf/a.yaml
	restore --force --to out a.tar.zst
	same tree out/tree
	[[ -z $(ls outside) ]]
}

@test "--dry-run says what would be done and does nothing" {
	mkdir -p out/tree/conf
	echo old >out/tree/conf/a.yaml
	run -0 restore --dry-run --force --to out a.tar.zst
	has 'replace tree/conf/a.yaml' "$output"
	has 'create tree/big.bin' "$output"
	[[ $(find out -type f) == out/tree/conf/a.yaml ]]
	run -0 restore --dry-run --to new a.tar.zst
	[[ ! -e new ]]
	run -2 restore --dry-run --to out a.tar.zst
}

@test "every one of 200 flipped bits is detected" {
	local i n
	n=$(stat -c %s a.tar.zst)
	RANDOM=7
	for i in {1..200}; do
		cp a.tar.zst b.tar.zst
		flip b.tar.zst $(((RANDOM * 32768 + RANDOM) % n)) $((RANDOM % 8))
		run restore --verify b.tar.zst
		[[ $status == 1 ]] || { echo "flip $i: status $status: $output"; return 1; }
	done
}

@test "every flipped byte of the first and last kilobytes is detected" {
	mkdir small
	echo x >small/file
	pack-backup small >s.tar.zst
	local i n missed=0
	n=$(stat -c %s s.tar.zst)
	for ((i = 0; i < n; i += 1 + (i > 200 && i < 1000) * 16)); do
		cp s.tar.zst b.tar.zst
		flip b.tar.zst "$i" $((i % 8))
		run restore --verify b.tar.zst
		[[ $status == 1 ]] || { echo "byte $i: status $status: $output"; missed=1; }
	done
	((missed == 0))
}

@test "every one of 50 truncations is detected, and added bytes too" {
	local i n
	n=$(stat -c %s a.tar.zst)
	for i in {1..50}; do
		head -c $((n * i / 51)) a.tar.zst >b.tar.zst
		run restore --verify b.tar.zst
		[[ $status == 1 ]] || { echo "cut at $((n * i / 51)): status $status: $output"; return 1; }
	done
	head -c $((n - 1)) a.tar.zst >b.tar.zst
	run -1 restore --verify b.tar.zst
	(cat a.tar.zst; echo) >b.tar.zst
	run -1 restore --verify b.tar.zst
	cat a.tar.zst a.tar.zst >b.tar.zst
	run -1 restore --verify b.tar.zst
	(head -c 1000 a.tar.zst; tail -c +1002 a.tar.zst) >b.tar.zst
	run -1 restore --verify b.tar.zst
}

@test "a damaged archive names what is lost and restores nothing; --salvage brings the rest" {
	for i in {1..30}; do head -c 400000 /dev/urandom >"tree/r$i"; done
	pack-backup tree >b.tar.zst
	flip b.tar.zst 6000000 3
	run -1 --separate-stderr restore --to out b.tar.zst
	has 'b.tar.zst: error: lost: tree/' "$stderr"
	[[ ! -e out && -z $(leftovers) ]]
	run -1 --separate-stderr restore --salvage --to out b.tar.zst
	has 'lost: tree/' "$stderr"
	local f lost=0
	for f in tree/r*; do
		if [[ -e out/$f ]]; then cmp "$f" "out/$f"; else lost=$((lost + 1)); has "lost: $f" "$stderr"; fi
	done
	((lost > 0 && lost < 8))
}

@test "a damaged seek table or index still lets --salvage bring all" {
	local n
	n=$(stat -c %s a.tar.zst)
	flip a.tar.zst $((n - 3)) 1
	run -1 --separate-stderr restore --to out a.tar.zst
	[[ ! -e out ]]
	run -1 restore --salvage --to out a.tar.zst
	same tree out/tree
}

@test "--salvage brings what a cut archive still holds" {
	for i in {1..20}; do head -c 400000 /dev/urandom >"tree/r$i"; done
	pack-backup tree >b.tar.zst
	head -c 5000000 b.tar.zst >c.tar.zst
	run -1 --separate-stderr restore --to out c.tar.zst
	[[ ! -e out ]]
	run -1 --separate-stderr restore --salvage --to out c.tar.zst
	cmp tree/big.bin out/tree/big.bin
	cmp tree/r1 out/tree/r1
	(head -c 2000000 b.tar.zst; head -c 300000 /dev/urandom; tail -c +2300001 b.tar.zst | head -c 3000000) >d.tar.zst
	run -1 --separate-stderr restore --salvage --to out2 d.tar.zst
	has 'are damaged' "$stderr"
	cmp tree/big.bin out2/tree/big.bin
	local f whole=0
	for f in tree/r*; do [[ ! -e out2/$f ]] || { cmp "$f" "out2/$f"; whole=$((whole + 1)); }; done
	((whole > 3))
}

@test "an archive without our manifest is refused; --salvage takes what is safe" {
	need tar zstd
	tar --zstd -cf t.tar.zst tree
	run -2 --separate-stderr restore --to out t.tar.zst
	has 'no archive of pack-backup' "$stderr"
	run -2 restore --verify t.tar.zst
	run -2 restore --list t.tar.zst
	[[ ! -e out ]]
	chmod 4755 tree/conf/a.yaml
	mkfifo tree/pipe
	tar -czf t.tar.gz tree
	run -1 --separate-stderr restore --salvage --to out t.tar.gz
	has 'tree/pipe is a device, a pipe' "$stderr"
	rm tree/pipe
	same tree out/tree
	[[ $(stat -c %a out/tree/conf/a.yaml) == 755 ]]
	run -1 --separate-stderr restore --salvage --list t.tar.gz
	has tree/conf/deep/b.yaml "$output"
	echo garbage >g.tar.zst
	run -2 --separate-stderr restore --salvage --to out3 g.tar.zst
	[[ ! -e out3 ]]
}

@test "--salvage writes nothing outside, and through no link" {
	need tar
	mkdir outside evil
	ln -s "$T/outside" evil/dir
	tar -cf e.tar -C evil dir
	rm evil/dir
	mkdir evil/dir
	echo bad >evil/dir/file
	tar -rf e.tar -C evil dir/file
	echo bad >evil/up
	tar -rPf e.tar --transform 's,evil/up,../outside/up,' evil/up
	tar -rPf e.tar --transform "s,evil/up,$T/outside/abs," evil/up
	run -1 --separate-stderr restore --salvage --to out e.tar
	has 'has a ".." part' "$stderr"
	has 'is absolute' "$stderr"
	[[ -z $(ls outside) && ! -L out/dir/file ]]
}

@test "a run that is killed leaves nothing visible, and the next one clears up" {
	head -c 60000000 /dev/urandom >tree/large
	pack-backup --level 1 tree >b.tar.zst
	restore --to out b.tar.zst &
	local pid=$!
	for _ in {1..200}; do [[ -z $(leftovers) ]] || break; sleep 0.01; done
	kill -9 "$pid"
	wait "$pid" || true
	if [[ ! -e out ]]; then
		[[ -n $(leftovers) ]]
		restore --to out b.tar.zst
	fi
	same tree out/tree
	[[ -z $(leftovers) ]]
}

@test "a full disk is trouble, and nothing is left" {
	run -2 --separate-stderr bash -c 'ulimit -f 500; trap "" XFSZ; restore --to out a.tar.zst'
	has 'tree/big.bin' "$stderr"
	[[ ! -e out && -z $(leftovers) ]]
	run -2 --separate-stderr bash -c 'restore --stdout --only tree/big.bin a.tar.zst >/dev/full'
	if ((EUID == 0)) && mkdir small && mount -t tmpfs -o size=1m tmpfs small 2>/dev/null; then
		run restore --to small/out a.tar.zst
		[[ $status == 2 && -z $(ls -A small) ]] || { umount small; return 1; }
		umount small
	fi
}

@test "random trees come back whole, by tar, as increments, and nothing wrong from damage" {
	need python3 tar zstd
	run -0 "$BATS_TEST_DIRNAME/cases/restore/random-trees" 11 8
	[[ $output == ok ]]
}

@test "missing and unreadable archives are trouble" {
	run -2 --separate-stderr restore --verify nothing.tar.zst
	has 'nothing.tar.zst: error: cannot read' "$stderr"
	run -2 restore --verify tree
	: >empty
	run -2 restore --verify empty
	run -2 restore --salvage --list empty
}

@test "usage errors have status 2 and say what to do" {
	run -2 --separate-stderr restore a.tar.zst
	has '--to DIR, --list, --verify or --stdout' "$stderr"
	run -2 restore --list --verify a.tar.zst
	run -2 restore --force --list a.tar.zst
	echo file >file
	run -2 --separate-stderr restore --to file a.tar.zst
	has 'is no folder' "$stderr"
}

@test "--report tells of what is lost, in files" {
	need jq
	flip a.tar.zst 800000 1
	run -1 restore --verify --report json=r.json --report junit=r.xml a.tar.zst
	[[ $(jq -r '.[0].rule, .[0].file, .[0].severity' r.json) == "damaged
a.tar.zst
error" ]]
	has '<failure' "$(<r.xml)"
	run -1 pack-backup --report json=p.json -O b.tar.zst tree missing
	[[ $(jq -r '.[0].rule, .[0].file' p.json) == "unreadable
missing" ]]
	run -0 pack-backup --report json=p.json -O b.tar.zst tree
	[[ $(jq -c . p.json) == '[]' ]]
}

@test "the verdict goes to --status-fd" {
	run -0 bash -c 'restore --verify --status-fd 3 a.tar.zst 3>status'
	has '"verdict":"ok"' "$(<status)"
	flip a.tar.zst 3000 1
	run -1 bash -c 'restore --verify --status-fd 3 a.tar.zst 3>status'
	has '"verdict":"findings"' "$(<status)"
}
