{{- /* northstar.replicas: the chart's own number, else that of the tier. */ -}}
{{- define "northstar.replicas" -}}
{{- $global := .Values.global -}}
{{- .Values.replicas | default $global.tier.replicas | int -}}
{{- end -}}

{{- define "northstar.maxReplicas" -}}
{{- $global := .Values.global -}}
{{- .Values.autoscaling.maxReplicas | default $global.tier.maxReplicas | int -}}
{{- end -}}

{{- /* northstar.autoscales: "true" if a HorizontalPodAutoscaler owns the replicas. */ -}}
{{- define "northstar.autoscales" -}}
{{- $global := .Values.global -}}
{{- if and .Values.autoscaling.enabled $global.features.autoscaling (gt (int (include "northstar.maxReplicas" .)) (int (include "northstar.replicas" .))) -}}
true
{{- end -}}
{{- end -}}
