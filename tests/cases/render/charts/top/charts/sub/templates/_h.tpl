{{- define "shared" -}}shared from sub{{- end -}}
