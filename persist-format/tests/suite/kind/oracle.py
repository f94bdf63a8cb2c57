"""Says of which kind every value of a text is, to each reader there is. A case a line on standard input, an answer a line on standard output."""

import datetime
import json
import sys
import tomllib

import yaml

try:
    from ruamel.yaml import YAML
except ImportError:
    YAML = None


def of_value(value):
    for kind, types in (
        ("switch", bool),
        ("number", (int, float)),
        ("text", str),
        ("date", (datetime.date, datetime.time)),
        ("list", list),
        ("map", dict),
    ):
        if isinstance(value, types):
            return kind
    return "null"


def values(value, path=""):
    yield path, of_value(value)
    if isinstance(value, dict):
        for key, child in value.items():
            yield from values(child, f"{path}/{key}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from values(child, f"{path}/{index}")


KINDS = {
    "bool": "switch",
    "int": "number",
    "float": "number",
    "str": "text",
    "timestamp": "date",
    "null": "null",
    "seq": "list",
    "map": "map",
    "binary": "bytes",
    "value": "sign",
    "merge": "sign",
}


def nodes(node, path=""):
    """By the tags that the reader has resolved: what it would construct."""
    tag = str(node.tag)
    yield path, KINDS.get(tag.removeprefix("tag:yaml.org,2002:"), tag)
    if isinstance(node.value, list):
        for index, child in enumerate(node.value):
            if isinstance(child, tuple):
                key, child = child
                index = key.value
            yield from nodes(child, f"{path}/{index}")


def uncommented(text):
    out, at = [], 0
    while at < len(text):
        if text[at] == '"':
            end = at + 1
            while text[end] != '"':
                end += 2 if text[end] == "\\" else 1
            out.append(text[at : end + 1])
            at = end + 1
        elif text.startswith("//", at):
            at = (text + "\n").index("\n", at)
        elif text.startswith("/*", at):
            at = text.index("*/", at) + 2
        else:
            out.append(text[at])
            at += 1
    joined, out, at = "".join(out), [], 0
    while at < len(joined):
        if joined[at] == '"':
            end = at + 1
            while joined[end] != '"':
                end += 2 if joined[end] == "\\" else 1
            out.append(joined[at : end + 1])
            at = end + 1
        elif joined[at] == "," and joined[at + 1 :].lstrip()[:1] in ("]", "}"):
            at += 1
        else:
            out.append(joined[at])
            at += 1
    return "".join(out)


def readers(case):
    text = case["text"]
    match case["format"]:
        case "json":
            return {"json": list(values(json.loads(text)))}
        case "jsonc":
            return {"json": list(values(json.loads(uncommented(text))))}
        case "toml":
            return {"tomllib": list(values(tomllib.loads(text)))}
        case _:
            read = {"PyYAML": list(nodes(yaml.compose(text, Loader=yaml.SafeLoader)))}
            if YAML:
                read["ruamel"] = list(nodes(YAML(typ="safe", pure=True).compose(text)))
            return read


for line in sys.stdin:
    try:
        answer = readers(json.loads(line))
    except Exception as error:  # whatever it is, the text is none that this reader takes
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=False)
