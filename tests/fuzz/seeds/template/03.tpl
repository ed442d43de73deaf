{{ ((.missing).x).y }}
{{ $x := .missing }}{{ $x.foo }}
{{ .s.x }}
{{ .l }} {{ .m }} {{ .em }} {{ .el }}
{{ .big }} {{ .f }} {{ .i }} {{ .t }}
{{ if .t }}yes{{ else }}no{{ end }}
