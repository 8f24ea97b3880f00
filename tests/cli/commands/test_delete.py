"""`tavus-async personas delete`, against a sandbox."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Run = Callable[..., Awaitable[Any]]
Type = Callable[[str], None]


@pytest.fixture
def ann(sandbox: Sandbox) -> str:
    return sandbox.add({"persona_name": "Ann", "system_prompt": "x"})


@pytest.fixture
def bob(sandbox: Sandbox) -> str:
    return sandbox.add({"persona_name": "Bob", "system_prompt": "x"})


async def test_a_yes_deletes_and_prints_what(call: Run, sandbox: Sandbox, ann: str, bob: str) -> None:
    done = await call("personas", "delete", ann, bob, ann, "--yes")

    assert done == (0, f"{ann}\n{bob}\n", "")
    assert not {ann, bob} & set(sandbox.persona_ids)
    assert sandbox.stats().requests == {"delete_persona": 2}


async def test_it_asks_by_name(call: Run, sandbox: Sandbox, ann: str, bob: str, typed: Type) -> None:
    typed("n\n")
    done = await call("personas", "delete", ann)
    assert done == (1, "", f'Delete "Ann" ({ann}) for good? [y/N] tavus-async: nothing was deleted\n')

    typed("y\n")
    done = await call("personas", "delete", ann, bob)
    assert done == (0, f"{ann}\n{bob}\n", f'"Ann" ({ann})\n"Bob" ({bob})\nDelete these 2 personas for good? [y/N] ')
    assert not {ann, bob} & set(sandbox.persona_ids)


async def test_where_nobody_can_answer_it_takes_a_yes(call: Run, sandbox: Sandbox, ann: str) -> None:
    done = await call("personas", "delete", ann)

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "--yes" in done.err
    assert sandbox.stats().total == 0


async def test_an_id_that_fails_is_one_line_and_the_others_go_on(
    call: Run, sandbox: Sandbox, ann: str, bob: str, typed: Type
) -> None:
    done = await call("personas", "delete", "p-none", ann, "--yes")
    assert (done.code, done.out) == (3, f"{ann}\n")
    assert done.err.startswith("tavus-async: p-none: DELETE ")
    assert done.err.count("\n") == 1

    typed("y\n")
    done = await call("personas", "delete", "p-none", bob)
    assert (done.code, done.out) == (3, f"{bob}\n")
    assert f'Delete "Bob" ({bob}) for good?' in done.err

    done = await call("personas", "delete", "p-none", "p-nope")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 2)


async def test_a_refused_key_is_said_once(
    call: Run, sandbox: Sandbox, ann: str, bob: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "wrong")
    done = await call("personas", "delete", ann, bob, "--yes")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "401" in done.err
    assert {ann, bob} <= set(sandbox.persona_ids)


@pytest.mark.skipif(os.name != "posix", reason="terminals")
async def test_a_real_terminal_is_asked(sandbox: Sandbox, ann: str) -> None:
    ours, theirs = os.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "always", "-m", "tavus_async", "personas", "delete", ann),
        stdin=theirs,
        stderr=theirs,
        stdout=asyncio.subprocess.PIPE,
    )
    os.close(theirs)
    seen = b""
    while not seen.endswith(b"[y/N] "):
        seen += await asyncio.to_thread(os.read, ours, 1000)
    assert ann in sandbox.persona_ids
    os.write(ours, b"y\n")
    out, _ = await asyncio.wait_for(process.communicate(), 20)
    os.close(ours)

    assert (process.returncode, out.decode()) == (0, f"{ann}\n")
    assert seen.decode() == f'Delete "Ann" ({ann}) for good? [y/N] '
    assert ann not in sandbox.persona_ids


@pytest.mark.parametrize("args", [[], ["--yes"], ["p1", "--force"]])
async def test_wrong_usage_is_one_line(call: Run, sandbox: Sandbox, args: list[str]) -> None:
    done = await call("personas", "delete", *args)

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
