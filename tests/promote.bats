#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# promote and its gates; approvals, freezes, soak.
load test_helper

setup() {
	northstar_repository
}

# ---- promote: each gate ---------------------------------------------------------------
# a_change: dev runs podinfo 6.9.1, committed and deployed.
a_change() {
	infraflux deploy dev -q
	edit applications/apis/podinfo/values-dev.yaml --set-string image.tag=6.9.1
	commit 'podinfo 6.9.1'
	infraflux deploy dev -q
}
# to_prod: staging has run 6.9.1 for two days.
to_prod() {
	edit applications/apis/podinfo/values-staging.yaml --set-string image.tag=6.9.1
	edit environments/prod.yaml --set gates.freezes=[]
	commit 'podinfo 6.9.1 in staging'
	infraflux deploy staging -q
	aged staging '2 days ago'
}
aged() { # ENV TIME: when its release was made
	local f
	f=$(echo ".state/.infraflux/$1"/releases/*1.json)
	jq --arg t "$(date -u -d "$2" +%FT%TZ)" '.time = $t' "$f" >f.json && mv f.json "$f"
}
# refuses GATE TEXT [OPTION]...: a promotion from $FROM to $TO is refused by just GATE, and changes nothing.
refuses() {
	run -1 --separate-stderr infraflux promote "$FROM" "$TO" --commit "${@:3}"
	has "promote: refused: $FROM to $TO, by $1" "$stderr"
	[[ $(grep -c ' REFUSED ' <<<"$stderr") == 1 ]] || { echo "$stderr"; return 1; }
	has "$2" "$stderr"
	[[ -z $(git -C $P tag -l "$TO/*") ]]
	! grep -qs 6.9.1 "$P/applications/apis/podinfo/values-$TO.yaml" || return 1
}

@test "promote takes a version along, commits it, tags it, and says which gates let it pass" {
	FROM=dev TO=staging
	a_change
	run -0 --separate-stderr infraflux promote dev staging --dry-run
	[[ $(awk '$2 == "ok"' <<<"$output" | wc -l) == 8 ]]
	[[ -z $(git -C $P status --porcelain) ]]
	run -0 --separate-stderr infraflux promote dev staging --commit
	has 'applications/apis/podinfo/values-staging.yaml: image.tag: 6.9.0 -> 6.9.1' "$output"
	has 'tagged staging/v1' "$stderr"
	[[ -z $(git -C $P status --porcelain) ]]
	has 'Promotion: dev to staging, changes' "$(git -C $P log -1 --format=%B)"
	[[ $(git -C $P show --stat --format= HEAD | wc -l) == 2 ]]
	# A version is a tag that diff and git know.
	run -1 infraflux diff staging --since staging/v1~1 -q
	run -0 infraflux diff staging --since staging/v1 -q
	run -0 --separate-stderr infraflux promote dev staging
	has 'has the versions of dev already' "$stderr"
	# Services travel, too; and the next tag has the next number.
	edit environments/dev.yaml --set-string services.longhorn.version=1.12.2
	commit 'longhorn 1.12.2'
	infraflux deploy dev -q
	infraflux promote dev staging --commit -q
	[[ $(git -C $P tag -l 'staging/*' | paste -sd' ') == 'staging/v1 staging/v2' ]]
	has 'version: 1.12.2' "$(<$P/environments/staging.yaml)"
}

@test "promote of an application that is not there is no promotion of nothing" {
	run -2 infraflux promote dev staging --app cache,podnfo
	has 'no application "podnfo"' "$output"
}

@test "promote is refused where versions do not travel" {
	FROM=dev TO=prod
	a_change
	run -1 --separate-stderr infraflux promote dev prod --dry-run
	has 'order       REFUSED' "$output"
	has 'dev > staging > prod' "$output"
}

@test "promote is refused while the source is not deployed, or has drifted" {
	FROM=dev TO=staging
	edit applications/apis/podinfo/values-dev.yaml --set-string image.tag=6.9.1
	commit 'podinfo 6.9.1'
	refuses deployed 'dev was never deployed'
	infraflux deploy dev -q
	edit environments/dev.yaml --set monitoring.retention=5d
	refuses deployed 'has changes that are not deployed there'
	git -C $P checkout -q .
	sed -i 's/^  replicas: .*/  replicas: 7/' "$(grep -rl '^kind: Deployment' .state/dev | head -n 1)"
	run -1 --separate-stderr infraflux promote dev staging --dry-run
	has 'drift       REFUSED dev has drifted from its release 1' "$output"
}

@test "promote is refused until the source has run long enough" {
	FROM=dev TO=staging
	a_change
	refuses soak 'of the 2h that staging wants' --soak 2h
	infraflux promote dev staging --soak 2h --dry-run --at '3 hours' -q
	FROM=staging TO=prod
	to_prod
	aged staging '23 hours ago'
	run -1 --separate-stderr infraflux promote staging prod --dry-run
	has 'soak        REFUSED what is handed on has run for 23h0m of the 24h that prod wants' "$output"
	# An option asks for more, never for less; one that is no time does not ask for nothing.
	run -2 --separate-stderr infraflux promote staging prod --dry-run --soak 25
	has '"25" is no time; write 90m, 12h or 2d' "$stderr"
	hasnt ' ok ' "$output"
	run -1 --separate-stderr infraflux promote staging prod --dry-run --soak 1m
	has 'soak        REFUSED' "$output"
}

@test "promote is refused in a freeze, by the time zone of the configuration" {
	FROM=dev TO=staging
	a_change
	edit environments/staging.yaml --set 'gates={timeZone: America/New_York, freezes: [{name: weekend, from: "Fri 16:00", until: "Mon 08:00"}, {name: sale, from: "2026-11-26 00:00", until: "2026-11-28 00:00"}]}'
	commit 'freezes'
	local at word
	while read -r word at; do
		run infraflux promote dev staging --dry-run --at "$at"
		[[ $(awk '$1 == "freeze" { print $2 }' <<<"$output") == "$word" ]] || { echo "$at"; echo "$output"; return 1; }
	done <<-'END'
		ok 2026-12-04 20:59 UTC
		REFUSED 2026-12-04 21:00 UTC
		REFUSED 2026-12-07 12:59 UTC
		ok 2026-12-07 13:00 UTC
		REFUSED 2026-11-26 05:00 UTC
		REFUSED 2026-07-03 20:00 UTC
	END
	edit environments/staging.yaml --set 'gates={freezes: [{name: always, from: "2020-01-01 00:00", until: "2099-01-01 00:00"}]}'
	commit 'no more'
	refuses freeze 'always, until 2099-01-01 00:00 (Europe/Berlin)'
	edit environments/staging.yaml --set gates.timeZone=Mars/Olympus
	run -2 infraflux promote dev staging --dry-run
	has 'no time zone' "$output"
}

@test "gate tells of an environment by itself whether it is frozen" {
	run -1 infraflux gate prod --at '2026-12-05 12:00 UTC'
	has 'freeze      REFUSED weekend, until Mon 08:00 (Europe/Berlin)' "$output"
	run -0 infraflux gate prod --at '2026-12-08 12:00 UTC'
	has 'freeze      ok      no freeze at Tue 2026-12-08 13:00 Europe/Berlin' "$output"
	run -2 infraflux gate nowhere
	run -2 infraflux gate prod --since yesterdy
	has '--since wants a time, not "yesterdy"' "$output"
	run -2 infraflux gate prod --approve
	has '--approve wants --id' "$output"
}

@test "promote to prod is refused without the approval of somebody who may, and is no author" {
	FROM=staging TO=prod
	to_prod
	refuses approvals '0 of 1'
	run -2 infraflux promote staging prod --approve
	has 'ann@northstar.example wrote what is to be approved' "$output"
	git config --global user.email eve@northstar.example
	run -2 infraflux promote staging prod --approve
	has 'eve@northstar.example is no approver of prod' "$output"
	# A tag made by hand by one who may not counts no more.
	local id
	id=$(infraflux promote staging prod --dry-run 2>&1 | sed -n 's/.*the changes are number //p')
	git -C $P tag -a -m 'trust me' "approval/prod/$id/eve"
	refuses approvals 'eve@northstar.example is no approver'
	git config --global user.email ann@northstar.example
	git -C $P tag -a -m 'trust me' "approval/prod/$id/ann"
	refuses approvals 'ann@northstar.example is an author'
	git config --global user.email ben@northstar.example
	run -0 infraflux promote staging prod --approve
	has 'image.tag: 6.9.0 -> 6.9.1' "$output"
	# Who promotes does not approve, and other changes were not approved.
	refuses approvals 'ben@northstar.example is an author'
	git config --global user.email cem@northstar.example
	edit applications/apis/podinfo/values-staging.yaml --set-string image.tag=6.9.2
	commit 'something else'
	run -1 infraflux promote staging prod --dry-run
	has 'approvals   REFUSED 0 of 1' "$output"
	git -C $P reset -q --hard HEAD~1
	run -0 infraflux promote staging prod --commit --quiet
	has 'Approved-by: ben@northstar.example' "$(git -C $P log -1 --format=%B)"
	[[ $(git -C $P tag -l 'prod/*') == prod/v1 ]]
}

@test "where approvals are wanted, what is promoted is in git" {
	FROM=staging TO=prod
	to_prod
	echo '# a note' >>$P/README.md
	git config --global user.email ben@northstar.example
	infraflux promote staging prod --approve -q
	git config --global user.email cem@northstar.example
	refuses committed 'not in git: README.md'
	rm -rf $P/.git
	run -1 infraflux promote staging prod --dry-run
	has 'committed   REFUSED platform is in no git repository' "$output"
}

@test "an approval counts only with a valid signature where the configuration says so" {
	need ssh-keygen
	FROM=staging TO=prod
	edit environments/prod.yaml --set gates.signed=true
	to_prod
	ssh-keygen -q -t ed25519 -N '' -C ben -f key
	ssh-keygen -q -t ed25519 -N '' -C other -f other
	git config --global gpg.format ssh
	git config --global gpg.ssh.allowedSignersFile "$T/signers"
	echo "ben@northstar.example $(<key.pub)" >signers
	git config --global user.email ben@northstar.example
	git config --global user.signingkey "$T/other.pub"
	infraflux promote staging prod --approve -q
	git config --global user.email cem@northstar.example
	refuses approvals 'the signature of ben@northstar.example is not valid'
	git -C $P tag -d "$(git -C $P tag -l 'approval/*')" >/dev/null
	git config --global user.email ben@northstar.example
	git config --global user.signingkey "$T/key.pub"
	infraflux promote staging prod --approve -q
	git config --global user.email cem@northstar.example
	infraflux promote staging prod --dry-run -q
}

@test "promote is refused where the new versions do not validate, or break a policy" {
	FROM=dev TO=staging
	a_change
	edit applications/apis/podinfo/values-staging.yaml --set-string image.repository=stefanprodan/podinfo
	commit 'an image from anywhere'
	refuses policy 'Deployment apis/podinfo: image stefanprodan/podinfo:6.9.1 of container podinfo has no registry, or no fixed tag [policy/pods]'
	edit applications/apis/podinfo/values-staging.yaml --delete image --set-string replicas=many
	commit 'no number'
	refuses validation 'values-staging.yaml:'
}

@test "promote is refused where an application's own test fails" {
	FROM=dev TO=staging
	infraflux new apis pay --image ghcr.io/example/pay:1.10 --port 8080 -q
	a_change
	edit applications/apis/pay/values-staging.yaml --set 'networkPolicy={egress: [{ports: [{port: 443}]}]}'
	commit 'pay may do everything'
	refuses tests 'NetworkPolicy apis/pay: may talk to everybody'
}
