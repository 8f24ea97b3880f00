"""The events of a room as Server-Sent Events.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from contextlib import ExitStack, suppress

from aiohttp import web

from tavus_async.sandbox.json import Json, encode
from tavus_async.sandbox.pages.replies import SAME_ORIGIN
from tavus_async.sandbox.pages.visitors import Visitors
from tavus_async.sandbox.rooms import Room

__all__ = ["stream_events"]

# Something is written now and then, or nobody would notice that the other side has vanished.
_SECONDS_OF_SILENCE = 15.0
_RETRY = b"retry: 1000\n\n"
_NOTHING = b": nothing new\n\n"


async def stream_events(
    request: web.BaseRequest, room: Room, *, visitors: Visitors, after: int, participant_id: str | None
) -> web.StreamResponse:
    """Send what is broadcast in *room* after the `seq` *after* until the conversation ends.

    A `room` event tells how things stand, messages follow, whose ids are their `seq`, and an `end` event is the last.
    For as long as the stream lasts, the participant is in the room.
    """
    response = web.StreamResponse(headers={**SAME_ORIGIN, "Content-Type": "text/event-stream"})
    with ExitStack() as stack:
        if participant_id is not None and participant_id in room.participants:
            stack.enter_context(visitors.stay(room, participant_id))
        # Some browsers' ways of going are noticed only when something is written to them.
        stack.enter_context(suppress(ConnectionError))
        await response.prepare(request)
        await response.write(_RETRY + _state("room", room, participant_id))
        await _send_all(response, room, visitors, after)
        await response.write(_state("end", room, participant_id))
    return response


async def _send_all(response: web.StreamResponse, room: Room, visitors: Visitors, after: int) -> None:
    while True:
        status = room.status
        news, after = _news(room, visitors, after)
        if news:
            await response.write(news)
        elif status == "ended":
            return
        else:
            await _wait(response, room, after)


async def _wait(response: web.StreamResponse, room: Room, after: int) -> None:
    try:
        async with asyncio.timeout(_SECONDS_OF_SILENCE):
            await room.changed(after)
    except TimeoutError:
        await response.write(_NOTHING)


def _news(room: Room, visitors: Visitors, after: int) -> tuple[bytes, int]:
    """Return the messages since *after* as they are sent, and the `seq` of the last one."""
    sent, speakers = bytearray(), visitors.speakers(room)
    for message in room.messages:
        seq = message["seq"]
        if isinstance(seq, int) and seq > after:
            after = seq
            told: Json = {"message": message, "participant_id": speakers.get(seq)}
            sent += b"id: %d\ndata: %b\n\n" % (seq, encode(told))
    return bytes(sent), after


def _state(event: str, room: Room, participant_id: str | None) -> bytes:
    state: Json = {
        "status": room.status,
        "persona_name": room.persona_name,
        "greeting": room.greeting,
        "is_present": participant_id is not None and participant_id in room.participants,
    }
    return b"event: %b\ndata: %b\n\n" % (event.encode(), encode(state))
