"""The endpoints of conversations themselves; what happens in them stands in `messages` and `canvas`."""

from collections.abc import Mapping
from types import MappingProxyType

from tavus_async.sandbox.account import Account, EndBody
from tavus_async.sandbox.answers import NO_CONTENT, Answer, RefusalError, error, message
from tavus_async.sandbox.collection import Collection, StoredObject, timestamp
from tavus_async.sandbox.json import JsonObject
from tavus_async.sandbox.listing import list_page
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.conversations import lifecycle, views
from tavus_async.sandbox.resources.conversations.rules import INVALID_REPLICA_ID, is_on, problems
from tavus_async.sandbox.resources.memory_stores.learning import open_store
from tavus_async.sandbox.rooms import Room

_NO_CREDITS = message("The user is out of conversational credits.", 402)
_TOO_MANY_AT_ONCE = message("User has reached maximum concurrent conversations", 400)
_NO_STATUS = error("status must be one of: active, ended")
_END_ANSWERS: Mapping[EndBody, Answer] = MappingProxyType(
    {"status": Answer(body={"status": "ended"}), "object": Answer(body={}), "empty": Answer()}
)
_TAVUS_SETS = ("conversation_id", "conversation_url", "status", "meeting_token", "created_at", "updated_at")


def find_conversation(account: Account, request: Request) -> StoredObject:
    """Return the conversation that the path names; raises `RefusalError` where there is none, or no longer."""
    conversations = account.collections["conversations"]
    found = conversations.find(request.params["conversation_id"])
    if found.internal.get("is_deleted"):
        raise RefusalError(conversations.definition.unknown)
    return found


def find_room(account: Account, request: Request) -> Room:
    """Return the room of the active conversation that the path names; raises `RefusalError` where there is none."""
    room = account.rooms.get_active(find_conversation(account, request).id)
    if room is None:
        raise RefusalError(account.collections["conversations"].definition.unknown)
    return room


def create_conversation(account: Account, request: Request) -> Answer:
    """Start a conversation."""
    body = request.json_object()
    given: JsonObject = {name: value for name, value in body.items() if value is not None and name not in _TAVUS_SETS}
    if wrong := problems(given):
        return error(wrong[0])
    persona = persona_of(account, given)
    replica_id = views.replica_id(given) or str(persona.get("default_replica_id") or "")
    if not replica_id or replica_id != "".join(replica_id.split()) or _is_deleted_replica(account, replica_id):
        return error(INVALID_REPLICA_ID)
    is_test = is_on(given.get("test_mode"))
    if not is_test:
        _admit(account)
    stored = add_conversation(account, {**given, "status": "ended" if is_test else "active"}, replica_id=replica_id)
    if not is_test:
        open_room(account, stored, persona)
    return Answer(body=views.as_created(stored.document()))


def add_conversation(account: Account, given: JsonObject, *, replica_id: str) -> StoredObject:
    """Store a conversation made of the body *given*, under a new id if it has none."""
    conversations, now = account.collections["conversations"], timestamp()
    conversation_id = given.get("conversation_id") or conversations.new_id()
    persona, replica = ("pal_id", "face_id") if views.speaks_pal(given) else ("persona_id", "replica_id")
    document: JsonObject = {
        "conversation_id": conversation_id,
        "conversation_name": given.get("conversation_name") or "",
        "status": given["status"],
        "callback_url": given.get("callback_url") or "",
        replica: replica_id,
        **({persona: given[persona]} if given.get(persona) else {}),
        "created_at": given.get("created_at") or now,
        "updated_at": given.get("updated_at") or now,
    }
    if _wants_auth(given) and not is_on(given.get("chat")):
        document["meeting_token"] = given.get("meeting_token") or f"{account.dice.getrandbits(160):040x}"
    kept = {name: value for name, value in given.items() if name not in document}
    document |= kept
    return conversations.add({**views.addressed(document, account.url), **kept})


def open_room(account: Account, stored: StoredObject, persona: JsonObject) -> None:
    """Open the room of an active conversation, and let its life begin."""
    document = stored.document()
    # In a chat nobody is greeted: a reply without a question would have no one to take it.
    name, token = str(persona.get("persona_name") or "Tavus"), document.get("meeting_token")
    greeting = document.get("custom_greeting") or persona.get("greeting") or f"Hello, this is {name}."
    properties, most = document.get("properties"), document.get("max_participants")
    lasts = properties.get("participant_absent_timeout") if isinstance(properties, dict) else None
    room = Room(
        conversation_id=stored.id,
        persona_name=name,
        greeting="" if is_on(document.get("chat")) else str(greeting),
        persona_id=views.persona_id(document),
        replica_id=views.replica_id(document),
        max_participants=most if isinstance(most, int) else None,
        token=token if isinstance(token, str) else None,
        token_lasts=float(lasts) if isinstance(lasts, int) else lifecycle.DEFAULT_ABSENCE,
        replies=account.replies,
        clock=account.clock,
        dice=account.dice,
    )
    open_store(account, room.persona_id, document.get("participant_tags"))
    lifecycle.start(account, stored, room, persona=persona)


def get_conversation(account: Account, request: Request) -> Answer:
    """Return the conversation, with its events if the query asks for them."""
    found = find_conversation(account, request)
    is_verbose = request.query.get("verbose", "").lower() == "true"
    return Answer(body=views.as_read_verbosely(found) if is_verbose else found.body(request.vocabulary))


def list_conversations(account: Account, request: Request) -> Answer:
    """Return a page of all conversations, the newest first, or of those that are "active" or "ended"."""
    wanted = request.query.get("status")
    if wanted not in {None, "", "active", "ended"}:
        return _NO_STATUS
    found = [
        conversation
        for conversation in _kept(account.collections["conversations"])
        if not wanted or (account.rooms.get_active(conversation.id) is not None) == (wanted == "active")
    ]
    found.reverse()
    return list_page(found, request)


def end_conversation(account: Account, request: Request) -> Answer:
    """End the conversation."""
    find_room(account, request).end("end_conversation_endpoint_hit")
    return _END_ANSWERS[account.end_body]


def delete_conversation(account: Account, request: Request) -> Answer:
    """Delete the conversation: hide it, or forget it if the query says *hard*; an active one ends."""
    found = find_conversation(account, request)
    room = account.rooms.get_active(found.id)
    if room is not None:
        room.end("daily_room_has_been_deleted")
    found.internal["is_deleted"] = True
    if request.query.get("hard", "").lower() == "true":
        found.internal["is_gone"] = True
        account.rooms.remove(found.id)
        account.collections["conversations"].remove(found)
    return NO_CONTENT


def persona_of(account: Account, given: JsonObject) -> JsonObject:
    """Return the persona that a body names, or an empty one; raises `RefusalError` where there is none of the name."""
    wanted = views.persona_id(given)
    return account.collections["personas"].find(wanted).document() if wanted else {}


def _is_deleted_replica(account: Account, replica_id: str) -> bool:
    # Tavus has many more than are stored here.
    found = account.collections["replicas"].get(replica_id)
    return found is not None and bool(found.internal.get("is_deleted"))


def _kept(conversations: Collection) -> list[StoredObject]:
    return [conversation for conversation in conversations if not conversation.internal.get("is_deleted")]


def _admit(account: Account) -> None:
    if account.credits is not None and account.credits < 1:
        raise RefusalError(_NO_CREDITS)
    if account.max_conversations is not None and len(account.rooms.active) >= account.max_conversations:
        raise RefusalError(_TOO_MANY_AT_ONCE)
    if account.credits is not None:
        account.credits -= 1


def _wants_auth(given: JsonObject) -> bool:
    properties = given.get("properties")
    inner = properties.get("require_auth") if isinstance(properties, dict) else None
    return is_on(given.get("require_auth")) or is_on(inner)
