{{ printf "%t %v %q %x % x %X %s" true false "a\"b" "hi" "hi" "hi" "x" }}
{{ printf "%v %+v %#v %T" .m .m .m .m }}
{{ printf "%v %#v %T %s %d %q" .l .l .l .l .l .l }}
{{ printf "%v %s %d %T" nil nil nil nil }}
{{ printf "%T %T %T %T %T %T" 1 1.5 "a" true .Values (int64 3) }}
{{ printf "%*d|%-*d|%.*f" 5 42 5 42 2 3.14159 }}
