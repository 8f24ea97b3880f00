"""A patch as lines for people: what goes, and what comes in its place."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

import tavus_async
from tavus_async.cli.characters import one_line
from tavus_async.cli.documents import at
from tavus_async.cli.jsons import dumps
from tavus_async.cli.screen.texts import STARS, clip, hidden
from tavus_async.patch import Operation

LEAST_WIDTH: Final = 40
MOST_WIDTH: Final = 100
# How much of what both texts have in common is shown before they differ.
CONTEXT: Final = 20


def lines(operations: Sequence[Operation], before: Mapping[str, Any]) -> Iterator[str]:
    """Say what a patch does to a document, operation by operation; secrets are hidden."""
    room = min(max(shutil.get_terminal_size().columns, LEAST_WIDTH), MOST_WIDTH) - len("    - ")
    for operation in operations:
        yield f"  {operation.op} {clip(one_line(operation.path), room)}"
        names = names_in(operation.path)
        is_secret = any(map(tavus_async.models.holds_secrets, names))
        old = new = ""
        # Inside lists the operations before may have moved what stood there.
        if operation.op != "add" and (found := at(before, names)) is not attrs.NOTHING:
            old = STARS if is_secret else shown(found)
        if operation.op != "remove":
            new = STARS if is_secret else shown(operation.value)
        for mark, text in zip("-+", around_the_difference(old, new, room), strict=True):
            if text:
                yield f"    {mark} {text}"


def names_in(path: str) -> list[str]:
    """Return the names in a JSON Pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def shown(value: Any) -> str:
    """Write a value on one line, without the secrets in it."""
    return dumps(hidden(value), is_displayed=True)


def around_the_difference(old: str, new: str, room: int) -> tuple[str, str]:
    """Cut two texts to the room there is, at the begin only where they are the same."""
    start = 0
    if max(len(old), len(new)) > room and old and new:
        same = next((index for index, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), 0)
        start = max(0, same - CONTEXT)
    return cut(old, start, room), cut(new, start, room)


def cut(text: str, start: int, room: int) -> str:
    """Return a part of a text, with dots where something is missing."""
    part = f"...{text[start + 3 :]}" if start and text else text
    return clip(part, room)
