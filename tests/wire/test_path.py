import gc
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, strategies as st

from tavus_async import Conversation, CreatedPersona, InvalidRequestError, Persona
from tavus_async._wire.path import quote_id


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("p5317866", "p5317866"),
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("a?b#c&d=e", "a%3Fb%23c%26d%3De"),
        ("100%", "100%25"),
        ("Zoë", "Zo%C3%AB"),
        ("a.b", "a.b"),
        ("...", "..."),
        ("a..b", "a..b"),
        ("@evil.test", "%40evil.test"),
    ],
)
def test_an_id_becomes_one_segment_of_a_path(value: str, quoted: str) -> None:
    assert quote_id(value, name="persona_id") == quoted


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "is empty"),
        ("  \t ", "is empty"),
        ("\ufeff", "is empty"),
        ("p1 ", "is surrounded by white space, as the lines of a file are: strip it"),
        (" p1", "is surrounded by white space"),
        ("p1\n", "is surrounded by white space"),
        ("p1\r\n", "is surrounded by white space"),
        ("\tp1", "is surrounded by white space"),
        ("p1\xa0", "is surrounded by white space"),
        ("\ufeffp1", "is surrounded by white space"),
        ("p1\u200b", "is surrounded by white space"),
        ("'p1'", "is in quotation marks: leave them out"),
        ('"p1"', "is in quotation marks"),
        ("`p1`", "is in quotation marks"),
        ('"p1', "is in quotation marks"),
        ("\u201cp1\u201d", "is in quotation marks"),
        ("https://tavusapi.com/v2/personas/p1", r"is a URL \(did you mean p1\?\)"),
        ("https://tavusapi.com/v2/personas/p1/?verbose=true", r"is a URL \(did you mean p1\?\)"),
        ("https://tavus.daily.co/c1?t=secret", r"is a URL \(did you mean c1\?\)"),
        ("https://tavusapi.com?t=secret", "is a URL"),
        ("/v2/personas/p1", r"is a path \(did you mean p1\?\)"),
        ('{"persona_id": "p1"}', "is the text of JSON, which has to be read first"),
        ('["p1"]', "is the text of JSON"),
        ("<persona_id>", "is a placeholder"),
        ("{persona_id}", "is a placeholder"),
        ("$PERSONA_ID", "is a placeholder"),
        ("${PERSONA_ID}", "is a placeholder"),
        ("You are Ada. " * 30, "is surrounded by white space"),
        ("You are Ada." * 30, "is a text of 360 characters, longer than any id"),
        ("p" * 256, "is a text of 256 characters, longer than any id"),
        ("a\nb", "control character"),
        ("a\x00", "control character"),
        ("a\x85b", "control character"),
        ("a\u2028b", "control character"),
        (".", "dot segment"),
        ("..", "dot segment"),
        (" .. ", "is surrounded by white space"),
        ("%2e%2e", "dot segment"),
        ("%2E.", "dot segment"),
        ("a/../b", "dot segment"),
        ("..\\a", "dot segment"),
        ("..%2fb", "dot segment"),
        ("a/.", "dot segment"),
        ("\ud800", "not valid Unicode"),
        (None, "must be a string, not None$"),
        (17, "must be a string, not an int$"),
        (b"p1", "must be a string, not a bytes$"),
        (["p1"], "must be a string, not a list$"),
        ({"persona_id": "p1"}, "must be a string, not a dict: give the persona_id in it$"),
        ({"id": "p1"}, "must be a string, not a dict$"),
        (Persona(persona_id="p1"), "must be a string, not a Persona: give its persona_id$"),
        (CreatedPersona(persona_id="p1"), "must be a string, not a CreatedPersona: give its persona_id$"),
        (Conversation(conversation_id="c1", persona_id="p1"), "not a Conversation: give its persona_id$"),
        (Conversation(conversation_id="c1"), "must be a string, not a Conversation$"),
        (Persona, "must be a string, not the class Persona itself$"),
    ],
)
def test_what_cannot_be_an_id_is_refused(value: Any, problem: str) -> None:
    with pytest.raises(InvalidRequestError, match=problem) as caught:
        quote_id(value, name="persona_id")

    assert str(caught.value).startswith("persona_id ")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


async def test_a_call_that_was_not_awaited_is_no_id_and_python_does_not_warn_of_it() -> None:
    async def create_persona() -> str:
        return "p1"

    with pytest.raises(InvalidRequestError, match=r"^persona_id must be a string, not a coroutine: await it first$"):
        quote_id(create_persona(), name="persona_id")
    gc.collect()  # a coroutine that nobody awaits warns as it goes


@given(st.text(st.characters(exclude_categories=())))
def test_any_id_is_one_harmless_segment_or_refused(value: str) -> None:
    try:
        quoted = quote_id(value, name="id")
    except InvalidRequestError:
        return

    assert unquote(quoted) == value
    assert not set(quoted) & set("/\\?#@ \r\n")
    assert quoted not in {"", ".", ".."}
