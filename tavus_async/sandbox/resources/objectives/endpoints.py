"""The endpoints of objectives that no other resource has in the same way."""

from collections.abc import Sequence

from attrs import evolve

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, message
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.endpoints import create_object, find
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.json_patch import PatchOperation, Pointer
from tavus_async.sandbox.matching import is_called, is_owned_as_asked
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.objectives.rules import ITEM_FIELDS, items_of, problems
from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = [
    "answer_patch",
    "as_listed",
    "as_read",
    "create_objective_set",
    "get_objective_set",
    "is_asked_for",
    "validate_objective_set",
    "within_the_set",
]

_OBJECTIVE_DEFAULTS: JsonObject = {"confirmation_mode": "auto", "modality": "verbal"}
_FIRST: Pointer = ("data", "0")


def as_read(document: JsonObject, _vocabulary: Vocabulary) -> JsonObject:
    """Return a stored *document* as a GET shows it."""
    return document


def get_objective_set(account: Account, request: Request) -> Answer:
    """Return the set with all its objectives; in the documented envelope, the first of them alone."""
    stored = find(account, request, "objectives")
    if not request.envelope:
        return Answer(body=stored.body(request.vocabulary))
    document = stored.document()
    times: JsonObject = {name: document[name] for name in ("created_at", "updated_at") if name in document}
    return Answer(body={"data": {**_first(document), **times}})


def create_objective_set(account: Account, request: Request) -> Answer:
    """Store a new set, and return its id, its name and when it was created."""
    document = _as_stored(request.json_object())
    if wrong := problems(document):
        return message(wrong[0], 400)
    document = create_object(account, "objectives", document).document()
    told: JsonObject = {
        "objectives_id": document["objectives_id"],
        "objective_name": document.get("name"),
        "status": "active",
        "created_at": document["created_at"],
    }
    return Answer(body=told)


def validate_objective_set(_account: Account, request: Request) -> Answer:
    """Look at a set without storing it. What Tavus answers is not known but for what it refuses."""
    wrong = problems(_as_stored(request.json_object()))
    return message(wrong[0], 400) if wrong else Answer(body={"valid": True})


def as_listed(_account: Account, _request: Request, stored: StoredObject) -> JsonObject:
    """Return what the list shows of a set: the fields of its first objective."""
    document = stored.document()
    kept = ("created_at", "updated_at")
    return {
        "objectives_id": stored.id,
        "objectives_name": document.get("name"),
        **_first(document),
        **{name: document[name] for name in kept if name in document},
    }


def is_asked_for(stored: StoredObject, request: Request) -> bool:
    """Return whether a set is one of those that a query asks for."""
    document = stored.document()
    names = [document.get("name"), *(item.get("objective_name") for item in items_of(document))]
    return is_owned_as_asked(stored, request) and is_called(stored, names, request)


def within_the_set(operations: Sequence[PatchOperation]) -> list[PatchOperation]:
    """Return the operations of a patch with pointers into the set: those to fields of one objective mean the first."""
    return [
        evolve(each, path=_within(each.path), source=_within(each.source) if each.source else each.source)
        for each in operations
    ]


def answer_patch(_stored: StoredObject, _request: Request) -> Answer:
    """Return what a patch that changed something is answered with."""
    return Answer(body={"message": "Objective updated successfully"})


def _as_stored(given: JsonObject) -> JsonObject:
    kept: JsonObject = {name: given[name] for name in ("name", "data", "allow_loops") if name in given}
    data = kept.get("data")
    filled: Json = [{**_OBJECTIVE_DEFAULTS, **item} if isinstance(item, dict) else item for item in data] \
        if isinstance(data, list) else data  # fmt: skip
    return {"name": "", **kept, "data": filled}


def _first(document: JsonObject) -> JsonObject:
    items = items_of(document)
    return items[0] if items else {}


def _within(path: Pointer) -> Pointer:
    return (*_FIRST, *path) if path and path[0] in ITEM_FIELDS else path
