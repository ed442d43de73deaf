{{ call .s }}
{{ .multi | indent 2 }}|{{ .multi | nindent 4 }}
{{ required "need it" .n }}
{{ required "need it" .s }}{{ required "x" .fl }}{{ required "x" 0 }}
{{ required "need it" .e }}
{{ fail "boom" }}
