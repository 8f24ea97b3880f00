"""`tavus-async conversations end`, against a sandbox."""

import asyncio
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tavus_async import AsyncSession, Conversation
from tavus_async.cli import main
from tavus_async.cli.nouns.conversations.end import fits
from tavus_async.cli.screen import output
from tavus_async.sandbox import Answer, Sandbox
from tests.support.elsewhere import sandbox_elsewhere
from tests.support.signalled import signal_when

Run = Callable[..., Awaitable[Any]]
Type = Callable[[str], None]
STOCK = "p5317866"
END = ("conversations", "end")


async def start(sandbox: Sandbox, **fields: str) -> str:
    """Starts a conversation and returns its id."""
    async with AsyncSession(sandbox.api_key, base_url=sandbox.url) as session:
        return (await session.create_conversation({"persona_id": STOCK, **fields})).conversation_id


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_watched", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")


async def test_ids_are_ended_and_printed(call: Run, sandbox: Sandbox) -> None:
    first, second, third = [await start(sandbox) for _ in range(3)]
    done = await call(*END, second, first, second, "--yes")

    assert (done.code, sorted(done.out.split()), done.err) == (0, sorted([first, second]), "")
    assert sandbox.active_conversation_ids == (third,)


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_what_has_ended_is_told_though_another_is_slow_until_a_signal_comes(
    number: signal.Signals,
    code: int,
    word: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    with sandbox_elsewhere() as sandbox, (tmp_path / "out").open("w", encoding="utf-8") as stdout:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        slow, *others = [asyncio.run(start(sandbox)) for _ in range(3)]
        sandbox.script(["stall"])
        monkeypatch.setattr(sys, "stdout", stdout)
        with signal_when(number, lambda: (tmp_path / "out").read_bytes().count(b"\n") == 2):
            assert main([*END, slow, *others, "--yes"]) == code

    assert sorted((tmp_path / "out").read_text(encoding="utf-8").split()) == sorted(others)
    assert capsys.readouterr() == ("", f"tavus-async: may have ended too: {slow}\ntavus-async: {word}\n")


async def test_it_asks_with_a_table(call: Run, sandbox: Sandbox, typed: Type, watched: None) -> None:
    ann = await start(sandbox, conversation_name="Ann\x1b[2J")
    typed("n\n")
    done = await call(*END, ann)

    head, row, question = done.err.splitlines()
    assert (done.code, done.out) == (1, "")
    assert head.split() == ["id", "name", "persona", "age"]
    assert row.split()[:-1] == [ann, "Ann", "[2J", STOCK]
    assert row.split()[-1].endswith("s")
    assert question == "End this conversation? [y/N] tavus-async: nothing was ended"
    assert ann in sandbox.active_conversation_ids

    typed("y\n")
    done = await call(*END, ann)
    assert (done.code, done.out) == (0, f"{ann}\n")
    assert done.err.endswith("[y/N] 1 of 1 ended\n")
    assert sandbox.active_conversation_ids == ()


async def test_without_rich_it_asks_with_lines(
    call: Run, sandbox: Sandbox, typed: Type, watched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("tavus_async.cli.screen.show")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setitem(sys.modules, "rich.table", None)
    ann = await start(sandbox, conversation_name="Ann")
    typed("y\n")
    done = await call(*END, ann)

    assert done.code == 0
    assert done.err.splitlines()[0].startswith(f"{ann}  Ann  {STOCK}  ")


async def test_filters_choose_among_the_active(call: Run, sandbox: Sandbox) -> None:
    test_1, test_2 = await start(sandbox, conversation_name="test-1"), await start(sandbox, conversation_name="test-2")
    other = await start(sandbox, conversation_name="a test-3")
    over = await start(sandbox, conversation_name="test-4")
    assert (await call(*END, over, "--yes")).code == 0

    nobody = await call(*END, "--name-prefix", "test-", "--persona", "p-other", "--yes")
    young = await call(*END, "--name-prefix", "test-", "--older-than", "1h", "--yes")
    done = await call(*END, "--name-prefix", "test-", "--persona", STOCK, "--older-than", "0", "--yes")

    assert nobody == young == (0, "", "")
    assert (done.code, sorted(done.out.split()), done.err) == (0, sorted([test_1, test_2]), "")
    assert sandbox.active_conversation_ids == (other,)


async def test_all_are_ended_over_all_pages(call: Run, sandbox: Sandbox, typed: Type, watched: None) -> None:
    async with AsyncSession(sandbox.api_key, base_url=sandbox.url, rate_limit=1_000) as session:
        for _ in range(103):
            await session.create_conversation({"persona_id": STOCK})
    typed("y\n")
    done = await call(*END, "--all", "--rate", "1000", "--burst", "100")

    assert (done.code, done.out.count("\n")) == (0, 103)
    assert done.err.endswith("End these 103 conversations? [y/N] 103 of 103 ended\n")
    assert sandbox.active_conversation_ids == ()


async def test_where_nothing_matches_a_person_is_told(call: Run, sandbox: Sandbox, typed: Type, watched: None) -> None:
    typed("")

    assert await call(*END, "--all") == (0, "", "no active conversation matches\n")


async def test_where_nobody_can_answer_it_takes_a_yes(call: Run, sandbox: Sandbox) -> None:
    done = await call(*END, "--all")

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "--yes" in done.err
    assert sandbox.stats().total == 0


async def test_an_id_that_fails_is_one_line_and_the_others_go_on(call: Run, sandbox: Sandbox) -> None:
    ann = await start(sandbox)
    some = await call(*END, "c-none", ann, "--yes")
    none = await call(*END, "c-none", "--yes")

    assert (some.code, some.out, some.err.count("\n")) == (3, f"{ann}\n", 1)
    assert some.err.startswith("tavus-async: c-none: POST ")
    assert (none.code, none.out, none.err.count("\n")) == (1, "", 1)


async def test_what_has_ended_since_it_was_found_has_ended(call: Run, sandbox: Sandbox) -> None:
    page = b'{"data": [{"conversation_id": "c-gone", "status": "active"}], "total_count": 1}'
    sandbox.script([Answer(body=page)])
    done = await call(*END, "--all", "--yes")

    assert done == (0, "c-gone\n", "")


async def test_a_refused_key_is_said_once(call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "wrong")
    done = await call(*END, "c1", "c2", "--yes")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "401" in done.err


@pytest.mark.parametrize(
    ("when", "is_meant"), [(timedelta(seconds=61), True), (timedelta(seconds=59), False), (None, False)]
)
def test_what_does_not_tell_its_age_is_not_older(when: timedelta | None, is_meant: bool) -> None:
    now = datetime.now(UTC)
    conversation = Conversation(conversation_id="c1", created_at=None if when is None else now - when)
    options = Namespace(persona_id=None, replica_id=None, name_prefix=None, older_than=60.0)

    assert fits(conversation, options, now) is is_meant


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "which conversations? give their ids, or filters such as --older-than 1h, or --all"),
        (["c1", "--all"], "give either ids or --all"),
        (["--all", "--persona", "p1"], "give either filters or --all"),
        (["--older-than", "a while"], "must be a time such as 90 (seconds), 10m or 1h30m, not 'a while'"),
        (["--name", "x"], "unknown option: --name; did you mean --name-prefix?"),
    ],
)
async def test_wrong_usage_is_one_line_that_says_what_to_do(
    args: list[str], reason: str, call: Run, sandbox: Sandbox
) -> None:
    done = await call(*END, *args, "--yes")

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert reason in done.err
    assert sandbox.stats().total == 0
