"""The endpoints of conversations: https://docs.tavus.io/api-reference/conversations"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import attrs

from tavus_async._records.body import body_of
from tavus_async._records.immutable import is_mapping, keep, refuse_depth, thaw
from tavus_async._records.json import is_list, is_object, load
from tavus_async._records.record import Record, misfits
from tavus_async._records.secrets import Hidden, Secret, hidden, shown
from tavus_async._records.spelling import secrets_in
from tavus_async._settings.checks import of_kind
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.answers import Reader, kind_of, reader
from tavus_async._wire.call import Call, encode
from tavus_async._wire.resource import Resource, as_draft, refuse_misfits
from tavus_async.errors import DecodeError, InvalidRequestError
from tavus_async.resources._filters import check_words
from tavus_async.resources.conversations.records import (
    CanvasInteraction,
    CanvasInteractionDraft,
    Conversation,
    ConversationDraft,
)

CONVERSATIONS = Resource(
    path="/v2/conversations",
    renamed_path="/v2/conversations",  # of which the bodies are spelled anew, and not the path
    record=Conversation,
    id_name="conversation_id",
    list_keys=("data", "conversations"),
)
STATUSES = ("active", "ended")
MESSAGE_LIMIT = 65_536
"""Bytes of an app message that the server takes."""
LONGEST_ID = 128
"""Characters of a canvas interaction's ids that the server takes."""
NOT_DELIVERED = 502
"""The status by which an app message is said not to have reached anybody."""


def create_conversation(draft: ConversationDraft | Mapping[str, Any]) -> Call[Conversation]:
    """Create Conversation: https://docs.tavus.io/api-reference/conversations/create-conversation"""
    draft = hidden(draft, texts=True)
    draft = as_draft(ConversationDraft, draft)
    call = CONVERSATIONS.create(draft, Conversation, name=draft.conversation_name, find="find_conversations")
    check_draft(draft)
    return call


def check_draft(draft: ConversationDraft) -> None:
    """Validate what the server refuses for certain; InvalidRequestError with the rule."""
    if not (draft.persona_id or draft.replica_id):
        raise InvalidRequestError("a conversation needs a persona_id or a replica_id")
    if is_on(draft.chat) and is_on(draft.audio_only):
        raise InvalidRequestError("a conversation is in chat or audio_only, not both")
    if draft.max_participants is not None and draft.max_participants < 2:  # noqa: PLR2004
        raise InvalidRequestError("max_participants counts the persona too: it must be 2 or more")


def is_on(value: object) -> bool:
    """Return whether a switch is on: the API's documentation also spells booleans as texts."""
    return value in {True, "true"}


def get_conversation(conversation_id: str, *, verbose: bool = False) -> Call[Conversation]:
    """Get Conversation: https://docs.tavus.io/api-reference/conversations/get-conversation"""
    of_kind("verbose", verbose, bool, error=InvalidRequestError)
    return CONVERSATIONS.get(conversation_id, verbose=verbose or None)


@forget_refused
def list_conversations_page(*, page: int = 1, limit: int = 10, status: str | None = None) -> Call[Page[Conversation]]:
    """List Conversations: https://docs.tavus.io/api-reference/conversations/get-conversations"""
    check_words("status", status, STATUSES)
    return CONVERSATIONS.list_page(page=page, limit=limit, status=status)


def end_conversation(conversation_id: str) -> Call[None]:
    """End Conversation: https://docs.tavus.io/api-reference/conversations/end-conversation"""
    # An end costs nothing, and each second of waiting for it does.
    return attrs.evolve(CONVERSATIONS.act(conversation_id, "end"), repeatable=True, goes_first=True)


def delete_conversation(conversation_id: str, *, hard: bool = False) -> Call[None]:
    """Delete Conversation: https://docs.tavus.io/api-reference/conversations/delete-conversation"""
    of_kind("hard", hard, bool, error=InvalidRequestError)  # of "no", too much would be lost
    return CONVERSATIONS.delete(conversation_id, hard=hard or None)


def send_app_message(conversation_id: str, message: Record | Mapping[str, Any]) -> Call[None]:
    """Send App Message: https://docs.tavus.io/api-reference/conversations/send-app-message"""
    message = hidden(message, texts=True)
    CONVERSATIONS.item_path(conversation_id)  # before there is a body, which tracebacks would show
    body, secrets = message_body(message)
    call = CONVERSATIONS.act(conversation_id, "send-app-message", body)
    return attrs.evolve(call, secrets=secrets, refusals=frozenset({NOT_DELIVERED}), has_own_limit=True, changes=None)


def message_body(message: Any) -> tuple[bytes, tuple[Secret, ...]]:
    """Return the body of an app message, and the secrets in it; InvalidRequestError for what is none."""
    if isinstance(message, Record):
        refuse_misfits("the message", misfits(message))
        message = Hidden(body_of(message, secret=keep))
    if not is_mapping(shown(message)) or not isinstance(shown(message).get("event_type"), str):
        raise InvalidRequestError("a message must be one of tavus_async.interactions, or a mapping with an event_type")
    refuse_depth(Hidden(shown(message)))
    body = encode(thaw(shown(message), Secret.reveal))
    size = len(body)
    if size > MESSAGE_LIMIT:
        del body  # which may hold secrets, as a local variable of the traceback
        raise InvalidRequestError(f"a message must have at most {MESSAGE_LIMIT:,} bytes, and this has {size:,}")
    return body, secrets_in(shown(message))


def list_canvas_interactions(conversation_id: str) -> Call[tuple[CanvasInteraction, ...]]:
    """List Canvas Interactions: https://docs.tavus.io/api-reference/canvas-interactions/list-canvas-interactions"""
    path, _ = CONVERSATIONS.item_path(conversation_id)
    decode = partial(decode_interactions, reader(CanvasInteraction), conversation_id)
    return Call(method="GET", path=f"{path}/canvas/interactions", decode=decode)


def decode_interactions(
    read: Reader[CanvasInteraction], conversation_id: str, body: bytes
) -> tuple[CanvasInteraction, ...]:
    """Read the list of interactions; DecodeError where it is none, an item has no id, or is of another conversation."""
    value = load(body)
    items, path = (value.get("data"), "$.data") if is_object(value) else (value, "$")
    if not is_list(items):
        raise DecodeError(path=path, expected="a list of interactions", got=kind_of(items))
    for index, item in enumerate(items):
        if not is_object(item) or not isinstance(item.get("interaction_id"), str):
            raise DecodeError(path=f"{path}[{index}]", expected="an object with an interaction_id", got=kind_of(item))
        if item.get("conversation_id") not in (None, conversation_id):
            expected = f"the conversation_id {conversation_id}"
            raise DecodeError(path=f"{path}[{index}].conversation_id", expected=expected, got="another one")
    return tuple([read(item, None) for item in items])


def record_canvas_interaction(conversation_id: str, draft: CanvasInteractionDraft | Mapping[str, Any]) -> Call[None]:
    """Record Canvas Interaction: https://docs.tavus.io/api-reference/canvas-interactions/record-canvas-interaction"""
    draft = hidden(draft, texts=True)
    CONVERSATIONS.item_path(conversation_id)  # before there is a body, which tracebacks would show
    draft = as_draft(CanvasInteractionDraft, draft)
    refuse_misfits("the draft", misfits(draft))
    for name in ("interaction_id", "tool_call_id"):
        if not 1 <= len(getattr(draft, name) or "") <= LONGEST_ID:
            raise InvalidRequestError(f"{name} must have 1 to {LONGEST_ID} characters")
    missing = [name for name in ("component", "component_version", "type") if not getattr(draft, name)]
    if missing:
        raise InvalidRequestError(f"an interaction needs {' and '.join(missing)}")
    refuse_depth(Hidden(body_of(draft, secret=keep)))
    call = CONVERSATIONS.act(conversation_id, "canvas/interactions", encode(draft.to_dict()))
    # Its id makes a second one of the same do nothing.
    secrets = secrets_in(body_of(draft, secret=keep))
    return attrs.evolve(call, repeatable=True, has_own_limit=True, changes=None, secrets=secrets)
