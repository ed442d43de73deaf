{{- /* northstar.configmap: `config` as environment variables, `files` as files. */ -}}
{{- define "northstar.configmap" -}}
{{- include "northstar.init" . -}}
{{- $ctx := . -}}
{{- if or .Values.config .Values.files -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
data:
  {{- range $key, $text := .Values.config }}
  {{ $key }}: {{ include "northstar.text" (dict "ctx" $ctx "text" (toString $text)) | quote }}
  {{- end }}
  {{- range $path, $text := .Values.files }}
  {{ include "northstar.fileKey" $path }}: |
    {{- include "northstar.text" (dict "ctx" $ctx "text" $text) | trimSuffix "\n" | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{- /* northstar.fileKey: /etc/app/main.conf is the key etc.app.main.conf */ -}}
{{- define "northstar.fileKey" -}}
{{- . | trimPrefix "/" | replace "/" "." -}}
{{- end -}}
