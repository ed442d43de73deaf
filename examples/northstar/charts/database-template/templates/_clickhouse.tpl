{{- /* ClickHouse, one node: more would need Keeper, so values.schema.json refuses them. */ -}}
{{- define "database.clickhouse" -}}
{{- $secret := include "database.secret" . -}}
image:
  repository: docker.io/clickhouse/clickhouse-server
  tag: 25.8.4.13-alpine
replicas: 1
port: 8123
portName: http
extraPorts:
  - {name: native, port: 9000}
  - {name: metrics, port: 9363}
podSecurity: {user: 101, group: 101}
writable: [/tmp, /var/log/clickhouse-server]
persistence:
  path: /var/lib/clickhouse
env:
  CLICKHOUSE_SKIP_USER_SETUP: "1"
secretEnv:
  CLICKHOUSE_PASSWORD: {secret: {{ $secret }}, key: password}
terminationGracePeriodSeconds: 120
probes:
  startup: {path: /ping, periodSeconds: 5, failureThreshold: 60}
  liveness: {path: /ping}
  readiness: {path: /ping}
monitoring:
  port: metrics
files:
  /etc/clickhouse-server/config.d/platform.xml: |
    <clickhouse>
      <listen_host>0.0.0.0</listen_host>
      <logger><console>1</console><level>information</level></logger>
      <prometheus><endpoint>/metrics</endpoint><port>9363</port><metrics>true</metrics></prometheus>
      {{- range $key, $value := .Values.settings }}
      <{{ $key }}>{{ $value }}</{{ $key }}>
      {{- end }}
    </clickhouse>
  /etc/clickhouse-server/users.d/default.xml: |
    <clickhouse>
      <users><default>
        <password from_env="CLICKHOUSE_PASSWORD"/>
        <networks><ip>::/0</ip></networks>
      </default></users>
    </clickhouse>
externalSecrets:
  {{ $secret }}:
    keys:
      password: password
{{- end -}}
