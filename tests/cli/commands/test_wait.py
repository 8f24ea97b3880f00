"""`wait`: until records are ready."""

import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tavus_async._bulk import polling
from tavus_async.cli import main
from tavus_async.sandbox import Sandbox
from tests.support.elsewhere import sandbox_elsewhere
from tests.support.signalled import signal_when
from tests.support.streams import run_on

Run = Callable[..., Awaitable[Any]]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLL_DELAY", 0.02)
    monkeypatch.setattr(polling, "LONGEST_POLL_DELAY", 0.05)


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox(personas=1) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        yield sandbox


def add(sandbox: Sandbox, resource: str, **body: Any) -> str:
    return sandbox.add(body, resource=resource)


@pytest.mark.parametrize(
    ("noun", "status"),
    [("videos", "ready"), ("documents", "ready"), ("replicas", "completed"), ("voices", "completed")],
)
async def test_what_is_ready_is_printed_as_get_prints_it(noun: str, status: str, call: Run, sandbox: Sandbox) -> None:
    item_id = add(sandbox, noun, status=status)
    got, waited = await call(noun, "get", item_id), await call(noun, "wait", item_id)

    assert (waited.code, waited.err) == (0, "")
    assert waited.out == got.out


async def test_several_are_printed_a_line_each_as_they_come(call: Run, sandbox: Sandbox) -> None:
    ids = [add(sandbox, "videos", status="ready") for _ in range(3)]
    done = await call("videos", "wait", *ids, ids[0])

    assert done.code == 0
    assert sorted(json.loads(line)["video_id"] for line in done.out.splitlines()) == sorted(ids)


async def test_many_are_read_together(call: Run, sandbox: Sandbox) -> None:
    ids = [add(sandbox, "videos", status="ready") for _ in range(30)]
    bad = add(sandbox, "videos", status="error", status_details="Too short.")
    done = await call("videos", "wait", *ids, bad)

    assert done.code == 3
    assert sorted(json.loads(line)["video_id"] for line in done.out.splitlines()) == sorted(ids)
    assert "Too short." in done.err
    assert sandbox.stats().total < 20


async def test_what_has_failed_is_one_line_with_the_reason(call: Run, sandbox: Sandbox) -> None:
    good = add(sandbox, "videos", status="ready")
    bad = add(sandbox, "videos", status="error", status_details="The audio is too short.")
    done = await call("videos", "wait", bad, good, "nope")

    assert (done.code, json.loads(done.out)["video_id"]) == (3, good)
    lines = sorted(done.err.splitlines())
    assert len(lines) == 2
    assert any(line.startswith(f"tavus-async: {bad}: ") and "The audio is too short." in line for line in lines)
    assert any("nope" in line for line in lines)
    assert (await call("videos", "wait", bad)).code == 1


async def test_the_timeout_ends_the_wait(call: Run, sandbox: Sandbox) -> None:
    item_id = add(sandbox, "documents", status="processing")
    done = await call("documents", "wait", item_id, "--timeout", "0.1")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "0.1 s" in done.err


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
async def test_a_terminal_sees_what_is_waited_for(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    ids = [
        add(sandbox, "videos", status="generating", generation_progress="37/100"),
        add(sandbox, "videos", status="generating", generation_progress="37/100"),
    ]
    words = ["--timeout", "0.6"]
    one = await run_on("terminal", "videos", "wait", ids[0], *words, monkeypatch=monkeypatch)
    two = await run_on("terminal", "videos", "wait", *ids, *words, monkeypatch=monkeypatch)

    assert "0/1 generating 37/100" in without_colours(one.err)
    assert "0/2 2 generating 37/100" in without_colours(two.err)


def without_colours(text: str) -> str:
    parts = text.split("\x1b[")
    return parts[0] + "".join(part.partition("m")[2] for part in parts[1:])


async def test_a_wrong_key_is_said_once(call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "another-key-0123")
    done = await call("videos", "wait", "v1", "v2", "v3")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_ends_the_wait(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with sandbox_elsewhere(personas=1) as sandbox:
        item_id = add(sandbox, "videos", status="generating")
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        with signal_when(signal.SIGINT, lambda: sandbox.stats().total >= 1):
            assert main(["videos", "wait", item_id]) == 130

    assert capsys.readouterr() == ("", "tavus-async: interrupted\n")
