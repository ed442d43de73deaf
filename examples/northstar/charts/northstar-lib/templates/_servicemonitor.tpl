{{- define "northstar.servicemonitor" -}}
{{- include "northstar.init" . -}}
{{- $global := .Values.global -}}
{{- if and .Values.monitoring.enabled $global.features.monitoring -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  selector:
    matchLabels:
      {{- include "northstar.selector" . | nindent 6 }}
      northstar.example/scrape: "true"
  endpoints:
    - port: {{ .Values.monitoring.port }}
      path: {{ .Values.monitoring.path }}
      interval: {{ .Values.monitoring.interval }}
{{- end -}}
{{- end -}}
