# SPDX-License-Identifier: MIT
# Usage: schemas.py CORPORA OUT
# Schemas of the corpora and the documents there that they are for: OUT/NAME/schema.json and OUT/NAME/documents.jsonl.
import collections
import io
import json
import os
import subprocess
import sys
import tarfile

MOST = 300  # documents of one schema


def read(paths, text=None):
    done = subprocess.run(["config-merge", "--each", "-o", "jsonl", *paths], input=text, capture_output=True)
    return [d for d in map(json.loads, done.stdout.splitlines()) if isinstance(d, dict)]


def files(folder):
    for root, _, names in sorted(os.walk(folder)):
        yield from (os.path.join(root, n) for n in sorted(names) if n.endswith((".yaml", ".yml")))


def unpack(path):
    tar = subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(tar)) as t:
        return {m.name: t.extractfile(m).read() for m in t if m.isfile()}


def put(out, name, schema, documents, beside=()):
    folder = os.path.join(out, name)
    os.makedirs(folder, exist_ok=True)
    for file, text in [("schema.json", schema), *beside]:
        with open(os.path.join(folder, file), "wb") as f:
            f.write(text)
    with open(os.path.join(folder, "documents.jsonl"), "w") as f:
        f.writelines(json.dumps(d) + "\n" for d in documents[:MOST])


def main(corpora, out):
    objects = collections.defaultdict(list)
    for path in files(corpora + "/platform-repos"):
        for d in read([path]):
            if isinstance(d.get("kind"), str) and isinstance(d.get("apiVersion"), str):
                objects[d["apiVersion"], d["kind"]].append(d)

    talos = unpack(corpora + "/talos/configs.tar.zst")
    with open(corpora + "/talos/config.schema.json", "rb") as f:
        put(out, "talos", f.read(), [d for name in sorted(talos) if name.endswith(".yaml") for d in read(["-"], talos[name])])

    for chart in sorted(os.listdir(corpora + "/helm/charts")):
        folder = f"{corpora}/helm/charts/{chart}"
        if os.path.exists(folder + "/values.schema.json"):
            with open(folder + "/values.schema.json", "rb") as f:
                put(out, "values-" + chart, f.read(), read([folder + "/values.yaml"]))

    built_in = {os.path.basename(name): text for name, text in unpack(corpora + "/kubernetes-openapi/json-schema-v1.37.0-local-strict.tar.zst").items()}
    definitions = [("_definitions.json", built_in["_definitions.json"])]
    for (version, kind), documents in sorted(objects.items()):
        group, _, v = version.rpartition("/")
        schema = built_in.get("-".join(filter(None, [kind, group.split(".")[0], v])).lower() + ".json")
        if schema and len(documents) > 2:
            put(out, f"{kind}-{version.replace('/', '-')}", schema, documents, definitions)

    for crd in (d for path in files(corpora + "/crds") for d in read([path])):
        for v in crd["spec"]["versions"]:
            of = crd["spec"]["group"] + "/" + v["name"], crd["spec"]["names"]["kind"]
            if len(objects.get(of, [])) > 2:
                put(out, "crd-" + "-".join(of).replace("/", "-"), json.dumps(v["schema"]["openAPIV3Schema"]).encode(), objects[of])


main(*sys.argv[1:])
