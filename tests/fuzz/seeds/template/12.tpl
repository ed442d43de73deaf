{{ upper .i }}
{{ upper .missing }}
{{ .missing | upper }}
{{ upper nil }}
{{ trunc 3.0 "abcdef" }}
{{ trunc .i "abcdefgh" }}
