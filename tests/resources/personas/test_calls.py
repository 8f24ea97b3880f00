from typing import Any

import pytest

from tavus_async import DecodeError, InvalidRequestError
from tavus_async.resources.personas.calls import get_persona, list_personas_page

TWO = b'{"data": [{"persona_id": "p1"}, {"persona_id": "p2"}], "total_count": 2}'


def test_get_persona_asks_for_one_persona() -> None:
    call = get_persona("p 1")

    assert (call.method, call.path, call.query, call.body) == ("GET", "/v2/personas/p%201", (), None)
    assert call.repeatable
    assert call.decode(b'{"persona_id": "p 1"}').persona_id == "p 1"
    with pytest.raises(DecodeError):
        call.decode(b"{}")


def test_get_persona_takes_the_one_that_was_asked_for_out_of_an_envelope() -> None:
    assert get_persona("p2").decode(TWO).persona_id == "p2"


@pytest.mark.parametrize("persona_id", ["", "..", "a\n", None, 5])
def test_get_persona_refuses_what_cannot_be_an_id(persona_id: Any) -> None:
    with pytest.raises(InvalidRequestError, match="persona_id"):
        get_persona(persona_id)


def test_list_personas_page_asks_for_ten_of_the_first_page() -> None:
    call = list_personas_page()

    assert (call.method, call.path, call.body) == ("GET", "/v2/personas", None)
    assert call.query == (("limit", "10"), ("page", "1"))
    assert call.repeatable
    assert [persona.persona_id for persona in call.decode(TWO)] == ["p1", "p2"]


def test_list_personas_page_asks_for_what_it_is_told() -> None:
    call = list_personas_page(page=3, limit=100, persona_type="user")

    assert call.query == (("limit", "100"), ("page", "3"), ("persona_type", "user"))


@pytest.mark.parametrize(
    "arguments",
    [
        {"page": 0},
        {"page": -1},
        {"page": True},
        {"page": 1.0},
        {"page": "1"},
        {"limit": 0},
        {"limit": None},
        {"persona_type": "mine"},
        {"persona_type": ""},
        {"persona_type": ["user"]},
    ],
)
def test_list_personas_page_refuses_what_makes_no_sense(arguments: dict[str, Any]) -> None:
    (name,) = arguments

    with pytest.raises(InvalidRequestError, match=name):
        list_personas_page(**arguments)
