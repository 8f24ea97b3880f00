"""What the commands that are alike for all resources know of one."""

from argparse import Namespace

import pytest

from tavus_async import Persona
from tavus_async.cli.command import Parser
from tavus_async.cli.exits import UsageError
from tavus_async.cli.keywords import Keyword, add_keywords, given
from tavus_async.cli.resources import find_noun

PERSONA = find_noun("personas")

KEYWORDS = (
    Keyword(option="--hard", name="hard", help="for good"),
    Keyword(option="--type", name="persona_type", kind="text", choices=("user", "system"), help="whose"),
)


def parse(*words: str) -> Namespace:
    parser = Parser(prog="x")
    add_keywords(parser, KEYWORDS)
    return parser.parse_args(words)


def test_options_become_arguments() -> None:
    assert given(parse("--hard", "--type", "user"), KEYWORDS) == {"hard": True, "persona_type": "user"}
    assert given(parse(), KEYWORDS) == {}


def test_a_value_that_is_no_choice_is_refused_with_the_choices() -> None:
    with pytest.raises(UsageError, match="--type: must be user or system, not 'mine'"):
        parse("--type", "mine")


def test_a_record_is_called_by_its_name_and_its_id() -> None:
    assert PERSONA.called(Persona(persona_id="p1", persona_name='Ann\n "B"')) == r'"Ann \"B\"" (p1)'
    assert PERSONA.called(Persona(persona_id="p1", persona_name="Ann " * 100)).endswith(' A..." (p1)')
    assert PERSONA.called(Persona(persona_id="p1", persona_name="(no name)")) == '"(no name)" (p1)'
    assert PERSONA.called(Persona(persona_id="p1")) == "(no name) (p1)"


def test_records_are_counted_in_words() -> None:
    assert [PERSONA.count(number) for number in (0, 1, 1234)] == ["0 personas", "1 persona", "1,234 personas"]
