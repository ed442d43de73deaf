{{- define "northstar.jobSpec" -}}
backoffLimit: {{ .Values.job.backoffLimit | int }}
activeDeadlineSeconds: {{ .Values.job.activeDeadlineSeconds | int }}
template:
  metadata:
    {{- include "northstar.podMetadata" . | nindent 4 }}
  spec:
    restartPolicy: {{ .Values.job.restartPolicy }}
    {{- include "northstar.podSpec" . | nindent 4 }}
{{- end -}}

{{- define "northstar.job" -}}
{{- include "northstar.init" . -}}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  ttlSecondsAfterFinished: {{ .Values.job.ttlSecondsAfterFinished | int }}
  {{- include "northstar.jobSpec" . | nindent 2 }}
{{- end -}}

{{- define "northstar.cronjob" -}}
{{- include "northstar.init" . -}}
apiVersion: batch/v1
kind: CronJob
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  schedule: {{ include "northstar.text" (dict "ctx" . "text" .Values.schedule) | quote }}
  timeZone: {{ .Values.timeZone }}
  concurrencyPolicy: {{ .Values.concurrencyPolicy }}
  suspend: {{ .Values.suspend }}
  startingDeadlineSeconds: 600
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      {{- include "northstar.jobSpec" . | nindent 6 }}
{{- end -}}
