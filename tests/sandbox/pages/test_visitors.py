"""Who is in a room: those whose page is open."""

from collections.abc import Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.pages.visitors import Visitors
from tests.support.quick import until
from tests.support.reader import Reader, Start, open_room


@pytest.fixture
def visitors(reader: Reader) -> Visitors:
    """Those of the reader's sandbox, for whom nobody waits long."""
    found: Visitors = reader.sandbox._pages.visitors
    found.grace = 0.05
    return found


def has_left(room: Any, name: str = "Robin") -> Callable[[], bool]:
    return lambda: any(
        message["event_type"] == "conversation.left" and message["properties"]["name"] == name
        for message in room.messages
    )


async def test_who_closes_the_page_has_left(reader: Reader, visitors: Visitors) -> None:
    room = await open_room(reader)
    participant_id = await reader.join(room)
    async with reader.events(room, participant=participant_id) as events:
        assert (await anext(events)).data["is_present"] is True
    await until(has_left(room))

    assert not room.participants


async def test_who_joins_and_never_listens_has_left(reader: Reader, visitors: Visitors) -> None:
    room = await open_room(reader)
    await reader.join(room)
    await until(has_left(room))

    assert not room.participants


async def test_who_reloads_the_page_stays(reader: Reader, visitors: Visitors) -> None:
    visitors.grace = 30.0
    room = await open_room(reader)
    participant_id = await reader.join(room)
    for _ in range(3):
        async with reader.events(room, participant=participant_id) as events:
            assert (await anext(events)).data["is_present"] is True
        await until(lambda: bool(visitors._leaving))

    assert list(room.participants) == [participant_id]
    assert not has_left(room)()


async def test_two_pages_of_one_visitor_are_closed_one_by_one(reader: Reader, visitors: Visitors) -> None:
    room = await open_room(reader)
    participant_id = await reader.join(room)
    async with reader.events(room, participant=participant_id) as first:
        await anext(first)
        async with reader.events(room, participant=participant_id) as second:
            await anext(second)
        await until(lambda: visitors._streams[participant_id] == 1)
        assert not visitors._leaving
    await until(has_left(room))

    assert not visitors._streams


async def test_who_says_goodbye_leaves_at_once_and_only_once(reader: Reader, visitors: Visitors) -> None:
    visitors.grace = 30.0
    room = await open_room(reader)
    participant_id = await reader.join(room)
    async with reader.events(room, participant=participant_id) as events:
        await anext(events)
        await reader.act(room, "leave", participant_id=participant_id)
        assert has_left(room)()
    await until(lambda: not visitors._streams)

    assert not visitors._leaving


async def test_who_merely_looks_on_is_no_participant(reader: Reader, visitors: Visitors) -> None:
    room = await open_room(reader)
    async with reader.events(room, participant="nobody") as events:
        assert (await anext(events)).data["is_present"] is False
        assert not visitors._streams


async def test_when_the_last_one_closes_the_page_the_conversation_ends(reader: Reader, visitors: Visitors) -> None:
    room = await open_room(reader, properties={"participant_left_timeout": 0})
    participant_id = await reader.join(room)
    async with reader.events(room, participant=participant_id) as events:
        await anext(events)
    await until(lambda: room.status == "ended")

    assert reader.stored(room)["shutdown_reason"] == "participant_left_timeout reached"


async def test_a_room_that_ends_leaves_nobody_to_wait_for(reader: Reader, visitors: Visitors) -> None:
    visitors.grace = 30.0
    room = await open_room(reader)
    await reader.join(room, "without a stream")
    participant_id = await reader.join(room)
    async with reader.events(room, participant=participant_id) as events:
        room.end("end_conversation_endpoint_hit")
        assert [event.event async for event in events][-1] == "end"

    assert list(visitors._leaving) != [participant_id]
    visitors.close()
    assert not visitors._leaving


async def test_closing_the_sandbox_sends_everybody_home(read: Start) -> None:
    reader = await read(Sandbox(personas=[{"persona_id": "p1", "default_replica_id": "r1"}]))
    room = await open_room(reader)
    participant_id = await reader.join(room)
    async with reader.events(room, participant=participant_id) as events:
        await anext(events)
        await reader.sandbox.aclose()

    assert not room.participants
    assert has_left(room)()
