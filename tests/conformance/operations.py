"""Which operation of the OpenAPI document a request was."""

import functools
import re

import httpx


@functools.cache
def document(url: str) -> dict:
    return httpx.get(url + "/api/schema/").raise_for_status().json()


@functools.cache
def _patterns(url: str) -> list:
    # names come before parameters, as the router has it
    paths = sorted(document(url)["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "/?$"), path) for path in paths]


def operations_of(url: str, requests) -> set[str]:
    """The operations among requests that the server did not refuse for want of a route."""
    found = set()
    for method, path, status in requests:
        template = next((template for pattern, template in _patterns(url) if pattern.match(path)), None)
        if template and method.lower() in document(url)["paths"][template]:
            found.add(f"{method} {template}")
    return found
