#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The verbs that work on the platform's own repository: diff, deploy of one application, promote, update, provision, new.
load test_helper

setup() {
	need git
	cd "$T"
	export INFRAFLUX_STATE=.state INFRAFLUX_PLATFORM=platform GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$T/gitconfig
	git config --global user.name Ann
	git config --global user.email ann@northstar.example
	cp -a "$ROOT/examples/northstar" platform
	P=platform
	git -C $P init -q -b main
	commit 'the platform'
}

commit() { git -C $P add -A && git -C $P commit -q -m "$1"; }
as() { git -C $P -c user.name="$1" -c user.email="$1@northstar.example" "${@:2}"; }
tree() { (cd "$1" && find . -type f ! -path '*/.git/*' -exec sha256sum {} + | sort -k2); }
edit() { config-merge --in-place "${@:2}" "$P/$1"; }

# ---- diff ------------------------------------------------------------------------
@test "diff says nothing where nothing changed, and what each change does to every manifest" {
	run -0 --separate-stderr infraflux diff dev
	has '0 added, 0 removed, 0 changed' "$output"
	edit environments/dev.yaml --set monitoring.retention=5d
	rm -r $P/applications/infrastructure-apps/mailpit
	infraflux new apis pay --image ghcr.io/example/pay:1.10 --port 8080 -q
	run -1 --separate-stderr infraflux diff dev
	has '~ argoproj.io/Application argocd/dev-fra1-kube-prometheus-stack' "$output"
	has 'retention: 3d -> 5d' "$output"
	has '- apps/Deployment tools/mailpit' "$output"
	has '+ apps/Deployment apis/pay' "$output"
	has '1 changed' "$stderr"
	[[ ! -e .state/dev ]]
}

@test "diff --since compares with any commit, tag or branch, in each kind of report" {
	git -C $P tag v1
	edit applications/apis/podinfo/values.yaml --set-string image.tag=6.9.1
	commit 'podinfo 6.9.1'
	run -0 infraflux diff prod -q
	run -1 --separate-stderr infraflux diff prod --since v1 --report markdown --report html=change.html --report json=change.json --impact
	has '<code>ghcr.io/stefanprodan/podinfo:6.9.1</code>' "$output"
	[[ $(jq -c .summary change.json) == '{"added":0,"removed":0,"changed":1,"unchanged":'* ]]
	has '<html' "$(<change.html)"
	[[ $(tail -n 1 .state/.infraflux/prod/runs.jsonl | jq -r .since) == "$(git -C $P rev-parse v1)" ]]
	run -2 infraflux diff prod --since nowhere
	has 'no git repository that has "nowhere"' "$output"
}

@test "diff of an environment that is new shows all of it as added" {
	sed 's/prod/qa/g; s/^domain: .*/domain: qa.northstar.example/' $P/environments/prod.yaml >$P/environments/qa.yaml
	sed 's/prod-fra1/qa-fra1/g' $P/clusters/prod-fra1.yaml >$P/clusters/qa-fra1.yaml
	for d in $P/applications/*/*/; do echo '# none' >"$d/values-qa.yaml"; done
	run -1 --separate-stderr infraflux diff qa
	has 'there was no environment qa' "$stderr"
	has ' 0 changed, ' "$(grep ' added' <<<"$output")"
}

# ---- one application -----------------------------------------------------------------
@test "deploy --app changes and prunes within that application only, and its release is whole" {
	infraflux deploy dev -q
	tree .state/dev >before
	edit applications/apis/podinfo/values.yaml --set-string image.tag=6.9.1
	edit applications/apis/podinfo/values-dev.yaml --set monitoring.enabled=false
	edit environments/dev.yaml --set monitoring.retention=5d
	printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: stray\n  namespace: web\n' >.state/dev/stray.yaml
	run -0 --separate-stderr infraflux deploy dev --app podinfo
	has '2 changed, 2 removed' "$stderr"
	[[ -e .state/dev/stray.yaml ]]
	rm .state/dev/stray.yaml
	run -1 diff before <(tree .state/dev)
	run grep -c '/apis/.*podinfo.yaml' <<<"$output"
	[[ $output == 6 ]] # two files changed (old and new line each), two gone
	run -1 grep -rqs 'retention: 5d' .state/dev
	# What is live is the release, and going back is exact.
	infraflux drift dev -q
	run -1 infraflux drift dev --source -q
	infraflux rollback dev -q
	tree .state/dev | diff before -
}

@test "deploy --app of an application that is not there names those that are" {
	run -2 infraflux deploy prod --app mailpit
	has 'no application "mailpit" in prod; there are:' "$output"
	hasnt 'httpbin' "$output"
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
	# An option asks for more, never for less.
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

# ---- update ------------------------------------------------------------------------------
an_index() {
	cat >index.yaml <<-'END'
		images:
		  ghcr.io/stefanprodan/podinfo: [6.8.0, 6.10.0, 6.9.1, 7.0.0, v6.11.0, 6.12.0-rc1]
		  docker.io/library/postgres: [17.5-alpine, 17.7-alpine, 17.9, 18.0-alpine]
		  docker.io/oliver006/redis_exporter: [v1.75.0]
		charts:
		  cilium: [1.19.6, 1.21.0, 1.20.2]
		  longhorn: [1.12.0, 1.13.1]
	END
}

@test "update makes a branch with a commit for each application, edits only versions, and leaves your files alone" {
	an_index
	echo '# not committed' >>$P/README.md
	run -0 --separate-stderr infraflux update --index index.yaml
	has 'podinfo: ghcr.io/stefanprodan/podinfo: 6.9.0 -> 6.10.0  (applications/apis/podinfo/values-dev.yaml); 7.0.0 is there, too, and rules allow minor' "$output"
	has 'longhorn: longhorn: 1.12.1: held: 1.13.1 is there, a minor step, and rules allow patch: volumes follow' "$output"
	has 'main-postgres: docker.io/library/postgres: 17.6-alpine -> 17.7-alpine' "$output"
	has 'not in the index: ' "$output"
	local branch
	branch=$(git -C $P branch --list 'update/*' --format='%(refname:short)')
	has "5 updates on the branch $branch" "$stderr"
	[[ $(git -C $P status --porcelain) == ' M README.md' && $(git -C $P branch --show-current) == main ]]
	[[ $(git -C $P worktree list | wc -l) == 1 ]]
	diff <(git -C $P log --format=%s "main..$branch" | sort) - <<-'END'
		cache: redis_exporter v1.74.0 -> v1.75.0
		cilium: 1.20.1 -> 1.21.0
		main-postgres: postgres 17.6-alpine -> 17.7-alpine
		podinfo: 6.9.0 -> 6.10.0
		postgres-backup: postgres 17.6-alpine -> 17.7-alpine
	END
	# Nothing but versions: comments, order and blank lines stay.
	run git -C $P diff -U0 main "$branch"
	[[ -z $(grep '^[-+] ' <<<"$output" | grep -vE '^[-+] +(image:|tag:|services:|cilium:|version:|- name:) ?' || true) ]]
	# Again it is the same branch; merged, there is nothing left.
	run -0 --separate-stderr infraflux update --index index.yaml
	has "$branch has been made already" "$stderr"
	git -C $P checkout -q README.md
	git -C $P merge -q "$branch"
	run -0 --separate-stderr infraflux update --index index.yaml
	has 'nothing newer that the rules take' "$stderr"
	infraflux deploy dev --dry-run -q
}

@test "update honours pins and the rules of the configuration, and reads a Helm repository's index" {
	mkdir lists
	printf 'apiVersion: v1\nentries:\n  cilium:\n    - {version: 1.21.0, name: cilium}\n    - {version: 1.20.1, name: cilium}\n' >lists/repo.yaml
	printf '{"images": {"ghcr.io/stefanprodan/podinfo": ["7.0.0"]}}' >lists/more.json
	edit environments/defaults.yaml --set 'updates.rules.cilium={pin: 1.20.1, why: the kernel of the hosts}' --set 'updates.rules.podinfo={allow: major, why: ours}'
	commit rules
	run -0 --separate-stderr infraflux update --index lists --dry-run
	has 'cilium: cilium: 1.20.1: held: 1.21.0 is there, but it is pinned to 1.20.1: the kernel of the hosts' "$output"
	has 'podinfo: ghcr.io/stefanprodan/podinfo: 6.9.0 -> 7.0.0' "$output"
	[[ -z $(git -C $P branch --list 'update/*') ]]
	run -0 --separate-stderr infraflux update --index lists --app cilium
	has 'nothing newer' "$stderr"
	run -2 infraflux update --index nowhere
	has 'there is no index nowhere' "$output"
	rm -rf $P/.git
	run -2 infraflux update --index lists
	has 'no git repository' "$output"
}

# ---- provision -----------------------------------------------------------------------------
# providers: OpenTofu with stand-ins for the providers, of which only the schema is there.
providers() {
	PATH=$PATH:${REAL_PREFIX:-$HOME/.cache/infraflux-real}/bin
	need tofu stub-provider
	unset TF_CLI_CONFIG_FILE
	local p dir
	for p in bpg/proxmox/0.90.0 siderolabs/talos/0.11.0; do
		dir=$T/plugins/registry.opentofu.org/$p/linux_$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
		mkdir -p "$dir"
		cp "$(command -v stub-provider)" "$dir/terraform-provider-$(basename "$(dirname "$p")")_v$(basename "$p")"
		cp "$ROOT/tests/cases/northstar/providers/$(basename "$(dirname "$p")").json" "$dir/schema.json"
	done
	export TF_CLI_ARGS_init="-plugin-dir=$T/plugins"
}

@test "provision plans with OpenTofu, applies just that, and finds what somebody changed by hand" {
	providers
	run -1 --separate-stderr infraflux provision dev --plan --report text --report json=plan.json
	has '+ infrastructure/proxmox_virtual_environment_vm module.vms.proxmox_virtual_environment_vm.node["dev-fra1-w-2"]' "$output"
	[[ $(jq -c .summary plan.json) == '{"added":10,'* ]]
	has 'dev-fra1: module.vms.proxmox_virtual_environment_vm.node["dev-fra1-w-2"]: create' "$output"
	has 'would change; the plan is number' "$stderr"
	run -0 --separate-stderr infraflux provision dev --apply
	has 'provision: applied:' "$stderr"
	# (The stand-in knows its nested values after an apply only, each time.)
	run -1 --separate-stderr infraflux provision dev --plan
	has '0 added, 0 removed, 0 changed, 10 unchanged' "$output"
	hasnt 'proxmox' "$output"
	# By hand, in the console of Proxmox.
	local s=.state/.infraflux/dev/tofu/dev-fra1/terraform.tfstate
	jq '(.resources[] | select(.type == "proxmox_virtual_environment_vm").instances[] | select(.index_key == "dev-fra1-w-1").attributes.memory[0].dedicated) = 1024 | .serial += 1' "$s" >s.json
	cp s.json "$s"
	run -1 --separate-stderr infraflux provision dev --plan
	has '~ infrastructure/proxmox_virtual_environment_vm module.vms.proxmox_virtual_environment_vm.node["dev-fra1-w-1"]' "$output"
	has 'dedicated: 1024 -> 6144' "$output"
	hasnt 'vm.node["dev-fra1-w-2"]' "$output"
	# Nobody but the owner reads the state, and no secret of it is in what was said or kept.
	[[ $(stat -c %a .state/.infraflux/dev/tofu/dev-fra1) == 700 && $(stat -c %a "$s") == 600 ]]
	[[ -z $(git -C $P status --porcelain) ]]
	run ! grep -rl '"dedicated"' .state/.infraflux/dev/work
}

@test "a plan for prod is applied when somebody approved of just that plan, outside a freeze" {
	providers
	edit environments/prod.yaml --set 'gates.freezes=[{name: always, from: "2020-01-01 00:00", until: "2099-01-01 00:00"}]'
	commit freeze
	run -1 --separate-stderr infraflux provision prod --apply --cluster prod-fra1
	has 'freeze     REFUSED always' "$(tr -s ' ' <<<"$stderr" | sed 's/^freeze /freeze     /')"
	has 'approvals' "$stderr"
	edit environments/prod.yaml --set 'gates.freezes=[]'
	commit 'no freeze'
	run -1 --separate-stderr infraflux provision prod --apply --cluster prod-fra1
	has 'provision: refused: the plan of prod, by approvals' "$stderr"
	git config --global user.email ben@northstar.example
	infraflux provision prod --approve --cluster prod-fra1 -q
	git config --global user.email cem@northstar.example
	# Another plan was not approved.
	edit environments/prod.yaml --set machines.worker.memory=65536
	run -1 infraflux provision prod --apply --cluster prod-fra1 -q
	git -C $P checkout -q environments
	run -0 --separate-stderr infraflux provision prod --apply --cluster prod-fra1
	has 'provision: applied:' "$stderr"
}

@test "provision without OpenTofu renders, and says what a plan wants" {
	TOFU=nothing-of-that-name run -2 infraflux provision dev --plan
	has 'nothing-of-that-name is not installed' "$output"
	TOFU=nothing-of-that-name run -0 infraflux provision dev
	run -2 infraflux provision dev --cluster dev-hel1
	has 'no cluster dev-hel1; there are: dev-fra1' "$output"
}

# ---- check, and applications that are written ---------------------------------------------------
@test "check says of an environment what would refuse it, policies and the applications' own tests too" {
	infraflux new apis pay --image ghcr.io/example/pay:1.10 --depends cache -q
	run -0 --separate-stderr infraflux check dev
	has 'validation  ok' "$output"
	has 'tests       ok      the tests of 1 applications hold' "$output"
	[[ ! -e .state/dev ]]
	edit applications/apis/pay/values-dev.yaml --set 'networkPolicy={egress: [{ports: [{port: 443}]}]}'
	run -1 --separate-stderr infraflux check dev
	has 'NetworkPolicy apis/pay: may talk to everybody; name it in dependencies [test/pay]' "$stderr"
	has 'tests       REFUSED 1 findings, the first: NetworkPolicy apis/pay' "$output"
	edit environments/staging.yaml --set storage.replicas=none
	run -1 --separate-stderr infraflux check
	has 'environments/staging.yaml' "$(sed -n '/^staging:/,/^prod:/p' <<<"$output")"
	[[ $(grep -c 'validation  ok' <<<"$output") == 2 ]]
}

@test "promote is refused where an application's own test fails" {
	FROM=dev TO=staging
	infraflux new apis pay --image ghcr.io/example/pay:1.10 --port 8080 -q
	a_change
	edit applications/apis/pay/values-staging.yaml --set 'networkPolicy={egress: [{ports: [{port: 443}]}]}'
	commit 'pay may do everything'
	refuses tests 'NetworkPolicy apis/pay: may talk to everybody'
}

@test "new --upgrade takes what the templates changed, keeps what you changed, and marks and refuses what both did" {
	local dir=$P/applications/apis/pay
	infraflux new apis pay --image ghcr.io/example/pay:1.10 --port 8080 -q
	infraflux new apis bill --image ghcr.io/example/bill:2.0 -q
	[[ -e $dir/README.md && -e $dir/tests.jq ]]
	run -0 --separate-stderr infraflux new --upgrade
	has 'pay: 1.1.0 -> 1.1.0: nothing to do' "$stderr"
	# Ours: another description and tests of its own. Theirs: a tier, a new file, and another size.
	sed -i 's/description: .*/description: Takes the money/' $dir/app.yaml
	echo ', (select(.kind == "Ingress") | "is not for the world")' >>$dir/tests.jq
	rm $dir/README.md
	sed -i 's/tier: best-effort/tier: standard/' $P/templates/new/app.yaml
	echo 'monitoring: {enabled: true}' >>$P/templates/new/values.yaml
	echo '# How @NAME@ is run at night.' >$P/templates/new/RUNBOOK.md
	sed -i 's/^version: .*/version: 1.2.0/' $P/charts/northstar-lib/Chart.yaml
	sed -i 's/^## 1.1.0/## 1.2.0\n\n- Mind the gap.\n\n&/' $P/charts/northstar-lib/MIGRATIONS.md
	commit 'a later library'
	run -0 --separate-stderr infraflux new --upgrade --dry-run
	[[ -z $(git -C $P status --porcelain) ]]
	run -0 --separate-stderr infraflux new --upgrade
	has 'pay: 1.1.0 -> 1.2.0: +RUNBOOK.md app.yaml values.yaml' "$stderr"
	has '- Mind the gap.' "$output"
	hasnt 'checksum/secrets' "$output"
	has 'description: Takes the money' "$(<$dir/app.yaml)"
	has 'tier: standard' "$(<$dir/app.yaml)"
	has 'monitoring: {enabled: true}' "$(<$dir/values.yaml)"
	has 'is not for the world' "$(<$dir/tests.jq)"
	[[ ! -e $dir/README.md && $(<$dir/RUNBOOK.md) == '# How pay is run at night.' ]]
	commit upgraded
	run -0 --separate-stderr infraflux new --upgrade
	has 'pay: 1.2.0 -> 1.2.0: nothing to do' "$stderr"
	# Both change the same line.
	sed -i 's/size: small/size: large/' $dir/values.yaml
	sed -i 's/size: small/size: medium/' $P/templates/new/values.yaml
	run -1 --separate-stderr infraflux new --upgrade
	has 'pay: 1.2.0 -> 1.2.0: values.yaml(CONFLICT)' "$stderr"
	has 'bill: 1.2.0 -> 1.2.0: values.yaml' "$stderr"
	has 'size: large' "$(<$dir/values.yaml)"
	has '<<<<<<< yours' "$(<$dir/values.yaml)"
	run ! infraflux deploy dev --dry-run
	has 'applications/apis/pay/values.yaml' "$output"
	run -1 --separate-stderr infraflux new --upgrade pay
	has 'there are conflicts from the last time' "$stderr"
	sed -i '/^<<<<<<< /d; /^=======$/,/^>>>>>>> /d' $dir/values.yaml
	has 'size: large' "$(<$dir/values.yaml)"
	infraflux deploy dev --dry-run -q
	infraflux new --upgrade -q
	run -2 infraflux new --upgrade podinfo
	has 'podinfo was not written by infraflux new' "$output"
}
