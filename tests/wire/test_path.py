from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, strategies as st

from tavus_async import InvalidRequestError
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
        ("a\nb", "control character"),
        ("a\x00", "control character"),
        ("a\x85b", "control character"),
        ("a\u2028b", "control character"),
        (".", "dot segment"),
        ("..", "dot segment"),
        (" .. ", "dot segment"),
        ("%2e%2e", "dot segment"),
        ("%2E.", "dot segment"),
        ("a/../b", "dot segment"),
        ("..\\a", "dot segment"),
        ("..%2fb", "dot segment"),
        ("a/.", "dot segment"),
        ("\ud800", "not valid Unicode"),
        (None, "must be a string, not NoneType"),
        (17, "must be a string, not int"),
        (b"p1", "must be a string, not bytes"),
    ],
)
def test_what_cannot_be_an_id_is_refused(value: Any, problem: str) -> None:
    with pytest.raises(InvalidRequestError, match=problem) as caught:
        quote_id(value, name="persona_id")

    assert str(caught.value).startswith("persona_id ")
    assert caught.value.__cause__ is caught.value.__context__ is None


@given(st.text(st.characters(exclude_categories=())))
def test_any_id_is_one_harmless_segment_or_refused(value: str) -> None:
    try:
        quoted = quote_id(value, name="id")
    except InvalidRequestError:
        return

    assert unquote(quoted) == value
    assert not set(quoted) & set("/\\?#@ \r\n")
    assert quoted not in {"", ".", ".."}
