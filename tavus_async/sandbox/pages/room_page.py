"""`/c/{conversation_id}`: the page of a conversation's room, and what its script asks for."""

from http import HTTPStatus

from aiohttp import web
from attrs import define, field

from tavus_async.sandbox.answers import RefusalError
from tavus_async.sandbox.contents import Contents
from tavus_async.sandbox.delivery import deliver, receive
from tavus_async.sandbox.json import JsonObject, parse
from tavus_async.sandbox.pages.replies import fill_page, json_reply, notice, problem
from tavus_async.sandbox.pages.stream import stream_events
from tavus_async.sandbox.pages.visitors import Visitors
from tavus_async.sandbox.rooms import Room, RoomError

__all__ = ["RoomPage"]

_LARGEST_BODY = 64 * 1024
# Digits of the number of a message: int() does not read any number of them.
_LONGEST_SEQ = 15
_LONGEST_VISITOR_NAME = 80
_LONGEST_PARTICIPANT_ID = 80
_LONGEST_UTTERANCE = 4_000
_NO_CONVERSATION = "The sandbox has no such conversation. It may have been deleted, or the sandbox started anew."
_IS_PRIVATE = (
    "Joining this conversation needs its meeting token. Open the conversation_url that the answer to its creation "
    "holds: the token is part of it."
)


class _WrongBodyError(Exception):
    """The body of a script's request is not what it should be; the text says why."""


@define(kw_only=True, eq=False)
class RoomPage:
    """The pages of all rooms."""

    contents: Contents
    """Where the rooms are."""
    visitors: Visitors = field(factory=Visitors)
    """Who is in them by these pages."""

    def show(self, request: web.BaseRequest, conversation_id: str) -> web.Response:
        """Return the page: 404 for an unknown conversation, 403 without the token of a private one, 410 once ended."""
        room = self.contents.rooms.get(conversation_id)
        if room is None:
            return notice(HTTPStatus.NOT_FOUND, "There is no such conversation", _NO_CONVERSATION, is_framed=True)
        if not room.admits(request.rel_url.query.get("t")):
            return notice(HTTPStatus.FORBIDDEN, "This conversation is private", _IS_PRIVATE, is_framed=True)
        status, state = (HTTPStatus.GONE, "Ended") if room.status == "ended" else (HTTPStatus.OK, "Active")
        texts = {"title": room.persona_name or "Conversation", "status": state, "conversation_id": conversation_id}
        return fill_page("room", status=status, is_framed=True, texts=texts)

    async def events(self, request: web.BaseRequest, conversation_id: str) -> web.StreamResponse:
        """Send the events of a room as they come, from `Last-Event-ID` or else `after` on."""
        query = request.rel_url.query
        room = self.contents.rooms.get(conversation_id)
        refused = _refusal(room, query.get("t"))
        if room is None or refused is not None:
            return refused or problem(HTTPStatus.NOT_FOUND, _NO_CONVERSATION)
        after = request.headers.get("Last-Event-ID", query.get("after", ""))
        return await stream_events(
            request,
            room,
            visitors=self.visitors,
            after=int(after) if after.isascii() and after.isdigit() and len(after) <= _LONGEST_SEQ else 0,
            participant_id=query.get("participant"),
        )

    async def act(self, request: web.BaseRequest, conversation_id: str, action: str) -> web.Response:
        """Let a visitor join, say something, or leave."""
        try:
            body = parse(await receive(request, most=_LARGEST_BODY))
        except RefusalError as refusal:
            return deliver(refusal.answer)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return problem(HTTPStatus.BAD_REQUEST, "The body must be a JSON object.")
        room = self.contents.rooms.get(conversation_id)
        token = body.get("token")
        refused = _refusal(room, token if isinstance(token, str) else None)
        if room is None or refused is not None:
            return refused or problem(HTTPStatus.NOT_FOUND, _NO_CONVERSATION)
        try:
            return json_reply(self._do(action, room, body))
        except _WrongBodyError as error:
            return problem(HTTPStatus.BAD_REQUEST, _as_sentence(error))
        except RoomError as error:
            return problem(HTTPStatus.GONE if room.status == "ended" else HTTPStatus.CONFLICT, _as_sentence(error))

    def _do(self, action: str, room: Room, body: JsonObject) -> JsonObject:
        if action == "join":
            name, token = _text(body, "name", most=_LONGEST_VISITOR_NAME), body.get("token")
            return {"participant_id": self.visitors.join(room, name, token if isinstance(token, str) else None)}
        participant_id = _text(body, "participant_id", most=_LONGEST_PARTICIPANT_ID)
        if action == "say":
            self.visitors.say(room, participant_id, _text(body, "text", most=_LONGEST_UTTERANCE))
        else:
            self.visitors.leave(room, participant_id)
        return {}


def _refusal(room: Room | None, token: str | None) -> web.Response | None:
    if room is None:
        return problem(HTTPStatus.NOT_FOUND, _NO_CONVERSATION)
    return None if room.admits(token) else problem(HTTPStatus.FORBIDDEN, _IS_PRIVATE)


def _text(body: JsonObject, name: str, *, most: int) -> str:
    text = body.get(name)
    text = text.strip() if isinstance(text, str) else ""
    if not text:
        raise _WrongBodyError(f"{name} must be a text, and not empty")
    if len(text) > most:
        raise _WrongBodyError(f"{name} may have {most:,} characters, not {len(text):,}")
    return text


def _as_sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
