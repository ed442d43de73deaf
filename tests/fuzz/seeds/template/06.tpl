{{ range .el }}x{{ else }}empty{{ end }}
{{ range .n }}x{{ else }}empty{{ end }}
{{ range 3 }}{{ . }}{{ end }}
{{ range $i := 3 }}{{ $i }}{{ end }}
{{ range $i, $j := 3 }}{{ $i }}{{ end }}
{{ range 0 }}x{{ else }}none{{ end }}
