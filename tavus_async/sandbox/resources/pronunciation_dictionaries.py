"""Pronunciation dictionaries."""

from collections import Counter
from collections.abc import Iterator, Sequence
from types import MappingProxyType

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import NO_CONTENT, Answer, RefusalError, error, message
from tavus_async.sandbox.collection import ResourceDefinition, StoredObject
from tavus_async.sandbox.endpoints import (
    BAD_PATCH,
    create_object,
    find_owned,
    make_get,
    make_list,
    make_patch,
    save,
)
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.json_patch import PatchOperation
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = [
    "DICTIONARY_RESOURCE",
    "as_read",
    "create_pronunciation_dictionary",
    "delete_pronunciation_dictionary",
    "known_pointers",
    "problems",
]

_COLLECTION = "pronunciation-dictionaries"
_PRONUNCIATION_TYPES = ("alias", "ipa")
_RULE_DEFAULTS: JsonObject = {"case_sensitive": False, "word_boundaries": True}
_LONGEST_DICTIONARY_NAME, _LONGEST_TEXT, _LONGEST_PRONUNCIATION, _MOST_RULES = 255, 200, 500, 10_000
# The fields that a patch sets, each as a whole; all others are ignored.
_MUTABLE = (("name",), ("rules",))


def as_read(document: JsonObject, _vocabulary: Vocabulary) -> JsonObject:
    """Return a stored dictionary as a GET shows it: with the defaults of its rules, and their number."""
    rules = _rules(document)
    filled: list[Json] = [{**_RULE_DEFAULTS, **rule} for rule in rules]
    return {**document, "rules": filled, "rules_count": len(rules)}


def create_pronunciation_dictionary(account: Account, request: Request) -> Answer:
    """Store a new dictionary, and return it."""
    given = request.json_object()
    document: JsonObject = {"rules": [], **{name: given[name] for name in ("name", "rules") if name in given}}
    if wrong := problems(document):
        return error(wrong[0])
    return Answer(status=201, body=create_object(account, _COLLECTION, document).body(request.vocabulary))


def delete_pronunciation_dictionary(account: Account, request: Request) -> Answer:
    """Delete a dictionary, and take it from the personas that speak by it."""
    dictionary = find_owned(account, request, _COLLECTION)
    account.collections[_COLLECTION].remove(dictionary)
    for persona in account.collections["personas"]:
        document = persona.document()
        layers = document.get("layers")
        tts = layers.get("tts") if isinstance(layers, dict) else None
        if not isinstance(layers, dict) or not isinstance(tts, dict):
            continue
        if tts.get("pronunciation_dictionary_id") == dictionary.id:
            save(persona, {**document, "layers": {**layers, "tts": {**tts, "pronunciation_dictionary_id": None}}})
    return NO_CONTENT


def problems(document: JsonObject) -> list[str]:
    """Return one sentence for each rule of Tavus that a dictionary breaks, in their order."""
    return [f"Invalid request: {problem}" for problem in _problems(document)]


def known_pointers(operations: Sequence[PatchOperation]) -> list[PatchOperation]:
    """Return the operations of a patch that set the name or all rules; those on other fields are ignored.

    Raises `RefusalError` for a pointer into the rules, which are set all at once, and for one to the whole.
    """
    for each in operations:
        if not each.path or any(path[:1] in _MUTABLE and path not in _MUTABLE for path in (each.path, each.source)):
            raise RefusalError(BAD_PATCH)
    return [each for each in operations if each.path in _MUTABLE]


def _as_listed(_account: Account, request: Request, stored: StoredObject) -> JsonObject:
    return {name: value for name, value in stored.view(request.vocabulary).items() if name != "rules"}


def _rules(document: JsonObject) -> list[JsonObject]:
    rules = document.get("rules")
    return [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []


def _problems(document: JsonObject) -> Iterator[str]:
    name, given, rules = document.get("name"), document.get("rules"), _rules(document)
    if not name:
        yield "name is required"
    elif not isinstance(name, str) or len(name) > _LONGEST_DICTIONARY_NAME:
        yield f"name must be a string of at most {_LONGEST_DICTIONARY_NAME} characters"
    if given is not None and (not isinstance(given, list) or len(rules) < len(given)):
        yield "rules must be a list of objects"
    if len(rules) > _MOST_RULES:
        yield f"rules must contain at most {_MOST_RULES} items"
    for rule in rules:
        for field, longest in (("text", _LONGEST_TEXT), ("pronunciation", _LONGEST_PRONUNCIATION)):
            value = rule.get(field)
            if not isinstance(value, str) or not 1 <= len(value) <= longest:
                yield f"{field} must be a string of 1 to {longest} characters"
        if rule.get("type") not in _PRONUNCIATION_TYPES:
            yield f"type must be one of: {', '.join(_PRONUNCIATION_TYPES)}"
    texts = Counter(str(rule.get("text")) for rule in rules)
    if any(count > 1 for count in texts.values()):
        yield "duplicate text values in rules"


DICTIONARY_RESOURCE = Registration(
    definition=ResourceDefinition(
        name=_COLLECTION,
        noun="pronunciation_dictionary",
        id_prefix="pd_",
        unknown=message("Pronunciation dictionary not found", 404),
        view=as_read,
    ),
    endpoints=MappingProxyType(
        {
            "GET /v2/pronunciation-dictionaries": make_list(
                _COLLECTION,
                plural="pronunciation_dictionaries",
                first_page=0,
                tells_page=True,
                newest_first=True,
                summary=_as_listed,
            ),
            "POST /v2/pronunciation-dictionaries": create_pronunciation_dictionary,
            "GET /v2/pronunciation-dictionaries/{pronunciation_dictionary_id}": make_get(
                _COLLECTION, "pronunciation_dictionary"
            ),
            "PATCH /v2/pronunciation-dictionaries/{pronunciation_dictionary_id}": make_patch(
                _COLLECTION, "pronunciation_dictionary", problems=problems, prepare=known_pointers
            ),
            "DELETE /v2/pronunciation-dictionaries/{pronunciation_dictionary_id}": delete_pronunciation_dictionary,
        }
    ),
)
