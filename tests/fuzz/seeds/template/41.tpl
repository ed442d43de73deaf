{{ dict "a" 1 "b" }}|{{ dict 1 2 }}|{{ dict }}|{{ dict "x" nil }}
{{ get .m "a" }}{{ get .m "zz" }}|{{ hasKey .m "a" }}|{{ hasKey .m "zz" }}|{{ pluck "a" .m (dict "a" 9) (dict) }}|{{ keys .m | sortAlpha }}|{{ values (dict "x" 1) }}|{{ pick .m "a" "zz" }}|{{ omit .m "a" }}|{{ keys (dict "a" 1) (dict "b" 2) | sortAlpha }}
{{ keys .missing }}
{{ keys (.missing) }}
{{ hasKey .nul "x" }}
{{ get .s "x" }}
