{{ 1 | 2 }}
{{ . | .s }}
{{ (index .l 1) }}
{{ index .l 9 }}
{{ index .l -1 }}
{{ index .l .i }}
