{{- /* northstar.helperContainers: init containers and sidecars get what every container must have. */ -}}
{{- define "northstar.helperContainers" -}}
{{- $ctx := .ctx -}}
{{- range .containers }}
{{- $default := dict "securityContext" (fromYaml (include "northstar.containerSecurity" $ctx)) "resources" (fromYaml (include "northstar.resources" (dict "size" "tiny" "sizes" $ctx.Values.global.sizes))) }}
- {{ toYaml (mergeOverwrite $default .) | nindent 2 | trim }}
{{- end }}
{{- end -}}

{{- /* northstar.podMetadata: a change of the ConfigMap, or of which secrets are fetched, starts new pods. */ -}}
{{- define "northstar.podMetadata" -}}
labels:
  {{- include "northstar.podLabels" . | nindent 2 }}
  {{- with .Values.image.tag }}
  app.kubernetes.io/version: {{ . | toString | trunc 63 | quote }}
  {{- end }}
  northstar.example/track: {{ .Values.track }}
  {{- with .Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  checksum/config: {{ include "northstar.configmap" . | sha256sum }}
  {{- with .Values.externalSecrets }}
  checksum/secrets: {{ toJson . | sha256sum }}
  {{- end }}
  {{- with .Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "northstar.volumes" -}}
{{- range $i, $path := .Values.writable }}
- name: writable-{{ $i }}
  emptyDir: {}
{{- end }}
{{- if .Values.files }}
- name: files
  configMap:
    name: {{ include "northstar.name" . }}
    defaultMode: 0444
{{- end }}
{{- if and .Values.persistence.enabled (not (eq .Values.workload "StatefulSet")) }}
- name: data
  persistentVolumeClaim:
    claimName: {{ .Values.persistence.existingClaim | default (include "northstar.name" .) }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "northstar.podSpec" -}}
{{- $global := .Values.global -}}
{{- include "northstar.nodesForAll" . -}}
serviceAccountName: {{ include "northstar.serviceAccountName" . }}
automountServiceAccountToken: {{ .Values.serviceAccount.automountToken }}
enableServiceLinks: false
{{- with .Values.priorityClassName | default $global.tier.priorityClass }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .Values.podSecurity.user | int }}
  runAsGroup: {{ .Values.podSecurity.group | int }}
  fsGroup: {{ .Values.podSecurity.group | int }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.terminationGracePeriodSeconds }}
terminationGracePeriodSeconds: {{ . }}
{{- end }}
{{- with .Values.initContainers }}
initContainers:
  {{- include "northstar.helperContainers" (dict "ctx" $ "containers" .) | trim | nindent 2 }}
{{- end }}
containers:
  - {{ include "northstar.container" . | nindent 4 | trim }}
  {{- with .Values.sidecars }}
  {{- include "northstar.helperContainers" (dict "ctx" $ "containers" .) | trim | nindent 2 }}
  {{- end }}
{{- with include "northstar.volumes" . | trim }}
volumes:
  {{- . | nindent 2 }}
{{- end }}
{{- if ne .Values.spread "none" }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: {{ ternary "DoNotSchedule" "ScheduleAnyway" (eq .Values.spread "hard") }}
    labelSelector:
      matchLabels:
        {{- include "northstar.selector" . | nindent 8 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
