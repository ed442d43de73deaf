{{ lookup "v1" "Pod" "ns" "n" }}
{{ if }}
{{ if true }}
{{ end }}
{{ else }}
{{ if true }}{{ else }}{{ else }}{{ end }}
