{{ eq .i 5.0 }}
{{ eq (int .i) 5 }} {{ eq (int64 5) 5 }}
{{ eq .s "str" }} {{ ne .s "x" }}
{{ eq .n nil }}
{{ eq .missing "x" }}
{{ eq .m .m }}
