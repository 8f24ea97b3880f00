"""Callbacks: where they go, in which order, and what is written down of them."""

import asyncio
import random
from typing import Any

import pytest
from aiohttp import web

from tavus_async import ConfigurationError
from tavus_async.sandbox import Callbacks, Delivery
from tavus_async.sandbox.callbacks import CallbackSender
from tavus_async.sandbox.clock import Clock
from tests.support.quick import until

SURE: dict[str, Any] = {"duplicates": 0.0}


def make(**settings: Any) -> CallbackSender:
    return CallbackSender(settings=Callbacks(**(SURE | settings)), clock=Clock(), dice=random.Random(0))


def event(kind: str, conversation_id: str = "c1") -> dict[str, Any]:
    return {"conversation_id": conversation_id, "event_type": kind, "properties": {}}


def put(sender: CallbackSender, url: str, body: dict[str, Any]) -> None:
    sender.post(url, body, subject_id=body["conversation_id"])


async def post(sender: CallbackSender, url: str, *kinds: str) -> tuple[Delivery, ...]:
    """Posts events of these kinds and waits until they are."""
    sender.start()
    try:
        for kind in kinds:
            put(sender, url, event(kind))
        await sender.drain()
    finally:
        await sender.aclose()
    return sender.deliveries


async def test_events_are_posted_in_their_order(receiver: Any) -> None:
    deliveries = await post(make(), receiver.url, "a", "b", "c")

    assert receiver.kinds == ["a", "b", "c"]
    assert receiver.headers[0]["content-type"] == "application/json"
    assert [(each.event_type, each.status, each.error, each.attempt) for each in deliveries] == [
        ("a", 200, None, 1),
        ("b", 200, None, 1),
        ("c", 200, None, 1),
    ]


async def test_duplicates_are_the_same_body_again(receiver: Any) -> None:
    deliveries = await post(make(duplicates=1.0), receiver.url, "a", "b")

    assert sorted(receiver.kinds) == ["a", "a", "b", "b"]
    assert receiver.bodies.count(event("a")) == 2
    assert sorted((each.event_type, each.attempt) for each in deliveries) == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]


async def test_some_are_duplicated_and_the_same_ones_each_time(receiver: Any) -> None:
    kinds = [f"e{number}" for number in range(100)]
    await post(make(duplicates=0.2), receiver.url, *kinds)
    first, receiver.bodies = receiver.kinds, []
    await post(make(duplicates=0.2), receiver.url, *kinds)

    assert 105 < len(first) < 140
    assert receiver.kinds == first


async def test_an_event_can_be_overtaken_by_the_next(receiver: Any) -> None:
    await post(make(overtaken=1.0), receiver.url, "a", "b", "c", "d")

    assert receiver.kinds == ["b", "a", "d", "c"]


async def test_an_event_that_nothing_follows_is_not_held_back_for_ever(receiver: Any) -> None:
    clock = Clock()
    sender = CallbackSender(settings=Callbacks(duplicates=0, overtaken=1), clock=clock, dice=random.Random(0))
    sender.start()
    put(sender, receiver.url, event("a"))
    await sender.drain()
    before = list(receiver.kinds)
    clock.advance(120)
    await sender.drain()
    await sender.aclose()

    assert (before, receiver.kinds) == ([], ["a"])


async def test_a_slow_receiver_holds_up_its_own_conversation_alone(receiver: Any) -> None:
    gate = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        if receiver.bodies[-1]["conversation_id"] == "slow":
            await gate.wait()
        return web.Response()

    receiver.answer = answer
    sender = make()
    sender.start()
    put(sender, receiver.url, event("a", "slow"))
    put(sender, receiver.url, event("b", "slow"))
    put(sender, receiver.url, event("c", "quick"))
    await until(lambda: bool(sender.deliveries))
    done_first = [each.event_type for each in sender.deliveries]
    gate.set()
    await sender.drain()
    await sender.aclose()

    assert done_first == ["c"]
    assert [body["event_type"] for body in receiver.bodies if body["conversation_id"] == "slow"] == ["a", "b"]


async def test_an_error_status_is_written_down_and_not_retried(receiver: Any) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=500)

    receiver.answer = answer
    deliveries = await post(make(), receiver.url, "a")

    assert [(each.status, each.error) for each in deliveries] == [(500, None)]
    assert receiver.kinds == ["a"]


async def test_a_receiver_that_does_not_answer_is_given_up(receiver: Any) -> None:
    async def answer(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    receiver.answer = answer
    deliveries = await post(make(timeout=0.05), receiver.url, "a")

    assert [(each.status, each.error) for each in deliveries] == [(None, "no answer within 0.05 s")]
    # Some event loops count in whole milliseconds.
    assert deliveries[0].duration >= 0.04


async def test_where_nobody_listens_it_is_an_error(unused_tcp_port: int) -> None:
    deliveries = await post(make(), f"http://127.0.0.1:{unused_tcp_port}/", "a")

    assert deliveries[0].status is None
    assert "ClientConnectorError" in str(deliveries[0].error)


async def test_an_error_does_not_tell_the_address() -> None:
    deliveries = await post(make(), "http://127.0.0.1:99999/hush", "a")

    assert deliveries[0].error
    assert "hush" not in repr(deliveries)


async def test_redirects_are_not_followed(receiver: Any) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "http://198.51.100.1/"})

    receiver.answer = answer
    deliveries = await post(make(), receiver.url, "a")

    assert [each.status for each in deliveries] == [307]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/callback",
        "http://198.51.100.1:8000/",
        "http://127.0.0.1.example.com/",
        "http://localhost@example.com/",
        "http://0.0.0.0/",
        "http://[::ffff:198.51.100.1]/",
        "http://2130706433/",
    ],
)
async def test_only_loopback_is_reached_unless_told_otherwise(url: str) -> None:
    deliveries = await post(make(), url, "a")

    assert deliveries[0].status is None
    assert "not loopback" in str(deliveries[0].error)
    assert str(deliveries[0].error).startswith("refused: ")


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "callback", "//127.0.0.1/", "http://", "http://[::1", "", "file:///etc"]
)
async def test_what_is_no_address_is_refused(url: str) -> None:
    deliveries = await post(make(), url, "a")

    assert str(deliveries[0].error).startswith("refused: the callback_url is no")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_loopback_has_several_names(receiver: Any, host: str) -> None:
    deliveries = await post(make(), receiver.url.replace("127.0.0.1", host), "a")

    assert [each.status for each in deliveries] == [200]


@pytest.mark.parametrize("to", ["anywhere", "callbacks.invalid", ["other.invalid", "callbacks.invalid"]])
def test_other_hosts_can_be_allowed(to: Any) -> None:
    # Nothing is posted before the start, so nothing leaves this machine.
    sender = make(to=to)
    for host in ("callbacks.invalid", "localhost"):
        put(sender, f"https://{host}/", event("a"))

    assert sender.deliveries == ()


async def test_closing_ends_all_and_leaves_no_task(receiver: Any) -> None:
    async def answer(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    receiver.answer = answer
    before = asyncio.all_tasks()
    sender = make(overtaken=0.5)
    sender.start()
    for number in range(20):
        put(sender, receiver.url, event("a", f"c{number % 4}"))
    await until(lambda: bool(receiver.bodies))
    ours = asyncio.all_tasks() - before
    await sender.aclose()

    assert not {task for task in ours if not task.done() and "_send_all" in repr(task)}


async def test_what_is_posted_while_it_is_closed_waits_for_the_start(receiver: Any) -> None:
    sender = make()
    put(sender, receiver.url, event("a"))
    await post(sender, receiver.url, "b")

    assert receiver.kinds == ["a", "b"]


async def test_only_the_newest_are_kept() -> None:
    sender = make()
    for number in range(10_100):
        put(sender, "http://example.com/", event(str(number)))

    assert len(sender.deliveries) == 10_000
    assert sender.deliveries[-1].event_type == "10099"


def test_a_delivery_does_not_show_the_address_in_its_repr() -> None:
    assert "hush" not in repr(Delivery(subject_id="c", event_type="e", url="http://localhost/hush", at=0.0))


@pytest.mark.parametrize(
    "settings",
    [
        {"to": ()},
        {"to": ""},
        {"to": [7]},
        {"to": 7},
        {"duplicates": 1.5},
        {"duplicates": True},
        {"overtaken": -0.1},
        {"timeout": 0},
        {"timeout": float("inf")},
    ],
)
def test_wrong_settings_are_told(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"Callbacks.{next(iter(settings))} must be"):
        Callbacks(**settings)


async def test_a_body_without_an_event_type_is_posted_in_the_line_of_what_it_tells_of(receiver: Any) -> None:
    sender = make()
    sender.start()
    for status in ("started", "ready"):
        sender.post(receiver.url, {"replica_id": "r1", "status": status}, subject_id="r1")
    await sender.drain()
    await sender.aclose()

    assert [body["status"] for body in receiver.bodies] == ["started", "ready"]
    assert [(each.subject_id, each.event_type) for each in sender.deliveries] == [("r1", "")] * 2
