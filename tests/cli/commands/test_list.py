"""`tavus-async personas list`, against a sandbox."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_async.cli import main
from tavus_async.cli.screen import output
from tavus_async.sandbox import Sandbox
from tests.support.elsewhere import sandbox_elsewhere
from tests.support.signalled import signal_when
from tests.support.streams import stdout_without_reader

Run = Callable[..., Awaitable[Any]]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_displayed", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")


def listed(out: str) -> list[str]:
    return [json.loads(line)["persona_id"] for line in out.splitlines()]


async def test_elsewhere_than_on_a_terminal_it_is_a_document_a_line(call: Run, sandbox: Sandbox) -> None:
    done = await call("personas", "list")

    assert (done.code, done.err) == (0, "")
    assert listed(done.out) == list(sandbox.persona_ids)
    assert "layers" in json.loads(done.out.splitlines()[0])


async def test_a_terminal_gets_a_table(call: Run, sandbox: Sandbox, terminal: None) -> None:
    done = await call("personas", "list")

    head, *rows = done.out.splitlines()
    assert (done.code, done.err) == (0, "20 personas\n")
    assert head.split() == ["id", "name", "mode", "model", "voice", "updated"]
    assert [row.split()[0] for row in rows] == list(sandbox.persona_ids)
    assert rows[0].split()[1:-1] == ["Field", "Researcher", "full", "tavus-gpt-oss", "cartesia"]


async def test_json_is_for_a_terminal_too_if_asked_for(call: Run, sandbox: Sandbox, terminal: None) -> None:
    done = await call("personas", "list", "--json")

    assert (done.code, done.err) == (0, "")
    assert listed(done.out) == list(sandbox.persona_ids)


@pytest.mark.parametrize("kind", ["user", "system"])
async def test_a_type_is_listed_alone(kind: str, call: Run, sandbox: Sandbox) -> None:
    done = await call("personas", "list", "--type", kind)

    everything = listed((await call("personas", "list")).out)
    assert done.code == 0
    assert set(listed(done.out)) < set(everything)
    assert ("p5317866" in listed(done.out)) == (kind == "system")


async def test_a_limit_ends_it_without_reading_more(call: Run, sandbox: Sandbox) -> None:
    done = await call("personas", "list", "--limit", "3")

    assert listed(done.out) == list(sandbox.persona_ids[:3])
    assert sandbox.stats().requests == {"list_personas": 1}


async def test_an_empty_account_is_said_to_be_empty(call: Run, terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Sandbox(personas=0) as sandbox:
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        done = await call("personas", "list", "--base-url", sandbox.url)

    assert done == (0, "", "0 personas\n")


async def test_secrets_are_not_in_the_table(call: Run, terminal: None, sandbox: Sandbox) -> None:
    sandbox.add(
        {"persona_name": "Keeper", "layers": {"llm": {"api_key": "sk-very-secret-1234", "base_url": "https://x"}}}
    )
    done = await call("personas", "list")

    assert "Keeper" in done.out
    assert "1234" not in done.out


async def test_a_failure_is_one_line(call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "wrong")
    done = await call("personas", "list")

    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
@pytest.mark.parametrize("is_table", [True, False])
def test_a_signal_ends_it_and_what_was_read_is_shown(
    is_table: bool,
    number: signal.Signals,
    code: int,
    word: str,
    terminal: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with sandbox_elsewhere(personas=150) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        sandbox.script(["ok", "stall"])
        with signal_when(number, lambda: sandbox.stats().total == 2):
            assert main(["personas", "list", *([] if is_table else ["--json"])]) == code

    out, err = capsys.readouterr()
    assert out.count("\n") == 100 + is_table
    assert err == f"{'100 personas' if is_table else ''}\ntavus-async: {word}\n".lstrip()


async def test_a_page_is_shown_while_the_next_is_waited_for(
    terminal: None, call: Run, eventually: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with Sandbox(personas=150) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        sandbox.script(["ok", "stall"])
        with (tmp_path / "shown").open("w", encoding="utf-8") as stdout:
            monkeypatch.setattr(sys, "stdout", stdout)
            listing = asyncio.ensure_future(call("personas", "list", "--timeout", "0.7"))
            await eventually(lambda: (tmp_path / "shown").read_bytes().count(b"\n") == 101)
            assert not listing.done()
            assert (await listing).code == 1


async def test_of_a_reader_that_has_gone_it_hears_while_it_reads(
    terminal: None, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Sandbox(personas=450) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        with stdout_without_reader(monkeypatch):
            done = await call("personas", "list")

        assert (done.code, done.err) == (141, "")
        assert sandbox.stats().total <= 3


async def test_while_it_goes_into_a_file_it_counts(
    call: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "100", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(output, "is_watched", lambda: True)
    with (tmp_path / "personas.jsonl").open("w", encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdout", file)
        done = await call("personas", "list")

    assert (done.code, done.out) == (0, "")
    assert "20/?" in done.err
    assert listed((tmp_path / "personas.jsonl").read_text(encoding="utf-8")) == list(sandbox.persona_ids)


@pytest.mark.parametrize("args", [["--type", "mine"], ["--limit", "0"], ["p1"]])
async def test_wrong_usage_is_one_line(call: Run, sandbox: Sandbox, args: list[str]) -> None:
    done = await call("personas", "list", *args)

    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
