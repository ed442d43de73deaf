{{ toToml "x" }}|{{ toToml (dict) }}|{{ toToml (dict "a" (list nil)) }}|{{ toToml (dict "a" (dict "b" (dict))) }}
{{ fromToml "a = 1\nb = 'x'\n[c]\nd = [1, 2.5, \"z\"]\n[c.e]\nf = true\n[[g]]\nh = 1\n[[g]]\nh = 2\n" }}
{{ fromToml "a.b.c = 1\na.b.d = 0x1F\n\"q r\" = \"\"\"\nl1\nl2 \\\n   x\"\"\"\nt = {x = 1, y.z = 2}\ni = [[1],\n [2], # c\n]\nn = -1_000\nf = 1e3\no = 0o17\nlit = 'a\\b'" | toJson }}
{{ hasKey (fromToml "a = ") "Error" }}{{ hasKey (fromToml "a = 1\na = 2") "Error" }}{{ hasKey (fromToml "[x") "Error" }}{{ fromToml "" }}{{ hasKey (fromToml "a = 1 b") "Error" }}{{ typeOf (fromToml "a=1").a }}
{{ fromToml "d = 1979-05-27T07:32:00Z\ne = inf\nf = +1.5" }}
{{ toYaml (fromToml "[a]\nb=1\n[[c]]\nd=2") }}
