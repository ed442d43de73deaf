{{- /* northstar.vpa: what the pods would need; it sets nothing while `autoscaling.vertical` is "recommend". */ -}}
{{- define "northstar.vpa" -}}
{{- include "northstar.init" . -}}
{{- if and (ne .Values.autoscaling.vertical "none") .Values.global.features.autoscaling -}}
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  targetRef:
    apiVersion: apps/v1
    kind: {{ .Values.workload }}
    name: {{ include "northstar.name" . }}
  updatePolicy:
    updateMode: {{ ternary "Off" "Initial" (eq .Values.autoscaling.vertical "recommend") | quote }}
{{- end -}}
{{- end -}}
