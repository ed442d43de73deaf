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
