"""The SDK's asynchronous client under a synchronous skin, so that one test serves both."""

import asyncio
import inspect

import httpx
from label_studio_sdk import AsyncLabelStudio
from label_studio_sdk.core.pagination import AsyncPager


class Blocking:
    """Looks like the client, or like one of its families; calls wait for their end."""

    def __init__(self, inner, run):
        self._inner, self._run = inner, run

    def __getattr__(self, name):
        value = getattr(self._inner, name)
        if not inspect.ismethod(value):
            return Blocking(value, self._run)
        return lambda *args, **kwargs: self._finish(value(*args, **kwargs))

    def _finish(self, result):
        if inspect.isawaitable(result):
            result = self._run(result)
        if isinstance(result, AsyncPager):
            return Pages(result, self._run)
        if hasattr(result, "__aiter__"):
            return self._run(collect(result))
        return result


class Pages:
    """A pager that is iterated synchronously."""

    def __init__(self, pager: AsyncPager, run):
        self._pager, self._run = pager, run
        self.items, self.response = pager.items, pager.response

    def __iter__(self):
        return iter(self._run(collect(self._pager)))


async def collect(source) -> list:
    return [item async for item in source]


def blocking(base_url: str, api_key: str):
    """Yields the skinned client once, and closes what is beneath it afterwards."""
    loop, http = asyncio.new_event_loop(), httpx.AsyncClient()
    yield Blocking(AsyncLabelStudio(base_url=base_url, api_key=api_key, httpx_client=http), loop.run_until_complete)
    loop.run_until_complete(http.aclose())
    loop.close()
