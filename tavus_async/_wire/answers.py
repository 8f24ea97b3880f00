"""How answers hold the objects of a resource: one, one page, all, or what was just created."""

import sys
from collections.abc import Callable
from types import NoneType
from typing import Any, Final, Generic, TypeVar

import attrs

from tavus_async._records.fields import schema_of
from tavus_async._records.json import is_list, is_object, load
from tavus_async._records.reading import record_hook
from tavus_async._records.record import Record
from tavus_async._values import Page
from tavus_async.errors import DecodeError

RecordT = TypeVar("RecordT", bound=Record)
CreatedT = TypeVar("CreatedT", bound=Record)

Reader = Callable[[Any, None], RecordT]

TOTALS: Final = ("total_count", "total")
"""The names under which a page may say how many items there are on all pages."""


@attrs.frozen(kw_only=True)
class Form(Generic[RecordT]):
    """What tells an object of one resource in an answer, and a list of them."""

    record: type[RecordT]
    id_name: str
    """Of the record's id field."""
    plural: str
    """What errors call several of them."""
    list_keys: tuple[str, ...] = ("data",)
    """The names under which a list may be."""
    lists_id: bool = True
    """Whether each object in a list has an id."""
    other_ids: tuple[str, ...] = ()
    """The names under which an object may have its id where it has none, the first that is there counts.

    Where there are some, the answer that was asked for by an id may even have none at all.
    """
    has_parts: bool = False
    """Whether an object is a set, with its parts in a list under `data`, which is no envelope then."""
    id_names: tuple[str, ...] = attrs.field(init=False)
    """Under which a body may hold the id."""

    def __attrs_post_init__(self) -> None:
        names = (alias for alias, name in schema_of(self.record).own_names.items() if name == self.id_name)
        object.__setattr__(self, "id_names", tuple(names))

    def has_id(self, value: Any, item_id: str | None = None) -> bool:
        """Return whether this is an object with an id, or with this one; under two names, the record's own counts."""
        if value.__class__ is dict:
            for name in self.id_names:
                found = value.get(name)
                if found.__class__ is str:
                    return item_id is None or found == item_id
        return False

    def check_id(self, value: Any, path: str) -> None:
        """Validate an object with an id; DecodeError for anything else."""
        if not self.has_id(value):
            raise DecodeError(path=path, expected=f"an object with {' or '.join(self.id_names)}", got=kind_of(value))

    def named(self, value: Any, item_id: str | None) -> Any:
        """Return an object with the id that was asked for, or that it has under another name, if it has none itself.

        Of what has no field of the record, and of anything but an object, nothing is changed.
        """
        if not self.other_ids or not is_object(value) or value.get(self.id_name) is not None or self.has_id(value):
            return value
        if item_id is None:
            item_id = next((value[name] for name in self.other_ids if isinstance(value.get(name), str)), None)
        known = schema_of(self.record).own_names
        if item_id is None or not any(name in known and each is not None for name, each in value.items()):
            return value
        return {**value, self.id_name: item_id}

    def check_listed(self, value: Any, path: str) -> None:
        """Validate an object in a list; DecodeError for anything else."""
        if self.lists_id or not is_object(value):
            self.check_id(value, path)


def reader(record: type[RecordT]) -> Reader[RecordT]:
    """Return what makes this record of a JSON object: before a call is sent, so that no answer waits for its making."""
    kind: Any = record
    return record_hook(kind)


def decode_one(form: Form[RecordT], read: Reader[RecordT], item_id: str, body: bytes) -> RecordT:
    """Read one item: bare, in the documented `{"data": [item]}`, or in `{"data": item}`.

    Where an envelope holds several, it is the one with *item_id*.
    Raises DecodeError for anything that is not an object with that id: another item is no answer.
    """
    value = load(body)
    # Most have it under its own name, at the top.
    is_bare = value.__class__ is dict and value.get(form.id_name) == item_id and not form.has_parts
    if not is_bare and (form.has_parts or not form.has_id(value, item_id)):
        value, path = unwrap(form, value, item_id)
        value = form.named(value, item_id)
        form.check_id(value, path)
        if not form.has_id(value, item_id):
            raise DecodeError(path=path, expected=f"the {form.id_name} {item_id}", got="another one")
    return read(value, None)


def decode_all(form: Form[RecordT], read: Reader[RecordT], body: bytes) -> tuple[RecordT, ...]:
    """Read a list that comes whole; DecodeError where the body is no list of objects with ids."""
    return decode_page(form, read, body).items


def decode_page(form: Form[RecordT], read: Reader[RecordT], body: bytes) -> Page[RecordT]:
    """Read one page; DecodeError where the body is no list of items with ids."""
    value = load(body)
    items, path = value, "$"
    if is_object(value):
        key = next((key for key in form.list_keys if is_list(value.get(key))), form.list_keys[0])
        items, path = value.get(key), f"$.{key}"
    if not is_list(items):
        raise DecodeError(path=path, expected=f"a list of {form.plural}", got=kind_of(items))
    id_name = form.id_name
    index = 0
    for item in items:
        # Most have it under its own name: a call for each of them would take as long as all else here.
        if item.__class__ is not dict or item.get(id_name).__class__ is not str:
            items[index] = item = form.named(item, None)  # noqa: PLW2901
            form.check_listed(item, f"{path}[{index}]")
        index += 1  # noqa: SIM113 (enumerate would make a pair for each)
    return Page(items=tuple([read(item, None) for item in items]), total_count=total_of(value))


def total_of(value: Any) -> int | None:
    """Return how many items a page says that there are on all pages; None where it does not say."""
    total = next((value[name] for name in TOTALS if name in value), None) if is_object(value) else None
    return total if type(total) is int and 0 <= total <= sys.maxsize else None


def decode_created(form: Form[Any], read: Reader[CreatedT], body: bytes) -> CreatedT:
    """Read the answer to a create; DecodeError for anything that is not an object with an id."""
    value, path = unwrap(form, load(body), None)
    value = form.named(value, None)
    form.check_id(value, path)
    if form.has_id(value, ""):
        raise DecodeError(path=path, expected=f"the {form.id_name} of what was created", got="an empty one")
    return read(value, None)


def decode_merged(form: Form[RecordT], read: Reader[RecordT], item_id: str, body: bytes) -> RecordT:
    """Read the answer to a change of one item, which has happened: it may tell less than the item, or nothing.

    Raises DecodeError only where it tells of another item.
    """
    value: Any = load(body) if body.strip() else {}
    if is_object(value) and "data" not in value and not form.has_id(value):
        return read({**value, form.id_name: item_id}, None)
    return decode_one(form, read, item_id, body)


def unwrap(form: Form[Any], value: Any, item_id: str | None) -> tuple[Any, str]:
    """Take an item out of its envelope, if it is in one, and tell where it was."""
    if form.has_parts:
        return unwrap_whole(form, value)
    if not is_object(value) or form.has_id(value) or "data" not in value:
        return value, "$"
    data = value["data"]
    if not is_list(data):
        return data, "$.data"
    if not data:
        raise DecodeError(path="$.data", expected="an object with an id", got="an empty list")
    found = (index for index, item in enumerate(data) if form.has_id(form.named(item, None), item_id))
    index = next(found, None)
    if index is None and form.other_ids and len(data) > 1:
        return data, "$.data"  # none of several is what was asked for
    return data[index or 0], f"$.data[{index or 0}]"


def unwrap_whole(form: Form[Any], value: Any) -> tuple[Any, str]:
    """Take an object out of its envelope together with its parts.

    Where it has an object in their place, that stands for all of them: its fields become those of the whole.
    """
    data = value.get("data") if is_object(value) else None
    inner = data[0] if is_list(data) and len(data) == 1 else data
    if is_object(inner) and "data" in inner and not form.has_id(value):
        return inner, "$.data"
    if is_object(data):
        return {**{name: each for name, each in value.items() if name != "data"}, **data}, "$.data"
    return value, "$"


def kind_of(value: object) -> str:
    """Name the kind of a JSON value, without its content."""
    if is_object(value):
        return "an object without them" if value else "an empty object"
    if is_list(value):
        return f"a list of {len(value)}"
    names: dict[type, str] = {str: "a string", bool: "a boolean", NoneType: "null"}
    return names.get(type(value), "a number")
