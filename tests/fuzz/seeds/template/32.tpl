x   {{- print 1 }}
{{- print 1 -}}
{{ "a" -}} b {{- "c" }}
{{"{{"}} {{ "}}" }}
{{ $x := dict "a" 1 }}{{ $_ := set $x "b" 2 }}{{ $x }}
{{ $x := dict "a" 1 }}{{ set $x "b" 2 }}{{ unset $x "a" }}{{ hasKey $x "b" }}{{ hasKey $x "z" }}{{ get $x "b" }}|{{ get $x "zz" }}
