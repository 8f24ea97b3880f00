"""All that one sandbox holds: what its endpoints work on."""

import random
from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import define, field

from tavus_async.sandbox.callbacks import CallbackSender
from tavus_async.sandbox.clock import Clock
from tavus_async.sandbox.collection import Collection
from tavus_async.sandbox.rooms import Rooms
from tavus_async.sandbox.windows import RequestWindows

__all__ = ["Account", "EndBody"]

EndBody: TypeAlias = Literal["status", "object", "empty"]


@define(kw_only=True, eq=False)
class Account:
    """The objects of one account, and what makes them live."""

    collections: Mapping[str, Collection]
    """The objects by the names of their resources."""
    clock: Clock
    """The time of Tavus."""
    callbacks: CallbackSender
    """Posts events to where clients want them."""
    dice: random.Random = field(repr=False)
    """For what has no rule."""
    rooms: Rooms = field(factory=Rooms)
    """The rooms of conversations."""
    windows: RequestWindows = field(repr=False)
    """Limits of single endpoints."""
    url: str = ""
    """The base URL of the sandbox while it runs."""
    credits: int | None = None
    """How many conversations may still be started; None is endless."""
    max_conversations: int | None = None
    """How many may be active at once; None is endless."""
    replies: tuple[str, ...] = field(default=(), repr=False)
    """What personas answer, in each conversation from the first on; then they repeat what they hear."""
    end_body: EndBody = "status"
    """How ending a conversation is answered."""
