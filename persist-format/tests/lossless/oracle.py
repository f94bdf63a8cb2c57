"""Reads JSON, TOML and YAML with Python's own parsers and compares with what was meant.

Standard input: a JSON object a line, {"format": ..., "text": ..., "value": ...}, the value spelled as `spell` below does.
Standard output: a JSON object a line for those that differ, {"line": n, "seen": ...}, and at the end {"read": n}.
YAML is read by PyYAML with the core schema of YAML 1.2; without PyYAML it is passed over, and counted as {"skipped": n}.
"""
import base64
import datetime
import json
import re
import struct
import sys
import tomllib

try:
    import yaml
except ImportError:
    yaml = None


def bits(number):
    return str(struct.unpack("<Q", struct.pack("<d", number))[0]) if number == number else "0"


def spell(value):
    if value is None:
        return ["null"]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["float", bits(value)]
    if isinstance(value, str):
        return ["str", value]
    if isinstance(value, bytes):
        return ["bytes", base64.b64encode(value).decode()]
    if isinstance(value, datetime.datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, (datetime.date, datetime.time)):
        return ["datetime", value.isoformat()]
    if isinstance(value, list):
        return ["seq", [spell(item) for item in value]]
    return ["map", [[spell(key), spell(item)] for key, item in value.items()]]


def no_twins(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def no_constant(text):
    raise ValueError(text + " is not JSON")


def integer(text):
    return -0.0 if text == "-0" else int(text)


def read_json(text):
    return spell(json.loads(text, object_pairs_hook=no_twins, parse_constant=no_constant, parse_int=integer))


PARTS = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.S)


def read_jsonc(text):
    text = PARTS.sub(lambda part: part[0] if part[0].startswith('"') else " ", text)
    parts = re.split(r'("(?:\\.|[^"\\])*")', text)
    # A comma before a closing bracket, outside of strings.
    joined = "".join(part if part.startswith('"') else re.sub(r",(\s*[\]}])", r"\1", part) for part in parts)
    return read_json(joined)


CORE = "tag:yaml.org,2002:"


def loader_class():
    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        yaml_implicit_resolvers = {}

    for tag, pattern, first in [
        ("null", r"^(?:null|Null|NULL|~|)$", ["n", "N", "~", ""]),
        ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
        ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
        (
            "float",
            r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
            list("-+0123456789."),
        ),
        ("merge", r"^<<$", ["<"]),
    ]:
        Loader.add_implicit_resolver(CORE + tag, re.compile(pattern), first)
    return Loader


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
        return ["float", bits(float(text.lower().replace(".inf", "inf").replace(".nan", "nan")))]
    if kind == "binary":
        return ["bytes", base64.b64encode(base64.b64decode(text)).decode()]
    return None if kind is None and tag != "!" else ["str", text]


def spell_node(loader, node):
    if isinstance(node, yaml.ScalarNode):
        seen = scalar(node.tag, node.value)
        if seen is None:
            plain = (node.style is None, node.style is not None)
            seen = scalar(loader.resolve(yaml.ScalarNode, node.value, plain), node.value)
        return seen
    if isinstance(node, yaml.SequenceNode):
        return ["seq", [spell_node(loader, item) for item in node.value]]
    loader.flatten_mapping(node)
    entries = {}
    for key, value in node.value:
        entries[json.dumps(spell_node(loader, key), sort_keys=True)] = spell_node(loader, value)
    return ["map", [[json.loads(key), value] for key, value in entries.items()]]


def read_yaml(text):
    loader = LOADER(text)
    try:
        return spell_node(loader, loader.get_single_node())
    finally:
        loader.dispose()


def ordered(value):
    if value[0] == "seq":
        return ["seq", [ordered(item) for item in value[1]]]
    if value[0] == "map":
        return ["map", sorted(([ordered(k), ordered(v)] for k, v in value[1]), key=json.dumps)]
    return value


LOADER = loader_class() if yaml else None
READERS = {
    "JSON": read_json,
    "JSONC": read_jsonc,
    "TOML": lambda text: spell(tomllib.loads(text)),
    "YAML": read_yaml,
}

sys.setrecursionlimit(10_000)
sys.set_int_max_str_digits(0)
count = skipped = 0
for number, line in enumerate(sys.stdin):
    case = json.loads(line)
    count += 1
    if case["format"] == "YAML" and yaml is None:
        skipped += 1
        continue
    try:
        seen = ordered(READERS[case["format"]](case["text"]))
    except Exception as error:  # noqa: BLE001
        seen = "error: " + str(error)
    if seen != ordered(case["value"]):
        print(json.dumps({"line": number, "seen": seen}))
print(json.dumps({"read": count, "skipped": skipped}))
