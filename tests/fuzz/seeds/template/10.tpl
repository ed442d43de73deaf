{{ define "f" }}[{{ .x }}]{{ end }}{{ include "f" .missing }}{{ template "f" .missing }}
{{ block "b" .s }}<{{ . }}>{{ end }}
{{ template "nope" }}
{{ include "nope" . }}
{{ define "f" }}{{ $ }}{{ end }}{{ template "f" 3 }}
{{ define "f" }}a{{ end }}{{ define "f" }}b{{ end }}
