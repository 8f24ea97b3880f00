"""One persona of a name, however often it is asked for."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    BadRequestError,
    ConflictError,
    InvalidRequestError,
    Layers,
    LlmLayer,
    PersonaDraft,
    ServerError,
    SessionClosedError,
)
from tavus_async._session import Vocabulary
from tavus_async.resources.personas import ensuring
from tavus_async.resources.personas.ensuring import NameLocks
from tavus_async.sandbox import Answer, Sandbox
from tests.support.quick import KEY, quick_session

DRAFT = PersonaDraft(persona_name="Ada", system_prompt="Be kind.")


def persona(persona_id: str, **fields: Any) -> dict[str, Any]:
    return {"persona_id": persona_id, "persona_name": "Ada", "system_prompt": "Be kind.", **fields}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(api_key=KEY, personas=[]) as sandbox:
        yield sandbox


@pytest.fixture
async def session(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncSession]:
    monkeypatch.setattr(ensuring, "GAPS_BETWEEN_LOOKS", (0.0, 0.0))
    async with quick_session(sandbox) as session:
        yield session


def sent(sandbox: Sandbox) -> list[str]:
    """The endpoints that were called."""
    return [request.endpoint for request in sandbox.requests]


async def test_it_is_created_once_and_then_found(session: AsyncSession, sandbox: Sandbox) -> None:
    first = await session.ensure_persona(DRAFT)
    second = await session.ensure_persona({"pal_name": "Ada", "system_prompt": "Else."})

    assert (first.persona_id,) == sandbox.persona_ids
    assert (first.persona_name, first.system_prompt) == ("Ada", "Be kind.")
    assert second == first


@pytest.mark.parametrize("vocabulary", ["persona", "pal"])
async def test_tasks_of_a_session_create_one(sandbox: Sandbox, vocabulary: Vocabulary) -> None:
    other = PersonaDraft(persona_name="Grace", system_prompt="x")
    async with quick_session(sandbox) as session:
        twin = session.with_options(vocabulary=vocabulary)
        found = await asyncio.gather(
            *(each.ensure_persona(draft) for each in (session, twin) for draft in (DRAFT, other) for _ in range(5))
        )

        assert len(sandbox.persona_ids) == 2
        assert len({each.persona_id for each in found}) == 2
        assert {each.persona_name for each in found} == {"Ada", "Grace"}
        assert vars(session._part(NameLocks)) == {"_locks": {}, "_users": {}}  # pyright: ignore[reportPrivateUsage]


async def test_who_is_cancelled_leaves_the_others_their_turn(session: AsyncSession, sandbox: Sandbox) -> None:
    tasks = [asyncio.ensure_future(session.ensure_persona(DRAFT)) for _ in range(4)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[2].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(each).__name__ for each in found] == ["CancelledError", "Persona", "CancelledError", "Persona"]
    assert len(sandbox.persona_ids) == 1


async def test_all_pages_are_read_and_the_oldest_wins(session: AsyncSession, sandbox: Sandbox) -> None:
    for number in range(230):
        sandbox.add(persona(f"p{number}", persona_name=f"No. {number}"))
    sandbox.add(persona("undated"))
    sandbox.add(persona("new", created_at="2026-08-01T00:00:00Z"))
    sandbox.add(persona("old", created_at="2026-02-01T00:00:00+00:00"))
    sandbox.add(persona("theirs", created_at="2020-01-01T00:00:00Z"), system=True)

    assert (await session.ensure_persona(DRAFT)).persona_id == "old"
    assert sent(sandbox) == ["list_personas"] * 3


async def test_without_update_it_is_left_as_it_is(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.add(persona("p1", system_prompt="Be brief."))

    assert (await session.ensure_persona(DRAFT)).system_prompt == "Be brief."
    assert "patch_persona" not in sent(sandbox)


async def test_with_update_what_differs_is_patched_and_the_rest_stays(session: AsyncSession, sandbox: Sandbox) -> None:
    layers = {"llm": {"model": "m1", "base_url": "https://llm.example"}, "tts": {"voice_id": "v1"}, "new": {"a": 1}}
    sandbox.add(persona("p1", greeting="Hi", document_ids=["d1"], layers=layers, of_tomorrow=5))
    draft = PersonaDraft(
        persona_name="Ada", system_prompt="Be brief.", document_ids=["d2"], layers=Layers(llm=LlmLayer(model="m2"))
    )

    changed = await session.ensure_persona(draft, update=True)
    again = await session.ensure_persona(draft, update=True)

    stored = sandbox.stored("p1")
    assert (changed.system_prompt, changed.greeting, changed.document_ids) == ("Be brief.", "Hi", ("d2",))
    assert stored["layers"] == layers | {"llm": {"model": "m2", "base_url": "https://llm.example"}}
    assert stored["of_tomorrow"] == 5
    assert again == changed
    assert sent(sandbox).count("patch_persona") == 1


async def test_a_secret_is_sent_anew_with_each_update(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.add(
        persona("p1", layers={"llm": {"model": "m", "base_url": "https://l.example", "api_key": "sk-old-old-old"}})
    )
    draft = PersonaDraft(
        persona_name="Ada", system_prompt="Be kind.", layers=Layers(llm=LlmLayer(api_key="sk-new-new-new"))
    )
    await session.ensure_persona(draft, update=True)

    layers: Any = sandbox.stored("p1")["layers"]
    assert layers["llm"] == {"model": "m", "base_url": "https://l.example", "api_key": "sk-new-new-new"}


async def test_a_draft_of_pal_maker_is_not_overwritten(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.add(persona("p1", system_prompt="Be brief."))
    sandbox.open_maker_draft("p1")

    with pytest.raises(ConflictError):
        await session.ensure_persona(DRAFT, update=True)
    assert (await session.ensure_persona(DRAFT)).persona_id == "p1"


async def test_a_create_whose_answer_is_lost_is_found_by_its_name(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script(["ok", "reset"])
    found = await session.ensure_persona(DRAFT)

    assert (found.persona_id,) == sandbox.persona_ids
    assert sent(sandbox) == ["list_personas", "create_persona", "list_personas"]


async def test_a_look_that_fails_is_not_the_last(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script(["ok", "reset", "garble"])

    assert ((await session.ensure_persona(DRAFT)).persona_id,) == sandbox.persona_ids


async def test_if_no_look_succeeds_the_error_of_the_create_is_raised(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script(["ok", "reset", "garble", "garble"])
    with pytest.raises(AmbiguousOutcomeError) as caught:
        await session.ensure_persona(DRAFT)

    assert caught.value.name == "Ada"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=502), AmbiguousOutcomeError),
        (Answer(status=500), ServerError),
    ],
)
async def test_if_nothing_was_created_the_error_is_raised(
    session: AsyncSession, sandbox: Sandbox, answer: Answer, error: type[Exception]
) -> None:
    sandbox.script(["ok", answer])
    with pytest.raises(error):
        await session.ensure_persona(DRAFT)

    assert sent(sandbox) == ["list_personas", "create_persona", "list_personas", "list_personas"]


async def test_a_create_that_is_refused_is_not_looked_for(session: AsyncSession, sandbox: Sandbox) -> None:
    with pytest.raises(BadRequestError):
        await session.ensure_persona(PersonaDraft(persona_name="Ada", system_prompt="x", disclosure_type="sometimes"))

    assert sent(sandbox) == ["list_personas", "create_persona"]


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        (PersonaDraft(system_prompt="x"), "the draft needs a persona_name"),
        (PersonaDraft(persona_name=" ", system_prompt="x"), "the draft needs a persona_name"),
        (PersonaDraft(persona_name="Ada"), "a draft needs a system_prompt"),
        ("Ada", "draft must be a PersonaDraft"),
    ],
)
async def test_what_cannot_be_ensured_is_refused_before_anything_is_sent(
    session: AsyncSession, sandbox: Sandbox, draft: Any, problem: str
) -> None:
    with pytest.raises(InvalidRequestError, match=problem):
        await session.ensure_persona(draft)
    with pytest.raises(InvalidRequestError, match="update must be"):
        await session.ensure_persona(DRAFT, update="yes")  # type: ignore[arg-type]
    assert sent(sandbox) == []


async def test_who_waits_while_the_session_closes_is_told(sandbox: Sandbox) -> None:
    sandbox.script(["stall"])
    async with quick_session(sandbox) as session:
        tasks = [asyncio.ensure_future(session.ensure_persona(DRAFT)) for _ in range(2)]
        await asyncio.sleep(0)

    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in found] == [SessionClosedError] * 2
