"""`session.conversation()`: what was created is ended, whatever happens."""

import asyncio
import contextlib
import signal
import sys
from contextlib import AsyncExitStack
from typing import Any

import attrs
import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    AuthenticationError,
    ConcurrencyLimitError,
    ConversationDraft,
    InvalidRequestError,
    RateLimit,
    RetryPolicy,
    ServerError,
    SessionClosedError,
    TavusError,
    Timeouts,
)
from tavus_async.resources.conversations import ending, orphans
from tavus_async.resources.conversations.context import OpenConversations
from tavus_async.resources.conversations.slots import FIRST_WAIT
from tests.support.conversation_server import (
    AFTER,
    BEFORE,
    FAULTS,
    ConversationServer,
    Fault,
    forever,
    status,
)
from tests.support.quick import quick_session, until
from tests.support.virtual_time import settle

DRAFT = ConversationDraft(persona_id="p1")
BRIEF = Timeouts(connect=5, read=0.3, attempt=0.3, total=5)
BRIEFEST = Timeouts(connect=5, read=0.15, attempt=0.15, total=5)
NO_RETRY = RetryPolicy(attempts=1)


@pytest.fixture(autouse=True)
def _brief_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets an end be tried again, and a lost conversation be looked for again, after a tenth of the usual pause."""
    monkeypatch.setattr(ending, "END_PAUSE", ending.END_PAUSE / 10)
    monkeypatch.setattr(orphans, "FIRST_GAP", orphans.FIRST_GAP / 10)


def opened(server: ConversationServer, **settings: Any) -> AsyncSession:
    return quick_session(server, **({"timeouts": BRIEF} | settings))


def name(fault: Fault) -> str:
    return fault.name


def patience_with(fault: Fault) -> Timeouts:
    """How long an answer is waited for: less where it is certain that none comes."""
    return BRIEFEST if "silence" in fault.name else BRIEF


# Those of which the server's own answer does not come.
LOST = [each for each in AFTER if "500" not in each.name and "JSON" not in each.name]
every_fault = pytest.mark.parametrize("fault", FAULTS, ids=name)


class TestLeaving:
    async def test_it_is_ended_when_the_block_is_left(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            async with session.conversation(DRAFT) as conversation:
                assert server.running == {conversation.conversation_id}

            assert server.running == set()
            assert server.seen == {"create": 1, "end": 1}

    async def test_an_error_of_the_block_comes_out_as_it_is(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            with pytest.raises(ZeroDivisionError) as caught:
                async with session.conversation(DRAFT):
                    raise ZeroDivisionError

            assert server.running == set()
            assert not hasattr(caught.value, "__notes__")

    async def test_a_cancellation_ends_it_and_goes_on(self) -> None:
        async with ConversationServer() as server, opened(server) as session:

            async def talk() -> None:
                async with session.conversation(DRAFT):
                    await forever()

            talking = asyncio.create_task(talk())
            await until(lambda: bool(server.running))
            talking.cancel()
            await asyncio.wait({talking})

            assert talking.cancelled()
            assert server.running == set()

    async def test_a_timeout_around_it_ends_it(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2), session.conversation(DRAFT):
                    await forever()

            assert (len(server.created), server.running) == (1, set())

    async def test_cancellations_while_it_ends_do_not_keep_it_from_ending(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            may_go = asyncio.Event()

            async def hold(point: str) -> None:
                if point == "end":
                    await may_go.wait()

            server.hold = hold

            async def talk() -> None:
                async with session.conversation(DRAFT):
                    pass

            talking = asyncio.create_task(talk())
            await until(lambda: server.seen["end"] == 1)
            for _ in range(3):
                talking.cancel()
                await asyncio.sleep(0)
            assert not talking.done()
            may_go.set()
            await asyncio.wait({talking})

            assert talking.cancelled()
            assert server.running == set()

    async def test_in_a_task_group_the_failure_of_one_ends_all(self) -> None:
        async with ConversationServer() as server, opened(server) as session:

            async def talk(number: int) -> None:
                async with session.conversation(DRAFT):
                    if number == 4:
                        await until(lambda: len(server.created) == 5)
                        raise ZeroDivisionError
                    await forever()

            with pytest.raises(ExceptionGroup) as caught:  # noqa: PT012
                async with asyncio.TaskGroup() as group:
                    for number in range(5):
                        group.create_task(talk(number))

            assert [type(each) for each in caught.value.exceptions] == [ZeroDivisionError]
            assert (len(server.created), server.running) == (5, set())

    async def test_in_an_exit_stack_all_are_ended(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            async with AsyncExitStack() as stack:
                for _ in range(3):
                    await stack.enter_async_context(session.conversation(DRAFT))
                assert len(server.running) == 3

            assert server.running == set()

    async def test_one_that_has_ended_by_itself_is_ended(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            async with session.conversation(DRAFT) as conversation:
                server.ended.add(conversation.conversation_id)

            assert server.seen["end"] == 1

    async def test_one_in_test_mode_needs_no_end(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            async with session.conversation(ConversationDraft(persona_id="p1", test_mode=True)) as conversation:
                assert conversation.status == "ended"

            assert server.seen == {"create": 1}

    @every_fault
    async def test_it_is_ended_whatever_the_server_does_to_the_end(self, fault: Fault) -> None:
        async with (
            ConversationServer() as server,
            opened(server, timeouts=patience_with(fault), retry=NO_RETRY) as session,
        ):
            server.go_wrong("end", fault, fault)
            async with session.conversation(DRAFT):
                pass

            assert (len(server.created), server.running) == (1, set())

    async def test_silence_at_the_end_is_not_waited_for_without_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ending, "SHORTEST_SLICE", 0.2)
        fault = next(each for each in BEFORE if each.name == "silence before the work")
        async with ConversationServer() as server, quick_session(server) as session:
            server.go_wrong("end", fault)
            async with asyncio.timeout(5), session.conversation(DRAFT, end_timeout=0.8):
                pass

            assert server.running == set()

    async def test_it_goes_before_all_that_wait_for_the_rate_limit(self) -> None:
        async with ConversationServer() as server, opened(server, rate_limit=RateLimit(10, burst=2)) as session:
            async with session.conversation(DRAFT):
                reads = [asyncio.create_task(session.get_conversation(f"c{number}")) for number in range(50)]
                await until(lambda: session.stats().waiting >= 45)
            assert server.running == set()
            assert server.seen["GET"] < 10
            for read in reads:
                read.cancel()
            await asyncio.gather(*reads, return_exceptions=True)


class TestWhatCannotBeEnded:
    async def test_without_an_error_of_the_block_its_own_is_raised(self, caplog: pytest.LogCaptureFixture) -> None:
        async with ConversationServer() as server, opened(server, retry=NO_RETRY) as session:
            server.faults["end"] = lambda: status(500, acts=False)
            with pytest.raises(ServerError) as caught:
                async with session.conversation(DRAFT, end_timeout=0.2):
                    pass
            del server.faults["end"]

            assert caught.value.__notes__ == ["the conversation c0 may still be running"]
            assert "the conversation c0 could not be ended" in caplog.text

        assert server.running == set()  # closing the session has tried again

    async def test_with_one_it_becomes_a_note_on_that(self, caplog: pytest.LogCaptureFixture) -> None:
        async with ConversationServer() as server, opened(server, retry=NO_RETRY) as session:
            server.faults["end"] = lambda: status(500, acts=False)
            with pytest.raises(ZeroDivisionError) as caught:
                async with session.conversation(DRAFT, end_timeout=0.2):
                    raise ZeroDivisionError
            del server.faults["end"]

        (note,) = caught.value.__notes__
        assert note.startswith("the conversation c0 could not be ended: POST /v2/conversations/c0/end was answered 500")
        assert "the conversation c0 could not be ended" in caplog.text

    async def test_what_no_other_try_would_change_is_told_at_once(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            server.faults["end"] = lambda: status(401, acts=False)
            with pytest.raises(AuthenticationError):
                async with session.conversation(DRAFT):
                    pass

            assert server.seen["end"] == 1
            del server.faults["end"]


class TestEntering:
    @every_fault
    async def test_what_was_created_is_ended_whatever_the_server_does_to_the_create(self, fault: Fault) -> None:
        async with ConversationServer() as server, opened(server, timeouts=patience_with(fault)) as session:
            server.go_wrong("create", fault)
            try:
                async with session.conversation(DRAFT, end_timeout=0.3):
                    pass
            except TavusError:
                assert fault in AFTER or len(server.created) == 0

            assert server.running == set()
            assert len(server.created) <= 1

    @pytest.mark.parametrize(
        "fault", [each for each in AFTER if "500" not in each.name and "JSON" not in each.name], ids=name
    )
    async def test_a_lost_answer_is_told_with_what_was_found(self, fault: Fault) -> None:
        async with ConversationServer() as server, opened(server, timeouts=patience_with(fault)) as session:
            server.go_wrong("create", fault)
            with pytest.raises(AmbiguousOutcomeError) as caught:
                async with session.conversation(DRAFT):
                    pass

            assert caught.value.__notes__ == ["what it had created was found and ended: c0"]
            assert caught.value.name == server.created["c0"]["conversation_name"]

    @pytest.mark.parametrize("point", ["list", "end"])
    @every_fault
    async def test_faults_while_a_lost_one_is_looked_for_do_not_save_it(self, fault: Fault, point: str) -> None:
        async with ConversationServer() as server, opened(server, timeouts=patience_with(fault)) as session:
            server.go_wrong("create", AFTER[0])
            server.go_wrong(point, fault)
            with pytest.raises(AmbiguousOutcomeError):
                async with session.conversation(DRAFT):
                    pass

            assert server.running == set()

    async def test_one_that_comes_into_being_after_its_answer_was_lost_is_found(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            server.go_wrong("create", AFTER[0])
            late: dict[str, dict[str, Any]] = {}

            async def hold(point: str) -> None:
                if point == "list" and server.seen["list"] == 1:
                    late.update(server.created)
                    server.created.clear()
                elif point == "list" and late:
                    server.created.update(late)

            server.hold = hold
            with pytest.raises(AmbiguousOutcomeError):
                async with session.conversation(DRAFT):
                    pass

            assert server.seen["list"] == 2
            assert (len(server.created), server.running) == (1, set())

    async def test_drafts_without_a_name_get_unique_ones(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            for _ in range(20):
                async with session.conversation({"persona_id": "p1"}):
                    pass

            assert set(server.names.values()) == {1}
            assert None not in server.names

    async def test_a_name_that_was_given_stays(self) -> None:
        draft = {"pal_id": "p1", "conversation_name": "Intake"}
        async with ConversationServer() as server, opened(server) as session, session.conversation(draft) as talk:
            assert talk.conversation_name == "Intake"

    async def test_nothing_is_sent_before_it_is_entered(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            session.conversation(DRAFT)

        assert server.seen == {}

    async def test_it_is_entered_once(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            opening = session.conversation(DRAFT)
            async with opening:
                pass
            with pytest.raises(RuntimeError, match="call it again for another"):
                await opening.__aenter__()

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({}, "needs a persona_id or a replica_id"),
            ({"persona_id": "p1", "chat": True, "audio_only": True}, "in chat or audio_only, not both"),
            ({"persona_id": "p1", "max_participants": 1}, "must be 2 or more"),
            ({"persona_id": "p1", "callback_url": "https://me.example/***"}, "shown without its secret: callback_url"),
            ("p1", "draft must be a ConversationDraft, not a str"),
        ],
    )
    async def test_what_the_server_refuses_for_certain_is_refused_before(self, given: Any, words: str) -> None:
        session = AsyncSession("key")
        with pytest.raises(InvalidRequestError, match=words):
            session.conversation(given)

    @pytest.mark.parametrize(
        "wrong", [{"end_timeout": 0}, {"end_timeout": None}, {"wait_for_slot": -1}, {"wait_for_slot": "3"}]
    )
    async def test_times_are_numbers_of_seconds(self, wrong: dict[str, Any]) -> None:
        session = AsyncSession("key")
        with pytest.raises(InvalidRequestError, match="must be a number of seconds"):
            session.conversation(DRAFT, **wrong)


class TestCancelledCreates:
    async def test_one_that_was_sent_is_waited_for_and_ended(self) -> None:
        async with ConversationServer() as server, opened(server, timeouts=Timeouts()) as session:
            may_go = asyncio.Event()

            async def hold(point: str) -> None:
                if point == "create":
                    await may_go.wait()

            server.hold = hold
            opening = asyncio.create_task(session.conversation(DRAFT).__aenter__())
            await until(lambda: server.seen["create"] == 1)
            opening.cancel()
            await asyncio.sleep(0.01)
            assert not opening.done()
            may_go.set()
            await asyncio.wait({opening})

            assert opening.cancelled()
            assert (len(server.created), server.running) == (1, set())

    async def test_one_that_still_stands_in_line_is_given_up_at_once(self) -> None:
        async with ConversationServer() as server, opened(server, rate_limit=RateLimit(2, burst=1)) as session:
            async with session.conversation(DRAFT):
                opening = asyncio.create_task(session.conversation(DRAFT).__aenter__())
                await until(lambda: session.stats().waiting == 1)
                opening.cancel()
                await asyncio.wait({opening})

                assert opening.cancelled()
            assert server.seen == {"create": 1, "end": 1}

    @every_fault
    async def test_one_whose_answer_is_lost_as_well_is_looked_for(self, fault: Fault) -> None:
        async with ConversationServer() as server, opened(server, timeouts=patience_with(fault)) as session:
            opening: asyncio.Task[Any]

            async def hold(point: str) -> None:
                if point == "create":
                    opening.cancel()

            server.hold = hold
            server.go_wrong("create", fault)
            opening = asyncio.create_task(session.conversation(DRAFT, end_timeout=0.3).__aenter__())
            await asyncio.wait({opening})

            assert opening.cancelled()
            assert server.running == set()
            assert len(server.created) <= 1

    async def test_one_that_never_answers_is_looked_for_when_the_time_is_over(self) -> None:
        async with ConversationServer() as server, opened(server, timeouts=Timeouts()) as session:
            server.go_wrong("create", next(each for each in AFTER if "silence" in each.name))
            opening = asyncio.create_task(session.conversation(DRAFT, end_timeout=0.3).__aenter__())
            await until(lambda: len(server.created) == 1)
            opening.cancel()
            await asyncio.wait({opening}, timeout=5)

            assert opening.cancelled()
            assert server.running == set()


class TestNamesOfOthers:
    async def test_another_programs_conversation_of_that_name_is_left_alone(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        draft = ConversationDraft(persona_id="p1", conversation_name="Intake")
        async with ConversationServer() as server, opened(server) as session, opened(server) as others:
            other = await others.create_conversation(draft)
            server.go_wrong("create", AFTER[0])
            with pytest.raises(AmbiguousOutcomeError):
                async with session.conversation(draft, end_timeout=0.3):
                    pass

            assert other.conversation_id in server.running
            assert "one of these conversations named 'Intake' may have been lost: c0, c1" in caplog.text

    async def test_this_sessions_own_of_that_name_are_left_alone(self) -> None:
        draft = ConversationDraft(persona_id="p1", conversation_name="Intake")
        async with ConversationServer() as server, opened(server) as session, session.conversation(draft) as mine:
            server.go_wrong("create", AFTER[0])
            with pytest.raises(AmbiguousOutcomeError):
                async with session.conversation(draft, end_timeout=0.3):
                    pass

            assert server.running == {mine.conversation_id}

    async def test_of_many_at_once_all_that_were_lost_are_ended_and_no_other(self) -> None:
        draft = ConversationDraft(persona_id="p1", conversation_name="Intake")
        async with ConversationServer() as server, opened(server) as session:
            server.go_wrong("create", *([AFTER[0], AFTER[5]] * 3))
            may_leave = asyncio.Event()

            async def talk() -> None:
                async with session.conversation(draft, end_timeout=3):
                    await may_leave.wait()

            talks = [asyncio.create_task(talk()) for _ in range(20)]
            await until(lambda: sum(each.done() for each in talks) == 6)

            assert len(server.created) == 20
            assert len(server.running) == 14
            may_leave.set()
            await asyncio.wait(talks)
            assert server.running == set()


class TestClosingTheSession:
    async def test_what_is_open_is_ended(self) -> None:
        async with ConversationServer() as server:
            session = opened(server)
            opening = session.conversation(DRAFT)
            await opening.__aenter__()
            await session.aclose()

            assert server.running == set()
            await opening.__aexit__(None, None, None)
            assert server.seen["end"] == 1

    async def test_what_is_being_created_is_ended(self) -> None:
        async with ConversationServer() as server:
            session = opened(server, timeouts=Timeouts())
            may_go = asyncio.Event()

            async def hold(point: str) -> None:
                if point == "create":
                    await may_go.wait()

            server.hold = hold
            opening = asyncio.create_task(session.conversation(DRAFT).__aenter__())
            await until(lambda: server.seen["create"] == 1)
            closing = asyncio.create_task(session.aclose())
            await asyncio.sleep(0.01)
            may_go.set()
            await closing
            await asyncio.wait({opening})

            assert (len(server.created), server.running) == (1, set())

    async def test_a_create_that_never_answers_does_not_hold_it_up(self) -> None:
        async with ConversationServer() as server:
            session = opened(server, timeouts=Timeouts())
            server.go_wrong("create", next(each for each in AFTER if "silence" in each.name))
            opening = asyncio.create_task(session.conversation(DRAFT, end_timeout=0.3).__aenter__())
            await until(lambda: len(server.created) == 1)
            async with asyncio.timeout(5):
                await session.aclose()
            with pytest.raises(SessionClosedError):
                await opening

            assert server.running == set()

    async def test_no_more_are_opened_meanwhile(self) -> None:
        async with ConversationServer() as server:
            session = opened(server)
            async with session.conversation(DRAFT):
                pass
            await session.aclose()
            with pytest.raises(SessionClosedError):
                await session.conversation(DRAFT).__aenter__()

    async def test_those_who_wait_for_a_slot_are_told(self) -> None:
        async with ConversationServer(limit=0) as server:
            session = opened(server)
            waiting = [
                asyncio.create_task(session.conversation(DRAFT, wait_for_slot=60).__aenter__()) for _ in range(3)
            ]
            await until(lambda: server.seen["create"] >= 3)
            await session.aclose()
            ends = await asyncio.gather(*waiting, return_exceptions=True)

            assert {type(end) for end in ends} == {SessionClosedError}


class TestLongLife:
    async def test_nothing_is_kept_of_conversations_that_have_ended(self) -> None:
        async with ConversationServer() as server, opened(server) as session:
            dice = iter([AFTER[0], None, AFTER[5], None] * 10)
            server.faults["create"] = lambda: next(dice)
            for number in range(40):
                draft = attrs.evolve(DRAFT, conversation_name=f"visit {number}" if number % 3 else None)
                with contextlib.suppress(TavusError):
                    async with session.conversation(draft):
                        pass
            part = session._part(OpenConversations)

            assert len(part.created) == 40
            assert (part._contexts, part.creating, part.lost) == (set(), {}, {})

    async def test_what_could_not_be_looked_for_is_looked_for_once_more_as_the_session_closes(self) -> None:
        async with ConversationServer() as server:
            async with opened(server, retry=NO_RETRY) as session:
                server.go_wrong("create", AFTER[0])
                server.faults["list"] = lambda: status(500, acts=False)
                with pytest.raises(AmbiguousOutcomeError):
                    async with session.conversation(DRAFT, end_timeout=0.3):
                        pass
                assert len(server.running) == 1
                del server.faults["list"]

            assert server.running == set()


class TestWaitingForASlot:
    async def test_without_patience_the_limit_is_told_at_once(self) -> None:
        async with ConversationServer(limit=0) as server, opened(server) as session:
            with pytest.raises(ConcurrencyLimitError):
                async with session.conversation(DRAFT):
                    pass

            assert server.seen == {"create": 1}

    async def test_the_end_of_one_lets_the_next_in_at_once(self) -> None:
        async with ConversationServer(limit=2) as server, opened(server) as session:
            order: list[int] = []
            all_have_come = asyncio.Event()

            async def talk(number: int) -> None:
                async with session.conversation(DRAFT, wait_for_slot=30):
                    order.append(number)
                    assert len(server.running) <= 2
                    await all_have_come.wait()

            async with asyncio.timeout(8), asyncio.TaskGroup() as tasks:
                for number in range(3):
                    tasks.create_task(talk(number))
                    await until(lambda asked=number + 1: server.seen["create"] == asked)  # type: ignore[misc]
                    await until(lambda: not session.stats().in_flight)
                for number in range(3, 12):  # these stand behind one that was refused, and do not ask
                    tasks.create_task(talk(number))
                await settle()
                assert server.seen["create"] == 3
                all_have_come.set()

            assert len(server.created) == 12
            # Two run at a time, and whose answer comes first is open.
            assert all(abs(place - number) <= 1 for place, number in enumerate(order))

    async def test_when_several_end_at_once_as_many_are_let_in_at_once(self) -> None:
        async with ConversationServer(limit=5) as server, opened(server) as session:
            may_leave = [asyncio.Event(), asyncio.Event()]

            async def talk(batch: int) -> None:
                async with session.conversation(DRAFT, wait_for_slot=30):
                    await may_leave[batch].wait()

            first = [asyncio.create_task(talk(0)) for _ in range(5)]
            await until(lambda: len(server.running) == 5)
            second = [asyncio.create_task(talk(1)) for _ in range(5)]
            await until(lambda: server.seen["create"] >= 10)
            async with asyncio.timeout(FIRST_WAIT):
                may_leave[0].set()
                while len(server.created) < 10:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
            may_leave[1].set()
            await asyncio.wait([*first, *second])

            assert server.running == set()

    async def test_a_create_by_itself_waits_as_well(self) -> None:
        async with ConversationServer(limit=1) as server, opened(server) as session:
            async with session.conversation(DRAFT):
                waiting = asyncio.create_task(session.create_conversation(DRAFT, wait_for_slot=30))
                await until(lambda: server.seen["create"] == 2)
            conversation = await waiting

            assert server.running == {conversation.conversation_id}

    async def test_the_last_refusal_is_raised_when_the_time_is_over(self) -> None:
        async with ConversationServer(limit=0) as server, opened(server) as session:
            with pytest.raises(ConcurrencyLimitError) as caught:
                async with session.conversation(DRAFT, wait_for_slot=0.1):
                    pass

            assert caught.value.__notes__ == ["no slot came free within 0.1 s"]
            assert server.created == {}

    async def test_one_who_gives_up_lets_the_next_come(self) -> None:
        async with ConversationServer(limit=1) as server, opened(server) as session:
            async with session.conversation(DRAFT):
                first, second = (
                    asyncio.create_task(session.create_conversation(DRAFT, wait_for_slot=30)) for _ in range(2)
                )
                await until(lambda: server.seen["create"] == 3)
                first.cancel()
            await second

            assert first.cancelled()
            assert len(server.running) == 1


SCRIPT = """
import asyncio, sys
from tavus_async import AsyncSession

async def talk(session, number):
    async with session.conversation({{"persona_id": "p1"}}):
        print("open", flush=True)
        await asyncio.Event().wait()

async def main():
    async with AsyncSession("key", base_url="{url}") as session:
        {body}

asyncio.run(main())
"""
IN_MAIN = "await talk(session, 0)"
IN_TASKS = "tasks = [asyncio.create_task(talk(session, each)) for each in range(3)]; await asyncio.Event().wait()"


@pytest.mark.parametrize(("body", "count"), [(IN_MAIN, 1), (IN_TASKS, 3)], ids=["in main", "in tasks"])
async def test_ctrl_c_ends_what_is_open(body: str, count: int) -> None:
    async with ConversationServer() as server:
        program = SCRIPT.format(url=server.url, body=body)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        for _ in range(count):
            await asyncio.wait_for(process.stdout.readline(), 30)
        process.send_signal(signal.SIGINT)
        _, errors = await asyncio.wait_for(process.communicate(), 30)

        assert (len(server.created), server.running) == (count, set())
        assert "KeyboardInterrupt" in errors.decode()
