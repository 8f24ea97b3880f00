"""The parser of a command's arguments."""

import pytest

from tavus_async.cli.exits import UsageError
from tavus_async.cli.main import parse


@pytest.mark.parametrize("words", ["--api-key sk-1 get p1", "get p1 --api-key sk-1", "get p1 --api-key=sk-1"])
def test_a_key_on_the_command_line_is_refused_and_not_repeated(words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words.split())

    assert "TAVUS_API_KEY" in str(caught.value)
    assert "sk-1" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("get p1 --nosuch", "unknown option: --nosuch (see tavus-async get --help)"),
        ("--nosuch", "unknown option: --nosuch (see tavus-async --help)"),
        ("list p1", "unknown argument: p1 (see tavus-async list --help)"),
        ("fetch -o x --apikey=sk-1 p1", "unknown option: --apikey (see tavus-async fetch --help)"),
        ("delete --apikey sk-1", "unknown option: --apikey (see tavus-async delete --help)"),
        ("get p1 --rate 0", "argument --rate: must be a number above 0, not '0' (see tavus-async get --help)"),
    ],
)
def test_wrong_usage_points_to_the_help_of_its_command_and_repeats_no_key(words: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words.split())

    assert str(caught.value) == reason
