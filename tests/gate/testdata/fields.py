"""Usage: fields.py DATA-DIR

Prints, as JSON, what the installed Label Studio reads of a request, as its own code
says: for each method of each route the fields that its serializer takes, and what
they point to; and by which names its code looks anything up in a body or a query.
Its OpenAPI leaves out some routes, and hides or misnames fields of others.
"""

import ast
import json
import os
import pathlib
import sys
import warnings

import label_studio

root = pathlib.Path(label_studio.__file__).parent
sys.path.insert(0, str(root))
os.environ.update(
    DJANGO_SETTINGS_MODULE="core.settings.label_studio", LABEL_STUDIO_BASE_DATA_DIR=sys.argv[1],
    LATEST_VERSION_CHECK="false", COLLECT_ANALYTICS="false", SENTRY_DSN="", FRONTEND_SENTRY_DSN="",
)
out, sys.stdout = sys.stdout, sys.stderr  # it greets
warnings.simplefilter("ignore")

import django  # noqa: E402

django.setup()

from django.urls import get_resolver  # noqa: E402
from django.urls.resolvers import URLResolver  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.test import APIRequestFactory  # noqa: E402


def routes(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route, pattern.callback


def taken(serializer, prefix="", depth=0):
    """The fields that a serializer takes, with dots where they are nested."""
    for name, field in serializer.fields.items():
        if field.read_only or depth > 3:
            continue
        one = getattr(field, "child_relation", getattr(field, "child", field))
        if isinstance(one, serializers.BaseSerializer):
            yield prefix + name, "object"
            yield from taken(one, f"{prefix}{name}.", depth + 1)
        elif isinstance(one, serializers.RelatedField):
            yield prefix + name, one.queryset.model._meta.label
        else:
            yield prefix + name, type(one).__name__


def serializer_of(view_class, callback, method, action):
    view = view_class(**getattr(callback, "initkwargs", {}))
    view.request, view.args, view.kwargs, view.action = Request(APIRequestFactory().generic(method, "/")), (), {}, action
    view.format_kwarg = None
    return view.get_serializer_class()()


def fields():
    for route, callback in routes(get_resolver()):
        view_class = getattr(callback, "view_class", getattr(callback, "cls", None))
        if not hasattr(view_class, "get_serializer_class") or "format" in route:
            continue
        actions = getattr(callback, "actions", None)
        for method in ("POST", "PUT", "PATCH"):
            action = actions.get(method.lower()) if actions else method.lower()
            if not action or not hasattr(view_class, action):
                continue
            try:
                serializer = serializer_of(view_class, callback, method, action)
            except AssertionError:  # it has none, and reads the body itself
                continue
            yield f"{method} /{route}", dict(sorted(taken(serializer)))


def looked_up(node):
    """The name by which a piece of code looks something up, and in what."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "getlist", "pop") and node.args:
        return node.args[0], node.func.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("_from_request") and len(node.args) > 1:
        return node.args[1], node.args[0]
    if isinstance(node, ast.Subscript):
        return node.slice, node.value
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        return node.left, node.comparators[0]
    return None, None


requests = {"data", "initial_data", "request_data", "validated_data", "query_params", "GET", "POST"}


def names():
    for file in root.rglob("*.py"):
        if {"tests", "migrations", "management"} & set(file.parts):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            name, where = looked_up(node)
            if isinstance(name, ast.Constant) and isinstance(name.value, str) and getattr(where, "attr", getattr(where, "id", "")) in requests:
                yield name.value


# One line for each operation, for the eye that compares two releases.
lines = [f"  {json.dumps(operation)}: {json.dumps(taken)}" for operation, taken in sorted(fields())]
out.write('{\n "fields": {\n' + ",\n".join(lines) + '\n },\n "names": ' + json.dumps(sorted(set(names())), indent=2) + "\n}\n")
