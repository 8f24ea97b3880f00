"""Two servers for the session to talk to: one that listens in, and one that is made of the contract alone."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from tavus_async.sandbox import Sandbox
from tests.contract.contract import Contract, Exchange, example, template

Judge = Callable[[Exchange], list[str]]


@asynccontextmanager
async def tap(sandbox: Sandbox, exchanges: list[Exchange]) -> AsyncIterator[str]:
    """The URL of a server that passes everything on to the sandbox, and writes it down."""
    async with aiohttp.ClientSession() as http:

        async def pass_on(request: web.BaseRequest) -> web.StreamResponse:
            body = await request.read()
            headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
            target = request.raw_path
            async with http.request(request.method, sandbox.url + target, headers=headers, data=body) as reply:
                answer = await reply.read()
                kind = reply.headers.get("Content-Type", "")
                exchanges.append(
                    Exchange(
                        method=request.method,
                        target=target,
                        headers=headers,
                        body=body,
                        status=reply.status,
                        answer_type=kind,
                        answer=answer,
                    )
                )
                return web.Response(status=reply.status, body=answer, headers={"Content-Type": kind} if kind else {})

        async with running(pass_on) as url:
            yield url


@asynccontextmanager
async def mock(contract: Contract, is_allowed: Judge, refused: list[str]) -> AsyncIterator[str]:
    """The URL of a server that validates each request and answers with the documented examples."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        exchange = Exchange(method=request.method, target=request.raw_path, headers=request.headers, body=body)
        if problems := is_allowed(exchange):
            refused.extend(problems)
            return web.json_response({"error": "; ".join(problems)}, status=400)
        if not contract.knows(exchange.method, exchange.path):
            return web.json_response({"data": []})
        status = min(int(code) for code in contract.operation(exchange.method, exchange.path)["responses"])
        schema = contract.answer_schema(exchange.method, exchange.path, status)
        told: Any = asked_for(example(schema), exchange.path) if schema else None
        return web.Response(status=status) if told is None else web.json_response(told, status=status)

    async with running(answer) as url:
        yield url


def asked_for(told: Any, path: str) -> Any:
    """The documented example of an item, with the id that was asked for."""
    *_, name = template(path).split("/")
    item = told["data"][0] if isinstance(told.get("data"), list) else told
    if name.startswith("{") and name[1:-1] in item:
        item[name[1:-1]] = path.rpartition("/")[2]
    return told


@asynccontextmanager
async def running(handler: Callable[[web.BaseRequest], Any]) -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(handler, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
