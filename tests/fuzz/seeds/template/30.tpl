{{ .s| upper}}
{{print 1|print 2}}
{{ print (print 1) (print 2) }}
{{ (print 1).x }}
{{ (dict "a" 1).a }}
{{ (.m).c.x }}
