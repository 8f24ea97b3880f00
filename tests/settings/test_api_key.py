import traceback

import pytest

from tavus_async import AsyncSession, ConfigurationError, Secret
from tavus_async._settings.api_key import check_key

WRONG = [
    ("2f9c81d7\n", "ends with a line break"),
    ("2f9c81d7\r\n", "ends with a line break"),
    ("2f9c81d7 ", "ends with white space"),
    (" 2f9c81d7", "begins with white space"),
    ("\n2f9c81d7", "begins with white space"),
    ("\ufeff2f9c81d7", "begins with white space"),
    ("2f9c81d7\u200b", "ends with white space"),
    ("2f9c81d7\xa0", "ends with white space"),
    (" \n\t", "is nothing but white space"),
    ("'2f9c81d7'", "is in quotation marks"),
    ('"2f9c81d7"', "is in quotation marks"),
    ('"2f9c81d7', "is in quotation marks"),
    ("`2f9c81d7`", "is in quotation marks"),
    ("\u201c2f9c81d7\u201d", "is in quotation marks"),
    ("Bearer 2f9c81d7", "begins with Bearer"),
    ("bearer:2f9c81d7", "begins with Bearer"),
    ("x-api-key: 2f9c81d7", "begins with the name of a header"),
    ("X-API-Key 2f9c81d7", "begins with the name of a header"),
    ("Authorization: Bearer 2f9c81d7", "begins with the name of a header"),
    ("TAVUS_API_KEY=2f9c81d7", "begins with the name of a variable"),
    ("export TAVUS_API_KEY=2f9c81d7", "begins with the name of a variable"),
    ("api_key=2f9c81d7", "begins with the name of a variable"),
    ("https://maker.tavus.io/dev/2f9c81d7", "is a URL"),
    ("2f9c\n81d7", "has a line break in it"),
    ("2f9c\r\nX-Evil: 1", "has a line break in it"),
    ("2f9c 81d7", "has a space in it"),
    ("2f9c\x0081d7", "has a control character in it"),
    ("2f9c81d7\x7f", "has a control character in it"),
    ("2f9cé", "has a character past ASCII in it"),
    ("<your key>", "is a placeholder"),
    ("<2f9c81d7>", "is a placeholder"),
    ("YOUR_API_KEY", "is a placeholder"),
    ("your-tavus-api-key", "is a placeholder"),
    ("your key", "is a placeholder"),
    ("...", "is a placeholder"),
    ("xxxx", "is a placeholder"),
    ("MY_KEY_HERE", "is a placeholder"),
    ("api-key-goes-here", "is a placeholder"),
    ("$TAVUS_API_KEY", "is a placeholder"),
    ("${TAVUS_API_KEY}", "is a placeholder"),
    ("{{ tavus_api_key }}", "is a placeholder"),
    ("%TAVUS_API_KEY%", "is a placeholder"),
    ("TAVUS_API_KEY", "is a placeholder"),
    ("None", "is a placeholder"),
    ("undefined", "is a placeholder"),
    ("***", "is what is shown in the place of a secret"),
    ("sk-***", "is what is shown in the place of a secret"),
]


@pytest.mark.parametrize(("key", "problem"), WRONG)
def test_what_is_wrong_with_a_key_is_named_with_where_it_came_from(
    monkeypatch: pytest.MonkeyPatch, key: str, problem: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"^the API key from the argument api_key {problem}.*/dev/api-keys"):
        AsyncSession(key)
    if "\x00" not in key:
        monkeypatch.setenv("TAVUS_API_KEY", key)
        with pytest.raises(ConfigurationError, match=f"^the API key from TAVUS_API_KEY {problem}.*/dev/api-keys"):
            AsyncSession()


@pytest.mark.parametrize(("key", "_problem"), WRONG)
def test_no_part_of_a_wrong_key_is_shown(key: str, _problem: str) -> None:
    secret = Secret(key)
    with pytest.raises(ConfigurationError) as caught:
        check_key(secret, source="TAVUS_API_KEY")
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frames = [
        f"{frame.name} {frame.locals}" for frame in report.stack if frame.name != "test_no_part_of_a_wrong_key_is_shown"
    ]

    assert len(frames) == 1
    assert "2f9c" not in "".join([*frames, *report.format_exception_only()])


@pytest.mark.parametrize(
    "key",
    ["key", "k", "x", "test", "my-key", "sandbox-key", "sk-2f9c81d7", "Key=", "a.b-c_d~e", "tokens", "bearer",
     "nonesuch", "2f9c81d74c3e4b0a9f6d", "QmFzZTY0a2V5Cg==", "sk_live_x", "yourself", "an-api-key", "c2VjcmV0_key="],
)  # fmt: skip
def test_what_may_be_a_key_is_taken(key: str) -> None:
    assert check_key(Secret(key), source="TAVUS_API_KEY").reveal() == key


def test_a_key_may_be_a_secret_already_but_not_one_that_was_masked() -> None:
    secret = Secret("2f9c81d7")

    assert check_key(secret, source="TAVUS_API_KEY") is secret
    with pytest.raises(ConfigurationError, match="in the place of a secret"):
        check_key(Secret("2f9c", is_masked=True), source="TAVUS_API_KEY")
