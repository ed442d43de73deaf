#!/usr/bin/env bats
# The pipelines, run on the real platform with dir: and git: targets.
load test_helper

setup() {
	cd "$T"
	export INFRAFLUX_STATE=.state
	P=$ROOT/examples/northstar
}

# A copy of the platform that a test may change.
own_platform() {
	cp -a "$ROOT/examples/northstar" "$T/platform"
	P=$T/platform
}

flux() { infraflux "$@" --platform "$P"; }
metric() { sed -n "s/^infraflux_$2{.*} //p" ".state/.infraflux/dev/metrics/infraflux_$1.prom"; }

@test "a dry run of deploy shows the plan and writes nothing to the target" {
	run -0 --separate-stderr flux deploy dev --dry-run
	has 'dry run' "$stderr"
	[[ ! -e .state/dev ]]
	[[ ! -e .state/.infraflux/dev/runs.jsonl ]]
}

@test "deploy lands every object as a file, then verify and drift are clean, and a second deploy changes nothing" {
	run -0 --separate-stderr flux deploy dev
	has 'deploy: dev -> dir:.state/dev' "$stderr"
	has 'is at release 1' "$stderr"
	[[ $(find .state/dev -name '*.yaml' | wc -l) -gt 20 ]]
	flux verify dev
	flux drift dev
	tree .state/dev >before
	run -0 --separate-stderr flux deploy dev
	has 'release 1: 0 changed, 0 removed' "$stderr"
	tree .state/dev | diff before -
}

@test "a change by hand is drift with its path, and the next deploy takes it back" {
	flux deploy dev -q
	tree .state/dev >before
	local f
	f=$(grep -rl '^kind: Deployment' .state/dev | head -n 1)
	sed -i 's/^  replicas: .*/  replicas: 99/' "$f"
	run -1 --separate-stderr flux drift dev
	has replicas "$output"
	run -1 flux verify dev
	has 'live       FAIL' "$output"
	flux deploy dev -q
	tree .state/dev | diff before -
}

@test "an object that nobody released is drift, and deploy removes it" {
	flux deploy dev -q
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: stray\n  namespace: web\n' >.state/dev/stray.yaml
	run -1 flux drift dev
	has 'not ours: stray.yaml' "$output"
	run -0 --separate-stderr flux deploy dev
	has '1 removed' "$stderr"
	[[ ! -e .state/dev/stray.yaml ]]
}

@test "pruning stops above --max-prune and keeps Namespaces without --prune-all" {
	flux deploy dev -q
	local i
	for i in 1 2 3; do printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: stray-%s\n' $i >.state/dev/stray-$i.yaml; done
	printf 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: precious\n' >.state/dev/ns.yaml
	run -2 flux deploy dev --max-prune 2
	has '3 objects would be removed' "$output"
	[[ -e .state/dev/stray-1.yaml ]]
	run -0 flux deploy dev
	has 'kept (--prune-all removes them): ns.yaml' "$output"
	[[ -e .state/dev/ns.yaml && ! -e .state/dev/stray-1.yaml ]]
	flux deploy dev --prune-all -q
	[[ ! -e .state/dev/ns.yaml ]]
}

@test "a rollback is exact, to the byte, and is a release of its own" {
	own_platform
	flux deploy dev -q
	tree .state/dev >first
	run -2 flux rollback dev
	has 'release 1 of dev is its first' "$output"
	sed -i 's/retention: 3d/retention: 5d/' "$P/environments/dev.yaml"
	flux deploy dev -q
	tree .state/dev >second
	run -1 diff first second
	run -0 --separate-stderr flux rollback dev
	has 'release 3, which is release 1 again' "$stderr"
	tree .state/dev | diff first -
	flux rollback dev 2 -q
	tree .state/dev | diff second -
	run -0 flux rollback dev --list
	[[ ${#lines[@]} -eq 4 ]]
	run -2 flux rollback dev 77
	has 'no release 77' "$output"
}

@test "a backup is recovered elsewhere, byte by byte, and into an emptied target" {
	flux deploy dev -q
	flux backup dev -q
	flux recover dev --to dir:elsewhere -q
	diff -r .state/dev elsewhere
	run -2 flux recover dev
	has 'replace them with --yes' "$output"
	tree .state/dev >before
	rm -rf .state/dev
	flux recover dev -q
	tree .state/dev | diff before -
	flux verify dev
}

@test "a damaged backup is never recovered from, and verify says so" {
	flux deploy dev -q
	flux backup dev -q
	local archive
	archive=$(echo .state/.infraflux/dev/backups/*.tar.zst)
	printf 'X' | dd of="$archive" bs=1 seek=2000 conv=notrunc status=none
	run ! flux recover dev --to dir:elsewhere
	[[ ! -e elsewhere ]]
	run -1 flux verify dev
	has 'backup     FAIL' "$output"
}

@test "a run that finds the lock taken names its owner, leaves metrics, and can wait" {
	flux deploy dev -q
	exec 8>>.state/.infraflux/dev/lock
	flock -n 8
	echo 'backup of somebody@somewhere' >.state/.infraflux/dev/lock.owner
	run -2 --separate-stderr flux deploy dev
	has 'dev is locked by backup of somebody@somewhere' "$stderr"
	has '--wait-lock' "$stderr"
	[[ $(metric deploy run_locked) == 1 ]]
	[[ $(metric deploy last_success_timestamp_seconds) -gt 0 ]]
	run -2 flux deploy dev --wait-lock 1
	(sleep 2 && true) &
	exec 8>&-
	flux deploy dev --wait-lock 20 -q
	[[ $(metric deploy run_locked) == 0 ]]
}

@test "who gives up waiting for the lock leaves what the other run has alone" {
	flux deploy dev -q
	exec 8>>.state/.infraflux/dev/lock
	flock -n 8
	echo 'deploy of somebody' >.state/.infraflux/dev/lock.owner
	mkdir -p .state/.infraflux/dev/work/deploy
	echo theirs >.state/.infraflux/dev/work/deploy/10-config.yaml
	run -143 timeout --preserve-status -s TERM 4 infraflux deploy dev --platform "$P" --wait-lock 60
	has 'waiting for deploy of somebody' "$output"
	[[ $(<.state/.infraflux/dev/lock.owner) == 'deploy of somebody' ]]
	[[ $(<.state/.infraflux/dev/work/deploy/10-config.yaml) == theirs ]]
}

@test "Ctrl-C ends the whole of a run, not one step of it" {
	need perl
	ln -s "$BIN"/* .
	rm pack-backup
	# The terminal interrupts all programs of the group.
	printf '#!/bin/sh\ntrap : INT\nkill -INT 0\nsleep 0.2\nexec %s/pack-backup "$@"\n' "$BIN" >pack-backup
	chmod +x pack-backup
	local interrupt='$SIG{INT} = "DEFAULT"; setpgrp; exec @ARGV'
	INFRAFLUX_BIN=$T run -130 perl -e "$interrupt" infraflux run --platform "$P"
	[[ ! -e .state/.infraflux/staging && ! -e .state/.infraflux/prod && ! -e .state/.infraflux/dev/lock.owner ]]
	INFRAFLUX_BIN=$T run -130 perl -e "$interrupt" infraflux deploy dev --platform "$P"
	[[ $(jq -s '.[-1].status' .state/.infraflux/dev/runs.jsonl) == 130 ]]
	[[ ! -e .state/dev && ! -e .state/.infraflux/dev/work/deploy && ! -e .state/.infraflux/dev/lock.owner ]]
}

@test "what fails without a word of its own is trouble, and no finding" {
	flux deploy dev -q
	INFRAFLUX_STATE=/dev/null/x run -2 flux drift dev
	[[ -w /dev/full ]] || skip 'there is no /dev/full'
	run -2 bash -c 'infraflux drift dev --platform "$0" >/dev/full' "$P"
}

@test "a target whose files are not ours alone is not taken for an empty one" {
	flux deploy dev -q
	printf 'a: 1\n---\nb: 2\n' >.state/dev/two.yaml
	tree .state/dev >before
	run -2 --separate-stderr flux deploy dev --app podinfo
	has 'a file in .state/dev does not hold just one object' "$stderr"
	hasnt 'added' "$output"
	tree .state/dev | diff before -
}

@test "in the folder of the platform itself every verb works, and takes none of its own files along" {
	own_platform
	cd "$P"
	config-merge --in-place --set-string image.tag=6.10.0 applications/apis/podinfo/values-dev.yaml
	export INFRAFLUX_PLATFORM=.
	infraflux deploy dev -q
	run -0 timeout 300 infraflux promote dev staging -k
	[[ -d .state/.infraflux/staging/work/promote/platform/applications && ! -e .state/.infraflux/staging/work/promote/platform/.state ]]
	infraflux deploy dev --target dir:out -q
	infraflux backup dev --target dir:out --to backups -q
	sleep 1
	infraflux backup dev --target dir:out --to backups -q
	local packed=(backups/dev-*.tar.zst)
	run -0 restore --list "${packed[1]}"
	has platform/policies/pods.jq "$output"
	has platform/environments/dev.yaml "$output"
	run ! grep -E '^platform/(\.state|out|backups)' <<<"$output"
}

@test "a platform need not have charts, definitions or applications" {
	mkdir -p small/{environments,schemas,templates,platform}
	printf 'kubernetes: {version: 1.37.2}\ntarget: dir:lab\n' >small/environments/defaults.yaml
	echo 'environment: lab' >small/environments/lab.yaml
	echo '{}' >small/schemas/config.schema.json
	echo '[]' >small/templates/releases.yaml
	P=small
	run -0 flux check lab
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "${.environment}", namespace: web}\n' >small/platform/objects.yaml
	flux deploy lab -q
	has 'name: lab' "$(cat lab/objects/web/ConfigMap/lab.yaml)"
	flux drift lab
	flux backup lab -q
	run -0 flux verify lab
	has 'valid      ok' "$output"
	run -0 flux status
	has 'lab          1' "$output"
}

@test "old backups go, but the newest, and those of another environment" {
	flux deploy dev -q
	mkdir all
	local f
	for f in dev-20200101T000000Z dev-20200102T000000Z dev-eu-20200101T000000Z dev-notes; do
		: >all/$f.tar.zst
		touch -d '2020-01-02' all/$f.tar.zst
	done
	flux backup dev --to all --keep-days 30 -q
	[[ ! -e all/dev-20200101T000000Z.tar.zst && ! -e all/dev-20200102T000000Z.tar.zst ]]
	[[ -e all/dev-eu-20200101T000000Z.tar.zst && -e all/dev-notes.tar.zst && $(find all -name 'dev-2*' | wc -l) == 1 ]]
	touch -d '2020-01-02' all/dev-2*
	flux backup dev --to all --keep-days 30 -q
	[[ $(find all -name 'dev-2*' | wc -l) == 1 ]]
}

@test "every run leaves a record and metrics, successful or not" {
	flux deploy dev -q
	run -2 flux rollback dev 9
	run -0 jq -rs 'map("\(.verb) \(.outcome) \(.status)") | join(", ")' .state/.infraflux/dev/runs.jsonl
	[[ $output == 'deploy ok 0, rollback trouble 2' ]]
	[[ $(metric deploy run_status) == 0 ]]
	[[ $(metric rollback run_status) == 2 ]]
	[[ $(metric rollback last_success_timestamp_seconds) == 0 ]]
}

@test "a mistake in a layer is refused at its own line, before anything renders" {
	own_platform
	sed -i 's/^domain: .*/domain: 42/' "$P/environments/dev.yaml"
	local line
	line=$(grep -n '^domain:' "$P/environments/dev.yaml" | cut -d: -f1)
	run -1 --separate-stderr flux deploy dev
	has "environments/dev.yaml:$line:" "$output$stderr$(cat .state/.infraflux/dev/work/deploy/11-config.report)"
	[[ ! -e .state/dev ]]
}

@test "no environment, a wrong one, an unknown option and an unknown verb are usage errors that name what there is" {
	run -2 flux deploy
	has 'dev staging prod' "$output"
	local e
	for e in mars defaults ../dev; do
		run -2 flux deploy "$e"
		has "no environment \"$e\"" "$output"
		has 'dev staging prod' "$output"
	done
	run -2 flux deploy dev staging
	has 'too many arguments: staging' "$output"
	run -2 flux rollback dev 1 2
	has 'too many arguments: 2' "$output"
	run -2 flux deploy dev --frobnicate
	has 'unknown option --frobnicate' "$output"
	run -2 infraflux frobnicate
	has 'deploy' "$output"
	run -2 infraflux deploy dev --platform "$T"
	has 'no platform repository' "$output"
}

@test "a git target gets a commit for each deploy, none when nothing changed, and a commit for a rollback" {
	own_platform
	git init -q --bare -b main repo.git
	flux deploy dev --target git:repo.git#rendered/dev -q
	[[ $(git -C repo.git rev-list --count rendered/dev) == 1 ]]
	git -C repo.git ls-tree -r --name-only rendered/dev >files1
	[[ $(wc -l <files1) -gt 20 ]]
	local first
	first=$(git -C repo.git rev-parse rendered/dev^{tree})
	# A branch whose name ends alike is another.
	flux deploy dev --target git:repo.git#dev -q
	[[ $(git -C repo.git rev-list --count dev) == 1 ]]
	run -2 flux deploy dev --target git:nowhere.git#dev
	has 'cannot reach the repository nowhere.git' "$output"
	flux deploy dev --target git:repo.git#rendered/dev -q
	[[ $(git -C repo.git rev-list --count rendered/dev) == 1 ]]
	sed -i 's/retention: 3d/retention: 5d/' "$P/environments/dev.yaml"
	flux deploy dev --target git:repo.git#rendered/dev -q --note 'keep metrics longer'
	[[ $(git -C repo.git log -1 --format=%s rendered/dev) == 'keep metrics longer' ]]
	flux drift dev --target git:repo.git#rendered/dev
	flux rollback dev --target git:repo.git#rendered/dev -q
	[[ $(git -C repo.git rev-list --count rendered/dev) == 3 ]]
	[[ $(git -C repo.git rev-parse rendered/dev^{tree}) == "$first" ]]
}

@test "a Secret with plain data does not go to git" {
	own_platform
	git init -q --bare repo.git
	printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: naked, namespace: web}\nstringData: {password: hunter2}\n' >"$P/platform/zz-secret.yaml"
	run -2 flux deploy dev --target git:repo.git#rendered
	has 'web/naked' "$output"
	hasnt hunter2 "$output"
	run ! git -C repo.git rev-parse -q --verify rendered
}

@test "kill -9 at 20 points leaves a target that the next deploy brings to the same end, and never half a file" {
	own_platform
	flux deploy dev -q
	tree .state/dev >old
	cp -a .state/dev old.d
	sed -i 's/retention: 3d/retention: 5d/; s/keepDays: 3/keepDays: 4/' "$P/environments/dev.yaml"
	flux deploy dev -q
	tree .state/dev >new
	cp -a .state/dev new.d
	run -1 diff old new
	local t0=$EPOCHREALTIME took i f
	rm -rf .state
	flux deploy dev -q
	took=$(awk -v a="$t0" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
	for i in {1..20}; do
		rm -rf .state
		mkdir -p .state
		cp -a old.d .state/dev
		setsid bash -c 'exec infraflux deploy dev -q --platform "$0"' "$P" >/dev/null 2>&1 3>&- &
		local pid=$!
		sleep "$(awk -v t="$took" -v i="$i" 'BEGIN { print t * i / 20 }')"
		kill -9 -- "-$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		while IFS= read -r f; do
			cmp -s ".state/dev/$f" "old.d/$f" || cmp -s ".state/dev/$f" "new.d/$f" || { echo "point $i: half a file: $f"; return 1; }
		done < <(cd .state/dev && find . -name '*.yaml' ! -path '*/.*/*' -type f)
		flux deploy dev -q --wait-lock 20
		tree .state/dev | diff new - || { echo "point $i"; return 1; }
	done
}

@test "provision renders machines for every node, and its plan shows just what changed" {
	own_platform
	run -0 flux provision dev
	has '+ dev-fra1/terraform.tfvars.json' "$output"
	[[ -s .state/.infraflux/dev/provision/dev-fra1/dev-fra1-cp-1.yaml ]]
	jq -e . .state/.infraflux/dev/provision/dev-fra1/terraform.tfvars.json
	run -0 flux provision dev
	has ' 0 changed' "$output"
	sed -i 's/memory: 6144/memory: 7168/' "$P/environments/dev.yaml"
	run -0 flux provision dev
	has '~ dev-fra1/terraform.tfvars.json' "$output"
	has 7168 "$output"
	hasnt 'dev-fra1-cp-1.yaml' "$output"
}

@test "promote gives the next environment the versions, changing their bytes alone" {
	own_platform
	local app=applications/apis/podinfo
	config-merge --in-place --set-string image.tag=6.10.0 "$P/$app/values-dev.yaml"
	flux deploy dev -q
	cp -a "$P" before
	run -0 --separate-stderr flux promote dev staging
	has "$app/values-staging.yaml: image.tag: 6.9.0 -> 6.10.0" "$output"
	run -1 diff -r before "$P"
	[[ $(grep -c '^[<>]' <<<"$output") == 2 ]]
	run -0 --separate-stderr flux promote dev staging
	has 'has the versions of dev already' "$stderr"
	# Back at the base's version the override goes, and its comment stays.
	config-merge --in-place --delete image "$P/$app/values-dev.yaml"
	flux deploy dev -q
	flux promote dev staging
	[[ $(<"$P/$app/values-staging.yaml") == "$(<before/$app/values-staging.yaml)"$'\n{}' ]]
}

@test "status shows releases, drift and backups" {
	flux deploy dev -q
	flux backup dev -q
	flux drift dev -q
	run -0 flux status
	has dev "$output"
	has "dev-20" "$output"
	run -0 flux status dev --json
	[[ $(jq -r '"\(.release) \(.drift)"' <<<"$output") == '1 ok' ]]
	run -0 flux status --names
	[[ $output == $'dev\nstaging\nprod' ]]
}

@test "run does the main job for every environment and writes its table and its page" {
	run -0 --separate-stderr flux run
	has staging "$output"
	hasnt FAILED "$output"
	has 'everything fine' "$(<.state/report.html)"
	[[ $(jq -s 'map(select(.status == 0)) | length' .state/.infraflux/run/steps.jsonl) == 21 ]]
	diff -r .state/prod .state/.infraflux/run/prod-recovered
}

@test "a dry run of run changes nothing, and its options are those of each step" {
	run -0 --separate-stderr flux run --dry-run
	has '150 added' "$output"
	has 'provision: dry run:' "$output"
	[[ ! -e .state/dev && ! -e .state/report.html && ! -e .state/.infraflux/dev/runs.jsonl && ! -e .state/.infraflux/dev/provision ]]
	run -2 flux run --target dir:all
	has '--target is of one environment' "$output"
	run -0 flux run dev --target dir:one
	[[ -d one/objects && ! -e .state/dev ]]
	has 'dir:one' "$(<.state/report.html)"
}

@test "run goes on with the others when one environment fails, and its status says so" {
	own_platform
	sed -i 's/^domain: .*/domain: 42/' "$P/environments/dev.yaml"
	run --separate-stderr flux run
	[[ $status == 1 ]]
	has FAILED "$output"
	has 'provision of dev ended with status 1' "$stderr"
	[[ -d .state/prod && -d .state/staging && ! -d .state/dev ]]
}

@test "progress shows on a terminal, and nowhere else" {
	need_terminal
	run -0 script -qec "infraflux deploy dev --platform $P" /dev/null
	has '#' "$(tr -d '\r' <<<"$output" | grep -o 'deploy dev \[#*-*\] [a-z]*' | head -n 1)"
	has $'\033[K' "$output"
	run -0 --separate-stderr flux deploy dev
	hasnt $'\033' "$stderr"
}

@test "every pipeline answers --help with its usage and the common options" {
	local v
	for v in "$ROOT"/pipelines/*; do
		[[ -x $v ]] || continue
		run -0 infraflux "${v##*/}" --help
		has "Usage: infraflux ${v##*/}" "$output"
		has '--wait-lock' "$output"
		hasnt shellcheck "$output"
	done
	run -0 infraflux help
	has rollback "$output"
}
