# What kube: targets ask about objects: which there are, in which waves, where to look for them, whether they are ready
# and why not, who holds a field.  Objects go in as kubectl writes them; they are only looked at, never written again.

def group: .apiVersion | if contains("/") then split("/")[0] else "" end;
def version: .apiVersion | split("/")[-1];
def objects: if .kind == "List" then .items[] else . end;
def id: {apiVersion, kind, namespace: (.metadata.namespace // ""), name: .metadata.name};
def key: "\(group) \(.kind) \(.namespace) \(.name)";
def title: "\(.kind) \(if .namespace == "" then "" else .namespace + "/" end)\(.name)";
def stub: {apiVersion, kind, metadata: ({name} + if .namespace == "" then {} else {namespace} end)};
def live_by_key: reduce (inputs | objects) as $o ({}; .[$o | id | key] = $o);
def keyed(f): reduce .[] as $o ({}; .[$o | f] = $o);

# The name in an archive of pack-backup.
def escape: @uri | gsub("%3A"; ":");
def file: group as $g |
	"objects/\(if .namespace == "" then "_cluster" else .namespace | escape end)/\(.kind)\(if $g == "" then "" else "." + $g end)/\(.name | escape).yaml";

# ---- waves: Namespaces and CRDs, then as the annotations say (config-merge --apply-order has sorted them) ----
def note($name): .metadata.annotations[$name]? // "";
def phase: "\(note("argocd.argoproj.io/hook")) \(note("helm.sh/hook"))" |
	if test("PreSync|pre-|crd-install") then 0 elif test("PostSync|post-|SyncFail") then 2 else 1 end;
def wave: (note("argocd.argoproj.io/sync-wave"), note("helm.sh/hook-weight"), "0") | select(test("^[-+]?[0-9]+$")) | ltrimstr("+") | tonumber;
def place: if .kind == "Namespace" or .kind == "CustomResourceDefinition" then [-1] else [phase, first(wave)] end;
def place_name: if . == [-1] then "namespaces and definitions" else (["hooks before, ", "", "hooks after, "][.[0]]) + "wave \(.[1])" end;
# An array of objects: ids, each with the number and the name of its step.
def stepped: map(id + {place: place, wait: (note("infraflux/ready"))}) | (map(.place) | unique) as $places |
	map(.place as $p | .step = ($places | index([$p])) | .place |= place_name);

# ---- where to ask ----
# The lines of `kubectl api-resources --no-headers`: by group and kind.
def resources: split("\n") | map([splits(" +")] | select(length > 3) |
	{apiVersion: .[-3], kind: .[-1], resource: .[0], namespaced: (.[-2] == "true")}) | keyed("\(group) \(.kind)");
# ids: a line NAMESPACE|RESOURCE,… for each namespace.
def queries($api): map(select($api["\(group) \(.kind)"]) | . + {what: "\($api["\(group) \(.kind)"].resource).\(version).\(group)"}) |
	group_by(.namespace)[] | .[0].namespace + "|" + (unique_by([group, .kind]) | map(.what) | join(","));
def unknown_kinds($api): map(select($api["\(group) \(.kind)"] | not)) | group_by([.apiVersion, .kind])[] | "\(.[0].kind) (\(.[0].apiVersion)): \(length) objects";
# ids of those that are not in $live (keys).
def absent($live): map(select($live[key] | not));
# Of what we made, what is there with our label and is nobody's part, and is desired no more; last applied first.
def leftover($desired; $live; $tag; $value; $app): map(select($desired[key] | not) | . as $id | $live[key] |
	select(. and .metadata.labels[$tag]? == $value and ($app == "" or .metadata.labels["app.kubernetes.io/instance"]? == $app) and (.metadata.ownerReferences | not)) | $id) | reverse;

# ---- is it ready? nothing: yes; else why not; failed: it will not be ----
def waits($why): {why: $why};
def failed($why): {why: $why, failed: true};
def condition($type): [.status.conditions[]? | select(.type == $type)][0];
def said: if . == null then "" else [.reason, .message] | map(select(. != null and . != "")) | join(": ") end;
def pods($have; $want; $what): if $have < $want then waits("\($have) of \($want) pods are \($what)") else empty end;
def unseen: if (.status.observedGeneration // 0) < (.metadata.generation // 0) then waits("its controller has not seen it yet") else empty end;

def deployment: condition("Progressing") as $p | (.spec.replicas // 1) as $want | .status as $s |
	if $p.reason == "ProgressDeadlineExceeded" then failed($p | said) else
		first(unseen, pods($s.updatedReplicas // 0; $want; "of the new kind"),
			(if ($s.replicas // 0) > ($s.updatedReplicas // 0) then waits("\($s.replicas - $s.updatedReplicas) old pods are still there") else empty end),
			pods($s.availableReplicas // 0; $want; "available")) end;
def statefulset: (.spec.replicas // 1) as $want | .status as $s |
	if .spec.updateStrategy.type == "OnDelete" then unseen else
		first(unseen, pods($s.updatedReplicas // 0; $want - (.spec.updateStrategy.rollingUpdate.partition // 0); "of the new kind"),
			pods($s.readyReplicas // 0; $want; "ready")) end;
def daemonset: .status as $s | ($s.desiredNumberScheduled // 0) as $want |
	first(unseen, (if .spec.updateStrategy.type == "OnDelete" then empty else pods($s.updatedNumberScheduled // 0; $want; "of the new kind") end),
		pods($s.numberAvailable // 0; $want; "available"));
def job: if (condition("Complete") // condition("SuccessCriteriaMet")).status == "True" then empty
	elif condition("Failed").status == "True" then failed(condition("Failed") | said)
	elif .spec.suspend then empty else waits("\(.status.succeeded // 0) of \(.spec.completions // 1) pods have succeeded") end;
def pod: if .status.phase == "Succeeded" or condition("Ready").status == "True" then empty
	elif .status.phase == "Failed" then failed(.status | said) else waits("the pod is \(.status.phase // "not seen yet")") end;
# A claim of a class that binds late waits for a pod that uses it, perhaps for ever.
def claim($classes): if .status.phase == "Bound" then empty elif .status.phase == "Lost" then failed("its volume is lost")
	elif $classes[.spec.storageClassName // ""].volumeBindingMode == "WaitForFirstConsumer" and note("volume.kubernetes.io/selected-node") == "" then empty
	else waits("it is not bound to a volume") end;
def asked($type): condition($type) as $c | if $c.status == "True" then empty else waits("\($type): \($c | if . then "\(.status) \(said)" else "not said yet" end)") end;
def definition: if condition("NamesAccepted").status == "False" then failed(condition("NamesAccepted") | said) else asked("Established") end;
def custom: if condition("Stalled").status == "True" then failed(condition("Stalled") | said)
	elif .status.observedGeneration then unseen else empty end,
	(condition("Ready") as $c | if $c and $c.status != "True" then waits("Ready: \($c.status) \($c | said)") else empty end);
def unready($classes): group as $g | .kind as $k | note("infraflux/ready") as $rule |
	if .metadata.deletionTimestamp then waits("it is being deleted")
	elif $rule == "none" then empty
	elif $rule != "" then ($rule | split("=")) as $r | condition($r[0]) as $c |
		if $c.status == ($r[1] // "True") then empty else waits("\($rule) is asked for; \($c | if . then "it is \(.status) \(said)" else "there is no such condition yet" end)") end
	elif $g == "apps" and $k == "Deployment" then deployment
	elif $g == "apps" and $k == "StatefulSet" then statefulset
	elif $g == "apps" and $k == "DaemonSet" then daemonset
	elif $g == "batch" and $k == "Job" then job
	elif $g == "" and $k == "Pod" then pod
	elif $g == "" and $k == "PersistentVolumeClaim" then claim($classes)
	elif $g == "" and $k == "Namespace" then if .status.phase == "Active" then empty else waits("it is \(.status.phase)") end
	elif $k == "CustomResourceDefinition" then definition
	elif $g == "apiregistration.k8s.io" then asked("Available")
	elif $g == "" or ($g | test("^(apps|batch|autoscaling|policy|([^.]+\\.)*k8s\\.io)$") and ($g | test("gateway|autoscaling\\.k8s") | not)) then empty
	else first(custom) end;
# Storage classes by name; the default one has none.
def classes: reduce .items[] as $c ({}; .[$c.metadata.name] = $c |
	if $c.metadata.annotations["storageclass.kubernetes.io/is-default-class"]? == "true" then .[""] = $c else . end);
# Kinds that are ready as soon as they are there.
def can_wait: .wait != "" or (group as $g | .kind as $k | if $g == "" then ["Pod", "PersistentVolumeClaim", "Namespace"] | index($k)
	else ["rbac.authorization.k8s.io", "networking.k8s.io", "scheduling.k8s.io", "policy", "storage.k8s.io", "autoscaling",
		"admissionregistration.k8s.io", "monitoring.coreos.com"] | index($g) | not end);
# ids: those that are not ready, with why and failed.
def waiting($live; $classes): map(. as $id | $live[key] |
	if . then first(unready($classes), null) else waits("it is not there") end | select(.) | $id + .);

# ---- what stands in the way of a workload, from its pods and the events of its namespace ----
def container_trouble: (.status.initContainerStatuses[]?, .status.containerStatuses[]?) | . as $c |
	if .state.waiting then "container \(.name) waits: \(.state.waiting | said)" +
		(if .lastState.terminated then " (ended with \(.lastState.terminated.exitCode), \(.restartCount) restarts)" else "" end)
	elif .state.terminated and .state.terminated.exitCode != 0 then "container \(.name) ended with \(.state.terminated.exitCode): \(.state.terminated | said)"
	else empty end;
def pod_trouble: . as $pod | ((condition("PodScheduled") | select(.status == "False") | said), container_trouble) | "pod \($pod.metadata.name): \(.)";
def causes($around; $live): . as $id | ($live[key].spec.selector.matchLabels? // null) as $match |
	[$around[] | select(.kind == "Pod" and .metadata.namespace == $id.namespace and $match != null and
		(.metadata.labels as $l | $match | to_entries | all($l[.key] == .value)))] as $pods |
	([$pods[] | pod_trouble] | unique[:6][]),
	([$around[] | select(.kind == "Event" and .type == "Warning" and .metadata.namespace == $id.namespace) | .involvedObject as $o |
		select($o.name == $id.name and $o.kind == $id.kind or ($o.name | startswith($id.name + "-")) and
			([$o.kind] | inside(["ReplicaSet", "Pod", "Job", "PersistentVolumeClaim"]))) |
		{t: (.lastTimestamp // .eventTime // ""), text: "event of \($o.kind) \($o.name): \(said)"}] | sort_by(.t) | map(.text) | unique[-4:][]);
def stalled_report($around; $live): .[] | "\(title): \(.why)", ("  " + causes($around; $live));

# ---- conflicts, from the JSON report of diff-drift ----
def conflicts($ours): .objects[] | . as $o | .changes[]? | select(.manager != null and .manager != $ours) |
	"\($o.id | if type == "object" then title else . end) \(.path)\n  is \(.live | tojson), the manifests say \(.desired | tojson)\n  held by \(.manager)\(if .time then " since \(.time)" else "" end)";
def conflicts($ours; $limit): [conflicts($ours)] | .[:$limit][], (if length > $limit then "and \(length - $limit) more" else empty end);
# Kinds that the desired objects themselves define.
def promised: [.[] | select(.kind == "CustomResourceDefinition") | "\(.spec.group) \(.spec.names.kind)"];

# ---- what we keep in the cluster: an inventory and releases (ConfigMaps), a lock (a Lease) ----
def kept($env; $what; $name; $namespace): {apiVersion: "v1", kind: "ConfigMap", metadata: {name: $name, namespace: $namespace,
	labels: {"app.kubernetes.io/managed-by": "infraflux", "infraflux/state": $env, "infraflux/keeps": $what}}};
def inventory($env; $namespace; $pending): kept($env; "record"; "inventory-\($env)"; $namespace) +
	{data: {objects: (map("\(.apiVersion) \(.kind) \(.namespace) \(.name)") | unique | join("\n")), pending: $pending}};
def inventoried: .data.objects | split("\n") | map(select(. != "") | split(" ") | {apiVersion: .[0], kind: .[1], namespace: .[2], name: .[3]});
def release($env; $namespace): ("release-\($env)-\(.release | tostring | ("000000" + .)[-6:])") as $name |
	kept($env; "record"; $name; $namespace) + {data: {release: tojson}};
def part($env; $namespace; $release; $archive; $number; $bytes): "release-\($env)-\($release)-\($archive)-\($number)" as $name |
	kept($env; "archive"; $name; $namespace) | .metadata.labels += {"infraflux/release": $release, "infraflux/archive": $archive} |
	if $archive == "secrets" then .kind = "Secret" | .data = {archive: $bytes} else .binaryData = {archive: $bytes} end;
def parts: [objects] | sort_by(.metadata.name | split("-")[-1] | tonumber)[] | (.binaryData // .data).archive;

def stamp: strftime("%Y-%m-%dT%H:%M:%S.000000Z");
# A Lease: the one to create or to replace if it may be ours, else nothing.
def lease($held; $env; $namespace; $owner; $seat; $seconds):
	{apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: {name: "lock-\($env)", namespace: $namespace, labels: {"infraflux/state": $env},
			annotations: {"infraflux/seat": $seat}},
		spec: {holderIdentity: $owner, leaseDurationSeconds: $seconds, acquireTime: (now | stamp), renewTime: (now | stamp)}} |
	if $held == null then .
	elif ($held.spec.holderIdentity // "") == "" or $held.metadata.annotations["infraflux/seat"] == $seat or
		($held.spec.renewTime | sub("\\.[0-9]+Z$"; "Z") | fromdate) + $held.spec.leaseDurationSeconds < now
	then .metadata.resourceVersion = $held.metadata.resourceVersion
	else empty end;

# ---- what only this cluster's server could say of its objects: options of config-merge that take it out ----
def drop($paths): $paths[] | "--delete", .;
def without($kind; $paths): if any(.[]; .kind == $kind) then "--target", "kind=\($kind)", drop($paths) else empty end;
def server_fields: [inputs | objects] |
	drop(["status"] + (["managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink", "ownerReferences",
		"annotations.\"deployment.kubernetes.io/revision\"", "annotations.\"kubectl.kubernetes.io/last-applied-configuration\""] | map("metadata." + .))),
	without("Namespace"; ["spec.finalizers"]), without("ServiceAccount"; ["secrets"]), without("Pod"; ["spec.nodeName"]),
	without("PersistentVolumeClaim"; ["spec.volumeName"] +
		(["pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller", "volume.kubernetes.io/selected-node",
			"volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner"] | map("metadata.annotations.\"\(.)\""))),
	without("Job"; ["spec.selector"] + (["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"] |
		map("metadata.labels.\"\(.)\"", "spec.template.metadata.labels.\"\(.)\""))),
	# A template that has but those labels had none: an empty map of ours would take the server's with it when it goes.
	(.[] | select(.kind == "Job" and (.spec.template.metadata | .annotations == null and
			((.labels // {} | keys) - ["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"] == []))) |
		"--target", "kind=Job,namespace=\(.metadata.namespace),name=\(.metadata.name)", drop(["spec.template.metadata"])),
	# An address is given anew; that there is none (None) was said by us.
	(.[] | select(.kind == "Service" and .spec.clusterIP? and .spec.clusterIP != "None") |
		"--target", "kind=Service,namespace=\(.metadata.namespace),name=\(.metadata.name)", drop(["spec.clusterIP", "spec.clusterIPs", "spec.healthCheckNodePort"]));
