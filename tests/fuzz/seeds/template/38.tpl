{{ wrap 5 "hello world foo bar" }}|{{ wrap 3 "abcdefgh ij" }}|{{ wrapWith 5 "<br>" "hello world foobarbaz" }}|{{ wrap 80 "x" }}|{{ wrap 0 "ab cd" }}|{{ wrapWith 3 "" "abcdef" }}|{{ wrap 4 "   aa bb" }}|{{ wrap 5 "" }}
{{ list 1 "a" nil }}|{{ list }}|{{ tuple 1 2 }}|{{ typeOf (list) }}
{{ append .l "z" }}|{{ prepend .l "z" }}|{{ append (list) nil }}|{{ push .ls 1 }}
{{ append .nul 1 }}
{{ append "x" 1 }}
{{ first .ls }}{{ last .ls }}{{ rest .ls }}{{ initial .ls }}{{ first (list) }}{{ last (list) }}{{ rest (list) }}{{ reverse .ls }}
