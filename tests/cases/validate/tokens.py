# SPDX-License-Identifier: MIT
# tokens.py TOKENS.TXT N: N tokens of each form, as YAML: a list of {rule, value}.  None is anybody's.
import base64, json, random, re, string, struct, sys, zlib

rnd = random.Random(11)
letters, digits, hexa = string.ascii_letters, string.digits, "0123456789abcdef"
classes = {"a": letters + digits, "u": letters + digits + "-_", "b": letters + digits + "+/", "h": hexa, "H": hexa.upper(), "l": string.ascii_lowercase + digits,
           "U": string.ascii_uppercase + digits, "2": string.ascii_uppercase + "234567", "d": "123456789", "L": letters, "P": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"}

def some(kind, n): return "".join(rnd.choice(classes[kind]) for _ in range(n))
def base64_of(text): return base64.b64encode(text.encode()).decode()
def part(value): return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
def uuid(): return "-".join(some("h", n) for n in (8, 4)) + "-4" + some("h", 3) + "-a" + some("h", 3) + "-" + some("h", 12)

def pem(kind, head=""):
    body = some("b", 300)
    return f"-----BEGIN {kind}-----\n{head}" + "\n".join(body[i:i + 64] for i in range(0, 300, 64)) + f"\n-----END {kind}-----\n"

def crc(prefix):
    body, sum62 = some("a", 30), ""
    v = zlib.crc32(body.encode())
    for _ in range(6):
        sum62 = (digits + string.ascii_uppercase + string.ascii_lowercase)[v % 62] + sum62
        v //= 62
    return prefix + body + sum62

def glsa():
    body = "glsa_" + some("a", 32)
    return body + "_" + struct.pack("<I", zlib.crc32(body.encode())).hex()

def age():
    name, data, c = "age-secret-key-", [rnd.randrange(32) for _ in range(52)], 1
    for v in [ord(x) >> 5 for x in name] + [0] + [ord(x) & 31 for x in name] + data + [0] * 6:
        top, c = c >> 25, (c & 0x1ffffff) << 5 ^ v
        for i, g in enumerate([0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]):
            c ^= g if top >> i & 1 else 0
    data += [(c ^ 1) >> 5 * (5 - i) & 31 for i in range(6)]
    return (name + "1").upper() + "".join(classes["P"][d] for d in data)

def hole(m):
    what = m.group(1)
    kind, _, rest = what.partition(":")
    if kind == "base64": return base64_of(hole(re.fullmatch("(.*)", rest)))
    if kind == "json": return json.dumps({"private_key": hole(re.fullmatch("(.*)", rest))})
    if kind == "pem": return pem(rest)
    if kind == "crc": return crc(rest)
    made = {"i": uuid, "age": age, "glsa": glsa, "login": lambda: base64_of("ann:" + some("a", 12)),
            "pgp": lambda: pem("PGP PRIVATE KEY BLOCK", "Version: GnuPG v2.0.22 (GNU/Linux)\n\n"),
            "jwt": lambda: part({"alg": "RS256"}) + "." + part({"sub": some("a", 12)}) + "." + some("u", 86),
            "tunnel": lambda: base64_of(json.dumps({"a": some("h", 32), "t": uuid(), "s": some("b", 44)}, separators=(",", ":")))}
    return made[what]() if what in made else some(what[0], int(what[1:]))

for line in open(sys.argv[1]):
    if line.startswith("#"): continue
    rule, form = line.rstrip("\n").split(" ", 1)
    for _ in range(int(sys.argv[2])):
        value = re.sub(r"\{([a-zA-Z2][a-zA-Z0-9_: ]*)\}", hole, form.replace("\\n", "\n"))
        print(json.dumps({"rule": "secret/" + rule, "value": value}).join(["- ", ""]))
