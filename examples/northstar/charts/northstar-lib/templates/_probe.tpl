{{- /*
northstar.probe: one of command, tcp or path (with port, "http" by default),
and the times of the API's probe.
*/ -}}
{{- define "northstar.probe" -}}
{{- if .command -}}
exec:
  command:
    {{- toYaml .command | nindent 4 }}
{{- else if .tcp -}}
tcpSocket:
  port: {{ .port | default "http" }}
{{- else -}}
httpGet:
  path: {{ .path }}
  port: {{ .port | default "http" }}
{{- end }}
{{- range $time := list "initialDelaySeconds" "periodSeconds" "timeoutSeconds" "failureThreshold" "successThreshold" }}
{{- with index $ $time }}
{{ $time }}: {{ . }}
{{- end }}
{{- end }}
{{- end -}}
