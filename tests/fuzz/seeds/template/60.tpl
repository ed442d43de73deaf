{{ toToml (dict "a" (dict "b" 1 "c" (dict "d" 1)) "x" (dict "y" (list (dict "z" 1)) "q" (dict "r" 1))) }}
{{ range .v }}{{ semverCompare $.c . | ternary 1 0 }}{{ end }}
