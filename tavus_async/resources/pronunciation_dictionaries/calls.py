"""The endpoints of pronunciation dictionaries: https://docs.tavus.io/api-reference/pronunciation-dictionaries"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from tavus_async import patch
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import display, is_blank
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.call import Call
from tavus_async._wire.resource import Resource, as_draft
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._filters import SORTS, check_words
from tavus_async.resources.pronunciation_dictionaries.records import (
    PronunciationDictionary,
    PronunciationDictionaryDraft,
    PronunciationRule,
)

DICTIONARIES = Resource(
    path="/v2/pronunciation-dictionaries",
    record=PronunciationDictionary,
    id_name="pronunciation_dictionary_id",
    other_ids=("uuid",),
    first_page=0,
    adds=True,
    whole_fields=True,
)
PRONUNCIATION_TYPES: Final = ("alias", "ipa")
LONGEST_DICTIONARY_NAME: Final = 255
LONGEST_RULE_TEXT: Final = 200
LONGEST_PRONUNCIATION: Final = 500
MOST_RULES: Final = 10_000
# Set by the server alone; that they differ between two readings is no change to make.
SERVERS_OWN: Final = frozenset({"rules_count", "uuid", "owner_id", "created_at", "updated_at"})


def create_pronunciation_dictionary(
    draft: PronunciationDictionaryDraft | Mapping[str, Any],
) -> Call[PronunciationDictionary]:
    """Create Pronunciation Dictionary: https://docs.tavus.io/api-reference/pronunciation-dictionaries"""
    draft = hidden(draft, texts=True)
    draft = as_draft(PronunciationDictionaryDraft, draft)
    call = DICTIONARIES.create(draft, PronunciationDictionary, name=draft.name, find="find_pronunciation_dictionaries")
    check_dictionary(draft)
    return call


def check_dictionary(draft: PronunciationDictionaryDraft) -> None:
    """Validate what the server refuses for certain; InvalidRequestError with the rule."""
    if is_blank(draft.name or "") or len(draft.name or "") > LONGEST_DICTIONARY_NAME:
        raise InvalidRequestError(f"a dictionary needs a name, of at most {LONGEST_DICTIONARY_NAME} characters")
    rules = draft.rules or ()
    if len(rules) > MOST_RULES:
        raise InvalidRequestError(f"a dictionary has at most {MOST_RULES:,} rules, and this has {len(rules):,}")
    texts: set[str] = set()
    for index, rule in enumerate(rules):
        problem = find_problem(rule)
        if problem is None and rule.text in texts:
            problem = f"there is a rule for {display(rule.text)} already"
        if problem:
            raise InvalidRequestError(f"rules[{index}]: {problem}")
        texts.add(rule.text or "")


def find_problem(rule: PronunciationRule) -> str | None:
    """Return what is wrong with a rule; None where nothing is."""
    for name, text, longest in (
        ("text", rule.text, LONGEST_RULE_TEXT),
        ("pronunciation", rule.pronunciation, LONGEST_PRONUNCIATION),
    ):
        if not text or len(text) > longest:
            return f"a rule needs a {name}, of at most {longest} characters"
    return None if rule.type in PRONUNCIATION_TYPES else f"a rule's type is one of {', '.join(PRONUNCIATION_TYPES)}"


def get_pronunciation_dictionary(pronunciation_dictionary_id: str) -> Call[PronunciationDictionary]:
    """Get Pronunciation Dictionary: https://docs.tavus.io/api-reference/pronunciation-dictionaries"""
    return DICTIONARIES.get(pronunciation_dictionary_id)


@forget_refused
def list_pronunciation_dictionaries_page(
    *, page: int = 0, limit: int = 10, sort: str | None = None
) -> Call[Page[PronunciationDictionary]]:
    """List Pronunciation Dictionaries: https://docs.tavus.io/api-reference/pronunciation-dictionaries"""
    check_words("sort", sort, SORTS)
    return DICTIONARIES.list_page(page=page, limit=limit, sort=sort)


def patch_pronunciation_dictionary(
    pronunciation_dictionary_id: str, operations: Iterable[patch.Operation | Mapping[str, Any]]
) -> Call[bool]:
    """Update Pronunciation Dictionary: https://docs.tavus.io/api-reference/pronunciation-dictionaries"""
    operations = hidden(operations, texts=True)
    return DICTIONARIES.patch(pronunciation_dictionary_id, operations)


def delete_pronunciation_dictionary(pronunciation_dictionary_id: str) -> Call[None]:
    """Delete Pronunciation Dictionary: https://docs.tavus.io/api-reference/pronunciation-dictionaries"""
    return DICTIONARIES.delete(pronunciation_dictionary_id)
