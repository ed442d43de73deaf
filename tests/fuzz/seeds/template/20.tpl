{{ lt 1 1.5 }}
{{ lt true false }}
{{ lt .missing 1 }}
{{ gt .i 3 }}
{{ gt .i 3.0 }}
{{ print "a" "b" 1 2 true }}|{{ print 1 2 "a" 3 }}|{{ println "a" 1 }}|{{ print nil }}|{{ print .n }}
