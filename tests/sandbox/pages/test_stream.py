"""The events of a room, as they are streamed."""

import asyncio
from typing import Any

import pytest

from tests.support.reader import Reader, open_room


def seqs(events: list[Any]) -> list[int]:
    return [event.data["message"]["seq"] for event in events if event.event == "message"]


async def test_it_tells_how_things_stand_then_every_event_and_then_that_it_is_over(reader: Reader) -> None:
    room = await open_room(reader, custom_greeting="Good morning.")
    room.end("end_conversation_endpoint_hit")
    first, *events, last = await reader.all_events(room)

    assert (first.event, last.event) == ("room", "end")
    assert (
        first.data
        == last.data
        == {
            "status": "ended",
            "persona_name": "Ada",
            "greeting": "Good morning.",
            "is_present": False,
        }
    )
    assert [event.data["message"] for event in events] == list(room.messages)
    assert [event.id for event in events] == [str(message["seq"]) for message in room.messages]


async def test_events_come_when_they_happen(reader: Reader) -> None:
    room = await open_room(reader)
    async with reader.events(room) as events:
        assert (await anext(events)).data["status"] == "active"
        for _ in room.messages:
            await anext(events)
        room.send({"message_type": "conversation", "event_type": "custom.wave", "properties": {"hand": "left"}})
        told = (await anext(events)).data["message"]
        room.end("max_call_duration reached")
        rest = [event async for event in events]

    assert told["event_type"] == "custom.wave"
    assert [event.event for event in rest] == ["message", "end"]
    assert rest[0].data["message"]["properties"]["shutdown_reason"] == "max_call_duration reached"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"after": "2"}, [3, 4]),
        ({"last_event_id": 3}, [4]),
        ({"last_event_id": 3, "after": "1"}, [4]),
        ({"after": "4"}, []),
        ({"after": "99"}, []),
        ({"after": "-1"}, [1, 2, 3, 4]),
        ({"after": "²"}, [1, 2, 3, 4]),
        ({"after": "x"}, [1, 2, 3, 4]),
    ],
)
async def test_it_goes_on_where_it_was_broken_off(reader: Reader, options: dict[str, Any], expected: list[int]) -> None:
    room = await open_room(reader)
    room.end("end_conversation_endpoint_hit")

    assert seqs(await reader.all_events(room, **options)) == expected


async def test_it_tells_who_said_what_since_events_do_not(reader: Reader) -> None:
    room = await open_room(reader)
    robin, kim = await reader.join(room, "Robin"), await reader.join(room, "Kim")
    for speaker in (robin, kim):
        await reader.act(room, "say", participant_id=speaker, text="Hello")
    room.say(robin, "without the page")
    room.end("end_conversation_endpoint_hit")
    said = [
        event.data["participant_id"]
        for event in await reader.all_events(room)
        if event.event == "message"
        and event.data["message"]["properties"].get("speech") in {"Hello", "without the page"}
    ]

    assert said == [robin, kim, None]


async def test_text_is_sent_unharmed(reader: Reader) -> None:
    room = await open_room(reader)
    text = "line one\r\nline two\n\ndata: x\n\u2028 \ud83d\ude42"
    participant_id = await reader.join(room)
    await reader.act(room, "say", participant_id=participant_id, text=text)
    room.end("end_conversation_endpoint_hit")
    events = await reader.all_events(room)

    assert [event.data["message"] for event in events if event.event == "message"] == list(room.messages)


@pytest.mark.parametrize("after", ["9" * 5_000, "-1", "one", "\u0663"])
async def test_what_is_no_number_of_a_message_sends_all_of_them(reader: Reader, after: str) -> None:
    room = await open_room(reader)
    room.end("end_conversation_endpoint_hit")
    url = f"{reader.sandbox.url}/c/{room.conversation_id}/events"
    async with reader.http.get(url, params={"after": after}) as response:
        assert response.status == 200
        assert await response.content.readline() == b"retry: 1000\n"


async def test_a_quiet_room_shows_that_it_is_still_there(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tavus_async.sandbox.pages.stream._SECONDS_OF_SILENCE", 0.01)
    room = await open_room(reader)
    url = f"{reader.sandbox.url}/c/{room.conversation_id}/events?after=99"
    async with reader.http.get(url) as response:
        lines = [await response.content.readline() for _ in range(9)]

    assert lines.count(b": nothing new\n") >= 2


async def test_a_hundred_can_listen_at_once(reader: Reader) -> None:
    room = await open_room(reader)
    listening = [asyncio.create_task(reader.all_events(room)) for _ in range(100)]
    await asyncio.sleep(0)
    participant_id = room.join("Robin")
    room.say(participant_id, "Hello")
    room.end("end_conversation_endpoint_hit")
    heard = await asyncio.gather(*listening)

    assert all(seqs(events) == [message["seq"] for message in room.messages] for events in heard)


async def test_closing_the_sandbox_ends_the_stream(reader: Reader) -> None:
    room = await open_room(reader)
    async with reader.events(room) as events:
        await anext(events)
        async with asyncio.timeout(2):
            await reader.sandbox.aclose()

    assert room.status == "active"
