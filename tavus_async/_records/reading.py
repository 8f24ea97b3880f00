"""JSON objects to records: the tolerance rules, in one place.

- An unknown field, and a known one of the wrong type, goes to the `extra` of its own record.
- null means "not sent".
- `"true"` and `"false"` are booleans, since the API has sent both spellings.
- A number stays as it came: 1 is a fine float.
- A list is of one type or it is of the wrong type.
- Of two names for one field, the older wins and the other goes to `extra`.
"""

import operator
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard, TypeVar

from tavus_async._records.fields import LATER, UNREAD, HasSchema, instance_dict, read_all, schema_of, stored
from tavus_async._records.hooks import (
    WrongTypeError,
    structure_any,
    structure_bool,
    structure_instant,
    structure_int,
    structure_number,
    structure_number_or_text,
    structure_object,
    structure_objects,
    structure_secret,
    structure_secrets,
    structure_text,
    structure_texts,
    structure_texts_or_objects,
    structure_timestamp,
)
from tavus_async._records.immutable import EMPTY, FrozenDict, freeze, is_mapping, is_sequence, thaw
from tavus_async._records.secrets import Secret
from tavus_async._records.timestamp import Instant

if TYPE_CHECKING:
    import cattrs

RecordT = TypeVar("RecordT", bound=HasSchema)
Hook = Callable[[Any, Any], Any]


def make_record(kind: type[RecordT], body: dict[str, Any]) -> RecordT:
    """Return the record of a JSON object, which must have the fields that the record requires."""
    known: Any = kind  # a class is hashable, whatever mypy makes of its instances' __hash__
    record: RecordT = record_hook(known)(body, kind)
    return record


@cache
def record_hook(kind: Any) -> Hook:
    """Return the function that makes this record of a JSON object; it is made on the first use."""
    return converter().get_structure_hook(kind)


def fill(record: HasSchema, values: Mapping[str, Any]) -> None:
    """Store in a new record what its constructor was given: nested mappings as records, lists as tuples.

    A value of the wrong type is stored as it is; `misfits` names it.
    """
    # What stands for none is what `attrs.evolve` passes on: the empty object, and a field's own default.
    defaults = schema_of(record).fields
    given = {
        name: value
        for name, value in values.items()
        if value is not None and value is not EMPTY and (name not in defaults or value is not defaults[name].default)
    }
    if given:
        fields = fields_of(type(record))
        stored(record).update(
            {name: fields[name].accept(value) if name in fields else value for name, value in given.items()}
        )


def nested_records(record: HasSchema) -> Iterator[tuple[str, HasSchema]]:
    """Yield a record and the records within it, each with its path, as in `layers.llm.`."""
    unfinished: list[tuple[str, HasSchema]] = [("", record)]
    while unfinished:
        path, inner = unfinished.pop()
        yield path, inner
        for name in reversed(schema_of(inner).names):
            value = getattr(inner, name)
            if isinstance(value, HasSchema):
                unfinished.append((f"{path}{name}.", value))
            elif holds_records(value):
                unfinished += reversed([(f"{path}{name}[{index}].", each) for index, each in enumerate(value)])


def holds_records(value: Any) -> TypeGuard[tuple[HasSchema, ...]]:
    """Return whether a field's value is a sequence of records."""
    return value.__class__ is tuple and bool(value) and all(isinstance(each, HasSchema) for each in value)


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
    made.register_structure_hook(Secret, structure_secret)
    hooks: dict[Any, Hook] = {
        Any: structure_any,
        float | str: structure_number_or_text,
        datetime: structure_timestamp,
        Instant: structure_instant,
        Mapping[str, Any]: structure_object,
        Mapping[str, Secret]: structure_secrets,
        Sequence[str]: structure_texts,
        Sequence[str | Mapping[str, Any]]: structure_texts_or_objects,
        Sequence[Mapping[str, Any]]: structure_objects,
    }
    for kind, hook in hooks.items():
        made.register_structure_hook_func(partial(operator.eq, kind), hook)
    made.register_structure_hook_factory(is_record, make_record_hook)
    made.register_structure_hook_factory(is_record_list, make_records_hook)
    return made


def is_record(kind: Any) -> bool:
    """Return whether this type is one of the records."""
    return isinstance(kind, type) and issubclass(kind, HasSchema)


def is_record_list(kind: Any) -> bool:
    """Return whether this type is a sequence of records."""
    return typing.get_origin(kind) is Sequence and is_record(*typing.get_args(kind))


class Field(NamedTuple):
    """How one name of the body becomes one field of a record."""

    name: str
    kind: Any
    """The type of its values."""
    exact: type | None
    """The type of which every value is fine as it is."""
    late: tuple[type, ...]
    """The types of which every value is fine, and made the field's when that is asked for."""
    hook: Hook
    accept: Callable[[Any], Any]
    """Takes what a constructor is given."""
    is_alias: bool = False
    """Whether the body's name for it is not the record's own."""


class Lookups(NamedTuple):
    """What decides about each name of a body, under the record's own names: most of it in the first one."""

    plain_type: Callable[[str], type | None]
    """The type of which every value is fine as it is."""
    hook: Callable[[str], Hook | None]
    """Makes the value of a field that is read at once."""
    late: Callable[[str], tuple[str, tuple[type, ...], Hook] | None]
    """Of one that is read later: under which name values are kept, those of which types, and what makes others."""


def make_lookups(record: type[HasSchema]) -> Lookups:
    """Return what reading a record looks up, and tell its fields how their values are made."""
    schema = schema_of(record)
    own_names = {name: field for name, field in fields_of(record).items() if not field.is_alias}
    late = {name: field for name, field in own_names.items() if field.late and name in schema.late_names}
    for name, field in own_names.items():
        if name in schema.fields:
            schema.fields[name].make = field.hook
            schema.fields[name].exact = field.exact
    return Lookups(
        plain_type={name: field.exact for name, field in own_names.items()}.get,
        hook={name: field.hook for name, field in own_names.items() if name not in late}.get,
        late={name: (f"{name}{LATER}", field.late, field.hook) for name, field in late.items()}.get,
    )


def make_record_hook(record: type[RecordT]) -> Callable[[Any, Any], RecordT]:
    """Make the function that turns a JSON object into this record, or, if its class says so, into another."""
    structure = make_reader(record)
    if "_kind_of" not in vars(record):
        return structure
    kind_of: Callable[[dict[str, Any]], type[RecordT]] = getattr(record, "_kind_of")  # noqa: B009 (few have it)

    def structure_kind(body: Any, _kind: Any) -> RecordT:
        kind: Any = kind_of(body) if body.__class__ is dict else record
        made: RecordT = structure(body, None) if kind is record else record_hook(kind)(body, None)
        return made

    return structure_kind


def make_reader(record: type[RecordT]) -> Callable[[Any, Any], RecordT]:
    """Make the function that turns a JSON object into just this record; every answer comes by here.

    Only the id is taken out of it at once, since a record needs that; the rest is read when it is asked for.
    """
    setattr(record, "_read_fields", staticmethod(make_fields_reader(record)))  # noqa: B010 (it is read-only for types)
    first, *others = schema_of(record).required or (None,)
    new: Callable[[type[RecordT]], RecordT] = object.__new__

    def structure(body: Any, _kind: Any) -> RecordT:
        if body.__class__ is not dict:
            return take_record(body, record)
        made = new(record)
        values = instance_dict(made)
        values[UNREAD] = body
        if first is not None:
            value = body.get(first)
            if value.__class__ is str and not others:  # nearly every record
                values[first] = value
            else:
                read_all(made, values)
        return made

    return structure


def make_fields_reader(record: type[HasSchema]) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    """Make the function that reads a whole body, and stores what an instance dict holds of it."""
    fields = fields_of(record)
    plain_type, find_hook, find_late = make_lookups(record)

    def read_fields(body: dict[str, Any], known: dict[str, Any]) -> None:
        others: list[str] = []
        for name, value in body.items():
            kind = value.__class__
            if kind is plain_type(name):
                known[name] = value
                continue
            late = find_late(name)
            hook = find_hook(name) if late is None else late[2]
            if hook is not None and value is not None:
                if name in known:  # it was read already
                    continue
                if late is not None and can_wait(value, late[1]):
                    known[late[0]] = value
                    continue
                try:
                    known[name] = hook(value, None)
                    continue
                except (TypeError, ValueError):
                    pass
            others.append(name)
        if others:
            settle(record, others, body, fields, known)

    return read_fields


def can_wait(value: Any, kinds: tuple[type, ...]) -> bool:
    """Return whether a value of one of these types is fine whatever is in it; of a list alone, all must be objects."""
    is_fine = value.__class__ in kinds
    return is_fine and (dict in kinds or all(item.__class__ is dict for item in value))


def take_record(value: Any, kind: type[RecordT]) -> RecordT:
    """Take a record as it is, which a caller may have put where an object can be."""
    if not isinstance(value, kind):
        raise WrongTypeError
    return value


def make_records_hook(kind: Any) -> Hook:
    """Make the function that turns a list of JSON objects into records."""
    read = record_hook(*typing.get_args(kind))

    def structure(value: Any, _kind: Any) -> tuple[Any, ...]:
        if not is_sequence(value) or not all(isinstance(each, (dict, HasSchema)) for each in value):
            raise WrongTypeError
        return tuple([read(each, None) for each in value])

    return structure


def settle(
    record: type[HasSchema], names: list[str], body: dict[str, Any], fields: dict[str, Field], known: dict[str, Any]
) -> None:
    """Store what came under other names than the record's, and in extra what the record does not know or take.

    Where two names claim one field, the older wins.
    """
    schema = schema_of(record)
    wire_names: dict[str, str] = {}
    extra: dict[str, Any] = {}
    for wire_name in names:
        value, field = body[wire_name], fields.get(wire_name)
        if field is not None:
            if value is None:
                continue
            if field.is_alias and not {field.name, f"{field.name}{LATER}"} & known.keys():
                try:
                    known[field.name] = field.hook(value, None)
                except (TypeError, ValueError):
                    pass
                else:
                    wire_names[field.name] = wire_name
                    continue
            is_secret = field.name in schema.secret_names or field.name in schema.masks
            if is_secret and not isinstance(value, Secret):
                value = Secret(freeze(value), is_masked=True)  # of a surprising type, and no less secret
        extra[wire_name] = value
    if wire_names:
        known["_wire_names"] = FrozenDict(wire_names)
    if extra:
        known[f"extra{LATER}"] = extra


def fields_of(record: type[HasSchema]) -> dict[str, Field]:
    """Return a record class's fields by every name that the server has for them."""
    known: Any = record
    return body_fields(known)


@cache
def body_fields(record: Any) -> dict[str, Field]:
    """Return a record class's fields by every name that the server has for them; made on the first use."""
    hints = typing.get_type_hints(record)
    fields: dict[str, Field] = {}
    for wire_name, name in schema_of(record).own_names.items():
        kind = plain_kind(hints[name])
        late, accept = LATE_TYPES.get(kind, ()), ACCEPTS.get(kind, freeze)
        if is_record(kind):
            late, accept = (dict,), partial(accept_record, kind)
        elif is_record_list(kind):
            late, accept = (list,), partial(accept_records, *typing.get_args(kind))
        hook = converter().get_structure_hook(kind)
        fields[wire_name] = Field(name, kind, EXACT_TYPES.get(kind), late, hook, accept, is_alias=wire_name != name)
    return fields


def plain_kind(kind: Any) -> Any:
    """Turn `X | None` into `X`, and literals beside `str` into `str`."""
    if not isinstance(kind, UnionType) and typing.get_origin(kind) is not typing.Union:
        return kind
    parts = [part for part in typing.get_args(kind) if part is not NoneType]
    if str in parts:
        parts = [part for part in parts if typing.get_origin(part) is not typing.Literal]
    whole, *others = parts
    for other in others:
        whole |= other
    return whole


EXACT_TYPES: dict[Any, type] = {str: str, bool: bool, int: int, float: float, float | str: float}
LATE_TYPES: dict[Any, tuple[type, ...]] = {
    Any: (dict, list),
    Mapping[str, Any]: (dict,),
    Mapping[str, Secret]: (dict,),
    Sequence[Mapping[str, Any]]: (list,),
}


def accept_record(kind: type[HasSchema], value: Any) -> Any:
    """Make a record of a mapping."""
    return make_record(kind, thaw(value)) if is_mapping(value) else freeze(value)


def accept_records(kind: type[HasSchema], value: Any) -> Any:
    """Make records of a list of mappings."""
    return tuple(accept_record(kind, each) for each in value) if is_sequence(value) else freeze(value)


def accept_sequence(value: Any) -> Any:
    """Make a tuple of a list."""
    return tuple(freeze(value)) if is_sequence(value) else freeze(value)


ACCEPTS: dict[Any, Callable[[Any], Any]] = {
    Sequence[str]: accept_sequence,
    Sequence[str | Mapping[str, Any]]: accept_sequence,
    Sequence[Mapping[str, Any]]: accept_sequence,
}
