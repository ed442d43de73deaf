{{- define "northstar.serviceaccount" -}}
{{- include "northstar.init" . -}}
{{- if .Values.serviceAccount.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "northstar.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "northstar.labels" . | nindent 4 }}
  {{- with .Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: {{ .Values.serviceAccount.automountToken }}
{{- end -}}
{{- end -}}
