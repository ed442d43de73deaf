{{ indent -1 "x" }}
{{ quote "a\"b" 1 nil "é\n" }}|{{ squote "a" 1 nil }}|{{ quote }}|{{ squote .l }}|{{ quote .l }}|{{ quote true 1.5 }}|{{ quote nil }}|{{ quote "" }}
{{ cat "a" 1 nil "b" .l }}|{{ cat }}
{{ plural "one" "many" 1 }}{{ plural "one" "many" 2 }}{{ plural "one" "many" 0 }}
{{ toString 1.5 }}{{ toString nil }}{{ toString .m }}{{ toString true }}{{ toString "x" }}
{{ join "," .l }}|{{ join "-" "x" }}|{{ join "-" nil }}|{{ join "" .ls }}|{{ join "-" .li }}|{{ join "-" 5 }}|{{ join "," .m }}
