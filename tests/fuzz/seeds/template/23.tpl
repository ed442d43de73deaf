{{ printf "%[2]d %[1]d %d" 1 2 }} {{ printf "%[3]d" 1 }} {{ printf "%[x]d" 1 }}
{{ printf "%!" }} {{ printf "%" }} {{ printf "%z" 3 }} {{ printf "%d%%" 5 }} {{ printf "%.3s" "abcdef" }} {{ printf "%.2q" "abc" }}
{{ printf "%t" 1 }} {{ printf "%d" "x" }} {{ printf "%d" true }} {{ printf "%f" 3 }} {{ printf "%c" 0x1F600 }} {{ printf "%x" 3.5 }} {{ printf "%6d|%-6d|%06d" -42 -42 -42 }}
{{ printf "%3c|%-3c|%q|%+q|%#q" 65 66 "é" "é" "é" }}
{{ printf "%s" (list "a" "b") }} {{ printf "%q" (list "a" "b") }} {{ printf "%v" (dict "a" (list 1 2)) }} {{ printf "%5.1f" (list 1.25 2.5) }}
{{ html "<a href='x'>&\"" }} {{ js "it's <b> \"x\" = \\ \n é" }} {{ urlquery "a b&c=d/é~" }} {{ html 1 nil }}
