"""What the endpoints of one resource have in common: its paths, its ids, its records, and what is sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import CoroutineType
from typing import Any, Generic, TypeVar, cast

import attrs

from tavus_async import patch as json_patch
from tavus_async._records.body import body_of, has_masked_link
from tavus_async._records.fields import schema_of
from tavus_async._records.immutable import EMPTY, FrozenDict, is_mapping, keep, refuse_depth, thaw
from tavus_async._records.reading import nested_records
from tavus_async._records.record import Record, misfits
from tavus_async._records.secrets import MASK, Hidden, Secret, hidden_parts, shown
from tavus_async._records.spelling import find_unknown_masked, is_masked, secrets_in, without_masked
from tavus_async._settings import checks
from tavus_async._values import Page
from tavus_async._wire.answers import (
    CreatedT,
    Form,
    RecordT,
    decode_all,
    decode_created,
    decode_merged,
    decode_one,
    decode_page,
    reader,
)
from tavus_async._wire.call import Call, decode_changed, decode_nothing, encode, query_pairs
from tavus_async._wire.changes import as_addition, spell_changes, spell_operation
from tavus_async._wire.path import quote_id
from tavus_async.errors import InvalidRequestError

QueryValue = str | int | bool | Sequence[str] | None
DraftT = TypeVar("DraftT", bound=Record)


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
    lists_id: bool = True
    """Whether each object in a list has an id."""
    other_ids: tuple[str, ...] = ()
    """The names under which an object may have its id where it has none; see `Form.other_ids`."""
    has_parts: bool = False
    """Whether an object is a set, with its parts in a list under `data`."""
    renamed_filters: Mapping[str, str] = attrs.field(default=EMPTY, converter=FrozenDict)
    """What filters of the list are called since the rename, of those that were renamed."""
    first_page: int = 1
    """The number of the first page."""
    adds: bool = False
    """Whether a JSON Patch sets fields by `add`: where the server fails to replace one that was never set."""
    whole_fields: bool = False
    """Whether a patch between two records changes fields as a whole: where the server takes no pointers into them."""
    form: Form[RecordT] = attrs.field(init=False)
    """How answers hold its objects."""

    def __attrs_post_init__(self) -> None:
        form = Form(
            record=self.record,
            id_name=self.id_name,
            plural=self.plural,
            list_keys=self.list_keys,
            lists_id=self.lists_id,
            other_ids=self.other_ids,
            has_parts=self.has_parts,
        )
        object.__setattr__(self, "form", form)

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
            decode=partial(decode_one, self.form, reader(self.record), item_id),
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
        renamed = tuple((self.renamed_filters.get(name, name), value) for name, value in query)
        return Call(
            method="GET",
            path=self.path,
            renamed_path=self.renamed_path,
            decode=partial(decode_page, self.form, reader(self.record)),
            query=query,
            renamed_query=None if renamed == query else renamed,
        )

    def list_all(self, path: str | None = None, **filters: QueryValue) -> Call[tuple[RecordT, ...]]:
        """Return the call that reads a list that comes whole, at the path of the resource or at another."""
        return Call(
            method="GET",
            path=path or self.path,
            renamed_path=self.renamed_path if path is None else None,
            decode=partial(decode_all, self.form, reader(self.record)),
            query=tuple(query_pairs(filters)),
        )

    def create(
        self, draft: Record, created: type[CreatedT], *, name: str | None = None, find: str | None = None
    ) -> Call[CreatedT]:
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
            decode=partial(decode_created, self.form, reader(created)),
            repeatable=False,
            creates=name,
            recovery=f"await session.{find}({name!r}) tells" if name and find else "the list tells",
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
        if self.adds:
            steps = [as_addition(step) for step in steps]
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

    def merge(
        self,
        before: RecordT | str,
        after: RecordT | Mapping[str, Any],
        *,
        without: frozenset[str],
        needed: frozenset[str] = frozenset(),
    ) -> Call[RecordT]:
        """Return the call that changes single fields of an item, by a body that has them alone.

        *before* is the record as it was, or its id; *after* the record as it is to be, or a mapping of the fields to
        change, in the names before or since the rename, None for what is to be cleared. Of records that differ in
        nothing but what the server sets, which are the fields in *without*, it is the call that reads the item.
        Raises InvalidRequestError for a mapping without fields, for two items, for a masked secret as a value, and for
        clearing a field that is *needed*.
        """
        item_id, changes = self.changes_between(before, after, without)
        if not changes:
            return attrs.evolve(self.get(item_id), reads=None)
        path, renamed_path = self.item_path(item_id)
        bodies = [spell_changes(changes, self.record, renamed=each) for each in (False, True)]
        for name in sorted(needed & bodies[0].keys()):
            if bodies[0][name] is None or checks.is_blank(bodies[0][name]):
                raise InvalidRequestError(f"{name} can be changed, and neither cleared nor left blank")
        body, renamed_body = (encode(thaw(each, Secret.reveal)) for each in bodies)
        return Call(
            method="PATCH",
            path=path,
            renamed_path=renamed_path,
            body=body,
            renamed_body=renamed_body,
            decode=partial(decode_merged, self.form, reader(self.record), item_id),
            repeatable=False,
            changes=path,
            secrets=secrets_in(bodies[0]),
        )

    def changes_between(
        self, before: RecordT | str, after: RecordT | Mapping[str, Any], without: frozenset[str]
    ) -> tuple[str, Mapping[str, Any]]:
        """Return the id of an item, and the fields that are to change, with their new values."""
        if isinstance(after, self.record):
            if isinstance(before, str):
                raise InvalidRequestError("with an id goes a mapping of the fields to change, not a whole record")
            old, new = self.bodies(before, after, without=without)
            cleared = dict.fromkeys(name for name in old if name not in new)
            return str(getattr(before, self.id_name)), {**cleared, **changed_fields(old, new)}
        held = Hidden(shown(after))
        if not is_mapping(held.given):
            kind = self.record.__name__
            raise InvalidRequestError(f"after must be a {kind} or a mapping, not {checks.describe(held.given)}")
        if not held.given:
            raise InvalidRequestError("there is no field to change")
        item_id = getattr(before, self.id_name) if isinstance(before, self.record) else before
        return cast("str", item_id), held.given

    def diff(self, before: RecordT, after: RecordT, *, without: frozenset[str]) -> list[json_patch.Operation]:
        """Return the smallest patch between two records of one item, apart from fields that the server alone sets.

        A secret that the server has masked is what *before* has there. Raises InvalidRequestError for records of two
        items, and for values of the wrong type.
        """
        old, new = self.bodies(before, after, without=without)
        if not self.whole_fields:
            return json_patch.diff(old, new)
        pointers = {name: json_patch.join_pointer([name]) for name in (*old, *new)}
        gone = [json_patch.remove(pointers[name]) for name in old if name not in new]
        return gone + [json_patch.add(pointers[name], value) for name, value in changed_fields(old, new).items()]

    def bodies(
        self, before: RecordT, after: RecordT, *, without: frozenset[str]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the bodies of two records of one item that are to be compared."""
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
        if (place := find_unknown_masked(new, old)) is not None:
            raise InvalidRequestError(f"the secret at {place} may be masked: set it by attrs.evolve, or as a Secret")
        return old, without_masked(new, old)

    def rename(self, item_id: str, name: str, *, field: str) -> Call[None]:
        """Return the call that sets the name of one item, its *field*, at a path of its own.

        Raises InvalidRequestError for a name that is blank.
        """
        checks.of_kind(field, name, str, error=InvalidRequestError)
        if checks.is_blank(name):
            raise InvalidRequestError(f"{field} is blank")
        path, renamed_path = self.item_path(item_id)
        renamed_field = schema_of(self.record).spelled(field, renamed=True)
        return Call(
            method="PATCH",
            path=f"{path}/name",
            renamed_path=f"{renamed_path}/name" if renamed_path is not None else None,
            body=encode({field: name}),
            renamed_body=encode({renamed_field: name}),
            decode=decode_nothing,
            repeatable=False,
            changes=path,
        )

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

    def act_and_read(self, item_id: str, action: str, body: bytes | None = None) -> Call[RecordT]:
        """Return the call that POSTs to a path beneath one item, and is answered with the item.

        It is not repeated after a lost answer.
        """
        decode = partial(decode_one, self.form, reader(self.record), item_id)
        call: Call[Any] = self.act(item_id, action, body)
        return attrs.evolve(call, decode=decode)

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


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are new, or not what they were, with their values."""
    return {name: value for name, value in new.items() if name not in old or not json_patch.is_same(old[name], value)}


def as_draft(kind: type[DraftT], draft: object) -> DraftT:
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
