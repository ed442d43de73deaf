{{ set (.missing) "a" 1 }}
{{ $d := dict "a" 1 }}{{ $e := $d }}{{ $_ := set $e "b" 2 }}{{ $d }}
{{ $_ := set .Values "new" "v" }}{{ .new }}{{ $_ := set .m.c "x" "z" }}{{ .m }}
{{ merge (dict "a" 1 "e" "" "m" (dict "x" 1)) (dict "a" 2 "e" "f" "b" 3 "m" (dict "x" 9 "y" 2)) }}
{{ mergeOverwrite (dict "a" 1 "e" "" "m" (dict "x" 1)) (dict "a" 2 "e" "f" "b" 3 "m" (dict "x" 9 "y" 2)) }}
{{ merge (dict "a" false "b" 0 "c" (list) "d" nil "f" (list 1)) (dict "a" true "b" 5 "c" (list 1 2) "d" 4 "f" (list 2)) }}
