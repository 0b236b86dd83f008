"""Keeps every answer that a client gets, as it came, for whoever holds them against the
vendor's description: internal/lsapi/vendor_test.go. To import this is enough."""

import importlib.metadata
import json
import os
from pathlib import Path

import httpx

DIRECTORY = os.environ.get("CONFORMANCE_RECORD")
VERSION = importlib.metadata.version("label-studio-sdk")


def keep(response: httpx.Response) -> httpx.Response:
    """Writes down an answer that was read whole, one a line; streams are only begun here."""
    if response.is_closed and response.request.url.path.startswith("/api/"):
        with (Path(DIRECTORY) / f"answers-{VERSION}.jsonl").open("a") as file:
            target = response.request.url.raw_path.decode()
            answer = {"Method": response.request.method, "Target": target, "Status": response.status_code, "Answer": response.text}
            file.write(json.dumps(answer) + "\n")
    return response


def watch() -> None:
    Path(DIRECTORY).mkdir(parents=True, exist_ok=True)
    send, send_async = httpx.Client.send, httpx.AsyncClient.send

    async def asynchronous(self, *args, **kwargs):
        return keep(await send_async(self, *args, **kwargs))

    httpx.Client.send = lambda self, *args, **kwargs: keep(send(self, *args, **kwargs))
    httpx.AsyncClient.send = asynchronous


if DIRECTORY:
    watch()
