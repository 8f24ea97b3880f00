"""What the endpoints of one resource have in common: its paths, its ids, its records, and how answers hold them."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import CoroutineType, NoneType
from typing import Any, Generic, TypeVar, cast

import attrs

from tavus_async import patch as json_patch
from tavus_async._records.body import body_of, has_masked_link
from tavus_async._records.fields import schema_of
from tavus_async._records.immutable import is_mapping, keep, refuse_depth, thaw
from tavus_async._records.json import is_list, is_object, load
from tavus_async._records.reading import nested_records, record_hook
from tavus_async._records.record import Record, misfits
from tavus_async._records.secrets import MASK, Hidden, Secret, hidden_parts, shown
from tavus_async._records.spelling import find_place, is_masked, secrets_in, spell_value, without_masked
from tavus_async._settings import checks
from tavus_async._values import Page
from tavus_async._wire.call import Call, decode_changed, decode_nothing, encode, query_pairs
from tavus_async._wire.path import quote_id
from tavus_async.errors import DecodeError, InvalidRequestError

RecordT = TypeVar("RecordT", bound=Record)
CreatedT = TypeVar("CreatedT", bound=Record)

Reader = Callable[[Any, None], RecordT]
QueryValue = str | int | bool | None


@attrs.frozen(kw_only=True)
class Resource(Generic[RecordT]):
    """One resource of the API: what is the same for all its endpoints."""

    path: str
    """Of its list, as in `/v2/videos`."""
    renamed_path: str | None = None
    """The same since the API's rename of 2026; None where it has not changed."""
    record: type[RecordT]
    id_name: str
    """Of the record's id field."""
    list_keys: tuple[str, ...] = ("data",)
    """The names under which a page may hold its items."""
    first_page: int = 1
    """The number of the first page."""
    id_names: tuple[str, ...] = attrs.field(init=False)
    """Under which a body may hold the id."""

    def __attrs_post_init__(self) -> None:
        names = (alias for alias, name in schema_of(self.record).own_names.items() if name == self.id_name)
        object.__setattr__(self, "id_names", tuple(names))

    @property
    def plural(self) -> str:
        """What errors call several items."""
        return self.path.rpartition("/")[2].replace("-", " ")

    def get(self, item_id: str, **options: QueryValue) -> Call[RecordT]:
        """Return the call that reads one item; with *options*, which change what is read, it is always asked anew."""
        path, renamed_path = self.item_path(item_id)
        query = tuple(query_pairs(options))
        return Call(
            method="GET",
            path=path,
            renamed_path=renamed_path,
            query=query,
            decode=partial(decode_one, self, reader(self.record), item_id),
            reads=None if query else path,
        )

    def list_page(self, *, page: int, limit: int, **filters: QueryValue) -> Call[Page[RecordT]]:
        """Return the call that reads one page; a filter that is None is not sent.

        Raises InvalidRequestError for a page before the first, and for a limit below 1.
        """
        for name, value, least in (("page", page, self.first_page), ("limit", limit, 1)):
            if type(value) is not int or value < least:
                raise InvalidRequestError(f"{name} must be a whole number from {least} up, not {checks.display(value)}")
        query = tuple(query_pairs({"limit": limit, "page": page, **filters}))
        decode = partial(decode_page, self, reader(self.record))
        return Call(method="GET", path=self.path, renamed_path=self.renamed_path, decode=decode, query=query)

    def create(self, draft: Record, created: type[CreatedT], *, name: str | None, find: str) -> Call[CreatedT]:
        """Return the call that creates what a draft says.

        *name* is by what it can be found after a lost answer, *find* the method that does so. What the server has
        masked is not sent. Raises InvalidRequestError for values of the wrong type.
        """
        refuse_misfits("the draft", misfits(draft))
        refuse_masked_links(draft)
        given = Hidden(body_of(draft, secret=keep))
        refuse_depth(given)
        if has_masked_link(given.given):
            raise InvalidRequestError("the draft has a link that was shown without its secret")
        bodies = [without_masked(body_of(draft, renamed=each, secret=keep)) for each in (False, True)]
        body, renamed_body = (encode(thaw(each, Secret.reveal)) for each in bodies)
        return Call(
            method="POST",
            path=self.path,
            renamed_path=self.renamed_path,
            body=body,
            renamed_body=renamed_body,
            decode=partial(decode_created, self, reader(created)),
            repeatable=False,
            creates=name,
            recovery=f"await session.{find}({name!r}) tells" if name else "the list tells",
            secrets=(*secrets_in(bodies[0]), *links_in(draft)),
        )

    def patch(
        self,
        item_id: str,
        operations: Iterable[json_patch.Operation | Mapping[str, Any]],
        *,
        query: Mapping[str, str] | None = None,
    ) -> Call[bool]:
        """Return the call that applies a JSON Patch, its pointers in the names before or since the rename."""
        steps = json_patch.read(operations)
        path, renamed_path = self.item_path(item_id)
        spelled = [[spell_operation(step, self.record, renamed=each) for step in steps] for each in (False, True)]
        body, renamed_body = (encode([step.to_dict() for step in each]) for each in spelled)
        return Call(
            method="PATCH",
            path=path,
            renamed_path=renamed_path,
            query=tuple((query or {}).items()),
            body=body,
            renamed_body=renamed_body,
            decode=decode_changed,
            unchanged=False,
            repeatable=False,
            changes=path,
            secrets=secrets_in([step.value for step in spelled[0]]),
        )

    def diff(self, before: RecordT, after: RecordT, *, without: frozenset[str]) -> list[json_patch.Operation]:
        """Return the smallest patch between two records of one item, apart from fields that the server alone sets.

        A secret that the server has masked is what *before* has there. Raises InvalidRequestError for records of two
        items, and for values of the wrong type.
        """
        checks.of_kind("before", before, self.record, error=InvalidRequestError)
        checks.of_kind("after", after, self.record, error=InvalidRequestError)
        self.item_path(getattr(before, self.id_name))
        if getattr(before, self.id_name) != getattr(after, self.id_name):
            raise InvalidRequestError(f"before and after are two {self.plural}: their {self.id_name} differs")
        refuse_misfits("after", misfits(after))
        old, new = (
            {name: value for name, value in body_of(each, renamed=False, secret=keep).items() if name not in without}
            for each in (before, after)
        )
        return json_patch.diff(old, without_masked(new, old))

    def delete(self, item_id: str, **options: QueryValue) -> Call[None]:
        """Return the call that deletes one item."""
        path, renamed_path = self.item_path(item_id)
        return Call(
            method="DELETE",
            path=path,
            renamed_path=renamed_path,
            query=tuple(query_pairs(options)),
            decode=decode_nothing,
            changes=path,
        )

    def act(self, item_id: str, action: str, body: bytes | None = None) -> Call[None]:
        """Return the call that POSTs to a path beneath one item, of whose answer the status says all.

        It is not repeated after a lost answer.
        """
        path, renamed_path = self.item_path(item_id)
        return Call(
            method="POST",
            path=f"{path}/{action}",
            renamed_path=f"{renamed_path}/{action}" if renamed_path is not None else None,
            body=body,
            decode=decode_nothing,
            repeatable=False,
            changes=path,
        )

    def item_path(self, item_id: str) -> tuple[str, str | None]:
        """Return the path of one item, before and since the rename; InvalidRequestError for what cannot be an id."""
        quoted = quote_id(item_id, name=self.id_name)
        return f"{self.path}/{quoted}", f"{self.renamed_path}/{quoted}" if self.renamed_path is not None else None

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


def as_draft(kind: type[RecordT], draft: object) -> RecordT:
    """Return a draft, read from a mapping if it is one; InvalidRequestError for anything else."""
    if is_mapping(shown(draft)):
        return kind.from_dict(cast("Mapping[str, Any]", draft))
    if isinstance(draft, kind):
        return draft
    hint = ""
    if isinstance(draft, Record) and hasattr(kind, "of"):
        hint = f": {kind.__name__}.of(…) makes one of a {type(draft).__name__}"
    if isinstance(draft, CoroutineType):
        draft.close()  # or Python would warn as well that nobody has awaited it
        hint = ": await it first"
    given = checks.describe(shown(draft))
    raise InvalidRequestError(f"draft must be a {kind.__name__}, not {given}{hint}")


def refuse_misfits(name: str, wrong: list[str]) -> None:
    """Raise InvalidRequestError where there are fields of the wrong type."""
    if wrong:
        raise InvalidRequestError(f"{name} has values of the wrong type: {', '.join(wrong)}")


def links_in(record: Record) -> Iterator[Secret]:
    """Yield what is not to be shown of the links of a record, as Secrets."""
    for _, inner in nested_records(record):
        for name, mask in schema_of(inner).masks.items():
            url = getattr(inner, name)
            if isinstance(url, str):
                yield from hidden_parts(url, mask(url))


def refuse_masked_links(draft: Record) -> None:
    """Raise InvalidRequestError for a link that was copied from where its secret is not shown."""
    links = [(f"{path}{name}", getattr(inner, name)) for path, inner in nested_records(draft)
             for name in schema_of(inner).masks]  # fmt: skip
    masked = [place for place, url in links if (isinstance(url, str) and MASK in url) or is_masked(url)]
    if masked:
        raise InvalidRequestError(f"the draft has a link that was shown without its secret: {', '.join(masked)}")


def spell_operation(step: json_patch.Operation, record: type[Record], *, renamed: bool) -> json_patch.Operation:
    """Return an operation in the names before or since the rename, its secrets as Secrets."""
    place = find_place(json_patch.split_pointer(step.path), record, renamed=renamed)
    source = step.source and json_patch.join_pointer(
        find_place(json_patch.split_pointer(step.source), record, renamed=renamed).names
    )
    value = spell_value(step.value, place, renamed=renamed)
    if any(secret.is_masked for secret in secrets_in(value)):
        raise InvalidRequestError(f"the value for {step.path} has a masked secret, which would replace the real one")
    if step.op != "test" and has_masked_link(value):
        raise InvalidRequestError(f"the value for {step.path} has a link that was shown without its secret")
    return attrs.evolve(step, path=json_patch.join_pointer(place.names), source=source, value=value)


def reader(record: type[RecordT]) -> Reader[RecordT]:
    """Return what makes this record of a JSON object: before a call is sent, so that no answer waits for its making."""
    kind: Any = record
    return record_hook(kind)


def decode_one(resource: Resource[RecordT], read: Reader[RecordT], item_id: str, body: bytes) -> RecordT:
    """Read one item: bare, in the documented `{"data": [item]}`, or in `{"data": item}`.

    Where an envelope holds several, it is the one with *item_id*.
    Raises DecodeError for anything that is not an object with that id: another item is no answer.
    """
    value = load(body)
    # Most have it under its own name, at the top.
    is_bare = value.__class__ is dict and value.get(resource.id_name) == item_id
    if not is_bare and not resource.has_id(value, item_id):
        value, path = unwrap(resource, value, item_id)
        resource.check_id(value, path)
        if not resource.has_id(value, item_id):
            raise DecodeError(path=path, expected=f"the {resource.id_name} {item_id}", got="another one")
    return read(value, None)


def decode_page(resource: Resource[RecordT], read: Reader[RecordT], body: bytes) -> Page[RecordT]:
    """Read one page; DecodeError where the body is no list of items with ids."""
    value = load(body)
    items, path, total = value, "$", None
    if is_object(value):
        key = next((key for key in resource.list_keys if is_list(value.get(key))), resource.list_keys[0])
        items, path, total = value.get(key), f"$.{key}", value.get("total_count")
    if not is_list(items):
        raise DecodeError(path=path, expected=f"a list of {resource.plural}", got=kind_of(items))
    id_name = resource.id_name
    index = 0
    for item in items:
        # Most have it under its own name: a call for each of them would take as long as all else here.
        if item.__class__ is not dict or item.get(id_name).__class__ is not str:
            resource.check_id(item, f"{path}[{index}]")
        index += 1  # noqa: SIM113 (enumerate would make a pair for each)
    is_count = type(total) is int and 0 <= total <= sys.maxsize
    return Page(items=tuple([read(item, None) for item in items]), total_count=total if is_count else None)


def decode_created(resource: Resource[Any], read: Reader[CreatedT], body: bytes) -> CreatedT:
    """Read the answer to a create; DecodeError for anything that is not an object with an id."""
    value, path = unwrap(resource, load(body), None)
    resource.check_id(value, path)
    if resource.has_id(value, ""):
        raise DecodeError(path=path, expected=f"the {resource.id_name} of what was created", got="an empty one")
    return read(value, None)


def unwrap(resource: Resource[Any], value: Any, item_id: str | None) -> tuple[Any, str]:
    """Take an item out of its envelope, if it is in one, and tell where it was."""
    if not is_object(value) or resource.has_id(value) or "data" not in value:
        return value, "$"
    data = value["data"]
    if not is_list(data):
        return data, "$.data"
    if not data:
        raise DecodeError(path="$.data", expected="an object with an id", got="an empty list")
    index = next((index for index, item in enumerate(data) if resource.has_id(item, item_id)), 0)
    return data[index], f"$.data[{index}]"


def kind_of(value: object) -> str:
    """Name the kind of a JSON value, without its content."""
    if is_object(value):
        return "an object without them" if value else "an empty object"
    if is_list(value):
        return f"a list of {len(value)}"
    names: dict[type, str] = {str: "a string", bool: "a boolean", NoneType: "null"}
    return names.get(type(value), "a number")
