"""Settings and lifecycle of the sandbox."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiohttp
import pytest

from tavus_async import RateLimit
from tavus_async.errors import ConfigurationError
from tavus_async.sandbox import Callbacks, Faults, Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
Eventually = Callable[[Callable[[], bool]], Awaitable[None]]
KEY = {"x-api-key": "sandbox-key"}


@pytest.mark.parametrize(
    "settings",
    [
        {"personas": -1},
        {"personas": 10**400},
        {"conversations": 10**400},
        {"personas": True},
        {"personas": [{"persona_id": ""}]},
        {"personas": [{"persona_id": 5}]},
        {"personas": [{"persona_id": "p1"}, {"persona_id": "p1"}]},
        {"personas": [{"persona_id": "p1", "x": object()}]},
        {"personas": [{"persona_id": "p1", "x": float("nan")}]},
        {"personas": ["p1"]},
        {"personas": None},
        {"rate_limit": 50},
        {"faults": 0.5},
        {"api_key": ""},
        {"api_key": "with space"},
        {"api_key": "new\nline"},
        {"api_key": None},
        {"host": "0.0.0.0"},  # noqa: S104
        {"host": "192.168.0.1"},
        {"host": "example.com"},
        {"host": "::"},
        {"host": ""},
        {"host": "0.0.0.0", "allow_host": "192.168.0.1"},  # noqa: S104
        {"port": -1},
        {"port": 65536},
        {"port": "80"},
        {"envelope": 1},
        {"retry_after": -1},
        {"retry_after": "soon"},
        {"retry_after_form": "minutes"},
        {"seed": "x"},
        {"record": "yes"},
        {"max_body": 0},
        {"keepalive": float("nan")},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Sandbox(**settings)


def test_a_refused_key_is_not_in_the_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Sandbox(api_key="my secret key")

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "LOCALHOST"])
async def test_it_listens_on_loopback(connect: Connect, host: str) -> None:
    client = await connect(Sandbox(personas=1, host=host))

    assert (await client.get("/personas/p5317866")).status == 200


async def test_another_host_is_taken_when_it_is_meant() -> None:
    async with Sandbox(personas=0, host="0.0.0.0", allow_host="0.0.0.0") as sandbox:  # noqa: S104
        assert sandbox.url.startswith("http://0.0.0.0:")


async def test_addresses_of_version_6_are_bracketed() -> None:
    sandbox = Sandbox(personas=0, host="::1")
    try:
        await sandbox.start()
    except ConfigurationError:
        pytest.skip("no IPv6 here")
    url = sandbox.url
    await sandbox.aclose()

    assert url.startswith("http://[::1]:")


async def test_a_port_that_is_taken_is_told() -> None:
    async with Sandbox(personas=0) as first:
        port = int(first.url.rpartition(":")[2])
        second = Sandbox(personas=0, port=port)
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1, port {port}"):
            await second.start()
        await second.aclose()


def test_it_can_be_made_without_an_event_loop_and_has_no_url_yet() -> None:
    sandbox = Sandbox(personas=3)

    assert repr(sandbox) == "<Sandbox closed, 3 personas, 0 active conversations>"
    with pytest.raises(ConfigurationError, match="while it runs"):
        _ = sandbox.url


async def test_its_repr_tells_the_url_and_no_key() -> None:
    async with Sandbox(personas=3, api_key="very-hidden") as sandbox:
        assert repr(sandbox) == f"<Sandbox {sandbox.url}, 3 personas, 0 active conversations>"


async def test_it_can_be_started_twice_closed_twice_and_started_again(connect: Connect) -> None:
    sandbox = Sandbox(personas=1)
    await sandbox.start()
    url = sandbox.url
    await sandbox.start()
    assert sandbox.url == url
    added = sandbox.add({"persona_name": "kept"})
    await sandbox.aclose()
    await sandbox.aclose()

    client = await connect(sandbox)

    assert (await client.get(f"/personas/{added}")).body["persona_name"] == "kept"


async def test_a_start_that_is_cancelled_leaves_the_port_free() -> None:
    async with Sandbox(personas=0) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
    for pauses in range(4):
        sandbox = Sandbox(personas=0, port=port)
        task = asyncio.create_task(sandbox.start())
        for _ in range(pauses):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        await sandbox.aclose()

    async with Sandbox(personas=0, port=port) as sandbox:
        assert sandbox.url.endswith(f":{port}")


async def test_after_closing_nobody_listens() -> None:
    async with Sandbox(personas=0) as sandbox:
        url = sandbox.url
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientConnectorError):
            await http.get(url)


async def test_closing_is_quick_and_leaves_no_task(eventually: Eventually) -> None:
    before = asyncio.all_tasks()
    sandbox = await Sandbox(personas=1, faults=Faults(latency=60)).start()
    stalled = await Sandbox(personas=1, faults=Faults(stall=1)).start()
    async with aiohttp.ClientSession(headers=KEY) as http:
        async with http.get(sandbox.url + "/v2/unknown", headers={"x-api-key": "idle"}) as response:
            assert response.status == 401
        waiting = [asyncio.ensure_future(http.get(f"{box.url}/v2/personas")) for box in (sandbox, stalled) * 5]
        await eventually(lambda: sandbox.stats().in_flight + stalled.stats().in_flight == 10)
        started = time.monotonic()
        await sandbox.aclose()
        await stalled.aclose()
        took = time.monotonic() - started
        answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert took < 0.5
    assert all(isinstance(answer, aiohttp.ClientError) for answer in answers)
    assert asyncio.all_tasks() == before
    assert sandbox.stats().in_flight == stalled.stats().in_flight == 0


async def test_closing_in_the_middle_of_a_connect_is_quiet(caplog: pytest.LogCaptureFixture) -> None:
    for pauses in range(8):
        sandbox = await Sandbox(personas=0).start()
        with socket.socket() as client:
            # The system takes the connection, and the sandbox notices in its own time.
            client.connect(("127.0.0.1", int(sandbox.url.rpartition(":")[2])))
            for _ in range(pauses):
                await asyncio.sleep(0)
            await sandbox.aclose()

    assert caplog.records == []


async def test_an_upload_that_never_ends_does_not_delay_closing(eventually: Eventually) -> None:
    sandbox = await Sandbox(personas=1).start()
    port = int(sandbox.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /v2/personas HTTP/1.1\r\nHost: x\r\nx-api-key: sandbox-key\r\nContent-Length: 100\r\n\r\n{")
    await eventually(lambda: sandbox.stats().in_flight == 1)
    started = time.monotonic()
    await sandbox.aclose()
    took = time.monotonic() - started
    await reader.read()
    writer.close()

    assert took < 0.5
    assert len(sandbox.persona_ids) == 1


def test_no_warning_is_left_behind() -> None:
    # A raw client, since only the server's own warnings are of interest.
    program = """
import asyncio
import contextlib
from tavus_async.sandbox import Sandbox

async def ask(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /v2/personas HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n")
    writer.write(b"x-api-key: sandbox-key\\r\\n\\r\\n")
    try:
        await reader.read()
    except OSError:
        pass
    finally:
        writer.close()

async def main():
    asyncio.get_running_loop().slow_callback_duration = 60
    async with Sandbox(personas=5) as sandbox:
        idle = await asyncio.open_connection("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
        steps = ("ok", "reset", "stall", "truncate", "garble", "stall", 500)
        sandbox.script(steps)
        asked = [asyncio.create_task(ask(int(sandbox.url.rpartition(":")[2]))) for _ in steps]
        while sandbox.stats().total < len(steps) or sandbox.stats().in_flight > 2:
            await asyncio.sleep(0.001)
        await sandbox.aclose()
        await asyncio.gather(*asked)
        idle[1].close()

asyncio.run(main())
"""
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


HEAD = b"Host: x\r\nx-api-key: sandbox-key\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
        b"GET /v2/personas HTTP/9.9x\r\n" + HEAD + b"\r\n",
        b"GET /v2/personas HTTP/1.1\r\nno colon here\r\n\r\n",
        b"GET /v2/personas HTTP/1.1\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"GET /v2/personas HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"POST /v2/personas HTTP/1.1\r\n" + HEAD + b"Content-Length: many\r\n\r\n",
        b"POST /v2/personas HTTP/1.1\r\n" + HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /v2/personas HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"POST /v2/personas HTTP/1.1\r\n" + HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
async def test_a_malformed_request_is_400_and_nothing_is_logged(caplog: pytest.LogCaptureFixture, sent: bytes) -> None:
    async with Sandbox(personas=0) as sandbox:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
        writer.write(sent)
        answer = await reader.read()
        writer.close()

    assert answer.split(b" ")[1] == b"400"
    assert caplog.records == []
    assert sandbox.stats().in_flight == 0


async def test_what_the_sandbox_itself_gets_wrong_is_logged(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = await connect(Sandbox(personas=0))
    monkeypatch.setattr("tavus_async.sandbox.collection.Collection.find", lambda *_: 1 / 0)

    assert (await client.get("/personas/p1")).status == 500
    assert "ZeroDivisionError" in caplog.text


async def test_bodies_are_copied_when_they_are_given() -> None:
    body: dict[str, Any] = {"persona_id": "p1", "layers": {"tts": {}}}
    sandbox = Sandbox(personas=[body])
    body["layers"]["tts"]["changed"] = True
    sandbox.stored("p1")["layers"] = None

    assert sandbox.stored("p1") == {"persona_id": "p1", "layers": {"tts": {}}}


def test_personas_may_come_from_any_iterable() -> None:
    sandbox = Sandbox(personas=({"pal_id": f"p{number}"} for number in range(3)))

    assert sandbox.persona_ids == ("p0", "p1", "p2")


@pytest.mark.parametrize("persona_id", ["nobody", ""])
def test_asking_for_what_is_not_stored_is_an_error(persona_id: str) -> None:
    sandbox = Sandbox(personas=1)

    with pytest.raises(ConfigurationError, match="no persona"):
        sandbox.stored(persona_id)
    with pytest.raises(ConfigurationError, match="no persona"):
        sandbox.open_maker_draft(persona_id)


def test_objects_of_every_resource_can_be_added_and_looked_at() -> None:
    sandbox = Sandbox(personas=0)

    added = sandbox.add({"conversation_name": "Talk"}, resource="conversations")

    assert sandbox.ids("conversations") == (added,) == sandbox.conversation_ids
    assert sandbox.stored(added, resource="conversations")["conversation_name"] == "Talk"
    assert sandbox.ids("personas") == ()


@pytest.mark.parametrize("resource", ["memory-stores", "memory_stores"])
def test_a_resource_is_named_as_in_paths_or_as_in_python(resource: str) -> None:
    sandbox = Sandbox(personas=0)

    assert sandbox.ids(resource) == ()
    assert sandbox.stored(sandbox.add({}, resource=resource), resource=resource)


def test_an_unknown_resource_is_told_with_those_there_are() -> None:
    sandbox = Sandbox(personas=0)

    for ask in (lambda: sandbox.add({}, resource="unicorns"), lambda: sandbox.ids("unicorns")):
        with pytest.raises(ConfigurationError, match=r"must be one of personas, .*, not 'unicorns'"):
            ask()


async def test_connections_are_counted() -> None:
    async with Sandbox(personas=1, rate_limit=RateLimit(1000, burst=10)) as sandbox:
        assert sandbox.stats().connections == 0
        async with aiohttp.ClientSession(headers=KEY) as http:
            for _ in range(3):
                async with http.get(sandbox.url + "/v2/personas") as response:
                    await response.read()
            assert sandbox.stats().connections == 1
    assert sandbox.stats().connections == 0


async def test_an_idle_connection_is_closed_after_its_time(eventually: Eventually) -> None:
    async with Sandbox(personas=1, keepalive=0.05) as sandbox, aiohttp.ClientSession(headers=KEY) as http:
        async with http.get(sandbox.url + "/v2/personas") as response:
            await response.read()
        await eventually(lambda: not sandbox.stats().connections)

        assert sandbox.stats().total == 1


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("speed", 0),
        ("speed", "fast"),
        ("speed", float("nan")),
        ("credits", -1),
        ("credits", 1.5),
        ("max_conversations", 0),
        ("max_conversations", True),
        ("callbacks", 7),
        ("callbacks", None),
        ("replies", 7),
        ("replies", [7]),
        ("end_body", "null"),
    ],
)
def test_wrong_settings_of_conversations_are_told(setting: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=setting):
        Sandbox(personas=0, **{setting: value})


def test_a_place_for_callbacks_is_short_for_all_their_settings() -> None:
    assert Sandbox(personas=0, callbacks="anywhere").callbacks == Callbacks(to="anywhere")
    assert Sandbox(personas=0, callbacks="hooks.invalid").callbacks.to == ("hooks.invalid",)
    assert Sandbox(personas=0).callbacks.to == ("loopback",)


def test_a_lone_reply_is_one_reply() -> None:
    assert Sandbox(personas=0, replies="Aha.").replies == ("Aha.",)


@pytest.mark.parametrize("seconds", [-1, True, "1", float("inf"), None])
def test_time_goes_forward_by_numbers_only(seconds: Any) -> None:
    with pytest.raises(ConfigurationError, match="seconds must be a number from 0 up"):
        Sandbox(personas=0).advance(seconds)


def test_an_unknown_conversation_is_told() -> None:
    sandbox = Sandbox(personas=0)
    stored = partial(sandbox.stored, resource="conversations")
    for ask in (stored, sandbox.events, lambda each: sandbox.post_event(each, "x", {})):
        with pytest.raises(ConfigurationError, match="no conversation 'c404'"):
            ask("c404")


def test_an_event_that_is_no_json_is_told() -> None:
    sandbox = Sandbox(conversations=1)
    with pytest.raises(ConfigurationError, match="not the properties of an event"):
        sandbox.post_event(sandbox.conversation_ids[0], "x", {"at": object()})


@pytest.mark.parametrize("event_type", ["", None, 7])
def test_an_event_without_a_name_is_told(event_type: Any) -> None:
    sandbox = Sandbox(conversations=1)
    with pytest.raises(ConfigurationError, match="event_type must be a text"):
        sandbox.post_event(sandbox.conversation_ids[0], event_type, {})


def test_what_it_gives_out_is_a_copy() -> None:
    sandbox = Sandbox(conversations=1)
    (conversation_id,) = sandbox.conversation_ids
    sandbox.events(conversation_id)[0]["event_type"] = "changed"
    sandbox.stored(conversation_id, resource="conversations")["status"] = "changed"

    assert sandbox.events(conversation_id)[0]["event_type"] == "system.pal_joined"
    assert sandbox.stored(conversation_id, resource="conversations")["status"] == "ended"


async def test_requests_are_remembered_with_their_answers(connect: Connect) -> None:
    client = await connect(Sandbox(personas=1))
    before = time.time()
    await client.get("/personas/p5317866?verbose=true")
    await client.get("/personas/p404")
    await client.send("GET", "/personas", key=None)
    await client.post("/nowhere", {})
    requests = client.sandbox.requests

    assert [(each.method, each.path, each.endpoint, each.status) for each in requests] == [
        ("GET", "/v2/personas/p5317866", "get_persona", 200),
        ("GET", "/v2/personas/p404", "get_persona", 400),
        ("GET", "/v2/personas", "list_personas", 401),
        ("POST", "/v2/nowhere", "unknown", 404),
    ]
    assert all(before - 1 <= each.at <= time.time() and each.duration >= 0 for each in requests)


@pytest.mark.parametrize(("step", "status"), [("reset", None), ("truncate", None), ("garble", 200), (503, 503)])
async def test_an_answer_that_is_lost_is_remembered_without_a_status(
    connect: Connect, step: Any, status: int | None
) -> None:
    client = await connect(Sandbox(personas=1))
    client.sandbox.script([step])
    with contextlib.suppress(aiohttp.ClientError):
        # A GET would be sent again by the client, without a word.
        await client.post("/personas", {})

    assert [each.status for each in client.sandbox.requests] == [status]


async def test_only_the_newest_requests_are_remembered(connect: Connect) -> None:
    client = await connect(Sandbox(personas=1))
    for number in range(510):
        await client.get(f"/personas/p{number}")

    assert len(client.sandbox.requests) == 500
    assert client.sandbox.requests[0].path == "/v2/personas/p10"


async def test_pages_need_no_key_and_are_no_requests_to_the_api(connect: Connect) -> None:
    client = await connect(Sandbox(personas=1, faults=Faults(error=1.0), rate_limit=RateLimit(0.001, burst=1)))
    async with client.http.get(client.sandbox.url + "/") as first, client.http.get(client.sandbox.url + "/") as second:
        statuses = [first.status, second.status]

    assert statuses == [200, 200]
    assert client.sandbox.stats().total == 0
    assert client.sandbox.requests == ()


async def test_callbacks_and_rooms_are_closed_with_the_sandbox() -> None:
    before = asyncio.all_tasks()
    async with Sandbox(personas=1, conversations=1, speed=1_000) as sandbox:
        sandbox.advance(1)

    assert asyncio.all_tasks() == before
