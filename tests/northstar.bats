# SPDX-License-Identifier: MIT
# PlatformNorthStar: its layers, charts, applications and infrastructure, judged by our filters and by the real Helm.
load test_helper

N=$ROOT/examples/northstar
CASES=$ROOT/tests/cases/northstar

setup_file() {
	export WORK=$BATS_FILE_TMPDIR
	local env
	for env in dev staging prod; do
		config "$env" "$WORK/$env.yaml" || return 1
		render -f "$WORK/$env.yaml" -O "$WORK/$env.platform.yaml" "$N"/platform/*.yaml "$N"/platform/services/*.yaml || return 1
		render -f "$WORK/$env.yaml" --set-string root="$N" -o json -O "$WORK/$env.releases.json" "$N/templates/releases.yaml" || return 1
	done
}

# config ENV FILE [LAYER]: the configuration of ENV, origins beside it.
config() {
	config-merge --origins-out "${2%.yaml}.origins" -O "$2" "$N/environments/defaults.yaml" "$N"/applications/*/*/app.yaml \
		"$N/environments/$1.yaml" "$N"/clusters/"$1"-*.yaml "${@:3}"
}

# helms: the Helms that are here.
helms() {
	local h
	PATH=$PATH:${PEERS:-$HOME/.cache/peers/bin}
	for h in helm3 helm4 helm; do
		if command -v "$h"; then [[ $h == helm ]] || continue; fi
	done | sort -u
}
need_helm() {
	mapfile -t HELMS < <(helms)
	((${#HELMS[@]})) || skip "helm is not installed"
}

# applications ENV: what our own render makes of every release.
applications() {
	[[ -s $WORK/$1.apps.yaml ]] || render --releases "$WORK/$1.releases.json" -o yaml -O "$WORK/$1.apps.yaml"
}
need_applications() {
	applications "$1" 2>"$T/err" || { cat "$T/err"; return 1; }
}

# by_id FILE: the objects as one JSON map, so that order does not matter.
by_id() {
	config-merge --each -o jsonl "$1" | jq -S -s 'map(select(. != null) | {("\(.apiVersion)/\(.kind)/\(.metadata.namespace // "")/\(.metadata.name)"): .}) | add'
}

# helm_release HELM RELEASES INDEX: what Helm makes of one release.
helm_release() {
	local name namespace chart files
	jq ".[$3].values" "$2" >"$T/inline.json"
	mapfile -t files < <(jq -r ".[$3].valuesFiles[] | \"-f\", ." "$2")
	IFS=$'\t' read -r name namespace chart < <(jq -r ".[$3] | [.name, .namespace, .chart] | @tsv" "$2")
	"$1" template "$name" "$chart" -n "$namespace" "${files[@]}" -f "$T/inline.json" 2>"$T/helm.err"
}

# ---- configuration -----------------------------------------------------------
@test "the configuration of every environment satisfies its schema" {
	local env
	for env in dev staging prod; do
		validate --schema "$N/schemas/config.schema.json" --origins "$WORK/$env.origins" "$WORK/$env.yaml"
		[[ $(jq -n --argjson p "$(render -f "$WORK/$env.yaml" -o json "$N/templates/checks.yaml")" '$p | length') == 0 ]]
	done
}

@test "the schema of the configuration describes every key and lets no other in" {
	run jq -r '[paths(type == "object" and has("properties") and (has("additionalProperties") | not)
			and .type == "object") | map(tostring) | join("/")] | join("\n")' "$N/schemas/config.schema.json"
	[[ $output == "" ]] || { echo "$output"; false; }
	run jq -r '.properties | to_entries[] | select(.value.description == null) | .key' "$N/schemas/config.schema.json"
	[[ $output == "" ]]
}

@test "every broken layer is refused by the check that its first line names, at its own line" {
	local f head check env line want n=0
	for f in "$CASES"/bad-*.yaml; do
		head=$(sed -n '1s/^# //p' "$f")
		want=${head#*: }
		read -r check env line <<<"${head%%: *}"
		[[ $check == values ]] && continue
		n=$((n + 1))
		config "$env" "$T/bad.yaml" "$f"
		# LINE of the fixture, or FILE@KEY of the layer that it does not fit.
		case $line in
		*@*) line=$N/${line%@*}:$(grep -n -m1 "^ *${line#*@}:" "$N/${line%@*}" | cut -d: -f1) ;;
		*) line=$f:$line ;;
		esac
		case $check in
		schema)
			run validate --schema "$N/schemas/config.schema.json" --origins "$T/bad.origins" "$T/bad.yaml"
			[[ $status == 1 ]] || { echo "$f: status $status"; echo "$output"; return 1; }
			has "$line:" "$output"
			has "$want" "$output"
			;;
		checks)
			render -f "$T/bad.yaml" -o json "$N/templates/checks.yaml" |
				jq -r --arg rule config/check --slurpfile origins "$T/bad.origins" -f "$ROOT/lib/jq/places.jq" >"$T/found"
			grep -F "$line:" "$T/found" | grep -qF "$want" || { echo "$f: not $line: $want"; cat "$T/found"; return 1; }
			run render -f "$T/bad.yaml" --set-string root="$N" "$N/templates/releases.yaml"
			[[ $status == 2 ]]
			;;
		releases)
			run render -f "$T/bad.yaml" --set-string root="$N" "$N/templates/releases.yaml"
			[[ $status == 2 ]]
			has "$want" "$output"
			;;
		*)
			echo "$f: no check is called $check"
			return 1
			;;
		esac
	done
	((n >= 25))
}

@test "a configuration that does not fit together is refused before anything renders, at the line of the layer" {
	cp -a "$N" "$T/platform"
	cp "$CASES/bad-overlap.yaml" "$T/platform/clusters/prod-zzz.yaml"
	cd "$T"
	run -1 --separate-stderr infraflux deploy prod --platform platform
	has "platform/clusters/prod-zzz.yaml:4:21: error: clusters.prod-hel1.network.pods: 10.130.128.0/17 overlaps clusters.prod-fra1.network.pods, 10.130.0.0/16 (platform/clusters/prod-fra1.yaml:18:13)" "$stderr"
	has "is refused: 1 findings" "$stderr"
	[[ ! -e .state/prod && ! -e .state/.infraflux/prod/work/deploy/20-platform.yaml ]]
	run -1 infraflux provision prod --platform platform
	has "prod-zzz.yaml:4:21" "$output"
}

@test "no layer repeats what stands below it" {
	local env layer
	config-merge -o json "$N/environments/defaults.yaml" >"$T/below.json"
	for env in dev staging prod; do
		layer=$N/environments/$env.yaml
		# A tag acts on what is below: those values are looked at merged.
		sed 's/ !append$//; s/ !merge:name$//' "$layer" | config-merge -o json - >"$T/layer.json"
		run jq -nr --slurpfile a "$T/below.json" --slurpfile b "$T/layer.json" '
			$b[0] as $b | $a[0] as $a | [$b | paths(scalars) | select(any(.[]; type == "number") | not)]
			| .[] | . as $p | select(($a | getpath($p)) == ($b | getpath($p))) | map(tostring) | join(".")'
		[[ $output == "" ]] || { echo "$layer repeats $output"; return 1; }
	done
}

@test "values of an environment hold only what differs from the application's" {
	local f base repeated
	for f in "$N"/applications/*/*/values-*.yaml; do
		base=$(dirname "$f")/values.yaml
		config-merge -o json "$base" >"$T/a.json"
		config-merge -o json "$f" >"$T/b.json"
		repeated=$(jq -nr --slurpfile a "$T/a.json" --slurpfile b "$T/b.json" '
			($b[0] // {}) as $b | $a[0] as $a | [$b | paths(scalars)] | .[] | . as $p
			| select(($a | getpath($p)) == ($b | getpath($p))) | map(tostring) | join(".")')
		[[ $repeated == "" ]] || { echo "$f repeats $repeated"; return 1; }
	done
}

@test "the schematic is the image factory's for these extensions" {
	local want
	want=$({
		printf 'customization:\n    systemExtensions:\n        officialExtensions:\n'
		jq -r '.[] | "            - \(.)"' <<<"$(config-merge --select talos.extensions -o json "$WORK/dev.yaml")"
	} | sha256sum | cut -d' ' -f1)
	[[ $(config-merge --select talos.schematic -o json "$WORK/dev.yaml") == "\"$want\"" ]]
}

# ---- catalog -----------------------------------------------------------------
@test "five categories hold at least two applications each, twelve in all" {
	local category n total=0
	for category in web-services apis databases background-jobs infrastructure-apps; do
		n=$(find "$N/applications/$category" -name app.yaml | wc -l)
		((n >= 2))
		total=$((total + n))
	done
	((total >= 12))
}

@test "an application's folder is its name and category, and has values for each of its environments" {
	local f name env
	for f in "$N"/applications/*/*/app.yaml; do
		name=$(basename "$(dirname "$f")")
		config-merge -o json "$f" >"$T/app.json"
		[[ $(jq -r '.applications | keys[]' "$T/app.json") == "$name" ]]
		[[ $(jq -r ".applications[].category" "$T/app.json") == "$(basename "$(dirname "$(dirname "$f")")")" ]]
		[[ -e $(dirname "$f")/values.yaml ]]
		while IFS= read -r env; do
			[[ -e $(dirname "$f")/values-$env.yaml ]] || { echo "$name has no values-$env.yaml"; return 1; }
		done < <(jq -r '.applications[].environments // ["dev", "staging", "prod"] | .[]' "$T/app.json")
	done
}

@test "what an application may talk to lets it in" {
	local env
	for env in dev staging prod; do
		run jq -r '[.[] | .name as $from | .values.catalog.egress[] | [$from, .name]] as $out
			| [.[] | .name as $to | .values.catalog.ingress[] | [.name, $to]] as $in
			| ($out - $in) + ($in - $out) | .[] | join(" -> ")' "$WORK/$env.releases.json"
		[[ $output == "" ]] || { echo "$env: $output"; return 1; }
		[[ $(jq '[.[].values.catalog.egress[]] | length' "$WORK/$env.releases.json") -gt 10 ]]
	done
}

@test "httpbin and mailpit do not run in prod" {
	run jq -r '.[].name' "$WORK/prod.releases.json"
	hasnt httpbin "$output"
	hasnt mailpit "$output"
	has podinfo "$output"
}

# ---- charts ------------------------------------------------------------------
@test "the schemas and tables of the charts are up to date" {
	"$N/charts/update" --check
}

@test "every chart is clean under helm lint" {
	need_helm
	local helm chart
	for helm in "${HELMS[@]}"; do
		for chart in "$N"/charts/*-template; do
			"$helm" lint --strict --quiet "$chart" >"$T/out" 2>&1 || { cat "$T/out"; return 1; }
		done
	done
}

@test "broken values are refused by the chart's schema" {
	local f head chart want n=0
	mapfile -t HELMS < <(helms)
	for f in "$CASES"/bad-values-*.yaml; do
		head=$(sed -n '1s/^# //p' "$f")
		want=${head#*: }
		read -r _ chart <<<"${head%%: *}"
		n=$((n + 1))
		config-merge -O "$T/values.yaml" --origins-out "$T/values.origins" "$N/charts/$chart/values.yaml" "$f"
		run validate --schema "$N/charts/$chart/values.schema.json" --origins "$T/values.origins" "$T/values.yaml"
		[[ $status == 1 ]] || { echo "$f: status $status"; echo "$output"; return 1; }
		has "$f:" "$output"
		has "$want" "$output"
		if ((${#HELMS[@]})); then
			run "${HELMS[-1]}" template x "$N/charts/$chart" -f "$f"
			[[ $status != 0 ]] || { echo "Helm takes $f"; return 1; }
		fi
	done
	((n >= 8))
}

@test "real Helm renders every release to the same objects as render" {
	need_helm
	local env helm i n
	for env in dev staging prod; do
		need_applications "$env"
		n=$(jq length "$WORK/$env.releases.json")
		for helm in "${HELMS[@]}"; do
			# One Helm sees everything, the others one environment.
			[[ $env == dev || $helm == "${HELMS[-1]}" ]] || continue
			for ((i = 0; i < n; i++)); do
				helm_release "$helm" "$WORK/$env.releases.json" "$i" || { cat "$T/helm.err"; return 1; }
			done >"$T/helm.yaml"
			by_id "$T/helm.yaml" >"$T/helm.json"
			by_id "$WORK/$env.apps.yaml" >"$T/ours.json"
			diff -u "$T/helm.json" "$T/ours.json" | head -60
			cmp -s "$T/helm.json" "$T/ours.json"
		done
	done
}

@test "each chart renders alone, with its own values" {
	need_helm
	local chart
	for chart in "$N"/charts/*-template; do
		render --name alone -n test "$chart" >"$T/ours.yaml"
		by_id "$T/ours.yaml" >"$T/ours.json"
		"${HELMS[-1]}" template alone "$chart" -n test >"$T/helm.yaml" 2>"$T/helm.err"
		by_id "$T/helm.yaml" >"$T/helm.json"
		diff -u "$T/helm.json" "$T/ours.json"
	done
}

# chart NAME [VALUES-YAML]: the objects of a chart alone, as one JSON map KIND/NAME.
chart() {
	printf '%s\n' "${2:-{\}}" >"$T/v.yaml"
	render --name x -n test -f "$T/v.yaml" -o jsonl "$N/charts/$1" | jq -s 'map({key: "\(.kind)/\(.metadata.name)", value: .}) | from_entries' >"$T/x.json"
}
# is FILTER WANT: what FILTER says of the objects, as compact JSON.
is() {
	local got
	got=$(jq -c "$1" "$T/x.json")
	[[ $got == "$2" ]] || { printf '%s\n is: %s\nnot: %s\n' "$1" "$got" "$2"; return 1; }
}

@test "replicas are the tier's, and a HorizontalPodAutoscaler owns them where it scales" {
	chart api-template
	is '."Deployment/x".spec.replicas' null
	is '."HorizontalPodAutoscaler/x".spec | [.minReplicas, .maxReplicas]' '[2,4]'
	chart api-template 'autoscaling: {enabled: false}'
	is '."Deployment/x".spec.replicas' 2
	is '."HorizontalPodAutoscaler/x"' null
	chart api-template 'global: {features: {autoscaling: false}, tier: {replicas: 1}}'
	is '."Deployment/x".spec.replicas' 1
	# One replica alone needs no budget.
	is '."PodDisruptionBudget/x"' null
	chart web-template 'replicas: 9'
	is '."PodDisruptionBudget/x".spec.maxUnavailable' 1
}

@test "an environment can do without policies and monitoring" {
	chart api-template 'global: {features: {networkPolicies: false, monitoring: false}}'
	is '[keys[] | select(test("NetworkPolicy|ServiceMonitor|PrometheusRule"))]' '[]'
	chart api-template
	is '[keys[] | select(test("NetworkPolicy|ServiceMonitor|PrometheusRule"))] | length' 3
}

@test "the host is the release's under the domain, by Ingress or by Gateway" {
	chart web-template 'global: {domain: shop.test, ingress: {issuer: le}}'
	is '."Ingress/x".spec | [.rules[0].host, .tls[0].hosts[0], .tls[0].secretName]' '["x.shop.test","x.shop.test","x-tls"]'
	is '."Ingress/x".metadata.annotations' '{"cert-manager.io/cluster-issuer":"le"}'
	chart api-template 'global: {domain: shop.test}'
	is '."Ingress/x".spec | [.rules[0].host, .tls]' '["x.api.shop.test",null]'
	chart web-template 'ingress: {kind: gateway, host: "www.{{ .Values.global.domain }}"}
global: {domain: shop.test}'
	is '."HTTPRoute/x".spec.hostnames' '["www.shop.test"]'
	is '."Ingress/x"' null
}

@test "a change of config or files starts new pods, another does not" {
	local before
	chart app-template 'config: {A: "1"}
files: {/etc/x.conf: "a"}'
	before=$(jq '."Deployment/x".spec.template' "$T/x.json")
	chart app-template 'config: {A: "1"}
files: {/etc/x.conf: "b"}'
	[[ $(jq '."Deployment/x".spec.template' "$T/x.json") != "$before" ]]
	chart app-template 'config: {A: "1"}
files: {/etc/x.conf: "a"}
service: {type: NodePort}'
	[[ $(jq '."Deployment/x".spec.template' "$T/x.json") == "$before" ]]
}

@test "a size is looked up, resources beat it, an unknown one is named" {
	local sizes='global: {sizes: {small: {requests: {cpu: 1m, memory: 1Mi}, limits: {memory: 2Mi}}}}'
	chart app-template "$sizes"
	is '."Deployment/x".spec.template.spec.containers[0].resources.requests.cpu' '"1m"'
	chart app-template "$sizes
resources: {limits: {memory: 9Mi}}"
	is '."Deployment/x".spec.template.spec.containers[0].resources' '{"limits":{"memory":"9Mi"}}'
	printf '%s\nsize: huge\n' "$sizes" >"$T/v.yaml"
	run -2 render --name x -f "$T/v.yaml" "$N/charts/app-template"
	has 'is not one of small' "$output"
}

@test "another image changes the workload and nothing else" {
	chart api-template "image: {tag: 6.9.0}"
	cp "$T/x.json" "$T/before.json"
	chart api-template "image: {tag: 6.9.1}"
	[[ $(jq -nr --slurpfile a "$T/before.json" --slurpfile b "$T/x.json" '$a[0] as $a | $b[0] as $b | $a | keys[] | select($a[.] != $b[.])') == "Deployment/x" ]]
}

@test "a job is a CronJob, a Job, or a worker with all that one needs" {
	chart job-template
	is '[keys[]]' '["CronJob/x","NetworkPolicy/x","ServiceAccount/x"]'
	is '."CronJob/x".spec | [.schedule, .timeZone, .concurrencyPolicy, .jobTemplate.spec.template.spec.restartPolicy]' '["0 3 * * *","Etc/UTC","Forbid","Never"]'
	chart job-template 'kind: job'
	is '."Job/x".spec.backoffLimit' 2
	chart job-template 'kind: worker
port: 8080
monitoring: {enabled: true}'
	is '[keys[]]' '["Deployment/x","NetworkPolicy/x","PodDisruptionBudget/x","PrometheusRule/x","Service/x","ServiceAccount/x","ServiceMonitor/x"]'
}

@test "PostgreSQL has a primary to write to and replicas that copy it" {
	chart database-template 'replicas: 3
databases: [shop]'
	is '."StatefulSet/x".spec | [.replicas, .serviceName, .template.spec.initContainers[0].name]' '[3,"x-pods","follow"]'
	is '."Service/x".spec.selector."statefulset.kubernetes.io/pod-name"' '"x-0"'
	is '."Service/x-read".spec.selector."statefulset.kubernetes.io/pod-name"' null
	is '."Service/x-pods".spec | [.clusterIP, .publishNotReadyAddresses]' '["None",true]'
	is '."StatefulSet/x".spec.template.spec.topologySpreadConstraints[0].whenUnsatisfiable' '"DoNotSchedule"'
	jq -r '."ConfigMap/x".data."docker-entrypoint-initdb.d.10-roles.sh"' "$T/x.json" >"$T/roles.sh"
	bash -n "$T/roles.sh"
	has 'CREATE DATABASE "shop" OWNER "shop"' "$(<"$T/roles.sh")"
	chart database-template 'replicas: 1'
	is '."Service/x-read"' null
}

@test "Redis follows its primary, ClickHouse is alone" {
	chart database-template 'engine: redis
replicas: 2
settings: {maxmemory: 1mb}'
	jq -r '."ConfigMap/x".data."scripts.start.sh"' "$T/x.json" >"$T/start.sh"
	sh -n "$T/start.sh"
	has "--replicaof x-0.x-pods 6379" "$(<"$T/start.sh")"
	has "--maxmemory '1mb'" "$(<"$T/start.sh")"
	chart database-template 'engine: clickhouse'
	is '."StatefulSet/x".spec.replicas' 1
	is '[."Service/x".spec.ports[].name]' '["http","native","metrics"]'
}

@test "secrets are fetched from the store, by environment, and never stand in values" {
	chart api-template 'global: {environment: qa, secrets: {store: vault}}
externalSecrets: {db: {from: data/main, keys: {password: shop}}, own: {keys: {token: token}}}
secretEnv: {PASSWORD: {secret: db, key: password}}
env: {URL: "postgres://shop:$(PASSWORD)@main"}'
	is '[."ExternalSecret/db", ."ExternalSecret/own" | .spec.data[0].remoteRef | .key, .property]' '["qa/data/main","shop","qa/test/own","token"]'
	# The secret comes first, or $(PASSWORD) would stay as it is.
	is '[."Deployment/x".spec.template.spec.containers[0].env[].name]' '["PASSWORD","URL"]'
	chart api-template 'externalSecrets: {db: {keys: {a: b}}}'
	is '."ExternalSecret/db"' null
}

@test "sidecars and init containers get the security and resources that they leave out" {
	chart app-template 'sidecars: [{name: s, image: "i:1"}]
initContainers: [{name: i, image: "i:1", resources: {limits: {memory: 5Mi}}}]'
	is '."Deployment/x".spec.template.spec | [.containers[1], .initContainers[0]] | map(.securityContext.readOnlyRootFilesystem)' '[true,true]'
	is '."Deployment/x".spec.template.spec.initContainers[0].resources.limits.memory' '"5Mi"'
	is '."Deployment/x".spec.template.spec.containers[1].resources.limits.memory' '"256Mi"'
}

@test "KEDA takes the place of the HorizontalPodAutoscaler, and a VerticalPodAutoscaler only recommends" {
	chart api-template 'autoscaling: {triggers: [{type: cron, metadata: {timezone: UTC}}], vertical: recommend}'
	is '."HorizontalPodAutoscaler/x"' null
	is '."ScaledObject/x".spec | [.minReplicaCount, .maxReplicaCount, .triggers[0].type]' '[2,4,"cron"]'
	is '."VerticalPodAutoscaler/x".spec.updatePolicy.updateMode' '"Off"'
	is '."Deployment/x".spec | has("replicas")' false
}

@test "an objective with its series becomes alerts on the error budget" {
	chart api-template 'catalog: {owner: team-x, slo: {availability: 99.5, latency: 250ms}}
global: {tier: {name: critical}}
monitoring: {sli: {total: "all{name=\"{{ .Release.Name }}\"}", errors: bad, latency: buckets}}'
	is '[."PrometheusRule/x".spec.groups[0].rules[] | [.alert, .labels.severity]]' \
		'[["Down","critical"],["Degraded","warning"],["ErrorBudgetBurn","critical"],["ErrorBudgetBurn","critical"],["ErrorBudgetBurn","warning"],["Slow","warning"]]'
	is '."PrometheusRule/x".spec.groups[0].rules[2].expr' \
		'"sum(rate(bad[1h])) / sum(rate(all{name=\"x\"}[1h])) > 14.4 * (1 - 99.5 / 100)\nand\nsum(rate(bad[5m])) / sum(rate(all{name=\"x\"}[5m])) > 14.4 * (1 - 99.5 / 100)\n"'
	has "> 250 / 1000" "$(jq -r '."PrometheusRule/x".spec.groups[0].rules[-1].expr' "$T/x.json")"
	chart api-template 'catalog: {slo: {availability: 99.5}}'
	is '[."PrometheusRule/x".spec.groups[0].rules[].alert]' '["Down","Degraded"]'
}

# ---- manifests ---------------------------------------------------------------
@test "every manifest of every environment is one that the API server takes" {
	local env version
	for env in dev staging prod; do
		version=$(jq -r . <<<"$(config-merge --select kubernetes.version -o json "$WORK/$env.yaml")")
		validate --kubernetes="$version" --crds "$N/schemas/crds" "$WORK/$env.platform.yaml"
		need_applications "$env"
		validate --kubernetes="$version" --crds "$N/schemas/crds" "$WORK/$env.apps.yaml"
		# All that is referred to is there, every selector selects, and no credential is in the text.
		validate --kubernetes="$version" --references --crds "$N/schemas/crds" "$WORK/$env.platform.yaml" "$WORK/$env.apps.yaml"
		validate --secrets "$WORK/$env.platform.yaml" "$WORK/$env.apps.yaml"
	done
}

@test "the golden renderings of the charts are what they render to, and the API server would take them" {
	local f name chart
	for f in "$CASES"/golden/*.yaml; do
		name=$(basename "$f" .yaml) chart=${name%-template*}-template
		render --name x -n test -f "$f" -o yaml -O "$T/$name.yaml" "$N/charts/$chart"
		if [[ -n ${BLESS:-} ]]; then cp "$T/$name.yaml" "${f%.yaml}.want"; fi
		diff -u "${f%.yaml}.want" "$T/$name.yaml"
	done
	validate --kubernetes --crds "$N/schemas/crds" "$T"/*-template*.yaml
	# Every kind that the library has a template for is among them.
	local kinds
	kinds=$(config-merge --each -o jsonl "$T"/*-template*.yaml | jq -r .kind | sort -u)
	while IFS= read -r name; do
		grep -qx "$name" <<<"$kinds" || { echo "no golden $name"; return 1; }
	done < <(sed -n 's/^kind: \([A-Za-z]*\)$/\1/p' "$N"/charts/northstar-lib/templates/*.tpl | sort -u)
}

@test "a canary has its track, and a priority class and secrets reach the pods" {
	chart api-template 'track: canary
externalSecrets: {db: {keys: {password: shop}}}
global: {tier: {name: critical, replicas: 3, maxReplicas: 9, priorityClass: northstar-critical}}'
	is '."Deployment/x".spec.template.metadata.labels."northstar.example/track"' '"canary"'
	# The selector knows no track: the Service has both, by weight of their replicas.
	is '."Service/x".spec.selector | has("northstar.example/track")' false
	is '."Deployment/x".spec.template.spec.priorityClassName' '"northstar-critical"'
	local before
	before=$(jq -r '."Deployment/x".spec.template.metadata.annotations."checksum/secrets"' "$T/x.json")
	[[ $before != null ]]
	chart api-template 'externalSecrets: {db: {keys: {password: other}}}'
	[[ $(jq -r '."Deployment/x".spec.template.metadata.annotations."checksum/secrets"' "$T/x.json") != "$before" ]]
	chart api-template
	is '."Deployment/x".spec.template.metadata.annotations | has("checksum/secrets")' false
}

@test "volumes are a claim of their own, one made elsewhere, or one for each replica" {
	chart app-template 'persistence: {enabled: true, path: /data, size: 5Gi, storageClass: fast, accessModes: [ReadWriteMany]}'
	is '."PersistentVolumeClaim/x".spec | [.storageClassName, .accessModes[0], .resources.requests.storage]' '["fast","ReadWriteMany","5Gi"]'
	is '."Deployment/x".spec.strategy.type' '"Recreate"'
	chart app-template 'persistence: {enabled: true, path: /data, existingClaim: theirs}'
	is '."PersistentVolumeClaim/x"' null
	is '."Deployment/x".spec.template.spec.volumes[] | select(.name == "data").persistentVolumeClaim.claimName' '"theirs"'
	chart database-template 'persistence: {size: 7Gi}'
	is '."StatefulSet/x".spec.volumeClaimTemplates[0].spec.resources.requests.storage' '"7Gi"'
	is '."StatefulSet/x".spec.persistentVolumeClaimRetentionPolicy.whenScaled' '"Retain"'
}

@test "replicas that must stand on different nodes are refused where there are fewer workers" {
	chart database-template 'replicas: 3
global: {nodes: 3}'
	printf 'replicas: 4\nglobal: {nodes: 3}\n' >"$T/v.yaml"
	run -2 render --name x -f "$T/v.yaml" "$N/charts/database-template"
	has "replicas: 4 of x must stand on different nodes (spread: hard), but there are 3 workers" "$output"
	chart api-template 'replicas: 9
global: {nodes: 3}'
	printf 'spread: hard\nautoscaling: {enabled: true, maxReplicas: 5}\nglobal: {nodes: 3}\n' >"$T/v.yaml"
	run -2 render --name x -f "$T/v.yaml" "$N/charts/api-template"
	has "replicas: 5 of x must stand on different nodes" "$output"
}

@test "a host outside the zone is refused" {
	chart web-template 'global: {zone: shop.test, domain: dev.shop.test}'
	is '."Ingress/x".spec.rules[0].host' '"x.dev.shop.test"'
	chart web-template 'global: {zone: shop.test, domain: shop.test}
ingress: {host: "{{ .Values.global.domain }}"}'
	is '."Ingress/x".spec.rules[0].host' '"shop.test"'
	local host
	for host in x.other.test notshop.test; do
		printf 'global: {zone: shop.test, domain: dev.shop.test}\ningress: {host: %s}\n' "$host" >"$T/v.yaml"
		run -2 render --name x -f "$T/v.yaml" "$N/charts/web-template"
		has "ingress.host: $host is not in the zone shop.test" "$output"
	done
}

@test "the library's version has its migration notes, and each chart takes it" {
	local version chart
	version=$(sed -n 's/^version: //p' "$N/charts/northstar-lib/Chart.yaml")
	grep -qx "## $version" "$N/charts/northstar-lib/MIGRATIONS.md"
	for chart in "$N"/charts/*-template; do
		grep -qx "    version: ${version%%.*}.x.x" "$chart/Chart.yaml"
	done
}

@test "every environment renders and validates in under two seconds of processor time" {
	local env t0 t1
	for env in dev staging prod; do
		t0=$(awk '{ print $16 + $17 }' /proc/$BASHPID/stat)
		config "$env" "$T/$env.yaml"
		validate --schema "$N/schemas/config.schema.json" --origins "$T/$env.origins" "$T/$env.yaml"
		render -f "$T/$env.yaml" -o json "$N/templates/checks.yaml" >/dev/null
		render -f "$T/$env.yaml" -O "$T/$env.platform.yaml" "$N"/platform/*.yaml "$N"/platform/services/*.yaml
		render -f "$T/$env.yaml" --set-string root="$N" -o json -O "$T/$env.releases.json" "$N/templates/releases.yaml"
		render --releases "$T/$env.releases.json" -o yaml -O "$T/$env.apps.yaml"
		validate --kubernetes --references --crds "$N/schemas/crds" "$T/$env.platform.yaml" "$T/$env.apps.yaml"
		t1=$(awk '{ print $16 + $17 }' /proc/$BASHPID/stat)
		echo "$env: $((t1 - t0)) hundredths of a second"
		[[ $BIN == *san* ]] || ((t1 - t0 < 200))
	done
}

@test "a reference to what is not there is found" {
	need_applications dev
	sed 's/claimName: postgres-backup/claimName: postgres-backups/' "$WORK/dev.apps.yaml" >"$T/bad.yaml"
	run -1 validate --kubernetes --references --crds "$N/schemas/crds" "$WORK/dev.platform.yaml" "$T/bad.yaml"
	has postgres-backups "$output"
}

@test "a misspelt field of a custom kind is found" {
	sed 's/targetRevision/targetRevison/' "$WORK/dev.platform.yaml" >"$T/bad.yaml"
	run -1 validate --kubernetes --crds "$N/schemas/crds" "$T/bad.yaml"
	has targetRevison "$output"
}

@test "every manifest satisfies the platform's own policies, and each policy finds what it is for" {
	local env p
	for env in dev prod; do
		need_applications "$env"
		config-merge --each -o jsonl "$WORK/$env.platform.yaml" "$WORK/$env.apps.yaml" >"$T/objects"
		for p in "$N"/policies/*.jq; do
			jq -r -f "$p" "$T/objects" >"$T/out"
			[[ ! -s $T/out ]] || { cat "$T/out"; return 1; }
		done
	done
	jq -c 'select(.kind == "Deployment" and .metadata.name == "podinfo")' "$T/objects" >"$T/podinfo"
	local change want
	while IFS='|' read -r p change want; do
		jq "$change" "$T/podinfo" | jq -r -f "$N/policies/$p.jq" >"$T/out"
		[[ $(<"$T/out") == "$want" ]] || { echo "$change: $(<"$T/out")"; return 1; }
	done <<-'END'
		pods|.spec.template.spec.securityContext.runAsNonRoot = false|its pods may run as root
		pods|del(.spec.template.spec.securityContext.seccompProfile)|its pods have no seccomp profile
		pods|.spec.template.spec.hostNetwork = true|its pods share a namespace of the node
		pods|.spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation = true|container podinfo may gain privileges
		pods|del(.spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem)|container podinfo may write its root file system
		pods|.spec.template.spec.containers[0].securityContext.capabilities.add = ["NET_ADMIN"]|container podinfo keeps capabilities
		pods|del(.spec.template.spec.containers[0].resources)|container podinfo has no bound on memory
		pods|.spec.template.spec.containers[0].image = "ghcr.io/a/b:latest"|image ghcr.io/a/b:latest of container podinfo has no registry, or no fixed tag
		pods|.spec.template.spec.containers[0].image = "ghcr.io/a/b"|image ghcr.io/a/b of container podinfo has no registry, or no fixed tag
		objects|del(.metadata.labels["northstar.example/owner"])|is nobody's: it has no label northstar.example/owner
		objects|{kind: "Secret", metadata: .metadata, stringData: {a: "b"}}|holds a secret; let an ExternalSecret fetch it
		objects|{kind: "Service", metadata: .metadata, spec: {type: "NodePort"}}|is a NodePort: the firewall of the nodes lets nobody in
	END
}

@test "no image is without a pinned tag, and no manifest holds a secret" {
	need_applications prod
	config-merge --each -o jsonl "$WORK/prod.apps.yaml" | jq -r '.. | .image? // empty | strings' | sort -u >"$T/images"
	(($(wc -l <"$T/images") >= 12))
	run grep -vE '^[a-z0-9.-]+\.[a-z]+/[a-z0-9._/-]+:[A-Za-z0-9._-]+$' "$T/images"
	[[ $output == "" ]]
	run grep -cE '^kind: Secret$' "$WORK/prod.apps.yaml"
	[[ $output == 0 ]]
}

# ---- platform services --------------------------------------------------------
@test "each cluster gets the platform services, at the versions of the configuration" {
	local env
	for env in dev staging prod; do
		config-merge --each -o jsonl "$WORK/$env.platform.yaml" | jq -s 'map(select(.kind == "Application" and .spec.source.chart))' >"$T/apps.json"
		config-merge -o json "$WORK/$env.yaml" >"$T/config.json"
		jq -n --slurpfile apps "$T/apps.json" --slurpfile config "$T/config.json" '
			$config[0] as $c | $apps[0] as $apps
			| ["cilium", "cert-manager", "kube-prometheus-stack", "longhorn", "external-secrets", "metrics-server"] as $everywhere
			| [$c.clusters | keys[] as $cluster | $everywhere[] | "\($cluster)-\(.)"] - [$apps[].metadata.name] | . == []' | grep -qx true
		jq -n --slurpfile apps "$T/apps.json" --slurpfile config "$T/config.json" '
			all($apps[0][]; .spec.source.targetRevision == $config[0].services[.spec.source.helm.releaseName].version)' | grep -qx true
	done
}

# ---- infrastructure -----------------------------------------------------------
@test "tfvars have the nodes, addresses and sizes of the configuration" {
	local env cluster
	for env in dev staging prod; do
		config-merge -o json "$WORK/$env.yaml" >"$T/config.json"
		while IFS= read -r cluster; do
			render -f "$WORK/$env.yaml" --set-string cluster="$cluster" -o json -O "$T/tfvars.json" "$N/infrastructure/templates/tfvars.yaml"
			jq -n --arg c "$cluster" --slurpfile tf "$T/tfvars.json" --slurpfile config "$T/config.json" '
				$tf[0] as $tf | $config[0] as $config | $config.clusters[$c] as $cluster
				| ($tf.nodes | map_values(.address)) == ($cluster.nodes | map_values(.address))
				and all($tf.nodes[]; .memory >= $config.machines[.role].memory)
				and ([$tf.nodes[].vm_id] | unique | length) == ($cluster.nodes | length)
				and $tf.talos.version == $config.talos.version' | grep -qx true
		done < <(jq -r '.clusters | keys[]' "$T/config.json")
	done
	run -2 render -f "$WORK/dev.yaml" --set-string cluster=nowhere "$N/infrastructure/templates/tfvars.yaml"
	has "there are dev-fra1" "$output"
}

@test "the variables that the modules want are those that tfvars have" {
	render -f "$WORK/dev.yaml" --set-string cluster=dev-fra1 -o json "$N/infrastructure/templates/tfvars.yaml" | jq -r 'keys[]' | sort >"$T/have"
	sed -n 's/^variable "\(.*\)" {$/\1/p' "$N/infrastructure/variables.tf" | grep -v '^machines$' | sort >"$T/want"
	diff -u "$T/want" "$T/have"
}

@test "the modules are formatted as tofu fmt does" {
	local fmt
	real
	fmt=$(command -v tofu || command -v terraform) || skip "tofu is not installed"
	(cd "$N/infrastructure" && env -u TF_CLI_CONFIG_FILE "$fmt" fmt -check -diff -recursive .)
}

@test "a machine configuration holds its node, and no secret unless it is given one" {
	local node
	export INFRAFLUX_STATE=$T/state
	for node in prod-hel1-cp-1 prod-hel1-w-2; do
		render -f "$WORK/prod.yaml" --set-string node="$node" -o jsonl "$N/infrastructure/templates/machine.yaml" | jq -s . >"$T/m.json"
		[[ $(jq -r '.[0].machine.network.interfaces[0].addresses[0]' "$T/m.json") == "$(jq -r ".clusters[\"prod-hel1\"].nodes[\"$node\"].address" \
			<<<"$(config-merge -o json "$WORK/prod.yaml")")/24" ]]
		[[ $(jq -r '.[] | select(.kind == "HostnameConfig").hostname' "$T/m.json") == "$node" ]]
		[[ $(jq '[.. | objects | (.token?, .key?, .secret?) | select(. != null)] | length' "$T/m.json") == 0 ]]
	done
	cat >"$T/secrets.yaml" <<-'END'
		cluster: {id: ID, secret: S}
		secrets: {bootstraptoken: BT, secretboxencryptionsecret: SB}
		trustdinfo: {token: TT}
		certs:
		  etcd: {crt: E, key: EK}
		  k8s: {crt: K, key: KK}
		  k8saggregator: {crt: A, key: AK}
		  k8sserviceaccount: {key: SK}
		  os: {crt: O, key: OK}
	END
	render -f "$WORK/prod.yaml" -f "$T/secrets.yaml" --set-string node=prod-hel1-cp-1 -o jsonl "$N/infrastructure/templates/machine.yaml" | jq -s '.[0]' >"$T/cp.json"
	[[ $(jq -c '[.machine.token, .machine.ca.key, .cluster.ca.key, .cluster.etcd.ca.key, .cluster.serviceAccount.key, .cluster.secret]' "$T/cp.json") == '["TT","OK","KK","EK","SK","S"]' ]]
	render -f "$WORK/prod.yaml" -f "$T/secrets.yaml" --set-string node=prod-hel1-w-1 -o jsonl "$N/infrastructure/templates/machine.yaml" | jq -s '.[0]' >"$T/w.json"
	# In the state of the environment they are the owner's alone, and nothing that was said holds one.
	run -0 infraflux provision prod --platform "$N" --secrets "$T/secrets.yaml" --to "$T/machines" --cluster prod-hel1
	hasnt KK "$output"
	grep -q 'key: KK' "$T/machines/prod-hel1/prod-hel1-cp-1.yaml"
	[[ $(stat -c %a "$T/machines/prod-hel1/prod-hel1-cp-1.yaml") == 600 ]]
	sed -i 's/key: KK/key: KL/' "$T/secrets.yaml"
	run -0 infraflux provision prod --platform "$N" --secrets "$T/secrets.yaml" --to "$T/machines" --cluster prod-hel1
	has '~ prod-hel1/prod-hel1-cp-1.yaml' "$output"
	hasnt KK "$output"
	hasnt KL "$output"
	run ! grep -rE 'K[KL]' "$INFRAFLUX_STATE"
	# A worker has no authority's key.
	[[ $(jq -c '[.machine.ca, .cluster.ca, .cluster.etcd, .cluster.serviceAccount]' "$T/w.json") == '[{"crt":"O","key":""},{"crt":"K","key":""},null,null]' ]]
}

# ---- documentation -------------------------------------------------------------
# a_copy: a root to run the documents' commands in: the platform copied, the programs linked.
a_copy() {
	mkdir -p "$T/root/examples"
	cp -a "$N" "$ROOT/examples/quickstart" "$T/root/examples/"
	ln -s "$BIN" "$T/root/bin"
	ln -s "$ROOT/pipelines" "$T/root/pipelines"
}
# a_repository: the copy is a git repository of Ann's.
a_repository() {
	local p=$T/root/examples/northstar
	git -C "$p" init -q -b main
	git -C "$p" config user.name Ann
	git -C "$p" config user.email ann@northstar.example
	git -C "$p" add -A
	git -C "$p" commit -qm 'the platform'
}
# follow FILE: runs the shell blocks of FILE, one after the other, as one script.  Where FILE says `<!-- a day later -->`,
# every release becomes two days older.
follow() {
	sed -n 's/^<!-- a day later -->$/for f in .state\/.infraflux\/*\/releases\/*.json; do jq ".time |= (fromdate - 172800 | todate)" "$f" >"$f.new" \&\& mv "$f.new" "$f"; done/p
		/^```sh$/,/^```$/{/^```/d;p}' "$1" >"$T/steps"
	[[ -s $T/steps ]] || { echo "$1 has no commands"; return 1; }
	(cd "$T/root" && INFRAFLUX_PLATFORM=examples/northstar bash -euo pipefail "$T/steps") >"$T/out" 2>"$T/err" </dev/null ||
		{ echo "status $? in $1"; tail -5 "$T/out" "$T/err"; return 1; }
}

@test "the commands of the README do what they say" {
	a_copy
	follow "$N/README.md"
}

@test "adding an application, as its document says, deploys it and lets it in" {
	a_copy
	follow "$N/docs/adding-an-application.md"
	has "Deployment web/guestbook" "$(<"$T/out")"
	grep -rq 'app.kubernetes.io/name: guestbook' "$T"/root/.state/dev
	# The other side of its dependency.
	(cd "$T/root" && grep -rl 'name: guestbook' .state/dev | grep -qi 'networkpolicy.*cache')
}

@test "infraflux new writes an application of each category that passes every gate as it is" {
	a_copy
	cd "$T/root"
	export INFRAFLUX_PLATFORM=examples/northstar
	local c env
	for c in web-services apis databases background-jobs infrastructure-apps; do
		run -0 infraflux new "$c" "my-${c%-*}"
	done
	infraflux new apis pay --image ghcr.io/example/pay:1.10 --depends cache,my-apis --owner team-web -q
	has 'tag: "1.10"' "$(<"$INFRAFLUX_PLATFORM/applications/apis/pay/values.yaml")"
	for env in dev prod; do
		run -0 --separate-stderr infraflux deploy "$env" --dry-run
		has "StatefulSet data/my-databases" "$output"
		has "CronJob jobs/my-background" "$output"
		has "Deployment apis/pay" "$output"
	done
	run -2 infraflux new apis pay
	has "is there already" "$output"
	run -2 infraflux new apis Pay_
	has "is no name" "$output"
	run -2 infraflux new api pay2
	has "there are:" "$output"
	[[ $(find examples/northstar/applications -mindepth 1 -maxdepth 1 | wc -l) == 5 ]]
}

@test "infraflux catalog says whose an application is and who depends on it" {
	export INFRAFLUX_PLATFORM=$N
	run -0 infraflux catalog
	[[ ${#lines[@]} == 17 ]]
	has "main-postgres.data:5432" "$output"
	run -0 infraflux catalog cache --json
	[[ $(jq -c '[.name, .owner, (.dependents | sort)]' <<<"$output") == '["cache","team-data",["oauth2-proxy","podinfo"]]' ]]
	run -0 infraflux catalog --environment prod
	hasnt httpbin "$output"
	run -0 infraflux catalog --owner team-web --json
	[[ $(jq -r .name <<<"$output" | sort | paste -sd' ') == "smoke-test storefront wiki" ]]
	run -2 infraflux catalog nobody
	has "no application" "$output"
}

@test "adding an environment, as its document says, deploys it" {
	a_copy
	follow "$N/docs/adding-an-environment.md"
	has "qa-fra1-w-2" "$(<"$T/out")"
	[[ -d $T/root/.state/qa ]]
}

@test "adding a cluster, as its document says, adds its services and changes no application" {
	a_copy
	(cd "$T/root" && INFRAFLUX_PLATFORM=examples/northstar "$ROOT/bin/infraflux" deploy staging) >/dev/null
	follow "$N/docs/adding-a-cluster.md"
	has "Application argocd/staging-hel1-cilium" "$(<"$T/out")"
	hasnt "Deployment" "$(<"$T/out")"
}

@test "upgrading, as its document says, takes a version from dev to prod" {
	need git
	a_copy
	a_repository
	config-merge --in-place --set 'gates.freezes=[]' "$T/root/examples/northstar/environments/prod.yaml"
	git -C "$T/root/examples/northstar" commit -qam 'no freeze today'
	(cd "$T/root" && INFRAFLUX_PLATFORM=examples/northstar infraflux deploy dev -q && INFRAFLUX_PLATFORM=examples/northstar infraflux deploy staging -q &&
		INFRAFLUX_PLATFORM=examples/northstar infraflux deploy prod -q) >/dev/null
	follow "$N/docs/upgrading.md"
	local env
	for env in dev staging prod; do
		grep -rq 'image: ghcr.io/stefanprodan/podinfo:6.9.1' "$T/root/.state/$env" || { echo "$env"; return 1; }
	done
	has "kubelet:v1.36.5" "$(<"$T/out")"
	[[ $(git -C "$T/root/examples/northstar" tag -l '*/v1' | paste -sd' ') == 'prod/v1 staging/v1' ]]
	[[ $(git -C "$T/root/examples/northstar" branch --list 'update/*' | wc -l) == 1 ]]
}

@test "rolling back, as its document says, puts back what was" {
	a_copy
	need git
	a_repository
	follow "$N/docs/rolling-back.md"
	run grep -rho 'image: ghcr.io/stefanprodan/podinfo:.*' "$T/root/.state/dev"
	has ":6.9.0" "$output"
	hasnt "6.9.99" "$output"
}

@test "architecture.md explains with commands that work" {
	a_copy
	follow "$N/docs/architecture.md"
	has "prod.yaml" "$(<"$T/out")"
}

@test "the quickstart finds the one change that somebody made by hand" {
	a_copy
	sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$ROOT/examples/quickstart/README.md" >"$T/steps"
	(cd "$T/root" && run -1 --separate-stderr bash "$T/steps" && has "spec.replicas" "$output" && has "1 changed, 2 unchanged" "$output")
}

@test "links between the documents lead somewhere" {
	local f link
	while IFS= read -r f; do
		while IFS= read -r link; do
			[[ $link == http* ]] || [[ -e $(dirname "$f")/${link%%#*} ]] || { echo "$f: $link"; return 1; }
		done < <(grep -oP '\]\(\K[^)]+' "$f")
	done < <(find "$N" "$ROOT/examples/quickstart" -path '*/templates/new' -prune -o -name '*.md' -print)
}

# ---- one value ------------------------------------------------------------------
# objects ENV OUT [LAYER]: all objects of ENV by identity.
objects() {
	config "$1" "$T/c.yaml" "${@:3}"
	render -f "$T/c.yaml" -O "$T/c.platform.yaml" "$N"/platform/*.yaml "$N"/platform/services/*.yaml
	render -f "$T/c.yaml" --set-string root="$N" -o json -O "$T/c.releases.json" "$N/templates/releases.yaml"
	render --releases "$T/c.releases.json" -o yaml -O "$T/c.apps.yaml"
	config-merge --each -o jsonl "$T/c.platform.yaml" "$T/c.apps.yaml" |
		jq -S -s 'map({key: "\(.kind) \(.metadata.namespace // "-")/\(.metadata.name)", value: .}) | from_entries' >"$2"
}

@test "one value changed in one layer changes exactly the manifests that it should" {
	local f env n=0
	for env in dev staging prod; do objects "$env" "$T/$env.json"; done
	for f in "$CASES"/change-*.yaml; do
		env=$(sed -n '1s/^# \([a-z]*\): .*/\1/p' "$f")
		objects "$env" "$T/after.json" "$f"
		jq -nr --slurpfile a "$T/$env.json" --slurpfile b "$T/after.json" '
			$a[0] as $a | $b[0] as $b | ($a + $b) | keys[] | select($a[.] != $b[.])
			| if $a[.] == null then "# + \(.)" elif $b[.] == null then "# - \(.)" else "# ~ \(.)" end' >"$T/changed"
		if [[ -n ${BLESS:-} ]]; then
			{ sed -n 1p "$f"; cat "$T/changed"; grep -v '^#' "$f"; } >"$T/blessed" && cp "$T/blessed" "$f"
		fi
		diff -u <(grep -E '^# [~+-] ' "$f") "$T/changed" || { echo "$f"; return 1; }
		n=$((n + 1))
	done
	((n >= 10))
}

# ---- the real tools of the infrastructure -----------------------------------------
real() { PATH=$PATH:${REAL_PREFIX:-$HOME/.cache/infraflux-real}/bin; }

# tofu_root: a copy of infrastructure/ with providers of which only the schema is there.
tofu_root() {
	real
	need tofu stub-provider
	unset TF_CLI_CONFIG_FILE
	local p dir
	for p in bpg/proxmox/0.90.0 siderolabs/talos/0.11.0; do
		dir=$T/plugins/registry.opentofu.org/$p/$(uname -s | tr '[:upper:]' '[:lower:]')_$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
		mkdir -p "$dir"
		cp "$(command -v stub-provider)" "$dir/terraform-provider-$(basename "$(dirname "$p")")_v$(basename "$p")"
		cp "$CASES/providers/$(basename "$(dirname "$p")").json" "$dir/schema.json"
	done
	cp -a "$N/infrastructure" "$T/tf"
	cd "$T/tf"
	tofu init -input=false -no-color -plugin-dir="$T/plugins" >"$T/init" 2>&1 || { cat "$T/init"; return 1; }
}

@test "OpenTofu takes the modules, and finds a misspelt argument" {
	tofu_root
	tofu validate -no-color
	sed -i 's/scsi_hardware/scsi_hardwear/' modules/proxmox-vms/main.tf
	run -1 tofu validate -no-color
	has "scsi_hardwear" "$output"
}

@test "OpenTofu's plan has the nodes, hosts, addresses and sizes of the configuration" {
	tofu_root
	local cluster env node
	for cluster in dev-fra1 prod-hel1; do
		env=${cluster%-*}
		mkdir -p "$T/run"
		render -f "$WORK/$env.yaml" --set-string cluster="$cluster" -o json -O "$T/run/terraform.tfvars.json" "$N/infrastructure/templates/tfvars.yaml"
		while IFS= read -r node; do
			render -f "$WORK/$env.yaml" --set-string node="$node" -o yaml -O "$T/run/$node.yaml" "$N/infrastructure/templates/machine.yaml"
		done < <(jq -r '.nodes | keys[]' "$T/run/terraform.tfvars.json")
		tofu plan -input=false -no-color -var-file="$T/run/terraform.tfvars.json" -var machines="$T/run" -out="$T/plan" >"$T/out" 2>&1 || { cat "$T/out"; return 1; }
		tofu show -json "$T/plan" >"$T/plan.json"
		config-merge -o json "$WORK/$env.yaml" >"$T/config.json"
		jq -n --arg c "$cluster" --slurpfile plan "$T/plan.json" --slurpfile config "$T/config.json" '
			$config[0] as $config | $config.clusters[$c] as $cluster
			| [$plan[0].planned_values.root_module.child_modules[].resources[] | select(.type == "proxmox_virtual_environment_vm").values
				| {name, host: .node_name, memory: .memory[0].dedicated, cores: .cpu[0].cores, address: .initialization[0].ip_config[0].ipv4[0].address,
					disks: [.disk[].size], vlan: .network_device[0].vlan_id}] as $have
			| [$cluster.nodes | to_entries[] | ($config.machines[.value.role] + (.value.machine // {})) as $m
				| {name: .key, host: .value.host, memory: $m.memory, cores: $m.cores, address: "\(.value.address)/24",
					disks: [$m.disk, $m.dataDisk // empty], vlan: $cluster.network.vlan}] as $want
			| [$plan[0].planned_values.root_module.child_modules[].resources[] | select(.type == "proxmox_virtual_environment_network_linux_bridge").values
				| [.node_name, .name, .ports[0]]] as $bridges
			| ($have | sort_by(.name)) == ($want | sort_by(.name))
				and ($bridges | sort) == (if $cluster.proxmox.uplink then [$cluster.nodes[].host] | unique | map([., $cluster.proxmox.bridge, $cluster.proxmox.uplink]) else [] end)
				and ([$want[].host] | unique | length) >= (if $config.environment == "prod" then 3 else 1 end)' | grep -qx true
	done
}

@test "the modules' own tests pass under tofu test" {
	tofu_root
	tofu init -input=false -no-color -plugin-dir="$T/plugins" >/dev/null
	tofu test -no-color >"$T/out" 2>&1 || { cat "$T/out"; return 1; }
	has "8 passed, 0 failed" "$(<"$T/out")"
}

@test "talosctl takes the machine configuration of every kind of node" {
	real
	need talosctl
	local env node
	(umask 077 && talosctl gen secrets -o "$T/secrets.yaml" >/dev/null)
	for node in dev-fra1-cp-1 staging-fra1-w-2 prod-hel1-cp-3 prod-fra1-w-4; do
		env=${node%%-*}
		render -f "$WORK/$env.yaml" -f "$T/secrets.yaml" --set-string node="$node" -o yaml -O "$T/machine.yaml" "$N/infrastructure/templates/machine.yaml"
		talosctl validate --strict -m metal -c "$T/machine.yaml"
		# The same secrets, the same file.
		render -f "$WORK/$env.yaml" -f "$T/secrets.yaml" --set-string node="$node" -o yaml "$N/infrastructure/templates/machine.yaml" | cmp - "$T/machine.yaml"
		# Without secrets it is a patch of what talosctl makes.
		render -f "$WORK/$env.yaml" --set-string node="$node" -o yaml -O "$T/patch.yaml" "$N/infrastructure/templates/machine.yaml"
		talosctl gen config x https://x:6443 --with-secrets "$T/secrets.yaml" -t "$([[ $node == *-cp-* ]] && echo controlplane || echo worker)" \
			-o "$T/base.yaml" --force >/dev/null 2>&1
		talosctl machineconfig patch "$T/base.yaml" -p @"$T/patch.yaml" -o "$T/patched.yaml"
		talosctl validate -m metal -c "$T/patched.yaml"
		has "hostname: $node" "$(<"$T/patched.yaml")"
	done
	sed -i 's/podSubnets/podSubnet/' "$T/machine.yaml"
	run -1 talosctl validate -m metal -c "$T/machine.yaml"
}
