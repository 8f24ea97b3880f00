"""JSON Patch (RFC 6902): typed operations, and the smallest patch between two documents.

```python
from tavus_async import patch

await session.patch_persona("p5317866", [patch.replace("/persona_name", "Ada")])
```
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from types import NoneType
from typing import Any, Literal, get_args

import attrs

from tavus_async._records.immutable import freeze, is_mapping, is_sequence, refuse_depth, thaw
from tavus_async._records.json import TOO_DEEP, dumps
from tavus_async._records.secrets import MASK, Hidden, Secret, hidden, holds_secrets, shown
from tavus_async._settings.checks import describe, display, is_one_of, is_text, of_kind
from tavus_async._settings.refused import forget_refused
from tavus_async.errors import InvalidRequestError

__all__ = ["Operation", "add", "copy", "diff", "move", "read", "remove", "replace", "test"]

Op = Literal["add", "remove", "replace", "move", "copy", "test"]

_POINTER = re.compile(r"(/([^~/]|~[01])*)*")
_WITH_VALUE = ("add", "replace", "test")
_WITH_SOURCE = ("move", "copy")
# The classes of JSON values that hold no others.
SINGLE = (str, int, float, NoneType, Secret)


def _pointer(path: Any) -> str:
    path = hidden(path)  # a mapping, which may hold secrets, instead of a text
    if not is_text(path) or not _POINTER.fullmatch(path):
        raise InvalidRequestError(f"a path must be a JSON Pointer such as /layers/llm/model, not {_shown(path)}")
    return path


def _shown(value: object) -> str:
    """Show a text that is not what it should be; of anything else, which may hold secrets, what it is."""
    return display(value) if is_text(value) else describe(shown(value))


@attrs.frozen
class Operation:
    """One operation of a JSON Patch, as the functions of this module make it."""

    op: Op
    """What to do, in the words of RFC 6902."""
    path: str = attrs.field(validator=lambda _operation, _attribute, path: _pointer(path))
    """A JSON Pointer (RFC 6901), as `/layers/llm/model`; InvalidRequestError for what is none."""
    value: Any = attrs.field(default=None, repr=False, hash=False)
    """What `add`, `replace` and `test` take, as a copy that nobody can change; it may be a secret, so it is not shown.

    InvalidRequestError for one that is nested more than 200 levels deep.
    """
    source: str | None = None
    """Where `move` and `copy` take the value from; `from` on the wire."""

    @forget_refused
    def __init__(self, op: Op, path: str, value: Any = None, source: str | None = None) -> None:
        held = Hidden(shown(value))
        del value
        refuse_depth(held)
        made: Any = self
        made.__attrs_init__(op, path, freeze(held.given), source)  # which attrs has made

    @classmethod
    @forget_refused
    def from_dict(cls, body: Mapping[str, Any]) -> "Operation":
        """Read an operation that is spelled as in RFC 6902; InvalidRequestError for what is none."""
        body = hidden(body, texts=True)
        of_kind("an operation", shown(body), Mapping, error=InvalidRequestError)
        op, path, source = (hidden(shown(body).get(name)) for name in ("op", "path", "from"))
        if not is_one_of(op, get_args(Op)):
            raise InvalidRequestError(f"an operation's op must be one of {', '.join(get_args(Op))}, not {_shown(op)}")
        if (op in _WITH_VALUE) is not ("value" in shown(body)):
            raise InvalidRequestError(f"the operation {op} {'needs a' if op in _WITH_VALUE else 'has no'} value")
        if (op in _WITH_SOURCE) is not (source is not None):
            raise InvalidRequestError(f"the operation {op} {'needs a' if op in _WITH_SOURCE else 'has no'} from")
        unknown = shown(body).keys() - {"op", "path", "from", "value"}
        if unknown:
            raise InvalidRequestError(f"an operation has no {min(map(display, unknown))}")
        return cls(op, _pointer(path), Hidden(shown(body).get("value")), None if source is None else _pointer(source))

    def to_dict(self) -> dict[str, Any]:
        """Return the operation, spelled as in RFC 6902."""
        body: dict[str, Any] = {"op": self.op, "path": self.path}
        if self.source is not None:
            body["from"] = self.source
        if self.op in _WITH_VALUE:
            body["value"] = thaw(self.value, Secret.reveal)
        return body


@forget_refused
def add(path: str, value: Any) -> Operation:
    """Return an operation that sets a key, new or not, or inserts into a list; `/-` in place of an index appends."""
    value = Hidden(value)
    return Operation("add", path, value)


@forget_refused
def remove(path: str) -> Operation:
    """Return an operation that removes a key or a list's item, which must be there."""
    return Operation("remove", path)


@forget_refused
def replace(path: str, value: Any) -> Operation:
    """Return an operation that replaces a value, which must be there."""
    value = Hidden(value)
    return Operation("replace", path, value)


@forget_refused
def move(source: str, path: str) -> Operation:
    """Return an operation that moves a value from *source* to *path*."""
    return Operation("move", path, source=_pointer(source))


@forget_refused
def copy(source: str, path: str) -> Operation:
    """Return an operation that copies a value from *source* to *path*."""
    return Operation("copy", path, source=_pointer(source))


@forget_refused
def test(path: str, value: Any) -> Operation:
    """Return an operation that makes the whole patch fail unless this value is there."""
    value = Hidden(value)
    return Operation("test", path, value)


@forget_refused
def read(operations: Iterable[Operation | Mapping[str, Any]]) -> list[Operation]:
    """Return the operations of a patch, of which each may be a mapping that is spelled as in RFC 6902.

    Raises InvalidRequestError for a patch without any, and for what is no operation.
    """
    operations = hidden(operations, texts=True)
    of_kind("operations", shown(operations), Iterable, error=InvalidRequestError)
    if is_mapping(shown(operations)) or is_text(shown(operations)):
        kind = type(shown(operations)).__name__
        raise InvalidRequestError(
            f"operations must be a list of operations, not one {kind}: patch.add(…) and the like make them"
        )
    given = (hidden(each, texts=True) for each in shown(operations))
    steps = [step if isinstance(step, Operation) else Operation.from_dict(step) for step in given]
    if not steps:
        raise InvalidRequestError("a patch needs at least one operation")
    return steps


@forget_refused
def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Operation]:
    """Return the smallest patch, in bytes, that turns one JSON document into another.

    A key that *before* lacks is added, so the patch also works on a stored document that has it after all.
    An object in which the server masks something (`api_key`, `headers`, what is shown as `***`) is never replaced
    as a whole: that would store the mask. Raises InvalidRequestError for what is no JSON object.
    """
    for name, document in (("before", before), ("after", after)):
        of_kind(name, document, Mapping, error=InvalidRequestError)
    old, new = Hidden(before), Hidden(after)
    del before, after, document  # which may hold secrets, as local variables of the traceback
    for held in (old, new):
        refuse_depth(held)
    try:
        return _object_changes("", old.given, new.given)
    except (ValueError, RecursionError) as error:
        reason = TOO_DEEP if isinstance(error, RecursionError) else str(error)
    raise InvalidRequestError(f"the documents cannot be compared as JSON: {reason}")


def _changes(path: str, before: Any, after: Any) -> list[Operation]:
    """Return the operations that turn one value into another: of its parts, or of the whole if that is shorter."""
    if is_same(before, after):
        return []
    whole = [Operation("replace", path, after)]
    if is_mapping(before) and is_mapping(after):
        parts = _object_changes(path, before, after)
    elif is_sequence(before) and is_sequence(after):
        parts = _list_changes(path, before, after)
    else:
        return whole
    return parts if _is_masked(before) or _size(parts) <= _size(whole) else whole


def _object_changes(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Operation]:
    operations = [Operation("remove", f"{path}/{_escape(key)}") for key in before if key not in after]
    for key, value in after.items():
        place = f"{path}/{_escape(key)}"
        operations += _changes(place, before[key], value) if key in before else [Operation("add", place, value)]
    return operations


def _list_changes(path: str, before: Sequence[Any], after: Sequence[Any]) -> list[Operation]:
    """Return the operations that turn one list into another, from begin to end, around what both have."""
    texts = [[dumps(thaw(item, Secret.reveal)) for item in items] for items in (before, after)]
    matcher = SequenceMatcher(None, texts[0], texts[1])
    operations: list[Operation] = []
    for _, old_start, old_end, start, end in matcher.get_opcodes():
        old, new = before[old_start:old_end], after[start:end]
        both = min(len(old), len(new))
        # What lies before has been changed already, so places are those of the new list.
        for index in range(both):
            operations += _changes(f"{path}/{start + index}", old[index], new[index])
        operations += [Operation("remove", f"{path}/{start + both}")] * len(old[both:])
        operations += [Operation("add", f"{path}/{start + index}", new[index]) for index in range(both, len(new))]
    return operations


def is_same(one: Any, other: Any) -> bool:
    """Return whether two JSON values are the same: unlike in Python, true is not 1."""
    if is_mapping(one) and is_mapping(other):
        return one.keys() == other.keys() and all(is_same(value, other[key]) for key, value in one.items())
    if is_sequence(one) and is_sequence(other):
        return len(one) == len(other) and all(map(is_same, one, other))
    for value in (one, other):
        if not isinstance(value, SINGLE):
            if is_mapping(value) or is_sequence(value):
                return False
            raise ValueError(f"{describe(value)} is no JSON value")
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def _is_masked(value: Any) -> bool:
    """Return whether the server shows something in here only masked."""
    if is_mapping(value):
        return any(inner if holds_secrets(key) else _is_masked(inner) for key, inner in value.items())
    if is_sequence(value):
        return any(map(_is_masked, value))
    return isinstance(value, Secret) or (isinstance(value, str) and MASK in value)


def _size(operations: Iterable[Operation]) -> int:
    return sum(len(dumps(operation.to_dict())) + 1 for operation in operations)


def _escape(key: str) -> str:
    if not is_text(key):
        raise ValueError("a name is no text")
    return key.replace("~", "~0").replace("/", "~1")


def split_pointer(path: str) -> list[str]:
    """Return the parts of a JSON Pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def join_pointer(parts: Iterable[str]) -> str:
    """Return the JSON Pointer of its parts."""
    return "".join(f"/{_escape(part)}" for part in parts)
