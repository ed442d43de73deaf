#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# validate --secrets: every form of token, the places of passwords, what is none, what no message shows.
load test_helper

setup() {
	cd "$T" || return 1
}

secrets() { # VALIDATE'S ARGUMENTS: rule and path of each finding
	validate --secrets --no-rule ambiguous-scalar --fail-on never --report jsonl "$@" >found.jsonl || return
	jq -r '[.rule, .path] | @tsv' found.jsonl | tr '\t' ' '
}

@test "every form of token is found: as a value, in a text, in the data of a Secret; and every rule has a form here" {
	local cases=$ROOT/tests/cases/validate
	python3 "$cases/tokens.py" "$cases/tokens.txt" 5 >in.yaml
	[ "$(wc -l <in.yaml)" -gt 800 ]
	secrets in.yaml >/dev/null
	cat >compare.py <<-'P'
		import json
		want = [json.loads(l[2:])["rule"] for l in open("in.yaml")]
		found = {}
		for f in map(json.loads, open("found.jsonl")):
		    found.setdefault(int(f["path"].split("/")[-2]), []).append(f["rule"])
		wrong = [(i, w, found.get(i)) for i, w in enumerate(want) if found.get(i) != [w]]
		assert not wrong, wrong
	P
	python3 compare.py
	jq -R -c '.[2:] | fromjson | {rule, value: ("# the manual\na: 1, \(.value)\nand more")}' in.yaml | sed 's/^/- /' >text.yaml
	secrets text.yaml >/dev/null
	python3 compare.py
	jq -R -c '.[2:] | fromjson | {apiVersion: "v1", kind: "Secret", metadata: {name: "a"}, data: {x: (.value | @base64)}}' in.yaml | sed 's/^/- /' |
		cat <(printf 'apiVersion: v1\nkind: List\nitems:\n') - >data.yaml
	secrets data.yaml >/dev/null
	sed -i 's|"/")\[-2\]|"/")[2]|' compare.py
	python3 compare.py
	# what has a rule is in the list, but for the two that go by names alone
	run -0 --separate-stderr validate --secrets --no-rule 'secret/*' --coverage in.yaml
	[[ $stderr =~ secrets:.*'turned off: '([^$'\n']*) ]]
	diff <(tr -d ' ' <<<"${BASH_REMATCH[1]}" | tr , '\n' | grep -v high-entropy | sort -u) <(grep -v '^#' "$cases/tokens.txt" | sed 's/ .*//; s,^,secret/,' | sort -u)
}

@test "what documents show in the place of a token is none" {
	cat >in.yaml <<-'Y'
		- ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
		- ghp_1234567890abcdefghijklmnopqrstuvwxyz
		- glpat-xxxxxxxxxxxxxxxxxxxx
		- glpat-abcdefghij1234567890
		- dop_v1_0000000000000000000000000000000000000000000000000000000000000000
		- xoxb-your-token-goes-here-please
		- https://user:password@host/x postgres://app:${PW}@db/x postgres://app:$(PW)@db/x https://u:{{pw}}@h/x mysql://$USER:$PASS@h/ rtsp://v:{PASSWORD}@h/
		- "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nMIIC0DCCAbigAwIBAgIUI7zMIIC0DCCAbigAwIBAgIUI7zMIIC0DCC\n"
		- eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c
		- LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUMwRENDQWJpZ0F3SUJBZ0lVSTd6TUlJQzBEQ0NBYmlnQXdJQkFnSVVJN3o=
		- 'if password == other: token := os.Getenv("TOKEN1"); password = input(); token=$(cat /x1); sha256=3b7f8c9d0e1f2a3b4c5d6e7f'
		- '{"login": {"password": "the new password", "passwordLabel": "Kennwort"}, "token": null}'
	Y
	run -0 --separate-stderr secrets in.yaml
	[ -z "$output" ] || { echo "$output"; return 1; }
}

@test "names that speak about a credential, hashes, references, variables tell nothing" {
	cat >in.yaml <<-'Y'
		about: {passwordFile: /run/x1, tokenURL: a9b8c7, passwordPolicy: strong8, passwordEnv: DB_PW1, passwordKey: pw1x, tokenTTL: 3600s, passwordSecret: db-9-login,
		  passwordLength: 32aa, tokenName: abc-1234-defg-5678-hijk, existingPasswordSecret: foo9, checksum/secret: 3b7f8c9d0e1f2a3b4c5d6e7f8091a2b3, publicToken: 9d0e1f2a3b4c5d6e7f8091a2b3}
		hashes: {password: $2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy, htpasswd: 'ann:$apr1$ab$cdefgh', bindPassword: '{SSHA}abcdefghijk', token: 'sha256:3b7f8c9d0e1f2a3b4c5d6e7f'}
		references: [{password: 'op://v/i/f'}, {password: 'ref+vault://x/y#z'}, {password: 'ssm:/prod/db'}, {password: '{cipher}AQB3'}, {password: <path:secret/data/db#pw>}]
		variables: [{password: $DB_PW}, {password: '%DB_PW%'}, {password: '#{pw}#'}, {password: '{DB_PW}'}, {password: __DB_PW__}, {password: '@PW@'}, {password: <% pw %>}]
		words: [{password: none}, {password: '********'}, {password: password}, {token: oauth2-proxy-cache-k8s}, {secret: northstar-prod-cache-auth}]
	Y
	run -0 --separate-stderr secrets in.yaml
	[ -z "$output" ] || { echo "$output"; return 1; }
}

@test "passwords are found under every name that tells, in lists, headers, texts, JSON and on command lines" {
	cat >in.yaml <<-'Y'
		- {DB_PASS: abcdefgh}
		- {smtpPass: abcdefgh}
		- {password1: abcd, x_password: <half, y_password: '!bang9'}
		- {token: /x8Qf3Lk9+Zt1Vb7Np2Rs5Wd4Yh6Jm0Ec8Ga3Ki}
		- {token: d8cwfa.eyvpi0xwxyarbfid}
		- {passwords: [hunter2], tokens: [q8Zr2LmX0vB4nT7yKc1w]}
		- {auth: bG9naW46aHVudGVyMng=}
		- {headers: [{name: X-Api-Key, value: q8Zr2LmX0vB4nT7yKc1w}, {name: Authorization, value: Basic bG9naW46aHVudGVyMng=}]}
		- '{"auths":{"r":{"username":"u","password":"correcthorse"}}}'
		- PGPASSWORD=hunter2x psql -c 'select 1'
		- mysqldump -psT7yKc1w db
		- {secrets: {web: q8Zr2LmX0vB4nT7yKc1w}}
		- postgres://todo:hunter2@todo-db/todo
	Y
	run -0 --separate-stderr secrets in.yaml
	for want in 'password /0/DB_PASS' 'password /1/smtpPass' 'password /2/password1' 'password /2/x_password' 'password /2/y_password' 'high-entropy /3/token' \
		'high-entropy /4/token' 'password /5/passwords/0' 'high-entropy /5/tokens/0' 'registry-auth /6/auth' 'high-entropy /7/headers/0/value' \
		'basic-auth /7/headers/1/value' 'password /8' 'password /9' 'password /10' 'high-entropy /11/secrets/web' 'url-password /12'; do
		has "secret/$want"$'\n' "$output"$'\n'
	done
	[ "${#lines[@]}" = 17 ]
}

@test "all credentials of a value are told, one of them accepted or not" {
	printf 'app.conf: |\n  key AKIA%s\n  password = hunt3r-two\n  key AKIA%s\n' QYLPMN5HHHFPZAM2 QYLPMN5HHHFPZAM3 >in.yaml
	run -0 --separate-stderr secrets in.yaml
	[ "$(jq -r .line found.jsonl | sort | xargs)" = '2 3 4' ]
	validate --secrets --fail-on never --secrets-baseline-out base.yaml in.yaml >/dev/null
	[ "$(grep -c 'hash:' base.yaml)" = 3 ]
	printf '  key AKIA%s\n' QYLPMN5HHHFPZAM4 >>in.yaml
	run -0 --separate-stderr secrets --secrets-baseline base.yaml in.yaml
	[ "$(jq -r .line found.jsonl)" = 5 ]
}

@test "Secrets in lists, kubeconfigs, templates of ExternalSecrets, what is under no name, in no base64" {
	cat >in.yaml <<-Y
		apiVersion: v1
		kind: List
		items:
		- {apiVersion: v1, kind: Secret, metadata: {name: one}, data: {password: $(base64 <<<hunter2), plain_password: 'hunter2raw!', note: aGVsbG8=, x: $(printf q8Zr2LmX0vB4nT7yKc1w | base64)}}
		- {apiVersion: v1, kind: Secret, metadata: {name: two}, stringData: {password: correct horse battery, host: s3.eu-central-1.amazonaws.com, bucket: prod-k8s-backups-2024, id: 3f2b8c1d-9e4a-4c6b-8d7e-0a1b2c3d4e5f}}
		- {apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: three}, spec: {data: [{secretKey: password, remoteRef: {key: db9-x, property: password}}], target: {template: {data: {password: hunter2}}}}}
		- {apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: four}, spec: {encryptedData: {password: AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq0JqYSFV1xW9sP1kQm2Wd8r7Tn5Yh}}}
	Y
	sed -i "s|$(base64 <<<hunter2)|$(printf hunter2 | base64)|" in.yaml
	run -0 --separate-stderr secrets in.yaml
	diff - <(echo "$output") <<-'W'
		secret/password /items/0/data/password
		secret/password /items/0/data/plain_password
		secret/high-entropy /items/0/data/x
		secret/password /items/1/stringData/password
		secret/password /items/2/spec/target/template/data/password
	W
	[ "$(jq -r '.object.name' found.jsonl | uniq | xargs)" = 'one two three' ]
}

@test "a comment at the beginning of a block of text accepts what is in it" {
	cat >in.yaml <<-'Y'
		data:
		  # infraflux:ignore secret/password of the lab
		  one: |
		    [db]
		    password = hunt3r-two
		  two: | # infraflux:ignore secret/* of the lab
		    [db]
		    password = hunt3r-two
		  three: |
		    password = hunt3r-two
	Y
	run -0 --separate-stderr secrets in.yaml
	[ "$output" = 'secret/password /data/three' ]
}

@test "no rule shows a value of a Secret, or what is under a name that tells" {
	cat >in.yaml <<-'Y'
		apiVersion: v1
		kind: Secret
		metadata: {name: a}
		stringData: {p: 04711471, q: 4_711_471, r: 47:11:47, s: 4711e4}
		---
		apiVersion: v1
		kind: List
		items:
		- {apiVersion: v1, kind: Secret, metadata: {name: b}, stringData: {p: 0o4711471, q: {r: 04711471}}}
		- apiVersion: apps/v1
		  kind: Deployment
		  metadata: {name: d}
		  spec:
		    selector: {matchLabels: {a: b}}
		    template:
		      metadata: {labels: {a: b}}
		      spec: {containers: [{name: c, image: i, env: [{name: DB_PASSWORD, value: 4711471}, {name: TOKENS, value: 04711471}, {name: PORT, value: 0815}]}]}
	Y
	for option in -q -v --explain --references; do
		run -1 --separate-stderr validate -k --secrets $option --report sarif=r.sarif --report json=r.json --report text in.yaml
		hasnt 4711 "$output$stderr$(cat r.json r.sarif)"
		has '0815' "$output"
	done
	[ "$(grep -c 'not shown' r.json)" -ge 7 ]
	echo '{"properties": {"adminPassword": {"enum": ["x"]}, "replicas": {"enum": [1]}}}' >s.json
	run -1 --separate-stderr validate -s s.json <<<'{adminPassword: hunter2, replicas: 3}'
	hasnt hunter2 "$output"
	has 'found integer 3' "$output"
}

@test "a baseline that is none is trouble, at its place" {
	echo 'a: 1' >in.yaml
	printf 'salt: "00112233445566778899aabbccddeeff"\naccepted:\n- {rule: secret/jwt, file: a, hash: %s}\n' "$(printf 'z%.0s' {1..40})" >base.yaml
	run -2 --separate-stderr validate --secrets --secrets-baseline base.yaml in.yaml
	has 'base.yaml:3:3: error: an entry has a rule, a file and a hash of 40 hexadecimal digits' "$stderr"
}

@test "texts made to be searched for ever are searched in bounded time" {
	python3 - <<-'P'
		import json
		for i, part in enumerate(["password=", "a=b password=", 'password: "', "curl x ", "mysql x ", "://a:", "eyJaaaaaaaaaaaa.", "-----BEGIN RSA PRIVATE KEY-----\n", '"auth": "aaaaaa']):
		    json.dump({"x": part * (1000000 // len(part))}, open(f"{i}.json", "w"))
	P
	run timeout 60 validate --secrets --fail-on never ./*.json
	[ "$status" = 0 ]
}

@test "tokens in comments are found in files, accepted by a comment or a baseline, and texts with # are no comments" {
	local token
	token=$(python3 "$ROOT/tests/cases/validate/tokens.py" <(echo 'github-token {crc:ghp_}') 1 | jq -R -r '.[2:] | fromjson.value')
	printf '# old: %s\na: 1 # %s\nb: |\n  # %s\nc: "x # %s"\n' "$token" "$token" "$token" "$token" >in.yaml
	run -1 --separate-stderr validate --secrets in.yaml
	[ "$(grep -o '^in.yaml:[0-9]*' <<<"$output" | sort -u | tr '\n' ' ')" = "in.yaml:1 in.yaml:2 in.yaml:4 in.yaml:5 " ]
	[ "$(grep -c 'in a comment' <<<"$output")" = 2 ]
	[[ $output$stderr != *"$token"* ]]
	validate --secrets --fail-on never --secrets-baseline-out=known.yaml in.yaml >/dev/null
	run -0 --separate-stderr validate --secrets --secrets-baseline=known.yaml in.yaml
	[[ $output$stderr != *error* ]]
	printf '# infraflux:ignore secret/github-token gone\n# old: %s\na: 1\n' "$token" >in.yaml
	run -0 --separate-stderr validate --secrets in.yaml
	[[ $output$stderr != *error* && $output$stderr != *unused* ]]
	sed -i 1d in.yaml
	run -1 --separate-stderr validate --secrets in.yaml
}

token() { # a GitHub or npm token with its right checksum
	python3 - "$1" <<-'P'
		import sys, zlib
		body = "".join("abcdefghijklmnopqrstuvwxyzABCD"[(i * 7) % 30] for i in range(30))
		digits, n, out = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", zlib.crc32(body.encode()), ""
		for _ in range(6):
		    n, r = divmod(n, 62)
		    out = digits[r] + out
		print(sys.argv[1] + "_" + body + out)
	P
}

@test "--secrets finds credentials, and never shows them" {
	local github npm aws key=PRIVATE
	github=$(token ghp) npm=$(token npm) aws=AKIA$(printf 'QYLPMN5HHHFPZAM2')
	{
		printf 'a: "%s"\nb: "%s"\nc: "%s"\n' "$github" "$npm" "$aws"
		printf 'password: hunter2\nurl: postgres://app:s3cr3tpw@db:5432/x\n'
		printf 'key: |\n  -----BEGIN RSA %s KEY-----\n  MIIEowIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun\n' $key
		printf 'env: [{name: API_TOKEN, value: q8Zr2LmX0vB4nT7yKc1w}]\n'
	} >in.yaml
	run -1 --separate-stderr validate --secrets in.yaml
	for want in 'in.yaml:1:4: error: a GitHub token' 'in.yaml:2:4: error: an npm token' 'in.yaml:3:4: error: an AWS access key' \
		'in.yaml:4:11: error: the value of "password"' 'in.yaml:5:6: error: a password in a URL' 'in.yaml:7:1: error: a private key' \
		'in.yaml:9:32: error: the value of "API_TOKEN"'; do
		has "$want" "$output"
	done
	for value in "$github" "$npm" "$aws" hunter2 s3cr3tpw MIIEow q8Zr2L; do
		hasnt "$value" "$output"
	done
}

@test "--secrets passes examples, templates, references and encrypted values" {
	cat >in.yaml <<-'Y'
		aws: AKIAIOSFODNN7EXAMPLE
		github: ghp_abcdefghijklmnopqrstuvwxyzABCDEF0123
		password: ${DB_PASSWORD}
		passwordFile: /run/secrets/db
		existingSecretPassword: ""
		secretName: database-credentials-production
		tokenTTL: 3600s
		db: {password: 'ENC[AES256_GCM,data:p673w==,iv:YY=,type:str]', url: 'postgres://app:${PW}@db/x'}
		rootPassword: "{{ .Values.password }}"
		adminPassword: changeme
		env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: a, key: b}}}]
	Y
	run -0 --separate-stderr validate --secrets in.yaml
	[ -z "$output" ]
}

@test "the data of a Secret is looked at decoded" {
	printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {password: %s, note: aGVsbG8=}\n' "$(printf hunter2 | base64)" >in.yaml
	run -1 --separate-stderr validate -k --secrets --report json in.yaml
	has '"secret/password"' "$output"
	has '"path":"/data/password"' "$output"
	has '"kind":"Secret"' "$output"
	[ "$(grep -c '"rule"' <<<"$output")" = 1 ]
}

@test "tokens with a checksum are found where it fits, and only there" {
	local token
	python3 - >in.yaml <<-'P'
		import zlib, struct
		def bech32(hrp, data):
		    digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
		    values = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp] + data + [0] * 6
		    chk = 1
		    for v in values:
		        top = chk >> 25
		        chk = (chk & 0x1ffffff) << 5 ^ v
		        for i, g in enumerate([0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]):
		            chk ^= g if (top >> i) & 1 else 0
		    chk ^= 1
		    return hrp + "1" + "".join(digits[d] for d in data + [(chk >> 5 * (5 - i)) & 31 for i in range(6)])
		age = bech32("age-secret-key-", [(i * 11 + 3) % 32 for i in range(52)]).upper()
		glsa = "glsa_" + "".join("ABCdefGHIjklMNO123"[(i * 5) % 18] for i in range(32))
		glsa += "_" + struct.pack("<I", zlib.crc32(glsa.encode())).hex()
		for name, good in (("age", age), ("grafana", glsa)):
		    bad = good[:-1] + ("0" if good[-1] != "0" else "1" if name == "grafana" else "Q")
		    print(f"{name}Good: '{good}'\n{name}Bad: '{bad}'")
	P
	run -1 --separate-stderr validate --secrets in.yaml
	has 'in.yaml:1:10: error: an age key' "$output"
	has 'in.yaml:3:14: error: a Grafana token' "$output"
	[ "$(grep -c 'error:' <<<"$output")" = 2 ]
}

@test "--secrets finds passwords in lines, arguments and connection strings, at their line" {
	cat >in.yaml <<-'Y'
		apiVersion: v1
		kind: ConfigMap
		metadata: {name: a}
		data:
		  app.ini: |
		    [db]
		    user = app
		    password = hunt3r-two
		    # password = ignored-1
		    token = os.getenv("TOKEN1")
		  dsn: "Server=db;User=app;Password=hunt3r;"
		args: [--user=app, --password=hunt3r, --api-token, q8Zr2LmX0vB4nT7yKc1w, --password-file, /run/x1]
		keys: {password: wiki}
		passwordKey: admin-pass1
	Y
	run -1 --separate-stderr validate --secrets in.yaml
	has 'in.yaml:8:1: error: the value of "password"' "$output"
	has 'in.yaml:11:8: error: a password in a connection string' "$output"
	has 'in.yaml:12:20: error: the value of "--password"' "$output"
	has 'in.yaml:12:52: error: the value of "api-token"' "$output"
	[ "$(grep -c 'error:' <<<"$output")" = 4 ]
	hasnt hunt3r "$output"
}

@test "a baseline accepts credentials by hash, tells what is stale, and holds no value" {
	printf 'password: hunter2\nother: {password: hunter2}\n' >in.yaml
	run -1 --separate-stderr validate --secrets --secrets-baseline-out base.yaml in.yaml
	hasnt hunter2 "$(cat base.yaml)"
	[ "$(grep -c 'hash:' base.yaml)" = 2 ]
	run -0 --separate-stderr validate --secrets --secrets-baseline base.yaml in.yaml
	[ -z "$output" ]
	sed -i 's/^- rule/- reason: of the lab\n  rule/' base.yaml
	# a moved line stays accepted; another value, or the same one once more, is not
	printf '# moved\nother: {password: hunter2}\npassword: hunter3\nthird: {password: hunter2}\nfourth: {password: hunter2}\n' >in.yaml
	run -1 --separate-stderr validate --secrets --secrets-baseline base.yaml --secrets-baseline-out base.yaml in.yaml
	[ "$(grep -c 'secret/password' <<<"$output")" = 2 ]
	[ "$(grep -c 'of the lab' base.yaml)" = 2 ]
	run -0 --separate-stderr validate --secrets --secrets-baseline base.yaml in.yaml
	echo 'a: 1' >in.yaml
	run -0 --separate-stderr validate --secrets --secrets-baseline base.yaml in.yaml
	has 'base.yaml:4:3: warning: this accepted finding (secret/password in in.yaml) is not there any more' "$output"
	echo 'a: 1' >else.yaml
	run -0 --separate-stderr validate --secrets --secrets-baseline base.yaml else.yaml
	[ -z "$output" ]
	run -2 --separate-stderr validate --secrets --secrets-baseline in.yaml in.yaml
	run -2 --separate-stderr validate -k --secrets-baseline base.yaml in.yaml
}
