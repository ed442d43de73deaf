{{ regexFind "\\K" "aa" }}
{{ regexFind "[a" "aa" }}
{{ regexFind "\\pX" "aa" }}
{{ regexFind "*a" "aa" }}
{{ regexFind "a{,2}" "aa{,2}" }}|{{ regexFind "a{2}" "aaa" }}|{{ regexFind "a{1,}" "aaa" }}|{{ regexFind "x{a" "x{a" }}|{{ regexFind "[]a]+" "a]b" }}|{{ regexFind "[^]a]+" "a]b" }}|{{ regexFind "[a-]+" "a-b" }}|{{ regexFind "[[]" "a[" }}|{{ regexFind "a(?:b|c)+" "abcbd" }}|{{ regexFind "(?i:A)b" "ab" }}|{{ regexFind "(?U)a+" "aaa" }}|{{ regexFind "\\Qa.b\\E" "a.b" }}|{{ regexFind "[\\d.]+" "x1.2y" }}|{{ regexFind "\\v\\t" "x" }}|{{ regexFind "(?<n>b)" "abc" }}|{{ regexFind "\\-\\_\\/" "-_/" }}
{{ semverCompare "^1.2.0" "1.3.0" }}{{ semverCompare ">=1.2 <2" "1.9.9" }}{{ semverCompare "~1.2" "1.3" }}{{ semverCompare "1.x" "1.5" }}{{ semverCompare "*" "0.0.1" }}{{ semverCompare ">=1.21-0" "v1.22.3-gke.5" }}{{ semverCompare ">=1.21" "v1.22.3-gke.5" }}{{ semverCompare "1.2 - 2.4.5" "2.4.5" }}{{ semverCompare "=1.2.3 || >3" "4.0.0" }}{{ semverCompare "!=1.2.3" "1.2.3" }}{{ semverCompare "1.2.3" "1.2.3+build" }}
