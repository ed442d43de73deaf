{{- /*
database.init: lays the values over what the engine needs (a file each:
_postgresql.tpl, _redis.tpl, _clickhouse.tpl).  northstar.init, which each kind
calls after this, lays both over what all charts share.
*/ -}}
{{- define "database.init" -}}
{{- $engine := fromYaml (include (printf "database.%s" .Values.engine) .) -}}
{{- $_ := set . "Values" (mergeOverwrite $engine (deepCopy .Values)) -}}
{{- end -}}

{{- define "database.secret" -}}
{{- .Values.auth.secret | default (printf "%s-auth" (include "northstar.name" .)) -}}
{{- end -}}

{{- /* database.primary: the address of the replica that writes. */ -}}
{{- define "database.primary" -}}
{{- $name := include "northstar.name" . -}}
{{ $name }}-0.{{ $name }}-pods
{{- end -}}

{{- define "database.replicas" -}}
{{- include "northstar.init" . -}}
{{- include "northstar.replicas" . -}}
{{- end -}}

{{- /* database.serviceRead: all replicas; the service of the release's own name is the primary. */ -}}
{{- define "database.serviceRead" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "northstar.metadata" (dict "ctx" . "suffix" "-read") | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "northstar.selector" . | nindent 4 }}
  ports:
    {{- include "northstar.servicePorts" . | nindent 4 }}
{{- end -}}
