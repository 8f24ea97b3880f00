"""`tavus-async conversations transcript`, against a sandbox."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async._bulk import polling
from tavus_async.cli.screen import output
from tavus_async.sandbox import Sandbox

Run = Callable[..., Awaitable[Any]]
TRANSCRIPT = ("conversations", "transcript")


@pytest.fixture
async def running(call: Run, sandbox: Sandbox) -> str:
    """A conversation in which something has been said."""
    done = await call("conversations", "create", "--persona", "p5317866", "--greeting", "Hello.")
    conversation_id = str(done.out.split()[0])
    sandbox.advance(5)
    room = sandbox.rooms.get(conversation_id)
    assert room is not None
    room.join("Ann")
    sandbox.advance(10)
    assert (await call("conversations", "say", conversation_id, "How are you?")).code == 0
    sandbox.advance(30)
    return conversation_id


@pytest.fixture
async def ended(call: Run, sandbox: Sandbox, running: str) -> str:
    """The same after its end, with its transcript."""
    assert (await call("conversations", "end", running, "--yes")).code == 0
    sandbox.advance(600)
    return running


async def test_it_is_when_who_and_what(call: Run, ended: str) -> None:
    done = await call(*TRANSCRIPT, ended)

    assert (done.code, done.err) == (0, "")
    turns = [line.split(maxsplit=2) for line in done.out.splitlines()]
    assert [(speaker, words) for _, speaker, words in turns][:2] == [("assistant", "Hello."), ("user", "How are you?")]
    assert all(":" in when for when, _, _ in turns)


async def test_prompts_are_shown_if_asked_for(call: Run, ended: str) -> None:
    said, whole = await call(*TRANSCRIPT, ended), await call(*TRANSCRIPT, ended, "--all")

    assert "system" not in said.out
    assert "system" in whole.out


async def test_json_is_the_whole(call: Run, ended: str) -> None:
    done = await call(*TRANSCRIPT, ended, "--json")

    turns = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert [turn["content"] for turn in turns if turn["role"] == "user"] == ["How are you?"]


async def test_before_it_is_there_it_says_so(call: Run, running: str) -> None:
    early = await call(*TRANSCRIPT, running)
    await call("conversations", "end", running, "--yes")
    late = await call(*TRANSCRIPT, running)

    for done, why in ((early, "the conversation has not ended"), (late, "it comes minutes after the end")):
        assert (done.code, done.out) == (1, "")
        assert done.err == f"tavus-async: {running} has no transcript yet: {why}; --wait waits for it\n"


async def test_it_is_waited_for(
    call: Run, sandbox: Sandbox, running: str, eventually: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "is_watched", lambda: True)
    monkeypatch.setattr(polling, "POLL_DELAY", 0.1)
    waiting = asyncio.ensure_future(call(*TRANSCRIPT, running, "--wait", "--timeout", "30"))
    await eventually(lambda: "get_conversation" in sandbox.stats().requests)
    assert (await call("conversations", "end", running, "--yes")).code == 0
    sandbox.advance(600)
    done = await waiting

    assert done.code == 0
    assert "How are you?" in done.out


async def test_the_wait_ends_with_the_timeout(call: Run, running: str) -> None:
    done = await call(*TRANSCRIPT, running, "--wait", "--timeout", "0.2")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "did not come within 0.2 s" in done.err


async def test_where_nobody_came_none_will_come(call: Run, sandbox: Sandbox) -> None:
    conversation_id = (await call("conversations", "create", "--persona", "p5317866")).out.split()[0]
    sandbox.advance(1_000)
    done = await call(*TRANSCRIPT, conversation_id, "--wait", "--timeout", "30")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "nobody talked in it" in done.err


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "required: ID"),
        (["c1", "c2"], "unknown argument: c2"),
        (["..", "--wait"], "the id contains a dot segment"),
        (["c1", "--whole"], "unknown option: --whole"),
    ],
)
async def test_wrong_usage_is_one_line_that_says_what_to_do(
    args: list[str], reason: str, call: Run, sandbox: Sandbox
) -> None:
    done = await call(*TRANSCRIPT, *args)

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert reason in done.err
