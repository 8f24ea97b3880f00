"""JSON Patch (RFC 6902): typed operations, and the smallest patch between two documents.

```python
from tavus_async import patch

await session.patch_persona("p5317866", [patch.replace("/persona_name", "Ada")])
```
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal, get_args

import attrs

from tavus_async._records.immutable import is_mapping, is_sequence, thaw
from tavus_async._records.json import dumps
from tavus_async._records.secrets import CREDENTIAL_NAMES, MASK, Secret, hidden, shown
from tavus_async._settings.checks import is_text, of_kind
from tavus_async.errors import InvalidRequestError

__all__ = ["Operation", "add", "copy", "diff", "move", "read", "remove", "replace", "test"]

Op = Literal["add", "remove", "replace", "move", "copy", "test"]

_POINTER = re.compile(r"(/([^~/]|~[01])*)*")
_WITH_VALUE = ("add", "replace", "test")
_WITH_SOURCE = ("move", "copy")


def pointer(path: str) -> str:
    """Take a JSON Pointer (RFC 6901); InvalidRequestError for what is none."""
    if not is_text(path) or not _POINTER.fullmatch(path):
        raise InvalidRequestError(f"a path must be a JSON Pointer such as /layers/llm/model, not {path!r}")
    return path


def check_path(_operation: object, _attribute: object, path: str) -> None:
    """Take a JSON Pointer; InvalidRequestError for what is none."""
    pointer(path)


@attrs.frozen
class Operation:
    """One operation of a JSON Patch; made by the functions of this module."""

    op: Op
    path: str = attrs.field(validator=check_path)
    value: Any = attrs.field(default=None, repr=False)
    source: str | None = None
    """Where `move` and `copy` take the value from; `from` on the wire."""

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> "Operation":
        """Read an operation as RFC 6902 spells it; InvalidRequestError for what is none."""
        body = hidden(body)
        of_kind("an operation", shown(body), Mapping, error=InvalidRequestError)
        op: Any = shown(body).get("op")
        path: Any = shown(body).get("path")
        source: Any = shown(body).get("from")
        if op not in get_args(Op):
            raise InvalidRequestError(f"an operation's op must be one of {', '.join(get_args(Op))}, not {op!r}")
        if (op in _WITH_VALUE) is not ("value" in shown(body)):
            raise InvalidRequestError(f"the operation {op} {'needs a' if op in _WITH_VALUE else 'has no'} value")
        if (op in _WITH_SOURCE) is not (source is not None):
            raise InvalidRequestError(f"the operation {op} {'needs a' if op in _WITH_SOURCE else 'has no'} from")
        unknown = shown(body).keys() - {"op", "path", "from", "value"}
        if unknown:
            raise InvalidRequestError(f"an operation has no {min(map(repr, unknown))}")
        return cls(op, pointer(path), shown(body).get("value"), source and pointer(source))

    def to_dict(self) -> dict[str, Any]:
        """Return the operation as RFC 6902 spells it."""
        body: dict[str, Any] = {"op": self.op, "path": self.path}
        if self.source is not None:
            body["from"] = self.source
        if self.op in _WITH_VALUE:
            body["value"] = thaw(self.value, Secret.reveal)
        return body


def add(path: str, value: Any) -> Operation:
    """Set a key, whether it is there or not, or insert into a list; `/-` at a list's end appends."""
    return Operation("add", path, value)


def remove(path: str) -> Operation:
    """Remove a key or a list's item, which must be there."""
    return Operation("remove", path)


def replace(path: str, value: Any) -> Operation:
    """Replace a value that must be there."""
    return Operation("replace", path, value)


def move(source: str, path: str) -> Operation:
    """Move a value to another place."""
    return Operation("move", path, source=pointer(source))


def copy(source: str, path: str) -> Operation:
    """Copy a value to another place."""
    return Operation("copy", path, source=pointer(source))


def test(path: str, value: Any) -> Operation:
    """Let the whole patch fail unless this value is there."""
    return Operation("test", path, value)


def read(operations: Iterable[Operation | Mapping[str, Any]]) -> list[Operation]:
    """Return the operations of a patch, also of those that are spelled as RFC 6902 does.

    Raises InvalidRequestError for a patch without any, and for what is no operation.
    """
    operations = hidden(operations)
    of_kind("operations", shown(operations), Iterable, error=InvalidRequestError)
    if is_mapping(shown(operations)) or is_text(shown(operations)):
        raise InvalidRequestError(f"operations must be a list of them, not one {type(shown(operations)).__name__}")
    steps = [step if isinstance(step, Operation) else Operation.from_dict(hidden(step)) for step in shown(operations)]
    if not steps:
        raise InvalidRequestError("a patch needs at least one operation")
    return steps


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Operation]:
    """Return the smallest patch, in bytes, that turns one JSON document into another.

    A key that *before* lacks is added, so the patch also works on a stored document that has it after all.
    An object in which the server hides something (`api_key`, `headers`, what is shown as `***`) is never replaced
    as a whole: that would store the asterisks. Raises InvalidRequestError for what is no JSON object.
    """
    for name, document in (("before", before), ("after", after)):
        of_kind(name, document, Mapping, error=InvalidRequestError)
    try:
        return object_changes("", before, after)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    del before, after, document  # which may hold secrets, as local variables of the traceback
    raise InvalidRequestError(f"the documents cannot be compared as JSON: {reason}")


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
    return parts if hides(before) or size(parts) <= size(whole) else whole


def object_changes(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Operation]:
    """Return the operations that turn one object into another, key by key."""
    operations = [Operation("remove", f"{path}/{escape(key)}") for key in before if key not in after]
    for key, value in after.items():
        place = f"{path}/{escape(key)}"
        operations += changes(place, before[key], value) if key in before else [Operation("add", place, value)]
    return operations


def list_changes(path: str, before: Sequence[Any], after: Sequence[Any]) -> list[Operation]:
    """Return the operations that turn one list into another, from its begin to its end, around what both have."""
    texts = [[dumps(thaw(item, Secret.reveal)) for item in items] for items in (before, after)]
    matcher = SequenceMatcher(None, texts[0], texts[1])
    operations: list[Operation] = []
    for _, old_start, old_end, start, end in matcher.get_opcodes():
        old, new = before[old_start:old_end], after[start:end]
        both = min(len(old), len(new))
        # What lies before has been changed already, so places are those of the new list.
        for index in range(both):
            operations += changes(f"{path}/{start + index}", old[index], new[index])
        operations += [Operation("remove", f"{path}/{start + both}")] * len(old[both:])
        operations += [Operation("add", f"{path}/{start + index}", new[index]) for index in range(both, len(new))]
    return operations


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are the same; unlike Python, JSON tells true from 1, and 1 is 1.0."""
    if is_mapping(one) and is_mapping(other):
        return one.keys() == other.keys() and all(is_same(value, other[key]) for key, value in one.items())
    if is_sequence(one) and is_sequence(other):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def hides(value: Any) -> bool:
    """Tell whether a document shows something in here only masked."""
    if is_mapping(value):
        return any(inner if key in CREDENTIAL_NAMES else hides(inner) for key, inner in value.items())
    if is_sequence(value):
        return any(map(hides, value))
    return isinstance(value, Secret) or (isinstance(value, str) and MASK in value)


def size(operations: Iterable[Operation]) -> int:
    """Return how many bytes a patch takes."""
    return sum(len(dumps(operation.to_dict())) + 1 for operation in operations)


def escape(key: str) -> str:
    """Spell a key as a part of a JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def split_pointer(path: str) -> list[str]:
    """Return the parts of a JSON Pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def join_pointer(parts: Iterable[str]) -> str:
    """Return the JSON Pointer of its parts."""
    return "".join(f"/{escape(part)}" for part in parts)
