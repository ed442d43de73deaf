{{- /* northstar.host: `ingress.host`, else NAME.DOMAIN; within the platform's zone, if it tells (`global.zone`). */ -}}
{{- define "northstar.host" -}}
{{- $global := .Values.global -}}
{{- $host := printf "%s.%s" .Release.Name $global.domain -}}
{{- with .Values.ingress.host -}}
{{- $host = include "northstar.text" (dict "ctx" $ "text" .) -}}
{{- end -}}
{{- if and $global.zone (ne $host $global.zone) (not (hasSuffix (printf ".%s" $global.zone) $host)) -}}
{{- fail (printf "ingress.host: %s is not in the zone %s" $host $global.zone) -}}
{{- end -}}
{{- $host -}}
{{- end -}}

{{- define "northstar.ingress" -}}
{{- include "northstar.init" . -}}
{{- $global := .Values.global -}}
{{- if and .Values.ingress.enabled (eq .Values.ingress.kind "ingress") -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
  {{- $annotations := deepCopy (.Values.ingress.annotations | default dict) }}
  {{- with $global.ingress.issuer }}
  {{- $_ := set $annotations "cert-manager.io/cluster-issuer" . }}
  {{- end }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  ingressClassName: {{ $global.ingress.class }}
  {{- if $global.ingress.issuer }}
  tls:
    - hosts:
        - {{ include "northstar.host" . }}
      secretName: {{ include "northstar.name" . }}-tls
  {{- end }}
  rules:
    - host: {{ include "northstar.host" . }}
      http:
        paths:
          - path: {{ .Values.ingress.path }}
            pathType: Prefix
            backend:
              service:
                name: {{ include "northstar.name" . }}
                port:
                  name: {{ .Values.portName }}
{{- end -}}
{{- end -}}

{{- /* northstar.httproute: the same by the Gateway API (`ingress.kind: gateway`). */ -}}
{{- define "northstar.httproute" -}}
{{- include "northstar.init" . -}}
{{- if and .Values.ingress.enabled (eq .Values.ingress.kind "gateway") -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  parentRefs:
    - group: gateway.networking.k8s.io
      kind: Gateway
      name: {{ .Values.ingress.gateway.name }}
      namespace: {{ .Values.ingress.gateway.namespace }}
  hostnames:
    - {{ include "northstar.host" . }}
  rules:
    - matches:
        - path:
            type: PathPrefix
            value: {{ .Values.ingress.path }}
      backendRefs:
        - name: {{ include "northstar.name" . }}
          port: {{ .Values.port }}
{{- end -}}
{{- end -}}
