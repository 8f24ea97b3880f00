"""`tavus-async sandbox`, as a process of its own."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
import urllib.error
import urllib.request
from argparse import ArgumentTypeError
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest

from tavus_async.cli import main
from tavus_async.cli.commands.sandbox import RequestLog, make_sandbox, retry_after, served
from tavus_async.cli.main import make_parser
from tavus_async.cli.screen import output
from tavus_async.sandbox import Callbacks, Faults, Sandbox, ServedRequest
from tests.support.signalled import signal_when

posix = pytest.mark.skipif(os.name != "posix", reason="signals")


@asynccontextmanager
async def running(*args: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Starts the program and gives its first line; ends it if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "always", "-m", "tavus_async", "sandbox", *args),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 20)
        yield line.decode(), process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def fetch(url: str, key: str) -> Any:
    """Does one GET with the standard library."""
    request = urllib.request.Request(url, headers={"x-api-key": key})  # noqa: S310
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
        return json.load(response)


@posix
async def test_it_prints_its_url_serves_and_ends_quietly() -> None:
    async with running("--personas", "3", "--api-key", "my-key", "--quiet") as (line, process):
        url = line.strip()
        persona = await asyncio.to_thread(fetch, f"{url}/v2/personas/p5317866", "my-key")
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), 5)

    assert persona["persona_id"] == "p5317866"
    assert line == f"{url}\n"
    assert url.startswith("http://127.0.0.1:")
    assert (process.returncode, out) == (0, b"")
    assert err.decode().splitlines() == [
        "3 personas, API key my-key. A browser shows what happens in it. Ctrl-C ends it.",
        f"Try: export TAVUS_API_KEY=my-key TAVUS_BASE_URL={url}",
        "then: tavus-async personas get p5317866",
        "or: tavus-async conversations create --persona p5317866 --open --wait",
    ]


@posix
async def test_its_log_has_a_line_for_each_request() -> None:
    async with running("--personas", "1") as (line, process):
        assert process.stderr is not None
        for _ in range(4):
            await process.stderr.readline()
        for _ in range(2):
            await asyncio.to_thread(fetch, f"{line.strip()}/v2/personas/p5317866", "sandbox-key")
        logged = [(await asyncio.wait_for(process.stderr.readline(), 5)).decode() for _ in range(2)]
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), 5)

    assert err == b""
    for each in logged:
        assert re.fullmatch(r"\d\d:\d\d:\d\d GET /v2/personas/p5317866: 200, \d+ ms\n", each)


def test_a_request_without_an_answer_is_logged_as_one() -> None:
    request = ServedRequest(
        at=0.0, method="GET", path="/v2/personas", endpoint="list_personas", status=None, duration=1.5
    )

    assert served(request) == "00:00:00 GET /v2/personas: no answer, 1500 ms"


@posix
def test_it_ends_while_a_client_waits(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    urls: list[str] = []
    monkeypatch.setattr(output, "put", urls.append)
    with ExitStack() as clients:

        def is_a_client_there() -> bool:
            for url in urls:
                host, _, port = url.removeprefix("http://").rpartition(":")
                client = clients.enter_context(socket.create_connection((host, int(port))))
                client.sendall(b"GET /v2/personas HTTP/1.1\r\nHost: x\r\nx-api-key: sandbox-key\r\n\r\n")
            return bool(urls)

        with signal_when(signal.SIGTERM, is_a_client_there):
            assert main(["sandbox", "--stall", "1"]) == 0

    assert len(urls) == 1
    assert capsys.readouterr().err.count("\n") == 4


def test_a_taken_port_is_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        assert main(["sandbox", "--port", port]) == 1

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"tavus-async: cannot listen on 127.0.0.1, port {port}")
    assert err.count("\n") == 1


def test_every_option_reaches_the_sandbox() -> None:
    words = "sandbox --host 0.0.0.0 --allow-host 0.0.0.0 --port 8787 --personas 7 --rate 50 --burst 4 --api-key k"
    words += " --latency 0.1 --error 0.2 --reset 0.3 --stall 0.4 --truncate 0.5 --garble 0.6 --retry-after exact"
    words += " --envelope --seed 9 --conversations 3 --speed 60 --credits 5 --max-conversations 2"
    words += " --reply Yes. --reply No. --callbacks-to hooks.example.com --callbacks-to 10.0.0.1"
    sandbox = make_sandbox(make_parser().parse_args(words.split()))

    assert (sandbox.host, sandbox.port, sandbox.api_key, sandbox.seed) == ("0.0.0.0", 8787, "k", 9)  # noqa: S104
    assert len(sandbox.persona_ids) == 7
    assert sandbox.rate_limit is not None
    assert (sandbox.rate_limit.per_second, sandbox.rate_limit.burst) == (50, 4)
    assert sandbox.faults == Faults(latency=0.1, error=0.2, reset=0.3, stall=0.4, truncate=0.5, garble=0.6)
    assert sandbox.retry_after == "exact"
    assert sandbox.envelope
    assert (sandbox.speed, sandbox.credits_left, sandbox.max_conversations) == (60, 5, 2)
    assert (len(sandbox.conversation_ids), sandbox.replies) == (3, ("Yes.", "No."))
    assert sandbox.callbacks.to == ("hooks.example.com", "10.0.0.1")


def test_by_default_it_is_a_calm_sandbox_without_a_limit() -> None:
    sandbox = make_sandbox(make_parser().parse_args(["sandbox"]))

    assert sandbox.rate_limit is None
    assert sandbox.faults == Faults()
    assert (sandbox.speed, sandbox.credits_left, sandbox.max_conversations) == (1, None, None)
    assert sandbox.callbacks == Callbacks()


def test_a_rate_without_a_burst_takes_the_usual_burst() -> None:
    sandbox = make_sandbox(make_parser().parse_args(["sandbox", "--rate", "5"]))

    assert sandbox.rate_limit is not None
    assert sandbox.rate_limit.burst == 10


@pytest.mark.parametrize(("text", "value"), [("0", 0.0), ("1.5", 1.5), ("exact", "exact"), ("none", None)])
def test_retry_after_is_a_time_or_a_word(text: str, value: object) -> None:
    assert retry_after(text) == value


@pytest.mark.parametrize("text", ["-1", "never", "", "inf"])
def test_any_other_retry_after_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="exact or none"):
        retry_after(text)


async def test_a_request_is_logged_once(capsys: pytest.CaptureFixture[str]) -> None:
    async with Sandbox(personas=1) as sandbox:
        log, url = RequestLog(sandbox), f"{sandbox.url}/v2/personas/p5317866"
        for _ in range(2):
            await asyncio.to_thread(fetch, url, sandbox.api_key)
            log.tell()
            log.tell()

    assert capsys.readouterr().err.count("GET /v2/personas/p5317866: 200") == 2


async def test_of_more_requests_than_a_sandbox_remembers_the_number_is_logged(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Sandbox(personas=1) as sandbox:
        log = RequestLog(sandbox)
        for _ in range(3):
            await asyncio.to_thread(fetch, f"{sandbox.url}/v2/personas/p5317866", sandbox.api_key)
        newest = sandbox.requests[1:]
        monkeypatch.setattr(Sandbox, "requests", property(lambda _: newest))
        log.tell()

    first, *others = capsys.readouterr().err.splitlines()
    assert (first, len(others)) == ("1 request more, too many to be told", 2)


@pytest.mark.parametrize("host", ["a..b", "é" * 70, "192.0.2.1"])
def test_an_address_that_cannot_be_listened_on_is_one_line(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "--host", host, "--allow-host", host]) == 1

    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"tavus-async: cannot listen on {host}, port 0: ")
