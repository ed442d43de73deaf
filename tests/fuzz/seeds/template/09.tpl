{{ $a }}
{{ $a = 1 }}
{{ $a := 1 }}{{ $a := add $a 1 }}{{ $a }}
{{ range $i, $e := .ls }}{{ $e }}{{ end }}{{ $i }}
{{ define "f" }}[{{ . }}]{{ end }}{{ template "f" .s }}{{ template "f" }}
{{ define "f" }}[{{ . }}]{{ end }}{{ include "f" .s | upper }}
