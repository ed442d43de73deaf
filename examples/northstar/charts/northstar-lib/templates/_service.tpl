{{- define "northstar.service" -}}
{{- include "northstar.init" . -}}
{{- if .Values.service.enabled -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "northstar.metadata" (dict "ctx" .) | nindent 2 }}
    northstar.example/scrape: "true"
  {{- with .Values.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ .Values.service.type }}
  selector:
    {{- include "northstar.selector" . | nindent 4 }}
    {{- with .Values.service.selector }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  ports:
    {{- include "northstar.servicePorts" . | nindent 4 }}
{{- end -}}
{{- end -}}

{{- /* northstar.headless: the addresses of a StatefulSet's pods, ready or not. */ -}}
{{- define "northstar.headless" -}}
{{- include "northstar.init" . -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "northstar.metadata" (dict "ctx" . "suffix" "-pods") | nindent 2 }}
spec:
  type: ClusterIP
  clusterIP: None
  publishNotReadyAddresses: true
  selector:
    {{- include "northstar.selector" . | nindent 4 }}
  ports:
    {{- include "northstar.servicePorts" . | nindent 4 }}
{{- end -}}

{{- define "northstar.servicePorts" -}}
{{- if .Values.port -}}
- name: {{ .Values.portName }}
  port: {{ .Values.port }}
  targetPort: {{ .Values.portName }}
  protocol: TCP
{{- end }}
{{- range .Values.extraPorts }}
- name: {{ .name }}
  port: {{ .port }}
  targetPort: {{ .name }}
  protocol: {{ .protocol | default "TCP" }}
{{- end }}
{{- end -}}
