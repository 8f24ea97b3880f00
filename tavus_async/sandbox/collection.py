"""The personas that a sandbox holds, in order of creation, as text that nobody else can change."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

from attrs import Factory, define, field

from tavus_async.sandbox.json import Json, JsonObject, dump, encode, load
from tavus_async.sandbox.resources.personas.views import as_read
from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = ["Entry", "Store", "timestamp"]


def timestamp() -> str:
    """Return the current time in the form that Tavus writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@define(kw_only=True)
class Entry:
    """One stored persona. Documents are made anew for every caller, read bodies once per vocabulary."""

    persona_id: str
    is_system: bool
    has_draft: bool = False
    """Whether PAL Maker holds changes that are not published."""
    _text: str = field(alias="text", repr=False)
    _bodies: dict[Vocabulary, bytes] = field(init=False, factory=dict[Vocabulary, bytes], repr=False)

    def document(self) -> JsonObject:
        """Return the persona with its secrets and defaults, in the store's names."""
        value = load(self._text)
        return value if isinstance(value, dict) else {}

    def view(self, vocabulary: Vocabulary) -> JsonObject:
        """Return the persona as reading shows it."""
        return as_read(self.document(), vocabulary)

    def body(self, vocabulary: Vocabulary) -> bytes:
        """Return `view` as the bytes of a body."""
        body = self._bodies.get(vocabulary)
        if body is None:
            body = self._bodies[vocabulary] = encode(self.view(vocabulary))
        return body

    def replace(self, document: JsonObject) -> None:
        """Hold *document* from now on."""
        self._text = dump(document)
        self._bodies.clear()


@define(kw_only=True)
class Store:
    """Personas by id; new ids come from *dice*."""

    _dice: random.Random = field(alias="dice", repr=False)
    _entries: dict[str, Entry] = field(init=False, default=Factory(dict[str, Entry]), repr=False)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def get(self, persona_id: str) -> Entry | None:
        """Return the persona, or None."""
        return self._entries.get(persona_id)

    def owned(self, persona_id: str) -> Entry | None:
        """Return the persona if the account may change it: a system persona is nobody's."""
        entry = self._entries.get(persona_id)
        return None if entry is None or entry.is_system else entry

    def add(self, document: JsonObject, *, is_system: bool = False) -> Entry:
        """Hold a stored *document* with its `persona_id`; raises `ValueError` if that is taken."""
        persona_id: Json = document.get("persona_id")
        if not isinstance(persona_id, str) or not persona_id:
            raise ValueError("a persona needs an id")
        if persona_id in self._entries:
            raise ValueError(f"there are two personas {persona_id!r}")
        entry = Entry(persona_id=persona_id, is_system=is_system, text=dump(document))
        self._entries[persona_id] = entry
        return entry

    def remove(self, entry: Entry) -> None:
        """Forget the persona."""
        del self._entries[entry.persona_id]

    def new_id(self) -> str:
        """Return an id that no stored persona has."""
        while (persona_id := f"p{self._dice.getrandbits(44):011x}") in self._entries:
            pass
        return persona_id
