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

{{- /* northstar.nodesForAll: fails if replicas that must stand on different nodes (`spread: hard`) are more than the workers, `global.nodes`. */ -}}
{{- define "northstar.nodesForAll" -}}
{{- $global := .Values.global -}}
{{- $most := int (ternary (include "northstar.maxReplicas" .) (include "northstar.replicas" .) (eq (include "northstar.autoscales" .) "true")) -}}
{{- if and $global.nodes (eq .Values.spread "hard") (ne .Values.workload "Job") (gt $most (int $global.nodes)) -}}
{{- fail (printf "replicas: %d of %s must stand on different nodes (spread: hard), but there are %d workers" $most (include "northstar.name" .) (int $global.nodes)) -}}
{{- end -}}
{{- end -}}
