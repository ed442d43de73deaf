{{ range }}{{ end }}
{{ template }}
{{ template x }}
{{ define }}{{ end }}
{{
{{ "abc }}
