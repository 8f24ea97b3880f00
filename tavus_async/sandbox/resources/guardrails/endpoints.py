"""The endpoints of guardrails: each looks whether it is about a single one or about a set."""

from attrs import evolve

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, message
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.endpoints import create_object, make_delete, make_list, make_patch
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.listing import list_tags
from tavus_async.sandbox.matching import is_called, is_owned_as_asked, is_tagged
from tavus_async.sandbox.request import Endpoint, Request
from tavus_async.sandbox.resources.guardrails.rules import problems, set_problems
from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = [
    "as_read",
    "create_guardrail",
    "delete_guardrail",
    "get_guardrail",
    "list_guardrail_tags",
    "list_guardrails",
    "patch_guardrail",
    "set_as_read",
]

_GUARDRAIL_FIELDS = (
    "guardrail_name",
    "guardrail_prompt",
    "modality",
    "callback_url",
    "tool_call",
    "app_message",
    "tags",
)
_GUARDRAIL_DEFAULTS: JsonObject = {"modality": "verbal", "callback_url": "", "app_message": True, "tags": []}
_LEGACY_DEFAULTS: JsonObject = {"modality": "verbal"}
_NO_NAME = message("guardrail_name is required", 400)


def as_read(document: JsonObject, _vocabulary: Vocabulary) -> JsonObject:
    """Return a stored guardrail as a GET shows it: without an empty tool call."""
    shown = {name: value for name, value in document.items() if name != "tool_call" or value}
    return {**shown, "uuid": document["guardrail_id"]}


def set_as_read(document: JsonObject, _vocabulary: Vocabulary) -> JsonObject:
    """Return a stored set as a GET shows it."""
    return document


def create_guardrail(account: Account, request: Request) -> Answer:
    """Store a single guardrail, or, where the body has `data` and no `guardrail_name`, a set."""
    given = request.json_object()
    if "guardrail_name" in given:
        return _create_one(account, request, given)
    return _create_set(account, given) if "data" in given else _NO_NAME


def get_guardrail(account: Account, request: Request) -> Answer:
    """Return a guardrail, verbose or not, or a set; in the documented envelope the first of the set alone."""
    object_id = request.params["guardrail_id"]
    found = account.collections["guardrail-sets"].get(object_id)
    if found is None:
        document = _shown(account, request, account.collections["guardrails"].find(object_id))
    elif request.envelope:
        document = _first(found.document())
    else:
        document = {**found.document(), **_refs_of_set(account, request, found)}
    return Answer(body={"data": document} if request.envelope else document)


def list_guardrails(account: Account, request: Request) -> Answer:
    """Return a page of single guardrails, or, with `legacy=true`, of sets."""
    is_legacy = request.query.get("legacy", "").lower() == "true"
    return (_LIST_SETS if is_legacy else _LIST)(account, request)


def list_guardrail_tags(account: Account, request: Request) -> Answer:
    """Return a page of the tags that the account's guardrails have."""
    return list_tags([each for each in account.collections["guardrails"] if not each.is_system], request)


def patch_guardrail(account: Account, request: Request) -> Answer:
    """Apply a JSON Patch to a guardrail or to a set."""
    return _of_its_kind(account, request, _PATCH, _PATCH_SET)


def delete_guardrail(account: Account, request: Request) -> Answer:
    """Delete a guardrail or a set."""
    return _of_its_kind(account, request, _DELETE, _DELETE_SET)


def _create_one(account: Account, request: Request, given: JsonObject) -> Answer:
    document: JsonObject = {**_GUARDRAIL_DEFAULTS, **{name: given[name] for name in _GUARDRAIL_FIELDS if name in given}}
    if wrong := problems(document):
        return message(wrong[0], 400)
    return Answer(body=create_object(account, "guardrails", document).body(request.vocabulary))


def _create_set(account: Account, given: JsonObject) -> Answer:
    data = given["data"]
    items: Json = [{**_LEGACY_DEFAULTS, **item} if isinstance(item, dict) else item for item in data] \
        if isinstance(data, list) else data  # fmt: skip
    document: JsonObject = {"name": given.get("name", ""), "data": items}
    if wrong := set_problems(document):
        return message(wrong[0], 400)
    stored = create_object(account, "guardrail-sets", document).document()
    told: JsonObject = {
        "guardrails_id": stored["guardrails_id"],
        "guardrails_name": stored["name"],
        "status": "active",
        "created_at": stored["created_at"],
    }
    return Answer(body=told)


def _of_its_kind(account: Account, request: Request, of_one: Endpoint, of_set: Endpoint) -> Answer:
    object_id = request.params["guardrail_id"]
    if account.collections["guardrail-sets"].get(object_id) is None:
        return of_one(account, request)
    return of_set(account, evolve(request, params={"guardrails_id": object_id}))


def _shown(account: Account, request: Request, stored: StoredObject) -> JsonObject:
    """Return what reading shows of a guardrail, and, where the query says `verbose`, of who has it."""
    shown = stored.view(request.vocabulary)
    if not _is_verbose(request):
        return shown
    having: list[Json] = [each.id for each in account.collections["personas"] if _has(each.document(), stored)]
    return {**shown, "guardrail_type": "system" if stored.is_system else "user", "persona_refs": having}


def _refs_of_set(account: Account, request: Request, stored: StoredObject) -> JsonObject:
    """Return what reading a set shows of who has it, where the query says `verbose`."""
    personas = account.collections["personas"]
    having: list[Json] = [each.id for each in personas if each.document().get("guardrails_id") == stored.id]
    return {"persona_refs": having} if _is_verbose(request) else {}


def _is_verbose(request: Request) -> bool:
    return request.query.get("verbose", "").lower() == "true"


def _has(persona: JsonObject, guardrail: StoredObject) -> bool:
    ids, tags = persona.get("guardrail_ids"), persona.get("guardrail_tags")
    own = guardrail.document().get("tags")
    is_tagged_so = isinstance(tags, list) and isinstance(own, list) and any(tag in own for tag in tags)
    return (isinstance(ids, list) and guardrail.id in ids) or is_tagged_so


def _first(document: JsonObject) -> JsonObject:
    items = document.get("data")
    first = items[0] if isinstance(items, list) and items else None
    times: JsonObject = {name: document[name] for name in ("created_at", "updated_at") if name in document}
    return {**first, **times} if isinstance(first, dict) else times


def _set_as_listed(account: Account, request: Request, stored: StoredObject) -> JsonObject:
    document = stored.document()
    shown: JsonObject = {
        name: document[name] for name in ("guardrails_id", "created_at", "updated_at") if name in document
    }
    return {**shown, **_refs_of_set(account, request, stored)}


def _is_asked_for(stored: StoredObject, request: Request) -> bool:
    document = stored.document()
    return (
        is_owned_as_asked(stored, request)
        and is_called(stored, [document.get("guardrail_name")], request)
        and is_tagged(document.get("tags"), request)
    )


def _is_set_asked_for(stored: StoredObject, request: Request) -> bool:
    return is_owned_as_asked(stored, request) and is_called(stored, [stored.document().get("name")], request)


def _answer_patch(_stored: StoredObject, _request: Request) -> Answer:
    return Answer(body={"message": "Guardrails updated successfully"})


_LIST = make_list("guardrails", matches=_is_asked_for, summary=_shown)
_LIST_SETS = make_list("guardrail-sets", matches=_is_set_asked_for, summary=_set_as_listed)
_PATCH = make_patch("guardrails", "guardrail", problems=problems, fixed=("uuid", "owner_id"), answer=_answer_patch)
_PATCH_SET = make_patch("guardrail-sets", "guardrail_set", problems=set_problems, answer=_answer_patch)
_DELETE = make_delete("guardrails", "guardrail")
_DELETE_SET = make_delete("guardrail-sets", "guardrail_set")
