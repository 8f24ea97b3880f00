"""The conversations that a sandbox has from the start."""

import random
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from attrs import evolve

from tavus_async._settings.checks import display
from tavus_async.errors import ConfigurationError
from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import RefusalError
from tavus_async.sandbox.clock import Clock
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.json import Json, dump, parse
from tavus_async.sandbox.resources.conversations.endpoints import add_conversation, open_room, persona_of
from tavus_async.sandbox.resources.conversations.rules import problems
from tavus_async.sandbox.resources.conversations.views import addressed, replica_id
from tavus_async.sandbox.rooms import Room
from tavus_async.sandbox.seed import MOST_GENERATED, fill
from tavus_async.sandbox.vocabulary import Names, rename

__all__ = ["fill_conversations", "move_to"]

_FORMER_ROOMS = "https://tavus.daily.co"
_A_DAY = 86_400.0
_IN_PAL_WORDS: Names = MappingProxyType({(): MappingProxyType({"persona_id": "pal_id", "replica_id": "face_id"})})


def fill_conversations(account: Account, conversations: int | Iterable[Mapping[str, Any]], *, seed: int) -> None:
    """Add so many generated conversations, or those of the bodies; raises `ConfigurationError` for impossible ones."""
    if isinstance(conversations, Iterable):
        for body in conversations:
            _add(account, body)
    elif type(conversations) is int and 0 <= conversations <= MOST_GENERATED:
        collection, dice = account.collections["conversations"], random.Random(f"talks {seed}")  # noqa: S311
        fill(collection, conversations, seed=seed)
        for stored in collection:
            _live(stored, account, dice)
    else:
        raise ConfigurationError(
            f"conversations must be a number from 0 up to {MOST_GENERATED:,}, or bodies, not {display(conversations)}"
        )


def move_to(account: Account) -> None:
    """Let active conversations be found at the account's URL, which is known only now."""
    for conversation_id in account.rooms.active:
        stored = account.collections["conversations"].find(conversation_id)
        stored.replace(addressed(stored.document(), account.url))


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


def _live(stored: StoredObject, account: Account, dice: random.Random) -> None:
    """Let a generated conversation happen, on a clock of its own, as its story says."""
    document = stored.document()
    story: Any = document.pop("story")
    persona_ids = [persona.id for persona in account.collections["personas"]]
    if persona_ids:
        document["persona_id"] = dice.choice(persona_ids)
    persona = persona_of(account, document)
    began = datetime.fromisoformat(str(document["created_at"])).timestamp()
    clock = Clock(epoch=began)
    past = evolve(account, clock=clock, dice=dice, replies=tuple(story["replies"]))
    told = rename(document, _IN_PAL_WORDS) if story["words"] == "pal" else document
    stored.replace({**told, "status": "active", "conversation_url": f"{_FORMER_ROOMS}/{stored.id}"})
    open_room(past, stored, persona)
    room = past.rooms.get(stored.id)
    if room is not None:
        _act(room, story, clock, dice)


def _act(room: Room, story: Any, clock: Clock, dice: random.Random) -> None:
    clock.advance(dice.uniform(3, 20))
    if story["ending"] != "nobody comes":
        participant_id = room.join(story["visitor"])
        for text in story["says"]:
            clock.advance(dice.uniform(6, 20))
            room.say(participant_id, text)
        clock.advance(dice.uniform(3, 9))
        if story["ending"] == "leaves":
            room.leave(participant_id)
        elif story["ending"] == "ended":
            room.end("end_conversation_endpoint_hit")
    # Long enough for every timeout, and for all that is told afterwards.
    clock.advance(_A_DAY)
