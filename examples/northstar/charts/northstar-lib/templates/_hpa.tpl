{{- define "northstar.hpa" -}}
{{- include "northstar.init" . -}}
{{- if and (include "northstar.autoscales" .) (not .Values.autoscaling.triggers) -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: {{ .Values.workload }}
    name: {{ include "northstar.name" . }}
  minReplicas: {{ include "northstar.replicas" . }}
  maxReplicas: {{ include "northstar.maxReplicas" . }}
  metrics:
    {{- with .Values.autoscaling.cpu }}
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ . }}
    {{- end }}
    {{- with .Values.autoscaling.memory }}
    - type: Resource
      resource:
        name: memory
        target:
          type: Utilization
          averageUtilization: {{ . }}
    {{- end }}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 300
{{- end -}}
{{- end -}}
