# SPDX-License-Identifier: MIT
# What every pipeline shares: options, a lock and a record for each run, stages that land a file, targets.
# shellcheck shell=bash
#
# A pipeline sets `declare -A options` ([name]=flag or the name of its value), calls `begin VERB "$@"`, then stages.
# Land, then act: each stage writes $work/NN-NAME; nothing that changes the world reads from a pipe.

set -Eeuo pipefail
shopt -s inherit_errexit nullglob
# What nobody foresaw is trouble: a status of 1 would say that something was found.
trap 'exit 2' ERR
umask 077
export LC_ALL=C

JQ=${JQ:-jq}
GIT=${GIT:-git}
KUBECTL=${KUBECTL:-kubectl}
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
PATH=${INFRAFLUX_BIN:-$root/bin}:$PATH
user=${USER:-$(id -un 2>/dev/null || true)} # a number where it has no name

declare -A opt=() options
declare -a args=()
verb='' env='' state='' work='' kube_held='' outcome=trouble result='{}' started=$EPOCHREALTIME
declare -A common_options=([platform]=DIR [target]=TARGET [dry-run]=flag [wait-lock]=SECONDS [keep]=flag
	[quiet]=flag [verbose]=flag [help]=flag [max-prune]=N [prune-all]=flag [take-over]=flag [timeout]=SECONDS)

say() { [[ -n ${opt[quiet]:-} ]] || printf '%s\n' "$*" >&2; }
die() {
	clear_bar
	printf '%s: error: %s\n' "${verb:-infraflux}" "$*" >&2
	exit 2
}

# The header comment of the pipeline is its help.
usage() {
	sed -n '2,/^[^#]/{/^# shellcheck /d;s/^# \{0,1\}//p}' "$0"
	cat <<-'END'

		Options of every pipeline:
		  --platform DIR     the platform repository (default: $INFRAFLUX_PLATFORM, else examples/northstar)
		  --target TARGET    dir:PATH, git:REPO#BRANCH or kube:CONTEXT instead of the environment's own
		  -n, --dry-run      show what would be done, change nothing
		  --wait-lock N      wait up to N seconds for another run of this environment
		  --max-prune N      stop where more than N objects would be removed (default 10)
		  --prune-all        let pruning remove Namespaces, CRDs and PVCs, too
		  --take-over        kube: set fields that others hold, too (without it they are conflicts)
		  --timeout N        kube: how long a wave may take to be ready (default 300 s)
		  -k, --keep         keep the files that the stages landed
		  -q, --quiet        errors only;  -v, --verbose: each stage's name;  -h, --help

		Status: 0 done; 1 findings (drift, invalid, damaged, refused by a gate); 2 trouble.
	END
}

parse() {
	local name kind value
	while (($#)); do
		case $1 in
		--) shift; args+=("$@"); return ;;
		-n) set -- --dry-run "${@:2}" ;;
		-k) set -- --keep "${@:2}" ;;
		-q) set -- --quiet "${@:2}" ;;
		-v) set -- --verbose "${@:2}" ;;
		-h) set -- --help "${@:2}" ;;
		esac
		if [[ $1 != --* ]]; then
			[[ $1 != -?* ]] || die "unknown option $1; see infraflux $verb --help"
			args+=("$1")
			shift
			continue
		fi
		name=${1#--} value=
		[[ $name == *=* ]] && { value=${name#*=} name=${name%%=*}; }
		kind=${options[$name]:-${common_options[$name]:-}}
		[[ -n $kind ]] || die "unknown option --$name; see infraflux $verb --help"
		if [[ $kind == flag ]]; then
			value=1
		elif [[ $1 != *=* ]]; then
			(($# > 1)) || die "--$name wants a value ($kind)"
			value=$2
			shift
		fi
		# One that may be repeated is a list, a line each.
		if [[ $kind == *... && -n ${opt[$name]:-} ]]; then value=${opt[$name]}$'\n'$value; fi
		opt[$name]=$value
		shift
	done
}

# start VERB "$@": options only; for pipelines that are not of one environment.
start() {
	verb=$1
	shift
	parse "$@"
	if [[ -n ${opt[help]:-} ]]; then
		usage
		exit 0
	fi
	platform=${opt[platform]:-${INFRAFLUX_PLATFORM:-examples/northstar}}
	[[ -n ${opt[platform]:-}${INFRAFLUX_PLATFORM:-} || -d $platform ]] || platform=$root/examples/northstar
	[[ -d $platform/environments ]] || die "$platform is no platform repository (it has no environments/); name one with --platform"
	state_root=${INFRAFLUX_STATE:-.state}/.infraflux
	for name in max-prune wait-lock timeout; do
		[[ ${opt[$name]:-0} =~ ^[0-9]+$ ]] || die "--$name wants a whole number, not \"${opt[$name]}\""
	done
	# Of a child, too, that was interrupted at the same terminal, and whatever it made of that.
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# What a pipeline is called with that does a part of this one's work: the options they share, but --quiet.
declare -a handed=()
hand_on() {
	local name
	handed=(--platform "$platform")
	for name in "${!common_options[@]}"; do
		[[ -n ${opt[$name]:-} && $name != platform && $name != quiet ]] || continue
		if [[ ${common_options[$name]} == flag ]]; then handed+=("--$name"); else handed+=("--$name=${opt[$name]}"); fi
	done
}

# begin VERB "$@": options, the environment (the first argument), its lock, and the record written when the run ends.
# What comes after the environment is left in args: nothing, unless the pipeline has set $more.
more=0
begin() {
	start "$@"
	((${#args[@]})) || die "which environment? there are: $(environments | paste -sd' ')"
	((${#args[@]} <= 1 + more)) || die "there are too many arguments: ${args[*]:1 + more}; see infraflux $verb --help"
	enter "${args[0]}"
	args=("${args[@]:1}")
}

value() { # PATH FILE...: the value there, or nothing
	config-merge --select "$1" -o json "${@:2}" 2>/dev/null | "$JQ" -r '. // empty' || true
}
target_of() { value target "$platform/environments/defaults.yaml" "$platform/environments/$1.yaml"; }

# In the order in which versions travel, if the platform says so.
environments() {
	local f e order=()
	mapfile -t order < <(config-merge --select promotion -o json "$platform/environments/defaults.yaml" 2>/dev/null | "$JQ" -r '.[]?')
	for e in "${order[@]}"; do
		[[ ! -f $platform/environments/$e.yaml ]] || echo "$e"
	done
	for f in "$platform"/environments/*.yaml; do
		e=${f##*/} e=${e%.yaml}
		[[ $e == defaults || " ${order[*]} " == *" $e "* ]] || echo "$e"
	done
}

must_be_environment() {
	[[ $1 =~ ^[a-z0-9][a-z0-9-]*$ && $1 != defaults && -f $platform/environments/$1.yaml ]] ||
		die "no environment \"$1\" in $platform; there are: $(environments | paste -sd' ')"
}
must_be_application() {
	[[ -n $(compgen -G "$platform/applications/*/$1") ]] || die "no application \"$1\"; see infraflux catalog"
}

enter() {
	must_be_environment "$1"
	env=$1
	state=$state_root/$env
	mkdir -p "$state/releases" "$state/metrics"
	trap finish EXIT
	lock
	# From here on, what lies there is of this run.
	work=$state/work/$verb
	rm -rf "$work"
	mkdir -p "$work"
}

# One run an environment; the kernel frees the lock of a process that was killed.
lock() {
	exec {lock_fd}>>"$state/lock"
	# Without an owner the run has ended, and a last child of it is about to.
	if ! flock -n "$lock_fd" && { [[ -e $state/lock.owner ]] || ! flock -w 10 "$lock_fd"; }; then
		local owner
		owner=$(cat "$state/lock.owner" 2>/dev/null || echo another run)
		if [[ -z ${opt[wait-lock]:-} ]] || { say "$verb: waiting for $owner"; ! flock -w "${opt[wait-lock]}" "$lock_fd"; }; then
			outcome=locked
			die "$env is locked by $owner; wait for it with --wait-lock SECONDS"
		fi
	fi
	printf '%s\n' "$(who)" >"$state/lock.owner"
}
who() { printf '%s of %s@%s, process %s, since %(%FT%TZ)T' "$verb" "$user" "${HOSTNAME:-host}" $$ -1; }

# The record and the metrics of the run, on every way out.
finish() {
	local status=$? now seconds
	trap - EXIT ERR
	trap : INT TERM HUP # to the end, whoever is impatient
	set +e
	clear_bar
	now=$EPOCHREALTIME
	seconds=$(awk -v a="$started" -v b="$now" 'BEGIN { printf "%.3f", b - a }')
	case $status in
	0) outcome=ok ;;
	1) outcome=findings ;;
	*) [[ $outcome == locked ]] || outcome=trouble ;;
	esac
	if [[ -z ${opt[dry-run]:-} ]]; then
		"$JQ" -nc --arg verb "$verb" --arg env "$env" --arg outcome "$outcome" --arg target "${target:-}" \
			--arg time "$(date -u +%FT%TZ)" --arg user "$user" --argjson status "$status" \
			--argjson seconds "$seconds" --argjson result "$result" \
			'{time: $time, verb: $verb, environment: $env, target: $target, outcome: $outcome, status: $status, seconds: $seconds, user: $user} + $result' \
			>>"$state/runs.jsonl"
		metrics "$status" "$seconds"
	fi
	if [[ -n $work ]]; then
		rm -f "$state/lock.owner"
		[[ -z $kube_held ]] || kube_unlock
		[[ -n ${opt[keep]:-} || $status == 2 ]] || rm -rf "$state/work/$verb"
		[[ -n ${opt[keep]:-} ]] && say "$verb: the stages' files are in $work"
	fi
	exit "$status"
}

# Prometheus' textfile format, whole or not at all.
metrics() {
	local file=$state/metrics/infraflux_$verb.prom l="{environment=\"$env\",verb=\"$verb\"}" last
	last=$(sed -n "s/^infraflux_last_success_timestamp_seconds{.*} //p" "$file" 2>/dev/null)
	(($1 == 0)) && last=${EPOCHREALTIME%.*}
	{
		echo "# TYPE infraflux_last_run_timestamp_seconds gauge"
		echo "infraflux_last_run_timestamp_seconds$l ${EPOCHREALTIME%.*}"
		echo "# TYPE infraflux_last_success_timestamp_seconds gauge"
		echo "infraflux_last_success_timestamp_seconds$l ${last:-0}"
		echo "# TYPE infraflux_run_duration_seconds gauge"
		echo "infraflux_run_duration_seconds$l $2"
		echo "# TYPE infraflux_run_status gauge"
		echo "infraflux_run_status$l $1"
		echo "# TYPE infraflux_run_locked gauge"
		echo "infraflux_run_locked$l $([[ $outcome == locked ]] && echo 1 || echo 0)"
	} >"$file.$$" && chmod 644 "$file.$$" && mv -f "$file.$$" "$file"
}

# ---- stages ---------------------------------------------------------------

steps=0 step=0
clear_bar() { [[ ! -t 2 ]] || printf '\r\033[K' >&2; }
bar() {
	step=$((step + 1))
	[[ -n ${opt[verbose]:-} ]] && { printf '%s %s: %s\n' "$verb" "$env" "$1" >&2; return; }
	[[ -t 2 && -z ${opt[quiet]:-} && $steps -gt 0 ]] || return 0
	local full=$((step * 20 / (steps > step ? steps : step))) i line=
	for ((i = 0; i < 20; i++)); do ((i < full)) && line+='#' || line+='-'; done
	printf '\r\033[K%s %s [%s] %s' "$verb" "$env" "$line" "$1" >&2
}

# stage NAME STATUSES COMMAND...: standard output lands in $work/NAME; a status not among STATUSES ends the run with it.
code=0
stage() {
	local name=$1 allowed=$2
	shift 2
	bar "${name#*-}"
	code=0
	"$@" >"$work/$name" || code=$?
	[[ " $allowed " == *" $code "* ]] && return
	clear_bar
	printf '%s: error: %s of %s failed (status %s); its files are in %s\n' "$verb" "${name#*-}" "$env" "$code" "$work" >&2
	opt[keep]=1
	exit $((code == 1 ? 1 : 2))
}

# The one configuration of the environment, each value with its origin, checked before anything renders.
layers() {
	printf '%s\n' "$platform/environments/defaults.yaml" "$platform"/applications/*/*/app.yaml \
		"$platform/environments/$env.yaml" "$platform"/clusters/"$env"-*.yaml
}
configure() {
	local -a files
	mapfile -t files < <(layers)
	stage 10-config.yaml 0 config-merge --origins-out "$work/10-config.origins" "${files[@]}"
	stage 11-config.report '0 1' validate --schema "$platform/schemas/config.schema.json" --origins "$work/10-config.origins" "$work/10-config.yaml"
	((code == 0)) || refuse_config "$work/11-config.report"
	cross_check
	target=${opt[target]:-$(value target "$work/10-config.yaml")}
	[[ -n $target ]] || die "$env names no target; set target: in environments/$env.yaml, or use --target"
	case $target in
	dir:?* | git:?*#?* | kube:?*) ;;
	*) die "target \"$target\" is not dir:PATH, git:REPO#BRANCH or kube:CONTEXT" ;;
	esac
}

# What no schema can say of it, at the line of the layer that is wrong.
cross_check() {
	[[ -f $platform/templates/checks.yaml ]] || return 0
	stage 12-checks.json 0 render -f "$work/10-config.yaml" -o json "$platform/templates/checks.yaml"
	[[ $(<"$work/12-checks.json") != '[]' ]] || return 0
	stage 12-checks.report 0 "$JQ" -r --arg rule config/check --slurpfile origins "$work/10-config.origins" -f "$root/lib/jq/places.jq" "$work/12-checks.json"
	refuse_config "$work/12-checks.report"
}
refuse_config() {
	clear_bar
	cat "$1" >&2
	printf '%s: error: the configuration of %s is refused: %s findings\n' "$verb" "$env" "$(grep -c ': error: ' "$1")" >&2
	exit 1
}

kubernetes_version() {
	config-merge --select kubernetes.version -o json "$work/10-config.yaml" | "$JQ" -r .
}

# The option that names the platform's CustomResourceDefinitions, and those that hand on what --report asks for: a line each.
crds() { [[ ! -d $platform/schemas/crds ]] || printf -- '--crds=%s\n' "$platform/schemas/crds"; }
reports() { # DEFAULT
	local asked=${opt[report]:-${1:-}}
	[[ -z $asked ]] || printf -- '--report=%s\n' "${asked//$'\n'/$'\n'--report=}"
}

# All files of the platform in DIR, but those of git, of OpenTofu, of the runs, and what else is no part of it though it may
# lie within.
copy_platform() { # DIR [NOT]...
	local not
	mapfile -t not < <(realpath -m --relative-to="$platform" "$state_root" "$state_root/.." "${@:2}")
	tar -C "$platform" --exclude=.git --exclude=.terraform --anchored --no-wildcards "${not[@]/#/--exclude=./}" -cf - . | tar -C "$1" -xf -
}

# Every object of the environment, with origins, refused here if the API server would refuse it.
# Lands 30-manifests.yaml; $1: a Kubernetes version to check against instead of the configuration's.
render_all() {
	render_manifests
	check_manifests "${1:-}"
	pack_objects "$work/30-manifests.yaml"
}
# With $scope, the objects of that application alone.
scope=
render_manifests() {
	local services
	services=("$platform"/platform/*.yaml "$platform"/platform/services/*.yaml)
	[[ -z $scope && ${#services[@]} != 0 ]] || services=(/dev/null)
	stage 20-platform.yaml 0 render -f "$work/10-config.yaml" --origins "$work/10-config.origins" \
		--origins-out "$work/20-platform.origins" "${services[@]}"
	stage 21-releases.yaml 0 render -f "$work/10-config.yaml" --origins "$work/10-config.origins" \
		--origins-out "$work/21-releases.origins" --set-string "root=$(cd "$platform" && pwd)" \
		--set-string "only=$scope" "$platform/templates/releases.yaml"
	stage 22-applications.yaml 0 render --releases "$work/21-releases.yaml" --origins "$work/21-releases.origins" -o yaml --origins-out "$work/22-applications.origins"
	land_manifests "$work/20-platform.yaml" "$work/22-applications.yaml"
}
# Lands 30-manifests.yaml.  In a cluster each object carries our label, and they are in the order of application.
land_manifests() {
	if [[ $target == kube:* ]]; then
		stage 30-manifests.yaml 0 config-merge --kubernetes --apply-order -o yaml --set-string "metadata.labels.\"$kube_label\"=$env" "$@"
	else
		stage 30-manifests.yaml 0 config-merge --each -o yaml "$@"
	fi
}
check_manifests() {
	local crds version=$1
	[[ -n $version ]] || version=$(kubernetes_version)
	mapfile -t crds < <(crds)
	stage 23-platform.report 0 validate --kubernetes="$version" "${crds[@]}" --origins "$work/20-platform.origins" "$work/20-platform.yaml"
	stage 24-applications.report 0 validate --kubernetes="$version" "${crds[@]}" --origins "$work/22-applications.origins" "$work/22-applications.yaml"
}

# An object stream as an archive with a file per object: what targets are written from and releases kept as.
pack_objects() {
	stage 40-objects.tar.zst 0 pack-backup - <"$1"
}

# ---- targets: what is there (50-live.yaml), what would go, apply, prune ----------

# Opens the target, `to write` what will be changed; sets $tree, the folder that holds its objects (a fresh clone of a
# branch; the folder itself).
target_open() {
	case $target in
	dir:*)
		tree=${target#dir:}
		;;
	git:*)
		local spec=${target#git:}
		git_repo=${spec%#*} git_branch=${spec##*#}
		[[ ! -d $git_repo ]] || git_repo=$(realpath "$git_repo")
		tree=$work/clone
		rm -rf "$tree"
		local heads
		heads=$("$GIT" ls-remote --heads "$git_repo" "refs/heads/$git_branch" 2>/dev/null) || die "cannot reach the repository $git_repo of the target"
		if [[ -n $heads ]]; then
			"$GIT" clone -q --single-branch --branch "$git_branch" -- "$git_repo" "$tree" || die "cannot clone $git_repo"
		else
			"$GIT" init -q -b "$git_branch" "$tree"
			"$GIT" -C "$tree" remote add origin "$git_repo"
		fi
		;;
	kube:*) kube_open "$*" ;;
	esac
}

tree_files() {
	[[ -d $tree ]] || return 0
	find "$tree" -name '.*' ! -path "$tree" -prune -o -type f -name '*.yaml' -printf '%P\n' | sort
}

# Of the files of $tree that standard input names, those that $scope's application has; without it all.
in_scope() {
	[[ -n $scope ]] || { cat; return; }
	cat >"$work/50-all.names"
	[[ -s $work/50-all.names ]] || return 0
	in_tree "$work/50-all.names" xargs -0 config-merge --each -o jsonl -- |
		"$JQ" -r '.metadata.labels["app.kubernetes.io/instance"] // ""' >"$work/50-all.owners"
	(($(wc -l <"$work/50-all.names") == $(wc -l <"$work/50-all.owners"))) || die "a file in $tree does not hold just one object; deploy all of $env"
	paste "$work/50-all.owners" "$work/50-all.names" | awk -F'\t' -v app="$scope" '$1 == app { print $2 }'
}

# in_tree NAMES COMMAND...: runs the command in $tree with the names on standard input, each ended by a NUL.
in_tree() {
	tr '\n' '\0' <"$1" | (cd "$tree" && "${@:2}")
}
# The files of $tree that FILE names, as one stream.
object_stream() {
	[[ ! -s $1 ]] || in_tree "$1" xargs -0 awk 'FNR == 1 { print "---" } { print }'
}

# The live state as one stream.
live() {
	tree_files | in_scope >"$work/50-live.names" || return
	object_stream "$work/50-live.names"
}

# plan [OPTION]...: lands 51-plan.txt and .json: what differs; 52-prune: the files of objects that are not desired.
# Sets $changes, $prunes.  Options go to diff-drift.
plan() {
	stage 52-desired.list 0 restore --list "$work/40-objects.tar.zst"
	sort "$work/52-desired.list" >"$work/52-desired.names"
	if [[ $target == kube:* ]]; then
		kube_live
	else
		stage 50-live.yaml 0 live
		live_file=$work/50-live.yaml
	fi
	compare_live "$@"
	changes=$("$JQ" '.summary.added + .summary.changed' "$work/51-plan.json")
	[[ $target == kube:* ]] || comm -13 "$work/52-desired.names" "$work/50-live.names" >"$work/52-prune"
	prunes=$(wc -l <"$work/52-prune")
}

# diff-drift on what is desired and what is live.
compare_live() {
	# A folder or branch holds what we wrote and nothing else: there every field is ours.
	local fields=(--fields=all) crds=()
	if [[ $target == kube:* ]]; then
		fields=(--kubernetes="$(kubernetes_version)")
		mapfile -t crds < <(crds)
	fi
	stage 51-plan.txt '0 1' diff-drift --allow-empty "${fields[@]}" "${crds[@]}" --report text --report "json=$work/51-plan.json" "$@" "$work/30-manifests.yaml" "$live_file"
}

# Refuses what a mistake would look like: nothing desired, too much to remove, things whose removal loses data.
guard_prune() {
	((prunes)) || return 0
	[[ -s $work/52-desired.names ]] || die "nothing is desired, yet $prunes objects are live; refusing to remove them all"
	local f kept=()
	if [[ -z ${opt[prune-all]:-} ]]; then
		while IFS= read -r f; do
			if is_precious "$f"; then
				kept+=("$f")
			else
				printf '%s\n' "$f"
			fi
		done <"$work/52-prune" >"$work/52-prune.some"
		mv "$work/52-prune.some" "$work/52-prune"
		((${#kept[@]} == 0)) || say "$verb: kept (--prune-all removes them): ${kept[*]}"
		prunes=$(wc -l <"$work/52-prune")
	fi
	((prunes <= ${opt[max-prune]:-10})) ||
		die "$prunes objects would be removed, more than --max-prune ${opt[max-prune]:-10}; look at $work/52-prune with --dry-run --keep"
}

is_precious() {
	if [[ $target == kube:* ]]; then
		[[ $1 =~ ^objects/[^/]+/(Namespace|CustomResourceDefinition.apiextensions.k8s.io|PersistentVolumeClaim)/ ]]
	else
		grep -qE '^kind: "?(Namespace|CustomResourceDefinition|PersistentVolumeClaim)"?$' "$tree/$1"
	fi
}

# Makes the target hold just the objects of 40-objects.tar.zst.  $1: what this is, for git's log and the inventory.
# Sets $stalled if a cluster did not become ready: why, in one line.
stalled=''
apply() {
	stalled=''
	if [[ $target == kube:* ]]; then kube_apply "$1"; return; fi
	if [[ $target == git:* ]]; then refuse_plain_secrets; fi
	stage 60-apply 0 restore --to "$tree" --force "$work/40-objects.tar.zst"
	bar prune
	local f
	while IFS= read -r f; do
		rm -f "$tree/$f"
	done <"$work/52-prune"
	if ((prunes)); then find "$tree" -mindepth 1 -type d -empty ! -path '*/.git*' -delete; fi
	if [[ $target == git:* ]]; then git_land "$1"; fi
}

# What apply would do, told; a cluster's server is asked whether it would take it.
show_plan() {
	plan
	guard_prune
	clear_bar
	[[ -n ${opt[quiet]:-} ]] || sed 's/^/- /' "$work/52-prune" | cat "$work/51-plan.txt" -
	if [[ $target == kube:* ]]; then kube_ask; fi
}

# carry_out NOTE: apply, and look again.  Sets $changed and $pruned; with $stalled set the target is half way.
carry_out() {
	changed=$changes pruned=$prunes
	apply "$1"
	[[ -z $stalled ]] || return 0
	plan
	((changes == 0)) || { cat "$work/51-plan.txt" >&2; die "the target does not hold what was applied"; }
}

refuse_plain_secrets() {
	local found
	found=$(config-merge --each -o jsonl "$work/30-manifests.yaml" | "$JQ" -r 'select(.kind == "Secret" and ((.data // {}) + (.stringData // {}) | length > 0)) | "\(.metadata.namespace // "")/\(.metadata.name)"')
	[[ -z $found ]] || die "Secrets with plain data do not go to git: $(paste -sd' ' <<<"$found"); use an ExternalSecret or a sealed one"
}

git_land() {
	"$GIT" -C "$tree" add -A
	"$GIT" -C "$tree" diff --cached --quiet 2>/dev/null && "$GIT" -C "$tree" rev-parse -q --verify HEAD >/dev/null && return 0
	"$GIT" -C "$tree" -c user.name="${GIT_AUTHOR_NAME:-infraflux}" -c user.email="${GIT_AUTHOR_EMAIL:-infraflux@localhost}" \
		commit -q -m "$1" -m "Environment: $env" -m "Source: $(source_revision)"
	"$GIT" -C "$tree" push -q origin "HEAD:refs/heads/$git_branch" ||
		die "the branch $git_branch of $git_repo moved meanwhile; run again"
}

# ---- releases: what was deployed, kept so that a rollback is exact ------------------

source_revision() {
	local rev
	rev=$("$GIT" -C "$platform" rev-parse --short=12 HEAD 2>/dev/null) || { echo none; return; }
	[[ -z $("$GIT" -C "$platform" status --porcelain -- . 2>/dev/null) ]] || rev+=-dirty
	echo "$rev"
}

# A cluster keeps its releases itself; here is what it says of them.
releases_dir() {
	if [[ ${target:-} == kube:* ]]; then echo "$state/cluster"; else echo "$state/releases"; fi
}
release_numbers() {
	local f
	for f in "$(releases_dir)"/*.json; do
		f=${f##*/}
		echo "$((10#${f%.json}))"
	done
}
last_release() { release_numbers | tail -n 1; }
release_file() { printf '%s/%06d' "$(releases_dir)" "$1"; }

# What the target holds after one application was deployed: the last release with that application's objects anew.
whole_release() {
	local last
	last=$(last_release)
	tree=$work/whole
	mkdir "$tree"
	if [[ -n $last ]]; then
		stage 60-last.tar.zst 0 release_archive "$last"
		stage 61-last 0 restore --to "$tree" --force "$work/60-last.tar.zst"
	fi
	stage 62-gone 0 in_scope < <(tree_files)
	(cd "$tree" && tr '\n' '\0' | xargs -0r rm --) <"$work/62-gone"
	stage 63-anew 0 restore --to "$tree" --force "$work/40-objects.tar.zst"
	tree_files >"$work/64-whole.names"
	stage 65-whole.yaml 0 object_stream "$work/64-whole.names"
	land_manifests "$work/65-whole.yaml"
	pack_objects "$work/30-manifests.yaml"
}

# Keeps 40-objects.tar.zst as the newest release unless it is that already.  $1: a note.  Sets $release.
record_release() {
	local digest last
	last=$(last_release)
	if [[ -n $scope ]]; then
		release=$last
		[[ -z $last ]] || ((changed + pruned)) || return 0
		whole_release
	fi
	digest=$(sha256sum <"$work/40-objects.tar.zst" | cut -d' ' -f1)
	if [[ -n $last && $("$JQ" -r .digest "$(release_file "$last").json") == "$digest" ]]; then
		release=$last
		return
	fi
	release=$((${last:-0} + 1))
	local base
	base=$(release_file "$release")
	if [[ $target == kube:* ]]; then
		kube_keep_archives "$release"
	else
		cp "$work/40-objects.tar.zst" "$base.tar.zst.part"
		sync "$base.tar.zst.part"
		mv "$base.tar.zst.part" "$base.tar.zst"
	fi
	"$JQ" -n --argjson release "$release" --arg digest "$digest" --arg note "$1" --arg time "$(date -u +%FT%TZ)" \
		--arg source "$(source_revision)" --arg target "$target" --arg user "$user" \
		--argjson objects "$(restore --list "$work/40-objects.tar.zst" | wc -l)" \
		'{$release, $time, $digest, $source, $target, $user, $objects, $note}' >"$base.json.part"
	mv "$base.json.part" "$base.json"
	if [[ $target == kube:* ]]; then kube_keep_release "$base.json"; fi
}

# The objects of release $1 as 40-objects.tar.zst and 30-manifests.yaml, verified.
load_release() {
	local base
	base=$(release_file "$1")
	[[ -f $base.json ]] || die "$env has no release $1; there are: $(release_numbers | paste -sd' ')"
	stage 40-objects.tar.zst 0 release_archive "$1"
	stage 30-manifests.yaml 0 restore --stdout "$work/40-objects.tar.zst"
}
release_archive() {
	local file
	file=$(release_file "$1").tar.zst
	if [[ $target == kube:* ]]; then kube_release "$1" "$file"; fi
	restore --verify "$file" >"$work/35-verify" && cat "$file"
}

# Those of $env, the oldest first; DIR may be that of others, too.
backups() { # DIR
	local f
	for f in "$1/$env"-????????T??????Z.tar.zst; do printf '%s\n' "$f"; done
}
newest_backup() { backups "${1:-$state/backups}" | tail -n 1; }

# ---- kube: targets ------------------------------------------------------------------
#
# What is ours carries the label infraflux/environment=ENV and stands in the ConfigMap inventory-ENV of the namespace
# infraflux, which also holds the releases and the lock: what a machine loses, the next finds there.  The inventory
# names objects before they are made and until they are gone, so a run that was killed leaves nothing unknown.

kube_label=infraflux/environment
kube_home=${INFRAFLUX_NAMESPACE:-infraflux}
kube_keeper=''
kctl() { "$KUBECTL" --context="$kube_context" --request-timeout=60s "$@"; }
kjq() { "$JQ" -L "$root/lib/jq" "include \"kube\"; $1" "${@:2}"; } # PROGRAM [OPTION]... [FILE]...

kube_open() {
	kube_context=${target#kube:}
	command -v "$KUBECTL" >/dev/null || die "target $target wants kubectl; install it, or say in KUBECTL where it is"
	"$KUBECTL" config get-contexts "$kube_context" >/dev/null 2>&1 ||
		die "kubectl knows no context \"$kube_context\"; there are: $("$KUBECTL" config get-contexts -o name | paste -sd' ')"
	if [[ ${1:-} == 'to write' && -z ${opt[dry-run]:-} ]]; then kube_lock; fi
	kube_discover
	kube_read_state
}

# The kinds that the cluster serves; some group may be out of order.
kube_discover() {
	stage 45-api.txt '0 1' kctl api-resources --no-headers 2>"$work/45-api.err"
	[[ -s $work/45-api.txt ]] || die "cannot reach the cluster of $target: $(tail -n 1 "$work/45-api.err")"
	stage 45-api.json 0 kjq resources -Rs "$work/45-api.txt"
}

# Inventory and releases, as the cluster has them.
kube_read_state() {
	local n json
	code=0
	kctl get configmaps -n "$kube_home" -l "infraflux/state=$env,infraflux/keeps=record" -o json >"$work/46-state.json" 2>"$work/46-state.err" || code=$?
	((code == 0)) || die "cannot read the inventory in namespace $kube_home of $target: $(kube_said "$work/46-state.err")"
	kjq 'first((.items[] | select(.metadata.name | startswith("inventory-")) | inventoried), [])' "$work/46-state.json" >"$work/46-inventory.json"
	kube_pending=$("$JQ" -r 'first(.items[].data.pending | select(. != null)) // ""' "$work/46-state.json")
	rm -rf "$(releases_dir)"
	mkdir -p "$(releases_dir)"
	while IFS=$'\t' read -r n json; do
		printf '%s\n' "$json" >"$(release_file "$n").json"
	done < <("$JQ" -r '.items[].data.release | select(. != null) | "\(fromjson.release)\t\(.)"' "$work/46-state.json")
}

# The first thing that kubectl complained of, without its advice.
kube_said() { grep -vE '^(Warning:|$)' "$1" | head -n "${2:-1}" | sed 's/^error: //'; }

# kube_get IDS FILE [OPTION]...: those objects of ours, by label; 1: something could not be read ($FILE.err).
kube_get() {
	local ns resources i=0 ids=$1 out=$2
	rm -rf "$out.d"
	mkdir "$out.d"
	kjq 'queries($api[0])' -r --slurpfile api "$work/45-api.json" "$ids" >"$out.queries"
	while IFS='|' read -r ns resources; do
		i=$((i + 1))
		kctl get "$resources" ${ns:+"--namespace=$ns"} -l "$kube_label=$env" -o json "${@:3}" >"$out.d/$i.json" 2>"$out.d/$i.err" {lock_fd}>&- &
		((i % 4)) || wait_for_reads
	done <"$out.queries"
	wait_for_reads
	cat "$out.d"/*.json >"$out"
	cat "$out.d"/*.err | grep -vE '^Warning:|\(NotFound\): namespaces ' >"$out.err" || true
	[[ ! -s $out.err ]]
}
wait_for_reads() {
	local pids
	mapfile -t pids < <(jobs -pr | grep -vx "${kube_keeper:-0}")
	((${#pids[@]} == 0)) || wait "${pids[@]}" || true
}

# Lands 50-live.json: every desired object that is there, whoever made it, and what the inventory names besides.
# Lands 52-prune: what of the inventory is desired no more.
kube_live() {
	stage 48-objects.jsonl 0 config-merge --each -o jsonl "$work/30-manifests.yaml"
	stage 48-ids.json 0 kjq stepped -s "$work/48-objects.jsonl"
	stage 48-wanted.json 0 "$JQ" -s 'add' "$work/48-ids.json" "$work/46-inventory.json"
	live_file=$work/50-live.json
	bar live
	if ! kube_get "$work/48-wanted.json" "$live_file" --show-managed-fields; then kube_unreadable "$live_file.err"; fi
	kjq 'reduce (inputs | objects) as $o ({}; .[$o | id | key] = ($o | {metadata: (.metadata | {labels, ownerReferences})}))' -n "$live_file" >"$work/50-ours.json"
	stage 49-absent.json 0 kjq 'absent($live[0])[] | select($api[0]["\(group) \(.kind)"]) | stub' -c --slurpfile live "$work/50-ours.json" --slurpfile api "$work/45-api.json" "$work/48-ids.json"
	if [[ -s $work/49-absent.json ]]; then
		code=0
		kctl get -f "$work/49-absent.json" --ignore-not-found --show-managed-fields -o json >"$work/50-others.json" 2>"$work/50-others.err" || code=$?
		grep -vE '^Warning:|\(NotFound\): namespaces ' "$work/50-others.err" >"$work/50-unreadable.err" || true
		[[ ! -s $work/50-unreadable.err ]] || kube_unreadable "$work/50-unreadable.err"
		cat "$work/50-others.json" >>"$live_file"
	fi
	stage 52-leftover.json 0 kjq 'leftover($desired[0] | keyed(key); $live[0]; $tag; $env; $scope)' --arg scope "$scope" --slurpfile desired "$work/48-ids.json" --slurpfile live "$work/50-ours.json" --arg tag "$kube_label" --arg env "$env" "$work/46-inventory.json"
	kjq '.[] | file' -r "$work/52-leftover.json" >"$work/52-prune"
	kjq 'reduce (inputs | objects) as $o ({}; .[$o | id | key] = 1) | . as $live | $all[0][] | select($live[key]) | file' -n -r --slurpfile all "$work/48-wanted.json" \
		"$live_file" | sort -u >"$work/50-live.names"
}

# Not being allowed to read Secrets is no trouble to someone who only looks.
kube_unreadable() {
	if [[ $verb == drift ]] && ! grep -qvE 'Forbidden.*: secrets ' "$1"; then
		say "drift: Secrets are not compared: $(kube_said "$1" | sed 's/^Error from server (Forbidden): //')"
		kube_without_secrets
		return
	fi
	die "cannot read what is live in $target: $(kube_said "$1")"
}
kube_without_secrets() {
	restore --list "$work/40-objects.tar.zst" | grep -vE '^objects/[^/]+/Secret/' >"$work/48-readable" || true
	stage 48-rest.tar.zst 0 pack-backup --exclude 'objects/*/Secret' - <"$work/30-manifests.yaml"
	restore --stdout "$work/48-rest.tar.zst" >"$work/30-manifests.yaml.part"
	mv "$work/30-manifests.yaml.part" "$work/30-manifests.yaml"
}

# What the API server would say to all of it; nothing is stored.  Refusals end the run, conflicts are explained.
kube_ask() {
	local unknown missing others force=()
	unknown=$(kjq '($objects | promised) as $own | $ids[0] | map(select("\(group) \(.kind)" as $k | $own | index($k) | not)) | unknown_kinds($api[0])' -rn --slurpfile ids "$work/48-ids.json" --slurpfile api "$work/45-api.json" --slurpfile objects "$work/48-objects.jsonl")
	if [[ -n $unknown ]]; then
		clear_bar
		printf '%s: the cluster does not know the kind %s\n' "$verb" "${unknown//$'\n'/; }" >&2
		die "install their CustomResourceDefinitions first (kubectl apply --server-side -f $platform/schemas/crds), or what brings them"
	fi
	[[ -z ${opt[take-over]:-} ]] || force=(--force-conflicts)
	bar 'ask the server'
	code=0
	kctl apply --server-side --dry-run=server --field-manager=infraflux --validate=strict "${force[@]}" -f "$work/30-manifests.yaml" \
		>"$work/55-ask.txt" 2>"$work/55-ask.err" || code=$?
	((code)) || return 0
	sed -n 's/.*(NotFound).*namespaces "\(.*\)" not found.*/\1/p' "$work/55-ask.err" | sort -u >"$work/55-namespaces"
	missing=$("$JQ" -r '.[] | select(.kind == "Namespace") | .name' "$work/48-ids.json" | sort | comm -13 - "$work/55-namespaces" | paste -sd' ')
	[[ -z $missing ]] || die "there is no namespace $missing in $target, and none is among the objects; make it first (kubectl create namespace …)"
	if grep -q 'Apply failed with' "$work/55-ask.err"; then kube_conflicts "$work/55-ask.err"; fi
	kube_refusals "$work/55-ask.err" >"$work/55-refusals"
	others=$(kjq '$objects | promised | length' -n --slurpfile objects "$work/48-objects.jsonl")
	if [[ -s $work/55-refusals ]] && { ((others == 0)) || grep -qv 'no matches for kind' "$work/55-refusals"; }; then
		clear_bar
		sed "s/^/$verb: the API server refuses: /" "$work/55-refusals" >&2
		say "$verb: nothing was changed"
		exit 1
	fi
	[[ ! -s $work/55-namespaces ]] || say "$verb: the server was not asked about objects in namespaces that are still to be made: $(paste -sd' ' "$work/55-namespaces")"
}
# Without what is told otherwise: conflicts, namespaces to come, advice.
kube_refusals() {
	sed -e '/^Please review the fields above/,/^See https:/d' -e '/Apply failed with/,/^[^-c]/{/Apply failed with/d;/^conflicts\{0,1\} with/d;/^- \./d}' \
		-e '/(NotFound).*namespaces ".*" not found/d' -e '/^Warning:/d' -e '/^ensure CRDs are installed first/d' -e 's/^Error from server ([A-Za-z]*): //' -e 's/Invalid value: {.*}: /Invalid value: /' -e 's/^error: //' "$1"
}

kube_conflicts() {
	local told
	clear_bar
	told=$(kjq 'conflicts("infraflux"; 20)' -r "$work/51-plan.json")
	if [[ -z $told ]]; then told=$(sed -n -e 's/.*\(conflicts\{0,1\} with "\)/\1/p' -e '/^- \./p' "$1"); fi
	{
		printf '%s: conflict: other managers hold fields that the manifests set otherwise\n' "$verb"
		printf '  %s\n' "${told//$'\n'/$'\n'  }"
		printf '%s: nothing was changed; make the fields ours with --take-over, or leave them to their manager: take them out of the manifests\n' "$verb"
	} >&2
	exit 1
}

kube_put() {
	code=0
	kctl apply --server-side --force-conflicts --field-manager=infraflux-state -f "$1" >/dev/null 2>"$work/kube-put.err" || code=$?
	((code == 0)) || die "cannot write to namespace $kube_home of $target: $(kube_said "$work/kube-put.err")"
}

# kube_inventory PENDING IDS...: what is ours from now on.
kube_inventory() {
	"$JQ" -s 'add' "${@:2}" >"$work/46-inventory.next"
	kjq 'inventory($env; $ns; $pending)' --arg env "$env" --arg ns "$kube_home" --arg pending "$1" "$work/46-inventory.next" >"$work/46-inventory.object.json"
	kube_put "$work/46-inventory.object.json"
	mv "$work/46-inventory.next" "$work/46-inventory.json"
}

kube_apply() {
	local at name force=()
	[[ -z ${opt[take-over]:-} ]] || force=(--force-conflicts)
	if [[ -n $kube_pending ]]; then say "$verb: finishing what was interrupted: $kube_pending"; fi
	kube_pending="$1, by $(who)"
	kube_inventory "$kube_pending" "$work/46-inventory.json" "$work/48-ids.json"
	tree=$work/objects
	rm -rf "$tree"
	stage 60-objects 0 restore --to "$tree" "$work/40-objects.tar.zst"
	while IFS=$'\t' read -r at name; do
		kjq '.[] | select(.step == $s) | file' -r --argjson s "$at" "$work/48-ids.json" >"$work/61-step-$at.names"
		kjq 'map(select(.step == $s))' --argjson s "$at" "$work/48-ids.json" >"$work/61-step-$at.json"
		object_stream "$work/61-step-$at.names" >"$work/61-step-$at.yaml"
		bar "$name"
		code=0
		kctl apply --server-side --field-manager=infraflux --validate=strict "${force[@]}" -f "$work/61-step-$at.yaml" \
			>"$work/61-step-$at.out" 2>"$work/61-step-$at.err" || code=$?
		if ((code)); then
			if grep -q 'Apply failed with' "$work/61-step-$at.err"; then kube_conflicts "$work/61-step-$at.err"; fi
			clear_bar
			stalled="$name was refused: $(kube_refusals "$work/61-step-$at.err" | head -n 1)"
			kube_refusals "$work/61-step-$at.err" | sed "s/^/$verb: refused: /" >&2
			return
		fi
		kube_wait "$name" "$work/61-step-$at.json"
		[[ -z $stalled ]] || return 0
		if "$JQ" -e 'any(.[]; .kind == "CustomResourceDefinition")' "$work/61-step-$at.json" >/dev/null; then kube_discover; fi
	done < <("$JQ" -r 'unique_by(.step)[] | "\(.step)\t\(.place)"' "$work/48-ids.json")
	kube_prune
	kube_inventory '' "$work/48-ids.json" "$work/62-kept.json"
	kube_pending=''
}

# What 52-prune names goes, last applied first; what else is left over stays in the inventory.
kube_prune() {
	local rest=$work/52-leftover.json
	[[ -z $scope ]] || rest=$work/46-inventory.json
	kjq '($names | split("\n")) as $n | map(select(file as $f | $n | index($f) | not))' --rawfile names "$work/52-prune" "$rest" >"$work/62-kept.json"
	((prunes)) || return 0
	bar prune
	kjq '($names | split("\n")) as $n | .[] | select(file as $f | $n | index($f)) | stub' -c --rawfile names "$work/52-prune" "$work/52-leftover.json" >"$work/62-prune.json"
	code=0
	"$KUBECTL" --context="$kube_context" delete --ignore-not-found --wait --timeout="${opt[timeout]:-300}s" -f "$work/62-prune.json" >"$work/62-prune.out" 2>"$work/62-prune.err" || code=$?
	((code == 0)) || die "cannot remove all that is desired no more: $(kube_said "$work/62-prune.err"); they stay in the inventory, run again"
}

# kube_poll: lands 63-unready.json, those of 63-waiting.json that are not ready; sets $left.  1: could not be read.
kube_poll() {
	if [[ ! -s $work/63-classes.json ]]; then
		kctl get storageclasses -o json 2>/dev/null >"$work/63-classes.list" || echo '{"items": []}' >"$work/63-classes.list"
		kjq classes "$work/63-classes.list" >"$work/63-classes.json"
	fi
	kube_get "$work/63-waiting.json" "$work/63-live.json" || return 1
	kjq live_by_key -n "$work/63-live.json" >"$work/63-by-key.json"
	kjq 'waiting($live[0]; $classes[0])' --slurpfile live "$work/63-by-key.json" --slurpfile classes "$work/63-classes.json" "$work/63-waiting.json" >"$work/63-unready.json"
	left=$("$JQ" length "$work/63-unready.json")
}

# kube_wait NAME IDS: until all of them are ready; sets $stalled (and lands 63-stalled.txt) where one fails or time is up.
kube_wait() {
	local limit=${opt[timeout]:-300} deadline total left told='' line
	deadline=$((SECONDS + limit))
	kjq 'map(select(can_wait))' "$2" >"$work/63-waiting.json"
	total=$("$JQ" length "$work/63-waiting.json")
	((total)) || return 0
	while :; do
		if kube_poll; then
			((left)) || break
			mv "$work/63-unready.json" "$work/63-waiting.json"
			line="$1: $((total - left)) of $total ready; $(kjq '.[0] | "\(title): \(.why)"' -r "$work/63-waiting.json")"
			if [[ -t 2 ]]; then
				[[ -n ${opt[quiet]:-} ]] || printf '\r\033[K%s' "$(cut -c "1-${COLUMNS:-100}" <<<"$verb $env $line")" >&2
			elif [[ $line != "$told" ]]; then
				say "$verb: $line"
				told=$line
			fi
			if "$JQ" -e 'any(.[]; .failed)' "$work/63-waiting.json" >/dev/null; then
				stalled="$1: $(kube_names 'map(select(.failed))') failed"
			fi
		fi
		[[ -n $stalled ]] || ((SECONDS < deadline)) || stalled="$1: $(kube_names .) not ready after $limit s"
		[[ -z $stalled ]] || { kube_tell_stalled; return 0; }
		sleep 1
	done
	clear_bar
}
kube_names() { kjq "$1"' | map(title) | .[:3] + (if length > 3 then ["\(length - 3) more"] else [] end) | join(", ")' -r "$work/63-waiting.json"; }

# Why not: waiting containers, unschedulable pods, warnings among the events.
kube_tell_stalled() {
	clear_bar
	printf '%s: not ready: %s\n' "$verb" "$stalled" >&2
	kube_reasons | tee "$work/63-stalled.txt" | sed 's/^/  /' >&2
}
kube_reasons() { # of 63-waiting.json
	local ns
	while IFS= read -r ns; do
		kctl get pods,events --namespace="$ns" -o json 2>/dev/null || true
	done < <("$JQ" -r 'map(.namespace | select(. != "")) | unique[]' "$work/63-waiting.json") >"$work/63-around.json"
	kjq '[inputs | objects]' -n "$work/63-around.json" >"$work/63-around.list"
	kjq 'stalled_report($around[0]; $live[0])' -r --slurpfile around "$work/63-around.list" --slurpfile live "$work/63-by-key.json" "$work/63-waiting.json"
}

# ---- releases in the cluster: Secrets of a release in Secrets, all else in ConfigMaps, in parts that etcd takes ----
kube_keep_archives() { # RELEASE
	local n archive i file
	n=$(printf %06d "$1")
	stage 80-objects.tar.zst 0 pack-backup --exclude 'objects/*/Secret' - <"$work/30-manifests.yaml"
	rm -f "$work/80-secrets.tar.zst"
	stage 80-names 0 restore --list "$work/40-objects.tar.zst"
	sed -n '/^objects\/[^/]*\/Secret\//p' "$work/80-names" >"$work/80-secrets.names"
	if [[ -s $work/80-secrets.names ]]; then
		tree=$work/80-all
		stage 80-all.log 0 restore --to "$tree" --force "$work/40-objects.tar.zst"
		stage 80-secrets.yaml 0 object_stream "$work/80-secrets.names"
		stage 80-secrets.tar.zst 0 pack-backup - <"$work/80-secrets.yaml"
	fi
	for archive in objects secrets; do
		[[ -f $work/80-$archive.tar.zst ]] || continue
		rm -f "$work/80-$archive.part".*
		split -b 700000 -d -a 4 "$work/80-$archive.tar.zst" "$work/80-$archive.part."
		i=0
		for file in "$work/80-$archive.part".*; do
			base64 -w0 <"$file" >"$work/80-part.base64"
			kjq 'part($env; $ns; $n; $a; $i; $b)' -n --arg env "$env" --arg ns "$kube_home" --arg n "$n" --arg a "$archive" --argjson i "$i" --rawfile b "$work/80-part.base64" >"$work/80-part.json"
			kube_put "$work/80-part.json"
			i=$((i + 1))
		done
	done
}

# The release itself, last; then those that are too old go.
kube_keep_release() { # FILE
	local n
	kjq 'release($env; $ns)' --arg env "$env" --arg ns "$kube_home" "$1" >"$work/81-release.json"
	kube_put "$work/81-release.json"
	for n in $(release_numbers | head -n -"${INFRAFLUX_KEEP_RELEASES:-20}"); do
		kctl delete configmap -n "$kube_home" "release-$env-$(printf %06d "$n")" --ignore-not-found >/dev/null
		kctl delete configmaps -n "$kube_home" -l "infraflux/state=$env,infraflux/release=$(printf %06d "$n")" >/dev/null
		# Who may not touch Secrets has kept none.
		kctl delete secrets -n "$kube_home" -l "infraflux/state=$env,infraflux/release=$(printf %06d "$n")" >/dev/null 2>&1 || true
		rm -f "$(release_file "$n").json"
	done
}

kube_fetch_archive() { # RELEASE KIND ARCHIVE: lands 36-ARCHIVE.tar.zst
	local code=0
	kctl get "$2" -n "$kube_home" -l "infraflux/state=$env,infraflux/release=$(printf %06d "$1"),infraflux/archive=$3" -o json >"$work/36-$3.json" 2>"$work/36-$3.err" || code=$?
	((code == 0)) || return 0
	kjq parts -r "$work/36-$3.json" | base64 -d >"$work/36-$3.tar.zst"
}

kube_release() { # RELEASE FILE: its archive, put together from the parts
	local parts=() f
	rm -f "$work"/36-*
	kube_fetch_archive "$1" configmaps objects
	[[ -s $work/36-objects.tar.zst ]] || die "the archive of release $1 of $env is not in namespace $kube_home of $target: $(kube_said "$work/36-objects.err")"
	kube_fetch_archive "$1" secrets secrets
	for f in "$work"/36-*.tar.zst; do
		[[ -s $f ]] || continue
		restore --stdout -O "${f%.tar.zst}.yaml" "$f" || die "release $1 of $env is damaged"
		parts+=("${f%.tar.zst}.yaml")
	done
	if ! config-merge --kubernetes --apply-order -o yaml "${parts[@]}" >"$work/37-release.yaml" || ! pack-backup - <"$work/37-release.yaml" >"$2"; then
		die "cannot put release $1 of $env together"
	fi
	[[ $(sha256sum <"$2" | cut -d' ' -f1) != "$("$JQ" -r .digest "${2%.tar.zst}.json")" ]] || return 0
	[[ $verb == drift && -s $work/36-secrets.err ]] || die "release $1 of $env is not what it was when it was kept"
	say "drift: the Secrets of release $1 are not compared: $(kube_said "$work/36-secrets.err" | sed 's/^Error from server (Forbidden): //')"
}

# ---- the lock in the cluster, for those who run elsewhere: a Lease, renewed while we run ----
kube_lock() {
	local seat until=$((SECONDS + ${opt[wait-lock]:-0})) held told=''
	seat="${HOSTNAME:-host}:$(realpath "$state")"
	kctl get namespace "$kube_home" >/dev/null 2>&1 || kctl create namespace "$kube_home" >/dev/null 2>"$work/47.err" ||
		die "there is no namespace $kube_home in $target, and it can't be made: $(kube_said "$work/47.err")"
	while :; do
		kctl get lease "lock-$env" -n "$kube_home" -o json --ignore-not-found >"$work/47-held.json" 2>"$work/47.err" || die "cannot read the lock in $target: $(kube_said "$work/47.err")"
		kjq 'lease($held[0]; $env; $ns; $owner; $seat; 60)' -n --slurpfile held "$work/47-held.json" --arg env "$env" --arg ns "$kube_home" --arg owner "$(who)" --arg seat "$seat" >"$work/47-lease.json"
		held=$("$JQ" -r '.spec.holderIdentity // ""' "$work/47-held.json")
		if [[ -s $work/47-lease.json ]]; then
			if kctl "$([[ -s $work/47-held.json ]] && echo replace || echo create)" -f "$work/47-lease.json" >/dev/null 2>"$work/47.err"; then break; fi
			grep -qE 'AlreadyExists|Conflict|modified' "$work/47.err" || die "cannot lock $env in $target: $(kube_said "$work/47.err")"
		elif ((SECONDS >= until)); then
			outcome=locked
			die "$env is locked in the cluster by $held; wait for it with --wait-lock SECONDS (a run that was killed frees it after a minute)"
		elif [[ -z $told ]]; then
			say "$verb: waiting for $held"
			told=1
		fi
		sleep 1
	done
	kube_held=$("$JQ" -r .spec.holderIdentity "$work/47-lease.json")
	kube_keep_lock </dev/null >/dev/null 2>&1 {lock_fd}>&- &
	kube_keeper=$!
}
kube_keep_lock() {
	local missed=0 main=$$
	trap - EXIT
	while sleep 15 && kill -0 "$main" 2>/dev/null; do
		if kctl patch lease "lock-$env" -n "$kube_home" --type=json -p "$("$JQ" -nc --arg h "$kube_held" --arg t "$(date -u +%FT%T.000000Z)" \
			'[{op: "test", path: "/spec/holderIdentity", value: $h}, {op: "replace", path: "/spec/renewTime", value: $t}]')"; then
			missed=0
		elif ((++missed >= 3)); then
			kill -TERM "$main"
			return
		fi
	done
}
kube_unlock() {
	kill "$kube_keeper" 2>/dev/null
	kctl patch lease "lock-$env" -n "$kube_home" --type=json -p "$("$JQ" -nc --arg h "$kube_held" \
		'[{op: "test", path: "/spec/holderIdentity", value: $h}, {op: "replace", path: "/spec/holderIdentity", value: ""}]')" >/dev/null 2>&1
	kube_held=''
}

# ---- verdicts: lines of $work/gates, `GATE ok|REFUSED TEXT` ------------------------------------

declare -a refused=()
# ok, or refused, as $1 says: a line of $work/gates.
verdict() { # STATUS GATE TEXT
	local word=ok
	(($1 == 0)) || word=REFUSED refused+=("$2")
	printf '%-10s  %-7s %s\n' "$2" "$word" "$3" >>"$work/gates"
}
# Those of another verb, on standard input.
take_verdicts() {
	local line
	while IFS= read -r line; do
		[[ $line != *' REFUSED '* ]] || refused+=("${line%% *}")
		printf '%s\n' "${line//"$work/platform/"/}" >>"$work/gates"
	done
}
