#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# validate: plain scalars that are read differently.
# shellcheck disable=SC2154
load validate_helper

@test "a plain scalar that YAML's versions read differently is a warning" {
	printf 'a: no\nb: 0777\nc: 12:30\nd: "no"\ne: true\nf: 10\n' >in.yaml
	run -0 --separate-stderr validate --secrets in.yaml
	has 'in.yaml:1:4: warning: Kubernetes reads no as false, YAML 1.2 as the string "no"' "$output"
	has 'in.yaml:2:4: warning: Kubernetes reads 0777 as the number 511, YAML 1.2 as the number 777' "$output"
	has 'in.yaml:3:4: warning: Kubernetes and YAML 1.2 read 12:30 as a string, some readers of YAML 1.1 as the number 750 (to base 60)' "$output"
	[ "$(grep -c warning: <<<"$output")" = 3 ]
	printf '[1_000, on, 1e3, Yes, 0o17, 1:30:00, 10e4]\n' >list.yaml
	run -0 --separate-stderr validate --secrets list.yaml
	has 'Kubernetes reads 1_000 as the number 1000, YAML 1.2 as the string "1_000"' "$output"
	has 'Kubernetes reads on as true, YAML 1.2 as the string "on"' "$output"
	has 'Kubernetes and YAML 1.2 read 1e3 as the number 1000, YAML 1.1 as a string' "$output"
	has '1:30:00 as a string, some readers of YAML 1.1 as the number 5400' "$output"
	run -1 validate --secrets --fail-on warning in.yaml
	run -0 --separate-stderr validate --secrets --no-rule ambiguous-scalar in.yaml
	[ -z "$output" ]
}

@test "what is said of an ambiguous scalar is what its readers do" {
	reads() { # SCALAR TEXT (none: no warning)
		run -0 --separate-stderr validate --secrets <<<"- $1"
		if [ -n "$2" ]; then has "$2" "$output"; else [ -z "$output" ]; fi
	}
	reads -0777 'Kubernetes reads -0777 as the number -511, YAML 1.2 as the number -777;'
	reads +0777 'Kubernetes reads +0777 as the number 511, YAML 1.2 as the number 777;'
	reads 007 'Kubernetes and YAML 1.2 read 007 as the number 7: its zeros are lost;'
	reads 08 'read 08 as the number 8: its zeros are lost'
	reads 0X1F 'Kubernetes reads 0X1F as the number 31, YAML 1.2 as the string "0X1F"'
	reads 1e400 'Kubernetes reads 1e400 as the string "1e400", YAML 1.2 as the number 1e400'
	reads 190:20:30 'as the number 685230 (to base 60)'
	reads 7e11 'as the number 700000000000, YAML 1.1 as a string'
	reads y 'Kubernetes reads y as true, YAML 1.2 as the string "y"'
	for plain in 0o17 0x1F .5 '~' Null = '<<' 2001-12-14 +1 infinity .inf 1.10 nO 12:61 1:234 -0 5. true; do
		reads "$plain" ''
	done
}

@test "a schema that takes a scalar as one thing only leaves nothing to warn about" {
	echo '{"properties": {"s": {"type": "string"}, "b": {"type": "boolean"}, "t": {"type": "string"}, "n": {"type": "number"}, "i": {"type": "integer"}}}' >s.json
	run -0 --separate-stderr validate -s s.json <<<'{b: on, t: 12:30, "n": 1e3}'
	[ -z "$output" ]
	run -1 --separate-stderr validate -s s.json <<<$'s: no\ni: 0777\nother: on'
	has 'found boolean no; quote it: "no"' "$output"
	has '<stdin>:2:4: warning: Kubernetes reads 0777' "$output"
	has '<stdin>:3:8: warning: Kubernetes reads on' "$output"
	[ "$(grep -c '^<stdin>' <<<"$output")" = 3 ]
	sed -E '/resources|limits/d; s|image:.*|&\n        tty: yes\n      volumes: [{name: a, configMap: {name: a, defaultMode: 0644}}]|' web.yaml >in.yaml
	run -0 --separate-stderr validate -k in.yaml
	[ -z "$output" ]
	sed -i 's/tty: yes/env: [{name: A, value: off}]/' in.yaml
	run -1 --separate-stderr validate -k in.yaml
	[ "$(grep -c 'in.yaml:' <<<"$output")" = 1 ]
}

@test "a plain key that Kubernetes reads as something else is a warning, which a comment may accept" {
	printf '0777: a\n1.10: b\n404: c\n"010": d\non: e\nx: {1e3: f} # infraflux:ignore number-key a code\n' >in.yaml
	run -0 --separate-stderr validate --secrets in.yaml
	has 'in.yaml:1:1: warning: the key 0777 is "511" to Kubernetes' "$output"
	has 'in.yaml:2:1: warning: the key 1.10 is "1.1" to Kubernetes' "$output"
	has 'in.yaml:5:1: warning: the key on is "true" to Kubernetes' "$output"
	[ "$(grep -c 'in.yaml:' <<<"$output")" = 3 ]
	run -0 --separate-stderr validate --secrets --no-rule '*-key' - <in.yaml
	[ -z "$output" ]
	run -0 --separate-stderr validate --secrets --yaml=1.2 --no-rule ambiguous-scalar in.yaml
	hasnt 'the key' "$output"
}
