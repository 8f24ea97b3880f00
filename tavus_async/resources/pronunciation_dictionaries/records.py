"""Pronunciation dictionaries, and the rules in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from tavus_async._records.fields import ALIASES, nested, schema_of
from tavus_async._records.record import Record
from tavus_async._settings.checks import of_kind
from tavus_async.errors import InvalidRequestError

# Editors offer the literals; any other string does as well.
PronunciationType = Literal["alias", "ipa"] | str


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PronunciationRule(Record):
    """How one word is spoken: `PronunciationRule(text="Tavus", pronunciation="TAH-vus", type="alias")`.

    Source: https://docs.tavus.io/sections/conversational-video-interface/persona/pronunciation-dictionaries
    """

    text: str | None = None
    """The word or phrase, at most 200 characters, unique in its dictionary."""
    pronunciation: str | None = None
    """What is spoken in its place, at most 500 characters: other words, or sounds, as *type* says."""
    type: PronunciationType | None = None
    """`alias` for other words, `ipa` for sounds in the International Phonetic Alphabet."""
    case_sensitive: bool | None = None
    """Whether capitals must be the same; default false."""
    word_boundaries: bool | None = None
    """Whether only whole words count; default true."""
    alphabet: Literal["ipa"] | str | None = None
    """`ipa`, with the type `ipa`; known from Tavus' own command line."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PronunciationDictionary(Record):
    """A pronunciation dictionary as the server tells of it.

    A persona speaks by the one that its `layers.tts.pronunciation_dictionary_id` names.
    Source: https://docs.tavus.io/api-reference/pronunciation-dictionaries/get-pronunciation-dictionary
    """

    pronunciation_dictionary_id: str = attrs.field(metadata={ALIASES: ()})
    """Opaque, such as `pd_abc123def456gh`. Where an answer has none, its *uuid*."""
    name: str | None = None
    """Display name, which need not be unique."""
    rules: Sequence[PronunciationRule] | None = nested(None)
    """How words are spoken; None in lists, which tell *rules_count* alone."""
    rules_count: int | None = None
    """How many rules there are."""
    uuid: str | None = None
    """Its id, or a second one; undocumented."""
    owner_id: int | None = None
    """Number of its owner; undocumented."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PronunciationDictionaryDraft(Record):
    """A pronunciation dictionary to be created; it needs a name.

    Fields that are None are not sent. `extra` is sent along, for fields that this class does not know yet.
    Source: https://docs.tavus.io/api-reference/pronunciation-dictionaries/create-pronunciation-dictionary
    """

    _is_draft = True

    name: str | None = None
    """Display name, at most 255 characters. By a unique one it can be found again, should the answer get lost."""
    rules: Sequence[PronunciationRule] | None = nested(None)
    """How words are spoken, as records or as mappings, at most 10,000; they can be added later."""

    @classmethod
    def of(cls, dictionary: "PronunciationDictionary | PronunciationDictionaryDraft") -> "PronunciationDictionaryDraft":
        """Return the draft of a variation, without what the server adds: read it by its id, to have the rules.

        Raises InvalidRequestError for what is no pronunciation dictionary.
        """
        kinds = (PronunciationDictionary, PronunciationDictionaryDraft)
        of_kind("dictionary", dictionary, kinds, error=InvalidRequestError)
        return cls(**{name: getattr(dictionary, name) for name in schema_of(cls).names})
