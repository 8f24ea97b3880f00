"""A FastAPI app that opens a video call for a visitor, shows how it goes, and leaves none running.

    pip install tavus-async 'fastapi>=0.135' uvicorn
    export TAVUS_API_KEY=... TAVUS_PERSONA_ID=p... WEBHOOK_SECRET=<43 random characters>
    export PUBLIC_URL=https://where-tavus-reaches-this.example
    python -m examples.fastapi_app

Without an account: export what `tavus-async sandbox` says, TAVUS_PERSONA_ID=p5317866, and no PUBLIC_URL. Each call
costs money: put a sign-in of yours before these routes.
"""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from socket import socket
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from examples.visits import Settings, Visits, http_answer, http_headers
from tavus_async import AsyncSession, Conversation, TavusError
from tavus_async.webhooks import Event, Receiver, ReplicaJoined, Shutdown, TranscriptionReady

PAGE = Path(__file__).with_name("page.html")
settings = Settings.from_environment()
receiver = Receiver(secret=settings.secret)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Hold one session while the app lives. Closing it ends every call that is still running."""
    async with AsyncSession() as tavus:
        app.state.visits = Visits(tavus, settings.draft())
        yield
        await receiver.drain()


def visits_of(request: Request) -> Visits:
    return request.app.state.visits


Visiting = Annotated[Visits, Depends(visits_of)]
app = FastAPI(lifespan=lifespan)
app.mount("/webhooks", receiver.asgi)


@receiver.on(ReplicaJoined, Shutdown, TranscriptionReady)
async def tell(event: Event) -> None:
    await app.state.visits.tell(event)


@app.get("/")
async def page() -> FileResponse:
    return FileResponse(PAGE)


@app.post("/conversations", status_code=201)
async def open_conversation(request: Request, visits: Visiting) -> dict[str, str | None]:
    conversation = await visits.open()
    if await request.is_disconnected():  # the visitor did not wait for it
        await visits.end(conversation.conversation_id)
    return {"conversation_id": conversation.conversation_id, "join_url": conversation.join_url}


@app.post("/conversations/{conversation_id}/end", status_code=204)
async def end_conversation(conversation_id: str, visits: Visiting) -> None:
    await visits.end(conversation_id)


async def watched(conversation_id: str, visits: Visiting) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    async with visits.watch(conversation_id) as steps:  # before the answer begins: an unknown id is a 404
        yield steps


@app.get("/conversations/{conversation_id}/steps", response_class=EventSourceResponse)
async def progress(steps: Annotated[AsyncIterator[dict[str, Any]], Depends(watched)]) -> AsyncIterable[ServerSentEvent]:
    async for step in steps:
        yield ServerSentEvent(data=step)


async def while_connected(visits: Visiting) -> AsyncIterator[Conversation]:
    async with visits.tavus.conversation(visits.draft, wait_for_slot=5.0) as conversation:
        yield conversation


@app.get("/kiosk", response_class=EventSourceResponse)
async def kiosk(
    conversation: Annotated[Conversation, Depends(while_connected)], visits: Visiting
) -> AsyncIterable[ServerSentEvent]:
    """Open a call that lasts for as long as this answer is read: who switches the screen off has ended it."""
    async with visits.watch(conversation.conversation_id) as steps:
        async for step in steps:
            yield ServerSentEvent(data=step)


@app.exception_handler(TavusError)
async def tavus_failed(_request: Request, error: TavusError) -> JSONResponse:
    status, text = http_answer(error)
    return JSONResponse({"detail": text}, status, http_headers(status))


class Server(uvicorn.Server):
    """Lets go of those who watch before it waits for its open answers, of which theirs would be the last."""

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Shut down as uvicorn does."""
        app.state.visits.stop_watching()
        await super().shutdown(sockets)


if __name__ == "__main__":
    # The access log would show the secret in the address of the webhooks.
    config = uvicorn.Config(app, port=settings.port, access_log=False, timeout_graceful_shutdown=10)
    with suppress(KeyboardInterrupt):
        Server(config).run()
