{{ true }} {{ false }}
{{ nil }}
{{ .n }}|{{ .missing }}|
{{ .missing.x }}
{{ .n.x }}
{{ (.missing).x }}
