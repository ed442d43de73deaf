{{ first "abc" }}
{{ compact (list 1 0 "" "a" nil false (list)) }}|{{ uniq (list 1 2 1 "1" 1.0 nil nil) }}|{{ without .ls "a" }}|{{ without (list 1 2 3) 1 3 }}|{{ has "a" .ls }}{{ has 3 .li }}{{ has 3.0 .li }}{{ has 1 nil }}
{{ has 1 "abc" }}
{{ slice .ls 1 3 }}|{{ slice .ls 2 }}|{{ slice .ls }}|{{ slice (list) 1 }}|{{ slice .ls 0 0 }}
{{ slice .ls 3 9 }}
{{ slice "abc" 1 }}
