/* SPDX-License-Identifier: MIT */
/* What the API server puts into objects of built-in kinds when nothing is said. */
#include "kube/kube.h"

#define ANY NULL

/* A path is compared from its end; list items are "*". */
static const struct fallback {
	const char *kind; /* "" is every one */
	const char *path;
	const char *value; /* of scalars; ANY: the server chooses */
} fallbacks[] = {
	/* every object */
	{ "", "metadata/uid", ANY },
	{ "", "metadata/resourceVersion", ANY },
	{ "", "metadata/generation", ANY },
	{ "", "metadata/creationTimestamp", ANY },
	{ "", "metadata/selfLink", ANY },
	{ "", "metadata/managedFields", ANY },
	{ "", "metadata/deletionTimestamp", ANY },
	{ "", "metadata/deletionGracePeriodSeconds", ANY },
	{ "", "metadata/annotations/kubectl.kubernetes.io/last-applied-configuration", ANY },
	{ "", "metadata/annotations/deployment.kubernetes.io/revision", ANY },
	{ "", "metadata/annotations/deprecated.daemonset.template.generation", ANY },
	{ "Namespace", "metadata/labels/kubernetes.io/metadata.name", ANY },
	{ "Namespace", "spec/finalizers", ANY },
	{ "PersistentVolumeClaim", "metadata/finalizers", ANY },
	{ "PersistentVolume", "metadata/finalizers", ANY },
	/* containers */
	{ "", "terminationMessagePath", "/dev/termination-log" },
	{ "", "terminationMessagePolicy", "File" },
	{ "", "imagePullPolicy", "IfNotPresent" }, /* which of these two follows from the tag */
	{ "", "imagePullPolicy", "Always" },
	{ "", "ports/*/protocol", "TCP" },
	{ "", "fieldRef/apiVersion", "v1" },
	{ "", "httpGet/scheme", "HTTP" },
	{ "", "grpc/service", "" },
	{ "", "livenessProbe/timeoutSeconds", "1" },
	{ "", "livenessProbe/periodSeconds", "10" },
	{ "", "livenessProbe/successThreshold", "1" },
	{ "", "livenessProbe/failureThreshold", "3" },
	{ "", "readinessProbe/timeoutSeconds", "1" },
	{ "", "readinessProbe/periodSeconds", "10" },
	{ "", "readinessProbe/successThreshold", "1" },
	{ "", "readinessProbe/failureThreshold", "3" },
	{ "", "startupProbe/timeoutSeconds", "1" },
	{ "", "startupProbe/periodSeconds", "10" },
	{ "", "startupProbe/successThreshold", "1" },
	{ "", "startupProbe/failureThreshold", "3" },
	/* pods */
	{ "", "spec/dnsPolicy", "ClusterFirst" },
	{ "", "spec/restartPolicy", "Always" },
	{ "", "spec/schedulerName", "default-scheduler" },
	{ "", "spec/terminationGracePeriodSeconds", "30" },
	{ "", "spec/enableServiceLinks", "true" },
	{ "", "spec/serviceAccount", ANY }, /* a copy of serviceAccountName */
	{ "Pod", "spec/serviceAccountName", "default" },
	{ "Pod", "spec/nodeName", ANY },
	{ "Pod", "spec/preemptionPolicy", "PreemptLowerPriority" },
	{ "Pod", "spec/priority", ANY },
	{ "Pod", "spec/tolerations", ANY },
	{ "", "template/metadata/creationTimestamp", ANY },
	{ "", "configMap/defaultMode", "420" },
	{ "", "secret/defaultMode", "420" },
	{ "", "projected/defaultMode", "420" },
	{ "", "downwardAPI/defaultMode", "420" },
	{ "", "serviceAccountToken/expirationSeconds", "3600" },
	{ "", "hostPath/type", "" },
	{ "", "iscsi/iscsiInterface", "default" },
	{ "", "topologySpreadConstraints/*/nodeAffinityPolicy", "Honor" },
	{ "", "topologySpreadConstraints/*/nodeTaintsPolicy", "Ignore" },
	/* workloads */
	{ "Deployment", "spec/replicas", "1" },
	{ "Deployment", "spec/progressDeadlineSeconds", "600" },
	{ "Deployment", "spec/revisionHistoryLimit", "10" },
	{ "Deployment", "strategy/type", "RollingUpdate" },
	{ "Deployment", "strategy/rollingUpdate/maxSurge", "25%" },
	{ "Deployment", "strategy/rollingUpdate/maxUnavailable", "25%" },
	{ "ReplicaSet", "spec/replicas", "1" },
	{ "ReplicationController", "spec/replicas", "1" },
	{ "StatefulSet", "spec/replicas", "1" },
	{ "StatefulSet", "spec/podManagementPolicy", "OrderedReady" },
	{ "StatefulSet", "spec/revisionHistoryLimit", "10" },
	{ "StatefulSet", "updateStrategy/type", "RollingUpdate" },
	{ "StatefulSet", "updateStrategy/rollingUpdate/partition", "0" },
	{ "StatefulSet", "updateStrategy/rollingUpdate/maxUnavailable", "1" },
	{ "StatefulSet", "persistentVolumeClaimRetentionPolicy/whenDeleted", "Retain" },
	{ "StatefulSet", "persistentVolumeClaimRetentionPolicy/whenScaled", "Retain" },
	{ "StatefulSet", "volumeClaimTemplates/*/apiVersion", "v1" },
	{ "StatefulSet", "volumeClaimTemplates/*/kind", "PersistentVolumeClaim" },
	{ "StatefulSet", "volumeClaimTemplates/*/status", ANY },
	{ "StatefulSet", "volumeClaimTemplates/*/metadata/creationTimestamp", ANY },
	{ "StatefulSet", "volumeClaimTemplates/*/spec/volumeMode", "Filesystem" },
	{ "DaemonSet", "spec/revisionHistoryLimit", "10" },
	{ "DaemonSet", "updateStrategy/type", "RollingUpdate" },
	{ "DaemonSet", "updateStrategy/rollingUpdate/maxUnavailable", "1" },
	{ "DaemonSet", "updateStrategy/rollingUpdate/maxSurge", "0" },
	{ "Job", "spec/backoffLimit", "6" },
	{ "Job", "spec/completions", "1" },
	{ "Job", "spec/parallelism", "1" },
	{ "Job", "spec/completionMode", "NonIndexed" },
	{ "Job", "spec/manualSelector", "false" },
	{ "Job", "spec/podReplacementPolicy", ANY },
	{ "Job", "spec/suspend", "false" },
	{ "Job", "spec/selector", ANY },
	{ "Job", "labels/controller-uid", ANY },
	{ "Job", "labels/job-name", ANY },
	{ "Job", "labels/batch.kubernetes.io/controller-uid", ANY },
	{ "Job", "labels/batch.kubernetes.io/job-name", ANY },
	{ "CronJob", "spec/concurrencyPolicy", "Allow" },
	{ "CronJob", "spec/suspend", "false" },
	{ "CronJob", "spec/successfulJobsHistoryLimit", "3" },
	{ "CronJob", "spec/failedJobsHistoryLimit", "1" },
	{ "HorizontalPodAutoscaler", "spec/minReplicas", "1" },
	{ "HorizontalPodAutoscaler", "metrics/*/type", "Resource" },
	{ "HorizontalPodAutoscaler", "metrics/*/resource/name", "cpu" },
	{ "HorizontalPodAutoscaler", "metrics/*/resource/target/type", "Utilization" },
	{ "HorizontalPodAutoscaler", "metrics/*/resource/target/averageUtilization", "80" },
	{ "HorizontalPodAutoscaler", "selectPolicy", "Max" },
	{ "HorizontalPodAutoscaler", "behavior/scaleUp/stabilizationWindowSeconds", "0" },
	{ "HorizontalPodAutoscaler", "policies/*/type", ANY },
	{ "HorizontalPodAutoscaler", "policies/*/periodSeconds", "15" },
	{ "HorizontalPodAutoscaler", "policies/*/value", "100" },
	{ "HorizontalPodAutoscaler", "behavior/scaleUp/policies/*/value", "4" },
	/* network */
	{ "Service", "spec/type", "ClusterIP" },
	{ "Service", "spec/sessionAffinity", "None" },
	{ "Service", "spec/internalTrafficPolicy", "Cluster" },
	{ "Service", "spec/externalTrafficPolicy", "Cluster" },
	{ "Service", "spec/allocateLoadBalancerNodePorts", "true" },
	{ "Service", "spec/sessionAffinityConfig/clientIP/timeoutSeconds", "10800" },
	{ "Service", "spec/clusterIP", ANY },
	{ "Service", "spec/clusterIPs", ANY },
	{ "Service", "spec/ipFamilies", ANY },
	{ "Service", "spec/ipFamilyPolicy", ANY },
	{ "Service", "spec/healthCheckNodePort", ANY },
	{ "Service", "ports/*/nodePort", ANY },
	{ "Service", "ports/*/targetPort", ANY }, /* a copy of port */
	{ "NetworkPolicy", "spec/policyTypes", ANY },
	{ "Ingress", "spec/ingressClassName", ANY },
	/* storage */
	{ "PersistentVolumeClaim", "spec/volumeMode", "Filesystem" },
	{ "PersistentVolumeClaim", "spec/volumeName", ANY },
	{ "PersistentVolumeClaim", "spec/storageClassName", ANY },
	{ "PersistentVolumeClaim", "metadata/annotations/pv.kubernetes.io/bind-completed", ANY },
	{ "PersistentVolumeClaim", "metadata/annotations/pv.kubernetes.io/bound-by-controller", ANY },
	{ "PersistentVolumeClaim", "metadata/annotations/volume.kubernetes.io/storage-provisioner", ANY },
	{ "PersistentVolumeClaim", "metadata/annotations/volume.beta.kubernetes.io/storage-provisioner", ANY },
	{ "PersistentVolume", "spec/volumeMode", "Filesystem" },
	{ "PersistentVolume", "spec/persistentVolumeReclaimPolicy", "Retain" },
	{ "PersistentVolume", "spec/claimRef", ANY },
	{ "StorageClass", "reclaimPolicy", "Delete" },
	{ "StorageClass", "volumeBindingMode", "Immediate" },
	{ "CSIDriver", "spec/attachRequired", "true" },
	{ "CSIDriver", "spec/fsGroupPolicy", "ReadWriteOnceWithFSType" },
	{ "CSIDriver", "spec/podInfoOnMount", "false" },
	{ "CSIDriver", "spec/requiresRepublish", "false" },
	{ "CSIDriver", "spec/storageCapacity", "false" },
	{ "CSIDriver", "spec/seLinuxMount", "false" },
	{ "CSIDriver", "spec/volumeLifecycleModes", ANY },
	/* access */
	{ "Secret", "type", "Opaque" },
	{ "ServiceAccount", "secrets", ANY },
	{ "RoleBinding", "roleRef/apiGroup", "rbac.authorization.k8s.io" },
	{ "RoleBinding", "subjects/*/apiGroup", ANY },
	{ "ClusterRoleBinding", "roleRef/apiGroup", "rbac.authorization.k8s.io" },
	{ "ClusterRoleBinding", "subjects/*/apiGroup", ANY },
	{ "PriorityClass", "preemptionPolicy", "PreemptLowerPriority" },
	/* extension */
	{ "CustomResourceDefinition", "spec/conversion/strategy", "None" },
	{ "CustomResourceDefinition", "spec/conversion/webhook/clientConfig/caBundle", ANY },
	{ "CustomResourceDefinition", "spec/names/singular", ANY },
	{ "CustomResourceDefinition", "spec/names/listKind", ANY },
	{ "CustomResourceDefinition", "spec/preserveUnknownFields", "false" },
	{ "MutatingWebhookConfiguration", "clientConfig/caBundle", ANY },
	{ "ValidatingWebhookConfiguration", "clientConfig/caBundle", ANY },
	{ "MutatingWebhookConfiguration", "webhooks/*/failurePolicy", "Fail" },
	{ "ValidatingWebhookConfiguration", "webhooks/*/failurePolicy", "Fail" },
	{ "MutatingWebhookConfiguration", "webhooks/*/matchPolicy", "Equivalent" },
	{ "ValidatingWebhookConfiguration", "webhooks/*/matchPolicy", "Equivalent" },
	{ "MutatingWebhookConfiguration", "webhooks/*/timeoutSeconds", "10" },
	{ "ValidatingWebhookConfiguration", "webhooks/*/timeoutSeconds", "10" },
	{ "MutatingWebhookConfiguration", "webhooks/*/reinvocationPolicy", "Never" },
	{ "MutatingWebhookConfiguration", "rules/*/scope", "*" },
	{ "ValidatingWebhookConfiguration", "rules/*/scope", "*" },
	{ "MutatingWebhookConfiguration", "clientConfig/service/port", "443" },
	{ "ValidatingWebhookConfiguration", "clientConfig/service/port", "443" },
	{ "ValidatingAdmissionPolicy", "spec/failurePolicy", "Fail" },
	{ "APIService", "spec/caBundle", ANY },
	{ "APIService", "spec/service/port", "443" },
};

/* Does the path end in pattern?  A key may hold "/" itself. */
static bool ends_in(const str *keys, size_t n, str pattern)
{
	while (pattern.n) {
		if (!n--)
			return false;
		if (!str_ends(pattern, keys[n]))
			return false;
		pattern.n -= keys[n].n;
		if (pattern.n && pattern.p[--pattern.n] != '/')
			return false;
	}
	return true;
}

static bool leaf_is_default(const struct kube_id *id, const str *keys, size_t n, const struct node *value)
{
	for (size_t i = 0; i < COUNT(fallbacks); i++) {
		const struct fallback *f = &fallbacks[i];
		if ((f->kind[0] && !str_eq(id->kind, str_of(f->kind))) || !ends_in(keys, n, str_of(f->path)))
			continue;
		if (!f->value || (value->kind < NODE_SEQ && str_eq(node_text(value), str_of(f->value))))
			return true;
	}
	return false;
}

bool kube_is_default(const struct kube_id *id, str *keys, size_t n, const struct node *value)
{
	if (value->kind == NODE_NULL || leaf_is_default(id, keys, n, value))
		return true;
	if (value->kind < NODE_SEQ)
		return false;
	for (uint32_t i = 0; i < value->n; i++) {
		keys[n] = value->kind == NODE_MAP ? entry_key(&value->entries[i]) : S("*");
		if (!kube_is_default(id, keys, n + 1, value->kind == NODE_MAP ? value->entries[i].value : value->items[i]))
			return false;
	}
	return true;
}

bool kube_is_zero(str key, const struct node *value)
{
	static const char *const flags[] = { "hostNetwork", "hostPID", "hostIPC", "readOnly", "stdin", "stdinOnce", "tty", "paused",
					     "publishNotReadyAddresses", "unschedulable", "immutable", "preserveUnknownFields",
					     "shareProcessNamespace", "suspend", "privileged", "globalDefault" };
	static const char *const numbers[] = { "minReadySeconds", "initialDelaySeconds", "nodePort", "hostPort", "partition" };
	static const char *const meaningful[] = { "storageClassName", "ingressClassName", "volumeName", "runtimeClassName" };

	switch ((enum kind)value->kind) {
	case NODE_NULL:
		return true;
	case NODE_SEQ:
	case NODE_MAP:
		return !value->n;
	case NODE_STRING:
		for (size_t i = 0; i < COUNT(meaningful); i++)
			if (str_eq(key, str_of(meaningful[i])))
				return false;
		return !value->n;
	case NODE_BOOL:
		for (size_t i = 0; i < COUNT(flags); i++)
			if (str_eq(key, str_of(flags[i])))
				return !(value->flags & NODE_TRUE);
		return false;
	case NODE_INT:
	case NODE_FLOAT:
		for (size_t i = 0; i < COUNT(numbers); i++)
			if (str_eq(key, str_of(numbers[i])))
				return str_eq(node_text(value), S("0"));
		return false;
	}
	return false;
}
