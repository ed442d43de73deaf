{{ abbrev 5 "hello world" }}|{{ abbrev 3 "hello" }}|{{ abbrev 20 "hello" }}|{{ abbrevboth 5 10 "1234 5678 9123" }}|{{ abbrevboth 2 8 "1234 5678 9123" }}|{{ abbrevboth 5 6 "1234 5678 9123" }}|{{ abbrevboth 0 7 "1234 5678 9123" }}|{{ abbrevboth 12 10 "1234 5678 9123 4567 89" }}
{{ contains "b" "abc" }}{{ contains "" "abc" }}{{ hasPrefix "a" "abc" }}{{ hasSuffix "c" "abc" }}{{ hasSuffix "x" "abc" }}
{{ replace "a" "b" "banana" }}|{{ replace "" "-" "abc" }}|{{ replace "an" "" "banana" }}|{{ replace "x" "y" "abc" }}|{{ replace "" "-" "" }}|{{ replace "a" "aa" "aaa" }}
{{ repeat 3 "ab" }}|{{ repeat 0 "ab" }}
{{ repeat -1 "ab" }}
{{ indent 2 "a\nb\n" }}|{{ nindent 2 "a\n\nb" }}|{{ indent 0 "x" }}|{{ indent 3 "" }}
