{{- /*
northstar.burnAlerts: the error budget of the catalog's `slo` and how fast it
goes: over a long and a short window each, so that an alert starts soon and
ends soon.  14.4 is a month's budget in two days, 1 is in a month.
*/ -}}
{{- define "northstar.burnAlerts" -}}
{{- $ctx := . -}}
{{- $sli := .Values.monitoring.sli -}}
{{- $slo := .Values.catalog.slo -}}
{{- $name := include "northstar.name" . -}}
{{- $page := ternary "critical" "warning" (eq .Values.global.tier.name "critical") -}}
{{- if $sli.total }}
{{- range list (list "14.4" "1h" "5m" $page) (list "6" "6h" "30m" $page) (list "1" "3d" "6h" "warning") }}
- alert: ErrorBudgetBurn
  expr: |
    {{ include "northstar.burn" (dict "ctx" $ctx "sli" $sli "slo" $slo.availability "window" (index . 1) "factor" (index . 0)) }}
    and
    {{ include "northstar.burn" (dict "ctx" $ctx "sli" $sli "slo" $slo.availability "window" (index . 2) "factor" (index . 0)) }}
  labels:
    severity: {{ index . 3 }}
    window: {{ index . 1 }}
    owner: {{ $ctx.Values.catalog.owner | default $ctx.Values.global.platform }}
  annotations:
    summary: {{ $name }} spends its error budget {{ index . 0 }} times as fast as {{ $slo.availability }} % allow
{{- end }}
{{- end }}
{{- if and $sli.latency $slo.latency }}
- alert: Slow
  expr: |
    histogram_quantile(0.95, sum by (le) (rate({{ include "northstar.text" (dict "ctx" . "text" $sli.latency) }}[5m])))
    > {{ if hasSuffix "ms" $slo.latency }}{{ trimSuffix "ms" $slo.latency }} / 1000{{ else }}{{ trimSuffix "s" $slo.latency }}{{ end }}
  for: 10m
  labels:
    severity: warning
    owner: {{ .Values.catalog.owner | default .Values.global.platform }}
  annotations:
    summary: one answer of {{ $name }} in twenty takes longer than {{ $slo.latency }}
{{- end }}
{{- end -}}

{{- define "northstar.burn" -}}
sum(rate({{ include "northstar.text" (dict "ctx" .ctx "text" .sli.errors) }}[{{ .window }}])) / sum(rate({{ include "northstar.text" (dict "ctx" .ctx "text" .sli.total) }}[{{ .window }}])) > {{ .factor }} * (1 - {{ .slo }} / 100)
{{- end -}}
