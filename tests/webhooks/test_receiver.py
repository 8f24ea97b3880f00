"""What a receiver does with events, by `dispatch`; how it is reached is in test_servers.py."""

import asyncio
import functools
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async import ConfigurationError, DeadlineExceededError, InvalidRequestError, WebhookError, webhooks
from tavus_async.webhooks import Event, MemorySeen, Receiver, RecordingReady, ReplicaJoined, Shutdown
from tests.support.virtual_time import elapsed, in_virtual_time, settle


def shutdown(conversation: str = "c1") -> Event:
    return webhooks.parse({"event_type": "system.shutdown", "conversation_id": conversation})


def joined(word: str = "replica") -> Event:
    name = {"replica": "replica_id", "pal": "face_id"}[word]
    body = {"event_type": f"system.{word}_joined", "conversation_id": "c1", "properties": {name: "r1"}}
    return webhooks.parse(body)


class Log:
    """A handler that notes what it gets, and does then what a test says."""

    def __init__(self, *acts: Callable[[], Awaitable[object]]) -> None:
        self.events: list[Event] = []
        self.ended = 0
        self._acts = list(acts)

    async def __call__(self, event: Event) -> None:
        self.events.append(event)
        if self._acts:
            await self._acts.pop(0)()
        self.ended += 1


async def fail() -> None:
    raise RuntimeError("the database is gone")


async def take(seconds: float) -> None:
    await asyncio.sleep(seconds)


def taking(seconds: float) -> Callable[[], Awaitable[None]]:
    return functools.partial(take, seconds)


class TestHandlers:
    async def test_each_gets_the_events_of_its_classes(self) -> None:
        receiver = Receiver()
        ends, both, everything = Log(), Log(), Log()
        receiver.on(Shutdown)(ends)
        receiver.on(Shutdown, RecordingReady)(both)
        receiver.on(Event)(everything)
        recording = webhooks.parse({"event_type": "application.recording_ready", "conversation_id": "c1"})
        for event in (shutdown(), joined(), recording):
            await receiver.dispatch(event)

        assert ends.events == [shutdown()]
        assert both.events == [shutdown(), recording]
        assert everything.events == [shutdown(), joined(), recording]

    async def test_the_decorator_gives_the_function_back(self) -> None:
        receiver = Receiver()

        @receiver.on(Shutdown)
        async def end(event: Shutdown) -> str:
            return f"ended: {event.conversation_id}"

        assert await end(Shutdown(conversation_id="c1")) == "ended: c1"

    async def test_without_a_handler_nothing_happens_and_nothing_is_kept(self) -> None:
        receiver, log = Receiver(), Log()
        receiver.on(RecordingReady)(log)
        await receiver.dispatch(shutdown())
        receiver.on(Shutdown)(log)
        await receiver.dispatch(shutdown())

        assert log.events == [shutdown()]

    async def test_the_same_function_may_be_registered_twice(self) -> None:
        receiver, log = Receiver(), Log()
        receiver.on(Shutdown)(log)
        receiver.on(Event)(log)
        await receiver.dispatch(shutdown())

        assert len(log.events) == 2

    @pytest.mark.parametrize("make", [lambda f: f, lambda f: functools.partial(f, "x"), lambda f: Bound(f).handle])
    async def test_any_async_callable_is_a_handler(self, make: Any) -> None:
        receiver, got = Receiver(), list[object]()

        async def note(*given: object) -> None:
            got.append(given[-1])

        receiver.on(Shutdown)(make(note))
        await receiver.dispatch(shutdown())

        assert got == [shutdown()]

    @pytest.mark.parametrize("handler", [lambda event: None, print, functools.partial(print, "x")])
    def test_one_that_is_not_async_is_refused_by_name(self, handler: Any) -> None:
        with pytest.raises(
            ConfigurationError, match=r"must be an async function, and .*(lambda|print|partial).* is none"
        ):
            Receiver().on(Shutdown)(handler)

    @pytest.mark.parametrize("handler", [None, 5, Log])
    def test_what_is_no_function_is_refused(self, handler: Any) -> None:
        with pytest.raises(ConfigurationError, match="takes classes of events"):
            Receiver().on(Shutdown)(handler)

    @pytest.mark.parametrize("kinds", [(), ("system.shutdown",), (Shutdown, str), (print,), (Shutdown(),)])
    def test_what_is_no_class_of_events_is_refused(self, kinds: Any) -> None:
        with pytest.raises(ConfigurationError, match=r"@receiver.on\(TranscriptionReady\)"):
            Receiver().on(*kinds)

    @pytest.mark.parametrize("event", [None, {"event_type": "system.shutdown"}, "system.shutdown"])
    async def test_what_is_no_event_is_not_dispatched(self, event: Any) -> None:
        with pytest.raises(InvalidRequestError, match="what is dispatched must be an Event"):
            await Receiver().dispatch(event)


class Bound:
    """Has a method that is a handler."""

    def __init__(self, function: Callable[[object], Awaitable[None]]) -> None:
        self._function = function

    async def handle(self, event: object) -> None:
        await self._function(event)


class TestOnce:
    async def test_a_duplicate_is_not_handled(self) -> None:
        receiver, log = Receiver(), Log()
        receiver.on(Event)(log)
        for event in (shutdown(), shutdown(), shutdown("c2")):
            await receiver.dispatch(event)

        assert log.events == [shutdown(), shutdown("c2")]

    async def test_of_twins_one_is_handled(self) -> None:
        receiver, log = Receiver(), Log()
        receiver.on(ReplicaJoined)(log)
        await receiver.dispatch(joined("pal"))
        await receiver.dispatch(joined("replica"))

        assert log.events == [joined("pal")]

    async def test_what_failed_is_handled_again(self) -> None:
        receiver, log = Receiver(), Log(fail, fail)
        receiver.on(Event)(log)
        for _ in range(2):
            with pytest.raises(RuntimeError, match="the database is gone"):
                await receiver.dispatch(shutdown())
        await receiver.dispatch(shutdown())
        await receiver.dispatch(shutdown())

        assert (len(log.events), log.ended) == (3, 1)

    async def test_what_has_worked_is_not_handled_again_where_another_handler_failed(self) -> None:
        receiver, charge, mail = Receiver(), Log(), Log(fail)
        receiver.on(Event)(charge)
        receiver.on(Shutdown)(mail)
        with pytest.raises(RuntimeError, match="database"):
            await receiver.dispatch(shutdown())
        await receiver.dispatch(shutdown())

        assert (charge.ended, mail.ended, len(mail.events)) == (1, 1, 2)

    async def test_several_failures_are_told_together(self) -> None:
        receiver = Receiver()
        receiver.on(Event)(Log(fail))
        receiver.on(Shutdown)(Log(fail))
        with pytest.raises(ExceptionGroup, match="2 handlers failed") as caught:
            await receiver.dispatch(shutdown())

        assert [type(each) for each in caught.value.exceptions] == [RuntimeError] * 2

    @in_virtual_time
    async def test_handlers_of_one_event_run_at_the_same_time(self) -> None:
        receiver = Receiver()
        receiver.on(Event)(Log(taking(10)))
        receiver.on(Shutdown)(Log(taking(10)))
        await receiver.dispatch(shutdown())

        assert elapsed() == pytest.approx(10, abs=0.1)

    @in_virtual_time
    async def test_one_that_is_too_slow_is_stopped_and_its_event_handled_again(self) -> None:
        receiver, log = Receiver(timeout=5), Log(taking(60))
        receiver.on(Event)(log)
        with pytest.raises(DeadlineExceededError, match=r"took longer than 5 s \(Receiver.timeout\)"):
            await receiver.dispatch(shutdown())
        assert elapsed() == pytest.approx(5, abs=0.1)
        await receiver.dispatch(shutdown())

        assert (len(log.events), log.ended) == (2, 1)

    async def test_a_time_limit_of_the_handlers_own_is_its_own_failure(self) -> None:
        async def be_late() -> None:
            raise TimeoutError("no answer from the database")

        receiver = Receiver()
        receiver.on(Event)(Log(be_late))
        with pytest.raises(TimeoutError, match="no answer from the database"):
            await receiver.dispatch(shutdown())

    async def test_one_that_cancels_itself_has_failed_and_nothing_else_is_cancelled(self) -> None:
        async def cancel() -> None:
            raise asyncio.CancelledError

        receiver, log = Receiver(), Log(cancel)
        receiver.on(Event)(log)
        with pytest.raises(WebhookError, match="the handler was cancelled"):
            await receiver.dispatch(shutdown())
        await receiver.dispatch(shutdown())

        assert log.ended == 1


class TestAtTheSameTime:
    @in_virtual_time
    async def test_two_deliveries_are_one_run_and_both_wait_for_it(self) -> None:
        receiver, log = Receiver(), Log(taking(10))
        receiver.on(Event)(log)
        await asyncio.gather(*(receiver.dispatch(shutdown()) for _ in range(50)))

        assert elapsed() == pytest.approx(10, abs=0.1)
        assert len(log.events) == 1

    @in_virtual_time
    async def test_where_the_first_fails_the_second_handles_it(self) -> None:
        async def fail_late() -> None:
            await asyncio.sleep(10)
            raise RuntimeError("gone")

        receiver, log = Receiver(), Log(fail_late)
        receiver.on(Event)(log)
        done = await asyncio.gather(*(receiver.dispatch(shutdown()) for _ in range(3)), return_exceptions=True)

        assert [type(each) for each in done] == [RuntimeError, type(None), type(None)]
        assert (len(log.events), log.ended) == (2, 1)

    @in_virtual_time
    async def test_who_waits_does_not_wait_for_ever(self) -> None:
        async def fail_slowly() -> None:
            await asyncio.sleep(4)
            raise RuntimeError("gone")

        receiver = Receiver(timeout=5)
        receiver.on(Event)(Log(*[fail_slowly] * 50))
        deliveries = [asyncio.create_task(receiver.dispatch(shutdown())) for _ in range(5)]
        done = await asyncio.gather(*deliveries, return_exceptions=True)

        assert elapsed() < 11
        assert sorted({type(each).__name__ for each in done}) == ["BusyElsewhereError", "RuntimeError"]

    @in_virtual_time
    async def test_a_delivery_that_is_cancelled_leaves_its_handler_running(self) -> None:
        receiver, log = Receiver(), Log(taking(10))
        receiver.on(Event)(log)
        delivery = asyncio.create_task(receiver.dispatch(shutdown()))
        await settle()
        delivery.cancel()
        with pytest.raises(asyncio.CancelledError):
            await delivery
        assert log.ended == 0
        await receiver.drain()

        assert log.ended == 1
        await receiver.dispatch(shutdown())
        assert len(log.events) == 1

    @in_virtual_time
    async def test_draining_waits_for_all_handlers(self) -> None:
        receiver, log = Receiver(), Log(taking(3), taking(7))
        receiver.on(Event)(log)
        deliveries = [asyncio.create_task(receiver.dispatch(shutdown(each))) for each in ("c1", "c2")]
        await settle()
        await receiver.drain()

        assert (elapsed() > 6.9, log.ended) == (True, 2)
        await asyncio.gather(*deliveries)

    def test_a_loop_that_ends_gives_its_events_up(self) -> None:
        seen, log = MemorySeen(), Log(taking(60))
        receiver = Receiver(seen=seen)
        receiver.on(Event)(log)

        async def be_stopped() -> None:
            delivery = asyncio.create_task(receiver.dispatch(shutdown()))
            await asyncio.sleep(0.01)
            assert log.events
            del delivery

        asyncio.run(be_stopped())
        asyncio.run(receiver.dispatch(shutdown()))

        assert (len(log.events), log.ended) == (2, 1)


class Remote:
    """A Seen as one that is elsewhere: it takes time, and may be out of reach."""

    def __init__(self) -> None:
        self.memory = MemorySeen()
        self.broken: set[str] = set()
        self.claims = 0

    async def claim(self, key: str, lease: float) -> webhooks.Claim:
        self.claims += 1
        await self._reach("claim")
        return await self.memory.claim(key, lease)

    async def finish(self, key: str) -> None:
        await self._reach("finish")
        await self.memory.finish(key)

    async def release(self, key: str) -> None:
        await self._reach("release")
        await self.memory.release(key)

    async def _reach(self, what: str) -> None:
        await asyncio.sleep(0.001)
        if what in self.broken:
            raise ConnectionError("no Redis there")


class TestSeveralProcesses:
    @in_virtual_time
    async def test_an_event_that_two_receive_is_handled_by_one(self) -> None:
        seen, logs = Remote(), [Log(taking(3)), Log(taking(3))]
        receivers = [Receiver(seen=seen), Receiver(seen=seen)]
        for receiver, log in zip(receivers, logs, strict=True):
            receiver.on(Event)(log)
        await asyncio.gather(*(receiver.dispatch(shutdown()) for receiver in receivers))

        assert sum(log.ended for log in logs) == 1
        # Who has not got it waits until it is done, and does not ask all the time.
        assert 3 <= elapsed() < 5
        assert seen.claims < 15

    @in_virtual_time
    async def test_where_one_fails_the_other_handles_it(self) -> None:
        async def fail_late() -> None:
            await asyncio.sleep(3)
            raise RuntimeError("gone")

        seen, logs = Remote(), [Log(fail_late), Log(fail_late)]
        receivers = [Receiver(seen=seen), Receiver(seen=seen)]
        for receiver, log in zip(receivers, logs, strict=True):
            receiver.on(Event)(log)
        done = await asyncio.gather(*(each.dispatch(shutdown()) for each in receivers), return_exceptions=True)

        assert sum(len(log.events) for log in logs) == 2
        assert [type(each) for each in done] == [RuntimeError] * 2

    @in_virtual_time
    async def test_one_that_has_died_is_waited_for_no_longer_than_its_lease(self) -> None:
        seen, log = MemorySeen(now=asyncio.get_running_loop().time), Log()
        receiver = Receiver(seen=seen, timeout=5)
        receiver.on(Event)(log)
        name = receiver._handlers[0].name
        await seen.claim(f"{shutdown().identity}:{name}", 15.0)  # and is never heard of again
        for _ in range(3):
            with pytest.raises(WebhookError, match="being handled by another process"):
                await receiver.dispatch(shutdown())
        await receiver.dispatch(shutdown())

        assert log.ended == 1

    @pytest.mark.parametrize("broken", ["claim", "release"])
    async def test_what_cannot_be_claimed_or_given_up_is_no_success(self, broken: str) -> None:
        seen, log = Remote(), Log(fail)
        seen.broken.add(broken)
        receiver = Receiver(seen=seen)
        receiver.on(Event)(log)
        with pytest.raises((ConnectionError, RuntimeError)):
            await receiver.dispatch(shutdown())

        assert len(log.events) == (0 if broken == "claim" else 1)

    async def test_what_was_handled_and_could_not_be_kept_is_a_success(self, caplog: pytest.LogCaptureFixture) -> None:
        seen, log = Remote(), Log()
        seen.broken.add("finish")
        receiver = Receiver(seen=seen)
        receiver.on(Event)(log)
        await receiver.dispatch(shutdown())

        assert log.ended == 1
        assert "cannot finish" in caplog.text


@in_virtual_time
async def test_in_a_storm_each_event_is_handled_once() -> None:
    """Two processes get every event again and again; handlers fail and hang, deliveries are cancelled."""
    dice = random.Random(5)
    ended: Counter[str] = Counter()
    seen = Remote()

    async def handle(event: Event) -> None:
        luck = dice.random()
        await asyncio.sleep(60 if luck < 0.03 else dice.random())
        if luck < 0.15:
            raise RuntimeError("now and then")
        ended[event.identity] += 1

    receivers = [Receiver(seen=seen, timeout=5), Receiver(seen=seen, timeout=5)]
    for receiver in receivers:
        receiver.on(Event)(handle)
    left = [shutdown(f"c{number}") for number in range(400)]
    while left:
        deliveries = [
            asyncio.create_task(receiver.dispatch(event)) for event in left for receiver in (*receivers, receivers[0])
        ]
        for delivery in dice.sample(deliveries, len(deliveries) // 10):
            asyncio.get_running_loop().call_later(dice.random(), delivery.cancel)
        done = iter(await asyncio.gather(*deliveries, return_exceptions=True))
        left = [event for event, *results in zip(left, done, done, done, strict=True) if None not in results]
    await asyncio.gather(*(receiver.drain() for receiver in receivers))

    assert len(ended) == 400
    assert set(ended.values()) == {1}
    assert not seen.memory._leases
    assert not any(receiver._handling.tasks for receiver in receivers)


class TestWaiting:
    @in_virtual_time
    async def test_an_event_can_be_waited_for(self) -> None:
        receiver = Receiver()
        found = asyncio.create_task(receiver.wait_for(Shutdown, where=lambda event: event.conversation_id == "c2"))
        await settle()
        for event in (joined(), shutdown("c1"), shutdown("c2"), shutdown("c3")):
            await receiver.dispatch(event)

        assert (await found).conversation_id == "c2"
        assert not receiver._waiting

    @in_virtual_time
    async def test_one_that_does_not_come_is_not_waited_for_longer(self) -> None:
        receiver = Receiver()
        with pytest.raises(DeadlineExceededError, match="no Shutdown or RecordingReady came within 5 s"):
            await receiver.wait_for(Shutdown, RecordingReady, timeout=5)

        assert elapsed() == pytest.approx(5, abs=0.1)
        assert not receiver._waiting

    @in_virtual_time
    async def test_a_condition_that_fails_is_for_who_waits(self) -> None:
        receiver, log = Receiver(), Log()
        receiver.on(Event)(log)
        found = asyncio.create_task(receiver.wait_for(Event, where=lambda event: bool(event.properties["nothing"])))
        await settle()
        await receiver.dispatch(shutdown())

        with pytest.raises(KeyError, match="nothing"):
            await found
        assert log.ended == 1


class TestSettings:
    @pytest.mark.parametrize(
        ("settings", "words"),
        [
            ({"secret": "short"}, "at least 16"),
            ({"secret": 5}, "must be a string"),
            ({"max_body": 0}, "max_body"),
            ({"max_body": 1.5}, "max_body"),
            ({"max_body": True}, "max_body"),
            ({"timeout": 0}, "timeout"),
            ({"timeout": float("inf")}, "timeout"),
            ({"timeout": "5"}, "timeout"),
            ({"timeout": None}, "timeout"),
            ({"seen": set()}, "claim, finish and release"),
        ],
    )
    def test_wrong_ones_are_refused(self, settings: Any, words: str) -> None:
        with pytest.raises(ConfigurationError, match=words):
            Receiver(**settings)

    @pytest.mark.parametrize("path", ["", "tavus", None, 5])
    def test_a_path_that_is_none_is_refused(self, path: Any) -> None:
        with pytest.raises(ConfigurationError, match="must begin with a slash"):
            Receiver().routes(path)

    def test_its_repr_does_not_show_the_secret(self) -> None:
        receiver = Receiver(secret="0123456789abcdef")

        assert repr(receiver) == "<Receiver handlers=0 with secret>"


async def test_the_log_names_handlers_and_no_bodies(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    receiver = Receiver(secret="0123456789abcdef")
    receiver.on(Event)(Log(fail))
    event = webhooks.parse({"event_type": "system.shutdown", "properties": {"shutdown_reason": "hunter2-hunter2"}})
    with pytest.raises(RuntimeError):
        await receiver.dispatch(event)

    assert "Log failed on a Shutdown" in caplog.text
    assert "the database is gone" in caplog.text
    assert "hunter2" not in caplog.text
    assert "0123456789abcdef" not in caplog.text


@pytest.mark.parametrize(
    ("kinds", "options"),
    [
        ((), {}),
        ((5,), {}),
        ((None,), {}),
        ((Event,), {"where": 5}),
        ((Event,), {"timeout": "5"}),
        ((Event,), {"timeout": 0}),
    ],
)
async def test_what_cannot_be_waited_for_is_refused(kinds: Any, options: Any) -> None:
    with pytest.raises(ConfigurationError):
        await Receiver().wait_for(*kinds, **options)
