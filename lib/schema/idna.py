# SPDX-License-Identifier: MIT
"""Prints idna_tables.h: what RFC 5892 derives as PVALID, and what NFC composes, of this Python's Unicode.  Usage: python3 idna.py >idna_tables.h"""
import unicodedata

ALLOWED = {0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007}  # section 2.6
REFUSED = {0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB, 0x640, 0x7FA, 0x302E, 0x302F, 0x303B, *range(0x3031, 0x3036), *range(0x660, 0x66A), *range(0x6F0, 0x6FA)}
IGNORABLE = {0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x3164, *range(0xFE00, 0xFE10), 0xFFA0, *range(0xE0100, 0xE01F0)}  # 2.3
BLOCKS = [(0x20D0, 0x20FF), (0x1D100, 0x1D1FF), (0x1D200, 0x1D24F)]  # 2.4
JAMO = [(0x1100, 0x11FF), (0xA960, 0xA97C), (0xD7B0, 0xD7C6), (0xD7CB, 0xD7FB)]  # 2.9


def nfkc(s):
    return unicodedata.normalize("NFKC", s)


def valid(cp):
    c = chr(cp)
    if cp in ALLOWED or c in "-0123456789abcdefghijklmnopqrstuvwxyz":
        return True
    if cp in REFUSED or cp in IGNORABLE or 0xD800 <= cp < 0xE000 or any(a <= cp <= b for a, b in BLOCKS + JAMO):
        return False
    return unicodedata.category(c) in ("Ll", "Lu", "Lo", "Nd", "Lm", "Mn", "Mc") and nfkc(nfkc(c).casefold()) == c


def table(name, rows):
    print(f"static const uint32_t {name}[][2] = {{")
    line = "\t"
    for a, b in rows:
        item = f"{{ 0x{a:X}, 0x{b:X} }},"
        if len(line) + len(item) > 155:
            print(line.rstrip())
            line = "\t"
        line += item + " "
    print(line.rstrip() + "\n};\n")


ranges, pairs = [], []
for cp in range(0x110000):
    if valid(cp):
        if ranges and ranges[-1][1] == cp - 1:
            ranges[-1][1] = cp
        else:
            ranges.append([cp, cp])
    whole = unicodedata.decomposition(chr(cp))
    parts = [] if "<" in whole else [int(x, 16) for x in whole.split()]
    if len(parts) == 2 and unicodedata.normalize("NFC", chr(cp)) == chr(cp) and valid(parts[0]) and valid(parts[1]):
        pairs.append(parts)
print("/* SPDX-License-Identifier: MIT */")
print(f"/* Made by idna.py of Unicode {unicodedata.unidata_version}: what is PVALID in labels (RFC 5892), and what NFC makes one code point of. */")
print("#ifndef INFRAFLUX_SCHEMA_IDNA_TABLES_H\n#define INFRAFLUX_SCHEMA_IDNA_TABLES_H\n\n#include <stdint.h>\n")
table("valid", ranges)
table("composed", sorted(pairs))
print("#endif")
