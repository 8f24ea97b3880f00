"""The life of a conversation: timeouts, reasons, events, callbacks."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tavus_async.sandbox import Callbacks, Sandbox
from tavus_async.sandbox.json import load

Connect = Callable[[Sandbox], Awaitable[Any]]
ONE = {
    "persona_id": "p1",
    "persona_name": "One",
    "system_prompt": "You count.",
    "context": "From one.",
    "default_replica_id": "r1",
}
JOINED = ["system.pal_joined", "system.replica_joined"]
AFTERMATH = ["application.transcription_ready", "application.perception_analysis"]


class Call:
    """A conversation under way, and what can be asked about it."""

    def __init__(self, client: Any, body: Mapping[str, Any]) -> None:
        self.client = client
        self.conversation_id: str = body["conversation_id"]
        self.path = f"/conversations/{self.conversation_id}"
        self.room = client.sandbox.rooms.get(self.conversation_id)

    async def read(self) -> dict[str, Any]:
        body: dict[str, Any] = (await self.client.get(f"{self.path}?verbose=true")).body
        return body

    async def events(self) -> list[str]:
        return [event["event_type"] for event in (await self.read())["events"]]

    async def event(self, kind: str) -> Any:
        return next(event for event in (await self.read())["events"] if event["event_type"] == kind)

    def talk(self) -> None:
        """Somebody comes and says something, and stays."""
        sandbox = self.client.sandbox
        sandbox.advance(2)
        visitor = self.room.join("Ada")
        sandbox.advance(10)
        self.room.say(visitor, "Hello there.")
        sandbox.advance(10)


async def start(connect: Connect, fields: Mapping[str, Any] = {}, persona: Any = ONE, **settings: Any) -> Call:
    client = await connect(Sandbox(personas=[persona], **settings))
    reply = await client.post("/conversations", {"persona_id": "p1", **fields})
    assert reply.status == 200, reply
    return Call(client, reply.body)


async def test_the_persona_joins_by_itself(connect: Connect) -> None:
    call = await start(connect)
    before = await call.events()
    call.client.sandbox.advance(1.5)

    assert before == []
    assert await call.events() == JOINED
    assert (await call.event("system.pal_joined"))["properties"] == {"face_id": "r1"}
    assert (await call.event("system.replica_joined"))["properties"] == {"replica_id": "r1"}


@pytest.mark.parametrize(("given", "seconds"), [({}, 300), ({"participant_absent_timeout": 40}, 40)])
async def test_a_call_to_which_nobody_comes_ends(connect: Connect, given: dict[str, int], seconds: int) -> None:
    call = await start(connect, {"properties": given})
    call.client.sandbox.advance(seconds - 1)
    status_before = (await call.read())["status"]
    call.client.sandbox.advance(1)
    read = await call.read()

    assert status_before == "active"
    assert (read["status"], read["shutdown_reason"]) == ("ended", "participant_absent_timeout reached")
    assert read["events"][-1]["properties"] == {"replica_id": "r1", "shutdown_reason": read["shutdown_reason"]}
    assert call.client.sandbox.active_conversation_ids == ()


async def test_an_empty_call_has_no_aftermath(connect: Connect) -> None:
    call = await start(connect, {"properties": {"enable_recording": True}})
    call.client.sandbox.advance(10_000)

    assert await call.events() == [*JOINED, "system.shutdown"]


async def test_a_call_ends_at_once_when_the_last_has_left(connect: Connect) -> None:
    call = await start(connect)
    call.client.sandbox.advance(2)
    first, second = call.room.join("Ada"), call.room.join("Bo")
    call.room.leave(first)
    status_between = call.room.status
    call.room.leave(second)

    assert (status_between, call.room.status) == ("active", "ended")
    assert (await call.read())["shutdown_reason"] == "participant_left_timeout reached"


async def test_who_comes_back_in_time_keeps_the_call_alive(connect: Connect) -> None:
    call = await start(connect, {"properties": {"participant_left_timeout": 30}})
    call.client.sandbox.advance(2)
    call.room.leave(call.room.join("Ada"))
    call.client.sandbox.advance(29)
    again = call.room.join("Ada")
    call.client.sandbox.advance(100)
    status_between = call.room.status
    call.room.leave(again)
    call.client.sandbox.advance(30)

    assert (status_between, call.room.status) == ("active", "ended")


@pytest.mark.parametrize(("given", "seconds"), [({}, 3_600), ({"max_call_duration": 90}, 90)])
async def test_no_call_lasts_longer_than_it_may(connect: Connect, given: dict[str, int], seconds: int) -> None:
    call = await start(connect, {"properties": given})
    call.room.join("Ada")
    call.client.sandbox.advance(seconds)
    status_before = call.room.status
    # It is counted from when the persona is there.
    call.client.sandbox.advance(1)

    assert (status_before, call.room.status) == ("active", "ended")
    assert (await call.read())["shutdown_reason"] == "max_call_duration reached"


async def test_the_endpoint_ends_it_for_a_reason_of_its_own(connect: Connect) -> None:
    call = await start(connect)
    await call.client.post(f"{call.path}/end", {})
    read = await call.read()
    call.client.sandbox.advance(10)

    assert read["shutdown_reason"] == "end_conversation_endpoint_hit"
    assert await call.events() == ["system.shutdown"]


async def test_after_a_call_its_transcript_and_what_was_seen_come_minutes_later(connect: Connect) -> None:
    call = await start(connect)
    call.talk()
    await call.client.post(f"{call.path}/end", {})
    at_once = await call.events()
    call.client.sandbox.advance(59)
    too_early = await call.events()
    call.client.sandbox.advance(31)
    after_ninety = await call.events()
    call.client.sandbox.advance(90)

    assert at_once == too_early == [*JOINED, "system.shutdown"]
    assert after_ninety == [*at_once, AFTERMATH[0]]
    assert await call.events() == [*at_once, *AFTERMATH]


async def test_the_transcript_is_what_was_said(connect: Connect) -> None:
    call = await start(connect, {"conversational_context": "Today up to ten.", "custom_greeting": "One!"})
    call.talk()
    await call.client.post(f"{call.path}/end", {})
    call.client.sandbox.advance(200)
    properties = (await call.event("application.transcription_ready"))["properties"]
    said = [message for message in call.room.messages if message["event_type"] == "conversation.utterance"]

    assert properties["replica_id"] == "r1"
    assert [(turn["role"], turn["content"]) for turn in properties["transcript"]] == [
        ("system", "You count.\n\nFrom one.\n\nToday up to ten."),
        ("assistant", "One!"),
        ("user", "Hello there."),
        ("assistant", "You said: Hello there."),
    ]
    assert {turn["inference_id"] for turn in properties["transcript"][1:]} == {each["inference_id"] for each in said}
    starts = [turn["seconds_from_start"] for turn in properties["transcript"]]
    assert starts == pytest.approx([0, 1.0, 11.0, 11.8], abs=0.1)


@pytest.mark.parametrize(
    ("fields", "perception"),
    [
        ({"audio_only": True}, {"perception_model": "raven-1"}),
        ({}, {"perception_model": "off"}),
        ({}, {"perception_model": "basic"}),
    ],
)
async def test_where_nothing_is_seen_that_is_told(connect: Connect, fields: Any, perception: Any) -> None:
    call = await start(connect, fields, persona={**ONE, "layers": {"perception": perception}})
    call.talk()
    call.room.end("end_conversation_endpoint_hit")
    call.client.sandbox.advance(200)

    assert (await call.event("application.perception_unavailable"))["properties"] == {"reason": "no_vision_history"}
    assert "application.perception_analysis" not in await call.events()


async def test_a_recording_is_told_of_where_one_was_asked_for(connect: Connect) -> None:
    storage = {"provider": "gcs", "bucket_name": "calls", "project_id": "p"}
    call = await start(connect, {"properties": {"enable_recording": True, "recording_storage": storage}})
    call.talk()
    call.room.end("end_conversation_endpoint_hit")
    call.client.sandbox.advance(200)
    recording = (await call.event("application.recording_ready"))["properties"]

    assert (await call.events())[3:] == [AFTERMATH[0], "application.recording_ready", AFTERMATH[1]]
    assert (recording["bucket_name"], recording["storage_provider"], recording["duration"]) == ("calls", "gcs", 21)
    assert recording["storage_uri"] == f"gs://calls/{recording['s3_key']}"


async def test_in_the_words_of_pals_the_face_is_named(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE]))
    call = Call(client, (await client.post("/conversations", {"pal_id": "p1"})).body)
    call.talk()
    call.room.end("done")
    client.sandbox.advance(200)

    for kind in ("system.shutdown", "application.transcription_ready"):
        assert (await call.event(kind))["properties"]["face_id"] == "r1"


@pytest.mark.parametrize(
    "fields", [{"meeting_url": "https://meet.invalid/a"}, {"properties": {"livekit_ws_url": "wss://room.invalid"}}]
)
async def test_nobody_is_missed_in_a_room_that_cannot_be_seen(connect: Connect, fields: Any) -> None:
    call = await start(connect, fields)
    call.client.sandbox.advance(3_000)

    assert call.room.status == "active"


async def test_events_are_posted_as_they_are_stored(connect: Connect, receiver: Any) -> None:
    call = await start(connect, {"callback_url": receiver.url}, callbacks=Callbacks(duplicates=0))
    call.talk()
    await call.client.post(f"{call.path}/end", {})
    call.client.sandbox.advance(200)
    await call.client.sandbox.drain_callbacks()
    envelope = {"conversation_id": call.conversation_id, "webhook_url": receiver.url}
    shown = [{name: value for name, value in body.items() if name != "message_type"} for body in receiver.bodies]

    assert shown == [envelope | event for event in (await call.read())["events"]]
    assert receiver.kinds == [*JOINED, "system.shutdown", *AFTERMATH]
    assert [body["message_type"] for body in receiver.bodies] == ["system"] * 3 + ["application"] * 2
    assert [each.event_type for each in call.client.sandbox.deliveries] == receiver.kinds


async def test_some_events_come_twice(connect: Connect, receiver: Any) -> None:
    call = await start(connect, {"callback_url": receiver.url}, callbacks=Callbacks(duplicates=1))
    call.client.sandbox.advance(400)
    await call.client.sandbox.drain_callbacks()

    assert sorted(receiver.kinds) == sorted([*JOINED, "system.shutdown"] * 2)
    assert await call.events() == [*JOINED, "system.shutdown"]


async def test_a_callback_to_elsewhere_is_refused_and_noted(connect: Connect) -> None:
    call = await start(connect, {"callback_url": "https://example.com/hook"})
    call.client.sandbox.advance(2)
    await call.client.sandbox.drain_callbacks()

    assert [(each.status, str(each.error)[:8]) for each in call.client.sandbox.deliveries] == [(None, "refused:")] * 2
    assert await call.events() == JOINED


async def test_what_was_deleted_for_good_tells_nothing_more(connect: Connect, receiver: Any) -> None:
    call = await start(connect, {"callback_url": receiver.url}, callbacks=Callbacks(duplicates=0))
    call.talk()
    await call.client.delete(f"{call.path}?hard=true")
    call.client.sandbox.advance(400)
    await call.client.sandbox.drain_callbacks()

    assert receiver.kinds == [*JOINED, "system.shutdown"]


async def test_events_that_a_sandbox_does_not_come_to_can_be_made(connect: Connect, receiver: Any) -> None:
    call = await start(connect, {"callback_url": receiver.url}, callbacks=Callbacks(duplicates=0))
    executed = {"tool_id": "t1", "tool_name": "file_report", "status": "success"}
    call.client.sandbox.post_event(call.conversation_id, "application.post_call_action_executed", executed)
    await call.client.sandbox.drain_callbacks()

    assert (receiver.bodies[0]["message_type"], receiver.bodies[0]["properties"]) == ("application", executed)
    assert (await call.event("application.post_call_action_executed"))["properties"] == executed


async def test_time_is_compressed(connect: Connect) -> None:
    began = time.monotonic()
    call = await start(connect, {"properties": {"participant_absent_timeout": 20}}, speed=200.0)
    async with asyncio.timeout(10):
        await call.room.changed(0)
        while call.room.status == "active":
            await call.room.changed(len(call.room.messages))

    assert 0.09 <= time.monotonic() - began < 10


async def test_time_stands_still_while_the_sandbox_is_closed() -> None:
    sandbox = Sandbox(personas=[ONE], conversations=[{"persona_id": "p1"}], speed=1_000_000.0)
    (conversation_id,) = sandbox.conversation_ids
    await asyncio.sleep(0.01)
    before = sandbox.active_conversation_ids
    room = sandbox.rooms.get(conversation_id)
    assert room is not None
    async with sandbox, asyncio.timeout(10):
        while room.status == "active":
            await room.changed(len(room.messages))

    assert before == (conversation_id,)
    stored = sandbox.stored(conversation_id, resource="conversations")
    assert stored["shutdown_reason"] == "participant_absent_timeout reached"


async def test_closing_leaves_no_task_and_a_later_start_goes_on(receiver: Any) -> None:
    sandbox = Sandbox(personas=[ONE], conversations=[{"persona_id": "p1", "callback_url": receiver.url}])
    before = asyncio.all_tasks()
    async with sandbox:
        sandbox.advance(2)
    left = {task for task in asyncio.all_tasks() - before if "callbacks" in repr(task.get_coro())}
    sandbox.advance(400)
    async with sandbox:
        await sandbox.drain_callbacks()

    assert not left
    assert receiver.kinds[-1] == "system.shutdown"


@pytest.mark.parametrize("name", ["002", "003", "011", "013", "021", "023"])
def test_events_have_the_fields_of_real_ones(shared_reference: Path, name: str) -> None:
    file = shared_reference / "bodies" / "webhooks" / f"{name}.json"
    real: Any = load(file.read_text(encoding="utf-8"))
    body = real["body"]
    sandbox = Sandbox(conversations=60, seed=1)
    made: list[Any] = [
        event
        for conversation_id in sandbox.conversation_ids
        for event in sandbox.events(conversation_id)
        if event["event_type"] == body["event_type"]
    ]

    assert made
    assert {*made[0], "conversation_id", "webhook_url", "message_type"} == set(body)
    assert any(set(event["properties"]) == set(body["properties"]) for event in made)
