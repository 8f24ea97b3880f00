"""JSON values that nobody can change: a record is shared by all callers who read it at one time."""

from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Any, NoReturn, TypeGuard

from tavus_async._records.secrets import Secret

JsonObject = Mapping[str, Any]

# Of which a copy is the value itself.
SCALARS = frozenset({str, int, float, bool, NoneType})


def _refuse(*_args: object, **_kwargs: object) -> NoReturn:
    message = "records are frozen: change a copy, as dict(…) or list(…) make one, and use attrs.evolve"
    raise TypeError(message)


class FrozenDict(dict[str, Any]):
    """A JSON object of a record: a dict in everything but that it cannot be changed; `dict(…)` and `|` make copies."""

    __slots__ = ()

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


# The types' own: those of frozen copies refuse.
set_key: Callable[[dict[Any, Any], Any, Any], None] = dict[Any, Any].__setitem__
set_item: Callable[[list[Any], Any, Any], None] = list[Any].__setitem__

EMPTY = FrozenDict()
"""The empty object that every record without unknown fields shares."""


def keep(secret: Secret) -> Secret:
    """Return a secret as it is."""
    return secret


def freeze(value: Any) -> Any:
    """Return a copy of a JSON value, however deep, that nobody can change; a tuple becomes a list."""
    return value if type(value) in {FrozenDict, FrozenList} else _copied(value, FrozenDict, FrozenList, keep)


def thaw(value: Any, secret: Callable[[Secret], Any] = keep) -> Any:
    """Return a copy of a JSON value, however deep, in plain dicts and lists, with *secret* of each Secret in it."""
    return _copied(value, dict, list, secret)


def _copied(
    value: Any, make_dict: type[dict[Any, Any]], make_list: type[list[Any]], secret: Callable[[Secret], Any]
) -> Any:
    top = [value]
    unfinished: list[dict[Any, Any] | list[Any]] = [top]
    while unfinished:  # not recursive: a value may be nested as deeply as the reader allows
        holder = unfinished.pop()
        for place, inner in holder.items() if isinstance(holder, dict) else enumerate(holder):
            if inner.__class__ in SCALARS:
                continue
            copy = inner
            if is_mapping(inner):
                copy = make_dict(inner)
                unfinished.append(copy)
            elif is_sequence(inner):
                copy = make_list(inner)
                unfinished.append(copy)
            elif isinstance(inner, Secret):
                copy = secret(inner)
            if isinstance(holder, dict):
                set_key(holder, place, copy)
            else:
                set_item(holder, place, copy)
    return top[0]


def is_mapping(value: Any) -> TypeGuard[JsonObject]:
    """Tell whether this is a JSON object."""
    return isinstance(value, Mapping)


def is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    """Tell whether this is a JSON list; a field's value holds one as a tuple."""
    return isinstance(value, (list, tuple))
