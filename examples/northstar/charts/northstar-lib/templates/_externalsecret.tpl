{{- /*
northstar.externalsecret: secrets come from the store of the environment, at
ENVIRONMENT/NAMESPACE/NAME unless `from` says NAMESPACE/NAME of another.
*/ -}}
{{- define "northstar.externalsecret" -}}
{{- include "northstar.init" . -}}
{{- $ctx := . -}}
{{- $global := .Values.global -}}
{{- if $global.secrets.store -}}
{{- range $name, $secret := .Values.externalSecrets }}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: {{ $name }}
  namespace: {{ $ctx.Release.Namespace }}
  labels:
    {{- include "northstar.labels" $ctx | nindent 4 }}
spec:
  refreshInterval: 1h
  secretStoreRef:
    kind: ClusterSecretStore
    name: {{ $global.secrets.store }}
  target:
    name: {{ $name }}
    creationPolicy: Owner
  data:
    {{- range $key, $property := $secret.keys }}
    - secretKey: {{ $key }}
      remoteRef:
        key: {{ $global.environment }}/{{ $secret.from | default (printf "%s/%s" $ctx.Release.Namespace $name) }}
        property: {{ $property }}
    {{- end }}
{{- end }}
{{- end -}}
{{- end -}}
