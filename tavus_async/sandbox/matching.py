"""Filters that lists of several resources have in common."""

from collections.abc import Iterable

from tavus_async.sandbox.answers import RefusalError, error
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.json import Json
from tavus_async.sandbox.request import Request

__all__ = ["is_called", "is_owned_as_asked", "is_tagged"]

_OWNERS = ("user", "system", "all")


def is_owned_as_asked(stored: StoredObject, request: Request) -> bool:
    """Return whether an object is the account's or Tavus', as the filter `type` has it; by default the account's.

    Raises `RefusalError` for another word.
    """
    wanted = request.query.get("type") or "user"
    if wanted not in _OWNERS:
        raise RefusalError(error(f"Invalid request: type must be one of: {', '.join(_OWNERS)}"))
    return wanted == "all" or stored.is_system == (wanted == "system")


def is_called(stored: StoredObject, names: Iterable[Json], request: Request) -> bool:
    """Return whether the filter `name_or_uuid` is the id of an object, or a part of one of its *names*."""
    wanted = request.query.get("name_or_uuid", "").strip().lower()
    return (
        not wanted
        or stored.id.lower() == wanted
        or any(wanted in name.lower() for name in names if isinstance(name, str))
    )


def is_tagged(tags: Json, request: Request, name: str = "tags") -> bool:
    """Return whether one of an object's *tags* is among those of the filter *name*, which has commas between them."""
    wanted = {tag.strip() for tag in request.query.get(name, "").split(",")} - {""}
    return not wanted or (isinstance(tags, list) and any(tag in wanted for tag in tags if isinstance(tag, str)))
