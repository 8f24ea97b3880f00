"""What the commands that are alike for all resources know of one."""

from collections.abc import AsyncIterator
from typing import Any

import attrs

from tavus_async import Persona
from tavus_async.cli.resources import find_noun

PERSONA = find_noun("personas")


def test_a_record_is_called_by_its_name_and_its_id() -> None:
    assert PERSONA.called(Persona(persona_id="p1", persona_name='Ann\n "B"')) == r'"Ann \"B\"" (p1)'
    assert PERSONA.called(Persona(persona_id="p1", persona_name="Ann " * 100)).endswith(' A..." (p1)')
    assert PERSONA.called(Persona(persona_id="p1", persona_name="(no name)")) == '"(no name)" (p1)'
    assert PERSONA.called(Persona(persona_id="p1")) == "(no name) (p1)"


def test_records_are_counted_in_words() -> None:
    assert [PERSONA.count(number) for number in (0, 1, 1234)] == ["0 personas", "1 persona", "1,234 personas"]


def test_of_what_has_no_name_only_the_id_is_told() -> None:
    nameless = attrs.evolve(PERSONA, title_names=())
    persona = Persona(persona_id="p1", persona_name="Ann")

    assert nameless.called(persona) == "persona (p1)"
    assert nameless.headings()[:2] == ("id", "mode")
    assert nameless.row(persona)[:2] == ("p1", "")


def test_words_of_several_parts_have_their_articles() -> None:
    assert find_noun("objective-sets").a_singular == "a set of objectives"
    assert find_noun("memory-stores").a_singular == "a memory store"
    assert attrs.evolve(PERSONA, one="apple").a_singular == "an apple"
    assert find_noun("guardrail-sets").count(2) == "2 sets of guardrails"


class Listing:
    """A session with a list that has pages, and with one that comes whole."""

    async def list_personas(self, *, page_size: int, persona_type: str = "") -> AsyncIterator[str]:
        yield f"{page_size} {persona_type}"

    async def list_apples(self, *, persona_type: str = "") -> tuple[str, ...]:
        return ("whole", persona_type)


async def test_a_list_is_read_page_by_page_if_it_has_any() -> None:
    session: Any = Listing()
    whole = attrs.evolve(PERSONA, many="apples")

    assert [each async for each in PERSONA.list_all(session, page_size=3, persona_type="user")] == ["3 user"]
    assert [each async for each in whole.list_all(session, page_size=3, persona_type="user")] == ["whole", "user"]


def test_what_came_without_an_id_has_none() -> None:
    voices = find_noun("voices")

    assert voices.row(voices.record.from_dict({"voice_name": "Ann"}))[:2] == ("", "Ann")
