{{ range .ls }}{{ define "x" }}{{ end }}{{ end }}
{{ $a := 1 }}{{ $a = 2 }}{{ $a }}
{{ $a := 1 }}{{ if true }}{{ $a = 2 }}{{ end }}{{ $a }}
{{ $a := 1 }}{{ if true }}{{ $a := 2 }}{{ $a }}{{ end }}{{ $a }}
{{ $a := 1 }}{{ range $i, $e := .ls }}{{ $a = add $a $i }}{{ end }}{{ $a }}
{{ if $a := 1 }}{{ $a }}{{ end }}{{ $a }}
