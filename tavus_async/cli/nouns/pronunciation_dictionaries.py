"""Pronunciation dictionaries on the command line."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tavus_async.cli.keywords import Advice
from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns, texts
from tavus_async.cli.screen.texts import Row

if TYPE_CHECKING:
    from tavus_async.models import PronunciationDictionary


def rules(dictionary: "PronunciationDictionary") -> Iterator[tuple[str, list[Row]]]:
    """Yield what is pronounced how."""
    if dictionary.rules:
        yield "rules", [(texts.brief(each.text), texts.brief(each.pronunciation)) for each in dictionary.rules]


PRONUNCIATION_DICTIONARY_VIEW: Final = View(
    what="Pronunciation dictionaries: how a persona says words that it would say wrongly.",
    example="pd_1a2b3c4d",
    options={"sort": Advice(choices=("asc", "desc"), help="by creation (default: desc)")},
    columns={"rules": columns.size("rules_count", "rules"), "updated": columns.day("updated_at", "created_at")},
    sections=rules,
    folded=("rules",),
)
