"""Response bodies to records: the tolerance rules, in one place.

- An unknown field, and a known one of the wrong type, goes to the `extra` of its own record.
- null means "not sent".
- `"true"` and `"false"` are booleans, since the API has sent both spellings.
- A number stays as it came: 1 is a fine float.
- A list is of one type or it is of the wrong type.
- Of two names for one field, the older wins and the other goes to `extra`.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from tavus_async._records import json
from tavus_async._records.json import is_list, is_object
from tavus_async._records.record import ALIASES, Masked, Record, Unread
from tavus_async._records.timestamp import parse_timestamp
from tavus_async.errors import DecodeError

if TYPE_CHECKING:
    import cattrs

RecordT = TypeVar("RecordT", bound=Record)
Hook = Callable[[Any, Any], Any]


class WrongTypeError(TypeError):
    """A value that a field does not take; it goes to the record's extra."""


def misfits(record: Record) -> list[str]:
    """Name the fields of a record, as in `layers.llm.model`, that hold a value of a type that no server takes."""
    return list(find_misfits(record, converter().structure(record.to_dict(), type(record))))


def find_misfits(given: Record, read: Record) -> Iterator[str]:
    """Name the fields of a record that are not read from the body which it makes; *extra* is nobody's business."""
    for name in given.known_names:
        value, fit = getattr(given, name), getattr(read, name)
        if isinstance(value, Record) and type(value) is type(fit):
            yield from (f"{name}.{misfit}" for misfit in find_misfits(value, fit))
        elif value is not None and (fit is None or isinstance(fit, Record)):
            yield name


def decode_nothing(_body: bytes) -> None:
    """Ignore the body: the status has said all."""


def load(body: bytes) -> Any:
    """Read a JSON text; DecodeError where it is none."""
    try:
        return json.loads(body)
    except ValueError:
        problem = "an empty body" if not body.strip() else f"{len(body)} bytes that are not JSON"
    # Outside the except block: the parser's own error holds the body, which may hold secrets.
    raise DecodeError(path="$", expected="JSON", got=problem)


def kind_of(value: object) -> str:
    """Name the kind of a JSON value, without its content."""
    if is_object(value):
        return "an object without them" if value else "an empty object"
    if is_list(value):
        return f"a list of {len(value)}"
    names: dict[type, str] = {str: "a string", bool: "a boolean", NoneType: "null"}
    return names.get(type(value), "a number")


@cache
def converter() -> "cattrs.Converter":
    """Return the converter with every rule of this module."""
    import cattrs  # noqa: PLC0415 (it takes long to import, and `import tavus_async` alone does not need it)

    made = cattrs.Converter()
    # cattrs looks for classes first, and knows these four: it would turn a list into a string.
    made.register_structure_hook(str, structure_text)
    made.register_structure_hook(bool, structure_bool)
    made.register_structure_hook(int, structure_int)
    made.register_structure_hook(float, structure_number)
    hooks: dict[Any, Hook] = {
        Any: lambda value, _: value,
        float | str: structure_number_or_text,
        datetime: structure_timestamp,
        Mapping[str, Any]: structure_object,
        Sequence[str]: structure_texts,
        Sequence[Mapping[str, Any]]: structure_objects,
    }
    for kind, hook in hooks.items():
        made.register_structure_hook_func(partial(operator.eq, kind), hook)
    made.register_structure_hook_factory(is_record, partial(make_record_hook, made))
    return made


def is_record(kind: Any) -> bool:
    """Tell whether this type is one of the records."""
    return isinstance(kind, type) and issubclass(kind, Record)


class Field(NamedTuple):
    """How one name of the body becomes one field of a record."""

    name: str
    exact: type | None
    """The type of which every value is fine as it is."""
    hook: Hook
    is_alias: bool = False
    """Whether the body's name for it is not the record's own."""


def make_record_hook(converter: "cattrs.Converter", record: type[RecordT]) -> Callable[[Any, Any], RecordT]:
    """Make the function that turns a JSON object into this record."""
    fields = body_fields(converter, record)
    # Every answer comes by here. One look-up decides about most of it: plain values under the record's own names.
    own_names = {name: field for name, field in fields.items() if not field.is_alias}
    plain_type = {name: field.exact for name, field in own_names.items()}.get
    find_hook = {name: field.hook for name, field in own_names.items() if name not in record.late_fields}.get
    unread_name = {name: late.unread_name for name, late in record.late_fields.items()}.get
    for name, late in record.late_fields.items():
        late.structure = fields[name].hook
    new = object.__new__

    def structure(body: Any, _kind: Any) -> RecordT:
        if body.__class__ is not dict:
            raise WrongTypeError
        made = new(record)
        known = made.__dict__
        others: list[str] = []
        for name, value in body.items():
            if value.__class__ is plain_type(name):
                known[name] = value
                continue
            hook = find_hook(name)
            if hook is not None and value is not None:
                try:
                    known[name] = hook(value, None)
                    continue
                except (TypeError, ValueError):
                    pass
            elif value.__class__ is dict and (unread := unread_name(name)) is not None:
                known[unread] = Unread((value,))
                continue
            others.append(name)
        if others:
            settle(others, body, fields, known)
        return made

    return structure


def settle(names: list[str], body: dict[str, Any], fields: dict[str, Field], known: dict[str, Any]) -> None:
    """Store what came under other names than the record's, and in extra what the record does not know or take.

    Where two names claim one field, the older wins.
    """
    wire_names: dict[str, str] = {}
    extra: dict[str, Any] = {}
    for wire_name in names:
        value, field = body[wire_name], fields.get(wire_name)
        if field is not None:
            if value is None:
                continue
            if field.is_alias and field.name not in known:
                try:
                    known[field.name] = field.hook(value, None)
                except (TypeError, ValueError):
                    pass
                else:
                    wire_names[field.name] = wire_name
                    continue
        extra[wire_name] = value
    if wire_names:
        known["_wire_names"] = wire_names
    if extra:
        known["extra"] = extra


def body_fields(converter: "cattrs.Converter", record: type[Record]) -> dict[str, Field]:
    """Return the record's fields by every name that the server has for them."""
    hints = get_type_hints(record)
    fields: dict[str, Field] = {}
    for name in record.known_names:
        kind = kind_in_bodies(hints[name])
        if kind is str and name in record.secret_names:
            field = Field(name, None, structure_masked)
        else:
            field = Field(name, EXACT_TYPES.get(kind), converter.get_structure_hook(kind))
        fields[name] = field
        for wire_name in getattr(attrs.fields(record), name).metadata.get(ALIASES, ()):
            fields[wire_name] = field._replace(is_alias=True)
    return fields


def kind_in_bodies(kind: Any) -> Any:
    """Turn `X | None` into `X`, and `Literal["a"] | str` into `str`: it is written for editors, which offer "a"."""
    if get_origin(kind) not in {Union, UnionType}:
        return kind
    whole, *others = [part for part in get_args(kind) if part is not NoneType and get_origin(part) is not Literal]
    for other in others:
        whole |= other
    return whole


EXACT_TYPES: dict[Any, type] = {
    str: str,
    bool: bool,
    int: int,
    float: float,
    float | str: float,
    Mapping[str, Any]: dict,
}


def structure_text(value: Any, _kind: Any) -> str:
    """Take a string."""
    if type(value) is not str:
        raise WrongTypeError
    return value


def structure_masked(value: Any, kind: Any) -> Masked:
    """Take a secret, and remember that it came from the server."""
    return Masked(structure_text(value, kind))


def structure_bool(value: Any, _kind: Any) -> bool:
    """Take a boolean, or one spelled as a string."""
    if type(value) is bool:
        return value
    if value == "true":
        return True
    if value == "false":
        return False
    raise WrongTypeError


def structure_int(value: Any, _kind: Any) -> int:
    """Take a whole number."""
    if type(value) is not int:
        raise WrongTypeError
    return value


def structure_number(value: Any, _kind: Any) -> float:
    """Take a number."""
    if type(value) is not float and type(value) is not int:
        raise WrongTypeError
    return value


def structure_number_or_text(value: Any, kind: Any) -> float | str:
    """Take a number or a string."""
    return value if type(value) is str else structure_number(value, kind)


def structure_timestamp(value: Any, _kind: Any) -> datetime:
    """Take a timestamp in any spelling that the API uses."""
    if value.__class__ is not str:
        raise WrongTypeError
    return parse_timestamp(value)


def structure_object(value: Any, _kind: Any) -> dict[str, Any]:
    """Take a JSON object as it is."""
    if not is_object(value):
        raise WrongTypeError
    return value


def structure_texts(value: Any, _kind: Any) -> tuple[str, ...]:
    """Take a list of strings."""
    if value.__class__ is not list:
        raise WrongTypeError
    for item in value:
        if item.__class__ is not str:
            raise WrongTypeError
    return tuple(value)


def structure_objects(value: Any, _kind: Any) -> tuple[dict[str, Any], ...]:
    """Take a list of JSON objects."""
    if value.__class__ is not list:
        raise WrongTypeError
    for item in value:
        if item.__class__ is not dict:
            raise WrongTypeError
    return tuple(value)
