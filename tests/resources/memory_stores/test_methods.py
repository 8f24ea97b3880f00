"""The session's methods for memory stores on a sandbox."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tavus_async import AmbiguousOutcomeError, AsyncSession, ConflictError, NotFoundError, PermissionDeniedError
from tavus_async.models import MemoryStoreDraft
from tavus_async.sandbox import Answer, Sandbox
from tests.support.quick import KEY, quick_session

ADA = MemoryStoreDraft(persona_id="p1", participant_tag="ada", pinned_memories=["Likes tea"])


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    personas = [{"persona_id": each, "system_prompt": "x", "default_replica_id": "r1"} for each in ("p1", "p2")]
    async with Sandbox(api_key=KEY, personas=personas) as sandbox:
        yield sandbox


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    async with quick_session(sandbox) as session:
        yield session


async def test_a_store_is_made_read_and_deleted(session: AsyncSession) -> None:
    created = await session.create_memory_store(ADA)
    read = await session.get_memory_store(created.memory_store_id)
    with pytest.raises(ConflictError):
        await session.create_memory_store(ADA)
    await session.delete_memory_store(created.memory_store_id)

    assert (read.persona_id, read.participant_tag) == ("p1", "ada")
    assert [each.memory for each in read.pinned_memories or ()] == ["Likes tea"]
    with pytest.raises(NotFoundError, match="Memory store not found"):
        await session.get_memory_store(created.memory_store_id)


async def test_stores_are_found_by_persona_and_participant(session: AsyncSession) -> None:
    for persona_id, tag in (("p1", "ada"), ("p1", "bob"), ("p2", "ada")):
        await session.create_memory_store({"persona_id": persona_id, "participant_tag": tag})

    async def found(**filters: Any) -> list[tuple[str | None, str | None]]:
        stores = session.list_memory_stores(**filters)
        return [(each.persona_id, each.participant_tag) async for each in stores]

    assert await found() == [("p1", "ada"), ("p1", "bob"), ("p2", "ada")]
    assert await found(persona_id="p1") == [("p1", "ada"), ("p1", "bob")]
    assert [each.persona_id for each in await session.find_memory_stores("ada")] == ["p1", "p2"]
    assert [each.persona_id for each in await session.find_memory_stores("ada", persona_id="p2")] == ["p2"]


PAGES: list[Any] = [[{"memory_store_id": f"ms{number}"} for number in page] for page in ((1, 2), (3, 4), (5,), ())]


@pytest.mark.parametrize("total", [{}, {"total_count": 5}], ids=["without a total", "with one"])
@pytest.mark.parametrize("first", [0, 1], ids=["counted from 0", "counted from 1"])
async def test_no_store_is_missed_however_pages_are_counted(
    session: AsyncSession, sandbox: Sandbox, first: int, total: dict[str, Any]
) -> None:
    # To a server that counts from 1, its page 1 is the one that was asked for without a number.
    asked = [PAGES[0], *([PAGES[0]] * first), *PAGES[1:]]
    sandbox.script([Answer(body={"data": page, **total}) for page in asked])

    found = [store.memory_store_id async for store in session.list_memory_stores(page_size=2)]

    assert found == ["ms1", "ms2", "ms3", "ms4", "ms5"]


async def test_a_list_without_pages_comes_once(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script([Answer(body={"data": PAGES[0]})] * 5)

    assert [store.memory_store_id async for store in session.list_memory_stores()] == ["ms1", "ms2"]


async def test_a_lost_create_can_be_looked_for(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script(["truncate"])
    with pytest.raises(AmbiguousOutcomeError, match="find_memory_stores") as caught:
        await session.create_memory_store(ADA)

    assert len(await session.find_memory_stores(str(caught.value.name))) == 1


async def test_memories_are_pinned_changed_and_deleted(session: AsyncSession) -> None:
    store_id = (await session.create_memory_store(ADA)).memory_store_id
    added = await session.add_pinned_memory(store_id, "Is a pilot")
    assert added.memory_id is not None
    changed = await session.update_pinned_memory(store_id, added.memory_id, "Was a pilot")
    both = await session.list_pinned_memories(store_id)
    await session.delete_pinned_memory(store_id, added.memory_id)

    assert (changed.memory_id, changed.memory) == (added.memory_id, "Was a pilot")
    assert [each.memory for each in both] == ["Likes tea", "Was a pilot"]
    assert [each.memory for each in await session.list_pinned_memories(store_id)] == ["Likes tea"]
    with pytest.raises(NotFoundError, match="Pinned memory not found"):
        await session.delete_pinned_memory(store_id, added.memory_id)


async def test_a_store_that_is_cached_is_read_anew_after_a_change(sandbox: Sandbox) -> None:
    async with quick_session(sandbox, cache_ttl=60) as session:
        store_id = (await session.create_memory_store(ADA)).memory_store_id
        before = await session.get_memory_store(store_id)
        await session.add_pinned_memory(store_id, "Is a pilot")
        after = await session.get_memory_store(store_id)

    assert [len(each.pinned_memories or ()) for each in (before, after)] == [1, 2]


async def test_a_conversation_fills_the_store_of_its_participant(session: AsyncSession, sandbox: Sandbox) -> None:
    talk = await session.create_conversation({"persona_id": "p1", "participant_tags": ["ada"]})
    sandbox.advance(2)
    room = sandbox.rooms.get(talk.conversation_id)
    assert room is not None
    room.say(room.join("Ada"), "I fly planes.")
    sandbox.advance(7_200)
    store_id = (await session.find_memory_stores("ada", persona_id="p1"))[0].memory_store_id
    learned = await session.get_learned_memory(store_id)
    profile = await session.get_learned_memory(store_id, memory_type="profile")
    await session.delete_learned_timeline(store_id)
    forgotten = await session.get_learned_memory(store_id)

    assert [each.conversation_id for each in learned.timeline.recent_conversations or ()] == [talk.conversation_id]
    assert profile.profile == learned.profile == forgotten.profile
    assert profile.timeline.recent_conversations is None
    assert forgotten.timeline.recent_conversations == ()


async def test_the_store_of_another_account_is_forbidden(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script([Answer(status=403, body={"error": "Forbidden"})])

    with pytest.raises(PermissionDeniedError):
        await session.get_memory_store("ms1")
