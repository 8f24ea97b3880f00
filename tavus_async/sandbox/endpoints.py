"""Endpoints that are alike for most resources: reading one, listing, changing and deleting.

Each function returns an endpoint for the objects of one resource, with a name of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

from tavus_async.sandbox import json_patch
from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import NO_CONTENT, Answer, RefusalError, error, message
from tavus_async.sandbox.collection import StoredObject, timestamp
from tavus_async.sandbox.json import Json, JsonObject, same
from tavus_async.sandbox.json_patch import PatchOperation
from tavus_async.sandbox.listing import list_page
from tavus_async.sandbox.request import Endpoint, Request
from tavus_async.sandbox.vocabulary import rename, rename_operation

__all__ = [
    "BAD_PATCH",
    "NOT_MODIFIED",
    "NO_PATCH",
    "create_object",
    "find",
    "find_owned",
    "make_delete",
    "make_get",
    "make_list",
    "make_merge",
    "make_patch",
    "read_operations",
    "save",
]

NOT_MODIFIED = Answer(status=304)
NO_PATCH = message("Invalid JSON patch format", 422)
BAD_PATCH = error("Invalid patch operation")

Problems: TypeAlias = Callable[[JsonObject], list[str]]
"""Returns one sentence for each rule that a document breaks."""
Matches: TypeAlias = Callable[[StoredObject, Request], bool]
"""Returns whether an object is one of those that a query asks for."""
Answering: TypeAlias = Callable[[StoredObject, Request], Answer]
Summary: TypeAlias = Callable[[Account, Request, StoredObject], JsonObject]
"""Returns what a list shows of an object."""
Preparation: TypeAlias = Callable[[Sequence[PatchOperation]], Sequence[PatchOperation]]
"""Returns what is done of a patch, or raises `RefusalError`."""

_NO_DEFAULTS: Mapping[str, Json] = MappingProxyType({})


def find(account: Account, request: Request, name: str) -> StoredObject:
    """Return the object that the path names; raises `RefusalError` where there is none."""
    collection = account.collections[name]
    return collection.find(request.params[collection.definition.id_name])


def find_owned(account: Account, request: Request, name: str) -> StoredObject:
    """Return the object that the path names if it may be changed; raises `RefusalError` for all others."""
    collection = account.collections[name]
    return collection.find_owned(request.params[collection.definition.id_name])


def save(stored: StoredObject, document: JsonObject) -> None:
    """Store *document*, updated now, in place of what an object was."""
    stored.replace({**document, "updated_at": timestamp()} if "updated_at" in stored.document() else document)


def create_object(account: Account, name: str, document: JsonObject) -> StoredObject:
    """Store *document* under a new id, made now."""
    collection, now = account.collections[name], timestamp()
    created = {"created_at": now, "updated_at": now}
    return collection.add({collection.definition.id_name: collection.new_id(), **document, **created})


def make_get(name: str, singular: str) -> Endpoint:
    """Return the endpoint that reads one object of the resource *name*."""

    def get(account: Account, request: Request) -> Answer:
        return Answer(body=find(account, request, name).body(request.vocabulary))

    return _named(f"get_{singular}", get)


def make_list(  # noqa: PLR0913 (the ways in which lists differ)
    name: str,
    *,
    plural: str | None = None,
    first_page: int = 1,
    limit: int = 10,
    items: str = "data",
    total: str = "total_count",
    tells_page: bool = False,
    newest_first: bool = False,
    descending: tuple[str, ...] = ("desc", "descending"),
    matches: Matches | None = None,
    summary: Summary | None = None,
) -> Endpoint:
    """Return the endpoint that lists the objects of the resource *name*, or those of them that *matches* takes.

    *plural* is what the endpoint's own name calls them; None takes that of the resource.

    They come in the order of creation, the newest first if that is the list's own or if `sort` is a word of
    *descending*; each as reading shows it, or as *summary* has it.
    """

    def list_objects(account: Account, request: Request) -> Answer:
        found = [each for each in account.collections[name] if matches is None or matches(each, request)]
        sort = request.query.get("sort", "").lower()
        if sort in descending or (newest_first and not sort):
            found.reverse()
        return list_page(
            found,
            request,
            first_page=first_page,
            limit=limit,
            items=items,
            total=total,
            tells_page=tells_page,
            summary=None if summary is None else partial(summary, account, request),
        )

    return _named(f"list_{plural or name}", list_objects)


def make_delete(name: str, singular: str, *, answer: Answer = NO_CONTENT) -> Endpoint:
    """Return the endpoint that deletes one object of the resource *name*."""

    def delete(account: Account, request: Request) -> Answer:
        account.collections[name].remove(find_owned(account, request, name))
        return answer

    return _named(f"delete_{singular}", delete)


def make_merge(
    name: str, singular: str, *, fields: tuple[str, ...], problems: Problems, answer: Answering | None = None
) -> Endpoint:
    """Return the endpoint that replaces those of *fields* that a plain object has, all of them or nothing."""

    def update(account: Account, request: Request) -> Answer:
        stored = find_owned(account, request, name)
        incoming = account.collections[name].definition.incoming
        given = {key: value for key, value in rename(request.json_object(), incoming).items() if key in fields}
        if not given:
            return error(f"At least one of {', '.join(fields)} is required")
        if wrong := problems(given):
            return error(wrong[0])
        save(stored, {**stored.document(), **given})
        return answer(stored, request) if answer is not None else Answer(body=stored.body(request.vocabulary))

    return _named(f"update_{singular}", update)


def make_patch(
    name: str,
    singular: str,
    *,
    problems: Problems,
    fixed: tuple[str, ...] = (),
    unset: Mapping[str, Json] = _NO_DEFAULTS,
    prepare: Preparation | None = None,
    answer: Answering | None = None,
) -> Endpoint:
    """Return the endpoint that applies a JSON Patch (RFC 6902), all of it or nothing.

    A rule that was broken before may stay broken. *fixed* are fields that nobody changes beside the id and the times;
    *unset* those that can be replaced though they were never set, with what they are then. *prepare* may change the
    operations, or refuse them.
    """

    def patch(account: Account, request: Request) -> Answer:
        stored = find_owned(account, request, name)
        definition = account.collections[name].definition
        operations = [rename_operation(each, definition.incoming) for each in read_operations(request)]
        operations = operations if prepare is None else [*prepare(operations)]
        before = stored.document()
        after = _patched(stored.document(), operations, unset, (definition.id_name, "created_at", "updated_at", *fixed))
        known = problems(before)
        if wrong := [problem for problem in problems(after) if problem not in known]:
            return error(wrong[0])
        if same(before, after):
            return NOT_MODIFIED
        save(stored, after)
        return answer(stored, request) if answer is not None else Answer(body=stored.body(request.vocabulary))

    return _named(f"patch_{singular}", patch)


def read_operations(request: Request) -> tuple[PatchOperation, ...]:
    """Return the operations of a patch as they came; raises `RefusalError` for what is none."""
    try:
        return json_patch.read(request.json())
    except json_patch.PatchFormatError:
        raise RefusalError(NO_PATCH) from None


def _patched(
    before: JsonObject, operations: Sequence[PatchOperation], unset: Mapping[str, Json], fixed: tuple[str, ...]
) -> JsonObject:
    """Return what a patch makes of *before*, which it changes within: hand in a copy."""
    try:
        after = json_patch.apply({**unset, **before}, operations)
    except json_patch.PatchApplyError:
        raise RefusalError(BAD_PATCH) from None
    if not isinstance(after, dict) or not all(_is_unchanged(each, before, after) for each in fixed):
        raise RefusalError(BAD_PATCH)
    return {
        name: value
        for name, value in after.items()
        if name in before or name not in unset or not same(value, unset[name])
    }


def _is_unchanged(name: str, before: JsonObject, after: JsonObject) -> bool:
    return (name in after) == (name in before) and same(after.get(name), before.get(name))


def _named(name: str, endpoint: Endpoint) -> Endpoint:
    endpoint.__name__ = name  # pyright: ignore[reportFunctionMemberAccess]
    return endpoint
