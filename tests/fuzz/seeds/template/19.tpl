{{ eq .m nil }}
{{ eq .m "a" }}
{{ eq .l .m }}
{{ eq 1 }}
{{ eq "1" 1 }}
{{ lt 1 2 }} {{ le 2 2 }} {{ gt 2 1 }} {{ ge 2 2 }} {{ lt "a" "b" }} {{ lt 1.5 2.5 }} {{ gt "a" "b" }}
