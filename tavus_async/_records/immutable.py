"""JSON values that nobody can change: a record is shared by all callers who read it at one time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeGuard

from tavus_async._records.secrets import HEADERS, Secret, is_credential, make_secret
from tavus_async.errors import InvalidRequestError

JsonObject = Mapping[str, Any]

# Of which a copy is the value itself.
SCALARS = frozenset({str, int, float, bool, NoneType})
# So many objects and lists may be without end.
MANY = 100_000


# The types' own: those of frozen copies refuse.
set_key: Callable[[dict[Any, Any], Any, Any], None] = dict[Any, Any].__setitem__
set_item: Callable[[list[Any], Any, Any], None] = list[Any].__setitem__
update: Callable[[dict[Any, Any], Any], None] = dict[Any, Any].update
extend: Callable[[list[Any], Any], None] = list[Any].extend


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
        return hash(frozenset(self))

    def __copy__(self) -> dict[str, Any]:
        return dict(self)

    def __deepcopy__(self, _memo: object) -> dict[str, Any]:
        return thaw(self)  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)


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
        return hash(len(self))

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, _memo: object) -> list[Any]:
        return thaw(self)  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenList, (list(self),)


EMPTY = FrozenDict()
"""The empty object that every record without unknown fields shares."""


def keep(secret: Secret) -> Secret:
    """Return a secret as it is."""
    return secret


def freeze(value: Any) -> Any:
    """Return a copy of a JSON value, however deep, that nobody can change; a tuple becomes a list.

    Texts under the names of credentials, and those of headers, become secrets.
    """
    kind = value.__class__
    if kind in SCALARS or kind is FrozenDict or kind is FrozenList:
        return value
    return _copied(value, FrozenDict, FrozenList, keep, marks=True)


def thaw(value: Any, secret: Callable[[Secret], Any] = keep) -> Any:
    """Return a copy of a JSON value, however deep, in plain dicts and lists, with *secret* of each Secret in it."""
    return _copied(value, dict, list, secret)


def _copied(
    value: Any,
    make_dict: type[dict[Any, Any]],
    make_list: type[list[Any]],
    secret: Callable[[Secret], Any],
    *,
    marks: bool = False,
) -> Any:
    top = [value]
    unfinished: list[dict[Any, Any] | list[Any]] = [top]
    copied = 0
    while unfinished:  # not recursive: a value may be nested as deeply as the reader allows
        holder = unfinished.pop()
        copied += 1
        if copied == MANY:
            refuse_circles(value)
        for place, inner in holder.items() if isinstance(holder, dict) else enumerate(holder):
            if inner.__class__ in SCALARS:
                if not marks or inner.__class__ is not str or not is_credential(place):
                    continue
                copy: Any = make_secret(inner)
            else:
                copy = secret(inner) if isinstance(inner, Secret) else inner
                if is_mapping(copy):
                    copy = make_dict(mark_values(copy) if marks and place == HEADERS else copy)
                    unfinished.append(copy)
                elif is_sequence(copy):
                    copy = make_list(map(mark, copy) if marks and (is_credential(place) or place == HEADERS) else copy)
                    unfinished.append(copy)
                elif isinstance(copy, (str, int, float)) and copy.__class__ not in SCALARS:
                    copy = plain(copy)
            if isinstance(holder, dict):
                set_key(holder, place, copy)
            else:
                set_item(holder, place, copy)
    return top[0]


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
    unfinished = [value]
    while unfinished:
        inner = unfinished.pop()
        if is_mapping(inner):
            unfinished += inner.values()
        elif is_sequence(inner):
            unfinished += inner
        elif inner.__class__ not in SCALARS:
            yield inner


def refuse_circles(value: Any) -> None:
    """Raise InvalidRequestError for a value that holds itself, of which a copy would have no end."""
    around: set[int] = set()
    unfinished: list[tuple[Any, bool]] = [(value, False)]
    while unfinished:
        holder, is_done = unfinished.pop()
        if is_done:
            around.remove(id(holder))
            continue
        if id(holder) in around:
            raise InvalidRequestError("a value holds itself, which JSON cannot express")
        around.add(id(holder))
        unfinished.append((holder, True))
        inner = holder.values() if is_mapping(holder) else holder
        unfinished += [(each, False) for each in inner if is_mapping(each) or is_sequence(each)]


def is_mapping(value: Any) -> TypeGuard[JsonObject]:
    """Return whether this is a JSON object."""
    return isinstance(value, Mapping)


def is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    """Return whether this is a JSON list; a field's value holds one as a tuple."""
    return isinstance(value, (list, tuple))
