"""The options that become keyword arguments of a call."""

from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import pytest

from tavus_async.cli.command import Parser
from tavus_async.cli.exits import UsageError
from tavus_async.cli.keywords import Advice, Keyword, add_keywords, given, kind_of, option_of, read_keywords, said_of
from tavus_async.cli.program import COMMANDS

KEYWORDS = (
    Keyword(option="--hard", name="hard", help="for good"),
    Keyword(option="--type", name="persona_type", kind="text", choices=("user", "system"), help="whose"),
    Keyword(option="--tags", name="tags", kind="texts", help="tags"),
    Keyword(option="--most", name="most", kind="number", help="how many"),
    Keyword(option="--crawl", name="crawl", kind="json", help="how far"),
    Keyword(option="--persona", name="persona_id", kind="text", help="whose"),
)
DOC = """Do it.

    *kind* is `a` for one, `b` for the other. With *hard*, more is done.

    - *tags*, *words*: lists of tags, or
      a text.
    - *scope*: how wide.

    Raises nothing.
    """


def parse(*words: str) -> Namespace:
    parser = Parser(prog="x")
    add_keywords(parser, KEYWORDS)
    return parser.parse_args(words)


def kites_page(  # noqa: PLR0913 (one of each kind)
    *,
    page: int = 0,
    limit: int = 10,
    kite_type: str | None = None,
    colours: Sequence[str] | None = None,
    tags: str | Iterable[str] | None = None,
    size: Literal["small", "large"] | None = None,
    strings: int = 2,
    wind: Mapping[str, Any] | None = None,
    high: bool = False,
    sky: bytes = b"",
) -> None:
    """List them."""


def test_options_become_arguments_and_those_that_are_not_given_none() -> None:
    words = ("--hard", "--type", "user", "--tags", "a, b", "--tags", "c", "--most", "2.5", "--persona", "p1")

    assert given(parse(*words, "--crawl", '{"depth": 1}'), KEYWORDS) == {
        "hard": True,
        "persona_type": "user",
        "tags": ["a", "b", "c"],
        "most": 2.5,
        "crawl": {"depth": 1},
        "persona_id": "p1",
    }
    assert given(parse(), KEYWORDS) == {}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--type", "mine"], "--type: must be user or system, not 'mine'"),
        (["--tags", "a,,b"], "--tags: must be texts between commas"),
        (["--most", "many"], "--most: must be a number, not 'many'"),
        (["--most", "nan"], "--most: must be a number, not 'nan'"),
        (["--crawl", "{"], "--crawl: must be JSON: "),
        (["--persona", "--x y"], "--persona: "),
    ],
)
def test_a_value_of_a_wrong_kind_is_refused(words: list[str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason.replace("(", r"\(").replace("{", r"\{")):
        parse(*words)


def test_the_options_of_a_call_are_read_off_its_signature() -> None:
    advice = {"colours": Advice(help="the colours; 5 % are red"), "kite_type": Advice(choices=("box", "delta"))}
    found = {each.name: each for each in read_keywords(kites_page, "kite", [None, DOC], advice)}

    assert {name: (each.option, each.kind, each.choices) for name, each in found.items()} == {
        "kite_type": ("--type", "text", ("box", "delta")),
        "colours": ("--colours", "texts", ()),
        "tags": ("--tags", "texts", ()),
        "size": ("--size", "text", ("small", "large")),
        "strings": ("--strings", "number", ()),
        "wind": ("--wind", "json", ()),
        "high": ("--high", "switch", ()),
    }
    assert found["colours"].help == "the colours; 5 %% are red"
    assert found["tags"].help == "lists of tags, or a text"
    assert found["strings"].help == "its strings"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kind", "a for one, b for the other"),
        ("hard", "more is done"),
        ("tags", "lists of tags, or a text"),
        ("words", "lists of tags, or a text"),
        ("scope", "how wide"),
        ("other", ""),
    ],
)
def test_help_is_what_the_docstring_says(name: str, said: str) -> None:
    assert said_of(name, DOC).removeprefix(", ") == said


@pytest.mark.parametrize(
    ("name", "one", "option"),
    [
        ("persona_type", "persona", "--type"),
        ("persona_id", "conversation", "--persona"),
        ("objective_type", "objective_set", "--type"),
        ("include_thumbnails", "deployment", "--include-thumbnails"),
    ],
)
def test_an_option_does_not_repeat_what_it_is_about(name: str, one: str, option: str) -> None:
    assert option_of(name, one) == option


def test_a_type_that_no_option_can_give_is_left_out() -> None:
    assert (kind_of(bytes), kind_of(None), kind_of(Sequence[int])) == (None, None, None)


def test_no_option_of_any_command_is_without_help() -> None:
    for entry in COMMANDS:
        for command in getattr(entry, "commands", ()):
            parser = Parser(prog="x")
            command.add_options(parser)
            assert [action.dest for action in parser._actions if not action.help] == [], command.name
