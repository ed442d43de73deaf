{{ with $y := .s }}{{ $y }}{{ . }}{{ $.i }}{{ end }}
{{ range .l }}<{{ . }}>{{ end }}
{{ range $i, $e := .l }}{{ $i }}={{ $e }};{{ end }}
{{ range $e := .l }}{{ $e }};{{ end }}
{{ range $k, $v := .m }}{{ $k }}={{ $v }};{{ end }}
{{ range .m }}{{ . }};{{ end }}
