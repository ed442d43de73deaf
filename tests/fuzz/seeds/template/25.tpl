{{ tpl "{{ .s }}-{{ upper .s }}" . }}
{{ tpl "{{ .missing }}|{{ define \"q\" }}Q{{ end }}{{ include \"q\" . }}" . }}
{{ tpl "{{ nope }}" . }}
{{ tpl "{{ if }}" . }}
{{ tpl "plain" . }}
{{ tpl .i . }}
