"""Making sure that there is one persona of a name, however often, and by however many tasks, that is asked for."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import attrs

from tavus_async._bulk.session_part import SessionPart
from tavus_async._records.fields import schema_of
from tavus_async._records.record import Record
from tavus_async._settings.checks import is_blank
from tavus_async.errors import (
    AmbiguousOutcomeError,
    DecodeError,
    InvalidRequestError,
    ServerError,
    SessionClosedError,
    TavusError,
)
from tavus_async.resources.personas import calls
from tavus_async.resources.personas.records import CreatedPersona, Persona, PersonaDraft

RecordT = TypeVar("RecordT", bound=Record)

# Seconds between two looks for what a lost answer may have been about: a server that was cut off may be at work yet.
GAPS_BETWEEN_LOOKS = (0.0, 0.5, 1.0, 2.0)
# Of a persona that does not tell when it was created.
LAST = datetime.max.replace(tzinfo=UTC)


class PersonaSession(Protocol):
    """What ensuring a persona takes of a session."""

    async def find_personas(self, persona_name: str, *, timeout: float | None = None) -> list[Persona]:
        """Return the personas of a name."""
        ...

    async def get_persona(self, persona_id: str, *, timeout: float | None = None) -> Persona:
        """Return a persona."""
        ...

    async def create_persona(self, draft: PersonaDraft, *, timeout: float | None = None) -> CreatedPersona:
        """Create a persona."""
        ...

    async def update_persona(self, before: Persona, after: Persona, *, timeout: float | None = None) -> bool:
        """Change a persona."""
        ...


class NameLocks(SessionPart):
    """A lock for each name that somebody of this session is ensuring."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: dict[str, int] = {}

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncGenerator[None]:
        """Wait until nobody else is ensuring this name, and keep others waiting meanwhile."""
        lock = self._locks.setdefault(name, asyncio.Lock())
        self._users[name] = self._users.get(name, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._users[name] -= 1
            if not self._users[name]:
                del self._users[name], self._locks[name]

    async def aclose(self) -> None:
        """Do nothing: who waits for a lock gets it, and is told then that the session is closed."""


def name_of(draft: PersonaDraft) -> str:
    """Return the name of a draft that can be ensured; InvalidRequestError for one without, or that is no draft."""
    calls.create_persona(draft)  # what could not be created is refused before the list is read
    if draft.persona_name is None or is_blank(draft.persona_name):
        raise InvalidRequestError("a persona is ensured by its name: the draft needs a persona_name")
    return draft.persona_name


async def ensure(session: PersonaSession, draft: PersonaDraft, *, update: bool, timeout: float | None) -> Persona:
    """Return the oldest persona of the draft's name; if there is none, create it."""
    name = name_of(draft)
    found = await session.find_personas(name, timeout=timeout)
    if not found:
        return await create(session, draft, name=name, timeout=timeout)
    oldest = min(found, key=created_at)
    if not update:
        return oldest
    # Lists may leave something out.
    before = await session.get_persona(oldest.persona_id, timeout=timeout)
    if not await session.update_persona(before, merged(before, draft), timeout=timeout):
        return before
    return await session.get_persona(before.persona_id, timeout=timeout)


async def create(session: PersonaSession, draft: PersonaDraft, *, name: str, timeout: float | None) -> Persona:
    """Create a persona and return it, also if the answer to that was lost."""
    try:
        created = await session.create_persona(draft, timeout=timeout)
    except (AmbiguousOutcomeError, DecodeError, ServerError) as error:
        if isinstance(error, ServerError) and error.refused:
            raise
        found = await look_again(session, name, timeout=timeout)
        if found is None:
            raise
        return found
    return await session.get_persona(created.persona_id, timeout=timeout)


async def look_again(session: PersonaSession, name: str, *, timeout: float | None) -> Persona | None:
    """Return the persona that a create has made of which no answer came; None if there is none after some looks."""
    for gap in GAPS_BETWEEN_LOOKS:
        await asyncio.sleep(gap)
        try:
            found = await session.find_personas(name, timeout=timeout)
        except SessionClosedError:
            raise
        except TavusError:
            continue  # what became of the create matters more, and its error is raised in the end
        if found:
            return min(found, key=created_at)
    return None


def created_at(persona: Persona) -> datetime:
    """Return when a persona was created, by which the oldest is found."""
    return persona.created_at or LAST


def merged(record: RecordT, changes: Record) -> RecordT:
    """Return a record with the fields that another one has as well; of records within them, likewise."""
    values: dict[str, Any] = {}
    for name in schema_of(changes).names:
        value = getattr(changes, name)
        if isinstance(value, Record):
            if value:
                values[name] = merged(getattr(record, name), value)
        elif value is not None:
            values[name] = value
    extra: Mapping[str, Any] = {**record.extra, **changes.extra}
    return attrs.evolve(record, **values, extra=extra)
