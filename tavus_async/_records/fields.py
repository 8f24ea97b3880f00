"""How a record's fields are declared, and what a record class knows of them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

import attrs

from tavus_async._records.immutable import FrozenDict, freeze
from tavus_async._records.secrets import mask_link

ALIASES = "aliases"
IS_SECRET = "is secret"  # noqa: S105 (a key of metadata)
OPAQUE = "opaque"
MASKED_BY = "masked by"
ADOPT = "adopt"
LATE = "late"
BESIDE_BODY = "beside the body"


def named(*aliases: str) -> Any:
    """Declare a field that the server also spells in these ways; the first is its name since the rename of 2026."""
    return attrs.field(default=None, metadata={ALIASES: aliases})


SECRET: Mapping[str, Any] = FrozenDict({IS_SECRET: True})
"""The metadata of a field that holds a Secret: `attrs.field(default=None, converter=make_secret, metadata=SECRET)`."""
SECRETS: Mapping[str, Any] = FrozenDict({IS_SECRET: True, LATE: True})
"""That of a field that holds a mapping to Secrets, with the converter `make_secrets`."""


def opaque() -> Any:
    """Declare a free-form field, of which only the size is shown: anything can be in it."""
    return attrs.field(default=None, metadata={OPAQUE: True, LATE: True})


def beside_body() -> Any:
    """Declare a field of which the body knows nothing: it is no part of `to_dict()`, and of no comparison."""
    return attrs.field(default=None, eq=False, metadata={BESIDE_BODY: True})


def nested(absent: Any, *, adopt: Callable[[Any, Any], None] | None = None) -> Any:
    """Declare a field that holds a record, or a sequence of some, made of its JSON when it is first asked for.

    *adopt* is called with the record that has the field, and with what was made.
    """
    return attrs.field(default=absent, metadata={LATE: True, ADOPT: adopt})


def link(*, hides_path: bool = False) -> Any:
    """Declare a field that holds a URL, of which a query, or the whole path too, is shown as little as a secret."""
    return attrs.field(default=None, metadata={MASKED_BY: partial(mask_link, hides_path=hides_path)})


class InstanceDict:
    """Has an instance dict that `vars` need not show: a subclass may say by a property what it shows instead."""


instance_dict: Callable[[Any], dict[str, Any]] = vars(InstanceDict)["__dict__"].__get__
"""Return the instance dict itself: of what was asked for already, and the body that the rest is in."""

UNREAD = "(unread)"
"""The name under which an instance dict holds the body, as long as not all of it was read."""


def stored(record: "HasSchema") -> dict[str, Any]:
    """Return the instance dict with all that the body has, and nothing for what it has not."""
    values = instance_dict(record)
    if UNREAD in values:
        read_all(record, values)
    return values


def read_all(record: "HasSchema", values: dict[str, Any]) -> None:
    """Read the whole body, but what was read already; a second thread may do so at the same time."""
    body = values.get(UNREAD)
    if body is None:
        return
    found = dict(values)  # what was read already
    type(record)._read_fields(body, found)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    keep = values.setdefault
    for name, value in found.items():
        keep(name, value)
    values.pop(UNREAD, None)


ABSENT = object()
LATER = " (later)"
"""What follows a field's name where the instance dict holds its JSON value, of which its value is yet to be made."""


class LateField:
    """A field whose value is made of the body when it is first asked for.

    Records are mostly read for a few of their fields. Since a JSON object with an id can always be made a record,
    nothing is learned later that should have been told at once.
    """

    __slots__ = ("adopt", "aliases", "default", "exact", "later_name", "make", "name")

    def __init__(
        self,
        name: str,
        default: Any,
        aliases: tuple[str, ...] = (),
        adopt: Callable[[Any, Any], None] | None = None,
    ) -> None:
        self.name = name
        self.adopt = adopt
        """Is told whose the value is, once that is made."""
        self.exact: type | None = None
        """The type of which every value is fine as it is; None where there is none."""
        self.make: Callable[[Any, Any], Any] | None = None
        """Makes the value of its JSON value; None for what stands for no field of the body."""
        self.later_name = f"{name}{LATER}"
        self.default = default
        self.aliases = aliases

    def __get__(self, record: Any, _owner: type) -> Any:
        """Return the value. Python asks only while the instance dict holds none of this name."""
        if record is None:
            return self.default
        values = instance_dict(record)
        body = values.get(UNREAD)
        if body is not None:
            value = body.get(self.name)
            if value.__class__ is self.exact:
                values[self.name] = value
                return value
            make = self.make
            if make is not None:
                if value is not None:
                    try:
                        made = make(value, None)
                    except (TypeError, ValueError):
                        pass
                    else:
                        if self.adopt is not None:
                            self.adopt(record, made)
                        values[self.name] = made
                        return made
                elif not self.aliases or not any(alias in body for alias in self.aliases):
                    return self._default_in(values)
            read_all(record, values)
        return self._made(record, values)

    def _made(self, record: Any, values: dict[str, Any]) -> Any:
        """Return the value of a record whose body has been read."""
        later = values.get(self.later_name, ABSENT)
        if self.name in values:  # asked after the other, which another thread may take away once this is there
            return values[self.name]
        if later is ABSENT:
            return self._default_in(values)
        value = freeze(later) if self.make is None else self.make(later, None)
        if self.adopt is not None:
            self.adopt(record, value)
        values[self.name] = value
        values.pop(self.later_name, None)
        return value

    def _default_in(self, values: dict[str, Any]) -> Any:
        """Return the default; None is remembered, since asking for it again is then much quicker."""
        if self.default is None:
            values[self.name] = None
        return self.default


@attrs.frozen(kw_only=True)
class Schema:
    """What a record class knows of its fields, apart from their types."""

    names: tuple[str, ...]
    """Of the fields that stand for fields of the body; what has no default, as the id, comes first."""
    required: tuple[str, ...]
    own_names: Mapping[str, str]
    """The field that each name of the body means, the record's own name and every other."""
    new_names: Mapping[str, str]
    """What those fields are called since the rename that were renamed."""
    secret_names: frozenset[str]
    opaque_names: frozenset[str]
    masks: Mapping[str, Callable[[str], str]]
    """For each field that holds a link: what shows it without the secrets in it."""
    fields: Mapping[str, LateField]
    """All fields that have a default, those too that stand for no field of the body."""
    late_names: frozenset[str]
    """Of those of which reading the whole body makes no values yet."""

    def spelled(self, name: str, *, renamed: bool) -> str:
        """Return the body's name for a field, since the rename or before."""
        return self.new_names.get(name, name) if renamed else name


class HasSchema(InstanceDict):
    """What reading knows of record classes.

    A class that stands for several may define `_kind_of(cls, body)`, a classmethod that returns the one for a body:
    reading it then makes that.
    """

    _schema: ClassVar[Schema]
    _read_fields: ClassVar[Callable[[dict[str, Any], dict[str, Any]], None]]
    """Stores what an instance dict holds of a whole body; each record class has its own, made for it."""


def schema_of(record: "HasSchema | type[HasSchema]") -> Schema:
    """Return what a record's class knows of its fields."""
    return record._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def make_schema(cls: type[Any]) -> Schema:
    """Return the schema of a record class that attrs has made."""
    fields = [field for field in attrs.fields(cls) if not field.metadata.get(BESIDE_BODY)]
    fields.sort(key=lambda field: field.default is not attrs.NOTHING)
    aliases = {field.name: field.metadata.get(ALIASES, ()) for field in fields}
    return Schema(
        names=tuple(field.name for field in fields),
        required=tuple(field.name for field in fields if field.default is attrs.NOTHING),
        own_names={alias: name for name, others in aliases.items() for alias in (name, *others)},
        new_names={name: others[0] for name, others in aliases.items() if others},
        secret_names=frozenset(field.name for field in fields if field.metadata.get(IS_SECRET)),
        opaque_names=frozenset(field.name for field in fields if field.metadata.get(OPAQUE)),
        masks={field.name: field.metadata[MASKED_BY] for field in fields if MASKED_BY in field.metadata},
        fields={
            field.name: LateField(
                field.name, field.default, tuple(field.metadata.get(ALIASES, ())), field.metadata.get(ADOPT)
            )
            for field in attrs.fields(cls)
            if field.default is not attrs.NOTHING
        },
        late_names=frozenset(field.name for field in attrs.fields(cls) if field.metadata.get(LATE)),
    )
