#!/usr/bin/env python3
"""Usage: argocd.py DIR - writes an Argo CD tree of 300 Applications to DIR: root.yaml, and repo/ to be said with --repo.

An app of apps brings 100 Applications of charts (10 charts of an ordinary size), 50 of folders, 50 of kustomizations, and
ApplicationSets that make 100 more of charts: by a matrix of a list and of files, and by folders.
"""
import os
import sys

URL = "https://git.example/platform.git"
ENVIRONMENTS = ("dev", "test", "staging", "prod", "edge")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


CHART = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.name" . }}
  labels: {{- include "app.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {{- include "app.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "app.labels" . | nindent 8 }}
    spec:
      securityContext: {{- toYaml .Values.podSecurityContext | nindent 8 }}
      containers:
        - name: main
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          ports:
            {{- range $name, $port := .Values.ports }}
            - {name: {{ $name }}, containerPort: {{ $port }}}
            {{- end }}
          env:
            {{- range $key, $value := .Values.env }}
            - name: {{ $key | upper }}
              value: {{ tpl $value $ | quote }}
            {{- end }}
          resources: {{- toYaml .Values.resources | nindent 12 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "app.name" . }}
  labels: {{- include "app.labels" . | nindent 4 }}
spec:
  selector: {{- include "app.selector" . | nindent 4 }}
  ports:
    {{- range $name, $port := .Values.ports }}
    - {name: {{ $name }}, port: {{ $port }}}
    {{- end }}
---
{{- if .Values.ingress.enabled }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "app.name" . }}
spec:
  rules:
    {{- range .Values.ingress.hosts }}
    - host: {{ . | quote }}
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: {{ include "app.name" $ }}, port: {name: http}}}}]}
    {{- end }}
---
{{- end }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "app.name" . }}
  annotations:
    checksum: {{ toYaml .Values.settings | sha256sum }}
data:
  settings.yaml: |
    {{- toYaml .Values.settings | nindent 4 }}
"""
HELPERS = """{{- define "app.name" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- define "app.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- define "app.labels" -}}
{{ include "app.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}
"""
VALUES = """replicas: 2
image: {repository: registry.example/app, tag: ""}
podSecurityContext: {runAsNonRoot: true, fsGroup: 1000, seccompProfile: {type: RuntimeDefault}}
ports: {http: 8080, metrics: 9090}
env: {mode: production, host: "{{ .Release.Name }}.example", level: info, region: eu}
resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}
ingress: {enabled: true, hosts: [a.example, b.example]}
settings:
""" + "".join(f"  option{i}: {{value: {i}, enabled: true, names: [a, b, c]}}\n" for i in range(40))


def application(name, path, extra=""):
    return f"""---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd}}
spec:
  project: default
  destination: {{server: https://kubernetes.default.svc, namespace: {name}}}
  source:
    repoURL: {URL}
    targetRevision: main
    path: {path}
{extra}"""


def generator_set(name, generators, template):
    return f"""---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: {name}, namespace: argocd}}
spec:
  goTemplate: true
  goTemplateOptions: ["missingkey=error"]
  generators:
{generators}  template:
    metadata: {{name: '{template}', labels: {{set: {name}}}}}
    spec:
      project: default
      destination: {{server: https://kubernetes.default.svc, namespace: '{template}'}}
      source:
        repoURL: {URL}
        targetRevision: main
        path: '{{{{ .path.path }}}}'
"""


def main():
    d = sys.argv[1]
    repo = f"{d}/repo"
    for c in range(10):
        write(f"{repo}/charts/c{c}/Chart.yaml", f"apiVersion: v2\nname: chart{c}\nversion: 1.{c}.0\nappVersion: '{c}'\n")
        write(f"{repo}/charts/c{c}/values.yaml", VALUES)
        write(f"{repo}/charts/c{c}/templates/all.yaml", CHART)
        write(f"{repo}/charts/c{c}/templates/_helpers.tpl", HELPERS)
    for e in ENVIRONMENTS:
        write(f"{repo}/environments/{e}.yaml", f"replicas: 3\nenv: {{region: {e}, extra: 'x'}}\nsettings: {{option1: {{value: 99}}}}\n")
    apps = []
    for i in range(100):
        extra = f"""    helm:
      releaseName: r{i}
      valueFiles: [/environments/{ENVIRONMENTS[i % 5]}.yaml]
      valuesObject: {{image: {{tag: v{i}}}, ingress: {{hosts: [h{i}.example]}}}}
      parameters: [{{name: env.number, value: "{i}", forceString: true}}]
"""
        apps.append(application(f"chart-{i}", f"charts/c{i % 10}", extra))
    for i in range(50):
        write(f"{repo}/folders/f{i}/objects.yaml", "".join(
            f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: cm-{k}}}\ndata: {{a: '{i}', b: |\n    some text\n    of two lines\n    }}\n".replace("|\n    some text\n    of two lines\n    }", "text}")
            for k in range(10)))
        apps.append(application(f"folder-{i}", f"folders/f{i}"))
    write(f"{repo}/kust/base/kustomization.yaml", "resources: [objects.yaml]\nlabels: [{pairs: {team: base}, includeSelectors: true}]\nconfigMapGenerator: [{name: settings, literals: [a=1, b=2]}]\n")
    write(f"{repo}/kust/base/objects.yaml", """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, envFrom: [{configMapRef: {name: settings}}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
""")
    for i in range(50):
        write(f"{repo}/kust/k{i}/kustomization.yaml", f"resources: [../base]\nnamePrefix: k{i}-\nimages: [{{name: web, newTag: '{i}'}}]\nreplicas: [{{name: web, count: {i % 4 + 1}}}]\n"
              "patches: [{patch: '[{op: add, path: /spec/template/spec/priorityClassName, value: high}]', target: {kind: Deployment}}]\n")
        apps.append(application(f"kust-{i}", f"kust/k{i}", f"    kustomize: {{namespace: kust-{i}}}\n"))
    for i in range(10):
        write(f"{repo}/teams/t{i}.yaml", f"team: t{i}\nsize: {i}\n")
        for n in ("Chart.yaml", "values.yaml", "templates/all.yaml", "templates/_helpers.tpl"):
            with open(f"{repo}/charts/c{i}/{n}") as f:
                write(f"{repo}/services/s{i}/{n}", f.read())
    matrix = f"""  - matrix:
      generators:
      - git: {{repoURL: {URL}, revision: main, directories: [{{path: 'services/*'}}]}}
      - list: {{elements: [{', '.join('{env: ' + e + '}' for e in ENVIRONMENTS)}]}}
"""
    teams = f"""  - matrix:
      generators:
      - git: {{repoURL: {URL}, revision: main, pathParamPrefix: file, files: [{{path: 'teams/*.yaml'}}]}}
      - git: {{repoURL: {URL}, revision: main, directories: [{{path: 'services/s*'}}, {{path: 'services/s[5-9]', exclude: true}}]}}
"""
    sets = generator_set("services", matrix, "{{ .path.basename }}-{{ .env }}") + generator_set("teams", teams, "{{ .team }}-{{ .path.basename }}")
    write(f"{repo}/root/apps.yaml", "".join(apps))
    write(f"{repo}/root/sets.yaml", sets)
    write(f"{d}/root.yaml", application("root", "root"))


main()
