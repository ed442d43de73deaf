{{- /* Redis.  Replica 0 is the primary, the others follow it; nothing promotes one by itself. */ -}}
{{- define "database.redis" -}}
{{- $name := include "northstar.name" . -}}
{{- $secret := include "database.secret" . -}}
image:
  repository: docker.io/library/redis
  tag: 7.4.5-alpine
port: 6379
portName: redis
podSecurity: {user: 999, group: 1000}
writable: [/tmp]
persistence:
  path: /data
service:
  selector:
    statefulset.kubernetes.io/pod-name: {{ $name }}-0
command: [sh, -eu, /scripts/start.sh]
secretEnv:
  REDISCLI_AUTH: {secret: {{ $secret }}, key: password}
terminationGracePeriodSeconds: 60
probes:
  startup:
    command: [sh, -c, "redis-cli ping | grep -q PONG"]
    periodSeconds: 2
    failureThreshold: 60
  liveness:
    command: [sh, -c, "redis-cli ping | grep -q PONG"]
    timeoutSeconds: 5
  readiness:
    command: [sh, -c, "redis-cli ping | grep -q PONG"]
files:
  /scripts/start.sh: |
    set -- --dir /data --appendonly yes --requirepass "$REDISCLI_AUTH" --masterauth "$REDISCLI_AUTH"
    {{- range $key, $value := .Values.settings }}
    set -- "$@" --{{ $key }} {{ $value | toString | squote }}
    {{- end }}
    case $HOSTNAME in *-0) ;; *) set -- "$@" --replicaof {{ include "database.primary" . }} 6379 ;; esac
    exec redis-server "$@"
externalSecrets:
  {{ $secret }}:
    keys:
      password: password
{{- end -}}
