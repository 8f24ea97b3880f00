"""The session's methods for conversations, beyond one call each."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    AuthenticationError,
    ConcurrencyLimitError,
    ConversationDraft,
    InvalidRequestError,
    ServerError,
    Timeouts,
    calls,
)
from tests.support.conversation_server import AFTER, ConversationServer, status
from tests.support.quick import KEY, quick_session

BRIEF = Timeouts(connect=5, read=0.3, attempt=0.3, total=5)


async def create_many(session: AsyncSession, *drafts: dict[str, Any]) -> list[str]:
    return [(await session.create_conversation(draft)).conversation_id for draft in drafts]


class TestEndingMany:
    @pytest.mark.parametrize(
        ("chosen", "ended"),
        [
            ({"persona_id": "p1"}, {"c0", "c1"}),
            ({"replica_id": "r2"}, {"c2"}),
            ({"name_prefix": "load "}, {"c1", "c2"}),
            ({"persona_id": "p1", "name_prefix": "load "}, {"c1"}),
            ({"older_than": 0}, {"c0", "c1", "c2"}),
            ({"older_than": timedelta(hours=1)}, set()),
            ({"older_than": 3600.0, "persona_id": "p1"}, set()),
            ({"everything": True}, {"c0", "c1", "c2"}),
        ],
    )
    async def test_those_that_match_all_that_is_given_are_ended(self, chosen: dict[str, Any], ended: set[str]) -> None:
        async with ConversationServer() as server, quick_session(server) as session:
            await create_many(
                session,
                {"persona_id": "p1", "conversation_name": "visit"},
                {"persona_id": "p1", "conversation_name": "load 1"},
                {"persona_id": "p2", "replica_id": "r2", "conversation_name": "load 2"},
            )
            outcomes = await session.end_conversations(**chosen)

            assert server.ended == ended
            assert {outcome.key for outcome in outcomes} == ended
            assert all(outcome.ok for outcome in outcomes)

    async def test_all_pages_are_read(self) -> None:
        async with ConversationServer() as server, quick_session(server) as session:
            await create_many(session, *({"persona_id": "p1"} for _ in range(250)))
            outcomes = await session.end_conversations(persona_id="p1")

            assert len(outcomes) == 250
            assert server.running == set()
            assert server.seen["list"] == 3

    async def test_one_that_has_ended_meanwhile_is_ended(self) -> None:
        async with ConversationServer() as server, quick_session(server) as session:
            (conversation_id,) = await create_many(session, {"persona_id": "p1"})

            async def hold(point: str) -> None:
                if point == "end":
                    server.ended.add(conversation_id)

            server.hold = hold
            (outcome,) = await session.end_conversations(persona_id="p1")

            assert (outcome.key, outcome.ok) == (conversation_id, True)

    async def test_one_that_cannot_be_ended_is_told_and_the_rest_go_on(self) -> None:
        async with ConversationServer() as server, quick_session(server) as session:
            await create_many(session, *({"persona_id": "p1"} for _ in range(5)))
            server.go_wrong("end", *(status(501, acts=False) for _ in range(2)))
            outcomes = await session.end_conversations(persona_id="p1")

            assert [type(outcome.error) for outcome in outcomes if not outcome.ok] == [ServerError] * 2
            assert len(server.running) == 2

    @pytest.mark.parametrize(
        ("chosen", "words"),
        [
            ({}, "by a filter or by everything=True"),
            ({"everything": True, "persona_id": "p1"}, "excludes the filters"),
            ({"persona_id": ""}, "persona_id must be a text, and not empty"),
            ({"name_prefix": 5}, "name_prefix must be a text"),
            ({"everything": "no"}, "everything must be a bool, not a str"),
            ({"everything": 1}, "everything must be a bool, not an int"),
            ({"older_than": -1}, "older_than must be seconds from 0 up"),
            ({"older_than": "1h"}, "older_than must be seconds from 0 up"),
            ({"older_than": 1e18}, "longer ago than dates go"),
        ],
    )
    async def test_what_says_not_which_is_refused_before_anything_is_sent(
        self, chosen: dict[str, Any], words: str
    ) -> None:
        async with ConversationServer() as server, quick_session(server) as session:
            with pytest.raises(InvalidRequestError, match=words):
                await session.end_conversations(**chosen)

            assert server.seen == {}

    async def test_progress_is_told(self) -> None:
        done: list[int] = []
        async with ConversationServer() as server, quick_session(server) as session:
            await create_many(session, *({"persona_id": "p1"} for _ in range(3)))
            await session.end_conversations(persona_id="p1", on_progress=lambda progress: done.append(progress.done))

            assert done[-1] == 3


class TestFinding:
    async def test_conversations_are_found_by_name_on_all_pages(self) -> None:
        async with ConversationServer() as server, quick_session(server) as session:
            drafts = [{"persona_id": "p1", "conversation_name": f"n{number % 50}"} for number in range(150)]
            await create_many(session, *drafts)
            found = await session.find_conversations("n7")

            assert {each.conversation_id for each in found} == {"c7", "c57", "c107"}

    @pytest.mark.parametrize("name", [None, 5, ["Intake"]])
    async def test_what_is_no_name_is_refused_before_anything_is_sent(self, name: Any) -> None:
        async with ConversationServer() as server, quick_session(server) as session:
            with pytest.raises(InvalidRequestError, match="conversation_name must be a str"):
                await session.find_conversations(name)
            with pytest.raises(InvalidRequestError, match="persona_name must be a str"):
                await session.find_personas(name)

            assert server.seen == {}

    async def test_a_lost_create_is_found_as_its_error_says(self) -> None:
        async with ConversationServer() as server, quick_session(server) as session:
            server.go_wrong("create", AFTER[0])
            with pytest.raises(AmbiguousOutcomeError, match=r"await session\.find_conversations\('visit'\)") as caught:
                await session.create_conversation({"persona_id": "p1", "conversation_name": "visit"})

            assert caught.value.name is not None
            (found,) = await session.find_conversations(caught.value.name)
            assert found.conversation_id == "c0"


class TestBulk:
    async def test_conversations_are_ended_by_their_ids(self) -> None:
        async with ConversationServer() as server, quick_session(server) as session:
            ids = await create_many(session, *({"persona_id": "p1"} for _ in range(20)))
            outcomes = [outcome async for outcome in session.send_each(calls.end_conversation, ids)]

            assert all(outcome.ok for outcome in outcomes)
            assert server.running == set()

    async def test_drafts_become_conversations_each_once(self) -> None:
        drafts = [ConversationDraft(persona_id="p1", conversation_name=f"n{number}") for number in range(200)]
        async with ConversationServer() as server, quick_session(server, timeouts=BRIEF) as session:
            dice = iter([AFTER[number % len(AFTER)] if number % 3 == 0 else None for number in range(10_000)])
            server.faults["create"] = lambda: next(dice)
            outcomes = [outcome async for outcome in session.send_each(calls.create_conversation, drafts)]

            assert {outcome.key for outcome in outcomes} == set(drafts)
            assert set(server.names.values()) == {1}
            lost = [outcome for outcome in outcomes if isinstance(outcome.error, AmbiguousOutcomeError)]
            assert {outcome.error.name for outcome in lost if outcome.error} < set(server.names)  # type: ignore[attr-defined]
            assert len(lost) > 30
            for outcome in outcomes:
                assert outcome.key.conversation_name in server.names

    async def test_equal_drafts_are_as_many_conversations(self) -> None:
        drafts = [{"persona_id": "p1"}] * 10
        async with ConversationServer() as server, quick_session(server) as session:
            outcomes = [outcome async for outcome in session.send_each(calls.create_conversation, drafts)]

            assert len({outcome.unwrap().conversation_id for outcome in outcomes}) == 10
            assert [outcome.key for outcome in outcomes] == drafts

    async def test_a_draft_that_cannot_be_sent_is_its_own_failure(self) -> None:
        drafts: list[Any] = [{"persona_id": "p1"}, {}, 5, {"persona_id": "p1", "max_participants": 1}]
        async with ConversationServer() as server, quick_session(server) as session:
            made = session.send_each(calls.create_conversation, drafts, ordered=True)
            outcomes = [outcome async for outcome in made]

            assert [outcome.ok for outcome in outcomes] == [True, False, False, False]
            assert {type(outcome.error) for outcome in outcomes[1:]} == {InvalidRequestError}
            assert len(server.created) == 1

    async def test_the_limit_of_the_account_is_each_ones_own_failure(self) -> None:
        drafts = [{"persona_id": "p1"}] * 5
        async with ConversationServer(limit=2) as server, quick_session(server) as session:
            outcomes = [outcome async for outcome in session.send_each(calls.create_conversation, drafts)]

            assert sorted(type(outcome.error).__name__ for outcome in outcomes) == [
                *(["ConcurrencyLimitError"] * 3),
                *(["NoneType"] * 2),
            ]

    async def test_leaving_the_loop_stops_further_creates(self) -> None:
        async with ConversationServer() as server, quick_session(server) as session:
            drafts = ({"persona_id": "p1"} for _ in range(1_000))
            async with session.send_each(calls.create_conversation, drafts, concurrency=2) as outcomes:
                async for outcome in outcomes:
                    assert outcome.ok
                    break
            stopped = server.seen["create"]
            await asyncio.sleep(0.05)

            assert server.seen["create"] == stopped < 20


async def test_a_wrong_key_is_told_by_waiting_for_a_slot_too() -> None:
    async with ConversationServer(limit=1) as server, quick_session(server) as session:
        server.go_wrong("create", status(401, acts=False))
        with pytest.raises(AuthenticationError):
            await session.create_conversation({"persona_id": "p1"}, wait_for_slot=30)


async def test_a_slot_is_not_waited_for_unless_it_is_said() -> None:
    async with ConversationServer(limit=0) as server, quick_session(server) as session:
        with pytest.raises(ConcurrencyLimitError, match="End a running conversation first"):
            await session.create_conversation({"persona_id": "p1"})


async def test_a_wait_for_no_time_is_refused() -> None:
    session = AsyncSession(KEY)
    with pytest.raises(InvalidRequestError, match="wait_for_slot must be a number of seconds above 0"):
        await session.create_conversation({"persona_id": "p1"}, wait_for_slot=0)


async def test_a_session_with_options_opens_and_ends_with_those() -> None:
    seen: list[tuple[str, Any]] = []
    async with ConversationServer() as server, quick_session(server) as session:
        async with session.conversation({"persona_id": "p1"}):
            pass
        server.notice = lambda point, exchange: seen.append((point, exchange.headers.get("x-team")))
        special = session.with_options(vocabulary="pal", headers={"X-Team": "blue"})
        async with special.conversation({"persona_id": "p1"}):
            pass

        assert seen == [("create", "blue"), ("end", "blue")]
        assert [set(body) & {"persona_id", "pal_id"} for body in server.bodies] == [{"persona_id"}, {"pal_id"}]
