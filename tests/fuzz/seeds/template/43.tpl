{{ mergeOverwrite (dict "a" true "b" 5 "c" (list 1 2) "d" 4 "m" (dict "x" 1)) (dict "a" false "b" 0 "c" (list) "d" nil "m" "str") }}
{{ merge (dict "m" "s") (dict "m" (dict "x" 1)) }}|{{ merge (dict "m" (dict "x" 1)) (dict "m" "s") }}|{{ mergeOverwrite (dict "m" "s") (dict "m" (dict "x" 1)) }}|{{ merge (dict) (dict "a" (dict)) (dict "a" (dict "q" 1)) }}
{{ merge (dict "a" (dict)) (dict "a" (dict "q" 1)) }}|{{ mergeOverwrite (dict "a" (list 1)) (dict "a" (dict "q" 1)) }}|{{ mergeOverwrite (dict "a" (dict "q" 1)) (dict "a" (list 1)) }}
{{ $a := dict "m" (dict "x" 1) }}{{ $b := merge (dict) $a }}{{ $_ := set $b.m "y" 2 }}{{ $a }}
{{ $a := dict "m" (dict "x" 1) }}{{ $b := deepCopy $a }}{{ $_ := set $b.m "y" 2 }}{{ $a }}{{ $b }}
{{ dig "a" "b" "def" (dict "a" (dict "b" 5)) }}|{{ dig "a" "zz" "def" (dict "a" (dict "b" 5)) }}|{{ dig "zz" "b" "def" (dict) }}
