"""The way of one request through the sandbox."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, TypeAlias

from aiohttp import web
from attrs import define, evolve, field

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, RefusalError, message
from tavus_async.sandbox.delivery import deliver, deliver_with_fault, receive
from tavus_async.sandbox.faults import Fault, FaultInjector
from tavus_async.sandbox.limit import EnforcedLimit, RetryAfterForm, retry_after_headers
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources import RESOURCES
from tavus_async.sandbox.routes import Route, Router
from tavus_async.sandbox.stats import Recorder

__all__ = ["Handler", "Pages"]

Pages: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse | None]]
"""Answers a request for a page, or returns None where none lies."""

_ROUTER = Router(RESOURCES)
_API_ROOT = "/v2"
_METHODS_WITH_BODY = ("POST", "PATCH", "PUT")
_NO_KEY = message("Invalid access token", 401)
# Tavus documents no body for this; the envelope is that of its other refusals.
_TOO_MANY = message("Rate limit exceeded", 429)


@define(kw_only=True)
class Handler:
    """Answers requests, by the settings of `Sandbox`, and remembers which are waiting for their answer."""

    account: Account
    faults: FaultInjector
    recorder: Recorder
    bucket: EnforcedLimit | None
    api_key: str = field(repr=False)
    envelope: bool
    max_body: int
    pages: Pages = field(repr=False)
    retry_after: float | Literal["exact"] | None
    retry_after_form: RetryAfterForm
    _delayed: "set[asyncio.Task[Any]]" = field(init=False, factory=set["asyncio.Task[Any]"])

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer *request*, or lose its answer. Pages have no part in what the API asks for, counts and breaks."""
        method, path = request.method, request.rel_url.raw_path
        if not path.startswith(_API_ROOT):
            page = await self.pages(request)
            if page is not None:
                return page
        route, params = _ROUTER.find(method, path)
        self.recorder.begin(route.name)
        began, status = time.monotonic(), None
        try:
            response = await self._respond(request, route, params)
            status = response.status if _is_connected(request) else None
            return response
        finally:
            duration = time.monotonic() - began
            self.recorder.end()
            self.recorder.remember(method=method, path=path, endpoint=route.name, status=status, duration=duration)

    async def cancel_delayed(self) -> None:
        """End the requests that wait for a delayed answer, or for none."""
        delayed = set(self._delayed)
        for task in delayed:
            task.cancel()
        await asyncio.gather(*delayed, return_exceptions=True)

    async def _respond(self, request: web.BaseRequest, route: Route, params: Mapping[str, str]) -> web.StreamResponse:
        if route.needs_key and request.headers.get("x-api-key") != self.api_key:
            self.recorder.unauthorized += 1
            return deliver(_NO_KEY)
        # Files lie on a host of their own: what the API limits, and what is scripted for it, is none of their business.
        is_file = not request.rel_url.raw_path.startswith(_API_ROOT)
        fault = self.faults.draw_for_file() if is_file else self.faults.next_scripted()
        if fault is None:
            wait = self.bucket.take() if self.bucket is not None else 0.0
            if wait > 0:
                self.recorder.rate_limited += 1
                return deliver(self._too_many(wait))
            fault = self.faults.draw()
        answer = fault.answer if fault.answer is not None else await self._work(request, route, params)
        if fault.status is not None and fault.status in route.errors:
            answer = route.errors[fault.status]
        if fault.kind == "ok" and not fault.delay:
            return deliver(answer)
        return await self._deliver_late(fault, request, answer)

    async def _work(self, request: web.BaseRequest, route: Route, params: Mapping[str, str]) -> Answer:
        try:
            understood = Request(
                params=params,
                query=request.rel_url.query,
                vocabulary=route.vocabulary,
                body=await receive(request, most=self.max_body) if request.method in _METHODS_WITH_BODY else b"",
                address=request.remote or "",
                envelope=self.envelope,
                headers=request.headers,
            )
            return route.endpoint(self.account, understood)
        except RefusalError as refusal:
            return refusal.answer

    async def _deliver_late(self, fault: Fault, request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
        task = asyncio.current_task()
        if task is not None:
            self._delayed.add(task)
            task.add_done_callback(self._delayed.discard)
        if fault.kind != "ok":
            self.recorder.faults[fault.kind] += 1
        if fault.delay:
            await asyncio.sleep(fault.delay)
        return await deliver_with_fault(fault.kind, request, answer)

    def _too_many(self, wait: float) -> Answer:
        told = self.retry_after
        if told is None:
            return _TOO_MANY
        headers = retry_after_headers(wait if told == "exact" else told, self.retry_after_form)
        return evolve(_TOO_MANY, headers=headers)


def _is_connected(request: web.BaseRequest) -> bool:
    # Where an answer is lost, or the client has gone, the connection is closed before the answer is sent.
    return request.transport is not None and not request.transport.is_closing()
