{{- define "northstar.image" -}}
{{- if .digest -}}
{{ .repository }}{{ with .tag }}:{{ . }}{{ end }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ required "image.tag is not set" .tag }}
{{- end -}}
{{- end -}}

{{- /* northstar.resources: the chart's own, else those of its size.  A size without `sizes` (a chart alone) gets something modest. */ -}}
{{- define "northstar.resources" -}}
{{- if .resources -}}
{{- toYaml .resources -}}
{{- else if not .sizes -}}
requests: {cpu: 50m, memory: 128Mi}
limits: {memory: 256Mi}
{{- else if hasKey .sizes .size -}}
{{- toYaml (index .sizes .size) -}}
{{- else -}}
{{- fail (printf "size %q is not one of %s" .size (keys .sizes | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}

{{- /* northstar.containerSecurity: what the restricted Pod Security Standard asks of a container, and a root file system that nobody writes. */ -}}
{{- define "northstar.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- /* northstar.env: secrets first, so that `env` may use them as $(NAME). */ -}}
{{- define "northstar.env" -}}
{{- $ctx := . -}}
{{- range $name, $ref := .Values.secretEnv }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $ref.secret }}
      key: {{ $ref.key }}
{{- end }}
{{- range $name, $text := .Values.env }}
- name: {{ $name }}
  value: {{ include "northstar.text" (dict "ctx" $ctx "text" (toString $text)) | quote }}
{{- end }}
{{- range $name, $path := .Values.fieldEnv }}
- name: {{ $name }}
  valueFrom:
    fieldRef:
      fieldPath: {{ $path }}
{{- end }}
{{- end -}}

{{- define "northstar.mounts" -}}
{{- range $i, $path := .Values.writable }}
- name: writable-{{ $i }}
  mountPath: {{ $path }}
{{- end }}
{{- range $path, $text := .Values.files }}
- name: files
  mountPath: {{ $path }}
  subPath: {{ include "northstar.fileKey" $path }}
  readOnly: true
{{- end }}
{{- if .Values.persistence.enabled }}
- name: data
  mountPath: {{ .Values.persistence.path }}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "northstar.container" -}}
{{- $ctx := . -}}
name: {{ include "northstar.name" . }}
image: {{ include "northstar.image" .Values.image }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .Values.command }}
command:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.args }}
args:
  {{- range . }}
  - {{ include "northstar.text" (dict "ctx" $ctx "text" (toString .)) | quote }}
  {{- end }}
{{- end }}
{{- if or .Values.port .Values.extraPorts }}
ports:
  {{- if .Values.port }}
  - name: {{ .Values.portName }}
    containerPort: {{ .Values.port }}
    protocol: TCP
  {{- end }}
  {{- range .Values.extraPorts }}
  - name: {{ .name }}
    containerPort: {{ .port }}
    protocol: {{ .protocol | default "TCP" }}
  {{- end }}
{{- end }}
{{- with include "northstar.env" . | trim }}
env:
  {{- . | nindent 2 }}
{{- end }}
{{- if .Values.config }}
envFrom:
  - configMapRef:
      name: {{ include "northstar.name" . }}
{{- end }}
{{- range $kind := list "startup" "liveness" "readiness" }}
{{- $probe := index $ctx.Values.probes $kind }}
{{- if $probe }}
{{ $kind }}Probe:
  {{- include "northstar.probe" $probe | nindent 2 }}
{{- end }}
{{- end }}
{{- with .Values.lifecycle }}
lifecycle:
  {{- toYaml . | nindent 2 }}
{{- end }}
resources:
  {{- include "northstar.resources" (dict "resources" .Values.resources "size" .Values.size "sizes" .Values.global.sizes) | nindent 2 }}
securityContext:
  {{- include "northstar.containerSecurity" . | nindent 2 }}
{{- with include "northstar.mounts" . | trim }}
volumeMounts:
  {{- . | nindent 2 }}
{{- end }}
{{- end -}}
