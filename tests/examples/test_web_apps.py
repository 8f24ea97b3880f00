"""The apps in FastAPI and aiohttp.web, used as a visitor's browser uses them."""

import asyncio
import signal
from contextlib import AsyncExitStack

import aiohttp
import pytest

from tavus_async.sandbox import Faults, Sandbox
from tests.examples import programs
from tests.examples.sites import SECRET, Serve, Site, Visit, fastapi_app
from tests.support.quick import until


async def test_a_visitor_opens_a_call_talks_ends_it_and_reads_what_was_said(site: Site) -> None:
    status, call = await site.post("/conversations")
    path = f"/conversations/{call['conversation_id']}"
    async with site.steps(f"{path}/steps") as steps:
        first = await steps.next()
        site.sandbox.advance(5)
        second = await steps.next()
        room = site.sandbox.rooms.get(call["conversation_id"])
        assert room is not None
        room.say(room.join("Ada"), "Good morning.")
        ended = await site.post(f"{path}/end")
        third = await steps.next()
        site.sandbox.advance(200)
        fourth = await steps.next()
        rest = await steps.rest()

    assert (status, ended[0]) == (201, 204)
    assert call["join_url"].startswith(site.sandbox.url)
    assert first == {"step": "active", "join_url": call["join_url"], "reason": None}
    assert second == {"step": "joined"}
    assert third == {"step": "ended", "reason": "end_conversation_endpoint_hit"}
    assert fourth is not None
    assert {"role": "user", "text": "Good morning."} in fourth["turns"]
    assert all(turn["role"] in {"user", "assistant"} for turn in fourth["turns"])
    assert rest == ["over"]


async def test_who_comes_late_is_told_all_of_it_once(site: Site) -> None:
    conversation_id = await site.open()
    room = site.sandbox.rooms.get(conversation_id)
    assert room is not None
    site.sandbox.advance(5)
    room.say(room.join("Ada"), "Good morning.")
    await site.post(f"/conversations/{conversation_id}/end")
    site.sandbox.advance(200)
    async with site.steps(f"/conversations/{conversation_id}/steps") as steps:
        assert await steps.rest() == ["ended", "joined", "transcript", "over"]


async def test_a_call_that_ends_by_itself_is_told_as_ended(site: Site) -> None:
    conversation_id = await site.open()
    async with site.steps(f"/conversations/{conversation_id}/steps") as steps:
        await steps.next()
        site.sandbox.advance(121)
        told = [await steps.next(), await steps.next()]

    assert [step and step["step"] for step in told] == ["joined", "ended"]
    assert told[1] == {"step": "ended", "reason": "participant_absent_timeout reached"}


async def test_what_is_unknown_is_not_found(site: Site) -> None:
    ended, body = await site.post("/conversations/c-nobody/end")
    async with site.http.get("/conversations/c-nobody/steps") as watched:
        assert (ended, watched.status) == (404, 404)
        assert body == await watched.json() == {"detail": "There is no such conversation."}


@pytest.mark.parametrize(
    ("refused", "answered", "told"),
    [
        (402, 402, "No minutes are left this month."),
        (401, 502, "Something went wrong at our end. Please try again later."),
    ],
)
async def test_a_visitor_is_told_in_a_sentence_why_there_is_no_call(
    site: Site, refused: int, answered: int, told: str
) -> None:
    before = site.sandbox.conversation_ids
    site.sandbox.script([refused])
    status, body = await site.post("/conversations")

    assert (status, body) == (answered, {"detail": told})
    assert site.sandbox.conversation_ids == before


async def test_only_who_knows_the_secret_can_send_events(site: Site) -> None:
    event = {"event_type": "system.shutdown", "conversation_id": await site.open()}
    statuses = []
    for query in ("", "?token=wrong", f"?token={SECRET}"):
        async with site.http.post(f"/webhooks/tavus{query}", json=event) as answer:
            statuses.append(answer.status)

    assert statuses == [404, 404, 200]


async def test_a_visitor_waits_for_a_line_that_becomes_free(serve: Serve, visit: Visit) -> None:
    async with visit(serve, max_conversations=1) as site:
        first = await site.open()
        second = asyncio.create_task(site.open())
        await until(lambda: site.sandbox.stats().total >= 2)
        await site.post(f"/conversations/{first}/end")

        assert await second != first


async def test_a_visitor_who_does_not_wait_for_the_call_leaves_none_running(serve: Serve, visit: Visit) -> None:
    async with visit(serve, faults=Faults(latency=0.2)) as site:
        with pytest.raises(TimeoutError):
            await site.http.post("/conversations", timeout=aiohttp.ClientTimeout(0.1))
        await until(lambda: len(site.sandbox.conversation_ids) == 1)
        await until(lambda: [each.status for each in site.sandbox.requests if each.path.endswith("/end")] == [200])

        assert site.sandbox.active_conversation_ids == ()


async def test_the_kiosk_has_a_call_for_as_long_as_it_listens(visit: Visit) -> None:
    async with visit(fastapi_app) as site:
        async with site.steps("/kiosk") as steps:
            first = await steps.next()
            during = site.sandbox.active_conversation_ids
        await until(lambda: not site.sandbox.active_conversation_ids)

    assert first is not None
    assert len(during) == 1
    assert during[0] in first["join_url"]


BOTH = ("/conversations/{id}/steps", "/kiosk")
UVICORN = ("-m", "uvicorn", "examples.fastapi_app:app", "--no-access-log", "--timeout-graceful-shutdown", "1")


@pytest.mark.parametrize(
    ("number", "command", "paths"),
    [
        (signal.SIGTERM, ("-m", "examples.fastapi_app"), BOTH),
        (signal.SIGINT, ("-m", "examples.fastapi_app"), BOTH),
        (signal.SIGTERM, ("-m", "examples.aiohttp_app"), BOTH[:1]),
        (signal.SIGINT, ("-m", "examples.aiohttp_app"), BOTH[:1]),
        (signal.SIGTERM, UVICORN, BOTH),
    ],
    ids=["fastapi, SIGTERM", "fastapi, Ctrl-C", "aiohttp, SIGTERM", "aiohttp, Ctrl-C", "uvicorn, SIGTERM"],
)
async def test_told_to_stop_it_ends_what_is_running_though_somebody_watches(
    number: signal.Signals, command: tuple[str, ...], paths: tuple[str, ...]
) -> None:
    port = str(programs.free_port())
    command = (*command, "--port", port) if command is UVICORN else command
    async with (
        Sandbox(personas=5) as sandbox,
        programs.running(*command, env=programs.environment(sandbox, PORT=port, WEBHOOK_SECRET=SECRET)) as program,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
        AsyncExitStack() as answers,
    ):
        site = Site(sandbox, http)
        await site.opens()
        conversation_id = await site.open()
        watched = [await answers.enter_async_context(site.steps(path.format(id=conversation_id))) for path in paths]
        for steps in watched:
            await steps.next()
        sandbox.advance(5)
        await until(lambda: bool(sandbox.deliveries))
        before, delivered = sandbox.active_conversation_ids, {delivery.status for delivery in sandbox.deliveries}
        async with asyncio.timeout(30):
            await program.stop(number)

        assert len(before) == len(paths)
        assert sandbox.active_conversation_ids == ()
    assert delivered == {200}
    # uvicorn by itself complains of what it has cancelled.
    assert ("Traceback" in program.text) == (command[1] == "uvicorn"), program.text
    assert SECRET not in program.text
