"""JSON, read and written."""

import json

import pytest

from tavus_async.cli.exits import UsageError
from tavus_async.cli.jsons import dumps, read_object


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1,\n"b"}', "line 2, column 4: "),
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("[]", "it is not a JSON object"),
        ('{"a": {"b": 1, "b": 2}}', "'b' occurs twice"),
        ('{"a": NaN}', "NaN is not JSON"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"a":' + "[" * 200 + "]" * 200 + "}", "it is nested too deeply: more than 200 levels"),
        ('{"a": 1e400}', "1e400 is too large a number"),
        ('{"a": -1e999}', "-1e999 is too large a number"),
        ('{"a": ' + "9" * 5_000 + "}", "a number of 5,000 digits is too large"),
    ],
)
def test_what_is_no_document_is_explained(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_object(text)

    assert reason in str(caught.value)


def test_a_document_is_one_line_for_every_reader() -> None:
    value = {"a": "x\n\r\x0b\x0c\x1c\x85\u2028\u2029森"}
    text = dumps(value)

    assert len(text.splitlines()) == 1
    assert "森" in text
    assert json.loads(text) == value


def test_nothing_in_a_document_steers_a_terminal() -> None:
    value = {"a\x1b[2J": "\x9b2J\x07\x7f\u202e\u2066森"}
    text = dumps(value, indent=2, is_displayed=True)

    assert [character for character in text if not character.isprintable() and character != "\n"] == []
    assert json.loads(text) == value
