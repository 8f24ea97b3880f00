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
LATE = "late"


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


def nested(absent: Any) -> Any:
    """Declare a field that holds a record, or a sequence of some, made of its JSON when it is first asked for."""
    return attrs.field(default=absent, metadata={LATE: True})


def link(*, hides_path: bool = False) -> Any:
    """Declare a field that holds a URL, of which a query, or the whole path too, is shown as little as a secret."""
    return attrs.field(default=None, metadata={MASKED_BY: partial(mask_link, hides_path=hides_path)})


class InstanceDict:
    """Has an instance dict that `vars` need not show: a subclass may say by a property what it shows instead."""


stored: Callable[[Any], dict[str, Any]] = vars(InstanceDict)["__dict__"].__get__
"""Return the instance dict itself, which holds what a record's body had, and nothing for what it had not."""


class LateField:
    """A field whose value is made of its JSON value when it is first asked for.

    A list is mostly read for a few fields of each record, so most of what nests in them is never looked at. Since a
    JSON object can always be made a record, nothing is learned later that should have been told at once.
    """

    make: Callable[[Any], Any] = staticmethod(freeze)
    """Makes the value of its JSON value."""

    def __init__(self, name: str, default: Any) -> None:
        self.name = name
        self.unread_name = f"{name} (unread)"
        self.default = default

    def __get__(self, record: Any, _owner: type) -> Any:
        """Return the value. Python asks only while the instance dict holds none of this name."""
        if record is None:
            return self.default
        values = stored(record)
        try:
            unread = values[self.unread_name]
        except KeyError:  # or another thread has been quicker
            return values.get(self.name, self.default)
        value = values[self.name] = self.make(unread)
        values.pop(self.unread_name, None)
        return value


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
    late_fields: Mapping[str, LateField]

    def spelled(self, name: str, *, renamed: bool) -> str:
        """Return the body's name for a field, since the rename or before."""
        return self.new_names.get(name, name) if renamed else name


class HasSchema(InstanceDict):
    """What reading knows of record classes.

    A class that stands for several may define `_kind_of(cls, body)`, a classmethod that returns the one for a body:
    reading it then makes that.
    """

    _schema: ClassVar[Schema]


def schema_of(record: "HasSchema | type[HasSchema]") -> Schema:
    """Return what a record's class knows of its fields."""
    return record._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def make_schema(cls: type[Any], *, without: frozenset[str]) -> Schema:
    """Return the schema of a record class that attrs has made."""
    fields = [field for field in attrs.fields(cls) if field.name not in without]
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
        late_fields={
            field.name: LateField(field.name, field.default) for field in attrs.fields(cls) if field.metadata.get(LATE)
        },
    )
