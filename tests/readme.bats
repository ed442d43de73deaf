#!/usr/bin/env bats
# What the README says, done as it says.
load test_helper

setup() {
	# A clone to be in, whose .state is the test's.
	mkdir "$T/clone"
	ln -s "$ROOT"/[a-zA-Z]* "$T/clone/"
	if [[ $BIN != "$ROOT/bin" ]]; then
		rm "$T/clone/bin"
		mkdir "$T/clone/bin"
		ln -s "$BIN"/* "$ROOT/bin/infraflux" "$T/clone/bin/"
	fi
	cd "$T/clone"
}

# block N: the N-th sh block of the README.
block() { awk -v n="$1" '/^```sh/ { i++; on = i == n; next } /^```/ { on = 0 } on' "$ROOT/README.md"; }

@test "the first block is the two commands" {
	[[ $(block 1 | grep -c '^make ') == 2 ]]
	grep -q '^run:' "$ROOT/Makefile"
	grep -q '^test:' "$ROOT/Makefile"
}

@test "the commands after a run work" {
	infraflux run -q
	infraflux deploy dev -q
	local line
	while IFS= read -r line; do
		[[ $line == *'rollback dev'* ]] && continue # there is one release yet
		run -0 bash -c "$line"
	done < <(block 2)
	run -0 infraflux status
	has prod "$output"
}

@test "CI's pipe validates every environment and writes SARIF" {
	block 3 | sed "s#/tmp/#$T/#g" >pipe
	run -0 bash -e pipe
	local e
	for e in dev staging prod; do
		[[ $(jq -r '.version, (.runs[0].results | length)' "$T/$e.sarif" | paste -sd' ') == '2.1.0 0' ]]
	done
}

@test "cron's pipe deploys, backs up and verifies" {
	block 4 >pipe
	run -0 bash -e pipe
	[[ $(find .state/.infraflux/*/backups -name '*.tar.zst' | wc -l) == 3 ]]
	[[ -s .state/.infraflux/prod/metrics/infraflux_backup.prom ]]
}

@test "the operator's pipe finds the one difference, and tells where a value comes from" {
	block 5 >pipe
	run -1 bash -o pipefail <(sed '/--explain/d' pipe)
	run -0 bash -o pipefail pipe
	has 'spec.replicas' "$output"
	has '1 changed' "$output"
	has 'quickstart/prod.yaml:' "$output"
	has 'quickstart/base.yaml:' "$output"
}

@test "the Makefile's pipe renders, validates, packs and lists" {
	block 6 | sed "s#/tmp/#$T/#g" >pipe
	run -0 bash -e pipe
	has 'Deployment' "$output"
}

@test "every file and folder that the README links to is there" {
	local f
	for f in $(grep -oE '\]\([^)h][^)]*\)' "$ROOT/README.md" "$ROOT"/lib/README.md | sed -E 's/.*\]\(([^)#]*).*/\1/'); do
		[[ -e $ROOT/$f || -e $ROOT/lib/$f ]] || { echo "$f"; return 1; }
	done
}
