# SPDX-License-Identifier: MIT
# What every pipeline shares: options, a lock and a record for each run, stages that land a file, targets.
# shellcheck shell=bash
#
# A pipeline sets `declare -A options` ([name]=flag or the name of its value), calls `begin VERB "$@"`, then stages.
# Land, then act: each stage writes $work/NN-NAME; nothing that changes the world reads from a pipe.

set -euo pipefail
shopt -s inherit_errexit nullglob
umask 077
export LC_ALL=C

JQ=${JQ:-jq}
GIT=${GIT:-git}
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
PATH=${INFRAFLUX_BIN:-$root/bin}:$PATH

declare -A opt=() options
declare -a args=()
verb='' env='' state='' work='' outcome=trouble result='{}' started=$EPOCHREALTIME
declare -A common_options=([platform]=DIR [target]=TARGET [dry-run]=flag [wait-lock]=SECONDS [keep]=flag
	[quiet]=flag [verbose]=flag [help]=flag [max-prune]=N [prune-all]=flag)

say() { [[ -n ${opt[quiet]:-} ]] || printf '%s\n' "$*" >&2; }
die() {
	clear_bar
	printf '%s: error: %s\n' "${verb:-infraflux}" "$*" >&2
	exit 2
}

# The header comment of the pipeline is its help.
usage() {
	sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
	cat <<-'END'

		Options of every pipeline:
		  --platform DIR     the platform repository (default: $INFRAFLUX_PLATFORM, else examples/northstar)
		  --target TARGET    dir:PATH, git:REPO#BRANCH or kube:CONTEXT instead of the environment's own
		  -n, --dry-run      show what would be done, change nothing
		  --wait-lock N      wait up to N seconds for another run of this environment
		  --max-prune N      stop where more than N objects would be removed (default 10)
		  --prune-all        let pruning remove Namespaces, CRDs and PVCs, too
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
	for name in max-prune wait-lock; do
		[[ ${opt[$name]:-0} =~ ^[0-9]+$ ]] || die "--$name wants a whole number, not \"${opt[$name]}\""
	done
}

# begin VERB "$@": options, the environment (the first argument), its lock, and the record written when the run ends.
begin() {
	start "$@"
	((${#args[@]})) || die "which environment? there are: $(environments | paste -sd' ')"
	enter "${args[0]}"
	args=("${args[@]:1}")
}

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

enter() {
	env=$1
	[[ $env =~ ^[a-z0-9][a-z0-9-]*$ && -f $platform/environments/$env.yaml ]] ||
		die "no environment \"$env\" in $platform; there are: $(environments | paste -sd' ')"
	state=$state_root/$env
	work=$state/work/$verb
	mkdir -p "$state/releases" "$state/metrics"
	trap finish EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	lock
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
	printf '%s of %s@%s, process %s, since %(%FT%TZ)T\n' "$verb" "${USER:-$(id -un)}" "${HOSTNAME:-host}" $$ -1 >"$state/lock.owner"
}

# The record and the metrics of the run, on every way out.
finish() {
	local status=$? now seconds
	trap - EXIT
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
			--arg time "$(date -u +%FT%TZ)" --arg user "${USER:-$(id -un)}" --argjson status "$status" \
			--argjson seconds "$seconds" --argjson result "$result" \
			'{time: $time, verb: $verb, environment: $env, target: $target, outcome: $outcome, status: $status, seconds: $seconds, user: $user} + $result' \
			>>"$state/runs.jsonl"
		metrics "$status" "$seconds"
	fi
	if [[ $outcome != locked ]]; then
		rm -f "$state/lock.owner"
		[[ -n ${opt[keep]:-} || $status == 2 || -z $work ]] || rm -rf "$work"
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
	target=${opt[target]:-$(config-merge --select target -o json "$work/10-config.yaml" 2>/dev/null | "$JQ" -r '. // empty' || true)}
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
	[[ -z $scope ]] || services=(/dev/null)
	stage 20-platform.yaml 0 render -f "$work/10-config.yaml" --origins "$work/10-config.origins" \
		--origins-out "$work/20-platform.origins" "${services[@]}"
	stage 21-releases.yaml 0 render -f "$work/10-config.yaml" --origins "$work/10-config.origins" \
		--origins-out "$work/21-releases.origins" --set-string "root=$(cd "$platform" && pwd)" \
		--set-string "only=$scope" "$platform/templates/releases.yaml"
	stage 22-applications.yaml 0 render --releases "$work/21-releases.yaml" --origins "$work/21-releases.origins" -o yaml --origins-out "$work/22-applications.origins"
	stage 30-manifests.yaml 0 config-merge --each -o yaml "$work/20-platform.yaml" "$work/22-applications.yaml"
}
check_manifests() {
	local crds=() version=$1
	[[ -n $version ]] || version=$(config-merge --select kubernetes.version -o json "$work/10-config.yaml" | "$JQ" -r '.')
	[[ -d $platform/schemas/crds ]] && crds=(--crds "$platform/schemas/crds")
	stage 23-platform.report 0 validate --kubernetes="$version" "${crds[@]}" --origins "$work/20-platform.origins" "$work/20-platform.yaml"
	stage 24-applications.report 0 validate --kubernetes="$version" "${crds[@]}" --origins "$work/22-applications.origins" "$work/22-applications.yaml"
}

# An object stream as an archive with a file per object: what targets are written from and releases kept as.
pack_objects() {
	stage 40-objects.tar.zst 0 pack-backup - <"$1"
}

# ---- targets: what is there (50-live.yaml), what would go, apply, prune ----------

# Opens the target; sets $tree, the folder that holds its objects (a fresh clone of a branch; the folder itself).
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
		if ! "$GIT" ls-remote --exit-code "$git_repo" HEAD >/dev/null 2>&1 && ! "$GIT" ls-remote "$git_repo" >/dev/null 2>&1; then
			die "cannot reach the repository $git_repo of the target"
		fi
		if "$GIT" ls-remote --exit-code --heads "$git_repo" "$git_branch" >/dev/null 2>&1; then
			"$GIT" clone -q --single-branch --branch "$git_branch" -- "$git_repo" "$tree" || die "cannot clone $git_repo"
		else
			"$GIT" init -q -b "$git_branch" "$tree"
			"$GIT" -C "$tree" remote add origin "$git_repo"
		fi
		;;
	kube:*) die "target $target: clusters are not served yet; use dir:PATH or git:REPO#BRANCH" ;;
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
	local names=$PWD/$work/50-all.names
	[[ $work != /* ]] || names=$work/50-all.names
	(cd "$tree" && tr '\n' '\0' <"$names" | xargs -0 config-merge --each -o jsonl --) |
		"$JQ" -r '.metadata.labels["app.kubernetes.io/instance"] // ""' >"$work/50-all.owners"
	(($(wc -l <"$work/50-all.names") == $(wc -l <"$work/50-all.owners"))) || die "a file in $tree does not hold just one object; deploy all of $env"
	paste "$work/50-all.owners" "$work/50-all.names" | awk -F'\t' -v app="$scope" '$1 == app { print $2 }'
}

# The files of $tree that FILE names, as one stream.
object_stream() {
	[[ -s $1 ]] || return 0
	local names=$PWD/$1
	[[ $1 != /* ]] || names=$1
	(cd "$tree" && tr '\n' '\0' <"$names" | xargs -0 awk 'FNR == 1 { print "---" } { print }')
}

# The live state as one stream.
live() {
	tree_files | in_scope >"$work/50-live.names"
	object_stream "$work/50-live.names"
}

# Lands 51-plan.txt and .json: what differs; 52-prune: the files of objects that are not desired.  Sets $changes, $prunes.
plan() {
	stage 50-live.yaml 0 live
	# A folder or branch holds what we wrote and nothing else: there every field is ours.
	stage 51-plan.txt '0 1' diff-drift --allow-empty --fields=all --report text --report "json=$work/51-plan.json" "$work/30-manifests.yaml" "$work/50-live.yaml"
	changes=$("$JQ" '.summary.added + .summary.changed' "$work/51-plan.json")
	stage 52-desired.list 0 restore --list "$work/40-objects.tar.zst"
	sort "$work/52-desired.list" >"$work/52-desired.names"
	comm -13 "$work/52-desired.names" "$work/50-live.names" >"$work/52-prune"
	prunes=$(wc -l <"$work/52-prune")
}

# Refuses what a mistake would look like: nothing desired, too much to remove, things whose removal loses data.
guard_prune() {
	((prunes)) || return 0
	[[ -s $work/52-desired.names ]] || die "nothing is desired, yet $prunes objects are live; refusing to remove them all"
	local f kept=()
	if [[ -z ${opt[prune-all]:-} ]]; then
		while IFS= read -r f; do
			if grep -qE '^kind: "?(Namespace|CustomResourceDefinition|PersistentVolumeClaim)"?$' "$tree/$f"; then
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

# Makes the target hold just the objects of 40-objects.tar.zst.  $1: what this is, for git's log.
apply() {
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

release_numbers() {
	local f
	for f in "$state"/releases/*.json; do
		f=${f##*/}
		echo "$((10#${f%.json}))"
	done
}
last_release() { release_numbers | tail -n 1; }
release_file() { printf '%s/releases/%06d' "$state" "$1"; }

# What the target holds after one application was deployed: the last release with that application's objects anew.
whole_release() {
	local last
	last=$(last_release)
	tree=$work/whole
	mkdir "$tree"
	if [[ -n $last ]]; then stage 61-last 0 restore --to "$tree" --force "$(release_file "$last").tar.zst"; fi
	stage 62-gone 0 in_scope < <(tree_files)
	(cd "$tree" && tr '\n' '\0' | xargs -0r rm --) <"$work/62-gone"
	stage 63-anew 0 restore --to "$tree" --force "$work/40-objects.tar.zst"
	tree_files >"$work/64-whole.names"
	stage 65-whole.yaml 0 object_stream "$work/64-whole.names"
	pack_objects "$work/65-whole.yaml"
}

# Keeps 40-objects.tar.zst as the newest release unless it is that already.  $1: a note.  Sets $release.
record_release() {
	[[ -z $scope ]] || whole_release
	local digest last
	digest=$(sha256sum <"$work/40-objects.tar.zst" | cut -d' ' -f1)
	last=$(last_release)
	if [[ -n $last && $("$JQ" -r .digest "$(release_file "$last").json") == "$digest" ]]; then
		release=$last
		return
	fi
	release=$((${last:-0} + 1))
	local base
	base=$(release_file "$release")
	cp "$work/40-objects.tar.zst" "$base.tar.zst.part"
	sync "$base.tar.zst.part"
	mv "$base.tar.zst.part" "$base.tar.zst"
	"$JQ" -n --argjson release "$release" --arg digest "$digest" --arg note "$1" --arg time "$(date -u +%FT%TZ)" \
		--arg source "$(source_revision)" --arg target "$target" --arg user "${USER:-$(id -un)}" \
		--argjson objects "$(restore --list "$work/40-objects.tar.zst" | wc -l)" \
		'{$release, $time, $digest, $source, $target, $user, $objects, $note}' >"$base.json.part"
	mv "$base.json.part" "$base.json"
}

# The objects of release $1 as 40-objects.tar.zst and 30-manifests.yaml, verified.
load_release() {
	local base
	base=$(release_file "$1")
	[[ -f $base.tar.zst ]] || die "$env has no release $1; there are: $(release_numbers | paste -sd' ')"
	stage 35-verify 0 restore --verify "$base.tar.zst"
	stage 40-objects.tar.zst 0 cat "$base.tar.zst"
	stage 30-manifests.yaml 0 restore --stdout "$base.tar.zst"
}

newest_backup() { # [DIR]
	local dir=${1:-$state/backups} f
	for f in "$dir/$env"-*.tar.zst; do printf '%s\n' "$f"; done | tail -n 1
}
