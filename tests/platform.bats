#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The verbs that work on the platform's own repository: diff, deploy of one application, update, provision, check, new.
load test_helper

# Each test has a platform of its own to change.
setup() {
	northstar_repository
}

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
	# The state may lie anywhere.
	INFRAFLUX_STATE=$BATS_FILE_TMPDIR/elsewhere run -0 --separate-stderr infraflux update --index lists --app cilium
	has 'nothing newer' "$stderr"
	[[ $(git -C $P worktree list | wc -l) == 1 ]]
	run -2 infraflux update --index lists --app cillium
	has 'no application "cillium"' "$output"
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

@test "a policy that does not run refuses; it has not found that all is well" {
	mkdir -p $P/policies
	echo '.spec | if then' >$P/policies/broken.jq
	run -1 --separate-stderr infraflux check dev
	has 'policy      REFUSED policies/broken.jq is no program that jq runs over every object' "$output"
	rm $P/policies/broken.jq
	echo '"found" | halt_error' >$P/policies/halts.jq
	run -1 infraflux check dev -q
	has 'policies/halts.jq is no program' "$output"
	printf '#!/bin/sh\ncase "$*" in *--secrets*) kill -9 $$ ;; esac\nexec %s/validate "$@"\n' "$BIN" >validate
	chmod +x validate
	rm $P/policies/halts.jq
	ln -s "$BIN"/* . 2>/dev/null || true
	INFRAFLUX_BIN=$T run -1 infraflux check dev -q
	has 'references and credentials could not be looked at (status 137)' "$output"
}
