{{ define "f" }}  {{ end }}{{ define "f" }}b{{ end }}{{ template "f" }}
{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}
{{ nofunc 1 }}
{{ upper }}
{{ upper "a" "b" }}
{{ upper 1 }}
