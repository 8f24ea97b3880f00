from typing import Any

import pytest

from tavus_async import InvalidRequestError
from tavus_async.resources._filters import OWNERS, SORT_WORDS, SORTS, check_words


@pytest.mark.parametrize("words", [OWNERS, SORTS, SORT_WORDS])
def test_each_word_is_fine_and_so_is_none(words: tuple[str, ...]) -> None:
    for word in (*words, None):
        assert check_words("sort", word, words) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize("value", ["", "up", "ASC", 5, ["asc"], True])
def test_anything_else_is_refused_with_the_words_there_are(value: Any) -> None:
    with pytest.raises(InvalidRequestError, match="sort must be one of asc, desc, not "):
        check_words("sort", value, SORTS)


def test_what_may_be_a_secret_is_not_shown() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        check_words("sort", "sk-0123456789abcdef", SORTS)

    assert "sk-" not in str(caught.value)
