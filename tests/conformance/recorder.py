"""The SDK's clients with a witness: which methods were called, and which requests that made."""

import asyncio
import inspect
import ssl

import httpx
from label_studio_sdk import AsyncLabelStudio, LabelStudio

# What is to be driven, whole: a method that these gain in a new version of the
# SDK fails test_every_method_is_driven until a story calls it.
FAMILIES = (
    "activity_logs billing jwt_settings organizations projects.assignments projects.members projects.pauses projects.review_routing_rules projects.roles "
    "session_policy sso users tokens versions workspaces"
).split()
SINGLE = [f"projects.{name}" for name in "create get list list_counts list_unique_annotators update delete duplicate".split()]
SINGLE += ["tasks.update", "tasks.delete_all_tasks"]


def families(client):
    """The dotted names of every family of methods below a client, with the client that has them."""
    for name in dir(client):
        value = None if name.startswith("_") or name == "with_raw_response" else getattr(client, name)
        if value is not None and type(value).__module__.startswith("label_studio_sdk.") and "Client" in type(value).__name__:
            yield name, value


def methods(client, prefix="") -> dict:
    """Every public method below a client by its dotted name."""
    found = {
        prefix + name: value
        for name, value in inspect.getmembers(client, inspect.ismethod)
        if not name.startswith("_")
    }
    for name, inner in families(client):
        found |= methods(inner, f"{prefix}{name}.")
    return found


def of_the_family(name: str) -> bool:
    return name in SINGLE or any(name.startswith(family + ".") for family in FAMILIES)


def present() -> dict:
    """The methods of the families that this version of the SDK has."""
    client = LabelStudio(base_url="http://127.0.0.1", api_key="0" * 40)
    return {name: value for name, value in methods(client).items() if of_the_family(name)}


# Made once: to make one costs more than most of the stories.
TLS = ssl.create_default_context()


class Requests(list):
    """The requests that were made, as (method, path, status)."""

    def add(self, response: httpx.Response) -> httpx.Response:
        self.append((response.request.method, response.request.url.path, response.status_code))
        return response


class Watched(httpx.Client):
    def __init__(self, requests: Requests):
        super().__init__(timeout=30, follow_redirects=False, verify=TLS)
        self.requests = requests

    def send(self, *args, **kwargs):
        return self.requests.add(super().send(*args, **kwargs))


class AsyncWatched(httpx.AsyncClient):
    def __init__(self, requests: Requests):
        super().__init__(timeout=30, follow_redirects=False, verify=TLS)
        self.requests = requests

    async def send(self, *args, **kwargs):
        return self.requests.add(await super().send(*args, **kwargs))


class Client:
    """One signed-in client of either kind; call(name, …) calls a method and waits for its end."""

    def __init__(self, asynchronous: bool, calls: set, requests: Requests, **options):
        self.calls, self.loop = calls, None
        if not asynchronous:
            self.http = Watched(requests)
            self.inner = LabelStudio(httpx_client=self.http, **options)
            return
        self.loop = asyncio.new_event_loop()
        self.http = AsyncWatched(requests)
        self.inner = AsyncLabelStudio(httpx_client=self.http, **options)

    def call(self, name: str, *args, **kwargs):
        """Calls the method. What this version has no parameter for goes where the
        wire has it, as people did who needed it before there was one."""
        method = self.inner
        for part in name.split("."):
            method = getattr(method, part)
        known = inspect.signature(method).parameters
        extra = {key.rstrip("_"): kwargs.pop(key) for key in list(kwargs) if key not in known}
        if extra:
            where = "query" if name.split(".")[-1] in ("list", "get", "list_filtered") else "body"
            kwargs["request_options"] = {f"additional_{where}_parameters": extra}
        self.calls.add(name)
        return self._finish(method(*args, **kwargs))

    def _finish(self, result):
        if self.loop is None:
            return result if not inspect.isgenerator(result) else list(result)
        if inspect.isawaitable(result):
            result = self.loop.run_until_complete(result)
        if hasattr(result, "__aiter__"):
            result = self.loop.run_until_complete(_collected(result))
        return result

    def close(self):
        if self.loop is None:
            return self.http.close()
        self.loop.run_until_complete(self.http.aclose())
        self.loop.close()


async def _collected(source) -> list:
    return [item async for item in source]
