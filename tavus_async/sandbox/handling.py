"""The way of one request through the sandbox."""

import asyncio
from typing import Any, Literal

from aiohttp import web
from attrs import define, evolve, field, frozen

from tavus_async.sandbox import endpoints, routes
from tavus_async.sandbox.answers import Answer, message
from tavus_async.sandbox.collection import Store
from tavus_async.sandbox.delivery import deliver, lose, receive
from tavus_async.sandbox.faults import Fate, Plan
from tavus_async.sandbox.limit import RetryAfterForm, TokenBucket, retry_after_headers
from tavus_async.sandbox.resources.personas.endpoints import Call
from tavus_async.sandbox.routes import Route
from tavus_async.sandbox.stats import Recorder

__all__ = ["Handler", "House"]

_WITH_BODY = ("POST", "PATCH", "PUT")
_NO_KEY = message("Invalid access token", 401)
# Tavus documents no body for this; the envelope is that of its other refusals.
_TOO_MANY = message("Rate limit exceeded", 429)
_TOO_LARGE = message("Request body too large", 413)


@frozen(kw_only=True)
class House:
    """The settings that answers depend on, as `Sandbox` explains them."""

    api_key: str = field(repr=False)
    envelope: bool
    max_body: int
    retry_after: float | Literal["exact"] | None
    retry_after_form: RetryAfterForm


@define(kw_only=True)
class Handler:
    """Answers requests, and remembers which are waiting for their answer."""

    _store: Store = field(alias="store")
    _plan: Plan = field(alias="plan")
    recorder: Recorder
    _bucket: TokenBucket | None = field(alias="bucket")
    _rules: House = field(alias="rules")
    _waiting: "set[asyncio.Task[Any]]" = field(init=False, factory=set["asyncio.Task[Any]"])

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer *request*, or lose its answer."""
        route = routes.find(request.method, request.rel_url.raw_path)
        self.recorder.begin(route.kind)
        try:
            return await self._respond(request, route)
        finally:
            self.recorder.end()

    async def give_up(self) -> None:
        """End the requests that wait for a delayed answer, or for none."""
        waiting = set(self._waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _respond(self, request: web.BaseRequest, route: Route) -> web.StreamResponse:
        if request.headers.get("x-api-key") != self._rules.api_key:
            self.recorder.refuse_key()
            return deliver(_NO_KEY)
        fate = self._plan.scripted()
        if fate is None:
            wait = self._bucket.take() if self._bucket is not None else 0.0
            if wait > 0:
                self.recorder.refuse_rate()
                return deliver(self._too_many(wait))
            fate = self._plan.draw()
        answer = fate.answer if fate.answer is not None else await self._work(request, route)
        if fate.kind == "ok" and not fate.delay:
            return deliver(answer)
        return await self._meet(fate, request, answer)

    async def _work(self, request: web.BaseRequest, route: Route) -> Answer:
        body = await receive(request, most=self._rules.max_body) if request.method in _WITH_BODY else b""
        if body is None:
            return _TOO_LARGE
        call = Call(route=route, query=request.rel_url.query, body=body, envelope=self._rules.envelope)
        return endpoints.answer(self._store, call)

    async def _meet(self, fate: Fate, request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
        task = asyncio.current_task()
        if task is not None:
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)
        if fate.kind != "ok":
            self.recorder.fault(fate.kind)
        if fate.delay:
            await asyncio.sleep(fate.delay)
        return await lose(fate.kind, request, answer)

    def _too_many(self, wait: float) -> Answer:
        told = self._rules.retry_after
        if told is None:
            return _TOO_MANY
        headers = retry_after_headers(wait if told == "exact" else told, self._rules.retry_after_form)
        return evolve(_TOO_MANY, headers=headers)
