{{- define "northstar.deployment" -}}
{{- include "northstar.init" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  {{- if not (include "northstar.autoscales" .) }}
  replicas: {{ include "northstar.replicas" . }}
  {{- end }}
  revisionHistoryLimit: 3
  {{- if .Values.persistence.enabled }}
  strategy:
    type: Recreate # the volume is one pod's at a time
  {{- else }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  {{- end }}
  selector:
    matchLabels:
      {{- include "northstar.selector" . | nindent 6 }}
  template:
    metadata:
      {{- include "northstar.podMetadata" . | nindent 6 }}
    spec:
      {{- include "northstar.podSpec" . | nindent 6 }}
{{- end -}}
