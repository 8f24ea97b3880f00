"""What a journal remembers, whatever the run that wrote it died of."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from io import FileIO
from pathlib import Path

import pytest

from tavus_async import InvalidRequestError
from tavus_async._bulk import disk, journal as journals
from tavus_async._bulk.journal import Entry, Journal, open_journal

HEADER = '{"journal":"tavus-async journal","version":1,"of":"videos"}\n'
INTENT = '{"n":0,"draft":"d0","name":"Ada","at":1.5}\n'
LATER = '{"n":1,"draft":"d1","name":"Bob","at":2.5}\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def entry(number: int = 0) -> Entry:
    return Entry(digest=f"d{number}", name=f"name {number}", at=float(number))


def entries_in(path: Path) -> dict[int, Entry]:
    """What a run that goes on with it would know."""
    journal = open_journal(path, of="videos")
    journal.close()
    return journal.entries


async def test_what_was_written_is_known_to_the_next_run(path: Path) -> None:
    journal = open_journal(path, of="videos")
    await journal.intend(0, entry(0))
    await journal.created(0, "v0")
    await journal.intend(1, entry(1))
    await journal.intend(2, entry(2))
    await journal.refused(2, "BadRequestError")
    journal.close()

    assert entries_in(path) == {
        0: Entry(digest="d0", name="name 0", at=0.0, item_id="v0"),
        1: entry(1),
        2: Entry(digest="d2", name="name 2", at=2.0, is_refused=True),
    }


async def test_an_intent_after_a_refusal_counts_anew(path: Path) -> None:
    journal = open_journal(path, of="videos")
    await journal.intend(0, entry(0))
    await journal.refused(0, "ConnectError")
    await journal.intend(0, entry(0))
    journal.close()

    assert entries_in(path) == {0: entry(0)}


async def test_it_is_for_its_owner_alone(path: Path) -> None:
    open_journal(path, of="videos").close()

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == HEADER


@pytest.mark.parametrize("cut", [1, 8, len(LATER) - 1])
def test_half_a_line_at_the_end_says_nothing_and_is_cut_off(path: Path, cut: int) -> None:
    path.write_text(HEADER + INTENT + LATER[:cut])

    assert entries_in(path) == {0: Entry(digest="d0", name="Ada", at=1.5)}
    assert path.read_text() == HEADER + INTENT


@pytest.mark.parametrize("cut", range(0, len(HEADER), 7))
def test_half_a_header_is_that_of_a_run_which_created_nothing(path: Path, cut: int) -> None:
    path.write_text(HEADER[:cut])

    assert entries_in(path) == {}
    assert path.read_text() == HEADER


@pytest.mark.parametrize(
    "text",
    [
        "replica_id,script\nr1,Hello.\n",
        "replica_id,script\nr1,Hello",
        "no line at all",
        HEADER.replace("videos", "replicas"),
        HEADER.replace("1", "2"),
        "[]\n",
        "\x00\x01\n",
    ],
)
def test_another_file_is_refused_and_left_as_it_is(path: Path, text: str) -> None:
    path.write_text(text)

    with pytest.raises(InvalidRequestError, match=r"is no journal of videos: remove it, or name another file"):
        open_journal(path, of="videos")

    assert path.read_text() == text


@pytest.mark.parametrize(
    "line", ["{", '{"n":0}', '{"n":"0","id":"v"}', '{"n":7,"id":"v7"}', "[]", '{"draft":"d","name":"n","at":1}', ""]
)
def test_a_line_in_its_midst_that_makes_no_sense_is_an_error(path: Path, line: str) -> None:
    path.write_text(f"{HEADER}{INTENT}{line}\n{LATER}")

    with pytest.raises(InvalidRequestError, match=r"line 3 of the journal .* cannot be read"):
        open_journal(path, of="videos")


def test_a_second_run_is_refused_until_the_first_has_closed_it(path: Path) -> None:
    first = open_journal(path, of="videos")

    with pytest.raises(InvalidRequestError, match="in use by another run"):
        open_journal(path, of="videos")
    first.close()

    open_journal(path, of="videos").close()


def test_a_run_of_another_process_is_refused_too(path: Path) -> None:
    journal = open_journal(path, of="videos")
    program = f"""
from pathlib import Path
from tavus_async._bulk.journal import open_journal
open_journal(Path({str(path)!r}), of="videos")
"""

    refused = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    journal.close()
    opened = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert "in use by another run" in refused.stderr
    assert opened.stderr == ""


def test_a_run_that_was_killed_holds_no_lock(path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from tavus_async._bulk.journal import open_journal
journal = open_journal(Path({str(path)!r}), of="videos")
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", program], check=False)

    open_journal(path, of="videos").close()
    assert killed.returncode == -signal.SIGKILL


async def test_lines_that_are_written_together_reach_the_disk_together(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[bytes] = []

    def append(file: FileIO, data: bytes) -> None:
        writes.append(data)
        disk.append(file, data)

    monkeypatch.setattr(journals, "append", append)
    journal = open_journal(path, of="videos")

    await asyncio.gather(*(journal.intend(number, entry(number)) for number in range(50)))
    journal.close()

    assert len(writes) <= 4  # the header, the first, and those that came meanwhile
    assert list(entries_in(path)) == list(range(50))


async def test_a_line_is_on_the_disk_before_the_run_goes_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(path.read_text()))
    journal = open_journal(path, of="videos")

    await journal.intend(0, Entry(digest="d0", name="Ada", at=1.5))
    journal.close()

    assert synced[-1] == HEADER + INTENT


async def test_a_disk_that_is_full_ends_every_run_on_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = open_journal(path, of="videos")

    def fail(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    errors = await asyncio.gather(
        *(journal.intend(number, entry(number)) for number in range(5)), return_exceptions=True
    )
    monkeypatch.undo()
    with pytest.raises(OSError, match="No space left on device") as later:
        await journal.intend(9, entry(9))
    journal.close()

    assert [type(error) for error in errors] == [OSError] * 5
    assert later.value.filename == str(path)


async def test_who_is_cancelled_takes_nobodys_line_along(path: Path) -> None:
    journal = open_journal(path, of="videos")
    writing = [asyncio.create_task(journal.intend(number, entry(number))) for number in range(10)]
    await asyncio.sleep(0)

    writing[0].cancel()
    await asyncio.gather(*writing, return_exceptions=True)
    journal.close()

    assert set(entries_in(path)) >= set(range(1, 10))


def test_it_counts_the_drafts_that_it_knows(path: Path) -> None:
    path.write_text(HEADER + INTENT + LATER)
    journal: Journal = open_journal(path, of="videos")
    journal.close()

    assert journal.count == 2
    journal.entries.clear()
    assert journal.count == 0


def test_lines_are_json(path: Path) -> None:
    path.write_text(HEADER + INTENT)

    assert [json.loads(line)["n"] for line in path.read_text().splitlines()[1:]] == [0]
