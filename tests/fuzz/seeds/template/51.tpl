{{ regexSplit "z+" "pizza" -1 }}|{{ regexSplit "z+" "pizza" 1 }}|{{ regexSplit "," "a,b,,c" -1 | toJson }}|{{ regexSplit "," "" -1 | toJson }}|{{ regexSplit "" "abc" -1 | toJson }}|{{ regexSplit "," ",a," -1 | toJson }}|{{ regexSplit "," "a,b,c" 2 | toJson }}|{{ regexSplit "," "a,b,c" 0 | toJson }}|{{ regexSplit "x*" "axbc" -1 | toJson }}
{{ regexQuoteMeta "1.2.3+[a]{b}^$\\|()*?" }}|{{ mustRegexMatch "a" "abc" }}|{{ mustRegexFind "b+" "abbc" }}|{{ mustRegexReplaceAll "b" "abc" "x" }}
{{ mustRegexMatch "a(" "abc" }}
{{ regexFind "a(" "abc" }}
{{ regexFind "(?=a)" "abc" }}
{{ regexFind "(?<!a)b" "abc" }}
