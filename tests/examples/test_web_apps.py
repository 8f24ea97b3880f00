"""The apps in FastAPI and aiohttp.web, over real sockets: used as a visitor uses them."""

import asyncio
import importlib
import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from typing import Any

import aiohttp
import attrs
import pytest
from aiohttp import web

from tavus_async.sandbox import Faults, Sandbox
from tests.examples import programs
from tests.support.quick import until

uvicorn = programs.load("uvicorn", needs="uvicorn")
SECRET = "a-webhook-secret-of-the-tests"
APPS = ["fastapi_app", "aiohttp_app"]


@attrs.frozen
class Steps:
    """Server-sent events, as they come."""

    lines: aiohttp.StreamReader

    async def next(self) -> dict[str, Any] | None:
        """Return the next one; None when the answer has ended."""
        async with asyncio.timeout(20):
            async for line in self.lines:
                if line.startswith(b"data: "):
                    step: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
                    return step
        return None

    async def rest(self) -> list[str]:
        """Return the names of all that still come."""
        names: list[str] = []
        while step := await self.next():
            names.append(step["step"])
        return names


@attrs.frozen
class Site:
    """An app that runs on a sandbox, and a browser that is at it."""

    sandbox: Sandbox
    http: aiohttp.ClientSession

    async def post(self, path: str) -> tuple[int, Any]:
        async with self.http.post(path) as answer:
            return answer.status, await answer.json() if answer.content_type == "application/json" else None

    async def open(self) -> str:
        """Open a call and return its id."""
        status, body = await self.post("/conversations")
        assert status == 201, body
        conversation_id: str = body["conversation_id"]
        return conversation_id

    @asynccontextmanager
    async def steps(self, path: str) -> AsyncIterator[Steps]:
        async with self.http.get(path) as answer:
            assert (answer.status, answer.content_type) == (200, "text/event-stream")
            yield Steps(answer.content)

    async def opens(self) -> None:
        """Wait until the app answers."""
        async with asyncio.timeout(30):
            while True:
                try:
                    async with self.http.get("/") as answer:
                        assert "<h1>" in await answer.text()
                        return
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.01)


@asynccontextmanager
async def fastapi_app(port: int) -> AsyncIterator[None]:
    """Serve the app in FastAPI by uvicorn, in this process."""
    module = importlib.reload(programs.load("examples.fastapi_app", needs="fastapi"))
    server = module.Server(uvicorn.Config(module.app, port=port, log_config=None))
    server.capture_signals = nullcontext  # they are pytest's
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def aiohttp_app(port: int) -> AsyncIterator[None]:
    """Serve the app in aiohttp.web, in this process."""
    module = programs.load("examples.aiohttp_app", needs="aiohttp")
    runner = web.AppRunner(module.make_app(module.Settings.from_environment()), handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()


Serve = Callable[[int], AbstractAsyncContextManager[None]]
Visit = Callable[..., AbstractAsyncContextManager[Site]]


@pytest.fixture(params=[fastapi_app, aiohttp_app], ids=APPS)
def serve(request: pytest.FixtureRequest) -> Serve:
    """Serves one app or the other."""
    app: Serve = request.param
    return app


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Starts an app on a sandbox with these settings, and goes there."""

    @asynccontextmanager
    async def start(serve: Serve, **settings: Any) -> AsyncIterator[Site]:
        port = programs.free_port()
        async with Sandbox(personas=5, **settings) as sandbox:
            for name, value in programs.variables(sandbox, PORT=str(port), WEBHOOK_SECRET=SECRET).items():
                monkeypatch.setenv(name, value)
            async with serve(port), aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
                site = Site(sandbox, http)
                await site.opens()
                yield site

    return start


@pytest.fixture
async def site(serve: Serve, visit: Visit) -> AsyncIterator[Site]:
    """One app or the other, on a quiet sandbox."""
    async with visit(serve) as site:
        yield site


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
    assert first == {"step": "active", "join_url": call["join_url"]}
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


UVICORN = ["-m", "uvicorn", "examples.fastapi_app:app", "--no-access-log", "--timeout-graceful-shutdown", "1"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    ("command", "paths"),
    [
        (["-m", "examples.fastapi_app"], ["/conversations/{id}/steps", "/kiosk"]),
        (["-m", "examples.aiohttp_app"], ["/conversations/{id}/steps"]),
        (UVICORN, ["/conversations/{id}/steps", "/kiosk"]),
    ],
    ids=[*APPS, "uvicorn"],
)
async def test_told_to_stop_it_ends_what_is_running_though_somebody_watches(
    command: list[str], paths: list[str], number: signal.Signals
) -> None:
    port = str(programs.free_port())
    command = [*command, "--port", port] if command is UVICORN else command
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
        async with asyncio.timeout(8):
            await program.stop(number)

        assert len(before) == len(paths)
        assert sandbox.active_conversation_ids == ()
    assert delivered == {200}
    assert ("Traceback" in program.text) == (command[1] == "uvicorn")  # which complains of what it has cancelled
    assert SECRET not in program.text
