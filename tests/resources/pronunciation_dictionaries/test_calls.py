import json
from typing import Any

import pytest

from tavus_async import InvalidRequestError, patch
from tavus_async.models import PronunciationRule
from tavus_async.resources.pronunciation_dictionaries.calls import (
    create_pronunciation_dictionary,
    get_pronunciation_dictionary,
    list_pronunciation_dictionaries_page,
    patch_pronunciation_dictionary,
)

RULE: dict[str, Any] = {"text": "Tavus", "pronunciation": "TAH-vus", "type": "alias"}
PATH = "/v2/pronunciation-dictionaries"


def test_a_dictionary_is_sent_as_it_is_written() -> None:
    body = {"name": "brands", "rules": [RULE, RULE | {"text": "tavus", "case_sensitive": True}]}
    call = create_pronunciation_dictionary(body)

    assert (call.method, call.path, call.repeatable, call.creates) == ("POST", PATH, False, "brands")
    assert "find_pronunciation_dictionaries('brands')" in call.recovery
    assert json.loads(call.body or b"") == body
    assert call.decode(b'{"pronunciation_dictionary_id": "pd_1"}').pronunciation_dictionary_id == "pd_1"


def test_rules_may_be_left_out_or_be_records() -> None:
    assert json.loads(create_pronunciation_dictionary({"name": "b"}).body or b"") == {"name": "b"}
    call = create_pronunciation_dictionary({"name": "b", "rules": [PronunciationRule(**RULE)]})
    assert json.loads(call.body or b"") == {"name": "b", "rules": [RULE]}


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        ({}, "needs a name"),
        ({"name": " "}, "needs a name"),
        ({"name": "n" * 256}, "at most 255"),
        ({"name": "b", "rules": [RULE, RULE]}, r"rules\[1\]: there is a rule for 'Tavus' already"),
        ({"name": "b", "rules": [{"text": "a", "pronunciation": "b"}]}, r"rules\[0\]: .*alias, ipa"),
        ({"name": "b", "rules": [RULE | {"type": "sampa"}]}, "alias, ipa"),
        ({"name": "b", "rules": [RULE | {"text": ""}]}, "needs a text, of at most 200"),
        ({"name": "b", "rules": [RULE | {"text": "t" * 201}]}, "at most 200"),
        ({"name": "b", "rules": [RULE | {"pronunciation": "p" * 501}]}, "at most 500"),
        ({"name": "b", "rules": [RULE] * 10_001}, "10,000 rules, and this has 10,001"),
        ({"name": 5}, "wrong type: name"),
        ({"name": "b", "rules": "abc"}, "wrong type: rules"),
    ],
)
def test_what_the_server_refuses_for_certain_is_not_sent(draft: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        create_pronunciation_dictionary(draft)


def test_pages_are_counted_from_0() -> None:
    assert list_pronunciation_dictionaries_page().query == (("limit", "10"), ("page", "0"))
    assert dict(list_pronunciation_dictionaries_page(page=2, sort="asc").query)["sort"] == "asc"


@pytest.mark.parametrize("arguments", [{"page": -1}, {"limit": 0}, {"sort": "ascending"}])
def test_a_list_that_makes_no_sense_is_not_asked_for(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError, match=next(iter(arguments))):
        list_pronunciation_dictionaries_page(**arguments)


def test_fields_are_set_by_add() -> None:
    call = patch_pronunciation_dictionary("pd_1", [patch.replace("/name", "b"), patch.replace("/rules", [RULE])])

    assert (call.method, call.path, call.unchanged) == ("PATCH", f"{PATH}/pd_1", False)
    assert json.loads(call.body or b"") == [
        {"op": "add", "path": "/name", "value": "b"},
        {"op": "add", "path": "/rules", "value": [RULE]},
    ]


def test_an_id_under_another_name_is_one() -> None:
    assert get_pronunciation_dictionary("pd_1").decode(b'{"uuid": "pd_1", "name": "b"}').name == "b"
    (listed,) = list_pronunciation_dictionaries_page().decode(b'{"data": [{"uuid": "pd_1"}]}')
    assert listed.pronunciation_dictionary_id == "pd_1"
