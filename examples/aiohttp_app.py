"""An aiohttp.web app that opens a video call for a visitor, shows how it goes, and leaves none running.

    pip install tavus-async
    export TAVUS_API_KEY=... TAVUS_PERSONA_ID=p... WEBHOOK_SECRET=<43 random characters>
    export PUBLIC_URL=https://where-tavus-reaches-this.example
    python -m examples.aiohttp_app

Without an account: export what `tavus-async sandbox` says, TAVUS_PERSONA_ID=p5317866, and no PUBLIC_URL. Each call
costs money: put a sign-in of yours before these routes.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from examples.visits import Settings, Visits, http_answer, http_headers
from tavus_async import AsyncSession, TavusError
from tavus_async.webhooks import Receiver, ReplicaJoined, Shutdown, TranscriptionReady

PAGE = Path(__file__).with_name("page.html")
VISITS = web.AppKey("visits", Visits)
routes = web.RouteTableDef()


@routes.get("/")
async def page(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE)


@routes.post("/conversations")
async def open_conversation(request: web.Request) -> web.Response:
    conversation = await request.app[VISITS].open()
    body = {"conversation_id": conversation.conversation_id, "join_url": conversation.join_url}
    return web.json_response(body, status=201)


@routes.post("/conversations/{id}/end")
async def end_conversation(request: web.Request) -> web.Response:
    await request.app[VISITS].end(request.match_info["id"])
    return web.Response(status=204)


@routes.get("/conversations/{id}/steps")
async def progress(request: web.Request) -> web.StreamResponse:
    async with request.app[VISITS].watch(request.match_info["id"]) as steps:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await answer.prepare(request)
        async for step in steps:
            await answer.write(b"data: %s\n\n" % json.dumps(step).encode())
        return answer


@web.middleware
async def answer_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with a sentence for the visitor when a call to Tavus has failed."""
    try:
        return await handler(request)
    except TavusError as error:
        status, text = http_answer(error)
        return web.json_response({"detail": text}, status=status, headers=http_headers(status))


def make_app(settings: Settings) -> web.Application:
    receiver = Receiver(secret=settings.secret)

    async def visits(app: web.Application) -> AsyncIterator[None]:
        """Hold one session while the app lives. Closing it ends every call that is still running."""
        async with AsyncSession() as tavus:
            app[VISITS] = Visits(tavus, settings.draft())
            receiver.on(ReplicaJoined, Shutdown, TranscriptionReady)(app[VISITS].tell)
            yield
            await receiver.drain()

    async def let_go(app: web.Application) -> None:
        app[VISITS].stop_watching()  # the answers that show progress would be waited for

    app = web.Application(middlewares=[answer_failures])
    app.cleanup_ctx.append(visits)
    app.on_shutdown.append(let_go)
    app.add_routes([*routes, *receiver.routes("/webhooks/tavus")])
    return app


if __name__ == "__main__":
    settings = Settings.from_environment()
    # The access log would show the secret in the address of the webhooks. A visitor who goes away while a call is being
    # opened cancels the handler, and the call is ended.
    web.run_app(make_app(settings), host="127.0.0.1", port=settings.port, access_log=None, handler_cancellation=True)
