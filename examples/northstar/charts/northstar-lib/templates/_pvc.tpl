{{- define "northstar.pvcSpec" -}}
{{- $global := .Values.global -}}
accessModes:
  {{- toYaml .Values.persistence.accessModes | nindent 2 }}
{{- with .Values.persistence.storageClass | default $global.storage.class }}
storageClassName: {{ . }}
{{- end }}
resources:
  requests:
    storage: {{ .Values.persistence.size }}
{{- end -}}

{{- define "northstar.pvc" -}}
{{- include "northstar.init" . -}}
{{- if and .Values.persistence.enabled (not .Values.persistence.existingClaim) -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  {{- include "northstar.pvcSpec" . | nindent 2 }}
{{- end -}}
{{- end -}}
