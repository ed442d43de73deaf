{{- /*
northstar.init: lays the values over these defaults, so that every template
may take each key for granted.  Each kind's template calls it first; more than
once does nothing.  What the platform tells every release is under `global`:
the releases of an environment get it from the configuration, the defaults
let a chart render alone.
*/ -}}
{{- define "northstar.init" -}}
{{- $_ := set . "Values" (mergeOverwrite (fromYaml (include "northstar.defaults" .)) (deepCopy .Values)) -}}
{{- end -}}

{{- define "northstar.defaults" -}}
global:
  platform: northstar
  environment: none
  domain: example.test
  tier: {name: standard, replicas: 2, maxReplicas: 4}
  features: {autoscaling: true, disruptionBudgets: true, monitoring: true, networkPolicies: true}
  storage: {class: ""}
  ingress: {class: cilium, issuer: ""}
  secrets: {store: ""}
  sizes: {}
catalog: {}
workload: Deployment
track: stable
image: {pullPolicy: IfNotPresent}
size: small
spread: soft
portName: http
service: {enabled: true, type: ClusterIP}
ingress: {enabled: false, kind: ingress, path: /, gateway: {name: public, namespace: kube-system}}
persistence: {enabled: false, accessModes: [ReadWriteOnce]}
probes: {}
podSecurity: {user: 65532, group: 65532}
serviceAccount: {create: true, automountToken: false}
autoscaling: {enabled: false, cpu: 75, triggers: [], vertical: none}
disruptionBudget: {enabled: true, maxUnavailable: 1}
networkPolicy: {enabled: true}
monitoring: {enabled: false, alerts: true, port: http, path: /metrics, interval: 30s}
{{- end -}}
