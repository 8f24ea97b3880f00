"""Conversations on the command line."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tavus_async import Conversation
from tavus_async.cli.nouns.conversations import age
from tavus_async.cli.resources import find_noun
from tavus_async.cli.screen import output
from tavus_async.sandbox import Sandbox

CONVERSATION = find_noun("conversations")

Run = Callable[..., Awaitable[Any]]
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
async def ann(call: Run, sandbox: Sandbox) -> str:
    """A conversation that runs, and has a secret address."""
    create = ("conversations", "create", "--persona", "p5317866", "--name", "Ann", "--require-auth")
    done = await call(*create, "--callback-url", "http://127.0.0.1:1/?token=very-secret")
    sandbox.advance(5)
    return str(done.out.split()[0])


def test_a_conversation_is_a_row() -> None:
    whole = Conversation(
        conversation_id="c1", conversation_name="Ann", status="active", persona_id="p1", replica_id="r1", created_at=NOW
    )

    assert CONVERSATION.row(whole) == ("c1", "Ann", "active", "p1", "2026-01-02 03:04")
    assert CONVERSATION.row(Conversation(conversation_id="c1")) == ("c1", "(no name)", "", "", "")


def test_the_age_is_told_where_it_is_known() -> None:
    assert age(Conversation(conversation_id="c1", created_at=NOW), NOW + timedelta(seconds=61)) == "1m 1s"
    assert age(Conversation(conversation_id="c1"), NOW) == ""


async def test_the_active_ones_are_listed_alone(call: Run, sandbox: Sandbox, ann: str) -> None:
    over = (await call("conversations", "create", "--persona", "p5317866")).out.split()[0]
    await call("conversations", "end", over, "--yes")
    listed = [
        await call("conversations", "list", *more) for more in ([], ["--status", "active"], ["--status", "ended"])
    ]

    found = [{json.loads(line)["conversation_id"] for line in done.out.splitlines()} for done in listed]
    assert found == [{ann, over}, {ann}, {over}]


async def test_a_terminal_gets_a_table(call: Run, ann: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_displayed", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    done = await call("conversations", "list")

    head, row = done.out.splitlines()
    assert head.split() == ["id", "name", "status", "persona", "created", "(UTC)"]
    assert row.split()[:4] == [ann, "Ann", "active", "p5317866"]
    assert done.err == "1 conversation\n"


async def test_with_verbose_there_is_what_happened(call: Run, ann: str) -> None:
    plain, verbose = await call("conversations", "get", ann), await call("conversations", "get", ann, "--verbose")

    assert "events" not in json.loads(plain.out)
    assert "system.replica_joined" in {event["event_type"] for event in json.loads(verbose.out)["events"]}


async def test_the_view_shows_what_happened_and_no_secrets(call: Run, ann: str) -> None:
    await call("conversations", "end", ann, "--yes")
    done = await call("conversations", "get", ann, "--verbose", "--pretty")

    assert done.out.splitlines()[:2] == [f"Ann  {ann}", "status            ended"]
    assert "system.shutdown" in done.out
    assert "very-secret" not in done.out
    assert "?t=" not in done.out.replace("?***", "")


async def test_they_are_deleted_after_a_question(
    call: Run, sandbox: Sandbox, ann: str, typed: Callable[[str], None]
) -> None:
    typed("n\n")
    done = await call("conversations", "delete", ann)
    assert done == (1, "", f'Delete "Ann" ({ann})? [y/N] tavus-async: nothing was deleted\n')

    typed("y\n")
    done = await call("conversations", "delete", ann, "--hard")

    assert done == (0, f"{ann}\n", f'Delete "Ann" ({ann}) for good? [y/N] ')
    assert ann not in sandbox.conversation_ids
