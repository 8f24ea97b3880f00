"""JSON Patch (RFC 6902), strictly: the six operations, all or nothing.

Two kinds of refusal, since Tavus answers them with two statuses: a patch that is none (`PatchFormatError`),
and one that does not fit the document (`PatchApplyError`).
"""

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias, cast, get_args

from attrs import field, frozen

from tavus_async.sandbox.json import Json, check_shape, dump, load, same

__all__ = ["PatchApplyError", "PatchFormatError", "PatchOperation", "Pointer", "apply", "read"]

Op: TypeAlias = Literal["add", "remove", "replace", "move", "copy", "test"]
Pointer: TypeAlias = tuple[str, ...]

_OPS = get_args(Op)
_NEED_VALUE = {"add", "replace", "test"}
_NEED_FROM = {"move", "copy"}
_BAD_ESCAPE = re.compile(r"~(?![01])")
_INDEX = re.compile(r"0|[1-9][0-9]*", re.ASCII)

_MOST_OPERATIONS = 2_000
# Characters of JSON text. Copying is what makes much of little: twenty operations can double a document twenty times.
_MOST_COPIED = 1024 * 1024
# Likewise: one patch after the other could let a document grow for ever.
_LARGEST_RESULT = 1024 * 1024


class PatchFormatError(ValueError):
    """Not a JSON Patch: no array, an unknown operation, a member missing, a broken pointer."""


class PatchApplyError(ValueError):
    """A JSON Patch that this document does not fit: a path that is not there, a test that fails, a result too large."""


@frozen(kw_only=True)
class PatchOperation:
    """One step of a patch; pointers are split and unescaped."""

    op: Op
    """One of the six."""
    path: Pointer
    """Where it works."""
    source: Pointer = ()
    """The `from` of a move or a copy."""
    value: Json = field(default=None, repr=False)
    """What is added, put in place, or compared with."""


def read(body: Json) -> tuple[PatchOperation, ...]:
    """Read a patch from parsed JSON; raises `PatchFormatError`. Members that RFC 6902 does not name are ignored."""
    if not isinstance(body, list):
        raise PatchFormatError("a patch is an array")
    if len(body) > _MOST_OPERATIONS:
        raise PatchFormatError("too many operations")
    return tuple(_operation(item) for item in body)


def apply(document: Json, operations: Sequence[PatchOperation]) -> Json:
    """Apply *operations* in order and return the result; raises `PatchApplyError`.

    *document* is changed in place, and half changed when an operation fails: hand in a copy.
    All copies of one patch together may have 1 MiB of JSON text, and so may the result, unless *document* is larger
    already; it may not be nested deeper, nor hold more values, than a body may.
    """
    largest = max(_LARGEST_RESULT, len(dump(document)))
    # The document hangs in an object of its own, so that the whole of it has a parent too.
    root: dict[str, Json] = {"": document}
    copied = 0
    for operation in operations:
        if operation.op == "copy":
            value, length = _copy(_at(root, operation.source))
            copied += length
            if copied > _MOST_COPIED:
                raise PatchApplyError("copies too much")
            _put(root, operation.path, value, insert=True)
        else:
            _apply_one(root, operation)
    try:
        check_shape(root)
        is_too_large = len(dump(root[""])) > largest
    except ValueError as error:
        raise PatchApplyError(str(error)) from None
    if is_too_large:
        raise PatchApplyError("the result is too large")
    return root[""]


def _operation(item: Json) -> PatchOperation:
    if not isinstance(item, dict):
        raise PatchFormatError("an operation is an object")
    op = item.get("op")
    if op not in _OPS:
        raise PatchFormatError("unknown op")
    if op in _NEED_VALUE and "value" not in item:
        raise PatchFormatError(f"{op} needs a value")
    source = _pointer(item.get("from")) if op in _NEED_FROM else ()
    return PatchOperation(op=cast("Op", op), path=_pointer(item.get("path")), source=source, value=item.get("value"))


def _pointer(text: Json) -> Pointer:
    if not isinstance(text, str):
        raise PatchFormatError("a pointer is a string")
    if text == "":
        return ()
    if not text.startswith("/") or _BAD_ESCAPE.search(text):
        raise PatchFormatError("not a JSON Pointer")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in text[1:].split("/"))


def _apply_one(root: Json, operation: PatchOperation) -> None:
    path, source = operation.path, operation.source
    match operation.op:
        case "add":
            _put(root, path, operation.value, insert=True)
        case "remove":
            _remove(root, path)
        case "replace":
            _at(root, path)
            _put(root, path, operation.value, insert=False)
        case "test":
            if not same(_at(root, path), operation.value):
                raise PatchApplyError("a test failed")
        case _:  # "move"
            value = _at(root, source)
            if path == source:
                return
            if path[: len(source)] == source:
                raise PatchApplyError("a value cannot be moved into itself")
            _remove(root, source)
            _put(root, path, value, insert=True)


def _put(root: Json, path: Pointer, value: Json, *, insert: bool) -> None:
    parent, key = _parent(root, path)
    if isinstance(parent, dict):
        parent[key] = value
    elif not isinstance(parent, list):
        raise _missing()
    elif insert:
        parent.insert(len(parent) if key == "-" else _index(key, len(parent) + 1), value)
    else:
        parent[_index(key, len(parent))] = value


def _remove(root: Json, path: Pointer) -> None:
    if not path:
        raise PatchApplyError("the whole document cannot be removed")
    _at(root, path)
    parent, key = _parent(root, path)
    if isinstance(parent, dict):
        del parent[key]
    elif isinstance(parent, list):
        del parent[_index(key, len(parent))]


def _parent(root: Json, path: Pointer) -> tuple[Json, str]:
    return (_at(root, path[:-1]), path[-1]) if path else (root, "")


def _at(root: Json, path: Pointer) -> Json:
    value = root
    for key in ("", *path):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list):
            value = value[_index(key, len(value))]
        else:
            raise _missing()
    return value


def _index(key: str, end: int) -> int:
    # Nine digits are more than any array has, and fewer than int() refuses to read.
    if _INDEX.fullmatch(key) and len(key) <= 9 and int(key) < end:  # noqa: PLR2004
        return int(key)
    raise _missing()


def _missing() -> PatchApplyError:
    return PatchApplyError("no such path")


def _copy(value: Json) -> tuple[Json, int]:
    try:
        text = dump(value)
        return load(text), len(text)
    except (ValueError, RecursionError):
        raise PatchApplyError("nested too deeply") from None
