"""`tavus-async conversations say`, against a sandbox."""

import io
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.cli.main import parse
from tavus_async.cli.nouns.conversations.say import make_messages
from tavus_async.sandbox import Sandbox

Run = Callable[..., Awaitable[Any]]
SAY = ("conversations", "say")


@pytest.fixture
async def running(call: Run, sandbox: Sandbox) -> str:
    """A conversation, in which the persona is."""
    done = await call("conversations", "create", "--persona", "p5317866")
    sandbox.advance(5)
    return str(done.out.split()[0])


def said(*words: str) -> list[dict[str, Any]]:
    """What would be sent."""
    return [message.to_dict() for message in make_messages(parse([*SAY, "c1", *words]))]


def message(event_type: str, **properties: str) -> dict[str, Any]:
    body = {"event_type": f"conversation.{event_type}", "message_type": "conversation"}
    return body | ({"properties": properties} if properties else {})


def test_words_are_answered_echoed_or_preceded_by_silence() -> None:
    echo = message("echo", modality="text", text="Hi there.")

    assert said("Hi", "there.") == said("Hi there.") == [message("respond", text="Hi there.")]
    assert said("--echo", "Hi there.") == [echo]
    assert said("--interrupt") == [message("interrupt")]
    assert said("Hi", "--echo", "there.", "--interrupt") == [message("interrupt"), echo]


def test_the_words_come_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b" Two\nlines.\n")))

    assert said("-") == [message("respond", text="Two\nlines.")]


async def test_what_is_said_is_heard(call: Run, sandbox: Sandbox, running: str) -> None:
    done = await call(*SAY, running, "--echo", "Good bye.")

    assert done == (0, "", "")
    assert sandbox.stats().requests["send_app_message"] == 1


async def test_in_a_conversation_that_has_ended_nothing_is_said(call: Run, sandbox: Sandbox, running: str) -> None:
    await call("conversations", "end", running, "--yes")
    done = await call(*SAY, running, "Hello?")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "only be sent to active conversations" in done.err


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "required: ID"),
        (["c1"], "nothing to say: give a TEXT, or --interrupt"),
        (["c1", " "], "nothing to say: give a TEXT, or --interrupt"),
        (["c1", "--interrupt", "--echo"], "nothing to say: --echo needs a TEXT"),
        (["c1", "-", "--api-key-file", "-"], "stdin cannot give both the API key and the text"),
        (["..", "Hi"], "the id contains a dot segment"),
        (["c1", "--eco", "Hi"], "unknown option: --eco; did you mean --echo?"),
    ],
)
async def test_wrong_usage_is_one_line_that_says_what_to_do(
    args: list[str], reason: str, call: Run, sandbox: Sandbox
) -> None:
    done = await call(*SAY, *args)

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert reason in done.err
    assert sandbox.stats().total == 0
