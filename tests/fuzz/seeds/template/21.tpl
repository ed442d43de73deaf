{{ printf "%s-%d" "a" 5 }}
{{ printf "%d" .i }} {{ printf "%s" .i }} {{ printf "%v" .i }} {{ printf "%.0f" .i }}
{{ printf "%s %s" "a" }} {{ printf "%d" }} {{ printf "x" 1 "b" nil }}
{{ printf "%5s|%-5s|%05d|%+d|% d|%x|%X|%o|%b|%c|%q|%U" "ab" "cd" 42 7 7 255 255 8 5 65 65 8364 }}
{{ printf "%#x %#o %#b %#q %#U %#v %#v" 255 8 5 "a`b" 8364 "s" 3 }}
{{ printf "%6.2f|%-8.3f|%e|%g|%G|%8.2e|%+.1f|%08.3f|% f" 3.14159 2.5 12345.678 1e-7 1e20 1234.5 2.0 -3.14159 1.5 }}
