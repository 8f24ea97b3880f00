"""The session's methods for pronunciation dictionaries on a sandbox."""

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest

from tavus_async import AmbiguousOutcomeError, AsyncSession, BadRequestError, NotFoundError, patch
from tavus_async.models import PronunciationDictionaryDraft, PronunciationRule
from tavus_async.sandbox import Sandbox
from tests.support.quick import KEY, quick_session

RULE = PronunciationRule(text="Tavus", pronunciation="TAH-vus", type="alias")
OTHER = PronunciationRule(text="CVI", pronunciation="conversational video interface", type="alias")
DRAFT = PronunciationDictionaryDraft(name="brands", rules=[RULE])


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(personas=1, api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    async with quick_session(sandbox) as session:
        yield session


async def test_a_dictionary_is_created_read_changed_and_deleted(session: AsyncSession) -> None:
    created = await session.create_pronunciation_dictionary(DRAFT)
    before = await session.get_pronunciation_dictionary(created.pronunciation_dictionary_id)
    rules = [*(before.rules or ()), OTHER]
    is_changed = await session.update_pronunciation_dictionary(before, attrs.evolve(before, name="all", rules=rules))
    read = await session.get_pronunciation_dictionary(created.pronunciation_dictionary_id)
    await session.delete_pronunciation_dictionary(created.pronunciation_dictionary_id)

    assert (created, created.rules_count) == (before, 1)
    assert (is_changed, read.name, read.rules_count) == (True, "all", 2)
    assert [rule.text for rule in read.rules or ()] == ["Tavus", "CVI"]
    with pytest.raises(NotFoundError, match="Pronunciation dictionary not found"):
        await session.get_pronunciation_dictionary(created.pronunciation_dictionary_id)


async def test_what_only_the_server_sets_is_no_change(session: AsyncSession, sandbox: Sandbox) -> None:
    created = await session.create_pronunciation_dictionary(DRAFT)
    asked = sandbox.stats().requests

    assert await session.update_pronunciation_dictionary(created, attrs.evolve(created, rules_count=9)) is False
    assert sandbox.stats().requests == asked


async def test_a_patch_that_changes_nothing_is_false(session: AsyncSession) -> None:
    dictionary_id = (await session.create_pronunciation_dictionary(DRAFT)).pronunciation_dictionary_id

    assert await session.patch_pronunciation_dictionary(dictionary_id, [patch.replace("/name", "b")]) is True
    assert await session.patch_pronunciation_dictionary(dictionary_id, [patch.replace("/name", "b")]) is False
    assert await session.patch_pronunciation_dictionary(dictionary_id, [patch.add("/created_at", "x")]) is False


async def test_two_rules_of_one_text_are_refused(session: AsyncSession) -> None:
    dictionary_id = (await session.create_pronunciation_dictionary(DRAFT)).pronunciation_dictionary_id
    twice: Any = [patch.add("/rules", [RULE.to_dict(), RULE.to_dict()])]

    with pytest.raises(BadRequestError, match="duplicate text values in rules"):
        await session.patch_pronunciation_dictionary(dictionary_id, twice)


async def test_lists_have_no_rules_and_come_newest_first(session: AsyncSession) -> None:
    names = [f"d{number}" for number in range(5)]
    for name in names:
        await session.create_pronunciation_dictionary(attrs.evolve(DRAFT, name=name))

    listed = [each async for each in session.list_pronunciation_dictionaries(page_size=2)]
    upwards = [each.name async for each in session.list_pronunciation_dictionaries(sort="asc")]
    second = await session.list_pronunciation_dictionaries_page(page=1, limit=2)

    assert [each.name for each in listed] == names[::-1] == upwards[::-1]
    assert {(each.rules, each.rules_count) for each in listed} == {(None, 1)}
    assert ([each.name for each in second], second.total_count) == (["d2", "d1"], 5)


async def test_a_lost_create_is_looked_for_by_its_name(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script(["truncate"])
    with pytest.raises(AmbiguousOutcomeError) as caught:
        await session.create_pronunciation_dictionary(DRAFT)

    (found,) = await session.find_pronunciation_dictionaries(str(caught.value.name))
    assert (found.pronunciation_dictionary_id,) == sandbox.ids("pronunciation-dictionaries")


async def test_deleting_one_takes_it_from_the_personas_that_speak_by_it(
    session: AsyncSession, sandbox: Sandbox
) -> None:
    created = await session.create_pronunciation_dictionary(DRAFT)
    tts = {"tts_engine": "cartesia", "pronunciation_dictionary_id": created.pronunciation_dictionary_id}
    persona_id = sandbox.add({"persona_name": "Ada", "layers": {"tts": tts}})

    await session.delete_pronunciation_dictionary(created.pronunciation_dictionary_id)
    persona = await session.get_persona(persona_id)

    assert (persona.layers.tts.pronunciation_dictionary_id, persona.layers.tts.tts_engine) == (None, "cartesia")
