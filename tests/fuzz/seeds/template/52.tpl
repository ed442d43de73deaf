{{ regexFind "(a)\\1" "aa" }}
{{ regexFind "a++" "aa" }}
{{ regexFind "(?>a)" "aa" }}
{{ regexFind "a{1001}" "aa" }}
{{ regexFind "a**" "aa" }}
{{ regexFind "\\Z" "aa" }}
