"""JSON values that nobody can change: a record is shared by all callers who read it at one time."""

import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import NoneType
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeGuard, cast

from tavus_async._records.json import MAX_DEPTH, TOO_DEEP, find_excess
from tavus_async._records.secrets import HEADERS, Hidden, Secret, is_credential, make_secret
from tavus_async.errors import InvalidRequestError

JsonObject = Mapping[str, Any]

# Of which a copy is the value itself.
SCALARS = frozenset({str, int, float, bool, NoneType})

# Items of a list that its hash is made of.
MOST_HASHED = 16

# The types' own: those of frozen copies refuse.
set_key: Callable[[dict[Any, Any], Any, Any], None] = dict[Any, Any].__setitem__
set_item: Callable[[list[Any], Any, Any], None] = list[Any].__setitem__
update: Callable[[dict[Any, Any], Any], None] = dict[Any, Any].update
extend: Callable[[list[Any], Any], None] = list[Any].extend
new_dict: Callable[[type[Any]], Any] = dict.__new__
new_list: Callable[[type[Any]], Any] = list.__new__


def _refuse(*_args: object, **_kwargs: object) -> NoReturn:
    message = "records are frozen: change a copy, as dict(…) or list(…) make one, and use attrs.evolve"
    raise TypeError(message)


class FrozenDict(dict[str, Any]):
    """A JSON object of a record: a dict in everything but that it cannot be changed; `dict(…)` and `|` make copies."""

    __slots__ = ()

    def __new__(cls, items: Any = ()) -> Self:
        made = super().__new__(cls)
        update(made, items)
        return made

    if not TYPE_CHECKING:
        __init__ = object.__init__  # the dict's own would add to what is there

    __setitem__ = __delitem__ = update = setdefault = pop = popitem = clear = __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        # Of what it holds, the plain values: the others may be nested deeply.
        return hash(frozenset((name, value) for name, value in self.items() if value.__class__ in SCALARS))

    def __copy__(self) -> dict[str, Any]:
        return dict(self)

    def __deepcopy__(self, _memo: object) -> dict[str, Any]:
        return thaw(self)  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        return freeze, (thaw(self),)  # plain values nest deeper in a pickle than those that each need a call to be made


class FrozenList(list[Any]):
    """A JSON list of a record: a list in everything but that it cannot be changed; `list(…)` and `+` make copies."""

    __slots__ = ()

    def __new__(cls, items: Any = ()) -> Self:
        made = super().__new__(cls)
        extend(made, items)
        return made

    if not TYPE_CHECKING:
        __init__ = object.__init__  # the list's own would replace what is there

    __setitem__ = __delitem__ = append = extend = insert = pop = remove = clear = sort = reverse = _refuse
    __iadd__ = __imul__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        plain_ones = [value for value in islice(self, MOST_HASHED) if value.__class__ in SCALARS]
        return hash((len(self), *plain_ones))

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, _memo: object) -> list[Any]:
        return thaw(self)  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        return freeze, (thaw(self),)


EMPTY = FrozenDict()
"""The empty object that every record without unknown fields shares."""


def keep(secret: Secret) -> Secret:
    """Return a secret as it is."""
    return secret


def freeze(value: Any) -> Any:
    """Return a copy of a JSON value that nobody can change; a tuple becomes a list.

    Texts under the names of credentials, and those of headers, become secrets.
    """
    kind = value.__class__
    if kind in SCALARS or kind is FrozenDict or kind is FrozenList:
        return value
    return _copied(value, FrozenDict, FrozenList, keep, marks=True)


def thaw(value: Any, secret: Callable[[Secret], Any] = keep) -> Any:
    """Return a copy of a JSON value in plain dicts and lists, with *secret* of each Secret in it."""
    return _copied(value, dict, list, secret)


def copy_parsed(value: Any, secret: Callable[[Secret], Any]) -> Any:
    """Return what `thaw` does, of a value that a parser has made: several times as quickly."""
    try:
        return marshal.loads(marshal.dumps(value))  # noqa: S302 (it was written a moment ago)
    except ValueError:  # there is something else in it, which a caller has put there
        return thaw(value, secret)


def _copied(
    value: Any,
    dict_type: type[dict[Any, Any]],
    list_type: type[list[Any]],
    secret: Callable[[Secret], Any],
    *,
    marks: bool = False,
) -> Any:
    """Copy a value, which must not hold itself: not by recursion, since callers may be deep in calls themselves."""
    top = [value]
    unfinished: list[Any] = [top]
    credentials = Credentials()
    while unfinished:
        holder = unfinished.pop()
        is_object = issubclass(holder.__class__, dict)
        put, is_marked = (set_key, marks) if is_object else (set_item, False)
        for place, inner in places_in(holder):
            kind = inner.__class__
            if kind in SCALARS:
                if is_marked and kind is str and credentials[place]:
                    put(holder, place, make_secret(inner))
                continue
            if is_marked and (credentials[place] or place == HEADERS):
                inner = mark_within(inner, is_mapping_marked=place == HEADERS)  # noqa: PLW2901
                kind = inner.__class__
            if kind is dict or kind is FrozenDict:
                copy = new_dict(dict_type)
                update(copy, inner)
            elif kind is list or kind is FrozenList:
                copy = new_list(list_type)
                extend(copy, inner)
            else:
                copy = copy_other(inner, dict_type, list_type, secret)
            if isinstance(copy, (dict, list)) and copy:
                unfinished.append(copy)
            put(holder, place, copy)
    return top[0]


def places_in(holder: Any) -> Iterable[tuple[Any, Any]]:
    """Return what stands in an object or a list, each with its name or its index."""
    if issubclass(holder.__class__, dict):
        return cast("dict[Any, Any]", holder).items()
    return enumerate(cast("list[Any]", holder))


class Credentials(dict[Any, bool]):
    """Which names are those of credentials, each looked at once."""

    def __missing__(self, name: Any) -> bool:
        found = self[name] = is_credential(name)
        return found


def copy_other(value: Any, dict_type: type[Any], list_type: type[Any], secret: Callable[[Secret], Any]) -> Any:
    """Copy a value of another type than a parser makes, but not what it holds."""
    copy = secret(value) if isinstance(value, Secret) else value
    if is_mapping(copy):
        return dict_type(copy)
    if is_sequence(copy):
        return list_type(copy)
    return plain(copy) if isinstance(copy, (str, int, float)) and copy.__class__ not in SCALARS else copy


def mark_within(value: Any, *, is_mapping_marked: bool) -> Any:
    """Return a list, or if need be a mapping, with the texts in it as secrets; anything else as it is."""
    if is_sequence(value):
        return list(map(mark, value))
    return mark_values(value) if is_mapping_marked and is_mapping(value) else value


def mark(value: Any) -> Any:
    """Return a text as a secret, and anything else as it is."""
    return make_secret(value) if isinstance(value, str) else value


def mark_values(values: JsonObject) -> JsonObject:
    """Return the texts of a mapping as secrets, and its other values as they are."""
    return {name: mark(value) for name, value in values.items()}


def plain(value: str | float) -> str | float:
    """Return the text or number that a value of a subclass stands for, as a member of an enumeration does."""
    if isinstance(value, str):
        return str.__str__(value)
    return int(value) if isinstance(value, int) else float(value)


def leaves(value: Any) -> Iterator[Any]:
    """Yield what is in a JSON value, however deep, but objects, lists, texts, numbers, booleans and nulls."""
    return (each for each in values_within(value) if each.__class__ not in SCALARS)


def values_within(value: Any) -> Iterator[Any]:
    """Yield what is in a JSON value, however deep, but objects and lists."""
    unfinished = [value]
    while unfinished:
        inner = unfinished.pop()
        if is_mapping(inner):
            unfinished += inner.values()
        elif is_sequence(inner):
            unfinished += inner
        else:
            yield inner


def refuse_depth(given: Hidden) -> None:
    """Raise InvalidRequestError for a value that holds itself, is nested too deeply, or holds the same too often."""
    excess = find_excess(given.given)
    if excess == TOO_DEEP:
        raise InvalidRequestError(f"a value is nested too deeply, more than {MAX_DEPTH} levels, or holds itself")
    if excess:
        raise InvalidRequestError(f"a value holds {excess}")


def is_mapping(value: Any) -> TypeGuard[JsonObject]:
    """Return whether this is a JSON object."""
    return isinstance(value, Mapping)


def is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    """Return whether this is a JSON list; a field's value holds one as a tuple."""
    return isinstance(value, (list, tuple))
