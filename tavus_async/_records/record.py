"""What all records share: unknown fields are kept, secrets are hidden, and the body can be given back."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar, NoReturn, Self, TypeGuard

import attrs

from tavus_async._records.timestamp import format_timestamp

ALIASES = "aliases"
SECRET = "secret"  # noqa: S105
OPAQUE = "opaque"
LATE = "late"
LONGEST_TEXT = 60
MOST_NAMES = 8
MASK = "***"

JsonObject = Mapping[str, Any]


class Nothing(dict[str, Any]):
    """The empty mapping that every record without unknown fields shares; it cannot be filled."""

    def _refuse(*_args: object, **_kwargs: object) -> NoReturn:
        message = "records are frozen: use attrs.evolve(record, extra={...})"
        raise TypeError(message)

    __setitem__ = __delitem__ = update = setdefault = pop = popitem = clear = __ior__ = _refuse

    def __reduce__(self) -> str:
        return "NOTHING"


NOTHING = Nothing()


def named(*aliases: str) -> Any:
    """Make a field that the server also spells in these ways."""
    return attrs.field(default=None, metadata={ALIASES: aliases})


def secret() -> Any:
    """Make a field whose value is never shown."""
    return attrs.field(default=None, repr=False, metadata={SECRET: True})


def opaque() -> Any:
    """Make a free-form field, of which only the size is shown: anything can be in it."""
    return attrs.field(default=None, repr=False, metadata={OPAQUE: True})


def late(default: "Record") -> Any:
    """Make a field that holds a record, which is made of its JSON object when it is first asked for."""
    return attrs.field(default=default, metadata={LATE: True})


class Masked(str):
    """A secret as the server showed it: masked or not, it is never shown, and never sent back."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class Unread(tuple[Any]):
    """The JSON object of a nested record that nobody has asked for yet; never shown, since secrets may be in it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<unread>"


class LateField:
    """A field that holds a record, made of its JSON object when it is first asked for.

    A list of personas is mostly read for a few of their fields. Since a JSON object can always be made a record,
    nothing is learned later that should have been told at once.
    """

    structure: Callable[[Any, Any], "Record"]
    """Makes the record of its JSON object; whoever stores unread ones sets it."""

    def __init__(self, name: str, default: "Record") -> None:
        self.name = name
        self.unread_name = f"{name} (unread)"
        self._default = default

    def __get__(self, record: "Record | None", _owner: type["Record"]) -> "Record":
        """Return the field's record. Python asks only while the instance holds none of this name."""
        if record is None:
            return self._default
        values: dict[str, Any] = record.__dict__
        unread: Unread | None = values.get(self.unread_name)
        if unread is None:  # or another thread has been quicker
            made: Record = values.get(self.name, self._default)
        else:
            made = values[self.name] = self.structure(unread[0], None)
            values.pop(self.unread_name, None)
        return made


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Record:
    """What the server sent, field by field; None is what it did not send.

    A record's bool says whether the server sent it at all:
    a layer that is absent from the body is an empty record that is false.
    """

    extra: JsonObject = attrs.field(default=NOTHING, repr=False)
    """Every field that this record does not know, and every known one of an unexpected type, as it came."""

    _wire_names: Mapping[str, str] | None = attrs.field(default=NOTHING, eq=False, repr=False, alias="wire_names")

    known_names: ClassVar[tuple[str, ...]] = ()
    """The names of the fields that stand for fields of the body."""
    secret_names: ClassVar[frozenset[str]] = frozenset()
    """The names of those whose values are never shown."""
    opaque_names: ClassVar[frozenset[str]] = frozenset()
    """The names of those of which only the size is shown."""
    late_fields: ClassVar[Mapping[str, LateField]] = {}
    """Those whose records are made late, by name."""

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        fields = [field for field in attrs.fields(cls) if field.name not in {"extra", "_wire_names"}]
        # What has no default, as the id, comes first.
        fields.sort(key=lambda field: field.default is not attrs.NOTHING)
        cls.known_names = tuple(field.name for field in fields)
        cls.secret_names = frozenset(field.name for field in fields if field.metadata.get(SECRET))
        cls.opaque_names = frozenset(field.name for field in fields if field.metadata.get(OPAQUE))

        # A record that is made of a body holds just what the body has; the rest it finds here. With slots, and a
        # value written to each, most of the time that it takes to read a persona would go into writing None.
        late_fields: dict[str, LateField] = {}
        for field in attrs.fields(cls):
            if field.metadata.get(LATE):
                late_fields[field.name] = LateField(field.name, field.default)
            if field.default is not attrs.NOTHING:
                setattr(cls, field.name, late_fields.get(field.name, field.default))
        cls.late_fields = late_fields

    @classmethod
    def absent(cls) -> Self:
        """Return the empty record that stands for one that was not sent."""
        return cls(wire_names=None)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON body back: known fields, unknown ones, in the server's own spelling.

        Nulls are left out, timestamps may be re-spelled as the same instant.
        The values are copies: changing them does not change the record.
        """
        body = {name: copy_json(value) for name, value in self.extra.items()}
        wire_names = self._wire_names or NOTHING
        for name, value in self._known():
            body[wire_names.get(name, name)] = to_json(value)
        return body

    @property
    def spelling(self) -> dict[str, str]:
        """The name in the body of each field that is there."""
        wire_names = self._wire_names or NOTHING
        return {name: wire_names.get(name, name) for name, _ in self._known()}

    def __bool__(self) -> bool:
        return self._wire_names is not None or bool(self.extra) or any(True for _ in self._known())

    def __getstate__(self) -> dict[str, Any]:
        for name in self.late_fields:
            getattr(self, name)
        return self.__dict__.copy()

    def __repr__(self) -> str:
        shown = [f"{name}={self._show(name, value)}" for name, value in self._known()]
        if self.extra:
            shown.append(f"extra={show_names(self.extra)}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def _show(self, name: str, value: Any) -> str:
        if name in self.secret_names:
            return "'***'"
        return show_size(value) if name in self.opaque_names else show(value)

    def _known(self) -> Iterator[tuple[str, Any]]:
        for name in self.known_names:
            value = getattr(self, name)
            if value is not None and (value or not isinstance(value, Record)):
                yield name, value


def to_json(value: Any) -> Any:
    """Turn one field's value back into JSON values."""
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, datetime):
        return format_timestamp(value)
    if isinstance(value, Masked):
        return str(value)
    return copy_json(value)


def copy_json(value: Any) -> Any:
    """Copy JSON values, however deep; tuples become lists."""
    copy = [value]
    unfinished: list[tuple[list[Any] | dict[Any, Any], Any]] = [(copy, 0)]
    while unfinished:
        holder, place = unfinished.pop()
        inner = holder[place]
        if is_mapping(inner):
            object_copy = dict(inner)
            holder[place] = object_copy
            unfinished += [(object_copy, name) for name in object_copy]
        elif is_sequence(inner):
            list_copy = list(inner)
            holder[place] = list_copy
            unfinished += [(list_copy, index) for index in range(len(list_copy))]
    return copy[0]


def is_mapping(value: Any) -> TypeGuard[JsonObject]:
    """Tell whether this is a JSON object."""
    return isinstance(value, Mapping)


def is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    """Tell whether this is a JSON list; a field's value holds one as a tuple."""
    return isinstance(value, (list, tuple))


def show(value: Any) -> str:
    """Show a field's value in a repr, but not all of a long one."""
    if is_mapping(value) or is_sequence(value) or isinstance(value, int):
        return show_size(value)
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[: LONGEST_TEXT - 1]!r}… ({len(value)} characters)"
    return repr(value)


def show_size(value: Any) -> str:
    """Show how much a value holds, and not what; a number or a boolean is shown, unless it is huge."""
    if is_mapping(value):
        return f"<{len(value)} keys>"
    if is_sequence(value):
        return f"<{len(value)} items>"
    if isinstance(value, str):
        return f"<{len(value)} characters>"
    if isinstance(value, int) and value.bit_length() > LONGEST_TEXT:
        return f"<{value.bit_length()} bits>"
    return repr(value)


def show_names(names: Collection[str]) -> str:
    """Show the first names of a mapping, and how many there are besides."""
    shown = [
        name if len(name) <= LONGEST_TEXT else f"{name[: LONGEST_TEXT - 1]}…" for name in islice(names, MOST_NAMES)
    ]
    if len(names) > MOST_NAMES:
        shown.append(f"and {len(names) - MOST_NAMES} more")
    return f"<{', '.join(shown)}>"
