"""`tavus-async documents add`, against a sandbox that is quick."""

import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_async._bulk import polling
from tavus_async.cli import main
from tavus_async.sandbox import Faults, Sandbox
from tests.support.elsewhere import sandbox_elsewhere
from tests.support.signalled import signal_when
from tests.support.streams import run_on

Run = Callable[..., Awaitable[Any]]
SECRET = "https://files.example.com/b.pdf?signature=very-secret"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(polling, "POLL_DELAY", 0.02)
    monkeypatch.setattr(polling, "LONGEST_POLL_DELAY", 0.1)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox(personas=1, speed=5_000) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        yield sandbox


def write(*lines: str) -> None:
    Path("urls.txt").write_text("\n".join(lines), encoding="utf-8")


async def test_each_url_becomes_a_document_once(call: Run, sandbox: Sandbox) -> None:
    write("# ours", "https://example.com/a.pdf", "", "  https://example.com/#part ", "https://example.com/a.pdf")
    done = await call("documents", "add", "urls.txt", "--tags", "faq, x", "--tags", "y")
    rows = [line.split("\t") for line in done.out.splitlines()]

    assert (done.code, done.err) == (0, "")
    assert [url for _, url in rows] == ["https://example.com/a.pdf", "https://example.com/#part"]
    assert [item_id for item_id, _ in rows] == list(sandbox.ids("documents"))
    assert sandbox.stored(rows[0][0], resource="documents")["tags"] == ["faq", "x", "y"]


async def test_websites_are_read_as_far_as_is_asked_for(call: Run, sandbox: Sandbox) -> None:
    write("https://example.com")
    done = await call("documents", "add", "urls.txt", "--depth", "2", "--max-pages", "7")
    stored = sandbox.stored(done.out.split("\t")[0], resource="documents")

    assert stored["crawl_config"] == {"depth": 2, "max_pages": 7}


async def test_with_wait_each_is_printed_when_it_is_ready_and_failures_are_said(call: Run, sandbox: Sandbox) -> None:
    write("https://example.com/a.pdf", "https://example.com/b.exe?token=very-secret")
    done = await call("documents", "add", "urls.txt", "--wait")
    good, bad = sandbox.ids("documents")

    assert (done.code, done.out) == (3, f"{good}\thttps://example.com/a.pdf\n")
    assert done.err.startswith(f"tavus-async: {bad} (https://example.com/b.exe?***): ")
    assert "file_format_unsupported" in done.err
    assert "very-secret" not in done.err
    assert sandbox.stored(good, resource="documents")["status"] == "ready"


async def test_what_is_refused_is_one_line_and_the_others_go_on(call: Run, sandbox: Sandbox) -> None:
    write("https://example.com/a.pdf", SECRET)
    sandbox.script([400])
    done = await call("documents", "add", "urls.txt", "--burst", "1")

    assert (done.code, done.out.count("\n"), done.err.count("\n")) == (3, 1, 1)
    assert "very-secret" not in done.err


async def test_a_lost_answer_says_where_to_look(call: Run, sandbox: Sandbox) -> None:
    write(SECRET)
    sandbox.script(["reset"])
    done = await call("documents", "add", "urls.txt")

    assert (done.code, done.out) == (1, "")
    assert "before you try again, look: tavus-async documents list" in done.err
    assert "very-secret" not in done.err


async def test_a_wrong_key_is_said_once(call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "another-key-0123")
    write(*(f"https://example.com/{number}.pdf" for number in range(9)))
    done = await call("documents", "add", "urls.txt", "--wait")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)


async def test_a_terminal_is_not_shown_what_lets_read_a_file(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    write(SECRET)
    done = await run_on("terminal", "documents", "add", "urls.txt", monkeypatch=monkeypatch)

    assert done.code == 0
    assert "https://files.example.com/b.pdf?***" in done.out
    assert done.err.endswith("1 of 1 document added\n")
    assert "very-secret" not in done.out + done.err


async def test_urls_come_from_stdin_too(call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    write("https://example.com/a.pdf")
    with Path("urls.txt").open(encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        done = await call("documents", "add", "-")

    assert (done.code, len(sandbox.ids("documents"))) == (0, 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("example.com", "line 2 of urls.txt is not a URL"),
        ("ftp://example.com", "line 2 of urls.txt is not a URL"),
        ("https://", "line 2 of urls.txt is not a URL"),
        ("https://[", "line 2 of urls.txt is not a URL"),
        ("https://example.com/a b", "line 2 of urls.txt is not a URL"),
    ],
)
async def test_all_lines_are_checked_before_the_first_is_sent(
    line: str, reason: str, call: Run, sandbox: Sandbox
) -> None:
    write("https://example.com", line)
    done = await call("documents", "add", "urls.txt")

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert reason in done.err
    assert sandbox.stats().total == 0


async def test_a_file_without_urls_is_refused(call: Run, sandbox: Sandbox) -> None:
    write("# none")

    assert await call("documents", "add", "urls.txt") == (2, "", "tavus-async: urls.txt has no URLs\n")


def test_a_signal_says_what_may_have_been_added(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(SECRET)
    with sandbox_elsewhere(personas=1, faults=Faults(stall=1)) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        with signal_when(signal.SIGINT, lambda: sandbox.stats().in_flight >= 1):
            assert main(["documents", "add", "urls.txt"]) == 130

    told = "tavus-async: may have been added too: https://files.example.com/b.pdf?***\ntavus-async: interrupted\n"
    assert capsys.readouterr() == ("", told)
