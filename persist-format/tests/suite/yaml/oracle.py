"""Reads YAML with PyYAML and the core schema of YAML 1.2, and compares with what was meant.

Standard input: a JSON object a line, {"text": ..., "value": ...}, the value spelled as `spell` below does.
Standard output: a JSON object a line for those that differ, {"line": n, "seen": ...}, and at the end {"read": n}.
"""
import base64
import json
import re
import struct
import sys

import yaml

CORE = "tag:yaml.org,2002:"


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    yaml_implicit_resolvers = {}


for tag, pattern, first in [
    ("null", r"^(?:null|Null|NULL|~|)$", ["n", "N", "~", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    ("float", r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$", list("-+0123456789.")),
    ("merge", r"^<<$", ["<"]),
]:
    Loader.add_implicit_resolver(CORE + tag, re.compile(pattern), first)


def scalar(tag, text):
    kind = tag[len(CORE):] if tag.startswith(CORE) else None
    if kind == "null":
        return ["null"]
    if kind == "bool":
        return ["bool", text.lower() == "true"]
    if kind == "int":
        base = 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10
        return ["int", str(int(text[2:] if base != 10 else text, base))]
    if kind == "float":
        number = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        bits = struct.unpack("<Q", struct.pack("<d", number))[0] if number == number else 0
        return ["float", str(bits)]
    if kind == "binary":
        return ["bytes", base64.b64encode(base64.b64decode(text)).decode()]
    if kind is None and tag != "!":
        # Under an application's tag a plain scalar has the type it would have had.
        return None
    return ["str", text]


def spell(loader, node):
    if isinstance(node, yaml.ScalarNode):
        seen = scalar(node.tag, node.value)
        if seen is None:
            seen = scalar(loader.resolve(yaml.ScalarNode, node.value, (node.style is None, node.style is not None)), node.value)
        return seen
    if isinstance(node, yaml.SequenceNode):
        return ["seq", [spell(loader, item) for item in node.value]]
    loader.flatten_mapping(node)
    entries = {}
    for key, value in node.value:
        key = json.dumps(spell(loader, key), sort_keys=True)
        entries[key] = spell(loader, value)
    return ["map", sorted([json.loads(key), value] for key, value in entries.items())]


def read(text):
    loader = Loader(text)
    try:
        seen = []
        while loader.check_node():
            seen.append(spell(loader, loader.get_node()))
        return seen or [["null"]]
    finally:
        loader.dispose()


def ordered(value):
    if value[0] == "seq":
        return ["seq", [ordered(item) for item in value[1]]]
    if value[0] == "map":
        return ["map", sorted(([ordered(k), ordered(v)] for k, v in value[1]), key=json.dumps)]
    return value


count = 0
for number, line in enumerate(sys.stdin):
    case = json.loads(line)
    try:
        seen = [ordered(document) for document in read(case["text"])]
    except Exception as error:  # noqa: BLE001
        seen = "error: " + str(error)
    count += 1
    if seen != [ordered(value) for value in case["value"]]:
        print(json.dumps({"line": number, "seen": seen}))
print(json.dumps({"read": count}))
