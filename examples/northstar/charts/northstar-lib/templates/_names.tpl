{{- define "northstar.name" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "northstar.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "northstar.name" .) -}}
{{- end -}}

{{- /* northstar.selector: never changes in the life of a release. */ -}}
{{- define "northstar.selector" -}}
app.kubernetes.io/name: {{ include "northstar.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "northstar.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "northstar.podLabels" . }}
{{- end -}}

{{- /* northstar.podLabels: those that say what runs; a new chart version alone starts no new pods. */ -}}
{{- define "northstar.podLabels" -}}
{{- $global := .Values.global -}}
{{- $catalog := .Values.catalog -}}
{{ include "northstar.selector" . }}
{{- with $catalog.category }}
app.kubernetes.io/component: {{ . }}
{{- end }}
app.kubernetes.io/part-of: {{ $global.platform }}
{{- with $catalog.owner }}
northstar.example/owner: {{ . }}
{{- end }}
northstar.example/tier: {{ $global.tier.name }}
{{- with $catalog.dataClass }}
northstar.example/data-class: {{ . }}
{{- end }}
{{- end -}}

{{- /* northstar.metadata: name, namespace and labels; `suffix` after the name. */ -}}
{{- define "northstar.metadata" -}}
name: {{ include "northstar.name" .ctx }}{{ .suffix }}
namespace: {{ .ctx.Release.Namespace }}
labels:
  {{- include "northstar.labels" .ctx | nindent 2 }}
{{- end -}}
