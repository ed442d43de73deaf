# SPDX-License-Identifier: MIT
# render --argocd against the real Argo CD: its ApplicationSet controller makes the Applications, its repository server the
# manifests, its application controller says which objects they are and where.  What differs on purpose, and is put aside here:
# - Argo CD adds argocd.argoproj.io/tracking-id to each object (render: none), and an owner to each Application of a set;
# - it leaves empty fields of an Application's spec out: "", false, 0, {} and []; render keeps them as they were written;
# - its repository server leaves objects without a namespace as they are: its controller gives them one later, render does at once;
# - of an object that is there twice the repository server gives both; the controller and render take the last.
# What Argo CD does and render refuses is jsonnet, plugins, and files by http.
load ../test_helper

setup_file() {
	export WORK=$BATS_FILE_TMPDIR
	local program tree
	PATH=${PEERS:-$HOME/.cache/peers}/bin:$PATH
	for program in argocd argocd-server miniredis helm3 kustomize unshare python3; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
	mkdir -p "$WORK/path" "$WORK/www/charts"
	ln -s "$(command -v helm3)" "$WORK/path/helm"
	ln -s "$(command -v kustomize)" "$WORK/path/kustomize"
	fixture "$WORK/fixture"
	northstar "$WORK/northstar"
	(cd "$WORK/www/charts" && for c in "$WORK"/charts/*/ "$ROOT/tests/cluster/argocd/charts/"*/; do
		"$WORK/path/helm" package "$c" >/dev/null
	done && "$WORK/path/helm" repo index . --url http://127.0.0.1/charts)
	local -a outside=(unshare --net)
	((UID == 0)) || outside+=(--map-root-user)
	"${outside[@]}" "$ROOT/tests/cluster/argocd-real" "$WORK" "$WORK/fixture" "$WORK/northstar" >&2
	for tree in fixture northstar; do
		ours "$WORK/$tree"
	done
}

# repository DIR: makes it a git repository with one commit.
repository() {
	git -C "$1" init -q -b main
	git -C "$1" add -A -f
	git -C "$1" -c user.name=test -c user.email=test@example.org commit -qm all
}

fixture() {
	local from=$ROOT/tests/cluster/argocd f
	mkdir -p "$1"
	cp -a "$from/repo" "$1/repo"
	grep -rl '@REPO@' "$1/repo" | while read -r f; do sed -i "s|@REPO@|file://$1/repo|g" "$f"; done
	repository "$1/repo"
	for f in clusters root wrong; do
		echo ---
		sed "s|@REPO@|file://$1/repo|g" "$from/$f.yaml"
	done >"$1/objects.yaml"
}

# The platform as deploy would write it to the branch of prod.  Charts from the internet are played by one that shows its values.
northstar() {
	local n=$ROOT/examples/northstar r=$1/repo chart version
	mkdir -p "$r"
	config-merge -O "$1/prod.yaml" "$n/environments/defaults.yaml" "$n"/applications/*/*/app.yaml "$n/environments/prod.yaml" "$n"/clusters/prod-*.yaml
	render -f "$1/prod.yaml" -O "$1/platform.yaml" "$n"/platform/*.yaml "$n"/platform/services/*.yaml
	render -f "$1/prod.yaml" --set-string root="$n" -O "$1/releases.yaml" "$n/templates/releases.yaml"
	render --releases "$1/releases.yaml" -o yaml -O "$1/apps.yaml"
	config-merge --each -o jsonl "$1/platform.yaml" |
		jq -c 'if .kind == "Application" then .spec |= walk(if type == "object" and has("repoURL") then
			.repoURL = (if .chart then "http://127.0.0.1/charts" else "file://" + $r end) | if .chart then . else .targetRevision = "main" end else . end) else . end' --arg r "$r" >"$1/all.jsonl"
	jq -c 'select(.kind == "Application" and .spec.source.path == ".")' "$1/all.jsonl" >"$1/root.json"
	jq -c 'select(.kind == "Application" and .spec.source.path == "." | not)' "$1/all.jsonl" | config-merge --each -o yaml -O "$r/platform.yaml"
	cp "$1/apps.yaml" "$r/apps.yaml"
	repository "$r"
	jq -r 'select(.kind == "Application") | .spec | (.source // .sources[0]) | select(.chart) | "\(.chart) \(.targetRevision)"' "$1/all.jsonl" | sort -u |
		while read -r chart version; do
			mkdir -p "$WORK/charts/$chart/templates"
			printf 'apiVersion: v2\nname: %s\nversion: %s\n' "$chart" "$version" >"$WORK/charts/$chart/Chart.yaml"
			cat >"$WORK/charts/$chart/templates/all.yaml" <<-'END'
				apiVersion: v1
				kind: ConfigMap
				metadata: {name: {{ .Release.Name }}-values}
				data: {values: {{ .Values | toJson | quote }}, chart: "{{ .Chart.Name }} {{ .Chart.Version }}", release: "{{ .Release.Namespace }}"}
			END
		done
	for chart in $(jq -r 'select(.kind == "AppProject") | .metadata.name' "$1/all.jsonl"); do
		printf -- '---\napiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: %s, namespace: argocd}\nspec: {sourceRepos: ["*"], destinations: [{namespace: "*", name: "*", server: "*"}], clusterResourceWhitelist: [{group: "*", kind: "*"}]}\n' "$chart"
	done >"$1/objects.yaml"
	{ echo ---; cat "$1/root.json"; } >>"$1/objects.yaml"
	printf -- '---\napiVersion: v1\nkind: Secret\nmetadata: {name: edge, namespace: argocd, labels: {argocd.argoproj.io/secret-type: cluster}}\nstringData: {name: %s, server: "https://127.0.0.1:@API@", config: '\''@CONFIG@'\''}\n' \
		"$(jq -r 'select(.kind == "Application") | .spec.destination.name // empty' "$1/all.jsonl" | grep -v '^in-cluster$' | sort -u | head -n 1)" >>"$1/objects.yaml"
}

# ours TREE: the whole tree by render, and each of its Applications on its own.
ours() {
	local port name dir=$1
	port=$(<"$dir/port")
	mkdir -p "$dir/ours"
	sed "s|@API@|$port|; s|@CONFIG@|{}|" "$dir/objects.yaml" >"$dir/in.yaml"
	render_tree() {
		render --argocd -o jsonl --kube-version "$(<"$WORK/version")" --repo "file://$dir/repo=$dir/repo" --repo "http://127.0.0.1/charts=$WORK/www/charts" "$@"
	}
	render_tree -v "$dir/in.yaml" >"$dir/ours.jsonl" 2>"$dir/ours.err" || (($? == 1))
	jq -c '.items[] | {apiVersion, kind, metadata: {name: .metadata.name, namespace: .metadata.namespace}, spec}' "$dir/applications.json" |
		while IFS= read -r app; do
			name=$(jq -r .metadata.name <<<"$app")
			printf '%s\n' "$app" >"$dir/ours/$name.app.json"
			render_tree "$dir/ours/$name.app.json" >"$dir/ours/$name.jsonl" 2>"$dir/ours/$name.err" && echo 0 >"$dir/ours/$name.rc" || echo $? >"$dir/ours/$name.rc"
		done
}

common='
def empty_field: . == "" or . == false or . == 0 or . == null or . == {} or . == [];
def clean: if type == "object" then with_entries(if .key == "valuesObject" then . else .value |= clean end | select(.value | empty_field | not))
	elif type == "array" then map(clean) else . end;
def application: {name: .metadata.name, namespace: .metadata.namespace, finalizers: (.metadata.finalizers // [] | sort),
	labels: (.metadata.labels // {}), annotations: (.metadata.annotations // {} | del(.["argocd.argoproj.io/tracking-id"])), spec: (.spec | clean)};
def tracked: del(.metadata.annotations["argocd.argoproj.io/tracking-id"]) | if .metadata.annotations == {} then del(.metadata.annotations) else . end;
def cluster_scoped: .kind == "Namespace" or .kind == "CustomResourceDefinition" or (.kind | startswith("Cluster"));
def id: [.apiVersion, .kind, .metadata.name, .metadata.namespace // ""];
def manifests($ns): map(tracked | if cluster_scoped or .metadata.namespace == $ns then del(.metadata.namespace) else . end)
	| group_by(id) | map(last);
'

# same WHAT REAL OURS: two files of JSON are equal.
same() {
	diff -u --label "Argo CD: $1" --label "render: $1" <(jq -S . "$2") <(jq -S . "$3")
}

# In each tree: the Applications that sets made and that other Applications brought.
applications() {
	jq "$common"'[.items[] | application] | sort_by(.name)' "$1/applications.json" >"$T/real"
	{ config-merge --each -o jsonl "$1/in.yaml"; cat "$1/ours.jsonl"; } |
		jq -s "$common"'[.[] | select(.kind == "Application") | application] | unique_by(.name)' >"$T/ours"
	[[ $(jq length "$T/real") -ge $2 ]]
	same Applications "$T/real" "$T/ours"
}

# The manifests of each Application that the repository server renders; what it fails on, render fails on.
each_manifest() {
	local f name n=0 ns
	for f in "$1"/manifests/*.json; do
		name=${f##*/} name=${name%.json}
		if jq -e .error "$f" >/dev/null; then
			[[ $(<"$1/ours/$name.rc") == 1 && -s $1/ours/$name.err ]] || { echo "$name: Argo CD says: $(jq -r .error "$f")"; cat "$1/ours/$name.err"; return 1; }
			continue
		fi
		ns=$(jq -r '.spec.destination.namespace // ""' "$1/ours/$name.app.json")
		jq --arg ns "$ns" "$common"'[.manifests[]? | fromjson] | manifests($ns)' "$f" >"$T/real"
		if jq -e 'any(.apiVersion | startswith("argoproj.io/"))' "$T/real" >/dev/null; then # what it brings comes with what that brings
			jq -s --arg ns "$ns" --slurpfile real "$T/real" "$common"'manifests($ns) | map(select(id as $id | any($real[0][]; id == $id)))' "$1/ours/$name.jsonl" >"$T/ours"
		else
			jq -s --arg ns "$ns" "$common"'manifests($ns)' "$1/ours/$name.jsonl" >"$T/ours"
		fi
		same "$name" "$T/real" "$T/ours" || return 1
		n=$((n + 1))
	done
	((n >= $2)) || { echo "only $n Applications were compared"; return 1; }
}

# Which objects the application controller takes an Application to have, and in which namespaces; hooks are none of them.
each_resource() {
	local name n=0
	for name in $(jq -r 'to_entries[] | select(.value != []) | .key' "$1/resources.json"); do
		jq --arg n "$name" '.[$n] | map(select(.group != "argoproj.io") | {group, kind, namespace, name}) | sort' "$1/resources.json" >"$T/real"
		# What an Application brings comes with what that brings: its own are those that the repository server gave.
		jq -s --slurpfile own "$1/manifests/$name.json" '($own[0].manifests | map(fromjson | [.kind, .metadata.name])) as $own | [.[] |
			select((.metadata.annotations // {})["helm.sh/hook"] == null and (.apiVersion | startswith("argoproj.io/") | not)) |
			select([.kind, .metadata.name] as $id | any($own[]; . == $id)) |
			{group: (.apiVersion | if contains("/") then split("/")[0] else "" end), kind, namespace: (.metadata.namespace // ""), name: .metadata.name}] | sort' \
			"$1/ours/$name.jsonl" >"$T/ours"
		same "objects of $name" "$T/real" "$T/ours" || return 1
		n=$((n + 1))
	done
	((n >= $2)) || { echo "only $n Applications were compared"; return 1; }
}

@test "the fixture: Applications of every generator are Argo CD's" { applications "$WORK/fixture" 58; }
@test "the fixture: manifests of every kind of source are Argo CD's" { each_manifest "$WORK/fixture" 40; }
@test "the fixture: objects and their namespaces are Argo CD's" { each_resource "$WORK/fixture" 20; }
@test "the fixture: the sets that Argo CD cannot expand, render cannot" {
	jq -r '.items[] | select(any(.status.conditions[]?; .type == "ErrorOccurred" and .status == "True")) | .metadata.name' "$WORK/fixture/sets.json" | sort >"$T/real"
	sed -n 's/.*: error: .*(ApplicationSet \([a-z-]*\),.*/\1/p' "$WORK/fixture/ours.err" | sort -u >"$T/ours"
	[[ $(wc -l <"$T/real") == 7 ]]
	diff -u "$T/real" "$T/ours"
}
@test "the fixture: the steps of a rollout" {
	has 'step 1 of 2: rolling-dev [rolling-sync]' "$(<"$WORK/fixture/ours.err")"
	has 'step 2 of 2, at most 1 at once: rolling-prod [rolling-sync]' "$(<"$WORK/fixture/ours.err")"
	has 'in no step, to be synced by hand: rolling-other [rolling-sync]' "$(<"$WORK/fixture/ours.err")"
}
@test "northstar: the Applications are Argo CD's" { applications "$WORK/northstar" 10; }
@test "northstar: the manifests are Argo CD's" { each_manifest "$WORK/northstar" 10; }
@test "northstar: objects and their namespaces are Argo CD's" { each_resource "$WORK/northstar" 1; }
