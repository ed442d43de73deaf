{{- /* northstar.text: a text of the values, in which {{ .Values.global.domain }} and the like are answered. */ -}}
{{- define "northstar.text" -}}
{{- if contains "{{" .text -}}
{{- tpl .text .ctx -}}
{{- else -}}
{{- .text -}}
{{- end -}}
{{- end -}}
