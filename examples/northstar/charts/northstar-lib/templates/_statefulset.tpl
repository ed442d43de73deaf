{{- define "northstar.statefulset" -}}
{{- include "northstar.init" . -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  serviceName: {{ include "northstar.name" . }}-pods
  {{- if not (include "northstar.autoscales" .) }}
  replicas: {{ include "northstar.replicas" . }}
  {{- end }}
  revisionHistoryLimit: 3
  podManagementPolicy: OrderedReady
  updateStrategy:
    type: RollingUpdate
  persistentVolumeClaimRetentionPolicy:
    whenDeleted: Retain
    whenScaled: Retain
  selector:
    matchLabels:
      {{- include "northstar.selector" . | nindent 6 }}
  template:
    metadata:
      {{- include "northstar.podMetadata" . | nindent 6 }}
    spec:
      {{- include "northstar.podSpec" . | nindent 6 }}
  {{- if .Values.persistence.enabled }}
  volumeClaimTemplates:
    - apiVersion: v1
      kind: PersistentVolumeClaim
      metadata:
        name: data
        labels:
          {{- include "northstar.selector" . | nindent 10 }}
      spec:
        {{- include "northstar.pvcSpec" . | nindent 8 }}
  {{- end }}
{{- end -}}
