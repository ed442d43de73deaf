{{ range $x, $y, $z := .Values }}{{ end }}
{{ "x" .y }}
{{ nil.x }}
{{ 1.x }}
{{ .s.  }}
{{ . s }}
