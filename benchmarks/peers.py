"""Those that are measured: this package, what people write by hand, and what else can be installed."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

import aiohttp
import httpx
from pydantic import BaseModel
from tavus_mcp.sdk.auth.session import TavusSession
from tavus_mcp.sdk.client.http import TavusClient
from tavus_mcp.sdk.env import TavusConfig

from benchmarks.bare import bare
from benchmarks.figures import Call
from benchmarks.typed import model_of
from tavus_async import AsyncSession, Persona, RateLimit

KEY = "not-a-key"
NO_LIMIT = RateLimit(1_000_000, burst=1_000_000)


class Peer(NamedTuple):
    """One way to get a persona."""

    name: str
    words: str
    open: Callable[[str], AbstractAsyncContextManager[Call]]
    """Takes the server's URL, and gives the call."""
    is_slow: bool = False
    """The slow ones get fewer calls and rounds, or the time would be theirs alone."""


@contextlib.asynccontextmanager
async def ours(url: str) -> AsyncIterator[Call]:
    """Use this package, with its limiter, retries and timeouts; only the rate is set out of the way."""
    async with AsyncSession(KEY, base_url=url, rate_limit=NO_LIMIT) as session:
        yield session.get_persona


@contextlib.asynccontextmanager
async def ours_within(url: str) -> AsyncIterator[Call]:
    """Use this package with a deadline for the whole call as well."""
    async with AsyncSession(KEY, base_url=url, rate_limit=NO_LIMIT) as session:

        async def get(persona_id: str) -> Persona:
            return await session.get_persona(persona_id, timeout=60)

        yield get


@contextlib.asynccontextmanager
async def aiohttp_json(url: str) -> AsyncIterator[Call]:
    """Get and parse, as people write it: nothing is typed, limited or retried."""
    async with aiohttp.ClientSession(headers={"x-api-key": KEY}) as http:

        async def get(persona_id: str) -> Any:
            async with http.get(f"{url}/v2/personas/{persona_id}") as response:
                return await response.json()

        yield get


@contextlib.asynccontextmanager
async def aiohttp_read(url: str) -> AsyncIterator[Call]:
    """Get the bytes, and do nothing with them."""
    async with aiohttp.ClientSession(headers={"x-api-key": KEY}) as http:

        async def get(persona_id: str) -> bytes:
            async with http.get(f"{url}/v2/personas/{persona_id}") as response:
                return await response.read()

        yield get


@contextlib.asynccontextmanager
async def official(url: str) -> AsyncIterator[Call]:
    """Use the client inside the `tavus-cli` package, by its own classes."""
    config = TavusConfig.model_validate(
        dict.fromkeys(("portal_api_base_url", "dev_portal_url", "pal_maker_url"), url)
        | {"public_api_base_url": f"{url}/v2"}
    )
    async with TavusClient(config, TavusSession(api_key=KEY, source="benchmark")) as client:
        yield client.pals.get


class Options(BaseModel):
    """What a generated client carries along with a request."""

    method: str
    url: str
    max_retries: int = 2
    headers: dict[str, str] = {}


class GeneratedClient:
    """A stand-in for SDKs that are generated: options, a loop of retries over httpx, a model made of the answer."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.model = model_of(Persona)

    async def get(self, persona_id: str) -> BaseModel:
        """Get a persona."""
        return await self.request(Options(method="GET", url=f"/v2/personas/{persona_id}"))

    async def request(self, options: Options) -> BaseModel:
        """Try until it works, or the retries are spent."""
        for retries in range(options.max_retries + 1):
            last = retries == options.max_retries
            headers = {"x-api-key": KEY, "x-retry-count": str(retries), **options.headers}
            request = self.http.build_request(options.method, options.url, headers=headers)
            try:
                response = await self.http.send(request)
                response.raise_for_status()
            except httpx.TransportError:
                if last:
                    raise
            except httpx.HTTPStatusError as error:
                if last or error.response.status_code not in {408, 409, 429, *range(500, 600)}:
                    raise
            else:
                return self.model.model_validate(response.json())
            await asyncio.sleep(min(0.5 * 2**retries, 8.0) * (1 - 0.25 * random.random()))
        raise AssertionError


@contextlib.asynccontextmanager
async def generated(url: str) -> AsyncIterator[Call]:
    """Use the stand-in."""
    limits = httpx.Limits(max_connections=1000, max_keepalive_connections=100)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as http:
        yield GeneratedClient(http).get


class RefusedError(Exception):
    """The attempts are spent."""


def plain_loop(http: aiohttp.ClientSession, url: str, *, attempts: int) -> Call:
    """Get with a plain loop of retries, as people write it: each call minds its own Retry-After."""

    async def get(persona_id: str) -> Any:
        for attempt in range(attempts):
            try:
                async with http.get(f"{url}/v2/personas/{persona_id}") as response:
                    if response.ok:
                        return json.loads(await response.read())
                    delay = float(response.headers.get("Retry-After", min(0.5 * 2**attempt, 4.0)))
            except (aiohttp.ClientError, TimeoutError):
                delay = min(0.5 * 2**attempt, 4.0)
            if attempt + 1 < attempts:
                await asyncio.sleep(delay)
        raise RefusedError

    return get


OURS = Peer("tavus_async", "tavus_async", ours)
HAND_WRITTEN = Peer("aiohttp json", "hand-written aiohttp, get + json()", aiohttp_json)
UNPARSED = Peer("aiohttp read", "hand-written aiohttp, get + read()", aiohttp_read)
OFFICIAL = Peer("tavus-cli", "the client of tavus-cli", official, is_slow=True)
GENERATED = Peer("generated", "httpx, a retry loop and pydantic, as generated SDKs do", generated, is_slow=True)
WITHIN = Peer("tavus_async, timeout", "tavus_async, with timeout=", ours_within)
BARE = Peer("bare", "a bare asyncio protocol with jiter: what the loop can do", lambda url: bare(url, KEY))
PEERS = (OURS, WITHIN, HAND_WRITTEN, UNPARSED, BARE, OFFICIAL, GENERATED)
