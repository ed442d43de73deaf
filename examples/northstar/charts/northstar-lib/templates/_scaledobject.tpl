{{- /* northstar.scaledobject: KEDA in the place of a HorizontalPodAutoscaler, by what happens outside the pods (`autoscaling.triggers`). */ -}}
{{- define "northstar.scaledobject" -}}
{{- include "northstar.init" . -}}
{{- if and (include "northstar.autoscales" .) .Values.autoscaling.triggers -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: {{ .Values.workload }}
    name: {{ include "northstar.name" . }}
  minReplicaCount: {{ include "northstar.replicas" . }}
  maxReplicaCount: {{ include "northstar.maxReplicas" . }}
  cooldownPeriod: 300
  triggers:
    {{- toYaml .Values.autoscaling.triggers | nindent 4 }}
{{- end -}}
{{- end -}}
