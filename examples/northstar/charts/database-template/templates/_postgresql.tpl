{{- /*
PostgreSQL.  Replica 0 is the primary; the others copy it once and then follow
it.  Nothing promotes a replica by itself.  The role `postgres` and one role
and database per entry of `databases` get their passwords from the secret.
*/ -}}
{{- define "database.postgresql" -}}
{{- $name := include "northstar.name" . -}}
{{- $secret := include "database.secret" . -}}
image:
  repository: docker.io/library/postgres
  tag: 17.6-alpine
port: 5432
portName: postgresql
podSecurity: {user: 70, group: 70}
writable: [/tmp, /var/run/postgresql]
persistence:
  path: /var/lib/postgresql/data
service:
  selector:
    statefulset.kubernetes.io/pod-name: {{ $name }}-0
env:
  PGDATA: /var/lib/postgresql/data/pgdata
  POSTGRES_PASSWORD_FILE: /run/secrets/auth/password
args:
  - -c
  - wal_level=replica
  {{- range $key, $value := .Values.settings }}
  - -c
  - {{ printf "%s=%v" $key $value | quote }}
  {{- end }}
terminationGracePeriodSeconds: 120
probes:
  startup:
    command: [pg_isready, -h, 127.0.0.1, -U, postgres]
    periodSeconds: 5
    failureThreshold: 60
  liveness:
    command: [pg_isready, -h, 127.0.0.1, -U, postgres]
    failureThreshold: 6
  readiness:
    command: [pg_isready, -h, 127.0.0.1, -U, postgres]
files:
  /docker-entrypoint-initdb.d/10-roles.sh: |
    password() { cat "/run/secrets/auth/$1"; }
    echo 'host replication replicator all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    psql -U postgres -v ON_ERROR_STOP=1 -v pw="$(password replication)" <<'SQL'
    CREATE ROLE replicator WITH REPLICATION LOGIN PASSWORD :'pw';
    SQL
    {{- range .Values.databases }}
    psql -U postgres -v ON_ERROR_STOP=1 -v pw="$(password {{ . }})" <<'SQL'
    CREATE ROLE "{{ . }}" LOGIN PASSWORD :'pw';
    CREATE DATABASE "{{ . }}" OWNER "{{ . }}";
    SQL
    {{- end }}
  /scripts/follow.sh: |
    # A replica that has no data copies the primary's.
    case $HOSTNAME in *-0) exit 0 ;; esac
    [ -s "$PGDATA/PG_VERSION" ] && exit 0
    PGPASSWORD=$(cat /run/secrets/auth/replication)
    export PGPASSWORD
    exec pg_basebackup -h {{ include "database.primary" . }} -U replicator -D "$PGDATA" -R -X stream -c fast
initContainers:
  - name: follow
    image: {{ include "northstar.image" (mergeOverwrite (dict "repository" "docker.io/library/postgres" "tag" "17.6-alpine") (.Values.image | default dict)) }}
    command: [sh, -eu, /scripts/follow.sh]
    env:
      - name: PGDATA
        value: /var/lib/postgresql/data/pgdata
    volumeMounts:
      - {name: data, mountPath: /var/lib/postgresql/data}
      - {name: auth, mountPath: /run/secrets/auth, readOnly: true}
      - {name: files, mountPath: /scripts/follow.sh, subPath: scripts.follow.sh, readOnly: true}
extraVolumes:
  - name: auth
    secret:
      secretName: {{ $secret }}
      defaultMode: 0440
extraVolumeMounts:
  - {name: auth, mountPath: /run/secrets/auth, readOnly: true}
externalSecrets:
  {{ $secret }}:
    keys:
      password: password
      replication: replication
      {{- range .Values.databases }}
      {{ . }}: {{ . }}
      {{- end }}
{{- end -}}
