"""Waiting for what a conversation leaves: its transcript, its analysis, any event."""

import asyncio
from typing import Any

import attrs
import pytest

from tavus_async import AsyncSession, DeadlineExceededError, InvalidRequestError, NotFoundError, ProcessingFailedError
from tavus_async._bulk import polling
from tavus_async.models import Conversation
from tavus_async.resources.conversations.waiting import GRACE, USUAL_KINDS, EventWatch, Kind
from tavus_async.sandbox import Sandbox
from tavus_async.webhooks import PerceptionAnalysis, PerceptionUnavailable, ReplicaJoined, Shutdown, TranscriptionReady
from tests.support.quick import KEY, quick_session

TRANSCRIPT = {"event_type": "application.transcription_ready", "properties": {"transcript": []}}
ANALYSIS = {"event_type": "application.perception_analysis", "properties": {"analysis": "calm"}}
NO_ANALYSIS = {"event_type": "application.perception_unavailable", "properties": {"reason": "no_vision_history"}}
JOINED = {"event_type": "system.pal_joined", "properties": {"face_id": "r1"}}


@attrs.define
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def conversation(*events: dict[str, Any], status: str = "ended", **fields: Any) -> Conversation:
    return Conversation.from_dict({"conversation_id": "c1", "status": status, "events": list(events), **fields})


def watching(*groups: tuple[Kind, ...]) -> tuple[EventWatch, Clock]:
    clock = Clock()
    return EventWatch(groups=groups or USUAL_KINDS, clock=clock), clock


class TestDeciding:
    def test_all_events_are_returned_once_there_is_one_of_each_group(self) -> None:
        watch, _ = watching()

        assert watch.look(conversation(TRANSCRIPT)) is None
        assert watch.look(conversation(ANALYSIS)) is None
        for last in (ANALYSIS, NO_ANALYSIS):
            events = watch.look(conversation(JOINED, TRANSCRIPT, last))
            assert events is not None
            assert [type(event) for event in events][:2] == [ReplicaJoined, TranscriptionReady]

    def test_an_event_may_be_told_by_its_name(self) -> None:
        watch, _ = watching(("system.pal_joined",))

        assert watch.look(conversation(JOINED, status="active")) is not None
        assert watch.look(conversation(TRANSCRIPT, status="active")) is None

    def test_while_it_goes_on_it_is_waited_for(self) -> None:
        watch, clock = watching()
        clock.now = 10 * GRACE

        assert watch.look(conversation(status="active")) is None
        clock.now = 20 * GRACE
        assert watch.look(conversation(status="active")) is None

    def test_after_the_end_it_is_waited_for_so_long_and_no_longer(self) -> None:
        watch, clock = watching((TranscriptionReady,))

        assert watch.look(conversation(shutdown_reason="max_call_duration reached")) is None
        clock.now = GRACE - 1
        assert watch.look(conversation(shutdown_reason="max_call_duration reached")) is None
        clock.now = GRACE
        with pytest.raises(ProcessingFailedError) as caught:
            watch.look(conversation(shutdown_reason="max_call_duration reached"))

        assert str(caught.value) == (
            "the conversation c1 has no TranscriptionReady: it ended 300 s ago (max_call_duration reached)"
        )
        assert caught.value.reason == "max_call_duration reached"
        assert caught.value.value.conversation_id == "c1"

    @pytest.mark.parametrize(
        "reason",
        [
            "participant_absent_timeout reached",
            "participant_absent_timeout",
            "bot_could_not_join_meeting_it_was_probably_ended",
            "exception_encountered_during_conversation_startup",
        ],
    )
    @pytest.mark.parametrize("is_beside", [True, False])
    def test_where_nobody_came_there_will_be_none(self, reason: str, is_beside: bool) -> None:
        watch, _ = watching()
        shutdown = {"event_type": "system.shutdown", "properties": {"reason": reason}}
        ended = conversation(shutdown_reason=reason) if is_beside else conversation(shutdown)
        with pytest.raises(ProcessingFailedError, match="nobody talked in it") as caught:
            watch.look(ended)

        assert caught.value.reason == reason

    def test_an_event_of_the_call_itself_may_still_come_then(self) -> None:
        watch, _ = watching((Shutdown,))

        assert watch.look(conversation(shutdown_reason="participant_absent_timeout reached")) is None

    @pytest.mark.parametrize("wrong", [5, None, int, (TranscriptionReady, 5), [TranscriptionReady]])
    async def test_what_is_no_kind_is_refused_before_anything_is_sent(self, wrong: Any) -> None:
        async with AsyncSession(KEY, base_url="http://127.0.0.1:9") as session:
            with pytest.raises(InvalidRequestError, match="a kind is a class of events or an event_type"):
                await session.wait_for_events("c1", wrong)

            assert session.stats().calls == 0

    @pytest.mark.parametrize("wrong", [0, -1, "5", float("nan")])
    async def test_times_are_numbers_of_seconds(self, wrong: Any) -> None:
        async with AsyncSession(KEY, base_url="http://127.0.0.1:9") as session:
            with pytest.raises(InvalidRequestError, match="timeout must be a number of seconds"):
                await session.wait_for_transcript("c1", timeout=wrong)


class TestOverASocket:
    @pytest.fixture(autouse=True)
    def _hurried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(polling, "POLL_DELAY", 0.2)

    async def test_the_transcript_of_a_talk_comes(self) -> None:
        async with Sandbox(personas=1, api_key=KEY, speed=600) as sandbox, quick_session(sandbox) as session:
            (persona_id,) = sandbox.persona_ids
            async with session.conversation({"persona_id": persona_id, "replica_id": "r1"}) as talk:
                room = sandbox.rooms.get(talk.conversation_id)
                assert room is not None
                guest = room.join("Ada")
                room.say(guest, "Good morning")
                waits = [asyncio.create_task(session.wait_for_transcript(talk.conversation_id)) for _ in range(5)]
                await asyncio.sleep(0)
            transcripts = await asyncio.gather(*waits)

            assert len({transcript.text for transcript in transcripts}) == 1
            assert "Good morning" in transcripts[0].text
            assert sandbox.stats().requests["get_conversation"] < 10

    async def test_all_that_comes_after_a_talk_is_waited_for(self) -> None:
        seen: list[str | None] = []
        async with Sandbox(personas=1, api_key=KEY, speed=600) as sandbox, quick_session(sandbox) as session:
            (persona_id,) = sandbox.persona_ids
            async with session.conversation({"persona_id": persona_id, "replica_id": "r1"}) as talk:
                room = sandbox.rooms.get(talk.conversation_id)
                assert room is not None
                room.say(room.join("Ada"), "Good morning")
            events = await session.wait_for_events(
                talk.conversation_id, on_progress=lambda value: seen.append(value.status)
            )

            assert any(isinstance(event, TranscriptionReady) for event in events)
            assert any(isinstance(event, PerceptionAnalysis | PerceptionUnavailable) for event in events)
            assert seen[-1] == "ended"

    async def test_where_nobody_came_it_fails_at_once(self) -> None:
        async with Sandbox(personas=1, api_key=KEY, speed=600) as sandbox, quick_session(sandbox) as session:
            (persona_id,) = sandbox.persona_ids
            draft = {
                "persona_id": persona_id,
                "replica_id": "r1",
                "properties": {"participant_absent_timeout": 60},
            }
            talk = await session.create_conversation(draft)
            with pytest.raises(ProcessingFailedError, match="nobody talked in it"):
                await session.wait_for_transcript(talk.conversation_id)

    async def test_an_unknown_id_is_told_at_once(self) -> None:
        async with Sandbox(personas=1, api_key=KEY) as sandbox, quick_session(sandbox) as session:
            with pytest.raises(NotFoundError):
                await session.wait_for_transcript("c-unknown")

    async def test_the_end_of_the_time_is_told(self) -> None:
        async with Sandbox(personas=1, api_key=KEY) as sandbox, quick_session(sandbox) as session:
            (persona_id,) = sandbox.persona_ids
            talk = await session.create_conversation({"persona_id": persona_id, "replica_id": "r1"})
            with pytest.raises(
                DeadlineExceededError, match=rf"in the conversation {talk.conversation_id} did not come"
            ):
                await session.wait_for_transcript(talk.conversation_id, timeout=0.1)
