{{- /* northstar.prometheusrule: who is told when the release is down, by its tier and objective. */ -}}
{{- define "northstar.prometheusrule" -}}
{{- include "northstar.init" . -}}
{{- $global := .Values.global -}}
{{- $catalog := .Values.catalog -}}
{{- $kind := .Values.workload -}}
{{- $name := include "northstar.name" . -}}
{{- $labels := printf "%s=%q,namespace=%q" (lower $kind) $name .Release.Namespace -}}
{{- $ready := ternary "kube_statefulset_status_replicas_ready" "kube_deployment_status_replicas_available" (eq $kind "StatefulSet") -}}
{{- $wanted := ternary "kube_statefulset_replicas" "kube_deployment_spec_replicas" (eq $kind "StatefulSet") -}}
{{- if and .Values.monitoring.enabled .Values.monitoring.alerts $global.features.monitoring -}}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  groups:
    - name: {{ .Release.Namespace }}.{{ $name }}
      rules:
        - alert: Down
          expr: {{ printf "%s{%s} == 0" $ready $labels | quote }}
          for: 5m
          labels:
            severity: {{ ternary "critical" "warning" (eq $global.tier.name "critical") }}
            owner: {{ $catalog.owner | default $global.platform }}
          annotations:
            summary: {{ $name }} in {{ $global.environment }} has no replica that is ready
            {{- with $catalog.slo }}
            objective: {{ .availability }} % of requests are answered
            {{- end }}
        - alert: Degraded
          expr: {{ printf "%s{%s} < %s{%s}" $ready $labels $wanted $labels | quote }}
          for: 15m
          labels:
            severity: warning
            owner: {{ $catalog.owner | default $global.platform }}
          annotations:
            summary: {{ $name }} in {{ $global.environment }} has fewer replicas than it should
        {{- if and $catalog.slo .Values.monitoring.sli }}
        {{- include "northstar.burnAlerts" . | nindent 8 }}
        {{- end }}
{{- end -}}
{{- end -}}
