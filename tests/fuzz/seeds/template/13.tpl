{{ trunc (int .i) "abcdefgh" }}
{{ trunc (int64 3) "abcdefgh" }}
{{ "abc" | trunc 2 | upper }}
{{ 1 2 }}
{{ "x" "y" }}
{{ .s "x" }}
