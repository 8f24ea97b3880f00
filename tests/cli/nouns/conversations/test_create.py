"""`tavus-async conversations create`, against a sandbox."""

import asyncio
import json
import os
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tavus_async.cli import main
from tavus_async.cli.main import parse
from tavus_async.cli.nouns.conversations import create
from tavus_async.cli.screen import output
from tavus_async.cli.signals import ENDING_SIGNALS
from tavus_async.sandbox import Answer, Sandbox
from tests.support.elsewhere import sandbox_elsewhere
from tests.support.signalled import signal_when

Run = Callable[..., Awaitable[Any]]
STOCK = "p5317866"
posix = pytest.mark.skipif(os.name != "posix", reason="signals")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were opened in a browser."""
    urls: list[str] = []

    def note(url: str) -> bool:
        urls.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", note)
    return urls


async def test_options_become_a_conversation_and_its_id_and_its_address_are_printed(
    call: Run, sandbox: Sandbox
) -> None:
    done = await call(
        *(
            "conversations",
            "create",
            "--persona",
            STOCK,
            "--name",
            "Visit",
            "--greeting",
            "Hi.",
            "--context",
            "It rains.",
        ),
        *("--callback-url", "http://127.0.0.1:1/x", "--document", "d1", "--document", "d2", "--language", "en"),
        *("--max-duration", "10m", "--left-timeout", "30", "--absent-timeout", "1m30s", "--audio-only", "--record"),
    )

    assert (done.code, done.err) == (0, "")
    conversation_id, url = done.out.splitlines()
    assert url == f"{sandbox.url}/c/{conversation_id}"
    assert sandbox.active_conversation_ids == (conversation_id,)
    stored = sandbox.stored(conversation_id, resource="conversations")
    assert (stored["conversation_name"], stored["persona_id"]) == ("Visit", STOCK)
    [request] = [each for each in sandbox.requests if each.method == "POST"]
    assert request.status == 200


def test_what_is_sent_is_what_the_file_and_the_options_say(tmp_path: Path) -> None:
    file = tmp_path / "visit.json"
    document = {"pal_id": "p1", "custom_greeting": "Hi.", "properties": {"max_call_duration": 60, "new": 1}}
    file.write_text(json.dumps(document), encoding="utf-8")
    words = ["conversations", "create", str(file), "--persona", "p2", "--left-timeout", "5"]
    read = create.read_document(parse(words))

    assert read.vocabulary == "pal"
    assert read.draft.to_dict() == {
        "pal_id": "p2",
        "custom_greeting": "Hi.",
        "properties": {"max_call_duration": 60, "new": 1, "participant_left_timeout": 5},
    }


async def test_a_file_becomes_a_conversation(call: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "visit.json"
    file.write_text(json.dumps({"persona_id": STOCK, "conversation_name": "From a file", "zzz": 1}), encoding="utf-8")
    done = await call("conversations", "create", str(file), "--name", "From an option")

    assert (done.code, done.err) == (0, "sent, though it is unknown: zzz\n")
    assert sandbox.stored(done.out.split()[0], resource="conversations")["conversation_name"] == "From an option"


async def test_what_get_prints_becomes_another_conversation(call: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    first = (await call("conversations", "create", "--persona", STOCK, "--name", "Ann")).out.split()[0]
    file = tmp_path / "visit.json"
    file.write_text((await call("conversations", "get", first)).out, encoding="utf-8")
    done = await call("conversations", "create", str(file))

    assert done.code == 0
    assert done.err.startswith("left out, since the server sets or masks it: conversation_id, conversation_url, status")
    assert len(sandbox.active_conversation_ids) == 2


async def test_json_has_all_that_the_server_says_the_token_too(call: Run, sandbox: Sandbox) -> None:
    done = await call("conversations", "create", "--persona", STOCK, "--require-auth", "--json")

    created = json.loads(done.out)
    assert done.out.count("\n") == 1
    assert created["conversation_id"] in sandbox.active_conversation_ids
    assert len(created["meeting_token"]) > 10
    assert "***" not in done.out


async def test_where_a_token_is_needed_the_address_has_it(call: Run, sandbox: Sandbox) -> None:
    done = await call("conversations", "create", "--persona", STOCK, "--require-auth")

    conversation_id, url = done.out.splitlines()
    assert url.startswith(f"{sandbox.url}/c/{conversation_id}?t=")


async def test_the_browser_is_opened(call: Run, sandbox: Sandbox, opened: list[str]) -> None:
    done = await call("conversations", "create", "--persona", STOCK, "--open")

    assert (done.code, done.err) == (0, "")
    assert opened == [done.out.splitlines()[1]]


async def test_a_browser_that_does_not_open_is_told_and_no_failure(
    call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    done = await call("conversations", "create", "--persona", STOCK, "--open")

    assert (done.code, done.out.count("\n")) == (0, 2)
    assert done.err == "tavus-async: no browser could be opened\n"


async def test_what_has_no_address_cannot_be_opened(call: Run, sandbox: Sandbox, opened: list[str]) -> None:
    sandbox.script([Answer(body=b'{"conversation_id": "c1", "status": "active"}')])
    done = await call("conversations", "create", "--persona", STOCK, "--open")

    assert done == (0, "c1\n", "tavus-async: there is no address to open\n")
    assert opened == []


@posix
@pytest.mark.parametrize("number", ENDING_SIGNALS)
def test_what_is_held_ends_with_a_signal(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with sandbox_elsewhere(personas=1) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        before = signal.getsignal(number)
        told: list[str] = []
        tell = output.tell

        def note(message: str) -> None:
            tell(message)
            told.append(message)

        monkeypatch.setattr(output, "tell", note)
        with signal_when(number, lambda: "Ctrl-C ends it." in told):
            assert main(["conversations", "create", "--persona", STOCK, "--wait"]) == 0

        assert sandbox.active_conversation_ids == ()
        [ended] = sandbox.conversation_ids
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == ended
    assert err == f"Ctrl-C ends it.\nended {ended}\n"
    assert signal.getsignal(number) is before


async def test_in_test_mode_there_is_nothing_to_hold(call: Run, sandbox: Sandbox) -> None:
    done = await call("conversations", "create", "--persona", STOCK, "--wait", "--test-mode")

    assert (done.code, done.err) == (0, "Ctrl-C ends it.\nit has ended: Tavus does not say why\n")


@asynccontextmanager
async def held(call: Run, sandbox: Sandbox, eventually: Run) -> AsyncIterator["asyncio.Future[Any]"]:
    """The program, holding a conversation that it looks at all the time; both are over at the end."""
    running = asyncio.ensure_future(
        call("conversations", "create", "--persona", STOCK, "--wait", "--rate", "100", "--attempts", "1")
    )
    try:
        await eventually(lambda: len(sandbox.active_conversation_ids) == 1)
        yield running
    finally:
        sandbox.advance(4_000)
        await running


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create, "LOOK_EVERY", 0.01)


async def test_what_ends_by_itself_is_not_held_any_longer(
    call: Run, sandbox: Sandbox, eventually: Run, hasty: None
) -> None:
    async with held(call, sandbox, eventually) as running:
        sandbox.script([500, 500])
        await eventually(lambda: sum(request.status == 500 for request in sandbox.requests) == 2)
        sandbox.advance(4_000)
        done = await running

    assert done.code == 0
    _, failed, ended = done.err.splitlines()
    assert failed.startswith("tavus-async: cannot tell whether it still runs: ")
    assert ended == "it has ended: participant_absent_timeout reached"


async def test_what_was_deleted_is_not_held_any_longer(
    call: Run, sandbox: Sandbox, eventually: Run, hasty: None
) -> None:
    async with held(call, sandbox, eventually) as running:
        sandbox.script([404])
        done = await running

    assert (done.code, done.err) == (0, "Ctrl-C ends it.\nit is no longer there\n")
    assert sandbox.active_conversation_ids == ()


async def test_a_conversation_that_cannot_be_ended_is_named(
    call: Run, sandbox: Sandbox, eventually: Run, hasty: None
) -> None:
    async with held(call, sandbox, eventually) as running:
        sandbox.script(["ok", 403])
        sandbox.advance(4_000)
        done = await running

    assert done.code == 1
    [named] = sandbox.conversation_ids
    assert done.err.endswith(f"{named} may still run: tavus-async conversations end {named}\n")
    assert done.err.count("403") == 1


@asynccontextmanager
async def holding(sandbox: Sandbox) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program, holding a conversation."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tavus_async", "conversations", "create", "--persona", STOCK, "--wait"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        assert await asyncio.wait_for(process.stderr.readline(), 20) == b"Ctrl-C ends it.\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_second_signal_ends_the_program_and_names_what_may_still_run(
    number: signal.Signals, sandbox: Sandbox, eventually: Run
) -> None:
    async with holding(sandbox) as process:
        sandbox.script(["stall"])
        process.send_signal(number)
        await eventually(lambda: sandbox.stats().in_flight == 1)
        process.send_signal(number)
        _, err = await asyncio.wait_for(process.communicate(), 5)

    [held] = sandbox.conversation_ids
    assert process.returncode == 128 + number
    assert err.decode() == f"tavus-async: {held} may still run: tavus-async conversations end {held}\n"


def read_to(terminal: int, words: bytes) -> None:
    text = b""
    while words not in text:
        text += os.read(terminal, 4096)


@posix
async def test_what_is_held_ends_when_the_terminal_is_closed(sandbox: Sandbox) -> None:
    person, program = os.openpty()
    words = ["tavus_async", "conversations", "create", "--persona", STOCK, "--wait"]
    code = f"import os, sys; os.login_tty(0); os.execv(sys.executable, [sys.executable, '-m', *{words}])"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdin=program)
    os.close(program)
    await asyncio.wait_for(asyncio.to_thread(read_to, person, b"Ctrl-C ends it."), 20)
    [held] = sandbox.active_conversation_ids
    os.close(person)

    assert await asyncio.wait_for(process.wait(), 20) == 0
    assert held not in sandbox.active_conversation_ids


@posix
async def test_what_cannot_be_ended_after_a_signal_is_named(sandbox: Sandbox) -> None:
    async with holding(sandbox) as process:
        sandbox.script([403, 403, 403])
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), 20)

    [held] = sandbox.active_conversation_ids
    assert process.returncode == 1
    assert err.decode().startswith(f"tavus-async: the conversation {held} could not be ended: ")
    assert err.decode().endswith(f"; {held} may still run: tavus-async conversations end {held}\n")


@posix
async def test_a_signal_before_there_is_a_conversation_leaves_none_that_runs(
    sandbox: Sandbox, eventually: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.script([429])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tavus_async", "conversations", "create", "--persona", STOCK, "--wait"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await eventually(lambda: sandbox.stats().total == 1)
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(process.communicate(), 20)

    assert (process.returncode, out, sandbox.active_conversation_ids) == (130, b"", ())
    assert err == b"tavus-async: interrupted: no conversation was left behind\n"


async def test_a_lost_answer_is_not_repeated_and_says_where_to_look(call: Run, sandbox: Sandbox) -> None:
    sandbox.script(["reset"])
    done = await call("conversations", "create", "--persona", STOCK)

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert done.err.endswith("before you try again, look: tavus-async conversations list --status active\n")


async def test_a_lost_answer_of_what_is_held_is_looked_for_and_ended(call: Run, sandbox: Sandbox) -> None:
    sandbox.script(["reset"])
    done = await call("conversations", "create", "--persona", STOCK, "--wait")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert sandbox.active_conversation_ids == ()


async def test_for_a_slot_it_is_waited_if_asked_to(call: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Sandbox(personas=1, max_conversations=1) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        create = ("conversations", "create", "--persona", STOCK)
        assert (await call(*create)).code == 0

        refused, waited = await call(*create), await call(*create, "--wait-for-slot", "0.2")

    assert (refused.code, refused.err.count("\n")) == (waited.code, waited.err.count("\n")) == (1, 1)
    assert "maximum concurrent conversations" in refused.err
    assert sandbox.stats().requests["create_conversation"] >= 3


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "a conversation needs somebody who speaks: --persona ID or --replica ID, or a FILE with one"),
        (
            ["--persona", STOCK, "--max-duration", "soon"],
            "must be a time such as 90 (seconds), 10m or 1h30m, not 'soon'",
        ),
        (["none.json"], "cannot read none.json: No such file"),
        (["-", "--api-key-file", "-"], "stdin cannot give both the API key and the conversation"),
        (
            ["--person", STOCK],
            "unknown option: --person; did you mean --persona? (see tavus-async conversations create",
        ),
        (["a.json", "b.json"], "unknown argument: b.json"),
    ],
)
async def test_wrong_usage_is_one_line_that_says_what_to_do(
    args: list[str], reason: str, call: Run, sandbox: Sandbox
) -> None:
    done = await call("conversations", "create", *args)

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert reason in done.err
    assert sandbox.stats().total == 0
