# SPDX-License-Identifier: MIT
# What every filter does with the inputs it reads, shown by config-merge: forms, streams, and all that is refused.
load test_helper

setup() {
	cd "$T" || return
}

# reads WANT TEXT ARG...: TEXT (printf's escapes) on standard input gives the JSON lines WANT.
reads() {
	local want=$1 text=$2
	shift 2
	# shellcheck disable=SC2059
	printf "$text" >in
	run --separate-stderr -0 config-merge --each -o jsonl "$@" <in
	[[ $output == "$want" ]] || { printf 'got:  %s\nwant: %s\n%s\n' "$output" "$want" "$stderr"; return 1; }
}

# refuses WANT NAME TEXT: the file NAME of TEXT gives status 2, nothing on standard output, and one line that begins with NAME:WANT.
refuses() {
	local want=$1 name=$2 text=$3
	shift 3
	# shellcheck disable=SC2059
	printf "$text" >"$name"
	run --separate-stderr -2 config-merge "$@" "$name"
	[[ $stderr == "$name"*"$want"* && $stderr != *$'\n'* && -z $output ]] || { printf 'got:  %s\nwant: %s\n' "$stderr" "$name $want"; return 1; }
}

@test "YAML and JSON are told apart by content on standard input" {
	reads '{"a":1}' 'a: 1\n'
	reads '{"a":1}' '{"a": 1}'
	reads '{"a":"b"}' '{a: b}'
	reads '{"a":1}'$'\n''{"b":2}' '{"a":1}\n{"b":2}\n'
	reads '{"a":1}'$'\n''{"b":2}' '{"a":1}\n---\nb: 2\n'
	reads '{"a":1}' '"a": 1\n'
}

@test "--input overrules the file's ending" {
	printf '{a: 1}' >x.json
	run -2 config-merge x.json
	run --separate-stderr -0 config-merge --input=yaml -o jsonl x.json
	[[ $output == '{"a":1}' ]]
}

@test "an empty input is a stream of no documents" {
	reads '' ''
	reads '' '# only a comment\n'
	run --separate-stderr -0 config-merge --each -o jsonl /dev/null
	[[ -z $output$stderr ]]
}

@test "plain scalars mean what they mean to Kubernetes, or to YAML 1.2 when told so" {
	reads '[true,false,511,15,1000,"12:30:45","2001-01-01",null]' '[yes, off, 0777, 0o17, 1_000, 12:30:45, 2001-01-01, ~]'
	reads '["yes","off",777,15,"1_000"]' '[yes, off, 0777, 0o17, 1_000]' --yaml=1.2
}

@test "numbers keep every digit" {
	reads '[1.10,9223372036854775808,0.1000000000000000000001]' '[1.10, 9223372036854775808, 0.1000000000000000000001]'
	reads '[1.10,9223372036854775808,1e2]' '[1.10,9223372036854775808,1e2]' --input=json
}

@test "a byte order mark and UTF-16 YAML are read" {
	reads '{"a":1}' '\xEF\xBB\xBFa: 1\n'
	reads '{"a":1}' '\xEF\xBB\xBF{"a":1}'
	reads '{"a":"é"}' '\xFF\xFEa\x00:\x00 \x00\xE9\x00\n\x00'
}

@test "aliases and merge keys work, an explicit key beats a merged one" {
	reads '{"a":{"p":1,"q":2},"b":{"q":3,"p":1}}' 'a: &a {p: 1, q: 2}\nb:\n  q: 3\n  <<: *a\n'
}

@test "a key that Kubernetes reads as true or false is warned of" {
	printf 'on: 1\n"y": 2\ntrue: 3\n' >x.yaml
	run --separate-stderr -2 config-merge x.yaml
	has 'x.yaml:1:1: warning: ' "$stderr"
	has '[boolean-key]' "$stderr"
	has 'x.yaml:3:1: error: the key "true" was given already' "$stderr"
	run --separate-stderr -0 config-merge --yaml=1.2 -o jsonl x.yaml
	[[ $output == '{"on":1,"y":2,"true":3}' && -z $stderr ]]
}

@test "duplicate keys are errors that give both positions" {
	refuses ':3:1: error: the key "a" was given already at line 1, column 1' x.yaml 'a: 1\nb: 2\na: 3\n'
	refuses ':1:9: error: the key "a" was given already at line 1, column 2' x.json '{"a":1, "a":2}'
	printf 'a: 1\na: 2\n' >x.yaml
	run --separate-stderr -0 config-merge --duplicate-keys=last -o jsonl x.yaml
	[[ $output == '{"a":2}' && $stderr == *'x.yaml:2:1: warning: '*'[duplicate-key]' ]]
}

@test "each mistake in YAML has its place and says what to do" {
	refuses ':2:1: error: a tab cannot indent; use spaces [yaml-syntax]' x.yaml 'a:\n\tb: 1\n'
	refuses ':1:4: error: the quote opened here is never closed' x.yaml 'a: "b\n'
	refuses ':1:4: error: expected "," or "]"' x.yaml 'a: [b\nc: d\n'
	refuses ':1:5: error: a ": " cannot stand here' x.yaml 'a: b: c\n'
	refuses ':1:4: error: the alias *b has no anchor' x.yaml 'a: *b\n'
	refuses ':1:8: error: the alias *x stands inside its own anchor' x.yaml 'a: &x [*x]\n'
	refuses ':1:3: error: a map cannot be the key of a map' x.yaml '? {a: b}\n: c\n'
	refuses 'error: the tag !!foo is not one of YAML'\''s' x.yaml 'a: !!foo b\n'
	refuses ':1:4: error: not valid UTF-8 (byte 0xFF at offset 3)' x.yaml 'a: \xFF\n'
	refuses ':1:4: error: the control character U+0001' x.yaml 'a: \x01\n'
	refuses 'error: the file is UTF-32' x.yaml '\xFF\xFE\x00\x00a\x00\x00\x00'
}

@test "each mistake in JSON has its place and says what to do" {
	refuses ':1:8: error: expected a key after the comma' x.json '{"a":1,}'
	refuses ':2:3: error: expected a value, not "/"; JSON has no comments' x.json '[1,\n  // no\n 2]'
	refuses ':1:2: error: expected a key in double quotes, not "'"'"'"; JSON quotes with "' x.json "{'a': 1}"
	refuses ':1:2: error: a number has no leading zeros' x.json '[01]'
	refuses ':1:2: error: "NaN" is no JSON value' x.json '[NaN]'
	refuses ':1:3: error: half of a surrogate pair' x.json '["\\ud800"]'
	refuses ':1:4: error: the input ends within the list that begins at line 1, column 1' x.json '[1,'
	refuses ':1:3: error: not valid UTF-8 (byte 0xFF at offset 2)' x.json '["\xFF"]'
	refuses 'error: the file is UTF-16; convert it' x.json '\xFF\xFE[\x00]\x00'
}

@test "aliases that expand without end are refused at once, with little memory" {
	{
		echo 'a0: &a0 [x, x, x, x, x, x, x, x, x]'
		for i in {1..12}; do
			echo "a$i: &a$i [$(printf "*a$((i - 1)), %.0s" {1..9})x]"
		done
	} >bomb.yaml
	# the sanitizers take address space of their own
	[[ $BIN == *san* ]] || ulimit -v 300000
	run --separate-stderr -2 timeout 10 config-merge -o jsonl bomb.yaml
	has 'aliases expand to more than 10000000 values' "$stderr"
	printf 'a: &a [1, 2, 3]\nb: [*a, *a]\n' >x.yaml
	run --separate-stderr -2 config-merge --max-nodes=10 x.yaml
	has 'x.yaml:2:9: error: ' "$stderr"
	has '[alias-bomb]' "$stderr"
}

@test "1,000 levels are read, 1,001 are refused" {
	printf '[%.0s' {1..1000} >deep.json
	printf ']%.0s' {1..1000} >>deep.json
	run -0 config-merge -o yaml deep.json
	printf '[%s]' "$(<deep.json)" >deeper.json
	run --separate-stderr -2 config-merge deeper.json
	has 'deeper.json:1:1001: error: lists and maps are nested more than 1000 deep' "$stderr"
	cp deeper.json deeper.yaml
	run --separate-stderr -2 config-merge deeper.yaml
	has 'deeper.yaml:1:1001: error: ' "$stderr"
}

@test "missing files and folders are named" {
	run --separate-stderr -2 config-merge no-such.yaml
	has 'no-such.yaml: error: cannot read: No such file' "$stderr"
	mkdir d
	run --separate-stderr -2 config-merge d
	has 'd: error: is a directory' "$stderr"
}

@test "control bytes of the input never reach the terminal" {
	printf '"\\e[31mred": 1\n"\\e[31mred": 2\n' >x.yaml
	run --separate-stderr -2 config-merge x.yaml
	hasnt $'\e' "$stderr"
	has 'red' "$stderr"
}

@test "a stream is read document by document, in the memory of one" {
	need awk
	# 200,000 documents, 11 MB, in 200 MB of address space, most of it libraries
	awk 'BEGIN { for (i = 0; i < 200000; i++) printf "---\nname: item-%d\nspec: {a: [1, 2, 3], b: text}\n", i }' >big.yaml
	[[ $BIN == *san* ]] || ulimit -v 200000
	config-merge --each -j 1 -o jsonl big.yaml >out
	[[ $(wc -l <out) == 200000 && $(tail -n 1 out) == '{"name":"item-199999","spec":{"a":[1,2,3],"b":"text"}}' ]]
}

@test "a read that fails is trouble, never an end of the input" {
	run --separate-stderr -2 bash -c 'config-merge <&-'
	has '<stdin>: error: cannot read' "$stderr"
	run --separate-stderr -2 bash -c 'validate -k <&-'
	has '<stdin>: error: cannot read' "$stderr"
	[[ -r /proc/self/mem ]] || skip "there is no file here that fails to be read"
	run --separate-stderr -2 config-merge /proc/self/mem
	has 'cannot read: Input/output error' "$stderr"
	run --separate-stderr -2 config-merge --input=json /proc/self/mem
	has 'cannot read: Input/output error' "$stderr"
}

@test "a pipe that another program set not to block is waited for" {
	need perl
	# shellcheck disable=SC2016
	run --separate-stderr -0 perl -MFcntl -e 'pipe(R, W); fcntl(R, F_SETFL, O_NONBLOCK);
		if (!fork) { close R; select(undef, undef, undef, 0.2); syswrite W, "a: 1\n"; exit }
		close W; open STDIN, "<&", \*R; exec @ARGV' config-merge
	[[ $output == "a: 1" ]]
}

@test "standard input named twice is trouble, not an empty second input" {
	local c
	printf 'a: 1\n' >a.yaml
	for c in 'config-merge - -' 'config-merge --merge-patch=- -' 'render -f - -' 'render -f - -f - a.yaml' 'validate --schema=- -' 'validate --schema=-'; do
		run --separate-stderr -2 bash -c "echo '{}' | $c"
		has 'name - only once' "$stderr"
	done
	run --separate-stderr -2 bash -c "config-merge --matrix=e=a,b -O 'x-\${e}.yaml' - <a.yaml"
	has 'standard input cannot be one' "$stderr"
	run --separate-stderr -2 bash -c "config-merge --matrix=e=a,b -O 'x-\${e}.yaml' <a.yaml"
	has 'standard input cannot be one' "$stderr"
}

# A stream of 2 MB, with what looks like a document's beginning and is none, of which FILE is the middle.
large_stream() {
	awk 'BEGIN { for (i = 0; i < 9000; i++) printf "---\nname: item-%d\ntext: |\n  ---\n  # no document\nspec: {a: [1, 2, 3], b: \"x\n  --- y\"}\n", i }' >half
	awk 'BEGIN { for (i = 0; i < 9000; i++) printf "{\"name\": \"item-%d\", \"text\": \"a {}\\n{}\", \"spec\": {\"a\": [1, 2, 3], \"b\": [{}, {}]}}\n", i }' >half.jsonl
	cat half "$1" half >cut.yaml
	cat half.jsonl "$2" half.jsonl >cut.jsonl
}

@test "a large stream that is cut for several threads reads as if it were not: documents, positions, errors" {
	local yaml json in
	yaml=('a: 1' $'--- |\n  text\n---\nb: 2' $'a: "x\n--- y"' 'a: [1,' $'a: 1\na: 2' $'a: 1\n...\n%TAG ! tag:x,2000:\n---\nb: !c d' $'a: 1\n...\n%YAML 1.9' '{"a": 1}' $'\tb: 1')
	json=('{"a": 1}' $'[\n{"a": 1}\n,\n{"b": 2}\n]' $'{"a": 1\n{"b": 2}' '{"a": 1, "a": 2}' $'---\na: b' '"x"' 'null' $'{\n"a": 1\n}\n' '# c')
	for i in "${!yaml[@]}"; do
		printf -- '---\n%s\n' "${yaml[i]}" >middle
		printf '%s\n' "${json[i]}" >middle.json
		large_stream middle middle.json
		for in in cut.yaml cut.jsonl; do
			run --separate-stderr config-merge --each -j 1 -o jsonl "$in"
			one=$status$stderr documents=$([[ $status == 2 ]] || md5sum <<<"$output")
			run --separate-stderr config-merge --each -j 3 -o jsonl "$in"
			[[ $one == "$status$stderr" && $documents == "$([[ $status == 2 ]] || md5sum <<<"$output")" ]]
			run --separate-stderr config-merge --each -j 1 -o jsonl - <<<"$(<"$in")"
			one=$status$stderr
			run --separate-stderr bash -c "cat $in | config-merge --each -j 3 -o jsonl"
			[[ $one == "$status$stderr" && $documents == "$([[ $status == 2 ]] || md5sum <<<"$output")" ]]
		done
	done
}
