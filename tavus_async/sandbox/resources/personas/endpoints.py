"""The persona endpoints as functions from a call and the store to an answer."""

from collections.abc import Mapping

from attrs import field, frozen

from tavus_async.sandbox import json_patch
from tavus_async.sandbox.answers import Answer, error, message
from tavus_async.sandbox.collection import Entry, Store, timestamp
from tavus_async.sandbox.json import JsonObject, encode, parse, same
from tavus_async.sandbox.json_patch import Operation
from tavus_async.sandbox.resources.personas.rules import problems
from tavus_async.sandbox.routes import Route
from tavus_async.sandbox.vocabulary import Vocabulary, stored_document, stored_operation, told_document

__all__ = [
    "NO_CONTENT",
    "NO_JSON",
    "UNKNOWN_PERSONA",
    "Call",
    "create",
    "delete",
    "get",
    "list_",
    "patch",
    "publish",
]

UNKNOWN_PERSONA = error("Invalid persona_id")
NO_JSON = error("Request body is not valid JSON")
NO_CONTENT = Answer(status=204)

_NOT_MODIFIED = Answer(status=304)
_NO_PATCH = message("Invalid JSON patch format", 422)
_BAD_PATCH = error("Invalid patch operation")
_READ_ONLY = ("persona_id", "created_at", "updated_at")
_CONFERENCING = ("layers", "conferencing")
_DRAFT_TEXT = "PAL Maker holds unpublished changes. Repeat with force=true to discard them."


@frozen(kw_only=True)
class Call:
    """One request that got past the key, the rate limit and the faults."""

    route: Route
    query: Mapping[str, str]
    body: bytes = field(repr=False)
    envelope: bool = False
    """Answer a GET with the documented `{"data": [persona]}` instead of the bare object that Tavus sends."""


def get(store: Store, call: Call) -> Answer:
    """Get Persona, Get PAL."""
    entry = store.get(call.route.persona_id)
    if entry is None:
        return UNKNOWN_PERSONA
    body = entry.body(call.route.vocabulary)
    return Answer(body=b'{"data": [' + body + b"]}" if call.envelope else body)


def list_(store: Store, call: Call) -> Answer:
    """List Personas, List PALs."""
    limit, page = _whole(call.query.get("limit", "10")), _whole(call.query.get("page", "1"))
    if limit is None or limit < 1:
        return error("Invalid request: limit must be a positive integer")
    if page is None:
        return error("Invalid request: page must be an integer")
    wanted = call.query.get("persona_type") or call.query.get("pal_type")
    if wanted not in {None, "", "user", "system"}:
        return error("persona_type must be one of: user, system")
    entries = [entry for entry in store if not wanted or entry.is_system == (wanted == "system")]
    if call.query.get("sort") == "desc":
        entries.reverse()
    # Tavus' own command line asks for page 0 when it means the first.
    start = (max(page, 1) - 1) * limit
    bodies = [entry.body(call.route.vocabulary) for entry in entries[start : start + limit]]
    return Answer(body=b'{"data": [' + b", ".join(bodies) + b'], "total_count": %d}' % len(entries))


def create(store: Store, call: Call) -> Answer:
    """Create Persona, Create PAL."""
    try:
        sent = parse(call.body)
    except ValueError:
        return NO_JSON
    if not isinstance(sent, dict):
        return error("Request body must be a JSON object")
    now = timestamp()
    given: JsonObject = {"persona_name": "", "pipeline_mode": "full", **stored_document(sent)}
    document: JsonObject = {
        "persona_id": store.new_id(),
        **{name: value for name, value in given.items() if name not in _READ_ONLY},
        "created_at": now,
        "updated_at": now,
    }
    if wrong := problems(document):
        return error(wrong[0])
    store.add(document)
    told: JsonObject = {key: document[key] for key in ("persona_id", "persona_name", "created_at")}
    return Answer(body=encode(told_document(told, call.route.vocabulary)))


def patch(store: Store, call: Call) -> Answer:
    """Patch Persona, Patch PAL."""
    entry = store.owned(call.route.persona_id)
    if entry is None:
        return UNKNOWN_PERSONA
    try:
        operations = [stored_operation(operation) for operation in json_patch.read(parse(call.body))]
    except json_patch.PatchFormatError:
        return _NO_PATCH
    except ValueError:
        return NO_JSON
    discards = entry.has_draft and not _is_only_conferencing(operations)
    if discards and call.query.get("force", "").lower() != "true":
        return Answer(status=409, body={"conflict": "maker_changes", "error": _DRAFT_TEXT})
    before = entry.document()
    try:
        after = _patched(entry.document(), operations)
    except json_patch.PatchApplyError:
        return _BAD_PATCH
    known = problems(before)
    if wrong := [problem for problem in problems(after) if problem not in known]:
        return error(wrong[0])
    return _saved(entry, before, after, call.route.vocabulary, discards=discards)


def delete(store: Store, call: Call) -> Answer:
    """Delete Persona, Delete PAL."""
    entry = store.owned(call.route.persona_id)
    if entry is None:
        return UNKNOWN_PERSONA
    store.remove(entry)
    return NO_CONTENT


def publish(store: Store, call: Call) -> Answer:
    """Publish Persona, Publish PAL: what PAL Maker held is live. Without a draft it changes nothing."""
    entry = store.owned(call.route.persona_id)
    if entry is None:
        return UNKNOWN_PERSONA
    entry.has_draft = False
    return Answer(body={"status": "success"})


def _patched(document: JsonObject, operations: list[Operation]) -> JsonObject:
    unset = [name for name in _columns() if name not in document]
    after = json_patch.apply({**_columns(), **document}, operations)
    if not isinstance(after, dict):
        raise json_patch.PatchApplyError("a persona is an object")
    for name in _READ_ONLY:
        if (name in after) != (name in document) or not same(after.get(name), document.get(name)):
            raise json_patch.PatchApplyError(f"{name} cannot be changed")
    empty = _columns()
    return {name: value for name, value in after.items() if name not in unset or not same(value, empty[name])}


def _columns() -> JsonObject:
    # Tavus' own client patches these, and inside them, without asking whether they were ever set.
    return {"document_ids": [], "document_tags": [], "tool_ids": [], "default_replica_id": "", "layers": {}}


def _saved(entry: Entry, before: JsonObject, after: JsonObject, vocabulary: Vocabulary, *, discards: bool) -> Answer:
    if same(before, after) and not discards:
        return _NOT_MODIFIED
    entry.replace({**after, "updated_at": timestamp()})
    if not discards:
        return Answer(body=entry.body(vocabulary))
    entry.has_draft = False
    return Answer(body={**entry.view(vocabulary), "discarded_maker_changes": True})


def _is_only_conferencing(operations: list[Operation]) -> bool:
    depth = len(_CONFERENCING)
    touched = [pointer for operation in operations for pointer in (operation.path, operation.source) if pointer]
    return bool(operations) and all(pointer[:depth] == _CONFERENCING for pointer in touched)


def _whole(digits: str) -> int | None:
    try:
        return int(digits)
    except ValueError:
        return None
