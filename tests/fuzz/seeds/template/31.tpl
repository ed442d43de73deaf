{{ $m := .m }}{{ $m.c.x }}
{{ $.s }}
{{ "unclosed" | }}
{{ | upper }}
{{ print 1 -}}   
   x
