{{ range .s }}x{{ end }}
{{ range .i }}x{{ end }}
{{ range .l }}{{ if eq (toString .) "a" }}{{ continue }}{{ end }}{{ . }}{{ end }}
{{ range .ls }}{{ if eq . "a" }}{{ break }}{{ end }}{{ . }}{{ end }}
{{ break }}
{{ continue }}
