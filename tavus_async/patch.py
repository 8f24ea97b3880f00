"""JSON Patch (RFC 6902): typed operations, and the smallest patch between two documents.

```python
from tavus_async import patch

await session.patch_persona("p5317866", [patch.replace("/persona_name", "Ada")])
```
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import attrs

from tavus_async._checks import is_text
from tavus_async._json import dumps
from tavus_async.errors import InvalidRequestError
from tavus_async.models._record import is_mapping, is_sequence

__all__ = ["Operation", "add", "copy", "diff", "move", "remove", "replace", "test"]

Op = Literal["add", "remove", "replace", "move", "copy", "test"]

_POINTER = re.compile(r"(/([^~/]|~[01])*)*")


@attrs.frozen
class Operation:
    """One operation of a JSON Patch; made by the functions of this module."""

    op: Op
    path: str
    value: Any = attrs.field(default=attrs.NOTHING, repr=False)
    source: str | None = None
    """Where `move` and `copy` take the value from; `from` on the wire."""

    def to_dict(self) -> dict[str, Any]:
        """Return the operation as RFC 6902 spells it."""
        body: dict[str, Any] = {"op": self.op, "path": self.path}
        if self.source is not None:
            body["from"] = self.source
        if self.value is not attrs.NOTHING:
            body["value"] = self.value
        return body


def add(path: str, value: Any) -> Operation:
    """Set a key, whether it is there or not, or insert into a list; `/-` at a list's end appends."""
    return Operation("add", pointer(path), value)


def remove(path: str) -> Operation:
    """Remove a key or a list's item, which must be there."""
    return Operation("remove", pointer(path))


def replace(path: str, value: Any) -> Operation:
    """Replace a value that must be there."""
    return Operation("replace", pointer(path), value)


def move(source: str, path: str) -> Operation:
    """Move a value to another place."""
    return Operation("move", pointer(path), source=pointer(source))


def copy(source: str, path: str) -> Operation:
    """Copy a value to another place."""
    return Operation("copy", pointer(path), source=pointer(source))


def test(path: str, value: Any) -> Operation:
    """Let the whole patch fail unless this value is there."""
    return Operation("test", pointer(path), value)


def pointer(path: str) -> str:
    """Take a JSON Pointer (RFC 6901); InvalidRequestError for what is none."""
    if not is_text(path) or not _POINTER.fullmatch(path):
        raise InvalidRequestError(f"a path must be a JSON Pointer such as /layers/llm/model, not {path!r}")
    return path


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Operation]:
    """Return the smallest patch, in bytes, that turns one JSON document into another.

    A key that *before* lacks is added, so the patch also works on a stored document that has it after all.
    Lists are compared from both ends; of the ways to change a value the shortest is taken.
    """
    return changes("", before, after)


def changes(path: str, before: Any, after: Any) -> list[Operation]:
    """Return the operations that turn one value into another at this path."""
    if is_same(before, after):
        return []
    whole = [Operation("replace", path, after)]
    if is_mapping(before) and is_mapping(after):
        parts = object_changes(path, before, after)
    elif is_sequence(before) and is_sequence(after):
        parts = list_changes(path, before, after)
    else:
        return whole
    return parts if size(parts) <= size(whole) or not path else whole


def object_changes(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Operation]:
    """Return the operations that turn one object into another, key by key."""
    operations = [Operation("remove", f"{path}/{escape(key)}") for key in before if key not in after]
    for key, value in after.items():
        place = f"{path}/{escape(key)}"
        operations += changes(place, before[key], value) if key in before else [Operation("add", place, value)]
    return operations


def list_changes(path: str, before: Sequence[Any], after: Sequence[Any]) -> list[Operation]:
    """Return the operations that turn one list into another, apart from what is equal at both ends."""
    shorter = min(len(before), len(after))
    head = next((index for index in range(shorter) if not is_same(before[index], after[index])), shorter)
    tail = 0
    while tail < shorter - head and is_same(before[-1 - tail], after[-1 - tail]):
        tail += 1
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    both = min(len(old), len(new))
    operations: list[Operation] = []
    for offset in range(both):
        operations += changes(f"{path}/{head + offset}", old[offset], new[offset])
    place = head + both
    operations += [Operation("remove", f"{path}/{place}") for _ in old[both:]]
    operations += [Operation("add", f"{path}/{place + offset}", value) for offset, value in enumerate(new[both:])]
    return operations


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are the same; unlike Python, JSON tells true from 1, and 1 is 1.0."""
    if is_mapping(one) and is_mapping(other):
        return one.keys() == other.keys() and all(is_same(value, other[key]) for key, value in one.items())
    if is_sequence(one) and is_sequence(other):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def size(operations: Iterable[Operation]) -> int:
    """Return how many bytes a patch takes."""
    return sum(len(dumps(operation.to_dict())) + 1 for operation in operations)


def escape(key: str) -> str:
    """Spell a key as a part of a JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")
