/* SPDX-License-Identifier: MIT */
/* The fields that kustomize's transformers go for unless configurations say more. */
#include "kustomize/internal.h"

/* clang-format off */
#define WORKLOADS(field, set_group) \
	{ NULL, "v1", "ReplicationController", "spec/template/metadata/" field, true }, \
	{ NULL, NULL, "Deployment", "spec/template/metadata/" field, true }, \
	{ NULL, NULL, "ReplicaSet", "spec/template/metadata/" field, true }, \
	{ NULL, NULL, "DaemonSet", "spec/template/metadata/" field, true }, \
	{ set_group, NULL, "StatefulSet", "spec/template/metadata/" field, true }, \
	{ "batch", NULL, "Job", "spec/template/metadata/" field, true }, \
	{ "batch", NULL, "CronJob", "spec/jobTemplate/metadata/" field, true }, \
	{ "batch", NULL, "CronJob", "spec/jobTemplate/spec/template/metadata/" field, true }
#define METADATA_LABELS \
	{ NULL, NULL, NULL, "metadata/labels", true }, \
	WORKLOADS("labels", "apps"), \
	{ "apps", NULL, "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", true }
#define TERM "podAffinityTerm/labelSelector/matchLabels"
#define SELF "labelSelector/matchLabels"
#define AFFINITY(kind) \
	{ "apps", NULL, kind, "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/" TERM, false }, \
	{ "apps", NULL, kind, "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/" SELF, false }, \
	{ "apps", NULL, kind, "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/" TERM, false }, \
	{ "apps", NULL, kind, "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/" SELF, false }, \
	{ "apps", NULL, kind, "spec/template/spec/topologySpreadConstraints/" SELF, false }

static const struct field_spec names[] = { { NULL, NULL, NULL, "metadata/name", false } };
static const struct field_spec namespaces[] = {
	{ NULL, NULL, "Namespace", "metadata/name", true },
	{ "apiregistration.k8s.io", NULL, "APIService", "spec/service/namespace", true },
	{ "apiextensions.k8s.io", NULL, "CustomResourceDefinition", "spec/conversion/webhook/clientConfig/service/namespace", false },
};
static const struct field_spec template_labels[] = { METADATA_LABELS };
static const struct field_spec common_labels[] = {
	METADATA_LABELS,
	{ NULL, "v1", "Service", "spec/selector", true },
	{ NULL, "v1", "ReplicationController", "spec/selector", true },
	{ NULL, NULL, "Deployment", "spec/selector/matchLabels", true },
	AFFINITY("Deployment"),
	{ NULL, NULL, "ReplicaSet", "spec/selector/matchLabels", true },
	{ NULL, NULL, "DaemonSet", "spec/selector/matchLabels", true },
	{ "apps", NULL, "StatefulSet", "spec/selector/matchLabels", true },
	AFFINITY("StatefulSet"),
	{ "batch", NULL, "Job", "spec/selector/matchLabels", false },
	{ "batch", NULL, "CronJob", "spec/jobTemplate/spec/selector/matchLabels", false },
	{ "policy", NULL, "PodDisruptionBudget", "spec/selector/matchLabels", false },
	{ "networking.k8s.io", NULL, "NetworkPolicy", "spec/podSelector/matchLabels", false },
	{ "networking.k8s.io", NULL, "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels", false },
	{ "networking.k8s.io", NULL, "NetworkPolicy", "spec/egress/to/podSelector/matchLabels", false },
};
static const struct field_spec annotations[] = { { NULL, NULL, NULL, "metadata/annotations", true }, WORKLOADS("annotations", NULL) };
static const struct field_spec images[] = {
	{ NULL, NULL, NULL, "spec/containers[]/image", true },
	{ NULL, NULL, NULL, "spec/initContainers[]/image", true },
	{ NULL, NULL, NULL, "spec/volumes[]/image/reference", true },
	{ NULL, NULL, NULL, "spec/template/spec/containers[]/image", true },
	{ NULL, NULL, NULL, "spec/template/spec/initContainers[]/image", true },
	{ NULL, NULL, NULL, "spec/template/spec/volumes[]/image/reference", true },
};
static const struct field_spec replicas[] = {
	{ NULL, NULL, "Deployment", "spec/replicas", true },
	{ NULL, NULL, "ReplicationController", "spec/replicas", true },
	{ NULL, NULL, "ReplicaSet", "spec/replicas", true },
	{ NULL, NULL, "StatefulSet", "spec/replicas", true },
};

#define IN_CONTAINERS(kind, spec) \
	{ NULL, NULL, kind, spec "containers/args", false }, { NULL, NULL, kind, spec "containers/command", false }, \
	{ NULL, NULL, kind, spec "containers/env/value", false }, { NULL, NULL, kind, spec "containers/volumeMounts/mountPath", false }, \
	{ NULL, NULL, kind, spec "initContainers/args", false }, { NULL, NULL, kind, spec "initContainers/command", false }, \
	{ NULL, NULL, kind, spec "initContainers/env/value", false }, { NULL, NULL, kind, spec "initContainers/volumeMounts/mountPath", false }
#define IN_PODS(kind, spec) IN_CONTAINERS(kind, spec), { NULL, NULL, kind, spec "volumes/nfs/server", false }
static const struct field_spec vars[] = {
	IN_CONTAINERS("CronJob", "spec/jobTemplate/spec/template/spec/"),
	{ NULL, NULL, "CronJob", "spec/jobTemplate/spec/template/volumes/nfs/server", false },
	IN_PODS("DaemonSet", "spec/template/spec/"),
	IN_PODS("Deployment", "spec/template/spec/"),
	{ NULL, NULL, "Deployment", "spec/template/metadata/annotations", false },
	{ NULL, NULL, "Ingress", "spec/rules/host", false },
	{ NULL, NULL, "Ingress", "spec/tls/hosts", false },
	{ NULL, NULL, "Ingress", "spec/tls/secretName", false },
	IN_PODS("Job", "spec/template/spec/"),
	IN_PODS("Pod", "spec/"),
	IN_PODS("ReplicaSet", "spec/template/spec/"),
	{ NULL, NULL, "Service", "spec/ports/port", false },
	{ NULL, NULL, "Service", "spec/ports/targetPort", false },
	IN_CONTAINERS("StatefulSet", "spec/template/spec/"),
	{ NULL, NULL, "StatefulSet", "spec/volumeClaimTemplates/spec/nfs/server", false },
	{ NULL, NULL, "PersistentVolume", "spec/nfs/server", false },
	{ NULL, NULL, NULL, "metadata/labels", false },
	{ NULL, NULL, NULL, "metadata/annotations", false },
};

/* ---- who refers to whom: whatever holds a pod's spec, and the others -------------------- */
#define REF(g, v, k, in_group, in_kind, path) { g, v, k, { in_group, NULL, in_kind, path, false } }
#define OF_CONFIG(k, path) \
	{ NULL, "v1", k, { NULL, "v1", "Pod", "spec/" path, false } }, REF(NULL, "v1", k, NULL, "PodTemplate", "template/spec/" path), \
	REF(NULL, "v1", k, NULL, "Deployment", "spec/template/spec/" path), REF(NULL, "v1", k, NULL, "ReplicaSet", "spec/template/spec/" path), \
	REF(NULL, "v1", k, NULL, "DaemonSet", "spec/template/spec/" path), REF(NULL, "v1", k, NULL, "StatefulSet", "spec/template/spec/" path), \
	REF(NULL, "v1", k, NULL, "Job", "spec/template/spec/" path), REF(NULL, "v1", k, NULL, "CronJob", "spec/jobTemplate/spec/template/spec/" path)
#define OF_PODS(g, k, path) \
	REF(g, "v1", k, NULL, "Pod", "spec/" path), REF(g, "v1", k, NULL, "StatefulSet", "spec/template/spec/" path), \
	REF(g, "v1", k, NULL, "Deployment", "spec/template/spec/" path), REF(g, "v1", k, NULL, "ReplicationController", "spec/template/spec/" path), \
	REF(g, "v1", k, NULL, "CronJob", "spec/jobTemplate/spec/template/spec/" path), REF(g, "v1", k, NULL, "Job", "spec/template/spec/" path), \
	REF(g, "v1", k, NULL, "DaemonSet", "spec/template/spec/" path)
#define RBAC "rbac.authorization.k8s.io"
#define ADMISSION "admissionregistration.k8s.io"
static const struct reference references[] = {
	REF(NULL, NULL, "Deployment", NULL, "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),
	REF(NULL, NULL, "ReplicationController", NULL, "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),
	REF(NULL, NULL, "ReplicaSet", NULL, "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),
	REF(NULL, NULL, "StatefulSet", NULL, "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"),
	OF_CONFIG("ConfigMap", "volumes/configMap/name"),
	OF_CONFIG("ConfigMap", "containers/env/valueFrom/configMapKeyRef/name"),
	OF_CONFIG("ConfigMap", "initContainers/env/valueFrom/configMapKeyRef/name"),
	OF_CONFIG("ConfigMap", "containers/envFrom/configMapRef/name"),
	OF_CONFIG("ConfigMap", "initContainers/envFrom/configMapRef/name"),
	OF_CONFIG("ConfigMap", "volumes/projected/sources/configMap/name"),
	REF(NULL, "v1", "ConfigMap", NULL, "Node", "spec/configSource/configMap"),
	REF(NULL, "v1", "ConfigMap", NULL, "Role", "rules/resourceNames"),
	REF(NULL, "v1", "ConfigMap", NULL, "ClusterRole", "rules/resourceNames"),
	REF(NULL, "v1", "ConfigMap", NULL, "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap"),
	OF_CONFIG("Secret", "volumes/secret/secretName"),
	OF_CONFIG("Secret", "containers/env/valueFrom/secretKeyRef/name"),
	OF_CONFIG("Secret", "initContainers/env/valueFrom/secretKeyRef/name"),
	OF_CONFIG("Secret", "containers/envFrom/secretRef/name"),
	OF_CONFIG("Secret", "initContainers/envFrom/secretRef/name"),
	OF_CONFIG("Secret", "imagePullSecrets/name"),
	OF_CONFIG("Secret", "volumes/projected/sources/secret/name"),
	REF(NULL, "v1", "Secret", NULL, "Ingress", "spec/tls/secretName"),
	REF(NULL, "v1", "Secret", NULL, "Ingress", "metadata/annotations/ingress.kubernetes.io\\/auth-secret"),
	REF(NULL, "v1", "Secret", NULL, "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret"),
	REF(NULL, "v1", "Secret", NULL, "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret"),
	REF(NULL, "v1", "Secret", NULL, "ServiceAccount", "imagePullSecrets/name"),
	REF(NULL, "v1", "Secret", NULL, "StorageClass", "parameters/secretName"),
	REF(NULL, "v1", "Secret", NULL, "StorageClass", "parameters/adminSecretName"),
	REF(NULL, "v1", "Secret", NULL, "StorageClass", "parameters/userSecretName"),
	REF(NULL, "v1", "Secret", NULL, "StorageClass", "parameters/secretRef"),
	REF(NULL, "v1", "Secret", NULL, "Role", "rules/resourceNames"),
	REF(NULL, "v1", "Secret", NULL, "ClusterRole", "rules/resourceNames"),
	{ NULL, "v1", "Secret", { "serving.knative.dev", "v1", "Service", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", false } },
	REF(NULL, "v1", "Secret", NULL, "PersistentVolume", "spec/azureFile/secretName"),
	REF(NULL, "v1", "Service", "apps", "StatefulSet", "spec/serviceName"),
	REF(NULL, "v1", "Service", NULL, "Ingress", "spec/rules/http/paths/backend/serviceName"),
	REF(NULL, "v1", "Service", NULL, "Ingress", "spec/backend/serviceName"),
	REF(NULL, "v1", "Service", NULL, "Ingress", "spec/rules/http/paths/backend/service/name"),
	REF(NULL, "v1", "Service", NULL, "Ingress", "spec/defaultBackend/service/name"),
	REF(NULL, "v1", "Service", "apiregistration.k8s.io", "APIService", "spec/service/name"),
	REF(NULL, "v1", "Service", ADMISSION, "ValidatingWebhookConfiguration", "webhooks/clientConfig/service"),
	REF(NULL, "v1", "Service", ADMISSION, "MutatingWebhookConfiguration", "webhooks/clientConfig/service"),
	REF(RBAC, NULL, "Role", RBAC, "RoleBinding", "roleRef/name"),
	REF(RBAC, NULL, "ClusterRole", RBAC, "RoleBinding", "roleRef/name"),
	REF(RBAC, NULL, "ClusterRole", RBAC, "ClusterRoleBinding", "roleRef/name"),
	REF(NULL, "v1", "ServiceAccount", RBAC, "RoleBinding", "subjects"),
	REF(NULL, "v1", "ServiceAccount", RBAC, "ClusterRoleBinding", "subjects"),
	OF_PODS(NULL, "ServiceAccount", "serviceAccountName"),
	OF_PODS(NULL, "PersistentVolumeClaim", "volumes/persistentVolumeClaim/claimName"),
	REF(NULL, "v1", "PersistentVolume", NULL, "PersistentVolumeClaim", "spec/volumeName"),
	REF(NULL, "v1", "PersistentVolume", NULL, "ClusterRole", "rules/resourceNames"),
	REF("storage.k8s.io", "v1", "StorageClass", NULL, "PersistentVolume", "spec/storageClassName"),
	REF("storage.k8s.io", "v1", "StorageClass", NULL, "PersistentVolumeClaim", "spec/storageClassName"),
	REF("storage.k8s.io", "v1", "StorageClass", NULL, "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
	OF_PODS("scheduling.k8s.io", "PriorityClass", "priorityClassName"),
	/* kustomize names no group here that there is: Ingresses keep the class they name. */
	REF("networking.k8s.io/v1", "v1", "IngressClass", NULL, "Ingress", "spec/ingressClassName"),
	REF(ADMISSION, NULL, "ValidatingAdmissionPolicy", ADMISSION, "ValidatingAdmissionPolicyBinding", "spec/policyName"),
};

#define SET(table) { table, COUNT(table), 0 }
const struct config default_config = {
	.sets = {
		[SPEC_PREFIX] = SET(names), [SPEC_SUFFIX] = SET(names), [SPEC_NAMESPACE] = SET(namespaces),
		[SPEC_COMMON_LABELS] = SET(common_labels), [SPEC_TEMPLATE_LABELS] = SET(template_labels), [SPEC_ANNOTATIONS] = SET(annotations),
		[SPEC_VARS] = SET(vars), [SPEC_IMAGES] = SET(images), [SPEC_REPLICAS] = SET(replicas),
	},
	.references = SET(references),
};
