"""The endpoints of personas."""

from tavus_async.sandbox import json_patch
from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import NO_CONTENT, Answer, RefusalError, error
from tavus_async.sandbox.collection import StoredObject, timestamp
from tavus_async.sandbox.endpoints import BAD_PATCH, NOT_MODIFIED, read_operations
from tavus_async.sandbox.json import JsonObject, same
from tavus_async.sandbox.json_patch import PatchOperation
from tavus_async.sandbox.listing import list_page
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.personas.names import FROM_PAL, TO_PAL
from tavus_async.sandbox.resources.personas.rules import problems
from tavus_async.sandbox.vocabulary import Vocabulary, rename, rename_operation

_DRAFT_TEXT = "PAL Maker holds unpublished changes. Repeat with force=true to discard them."
_DRAFT_IN_THE_WAY = Answer(status=409, body={"conflict": "maker_changes", "error": _DRAFT_TEXT})
_SET_BY_TAVUS = ("persona_id", "created_at", "updated_at")
_CONFERENCING = ("layers", "conferencing")


def find(account: Account, request: Request) -> StoredObject:
    """Return the persona that the path names; raises `RefusalError` where there is none."""
    return account.collections["personas"].find(request.params["persona_id"])


def find_owned(account: Account, request: Request) -> StoredObject:
    """Return the persona that the path names if it may be changed; raises `RefusalError` for all others."""
    return account.collections["personas"].find_owned(request.params["persona_id"])


def save(persona: StoredObject, document: JsonObject) -> None:
    """Store *document*, updated now, in place of what *persona* was."""
    persona.replace({**document, "updated_at": timestamp()})


def get_persona(account: Account, request: Request) -> Answer:
    """Return the persona."""
    body = find(account, request).body(request.vocabulary)
    return Answer(body=b'{"data": [' + body + b"]}" if request.envelope else body)


def list_personas(account: Account, request: Request) -> Answer:
    """Return a page of all personas, or of those that are "user" or "system"."""
    wanted = request.query.get("persona_type") or request.query.get("pal_type")
    if wanted not in {None, "", "user", "system"}:
        return error("persona_type must be one of: user, system")
    found = [
        persona
        for persona in account.collections["personas"]
        if not wanted or persona.is_system == (wanted == "system")
    ]
    if request.query.get("sort") == "desc":
        found.reverse()
    return list_page(found, request)


def create_persona(account: Account, request: Request) -> Answer:
    """Store a new persona, and return its id, its name and when it was created."""
    personas, now = account.collections["personas"], timestamp()
    given: JsonObject = {"persona_name": "", "pipeline_mode": "full", **rename(request.json_object(), FROM_PAL)}
    document: JsonObject = {
        "persona_id": personas.new_id(),
        **{name: value for name, value in given.items() if name not in _SET_BY_TAVUS},
        "created_at": now,
        "updated_at": now,
    }
    if wrong := problems(document):
        return error(wrong[0])
    personas.add(document)
    told: JsonObject = {name: document[name] for name in ("persona_id", "persona_name", "created_at")}
    return Answer(body=told if request.vocabulary is Vocabulary.PERSONA else rename(told, TO_PAL))


def patch_persona(account: Account, request: Request) -> Answer:
    """Apply a JSON Patch, all of it or nothing; a rule that was broken before may stay broken."""
    persona = find_owned(account, request)
    operations = [rename_operation(each, FROM_PAL) for each in read_operations(request)]
    discards = "draft" in persona.internal and not _is_only_conferencing(operations)
    if discards and request.query.get("force", "").lower() != "true":
        return _DRAFT_IN_THE_WAY
    before = persona.document()
    after = _patched(persona.document(), operations)
    known = problems(before)
    if wrong := [problem for problem in problems(after) if problem not in known]:
        return error(wrong[0])
    if same(before, after) and not discards:
        return NOT_MODIFIED
    save(persona, after)
    if not discards:
        return Answer(body=persona.body(request.vocabulary))
    del persona.internal["draft"]
    return Answer(body={**persona.view(request.vocabulary), "discarded_maker_changes": True})


def delete_persona(account: Account, request: Request) -> Answer:
    """Delete the persona."""
    account.collections["personas"].remove(find_owned(account, request))
    return NO_CONTENT


def publish_persona(account: Account, request: Request) -> Answer:
    """Publish the draft that PAL Maker holds; without one nothing changes."""
    persona = find_owned(account, request)
    persona.internal.pop("draft", None)
    document = persona.document()
    names = ("persona_id", "persona_name", "system_prompt", "updated_at")
    told: JsonObject = {"status": "success", **{name: document[name] for name in names if name in document}}
    return Answer(body=told if request.vocabulary is Vocabulary.PERSONA else rename(told, TO_PAL))


def check_username(account: Account, request: Request) -> Answer:
    """Tell whether a name of a meeting identity is free, whatever its case."""
    wanted = request.query.get("username", "").strip().casefold()
    if not wanted:
        return error("username is required")
    is_taken = any(_username(persona.document()).casefold() == wanted for persona in account.collections["personas"])
    return Answer(body={"available": False, "reason": "Username is taken"} if is_taken else {"available": True})


def _username(document: JsonObject) -> str:
    layers = document.get("layers")
    conferencing = layers.get("conferencing") if isinstance(layers, dict) else None
    return str(conferencing.get("username") or "") if isinstance(conferencing, dict) else ""


def _patched(document: JsonObject, operations: list[PatchOperation]) -> JsonObject:
    try:
        after = json_patch.apply({**_unset_fields(), **document}, operations)
    except json_patch.PatchApplyError:
        raise RefusalError(BAD_PATCH) from None
    if not isinstance(after, dict) or not all(_is_unchanged(name, document, after) for name in _SET_BY_TAVUS):
        raise RefusalError(BAD_PATCH)
    unset = _unset_fields()
    return {
        name: value
        for name, value in after.items()
        if name in document or name not in unset or not same(value, unset[name])
    }


def _unset_fields() -> JsonObject:
    # Tavus' own client patches these, and inside them, without asking whether they were ever set.
    return {"document_ids": [], "document_tags": [], "tool_ids": [], "default_replica_id": "", "layers": {}}


def _is_unchanged(name: str, before: JsonObject, after: JsonObject) -> bool:
    return (name in after) == (name in before) and same(after.get(name), before.get(name))


def _is_only_conferencing(operations: list[PatchOperation]) -> bool:
    depth = len(_CONFERENCING)
    touched = [pointer for operation in operations for pointer in (operation.path, operation.source) if pointer]
    return bool(operations) and all(pointer[:depth] == _CONFERENCING for pointer in touched)
