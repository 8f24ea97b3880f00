"""The files of chunks: whole or not there, one line for each id, and bound to the ids."""

import asyncio
import errno
import json
import multiprocessing
import os
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tavus_async import (
    AuthenticationError,
    Chunk,
    InvalidRequestError,
    NotFoundError,
    Outcome,
    Page,
    Persona,
    chunks,
    missing_chunks,
    read_chunks,
    write_chunk,
)
from tests.support.desk import Desk, ids, unauthorized
from tests.support.quick import quick_session, until
from tests.support.raw_server import RawServer, always

CHUNK = Chunk(7, tuple(ids(5)))
LLM = {"api_key": "sk-live-1", "model": "m"}
PERSONA: dict[str, Any] = {"persona_id": "p1", "persona_name": "Zoë", "layers": {"llm": LLM}}
TORN = [b"", b"{", b'{"id": "p0"}', b"[]\n", b'{"id": 5}\n', b"\n", b"\xff\n", b'{"id":"p0"}\n\n']


def at_once(_: str) -> float:
    return 0.0


def outcomes(chunk: Chunk = CHUNK, **values: Any) -> list[Outcome[Any]]:
    return [Outcome(key=key, value=values.get(key, True), attempts=1) for key in chunk.ids]


def lines(folder: Path, chunk: Chunk = CHUNK) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / chunk.name).read_text(encoding="utf-8").splitlines()]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_each_id_has_a_line_in_the_order_of_the_ids(tmp_path: Path) -> None:
    error = NotFoundError("Invalid persona_id", status=400)
    given = [Outcome(key="p1", error=error, attempts=2, elapsed=0.12345), *outcomes()[:1], *outcomes()[2:]]

    assert await write_chunk(tmp_path, CHUNK, reversed(given)) is True
    assert names(tmp_path) == ["chunk-000007.jsonl"]
    assert [line["id"] for line in lines(tmp_path)] == ids(5)
    assert lines(tmp_path)[:2] == [
        {"id": "p0", "value": True, "attempts": 1, "elapsed": 0.0},
        {"id": "p1", "error": "NotFoundError", "message": str(error), "attempts": 2, "elapsed": 0.123},
    ]


async def test_the_outcomes_of_a_bulk_call_are_written_as_they_stand(tmp_path: Path) -> None:
    desk = Desk(at_once)
    assert await write_chunk(tmp_path, CHUNK, desk.start(CHUNK.ids))
    assert desk.fetched == ids(5)
    assert [line["value"] for line in lines(tmp_path)] == ["P0", "P1", "P2", "P3", "P4"]


async def test_a_chunk_that_is_there_is_not_done_again(tmp_path: Path) -> None:
    await write_chunk(tmp_path, CHUNK, outcomes())
    before = (tmp_path / CHUNK.name).stat()
    desk = Desk(at_once)

    assert await write_chunk(tmp_path, CHUNK, desk.start(CHUNK.ids)) is False
    assert desk.fetched == []
    after = (tmp_path / CHUNK.name).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


async def test_a_session_fetches_a_chunk_and_sends_nothing_for_it_later(tmp_path: Path) -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        assert await write_chunk(tmp_path, CHUNK, session.iter_personas(CHUNK.ids))
        assert not await write_chunk(tmp_path, CHUNK, session.iter_personas(CHUNK.ids))

        assert len(server.requests) == 5
        assert [Persona.from_dict(line["value"]).persona_id for line in read_chunks(tmp_path, [CHUNK])] == ids(5)


async def test_an_id_that_stands_twice_has_two_lines(tmp_path: Path) -> None:
    chunk = Chunk(0, ("a", "b", "a"))
    await write_chunk(tmp_path, chunk, outcomes(chunk))

    assert [line["id"] for line in lines(tmp_path, chunk)] == ["a", "b", "a"]
    assert not await write_chunk(tmp_path, chunk, [])


async def test_secrets_are_masked_unless_they_are_asked_for(tmp_path: Path) -> None:
    raw = {"tools": [{"api_key": "sk-live-2", "url": "https://u:sk-live-3@host/x?token=sk-live-4"}]}
    page = Page(items=(Persona.from_dict(PERSONA),), total_count=1)
    values = {"p1": Persona.from_dict(PERSONA), "p2": raw, "p3": page, "p4": [Persona.from_dict(PERSONA)]}
    await write_chunk(tmp_path / "masked", CHUNK, outcomes(CHUNK, **values))
    await write_chunk(tmp_path / "whole", CHUNK, outcomes(CHUNK, **values), secrets=True)
    masked, whole = (lines(tmp_path / name) for name in ("masked", "whole"))

    assert "sk-live" not in (tmp_path / "masked" / CHUNK.name).read_text(encoding="utf-8")
    assert masked[1]["value"]["layers"]["llm"] == {"api_key": "***", "model": "m"}
    assert [line["value"] for line in whole[1:]] == [PERSONA, raw, {"items": [PERSONA], "total_count": 1}, [PERSONA]]


@pytest.mark.skipif(os.name != "posix", reason="other systems have other permissions")
async def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    await write_chunk(tmp_path, CHUNK, outcomes())

    assert stat.S_IMODE((tmp_path / CHUNK.name).stat().st_mode) == 0o600


async def test_the_folder_is_made_and_may_be_a_text(tmp_path: Path) -> None:
    assert await write_chunk(str(tmp_path / "out" / "today"), CHUNK, outcomes())
    assert names(tmp_path / "out" / "today") == [CHUNK.name]


@pytest.mark.parametrize(
    "other", [Chunk(7, tuple(ids(6))), Chunk(7, tuple(ids(4))), Chunk(7, (*ids(4), "q")), Chunk(7, tuple(ids(5)[::-1]))]
)
async def test_a_file_of_other_ids_is_neither_taken_nor_replaced(tmp_path: Path, other: Chunk) -> None:
    await write_chunk(tmp_path, other, outcomes(other))
    before = (tmp_path / CHUNK.name).read_bytes()

    with pytest.raises(InvalidRequestError, match=r"chunk-000007\.jsonl is of other ids than chunk 7 has"):
        await write_chunk(tmp_path, CHUNK, outcomes())
    with pytest.raises(InvalidRequestError, match="for the list or the size was another"):
        list(missing_chunks(tmp_path, [CHUNK]))
    with pytest.raises(InvalidRequestError, match="use another folder"):
        list(read_chunks(tmp_path, [CHUNK]))
    assert (tmp_path / CHUNK.name).read_bytes() == before


@pytest.mark.parametrize("text", TORN)
async def test_what_is_no_whole_file_of_a_chunk_is_neither_taken_nor_replaced(tmp_path: Path, text: bytes) -> None:
    (tmp_path / CHUNK.name).write_bytes(text)

    with pytest.raises(InvalidRequestError, match="is not what was written of a chunk: remove it, or"):
        await write_chunk(tmp_path, CHUNK, outcomes())
    with pytest.raises(InvalidRequestError, match="is not what was written of a chunk"):
        list(read_chunks(tmp_path, [CHUNK]))
    assert (tmp_path / CHUNK.name).read_bytes() == text


async def test_a_file_that_was_cut_anywhere_is_noticed(tmp_path: Path) -> None:
    await write_chunk(tmp_path, CHUNK, outcomes())
    whole = (tmp_path / CHUNK.name).read_bytes()
    for end in range(len(whole)):
        (tmp_path / CHUNK.name).write_bytes(whole[:end])
        with pytest.raises(InvalidRequestError):
            list(read_chunks(tmp_path, [CHUNK]))


@pytest.mark.parametrize(
    "given",
    [
        [],
        outcomes()[:4],
        [*outcomes(), *outcomes()[:1]],
        [*outcomes()[:4], Outcome(key="q")],
        [*outcomes()[:4], Outcome(key=["p4"])],
        [*outcomes()[:4], *outcomes()[:1]],
    ],
)
async def test_outcomes_that_are_not_those_of_the_ids_are_refused(tmp_path: Path, given: list[Outcome[Any]]) -> None:
    with pytest.raises(InvalidRequestError, match="chunk 7 is written with one outcome of each of its 5 ids"):
        await write_chunk(tmp_path, CHUNK, given)
    assert names(tmp_path) == []


@pytest.mark.parametrize("given", [5, None, "outcomes", [True] * 5])
async def test_what_are_no_outcomes_is_refused(tmp_path: Path, given: Any) -> None:
    with pytest.raises(InvalidRequestError, match="outcome"):
        await write_chunk(tmp_path, CHUNK, given)


@pytest.mark.parametrize(("folder", "chunk"), [(5, CHUNK), ("out", 7), ("out", ("p1", "p2"))])
async def test_what_is_no_folder_or_no_chunk_is_refused(folder: Any, chunk: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"the (folder|chunk) must be"):
        await write_chunk(folder, chunk, outcomes())


@pytest.mark.parametrize("value", [b"x", {1, 2}, object(), float("nan")], ids=["bytes", "set", "object", "nan"])
async def test_what_no_json_can_hold_is_told_with_its_id(tmp_path: Path, value: Any) -> None:
    with pytest.raises(InvalidRequestError, match="what came of 'p3' cannot be written as JSON"):
        await write_chunk(tmp_path, CHUNK, outcomes(CHUNK, p3=value))
    assert names(tmp_path) == []


async def test_what_fails_every_id_leaves_the_chunk_to_be_done(tmp_path: Path) -> None:
    desk = Desk(at_once, errors={"p2": unauthorized()})
    with pytest.raises(AuthenticationError):
        await write_chunk(tmp_path, CHUNK, desk.start(CHUNK.ids))
    with pytest.raises(AuthenticationError):
        await write_chunk(tmp_path, CHUNK, [*outcomes()[:4], Outcome(key="p4", error=unauthorized())])
    assert names(tmp_path) == []


async def test_one_that_is_cancelled_leaves_nothing_and_stops_its_workers(tmp_path: Path) -> None:
    desk = Desk(lambda key: 60.0)
    writing = asyncio.create_task(write_chunk(tmp_path, CHUNK, desk.start(CHUNK.ids)))
    await until(lambda: desk.busy > 0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert (desk.busy, names(tmp_path)) == (0, [])


async def test_a_generator_of_outcomes_is_closed_where_the_file_is_there(tmp_path: Path) -> None:
    closed: list[bool] = []

    async def coming() -> AsyncIterator[Outcome[Any]]:
        try:
            for outcome in [*outcomes()[:3], Outcome(key=5)]:
                yield outcome
        finally:
            closed.append(True)

    with pytest.raises(InvalidRequestError):
        await write_chunk(tmp_path, CHUNK, coming())
    assert closed == [True]


async def test_a_disk_that_is_full_is_told_with_the_path_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match=r"No space left on device: .*chunk-000007\.jsonl"):
            await write_chunk(tmp_path, CHUNK, outcomes())

    assert names(tmp_path) == []
    assert await write_chunk(tmp_path, CHUNK, outcomes())


async def test_a_folder_that_cannot_be_one_is_told_with_the_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OSError, match=r"file/chunk-000007\.jsonl"):
        await write_chunk(tmp_path / "file", CHUNK, outcomes())
    (tmp_path / CHUNK.name).mkdir()
    with pytest.raises(OSError, match=r"chunk-000007\.jsonl"):
        await write_chunk(tmp_path, CHUNK, outcomes())


async def test_what_a_killed_worker_has_begun_is_removed_once_its_chunk_is_there(tmp_path: Path) -> None:
    for name in (".chunk-000007.jsonl.x1", ".chunk-000007.jsonl.x2", ".chunk-000008.jsonl.x3"):
        (tmp_path / name).write_bytes(b'{"id": "p0", "val')

    assert list(missing_chunks(tmp_path, [CHUNK])) == [CHUNK]
    assert await write_chunk(tmp_path, CHUNK, outcomes())
    assert names(tmp_path) == [".chunk-000008.jsonl.x3", CHUNK.name]


async def test_one_that_is_overtaken_while_it_writes_leaves_the_file_of_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write_chunk(tmp_path / "other", CHUNK, outcomes(CHUNK, p0="of the other"))

    def overtaken(temporary: Path, path: Path) -> Path:
        temporary.unlink()
        path.write_bytes((tmp_path / "other" / CHUNK.name).read_bytes())
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(temporary))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", overtaken)
        assert await write_chunk(tmp_path, CHUNK, outcomes()) is False
    assert lines(tmp_path)[0]["value"] == "of the other"


async def test_a_folder_that_goes_meanwhile_is_told_with_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(temporary: Path, path: Path) -> Path:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(temporary))

    monkeypatch.setattr(Path, "replace", gone)
    with pytest.raises(FileNotFoundError, match=r"chunk-000007\.jsonl'$"):
        await write_chunk(tmp_path, CHUNK, outcomes())
    assert names(tmp_path) == []


async def test_two_workers_that_write_at_once_make_one_whole_file(tmp_path: Path) -> None:
    chunk = Chunk(0, tuple(ids(200)))
    written = await asyncio.gather(
        *(write_chunk(tmp_path, chunk, outcomes(chunk, p0=str(number) * 100_000)) for number in range(8))
    )

    assert written.count(True) >= 1
    assert names(tmp_path) == [chunk.name]
    assert [line["id"] for line in read_chunks(tmp_path, [chunk])] == ids(200)


def write_again_and_again(folder: str) -> None:
    """Write the same chunks as others do, in a process."""

    async def write() -> None:
        for chunk in chunks(ids(40), 2):
            await write_chunk(folder, chunk, outcomes(chunk, p0="x" * 100_000))

    asyncio.run(write())


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
def test_two_processes_that_write_the_same_chunks_make_each_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=write_again_and_again, args=(str(tmp_path),)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert [worker.exitcode for worker in workers] == [0, 0]
    assert names(tmp_path) == [chunk.name for chunk in chunks(ids(40), 2)]
    assert [line["id"] for line in read_chunks(tmp_path, chunks(ids(40), 2))] == ids(40)


async def test_what_is_missing_is_found_and_what_is_there_is_read_in_order(tmp_path: Path) -> None:
    cut = list(chunks(ids(10), 3))
    for chunk in (cut[3], cut[0], cut[2]):
        await write_chunk(tmp_path, chunk, outcomes(chunk))

    assert list(missing_chunks(tmp_path, chunks(ids(10), 3))) == [cut[1]]
    reading = read_chunks(tmp_path, chunks(ids(10), 3))
    assert [next(reading)["id"] for _ in range(3)] == ["p0", "p1", "p2"]
    with pytest.raises(InvalidRequestError, match=r"chunk-000001\.jsonl is not there: missing_chunks"):
        next(reading)

    await write_chunk(tmp_path, cut[1], outcomes(cut[1]))
    assert [line["id"] for line in read_chunks(tmp_path, chunks(ids(10), 3))] == ids(10)
    assert list(missing_chunks(tmp_path, chunks(ids(10), 3))) == []


async def test_a_list_that_became_longer_goes_on_where_its_chunks_were_full(tmp_path: Path) -> None:
    for chunk in chunks(ids(6), 3):
        await write_chunk(tmp_path, chunk, outcomes(chunk))

    assert list(missing_chunks(tmp_path, chunks(ids(8), 3))) == [Chunk(2, ("p6", "p7"))]
    with pytest.raises(InvalidRequestError, match="the list or the size was another"):
        list(missing_chunks(tmp_path, chunks(ids(6), 2)))


async def test_ids_that_no_encoding_has_are_written_and_read(tmp_path: Path) -> None:
    chunk = Chunk(0, ("\ud800", "é\u2028", 'a"b\n', ""))
    await write_chunk(tmp_path, chunk, outcomes(chunk))

    assert [line["id"] for line in read_chunks(tmp_path, [chunk])] == list(chunk.ids)
    assert len((tmp_path / chunk.name).read_bytes().splitlines()) == 4
