{{ if .fl }}yes{{ else }}no{{ end }}
{{ if .e }}1{{ else if .n }}2{{ else if .i }}3{{ else }}4{{ end }}
{{ if .el }}1{{ end }}{{ if .em }}2{{ end }}{{ if .l }}3{{ end }}
{{ with .m }}{{ .a }}{{ .c.x }}{{ end }}
{{ with .n }}{{ . }}{{ else }}none{{ end }}
{{ with .n }}{{ . }}{{ else with .s }}{{ . }}{{ else }}none{{ end }}
