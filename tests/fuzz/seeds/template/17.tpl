{{ or true (fail "no") }}
{{ or false (fail "boo") }}
{{ 0 | or 3 }} {{ 1 | and 0 }} {{ 5 | and 4 }}
{{ eq 1 1 }} {{ eq 1 2 }} {{ eq "a" "a" }} {{ eq 1.0 1.0 }} {{ eq true true }} {{ eq 1 2 3 1 }}
{{ eq 1 1.0 }}
{{ eq .i 5 }}
