a
{{- if true }}
b
{{- end }}
c

a  
	 {{- 1 }} b {{ 2 -}} 

 c
{{ range $k, $v := .m -}}
{{ $k }}: {{ $v }}
{{ end -}}
end
{{ $x :=
 1 }}{{ $x }}
{{ `a
b` }}
{{ "a
b" }}
