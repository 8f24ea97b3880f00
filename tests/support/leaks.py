"""Looks for pieces of a secret in all that printers of tracebacks, loggers and debuggers can get hold of."""

import contextlib
import io
import logging
import pickle
import pprint
import re
import reprlib
import traceback
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest

from tavus_async import Secret
from tavus_async._records.record import Record
from tavus_async._records.secrets import Hidden

TESTS = Path(__file__).parents[1]
# Characters of a piece that gives something away.
PIECE = 6
# How far from a local variable a debugger looks.
DEPTH = 6
# Letters that no word, name or number has six of in a row: whatever is found of them is of a secret.
LETTERS = "QXZJVKqxzjvk"
_FOUND = re.compile(f"[{LETTERS}]{{{PIECE},}}")


def make_secret_text(length: int, salt: str = "") -> str:
    """A text of so many characters, any piece of which is recognised."""
    salted = [LETTERS[(index * index + index // 7 + sum(map(ord, salt))) % len(LETTERS)] for index in range(length)]
    return "".join(salted)


def pieces(text: str) -> list[str]:
    """All pieces of such secrets in a text, cut short."""
    return [found[:20] for found in _FOUND.findall(text)]


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that hangs on it: causes, contexts, and the members of groups."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is not None and not any(link is each for each in seen):
            seen.append(link)
            waiting += [link.__cause__, link.__context__, *getattr(link, "exceptions", ())]
            yield link


def leaks(error: BaseException) -> dict[str, list[str]]:
    """Who shows a piece of a secret, and which, but for the frames of the test, with which the traceback begins."""
    for link in chain(error):
        while link.__traceback__ is not None and is_of_tests(link.__traceback__.tb_frame):
            link.__traceback__ = link.__traceback__.tb_next
    shows = {
        "rich": rich_text(error),
        "rich, cut": rich_text(error, cut=True),
        "locals": "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()),
        "logging": logged(error),
        "pickle": pickled(error),
    }
    found = {name: pieces(text) for name, text in shows.items()}
    for link in chain(error):
        told = [repr(link), str(link), repr(link.args), repr(vars(link)), pprint.pformat(vars(link))]
        found[f"{type(link).__name__} itself"] = pieces("\n".join(told))
        for frame in frames(link):
            where = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} {frame.f_code.co_name}"
            for name, value in frame.f_locals.items():
                found[f"{where}, {name}"] = pieces(shown(value))
                for path, text in walk(value):
                    if there := pieces(text):
                        found[f"{where}, {name}{path}"] = there
    return {where: some for where, some in found.items() if some}


def frames(error: BaseException) -> Iterator[FrameType]:
    """The frames of an error's traceback, but for those of the tests themselves."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if not is_of_tests(frame):
            yield frame


def is_of_tests(frame: FrameType) -> bool:
    """Whether it is a frame of the tests themselves."""
    return frame.f_code.co_filename.startswith(str(TESTS))


def shown(value: object) -> str:
    """What printers of all kinds make of a value."""
    texts: list[str] = []
    for show in (repr, str, pprint.pformat, reprlib.repr, format, ascii, "{}".format, "%s".__mod__):
        with contextlib.suppress(Exception):
            texts.append(str(show((value,) if show == "%s".__mod__ else value)))
    return "\n".join(texts)


def walk(value: object, depth: int = DEPTH, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, str]]:
    """The texts and bytes within a value, each with where it is: through attributes, slots and containers."""
    seen = set() if seen is None else seen
    if isinstance(value, (str, bytes, bytearray, memoryview)):
        yield path, "".join(iter(value)) if isinstance(value, str) else bytes(value).decode("latin-1")
        return
    # In what hides it the text must be somewhere; classes and modules belong to nobody.
    if depth == 0 or id(value) in seen or isinstance(value, (Secret, Hidden, type, ModuleType, int, float, complex)):
        return
    seen.add(id(value))
    for name, inner in children(value):
        yield from walk(inner, depth - 1, f"{path}{name}", seen)


def children(value: object) -> Iterable[tuple[str, object]]:
    """What a value holds, by its name."""
    found: list[tuple[str, object]] = []
    with contextlib.suppress(Exception):
        if isinstance(value, Mapping):
            found += [(f"[{key!r}]", each) for key, each in value.items()]
            found += [("[key]", key) for key in value]
        elif isinstance(value, Iterable) and not isinstance(value, (Iterator, Awaitable)):
            found += [(f"[{index}]", each) for index, each in enumerate(value)]
    # The fields of a record are what its user asks for; its `vars` are what it shows.
    slots = [] if isinstance(value, Record) else [name for kind in type(value).__mro__ for name in _slots(kind)]
    for name in slots:
        with contextlib.suppress(Exception):
            found.append((f".{name}", object.__getattribute__(value, name)))
    with contextlib.suppress(TypeError):
        found += [(f".{name}", each) for name, each in vars(value).items()]
    return found


def _slots(kind: type) -> list[str]:
    slots: Any = kind.__dict__.get("__slots__", ())
    names = [slots] if isinstance(slots, str) else list(slots)
    return [f"_{kind.__name__.lstrip('_')}{name}" if name.startswith("__") else name for name in names]


def rich_text(error: BaseException, *, cut: bool = False) -> str:
    """The local variables of a traceback as rich draws them: whole, or as much as it shows by default."""
    extract = pytest.importorskip("rich.traceback", reason="rich is not installed").Traceback.extract
    bounds: dict[str, Any] = {} if cut else {"locals_max_string": None, "locals_max_length": None}
    trace = extract(type(error), error, error.__traceback__, show_locals=True, **bounds)
    drawn = [(stack.exc_value, *(frame.locals or {}).values()) for stack in trace.stacks for frame in stack.frames]
    return "\n".join(str(node) for nodes in drawn for node in nodes)


def logged(error: BaseException) -> str:
    """What logging writes of an error."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    logger = logging.getLogger("app.errors")
    logger.propagate = False
    logger.addHandler(handler)
    logger.error("it failed: %s %r", error, error, exc_info=error)
    logger.removeHandler(handler)
    return text.getvalue()


def pickled(error: BaseException) -> str:
    """The bytes of a pickle, if there can be one."""
    try:
        return pickle.dumps(error).decode("latin-1")
    except (TypeError, pickle.PicklingError, AttributeError):
        return ""
