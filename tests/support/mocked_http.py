"""aioresponses, made to work with every aiohttp that the package supports."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
from aioresponses import aioresponses


class Written:
    """What aiohttp 3.14 and newer want to know of a request: how many bytes it took."""

    output_size = 0


class MockedResponse(aiohttp.ClientResponse):
    """A response that can be made without a connection, as aioresponses makes it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "stream_writer" in inspect.signature(aiohttp.ClientResponse.__init__).parameters:
            kwargs.setdefault("stream_writer", Written())
        super().__init__(*args, **kwargs)


class MockedHttp:
    """Answers what aiohttp's sessions ask, without a socket."""

    def __init__(self, mocked: aioresponses) -> None:
        self._mocked = mocked

    def answer(self, method: str, url: str, **answer: Any) -> None:
        """Prepare one answer, or one exception to raise."""
        self._mocked.add(url, method, response_class=MockedResponse, **answer)

    @property
    def requests(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Every request so far: method, URL and the keyword arguments that aiohttp got."""
        return [
            (method, str(url), dict(call.kwargs))
            for (method, url), calls in self._mocked.requests.items()
            for call in calls
        ]


@contextmanager
def mocking() -> Iterator[MockedHttp]:
    """Answer every request of this process without a socket."""
    with aioresponses() as mocked:
        yield MockedHttp(mocked)
