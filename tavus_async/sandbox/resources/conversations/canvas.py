"""Canvas interactions: what people did with what a persona showed them."""

import math
from datetime import UTC, datetime

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, error
from tavus_async.sandbox.json import Json, JsonObject, same
from tavus_async.sandbox.limit import retry_after_headers
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.conversations.endpoints import find_conversation
from tavus_async.sandbox.resources.conversations.lifecycle import post_event
from tavus_async.sandbox.resources.conversations.messages import REQUESTS_PER_WINDOW, SECONDS_OF_WINDOW, too_many
from tavus_async.sandbox.resources.conversations.rules import is_on

_COMPONENTS = tuple(
    f"canvas.{name}"
    for name in ("question", "input", "calendar", "scheduling_embed", "text", "image", "video", "chart", "alert")
)
_TYPES = ("submit", "skip", "dismiss", "clear", "error", "heartbeat")
_LONGEST_ID = 128
_TOO_LATE = error("Canvas interactions can only be recorded while the conversation is active")
_NO_CANVAS = error("This conversation has no canvas")
_TAKEN = error("interaction_id was used for another interaction", 409)
_SUCCESS = Answer(body={"success": True})


def record_canvas_interaction(account: Account, request: Request) -> Answer:
    """Keep an interaction, once per `interaction_id`, and post it to the `callback_url`."""
    stored = find_conversation(account, request)
    key = ("canvas", request.address, stored.id)
    if wait := account.windows.take(key, most=REQUESTS_PER_WINDOW, seconds=SECONDS_OF_WINDOW):
        return too_many(retry_after_headers(math.ceil(wait / account.clock.speed), "seconds"))
    if account.rooms.get_active(stored.id) is None:
        return _TOO_LATE
    if not _has_canvas(stored.document()):
        return _NO_CANVAS
    given = request.json_object()
    if wrong := _problem(given):
        return error(wrong)
    interactions = stored.internal.setdefault("canvas", [])
    if not isinstance(interactions, list):
        raise TypeError(interactions)
    for known in interactions:
        if isinstance(known, dict) and known["interaction_id"] == given["interaction_id"]:
            return _SUCCESS if _is_repeated(known, given) else _TAKEN
    interaction: JsonObject = {
        "conversation_id": stored.id,
        **{name: given[name] for name in (*_IDENTITY, "metadata") if name in given},
        "created_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f"),
    }
    interactions.append(interaction)
    post_event(account, stored, "canvas.interaction", "canvas", dict(interaction))
    return _SUCCESS


def list_canvas_interactions(account: Account, request: Request) -> Answer:
    """Return all interactions, the oldest first."""
    interactions: Json = find_conversation(account, request).internal.get("canvas", [])
    return Answer(body={"data": interactions})


_IDENTITY = ("interaction_id", "tool_call_id", "component", "component_version", "type", "value")


def _has_canvas(document: JsonObject) -> bool:
    return not (is_on(document.get("audio_only")) or is_on(document.get("chat")) or document.get("meeting_url"))


def _is_repeated(known: JsonObject, given: JsonObject) -> bool:
    return all(same(known.get(name), given.get(name)) for name in _IDENTITY)


def _problem(given: JsonObject) -> str | None:
    for name in ("interaction_id", "tool_call_id"):
        value = given.get(name)
        if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_ID:
            return f"{name} must be a string of 1 to {_LONGEST_ID} characters"
    for name, choices in (("component", _COMPONENTS), ("component_version", ("v1",)), ("type", _TYPES)):
        if given.get(name) not in choices:
            return f"{name} must be one of: {', '.join(choices)}"
    metadata = given.get("metadata")
    return None if metadata is None or isinstance(metadata, dict) else "metadata must be an object"
