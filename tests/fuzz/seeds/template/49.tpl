{{ toYaml .Values }}
{{ toYaml "a" }}|{{ toYaml 1 }}|{{ toYaml nil }}|{{ toYaml true }}|{{ toYaml (list) }}|{{ toYaml (dict) }}|{{ toYaml "" }}|{{ toYaml "true" }}|{{ toYaml "a\nb" }}|{{ toYaml "a\n" }}|{{ toYaml "\na" }}|{{ toYaml " a\nb" }}
{{ toYaml (dict "a" (list 1 (dict "b" 2 "c" (list (list 1 2) (list)))) "d" (dict "e" (dict))) }}
{{ toYaml (dict "a10" 1 "a2" 2 "A" 3 "b" 4 "_x" 5 "1" 6 "10" 7 "2" 8 "a-b" 9 "ab" 10 "a.b" 11 "a01" 12 "a1" 13 "é" 14) }}
{{ toYaml .multi }}
{{ toYaml .x }}
