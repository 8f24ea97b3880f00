"""The conversations that a sandbox has from the start."""

from collections.abc import Iterable, Mapping
from typing import Any

from tavus_async.errors import ConfigurationError
from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import RefusalError
from tavus_async.sandbox.json import Json, dump, parse
from tavus_async.sandbox.resources.conversations.endpoints import add_conversation, open_room, persona_of
from tavus_async.sandbox.resources.conversations.rules import problems
from tavus_async.sandbox.resources.conversations.views import replica_id

__all__ = ["fill_conversations", "move_to"]


def fill_conversations(account: Account, conversations: int | Iterable[Mapping[str, Any]]) -> None:
    """Add so many generated conversations, or those of the bodies; raises `ConfigurationError` for impossible ones."""
    if isinstance(conversations, Iterable):
        for body in conversations:
            _add(account, body)
    elif type(conversations) is not int or conversations < 0:
        raise ConfigurationError(f"conversations must be a number from 0 up, or bodies, not {conversations!r}")


def move_to(account: Account) -> None:
    """Let active conversations be found at the account's URL, which is known only now."""
    for conversation_id in account.rooms.active:
        stored = account.collections["conversations"].find(conversation_id)
        document = stored.document()
        url = document.get("conversation_url")
        if isinstance(url, str):
            _, slash, rest = url.partition("/c/")
            stored.replace({**document, "conversation_url": f"{account.url}{slash}{rest}"})


def _add(account: Account, body: Mapping[str, Any]) -> None:
    try:
        given: Any = parse(dump({"status": "active", **body}).encode())
        persona = persona_of(account, given)
        replica = replica_id(given) or str(persona.get("default_replica_id") or "")
        if wrong := [*problems(given), *_missing(given["status"], replica)]:
            raise ConfigurationError(f"not a conversation: {wrong[0]}")
        events = given.pop("events", [])
        stored = add_conversation(account, given, replica_id=replica)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"not a conversation: {error}") from None
    except RefusalError:
        raise ConfigurationError(f"there is no persona {body.get('persona_id') or body.get('pal_id')!r}") from None
    stored.internal["events"] = events
    if given["status"] == "active":
        open_room(account, stored, persona)


def _missing(status: Json, replica: str) -> list[str]:
    found = [] if status in {"active", "ended"} else ["status must be active or ended"]
    return found if replica else [*found, "it needs a replica_id, or a persona that has one"]
