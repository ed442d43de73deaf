{{ define "lib.x" }}lib{{ end }}
