{{- define "northstar.pdb" -}}
{{- include "northstar.init" . -}}
{{- $global := .Values.global -}}
{{- if and .Values.disruptionBudget.enabled $global.features.disruptionBudgets (gt (int (include "northstar.replicas" .)) 1) -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  maxUnavailable: {{ .Values.disruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "northstar.selector" . | nindent 6 }}
{{- end -}}
{{- end -}}
