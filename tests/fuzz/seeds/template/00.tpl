hello
{{ .s }}
{{.s}}x
a {{- .s -}} b
a {{- /* c */ -}} b
{{/* c */}}x
