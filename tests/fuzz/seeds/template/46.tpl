{{ default "d" .missing }}{{ default "d" "" }}{{ default "d" 0 }}{{ default "d" false }}{{ default "d" "x" }}{{ default "d" }}{{ .e | default "z" }}{{ default (list 1) .el }}{{ default 1 .em }}
{{ empty nil }}{{ empty "" }}{{ empty 0 }}{{ empty (list) }}{{ empty (dict "a" 1) }}{{ empty 1.5 }}{{ empty false }}
{{ coalesce nil "" 0 "a" "b" }}{{ coalesce nil }}{{ all 1 "" }}{{ all 1 2 }}{{ all }}{{ any 0 "" }}{{ any 0 1 }}{{ any }}
{{ ternary "a" "b" true }}{{ ternary "a" "b" false }}{{ true | ternary 1 2 }}{{ eq 1 1 | ternary "y" "n" }}
{{ ternary 1 2 "x" }}
{{ ternary 1 2 nil }}
