{{- define "top.name" -}}
{{ .Release.Name }}-{{ .Chart.Name }}
{{- end -}}
{{- define "shared" -}}shared from top{{- end -}}
