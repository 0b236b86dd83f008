"""Trims a description of an API to some operations: trim.py FILE SPECS TARGET.

What stays is what a program can hold an answer against: paths, parameters, schemas and
examples. Prose, and the forms that bodies may come in besides JSON, go."""

import json
import re
import sys
from pathlib import Path

import yaml

from compatibility import bare

# Described in the original and not served: differences.txt says why.
ALSO = {("DELETE", "/api/users/{}")}
PROSE = ("description", "summary", "title")
KEPT = ("operationId", "deprecated", "parameters", "requestBody", "responses")


def wanted(specs: Path) -> set:
    """The operations of the texts that Roster's own document is made of."""
    text = "\n".join(file.read_text() for file in sorted(specs.glob("*.txt")))
    return {(m, bare(path)) for m, path in re.findall(r"^(GET|POST|PUT|PATCH|DELETE) (/api/\S+)$", text, re.M)} | ALSO


def without_prose(value, under=""):
    """Without descriptions. The names of properties are the wire's own, and so is an example."""
    if isinstance(value, list):
        return [without_prose(item) for item in value]
    if not isinstance(value, dict) or under == "value":
        return value
    dropped = () if under in ("properties", "schemas") else PROSE
    return {name: without_prose(item, name) for name, item in value.items() if name not in dropped}


def as_json(operation: dict) -> dict:
    """An operation with its bodies as JSON, or as what they come as where that is something else."""
    for message in [operation.get("requestBody", {}), *operation["responses"].values()]:
        if "application/json" in message.get("content", {}):
            message["content"] = {"application/json": message["content"]["application/json"]}
    return {name: operation[name] for name in KEPT if name in operation}


def references(value):
    """The schemas that a value names."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rsplit("/", 1)[1]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


def closure(names, schemas: dict) -> dict:
    found, todo = {}, list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = schemas[name]
            todo += references(schemas[name])
    return found


def trim(whole: dict, operations: set) -> dict:
    paths = {}
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            if (method.upper(), bare(path)) in operations:
                paths.setdefault(path, {})[method] = as_json(operation)
    schemas = closure(references(paths), whole["components"]["schemas"])
    return {"openapi": whole["openapi"], "info": whole["info"], "paths": without_prose(paths), "components": {"schemas": without_prose(schemas, "schemas")}}


def main(file: str, specs: str, target: str) -> None:
    whole = yaml.load(Path(file).read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    Path(target).write_text(json.dumps(trim(whole, wanted(Path(specs))), indent=1, sort_keys=True, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
