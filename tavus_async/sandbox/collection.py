"""The objects of one resource, in order of creation, as text that nobody else can change."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TypeAlias

from attrs import define, field, frozen

from tavus_async.sandbox.answers import Answer, RefusalError
from tavus_async.sandbox.json import JsonObject, dump, encode, load
from tavus_async.sandbox.vocabulary import Names, Vocabulary

__all__ = ["Collection", "ResourceDefinition", "StoredObject", "timestamp"]

_NO_NAMES: Names = MappingProxyType({})

View: TypeAlias = Callable[[JsonObject, Vocabulary], JsonObject]


def timestamp() -> str:
    """Return the current time in the form that Tavus writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@frozen(kw_only=True)
class ResourceDefinition:
    """What tells the objects of one resource from those of another."""

    name: str
    """As in paths: `personas`."""
    noun: str
    """One of them: `persona`, whose id is the `persona_id`."""
    id_prefix: str
    """What new ids begin with."""
    unknown: Answer
    """The answer where there is no object of an id."""
    malformed: Answer | None = None
    """The answer for an id that does not begin as ids do; None where it is the same."""
    incoming: Names = field(default=_NO_NAMES, repr=False)
    """Translates the names of PALs and faces, in what comes in, to those in which objects are stored."""
    view: View
    """Makes what reading shows, in either vocabulary, from a stored document, which it leaves alone."""

    @property
    def id_name(self) -> str:
        """Return the name of the field that holds the id."""
        return f"{self.noun}_id"

    def answer_unknown(self, object_id: str) -> Answer:
        """Return the answer where there is no object of this id."""
        if self.malformed is not None and not object_id.startswith(self.id_prefix):
            return self.malformed
        return self.unknown


@define(kw_only=True)
class StoredObject:
    """One object; its documents are made anew for every caller, its bodies once per vocabulary."""

    id: str
    """In its document too, as the definition names it."""
    is_system: bool
    """Whether it belongs to Tavus: everybody may read it, nobody may change it."""
    internal: JsonObject = field(init=False, factory=dict, repr=False)
    """What the server remembers of it and no answer shows."""
    _view: View = field(alias="view", repr=False)
    _text: str = field(alias="text", repr=False)
    _bodies: dict[Vocabulary, bytes] = field(init=False, factory=dict[Vocabulary, bytes], repr=False)

    def document(self) -> JsonObject:
        """Return what is held: secrets and defaults included, in the names of personas and replicas."""
        value = load(self._text)
        return value if isinstance(value, dict) else {}

    def view(self, vocabulary: Vocabulary) -> JsonObject:
        """Return what reading shows."""
        return self._view(self.document(), vocabulary)

    def body(self, vocabulary: Vocabulary) -> bytes:
        """Return `view` as the bytes of a body."""
        body = self._bodies.get(vocabulary)
        if body is None:
            body = self._bodies[vocabulary] = encode(self.view(vocabulary))
        return body

    def replace(self, document: JsonObject) -> None:
        """Store *document* instead."""
        self._text = dump(document)
        self._bodies.clear()


@define(kw_only=True)
class Collection:
    """The objects of one resource by their ids; new ids come from *dice*."""

    definition: ResourceDefinition
    """What is held."""
    _dice: random.Random = field(alias="dice", repr=False)
    _objects: dict[str, StoredObject] = field(init=False, factory=dict[str, StoredObject], repr=False)

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[StoredObject]:
        return iter(self._objects.values())

    def get(self, object_id: str) -> StoredObject | None:
        """Return the object, or None."""
        return self._objects.get(object_id)

    def find(self, object_id: str) -> StoredObject:
        """Return the object; raises `RefusalError` where there is none."""
        found = self._objects.get(object_id)
        if found is None:
            raise RefusalError(self.definition.answer_unknown(object_id))
        return found

    def find_owned(self, object_id: str) -> StoredObject:
        """Return the object if the account may change it; raises `RefusalError` for all others."""
        found = self.find(object_id)
        if found.is_system:
            raise RefusalError(self.definition.unknown)
        return found

    def add(self, document: JsonObject, *, is_system: bool = False) -> StoredObject:
        """Store *document* under its id, or a new one if it has none; raises `ValueError` for a bad or taken id."""
        name, id_name = self.definition.name, self.definition.id_name
        if id_name not in document:
            document = {id_name: self.new_id(), **document}
        object_id = document[id_name]
        if not isinstance(object_id, str) or not object_id:
            raise ValueError(f"{id_name} must be a string, and not empty")
        if object_id in self._objects:
            raise ValueError(f"there are two {name} {object_id!r}")
        stored = StoredObject(id=object_id, is_system=is_system, text=dump(document), view=self.definition.view)
        self._objects[object_id] = stored
        return stored

    def remove(self, stored: StoredObject) -> None:
        """Delete the object."""
        del self._objects[stored.id]

    def new_id(self) -> str:
        """Return an id that no stored object has."""
        while (object_id := f"{self.definition.id_prefix}{self._dice.getrandbits(44):011x}") in self._objects:
            pass
        return object_id
