# SPDX-License-Identifier: MIT
# What every bats suite loads: paths, and golden cases.
# shellcheck shell=bash
bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME" && while [[ ! -e Makefile ]]; do cd ..; done && pwd)
BIN=${INFRAFLUX_BIN:-$ROOT/bin}
PATH=$BIN:$ROOT/bin:$PATH
T=${BATS_TEST_TMPDIR:-}
export ROOT BIN PATH T
export LC_ALL=C.UTF-8 NO_COLOR=1 TZ=UTC
unset INFRAFLUX_PLATFORM

# has TEXT WHAT: fails, and shows WHAT, unless it holds TEXT.
has() {
	[[ $2 == *"$1"* ]] || { printf 'missing: %s\nin: %s\n' "$1" "$2"; return 1; }
}
hasnt() {
	[[ $2 != *"$1"* ]] || { printf 'unexpected: %s\nin: %s\n' "$1" "$2"; return 1; }
}

# need PROGRAM...: skips the test where one is not installed.
need() {
	local p
	for p; do
		command -v "$p" >/dev/null || skip "$p is not installed"
	done
}

# need_terminal: skips the test where there is no pseudo terminal to be had.
need_terminal() {
	need script
	script -qec true /dev/null >/dev/null 2>&1 </dev/null || skip 'there are no pseudo terminals here'
}

# refused POSITION MESSAGE: the last run was trouble of that kind.
refused() {
	[[ $status == 2 ]] || { echo "status $status"; return 1; }
	has "$1: error: " "${stderr:-}"
	has "$2" "${stderr:-}"
}

# golden DIR: runs DIR/cmd (a line of shell, in DIR) and compares with DIR/want, DIR/err (each line a part of standard
# error) and DIR/code (0 if absent).  BLESS=1 rewrites want.
golden() {
	local dir=$1 want=0 status=0
	[[ -e $dir/code ]] && want=$(<"$dir/code")
	(cd "$dir" && bash ./cmd) >"$T/out" 2>"$T/err" </dev/null || status=$?
	[[ $status == "$want" ]] || { echo "status $status, not $want"; cat "$T/err"; return 1; }
	if [[ -n ${BLESS:-} ]]; then cp "$T/out" "$dir/want"; fi
	if [[ -e $dir/want ]]; then diff -u "$dir/want" "$T/out"; fi
	if [[ -e $dir/err ]]; then
		local line
		while IFS= read -r line; do has "$line" "$(<"$T/err")"; done <"$dir/err"
	fi
}

# northstar_repository: the test stands beside a PlatformNorthStar in a repository of its own, $P, which Ann committed.
northstar_repository() {
	need git
	cd "$T" || return
	export INFRAFLUX_STATE=.state INFRAFLUX_PLATFORM=platform GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$T/gitconfig
	git config --global user.name Ann
	git config --global user.email ann@northstar.example
	cp -a "$ROOT/examples/northstar" platform
	P=platform
	git -C "$P" init -q -b main
	commit 'the platform'
}

commit() { git -C "$P" add -A && git -C "$P" commit -q -m "$1"; }
tree() { (cd "$1" && find . -type f ! -path '*/.git/*' -exec sha256sum {} + | sort -k2); }
edit() { config-merge --in-place "${@:2}" "$P/$1"; }
