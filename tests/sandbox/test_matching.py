from typing import Any

import pytest

from tavus_async.sandbox.answers import RefusalError
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.matching import is_called, is_owned_as_asked, is_tagged
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.vocabulary import Vocabulary


def asking(**query: str) -> Request:
    return Request(params={}, query=query, vocabulary=Vocabulary.PERSONA, body=b"", envelope=False)


def stored(*, is_system: bool = False) -> StoredObject:
    return StoredObject(id="g1A", is_system=is_system, text="{}", view=lambda document, _vocabulary: document)


@pytest.mark.parametrize(
    ("query", "own", "of_tavus"),
    [
        ({}, True, False),
        ({"type": ""}, True, False),
        ({"type": "user"}, True, False),
        ({"type": "system"}, False, True),
        ({"type": "all"}, True, True),
    ],
)
def test_by_default_what_is_the_accounts_own_is_asked_for(query: dict[str, str], own: bool, of_tavus: bool) -> None:
    assert is_owned_as_asked(stored(), asking(**query)) is own
    assert is_owned_as_asked(stored(is_system=True), asking(**query)) is of_tavus


def test_another_word_is_refused() -> None:
    with pytest.raises(RefusalError) as caught:
        is_owned_as_asked(stored(), asking(type="mine"))

    assert caught.value.answer.status == 400


@pytest.mark.parametrize(
    ("wanted", "is_meant"), [("", True), ("g1a", True), ("g1", False), ("RICE", True), ("x", False)]
)
def test_an_id_is_meant_as_a_whole_and_a_name_by_a_part(wanted: str, is_meant: bool) -> None:
    assert is_called(stored(), [None, 5, "no_prices"], asking(name_or_uuid=wanted)) is is_meant


@pytest.mark.parametrize(
    ("tags", "wanted", "is_meant"),
    [
        (["a"], "", True),
        (["a"], "b, a", True),
        (["a"], "b", False),
        (None, "a", False),
        ("a", "a", False),
        ([5], "5", False),
    ],
)
def test_one_tag_of_several_will_do(tags: Any, wanted: str, is_meant: bool) -> None:
    assert is_tagged(tags, asking(tags=wanted)) is is_meant
