#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Random layers with nulls and tags, merged by config-merge and by the few lines below, which were written from the manual page.
# Usage: oracle.py COUNT [SEED]      (config-merge in PATH)
import json
import random
import subprocess
import sys
import tempfile

count = int(sys.argv[1])
random.seed(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
BATCH = 250
ABSENT = object()


class Tagged:
    def __init__(self, tag, value):
        self.tag, self.value = tag, value


# ---- what the manual says ----------------------------------------------------
def plain(v):
    """A value with nothing below it: tags are consumed, what is deleted is not there."""
    if isinstance(v, Tagged):
        return ABSENT if v.tag == "!delete" else plain(v.value)
    if isinstance(v, dict):
        return {k: w for k, x in v.items() if (w := plain(x)) is not ABSENT}
    if isinstance(v, list):
        return [w for x in v if (w := plain(x)) is not ABSENT]
    return v


def same(x, y):
    return json.dumps(x, sort_keys=True) == json.dumps(y, sort_keys=True)


def name(item):
    bare = item.value if isinstance(item, Tagged) else item
    return bare.get("name") if isinstance(bare, dict) else None


def by_key(below, over, default):
    out = list(below)
    for item in over:
        hits = [i for i, b in enumerate(out) if b is not ABSENT and name(item) is not None and same(name(b), name(item))]
        if hits:
            out[hits[0]] = merge(out[hits[0]], item, default)
        elif (p := plain(item)) is not ABSENT:
            out.append(p)
    return [v for v in out if v is not ABSENT]


def keyed(items):
    return any(name(i) is not None for i in items)


def merge(below, over, default="replace"):
    tag = None
    if isinstance(over, Tagged):
        tag, over = over.tag[1:], over.value
    if tag == "delete" or (tag is None and over is None):
        return ABSENT
    if tag == "replace":
        return plain(over)
    if isinstance(below, dict) and isinstance(over, dict):
        out = dict(below)
        for k, v in over.items():
            w = merge(out[k], v, default) if k in out else plain(v)
            if w is ABSENT:
                out.pop(k, None)
            else:
                out[k] = w
        return out
    if isinstance(below, list) and isinstance(over, list):
        how = tag or default
        if how == "append":
            return below + plain(over)
        if how == "prepend":
            return plain(over) + below
        if how == "unique":
            out = list(below)
            for v in plain(over):
                if not any(same(v, w) for w in out):
                    out.append(v)
            return out
        if how == "merge:name" and (tag or keyed(below) or keyed(over)):
            return by_key(below, over, default)
    return plain(over)


# ---- random layers --------------------------------------------------------------
def tree(depth, layer, nulls, tags, named=False):
    def wrap(v, names):
        return Tagged(random.choice(names), v) if tags and layer and random.random() < 0.25 else v

    pick = random.random()
    if depth == 0 or pick < 0.3:
        v = random.choice([0, 1, -7, 2.5, "a", "b", "", "true", "1", "x y", True, False, 10**30] + [None] * (3 if nulls else 0))
        return v if v is None else wrap(v, ["!replace", "!delete"])
    if pick < 0.7:
        v = {random.choice("abcdef"): tree(depth - 1, layer, nulls, tags) for _ in range(random.randrange(5))}
        if named:
            v["name"] = random.choice("pqrs")
        return wrap(v, ["!replace", "!delete"])
    if random.random() < 0.5:  # a list whose items have names of their own
        names = random.sample("pqrs", random.randrange(4))
        v = [{"name": n, **{k: tree(depth - 2 if depth > 1 else 0, layer, nulls, tags) for k in random.sample("abc", 2)}} for n in names]
        if tags and layer:
            v = [Tagged("!delete", i) if random.random() < 0.15 else i for i in v]
        return wrap(v, ["!append", "!prepend", "!replace", "!merge:name", "!merge:name", "!unique"])
    v = [tree(depth - 2 if depth > 1 else 0, 0, False, False) for _ in range(random.randrange(4))]
    return wrap(v, ["!append", "!prepend", "!unique", "!replace"])


def text(v):
    if isinstance(v, Tagged):
        return f"{v.tag} {text(v.value)}"
    if isinstance(v, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {text(x)}" for k, x in v.items()) + "}"
    if isinstance(v, list):
        return "[" + ", ".join(text(x) for x in v) + "]"
    return json.dumps(v)


def run(layers, *options):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i, layer in enumerate(layers):
            paths.append(f"{folder}/{i}.yaml")
            with open(paths[-1], "w") as f:
                f.write("".join(f"{k}: {text(v)}\n" for k, v in layer.items()) or "{}\n")
        r = subprocess.run(["config-merge", "-q", "--fail-on", "never", "-o", "json", *options, *paths], capture_output=True, text=True)
    if r.returncode != 0:
        sys.exit(f"status {r.returncode}: {r.stderr}")
    return json.loads(r.stdout)


def batch(n, nulls, tags):
    out = [{} for _ in range(n)]
    for i in range(BATCH):
        for layer in range(n):
            if layer == 0 or random.random() < 0.9:
                v = tree(4, layer, nulls, tags)
                out[layer][f"case{i}"] = v if isinstance(v, (dict, Tagged)) or layer == 0 else v
    return out


failed = 0


def check(what, got, want, layers):
    global failed
    for key in sorted(set(got) | set(want)):
        if not same(got.get(key, "(absent)"), want.get(key, "(absent)")):
            failed += 1
            if failed < 6:
                print(f"FAIL {what} {key}")
                for layer in layers:
                    print("   layer", text(layer[key]) if key in layer else "(absent)")
                print("   got  ", json.dumps(got.get(key, "(absent)")))
                print("   want ", json.dumps(want.get(key, "(absent)")))


def maps_agree(values):
    """No key is a map in one layer and something else in another."""
    values = [v for v in values if v is not ABSENT]
    maps = [v for v in values if isinstance(v, dict)]
    if not maps:
        return True
    return len(maps) == len(values) and all(maps_agree([m.get(k, ABSENT) for m in maps]) for m in maps for k in m)


merges = 0
while merges < count:
    n = random.randrange(2, 5)
    default = random.choice(["replace", "replace", "append", "prepend", "unique", "merge:name"])
    layers = batch(n, nulls=True, tags=True)
    want = plain(layers[0])
    for layer in layers[1:]:
        want = merge(want, layer, default)
    check(f"--lists={default}", run(layers, f"--lists={default}"), want, layers)
    # The laws: without nulls, tags and maps that become something else merging is associative and idempotent.
    laws = batch(3, nulls=False, tags=False)
    for key in list(laws[0]):
        if not maps_agree([layer.get(key, ABSENT) for layer in laws]):
            for layer in laws:
                layer.pop(key, None)
    left = run([run(laws[:2]), laws[2]])
    right = run([laws[0], run(laws[1:])])
    check("associativity", left, right, laws)
    check("idempotence", run([laws[0], laws[0]]), laws[0], laws[:1])
    merges += 3 * BATCH
print(f"config-merge-oracle: {merges - failed} passed, {failed} failed")
sys.exit(failed > 0)
