{{ index .Values "s" }}{{ index .Values "zz" }}{{ index .m "c" "x" }}
{{ index .Values "zz" "x" }}
{{ index .n 1 }}
{{ index "abc" 1 }}
{{ index .m 1 }}
{{ index .m }}
