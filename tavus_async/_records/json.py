"""JSON text to Python values, quickly and without loss."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from gc import get_referents, is_tracked
from typing import Any, NoReturn, TypeGuard, cast

import jiter
from msgspec import MsgspecError
from msgspec.json import Decoder

from tavus_async.errors import DecodeError

MAX_DEPTH = 200
"""The most objects and lists within each other, of what is read and of what is written."""
BEYOND_FLOATS = "a number that no float can hold"
TOO_DEEP = f"values nested more than {MAX_DEPTH} levels deep"
MOST_REPEATED = 2**20
"""The most values of what is written that stand in it more than once, since a list or an object is held twice."""
TOO_OFTEN = f"the same values so often that they are more than {MOST_REPEATED:,}"
# Characters of a text that stands in it again which count as one value.
CHARACTERS_PER_VALUE = 64
# Python refuses longer ones: they take long to read and longer to write.
MOST_DIGITS = 4_300

# Bytes up to which counting what opens an object or a list takes less time than looking at the values.
SHORT_TEXT = 8_192
# Bytes from which a text of few objects and lists is mostly long strings.
LONG_TEXT = 65_536

_parse: Callable[[bytes], Any] = Decoder().decode


class UnreadableError(ValueError):
    """A JSON text with a value that is not read; the message shows nothing of the text."""


def loads(data: bytes) -> Any:
    """Read a JSON text; ValueError where it is none, UnreadableError for what no Python value can hold or is too deep.

    Some texts that are JSON are more than the fast parsers take: lone surrogates, other encodings. The standard library
    reads those, and says what is wrong with the others.
    """
    try:
        if len(data) >= LONG_TEXT and has_few_holders(data):
            return _parse_strings(data)
        value = _parse(data)
    except (MsgspecError, ValueError):
        value = _read(data)
    except RecursionError:
        raise UnreadableError(TOO_DEEP) from None
    else:
        if is_surely_shallow(data, value):
            return value
    if is_too_deep(value):
        raise UnreadableError(TOO_DEEP)
    return value


def _parse_strings(data: bytes) -> Any:
    """Parse a text of long strings by jiter, which takes half of msgspec's time for them; ValueError for infinities."""
    value = jiter.from_json(data, allow_inf_nan=False)
    holders: list[Any] = [[value]]
    for holder in holders:
        for each in holder.values() if holder.__class__ is dict else holder:
            kind = each.__class__
            if kind is dict or kind is list:
                holders.append(each)
            elif kind is float and math.isinf(each):
                raise UnreadableError(BEYOND_FLOATS)
    return value


def has_few_holders(data: bytes) -> bool:
    """Return whether so few objects and lists are opened in a JSON text that it cannot be too deep."""
    if data.count(b"{", 0, SHORT_TEXT) * (len(data) // SHORT_TEXT) > MAX_DEPTH // 2:
        return False  # as its beginning says
    left = MAX_DEPTH
    for opening in (b"{", b"["):
        place = data.find(opening)
        while place >= 0:
            if not left:
                return False
            left -= 1
            place = data.find(opening, place + 1)
    return True


def _read(data: bytes) -> Any:
    """Read a JSON text by the standard library, and refuse numbers that a float, or an int, cannot hold."""
    try:
        return json.loads(data, parse_constant=_refuse_constant, parse_float=_read_float, parse_int=_read_int)
    except RecursionError:
        raise UnreadableError(TOO_DEEP) from None


def is_surely_shallow(data: bytes, value: Any) -> bool:
    """Return whether a JSON text, and the value that was made of it, can be seen at a glance not to be too deep.

    What the garbage collector does not track holds no objects or lists, so most values are passed over by a loop in C.
    """
    if len(data) <= SHORT_TEXT and data.count(b"{") + data.count(b"[") <= MAX_DEPTH:
        return True
    level: list[Any] = [[value]]
    for _ in range(MAX_DEPTH):
        level = list(filter(is_tracked, get_referents(*level)))
        if not level:
            return True
    return False


def is_too_deep(value: Any) -> bool:
    """Return whether a value has more than MAX_DEPTH objects and lists within each other, or holds itself."""
    heights: dict[int, int] = {}  # by their identity: what is held twice is looked at once
    path: list[tuple[int, Iterator[Any]]] = [(0, iter(holders_in([value])))]
    highest = [0]
    while path:
        key, unvisited = path[-1]
        for each in unvisited:
            known = heights.get(id(each))
            if known is not None and known + len(path) <= MAX_DEPTH:
                highest[-1] = max(highest[-1], known)
                continue
            if len(path) > MAX_DEPTH or known is not None:
                return True
            path.append((id(each), iter(holders_in(each))))
            highest.append(0)
            break
        else:
            path.pop()
            height = heights[key] = highest.pop() + 1
            if highest:
                highest[-1] = max(highest[-1], height)
    return False


def holders_in(holder: Any) -> list[Any]:
    """Return the objects and lists in an object or a list that hold anything themselves."""
    return [each for each in values_in(holder) if each and issubclass(each.__class__, (dict, list, tuple, Mapping))]


def find_excess(value: Any) -> str | None:
    """Return what of a value is too much to be copied, TOO_DEEP or TOO_OFTEN; None where nothing is.

    What is held twice is written twice: lists that each hold the next one twice are 2**30 values after 30 levels. This
    looks at no more values than would be refused.
    """
    level: dict[int, tuple[Any, int]] = {0: ([value], 1)}
    seen: set[int] = set()
    repeated = 0
    for _ in range(MAX_DEPTH + 1):
        below: dict[int, tuple[Any, int]] = {}
        for holder, times in level.values():
            for each in values_in(holder):
                size = size_of(each)
                if not size:
                    continue
                key = id(each)
                if key in seen:
                    repeated += times * size
                else:
                    repeated += (times - 1) * size
                    seen.add(key)
                if repeated > MOST_REPEATED:
                    return TOO_DEEP if is_too_deep(value) else TOO_OFTEN
                if not isinstance(each, str):
                    below[key] = (each, times + below[key][1] if key in below else times)
        if not below:
            return None
        level = below
    return TOO_DEEP


def size_of(value: Any) -> int:
    """Return how many values stand in an object or a list, and as how many a text counts; 0 for anything else."""
    kind = value.__class__
    if kind is str:
        return len(value) // CHARACTERS_PER_VALUE
    return len(value) if issubclass(kind, (dict, list, tuple, Mapping)) else 0


def values_in(holder: Any) -> Iterable[Any]:
    """Return what stands in an object or a list."""
    return cast("Mapping[Any, Any]", holder).values() if issubclass(holder.__class__, Mapping) else holder


def load(body: bytes) -> Any:
    """Read a JSON text; DecodeError where it is none, or cannot be read."""
    try:
        return loads(body)
    except UnreadableError as error:
        problem = str(error)
    except ValueError:
        problem = "an empty body" if not body.strip() else f"{len(body)} bytes that are not JSON"
    # Outside the except block: the parser's own error holds the body, which may hold secrets.
    raise DecodeError(path="$", expected="JSON", got=problem)


def dumps(value: Any) -> bytes:
    """Write JSON values; ValueError for what JSON cannot hold."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from None


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether this is a JSON object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Return whether this is a JSON list."""
    return isinstance(value, list)


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _read_float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise UnreadableError(BEYOND_FLOATS)
    return number


def _read_int(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise UnreadableError(f"a whole number of more than {MOST_DIGITS:,} digits")
    return int(text)
