"""What is sent into a conversation through the API: app messages, and the turns of a chat."""

from collections.abc import Mapping
from types import MappingProxyType

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, RefusalError, error
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.conversations.endpoints import find_conversation, find_room

__all__ = [
    "REQUESTS_PER_WINDOW",
    "SECONDS_OF_WINDOW",
    "UNDELIVERED",
    "get_chat_reply",
    "put_chat_turn",
    "send_app_message",
    "too_many",
]

REQUESTS_PER_WINDOW = 120
SECONDS_OF_WINDOW = 60.0

UNDELIVERED: Mapping[int, Answer] = MappingProxyType(
    {
        502: error("The app message could not be delivered. Please retry.", 502),
        504: error("The app message may have been delivered; check before retrying.", 504),
    }
)

_MOST_BYTES = 65_536
_TOO_LONG = error(f"Request body exceeds {_MOST_BYTES} bytes", 413)
_NOT_ACTIVE = error("App messages can only be sent to active conversations.")
_NO_EVENT = error("event_type is required")
_NO_TEXT = error("text is required")
_ACCEPTED = Answer(body={})


def send_app_message(account: Account, request: Request) -> Answer:
    """Hand a message to the persona, or to everybody in the room."""
    if len(request.body) > _MOST_BYTES:
        return _TOO_LONG
    stored = find_conversation(account, request)
    room = account.rooms.get_active(stored.id)
    if room is None:
        return _NOT_ACTIVE
    given = request.json_object()
    if not isinstance(given.get("event_type"), str):
        return _NO_EVENT
    if account.windows.take(("app messages", stored.id), most=REQUESTS_PER_WINDOW, seconds=SECONDS_OF_WINDOW):
        return too_many()
    room.send(given)
    return _ACCEPTED


def put_chat_turn(account: Account, request: Request) -> Answer:
    """Put a person's turn to the persona; its answer waits for `get_chat_reply`."""
    room, text = find_room(account, request), request.json_object().get("text")
    if not isinstance(text, str) or not text:
        raise RefusalError(_NO_TEXT)
    room.respond(text)
    return _ACCEPTED


def get_chat_reply(account: Account, request: Request) -> Answer:
    """Return the next answer of the persona, once, or that there is none yet."""
    reply = find_room(account, request).take_reply()
    return Answer(body={"status": "pending"} if reply is None else {"status": "ready", "text": reply})


def too_many(headers: Mapping[str, str] = MappingProxyType({})) -> Answer:
    """Return the refusal of more than 120 requests within a minute."""
    refusal = error("Too many requests", 429)
    return Answer(status=refusal.status, body=refusal.body, headers=headers)
