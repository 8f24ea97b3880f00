"""Filters of lists that are one of some words."""

from collections.abc import Collection
from typing import Final

from tavus_async._settings.checks import display, is_one_of
from tavus_async.errors import InvalidRequestError

OWNERS: Final = ("user", "system", "all")
"""Whose objects are listed: the account's own, Tavus', or both."""
SORTS: Final = ("asc", "desc")
SORT_WORDS: Final = ("ascending", "descending")
"""The same for lists that spell them out."""


def check_words(name: str, value: str | None, words: Collection[str]) -> None:
    """Validate a filter; InvalidRequestError for one that is neither None nor one of these words."""
    if value is not None and not is_one_of(value, words):
        raise InvalidRequestError(f"{name} must be one of {', '.join(words)}, not {display(value)}")
