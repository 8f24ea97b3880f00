"""What all records share: unknown fields are kept, secrets are hidden, and the body can be given back."""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import attrs

from tavus_async._records.body import body_of, known_fields, mask, mask_links, shown_fields
from tavus_async._records.display import Shown
from tavus_async._records.fields import BESIDE_BODY, LATE, HasSchema, instance_dict, make_schema, schema_of, stored
from tavus_async._records.frameworks import OwnSerializer, plain_schema
from tavus_async._records.immutable import (
    EMPTY,
    JsonObject,
    freeze,
    is_mapping,
    leaves,
    refuse_depth,
    thaw,
)
from tavus_async._records.reading import fill, holds_records, make_record, nested_records
from tavus_async._records.secrets import Hidden, Secret, shown
from tavus_async._records.unknown import extra_of, is_second_name, own_value, warn_of_unknown
from tavus_async.errors import InvalidRequestError

RecordT = TypeVar("RecordT", bound="Record")


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Record(HasSchema):
    """What the server sent, field by field; None is what it did not send.

    A record's bool says whether the server sent it at all: a layer that is absent from the body is an empty record
    that is false. Records are values: equal if their fields are, hashable, and nobody can change what is in one.

    `dict(record)`, `vars(record)`, and what web frameworks, pydantic and rich make of one, is
    `to_dict(secrets=False)`, with secrets masked; `to_dict()` is the whole.
    """

    extra: JsonObject = attrs.field(
        default=EMPTY, repr=False, converter=freeze, metadata={LATE: True, BESIDE_BODY: True}
    )
    """Every field that this record does not know, and every known one of an unexpected type, as it came.

    But what has the name of a credential, such as `x_api_key`, is a Secret.
    """

    _wire_names: Mapping[str, str] | None = attrs.field(
        default=EMPTY, eq=False, repr=False, alias="wire_names", metadata={BESIDE_BODY: True}
    )

    _is_draft: ClassVar[bool] = False
    """Whether this is what a create takes: its secrets are the caller's own, not what the server shows of them."""

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        cls._schema = make_schema(cls)
        # A record that is made of a body holds the body; each field finds its value in there. With slots, and a value
        # written to each, most of the time that it takes to read a record would go into writing what nobody asks for.
        for name, field in cls._schema.fields.items():
            setattr(cls, name, field)
        cls.__hash__ = Record.__hash__  # type: ignore[method-assign]
        cls.__init__ = make_constructor(cls)  # type: ignore[method-assign]

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Self:
        """Read a JSON object, as the API or its documentation has it, in the names before or since the rename.

        What the class does not know, and what is of a wrong type, is kept in `extra`, and told by an
        `UnknownFieldWarning`. Raises InvalidRequestError for what is no mapping, or lacks an id that the record needs,
        and for a draft with a value of a wrong type.
        """
        given = Hidden(shown(body))
        del body
        if not is_mapping(given.given):
            raise InvalidRequestError(f"{cls.__name__}.from_dict takes a mapping, not a {type(given.given).__name__}")
        refuse_depth(given)
        record = make_record(cls, thaw(given.given))
        missing = [name for name in cls._schema.required if name not in stored(record)]
        if missing:
            raise InvalidRequestError(f"a {cls.__name__} needs {' and '.join(missing)}, as a text")
        made = own_draft(record, given) if cls._is_draft else record
        warn_of_unknown(made)
        return made

    def to_dict(self, *, secrets: bool = True) -> dict[str, Any]:
        """Return the JSON body: known fields, unknown ones, in the server's own spelling.

        Nulls are left out, timestamps may be re-spelled as the same instant. Without *secrets*, each is `"***"`.
        The values are copies: changing them does not change the record.
        """
        return body_of(self, secret=Secret.reveal if secrets else str)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return self.to_dict(secrets=False)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.to_dict(secrets=False).items())

    def __dir__(self) -> list[str]:
        return [*dir(type(self)), *self._schema.required]

    def __bool__(self) -> bool:
        return self._wire_names is not None or bool(self.extra) or any(True for _ in known_fields(self))

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in self._schema.names), self.extra))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        for name in self._schema.late_names:
            getattr(self, name)
        # Plain values nest deeper in a pickle than those that each need a call to be made.
        kept = {name: mask(self, name, value) for name, value in stored(self).items()}
        return restore, (type(self), {name: each_item(pickled, value) for name, value in kept.items()})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={text}' for name, text in shown_fields(self))})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        for name, text in shown_fields(self):
            yield name, Shown(text)

    __pydantic_serializer__: ClassVar = OwnSerializer()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> dict[str, Any]:
        return plain_schema(read=partial(validate, cls), write=partial(body_of, secret=str), kind="dict")

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: object, _handler: object) -> dict[str, Any]:
        return {"type": "object", "title": cls.__name__}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            own = self._schema.own_names.get(name)
            hint = f": its name here is {own}" if own else ""
            message = f"a {type(self).__name__} has no attribute {name!r}{hint}"
            raise AttributeError(message, name=name, obj=self)


def make_constructor(cls: type[Record]) -> Any:
    """Return the constructor of a record class, with the signature that attrs has made for it.

    It stores what it is given, and leaves the rest to the class.
    """
    made_by_attrs: Any = cls.__init__
    fields: dict[str, Any] = {str(field.alias): field for field in attrs.fields(cls)}

    @wraps(made_by_attrs)
    def construct(self: Record, /, **values: Any) -> None:
        problem = find_problem(cls, fields, values)
        if instance_dict(self):
            problem = f"this {cls.__name__} has been made already, and others may hold it: attrs.evolve makes another"
        if problem:
            values.clear()  # which may hold secrets, as a local variable of the traceback
            raise TypeError(problem)
        given = Hidden(dict(values))
        values.clear()
        for part in (without_extra(given), Hidden(given.given.get("extra"))):
            refuse_depth(part)
        given.given = {
            fields[alias].name: convert(fields[alias].converter, value) for alias, value in given.given.items()
        }
        fill(self, given.given)
        if given.given.get("_wire_names", EMPTY) is None:
            stored(self)["_wire_names"] = None
        for name in given.given:
            inner = stored(self).get(name) if is_mapping(given.given[name]) else None
            if isinstance(inner, Record):
                inner = stored(self)[name] = own_draft(inner, given)
                warn_of_unknown(inner, path=f"{name}.")

    return construct


def without_extra(given: Hidden) -> Hidden:
    """Return what a constructor was given, as the fields of a body, which have those of *extra* beside them."""
    return Hidden({name: value for name, value in given.given.items() if name != "extra"})


def convert(converter: Any, value: Any) -> Any:
    """Return what a field's converter, if it has one, makes of an argument."""
    return converter(value) if converter is not None else value


def find_problem(cls: type[Record], known: Collection[str], values: Mapping[str, Any]) -> str | None:
    """Return the message for what a record cannot be made of."""
    for name in values:
        if name not in known:
            return unknown_argument(cls, name)
    for name in schema_of(cls).required:
        if values.get(name) is None:
            return f"{cls.__name__}() needs {name}"
    extra = values.get("extra")
    return None if extra is None or is_mapping(extra) else f"extra must be a mapping, not a {type(extra).__name__}"


def unknown_argument(cls: type[Record], name: str) -> str:
    """Return the message for an argument that a record class does not take, with what may have been meant."""
    own = schema_of(cls).own_names.get(name)
    meant = [own] if own else difflib.get_close_matches(name, schema_of(cls).names, 1)
    hint = f" (did you mean {meant[0]}?)" if meant else ""
    return f"{cls.__name__}() takes no {name!r}{hint}; {cls.__name__}.from_dict keeps unknown fields"


def restore(cls: type[Record], values: dict[str, Any]) -> Record:
    """Return the record that a pickle holds."""
    record = object.__new__(cls)
    instance_dict(record).update({name: each_item(freeze, value) for name, value in values.items()})
    return record


def pickled(value: Any) -> Any:
    """Return a field's value as a pickle holds it; links in what is free-form are masked."""
    copy = thaw(value)
    return mask_links(copy) if isinstance(copy, (dict, list)) else copy


def each_item(change: Callable[[Any], Any], value: Any) -> Any:
    """Return a value changed; of a tuple, as fields hold lists, a tuple of its items changed."""
    return tuple(map(change, value)) if value.__class__ is tuple else change(value)


def validate(cls: type[Record], value: Any) -> Record:
    """Take a record, or read a mapping, as pydantic asks for it: a ValueError says what is wrong."""
    if isinstance(value, cls):
        return value
    try:
        return cls.from_dict(value)
    except InvalidRequestError as error:
        problem = str(error)
    raise ValueError(problem)


def misfits(record: Record) -> list[str]:
    """Return the fields, as in `layers.llm.model`, that hold a value of a type that no server takes."""
    return list(find_misfits(record, make_record(type(record), body_of(record, renamed=False))))


def find_misfits(given: Record, read: Any) -> Iterator[str]:
    """Yield the fields of a record that are not read from the body which it makes; *extra* is nobody's business."""
    for name in schema_of(given).names:
        value: Any = getattr(given, name)
        fit: Any = getattr(read, name, None)
        if isinstance(value, Record) and type(value) is type(fit):
            yield from (f"{name}.{misfit}" for misfit in find_misfits(value, fit))
        elif holds_records(value) and holds_records(fit):
            for index, (one, other) in enumerate(zip(value, fit, strict=True)):
                inner: Any = one
                yield from (f"{name}[{index}].{misfit}" for misfit in find_misfits(inner, other))
        elif value is not None and (fit is None or isinstance(fit, Record)):
            yield name


def own_draft(record: RecordT, given: Hidden) -> RecordT:
    """Return what a caller has written as a mapping: its texts are its own secrets, whether they look shortened or not.

    Secrets and records that it holds are left as they are. Raises InvalidRequestError for values of wrong types, and
    for two values of one field.
    """
    found = [
        (f"{path}{name}", inner, name, is_second_name(inner, name))
        for path, inner in nested_records(record)
        for name in extra_of(inner)
        if name in schema_of(inner).own_names
    ]
    misread = [path for path, _, _, is_second in found if not is_second]
    if misread:
        raise InvalidRequestError(f"there are values of the wrong type: {', '.join(misread)}")
    unlike = [path for path, inner, name, _ in found if extra_of(inner)[name] != own_value(inner, name)]
    if unlike:
        raise InvalidRequestError(f"there are other values under second names for fields: {', '.join(unlike)}")
    return with_own_secrets(record, frozenset(map(id, leaves(given.given))))


def with_own_secrets(record: RecordT, besides: frozenset[int]) -> RecordT:
    """Return a record whose secrets are a caller's own: they are sent. Those of these ids stay as they are."""
    changes: dict[str, Any] = {}
    for name, value in known_fields(record):
        if id(value) in besides:
            continue
        if isinstance(value, Record):
            changes[name] = with_own_secrets(value, besides)
        elif holds_records(value):
            items: Any = value
            changes[name] = tuple(each if id(each) in besides else with_own_secrets(each, besides) for each in items)
        elif name in schema_of(record).secret_names:
            changes[name] = thaw(value, lambda secret: secret if id(secret) in besides else Secret(secret.reveal()))
    return attrs.evolve(record, **changes) if changes else record


# attrs does this for each subclass, and not for the class itself.
Record.__attrs_init_subclass__()
