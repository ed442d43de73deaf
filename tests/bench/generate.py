#!/usr/bin/env python3
"""Usage: generate.py DIR - writes the inputs of `make bench`, the same on every run: manifest streams and layers."""
import os
import random
import sys


def deployment(r, i):
    name = f"app-{i:05d}"
    env = "".join(f"        - name: SETTING_{k}\n          value: \"{r.choice(['on', 'off', 'auto'])}-{r.randrange(10**6)}\"\n" for k in range(6))
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: team-{i % 17}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: shop
  annotations:
    example.org/owner: "team {i % 17}: {r.choice(['red', 'green', 'blue'])}"
spec:
  replicas: {r.randrange(1, 9)}
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      containers:
      - name: main
        image: registry.example.org/shop/{name}:{r.randrange(9)}.{r.randrange(30)}.{r.randrange(9)}
        args: ["--listen=:8080", "--verbose", '--name={name}']
        ports:
        - name: http
          containerPort: 8080
        env:
{env}        resources:
          requests:
            cpu: {r.randrange(1, 20) * 50}m
            memory: {r.randrange(1, 16) * 64}Mi
          limits:
            memory: {r.randrange(16, 32) * 64}Mi
        readinessProbe:
          httpGet:
            path: /ready
            port: http
"""


def config_map(r, i):
    lines = "".join(f"    key{k} = {r.randrange(10**9)}\n" for k in range(20))
    return f"""apiVersion: v1
kind: ConfigMap
metadata:
  name: settings-{i:05d}
  namespace: team-{i % 17}
data:
  LEVEL: info
  app.conf: |
    # generated
{lines}"""


def stream(path, size, r):
    written, i = 0, 0
    with open(path, "w") as f:
        while written < size:
            doc = deployment(r, i) if i % 3 else config_map(r, i)
            f.write("---\n" + doc)
            written += len(doc) + 4
            i += 1


def layer(r, size, part):
    out, i = [], 0
    total = 0
    while total < size:
        rows = [f"service-{i:05d}:"]
        for k in range(12):
            if r.random() < part:
                rows.append(f"  key{k}: {r.choice(['text', '1', 'true', '1.5'])}{'' if r.random() < .5 else '-' + str(r.randrange(999))}")
        rows.append("  nested:")
        rows += [f"    deep{k}: {{a: {r.randrange(99)}, b: [x, y, {r.randrange(99)}]}}" for k in range(4)]
        text = "\n".join(rows) + "\n"
        out.append(text)
        total += len(text)
        i += 1
    return "".join(out)


def kustomize(d, r, objects, patches, images):
    """An overlay over a base of that many objects, with patches, images, labels, a prefix and generators."""
    for folder in ("base", "overlay"):
        os.makedirs(f"{d}/{folder}", exist_ok=True)
    with open(f"{d}/base/kustomization.yaml", "w") as f:
        f.write("resources:\n" + "".join(f"- {i:04d}.yaml\n" for i in range(objects)))
    for i in range(objects):
        doc = deployment(r, i) if i % 3 else config_map(r, i)
        with open(f"{d}/base/{i:04d}.yaml", "w") as f:
            f.write(doc.replace(f"  namespace: team-{i % 17}\n", ""))
    apps = [i for i in range(objects) if i % 3]
    with open(f"{d}/overlay/kustomization.yaml", "w") as f:
        f.write("namespace: prod\nnamePrefix: prod-\nresources: [../base]\nlabels: [{pairs: {env: prod}, includeSelectors: true}]\n")
        f.write("configMapGenerator: [{name: common, literals: [a=b]}]\npatches:\n")
        for i in apps[:patches]:
            f.write(f"- target: {{kind: Deployment, name: app-{i:05d}}}\n  patch: |-\n    - {{op: replace, path: /spec/replicas, value: 5}}\n" if i % 2 else
                    f"- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {{name: app-{i:05d}}}\n"
                    "    spec: {template: {spec: {containers: [{name: main, env: [{name: EXTRA, value: x}]}]}}}\n")
        f.write("images:\n" + "".join(f"- {{name: registry.example.org/shop/app-{i:05d}, newTag: v2}}\n" for i in apps[:images]))


def main():
    d = sys.argv[1]
    os.makedirs(d, exist_ok=True)
    r = random.Random(20261123)
    stream(f"{d}/k.yaml", 900, r)
    for name, size in (("1m", 10**6), ("10m", 10**7)):
        stream(f"{d}/stream-{name}.yaml", size, r)
    for n, part in enumerate((1, .5, .3, .2)):
        with open(f"{d}/layer{n}.yaml", "w") as f:
            f.write(layer(r, 250000, part))
    kustomize(f"{d}/kustomize-small", r, 3, 1, 1)
    kustomize(f"{d}/kustomize-500", r, 500, 50, 50)


main()
