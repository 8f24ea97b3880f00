"""`tavus-async webhooks listen`: as a process of its own, and its parts."""

import asyncio
import json
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tavus_async.cli import main
from tavus_async.cli.main import parse
from tavus_async.cli.nouns.webhooks.listen import callback_url, find_secret, show
from tavus_async.cli.screen import output
from tavus_async.sandbox import Sandbox
from tavus_async.webhooks import parse as parse_event
from tests.support.signalled import signal_when

Run = Callable[..., Awaitable[Any]]
SECRET = "a-secret-of-some-length"
SHUTDOWN = {
    "event_type": "system.shutdown",
    "message_type": "system",
    "conversation_id": "c1\x1b[2J",
    "webhook_url": f"https://x.example/?token={SECRET}",
    "timestamp": "2026-11-26T12:34:56Z",
    "properties": {"shutdown_reason": "max_call_duration reached", "password": "hush", "frames": [1, 2]},
}
posix = pytest.mark.skipif(os.name != "posix", reason="signals")


@asynccontextmanager
async def listening(*args: str, **environment: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Starts the program and gives the callback URL that it tells; ends it if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "always", "-m", "tavus_async", "webhooks", "listen", *args),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    assert process.stderr is not None
    try:
        told = (await asyncio.wait_for(process.stderr.readline(), 20)).decode()
        assert told.startswith("callback_url: http://127.0.0.1:"), told
        await process.stderr.readline()
        yield told.removeprefix("callback_url: ").strip(), process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def post(url: str, body: dict[str, Any]) -> int:
    """Posts a body as Tavus does, and returns the status."""

    def send() -> int:
        request = urllib.request.Request(url, data=json.dumps(body).encode(), method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    return await asyncio.to_thread(send)


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_events_are_printed_once_as_json_lines_and_a_signal_ends_it(number: signal.Signals) -> None:
    async with listening("--path", "/hook", TAVUS_WEBHOOK_SECRET=SECRET) as (url, process):
        assert url.endswith(f"/hook?token={SECRET}")
        assert [await post(url, SHUTDOWN), await post(url, SHUTDOWN)] == [200, 200]
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 5)
        process.send_signal(number)
        out, err = await asyncio.wait_for(process.communicate(), 5)

    event = json.loads(line)
    assert (event["event_type"], event["webhook_url"]) == ("system.shutdown", "https://x.example/***")
    assert event["properties"]["shutdown_reason"] == "max_call_duration reached"
    assert (process.returncode, out, err) == (0, b"", b"")


@posix
async def test_what_comes_without_the_secret_is_refused_and_told() -> None:
    async with listening() as (url, process):
        refused = await post(url.partition("?")[0], SHUTDOWN)
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), 5)

    assert (refused, out) == (404, b"")
    assert err == b"a request without the webhook's secret was refused\n"
    assert len(url.partition("token=")[2]) == 43


@posix
async def test_without_a_secret_everybody_may_send() -> None:
    async with listening("--no-secret") as (url, process):
        assert "?" not in url
        assert await post(url, SHUTDOWN) == 200
        assert process.stdout is not None
        assert json.loads(await asyncio.wait_for(process.stdout.readline(), 5))["event_type"] == "system.shutdown"


@posix
@pytest.mark.parametrize(("secret", "status"), [([], 404), (["--no-secret"], 200)])
def test_what_is_refused_is_told_and_what_is_not_is_printed(
    secret: list[str], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told, answered = list[str](), list[int]()
    tell_aside = output.tell_aside

    def note(message: str, *, end: str = "\n") -> None:
        tell_aside(message, end=end)
        told.append(message)

    def is_answered() -> bool:
        if told and not answered:
            url = told[0].removeprefix("callback_url: ").partition("?")[0]
            answered.append(asyncio.run(post(url, SHUTDOWN)))
        return bool(answered)

    monkeypatch.setattr(output, "tell_aside", note)
    with signal_when(signal.SIGINT, is_answered):
        assert main(["webhooks", "listen", *secret]) == 0

    out = capsys.readouterr().out
    assert answered == [status]
    assert (out.count("\n"), "a request without the webhook's secret was refused" in told) == (
        (0, True) if status == 404 else (1, False)
    )


@posix
async def test_a_reader_that_goes_away_ends_it() -> None:
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tavus_async", "webhooks", "listen", "--no-secret"),
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writing)
    assert process.stderr is not None
    url = (await asyncio.wait_for(process.stderr.readline(), 20)).decode().removeprefix("callback_url: ").strip()
    os.close(reading)
    status = await post(url, SHUTDOWN)
    await asyncio.wait_for(process.wait(), 5)

    assert (status, process.returncode) == (500, 141)


async def test_the_events_of_a_conversation_are_heard() -> None:
    async with Sandbox(personas=1, speed=200) as sandbox, listening() as (url, process):
        call = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tavus_async", "conversations", "create", "--persona", "p5317866"),
            *("--callback-url", url, "--base-url", sandbox.url),
            env={**os.environ, "TAVUS_API_KEY": sandbox.api_key},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await call.communicate()
        assert process.stdout is not None
        event = json.loads(await asyncio.wait_for(process.stdout.readline(), 10))

    assert event["conversation_id"] == out.decode().split()[0]


def test_a_line_for_people_has_no_secrets_and_steers_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "is_displayed", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    show(parse_event(json.dumps(SHUTDOWN)), is_json=False)

    assert capsys.readouterr().out == (
        "12:34:56  c1 [2J  system.shutdown  shutdown_reason max_call_duration reached, password ***, frames (2)\n"
    )


def test_it_is_one_line_of_the_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_displayed", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    show(parse_event(json.dumps(SHUTDOWN)), is_json=False)

    assert capsys.readouterr().out == "12:34:56  c1 [2J  system.shutdown  shutdown_reason max_ca...\n"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ("--public-url https://x.example", "https://x.example/?token="),
        ("--public-url https://x.example/ --path /hook", "https://x.example/hook?token="),
        ("--public-url https://x.example/own/way --path /hook", "https://x.example/own/way?token="),
    ],
)
def test_a_public_address_stands_for_this_one(args: str, expected: str) -> None:
    options = parse(["webhooks", "listen", *args.split()])
    url = callback_url("http://127.0.0.1:1/", options, find_secret(options))

    assert url.startswith(expected)


def test_a_taken_port_is_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        assert main(["webhooks", "listen", "--port", port]) == 1

    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"tavus-async: cannot listen on 127.0.0.1, port {port}: ")


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["--secret", "short"], "must have at least 16 characters"),
        (["--secret", "a" * 20, "--no-secret"], "not allowed with"),
        (["--no-secret", "--host", "0.0.0.0"], "--no-secret is for this machine alone"),  # noqa: S104
        (["--public-url", "x.example"], "--public-url: a callback URL must be a whole http or https URL"),
        (["--public-url", "x.example", "--no-secret"], "--public-url: a callback URL must be"),
        (["--path", "hook"], "--path: the path of a route must begin with a slash"),
        (["--path", "/{"], "--path: "),
        (["--port", "70000"], "must be a port"),
        (["c1"], "unknown argument: c1"),
    ],
)
def test_wrong_usage_is_one_line_that_says_what_to_do(
    args: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["webhooks", "listen", *args]) == 2

    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert reason in err


@pytest.mark.parametrize("host", ["a..b", "é" * 70, "192.0.2.1"])
def test_an_address_that_cannot_be_listened_on_is_one_line(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhooks", "listen", "--host", host, "--port", "1"]) == 1

    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"tavus-async: cannot listen on {host}, port 1: ")
