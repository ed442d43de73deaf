{{ len .s }}{{ len .l }}{{ len .m }}{{ len "äö" }}
{{ len 3 }}
{{ len .n }}
{{ not .t }}{{ not .n }}{{ not 0 }}
{{ and 1 0 }} {{ and 1 2 }} {{ or 0 2 }} {{ or 0 "" }} {{ and }} 
{{ and false (fail "no") }}
