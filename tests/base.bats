# SPDX-License-Identifier: MIT
# What all filters share: output, options, statuses, limits.
# shellcheck shell=bash
load test_helper

filters=(config-merge render validate diff-drift pack-backup restore)

setup() {
	cd "$T" || return
	printf 'a: 1\nb: [x, y]\n' >in.yaml
	printf '{"type": "object"}' >schema.json
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' >object.yaml
	pack-backup in.yaml >archive.tar.zst
}

# work FILTER: a line of shell in which it has something to say on standard output.
work() {
	case $1 in
	config-merge) echo 'config-merge -o json in.yaml' ;;
	render) echo 'render in.yaml' ;;
	validate) echo 'validate --schema schema.json --report json in.yaml' ;;
	diff-drift) echo 'diff-drift --report json object.yaml object.yaml' ;;
	pack-backup) echo 'pack-backup in.yaml' ;;
	restore) echo 'restore --list archive.tar.zst' ;;
	esac
}
each() { # COMMAND: with $f and $cmd set, for every filter that is built
	local f cmd tried=0
	for f in "${filters[@]}"; do
		command -v "$f" >/dev/null || continue
		cmd=$(work "$f")
		export f cmd
		tried=$((tried + 1))
		"$@" || { echo "of $f"; return 1; }
	done
	((tried > 0))
}
# expect STATUS TEXT SHELL: standard error must hold TEXT
expect() {
	local status=0
	bash -c "$3" >out 2>err || status=$?
	[[ $status == "$1" ]] || { echo "status $status: $3: $(head -n 5 err)"; return 1; }
	has "$2" "$(<err)"
}

@test "each filter does its example" {
	one() { expect 0 '' "$cmd" && [[ -s out ]]; }
	each one
}

@test "a full disk is trouble, and said so" {
	one() { expect 2 'No space left' "$cmd >/dev/full"; }
	each one
}

@test "a reader that has gone is trouble, not death" {
	one() { expect 2 'Broken pipe' "exec 3> >(exec <&-; sleep 0.1); sleep 0.05; $cmd >&3"; }
	each one
}

@test "standard input that does not block is waited for" {
	cat >wait.pl <<-'EOF'
		use Fcntl;
		fcntl(STDIN, F_SETFL, fcntl(STDIN, F_GETFL, 0) | O_NONBLOCK) or die;
		exec @ARGV;
	EOF
	late() { sleep 0.2; cat "$1"; }
	[[ $(late in.yaml | perl wait.pl config-merge) == "$(config-merge in.yaml)" ]]
	config-merge -o json in.yaml >in.json
	[[ $(late in.json | perl wait.pl config-merge) == "$(<in.json)" ]]
	late object.yaml | perl wait.pl pack-backup - | (sleep 0.2; perl wait.pl restore --verify)
}

@test "closed standard output is trouble, and nothing else is written to in its place" {
	one() {
		cp archive.tar.zst before
		expect 2 'Bad file descriptor' "$cmd >&-"
		cmp before archive.tar.zst
	}
	each one
}

@test "closed standard error does not send messages into a file" {
	config-merge -O made.yaml -v in.yaml 2>&-
	[[ $(<made.yaml) == "$(config-merge in.yaml)" ]]
	run -2 bash -c 'config-merge -O made2.yaml missing.yaml 2>&- 0>&-'
	[[ ! -e made2.yaml ]]
}

@test "a file over its limit is trouble, not death" {
	head -c 300000 /dev/urandom | base64 -w 100 | sed 's/^/- /' >long.yaml
	expect 2 'File too large' 'ulimit -f 50; config-merge -O made.yaml long.yaml'
	[[ ! -e made.yaml && -z $(find . -name '.made*') ]]
}

@test "memory that can't be had is trouble, and lands nothing" {
	! ldd "$(command -v config-merge)" | grep -q libasan || skip 'the address sanitizer needs all the address space'
	seq 1 400000 | sed 's/^/- {a: /; s/$/, b: [1, 2, 3]}/' >large.yaml
	echo old >made.yaml
	expect 2 'out of memory' 'ulimit -v 60000; config-merge -O made.yaml large.yaml'
	[[ $(<made.yaml) == old ]]
}

@test "-O is atomic: the old file stays until the new one is whole" {
	echo old >made.yaml
	chmod 604 made.yaml
	run -2 config-merge -O made.yaml - <<<'a: ['
	[[ $(<made.yaml) == old ]]
	config-merge -O made.yaml in.yaml
	[[ $(<made.yaml) == "$(config-merge in.yaml)" && $(stat -c %a made.yaml) == 604 ]]
	[[ -z $(find . -name '.made*') ]]
	run -2 --separate-stderr config-merge -O nowhere/made.yaml in.yaml
	has 'nowhere/made.yaml: error: cannot write' "$stderr"
}

@test "-O may be the input itself" {
	cp in.yaml same.yaml
	config-merge --set a=2 -O same.yaml same.yaml
	has 'a: 2' "$(<same.yaml)"
}

@test "--keep-unchanged leaves an equal file alone" {
	config-merge -O made.yaml in.yaml
	local before
	before=$(stat -c '%i %y' made.yaml)
	config-merge --keep-unchanged -O made.yaml in.yaml
	[[ $(stat -c '%i %y' made.yaml) == "$before" ]]
	config-merge --keep-unchanged --set a=7 -O made.yaml in.yaml
	has 'a: 7' "$(<made.yaml)"
}

@test "what a killed run left beside its output is cleared by the next" {
	echo half >.made.yaml.part-0
	config-merge -O made.yaml in.yaml
	[[ ! -e .made.yaml.part-0 ]]
}

@test "--help is on standard output and names every option, with statuses and an example" {
	one() {
		expect 0 '' "$f --help"
		has "Usage: $f" "$(<out)"
		has --status-fd "$(<out)"
		has 'Status: 0 fine' "$(<out)"
		grep -qE "^(Example:|  ).*$f " out || { echo 'no example'; return 1; }
		[[ $(tail -c 1 out) == '' ]]
		expect 2 'No space left' "$f --help >/dev/full"
	}
	each one
}

@test "--version names the suite" {
	one() { expect 0 '' "$f --version" && grep -qE "^$f \(InfraFlux\) [0-9]" out; }
	each one
}

@test "usage errors have status 2, name the option and help" {
	one() {
		expect 2 "unknown option --nosuch" "$f --nosuch"
		expect 2 "see $f --help" "$f --nosuch"
		expect 2 'unknown option -@' "$f -@"
		expect 2 'did you mean --version' "$f --verison"
		expect 2 '--jobs wants a whole number' "$f --jobs=many"
		expect 2 '--jobs wants a value' "$f --jobs"
		expect 2 '--quiet takes no value' "$f --quiet=yes"
		expect 2 '--fail-on is one of error|warning|note|never' "$f --fail-on maybe"
		expect 2 '-j wants a value' "$f -j"
		expect 2 'wants at least 1' "$f -j0"
		expect 2 'whole number' "$f -j -1"
		expect 2 'whole number' "$f -j 99999999999999999999"
		expect 2 'bash or zsh' "$f --completion=fish"
		expect 2 'no descriptor' "$f --status-fd 4294967297"
		[[ ! -s out ]]
	}
	each one
}

@test "options may follow arguments, be joined, and end at --" {
	[[ $(config-merge in.yaml -o json) == "$(config-merge -ojson in.yaml)" ]]
	[[ $(config-merge -qo json in.yaml) == "$(config-merge --output=json -q in.yaml)" ]]
	cp in.yaml ./-o
	[[ $(config-merge -- -o) == "$(config-merge in.yaml)" ]]
	expect 2 '' 'config-merge -- --nosuch'
	hasnt 'unknown option' "$(<err)"
}

@test "completions are sound shell and know every option" {
	one() {
		"$f" --completion=bash >c.bash
		bash -n c.bash
		local o
		for o in $("$f" --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+'); do
			grep -qE -- "[' ]$o[' ]" c.bash || { echo "$o is missing"; return 1; }
		done
		# shellcheck disable=SC1091
		COMPREPLY=$(source ./c.bash; COMP_WORDS=("$f" --fail-on n) COMP_CWORD=2; "_${f//-/_}"; echo "${COMPREPLY[*]}")
		[[ $COMPREPLY == 'note never' ]]
		"$f" --completion zsh >c.zsh
		[[ $(head -n 1 c.zsh) == "#compdef $f" ]]
		if command -v zsh >/dev/null; then zsh -n c.zsh; fi
	}
	each one
}

@test "--status-fd says what the status says" {
	one() {
		bash -c "$cmd --status-fd 3 3>verdict >out"
		[[ $(<verdict) == "{\"program\":\"$f\",\"verdict\":\"ok\",\"findings\":0,\"errors\":0}" ]]
		expect 2 '' "$f --status-fd 3 --nosuch 3>verdict"
		has '"verdict":"trouble"' "$(<verdict)"
		expect 2 '' "$cmd --status-fd 9"
	}
	each one
	bash -c 'validate --schema schema.json --status-fd 3 - <<<"[]" 3>verdict' >out || [[ $? == 1 ]]
	[[ $(<verdict) == '{"program":"validate","verdict":"findings","findings":1,"errors":1}' ]]
}

@test "--fail-on says from which severity on the status is 1" {
	mkfifo pipe
	run -0 pack-backup -O a.tar.zst pipe in.yaml
	run -1 pack-backup -O a.tar.zst --fail-on warning pipe in.yaml
	run -1 pack-backup -O a.tar.zst in.yaml missing
	run -0 pack-backup -O a.tar.zst --fail-on never in.yaml missing
	run -2 pack-backup -O a.tar.zst --fail-on never ../x
}

@test "-q shows errors only, -v notes too" {
	mkfifo pipe
	run -0 --separate-stderr pack-backup -q -O a.tar.zst pipe in.yaml
	[[ -z $stderr ]]
	run -0 --separate-stderr pack-backup -v -O a.tar.zst pipe in.yaml
	has 'note: packed 1 entries' "$stderr"
	has 'pipe: warning:' "$stderr"
}

@test "control bytes in data do not reach the terminal" {
	printf 'a: 1\n' >"$(printf 'x\033[31m\ny')"
	run -2 --separate-stderr config-merge "$(printf 'z\033[31m\ny')"
	hasnt $'\033' "$stderr"
	has 'z\x1b[31m\ny: error: cannot read' "$stderr"
}

@test "a missing file and a folder are trouble that say what to do" {
	expect 2 'missing.yaml: error: cannot read: No such file' 'config-merge missing.yaml'
	expect 2 'is a directory' 'config-merge .'
	expect 2 '<stdin>: error: is a directory' 'config-merge - <.'
}

@test "the bytes do not depend on the number of threads" {
	one() { bash -c "$cmd -j1" >one; bash -c "$cmd -j7" >seven; cmp one seven; }
	each one
}

@test "colours come only when asked for, and not with NO_COLOR" {
	need script
	run -2 --separate-stderr config-merge --color=always missing
	has $'\033[31m' "$stderr"
	run -2 --separate-stderr config-merge missing
	hasnt $'\033' "$stderr"
	need_terminal
	run -0 script -qec 'env -u NO_COLOR config-merge missing; NO_COLOR=1 config-merge missing2; true' /dev/null
	has $'\033[31merror' "$output"
	has 'missing2: error:' "$output"
}
