{{ trim "  a b \t\n" }}|{{ trimAll "xy" "xyaxy" }}|{{ trimall "$" "$5$" }}|{{ trimSuffix "-" "a--" }}|{{ trimPrefix "-" "--a" }}|{{ trim "\u00a0x\u2003" }}
{{ trunc 3 "abcdef" }}|{{ trunc -3 "abcdef" }}|{{ trunc 10 "abc" }}|{{ trunc -10 "abc" }}|{{ trunc 0 "abc" }}
{{ substr 1 3 "abcdef" }}|{{ substr -1 3 "abcdef" }}|{{ substr 2 -1 "abcdef" }}|{{ substr 0 99 "abc" }}
{{ substr 3 1 "abcdef" }}
{{ substr 9 -1 "abc" }}
{{ substr -1 9 "abc" }}
