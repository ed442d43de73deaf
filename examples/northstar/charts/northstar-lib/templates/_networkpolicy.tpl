{{- /*
northstar.networkpolicy: nothing comes in and nothing goes out but DNS, what
the catalog declares (`catalog.ingress`, `catalog.egress`), the monitoring, the
world if the release is exposed, its own replicas, and what the values add.
*/ -}}
{{- define "northstar.peer" -}}
namespaceSelector:
  matchLabels:
    kubernetes.io/metadata.name: {{ .namespace }}
podSelector:
  matchLabels:
    app.kubernetes.io/name: {{ .name }}
{{- end -}}

{{- define "northstar.networkpolicy" -}}
{{- include "northstar.init" . -}}
{{- $global := .Values.global -}}
{{- $catalog := .Values.catalog -}}
{{- if and .Values.networkPolicy.enabled $global.features.networkPolicies -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "northstar.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- if .Values.ingress.enabled }}
    - ports:
        - port: {{ .Values.portName }}
    {{- end }}
    {{- with $catalog.ingress }}
    - from:
        {{- range . }}
        - {{ include "northstar.peer" . | nindent 10 | trim }}
        {{- end }}
      ports:
        - port: {{ $.Values.portName }}
    {{- end }}
    {{- if and .Values.monitoring.enabled $global.features.monitoring }}
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: monitoring
      ports:
        - port: {{ .Values.monitoring.port }}
    {{- end }}
    {{- if eq .Values.workload "StatefulSet" }}
    - from:
        - podSelector:
            matchLabels:
              {{- include "northstar.selector" . | nindent 14 }}
    {{- end }}
    {{- with .Values.networkPolicy.ingress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - {port: 53, protocol: UDP}
        - {port: 53, protocol: TCP}
    {{- range $catalog.egress }}
    - to:
        - {{ include "northstar.peer" . | nindent 10 | trim }}
      ports:
        - port: {{ .port }}
    {{- end }}
    {{- if eq .Values.workload "StatefulSet" }}
    - to:
        - podSelector:
            matchLabels:
              {{- include "northstar.selector" . | nindent 14 }}
    {{- end }}
    {{- with .Values.networkPolicy.egress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
{{- end -}}
