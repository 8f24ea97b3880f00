"""Where ids come from, and which were met before."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tavus_async.cli.exits import FailedError, UsageError
from tavus_async.cli.export.ids import LONGEST_LINE, Ids, IdSet, clean, find_ids


async def read(ids: Ids) -> list[str]:
    return [key async for key in ids]


def from_text(tmp_path: Path, text: str | bytes) -> Ids:
    file = tmp_path / "ids.txt"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return find_ids([], str(file))


def test_a_set_of_ids_knows_what_it_was_given_however_many() -> None:
    ids = IdSet()
    many = [f"p{number:x}" for number in range(5000)]

    assert all(ids.add(key) for key in many)
    assert not any(ids.add(key) for key in many)
    assert len(ids) == 5000
    assert all(key in ids for key in many)
    assert "p-other" not in ids
    assert "\ud800" not in ids


def test_a_set_of_ids_needs_few_bytes_for_each() -> None:
    ids = IdSet()
    for number in range(20_000):
        ids.add(f"an-id-that-is-rather-long-{number}")

    assert ids._table.itemsize * len(ids._table) <= 20_000 * 27


async def test_the_arguments_are_ids(tmp_path: Path) -> None:
    ids = find_ids(["p1", " p2\n", "p1"], None)

    assert await read(ids) == ["p1", "p2", "p1"]
    assert ids.count() == 3


async def test_a_file_has_an_id_a_line_and_comments(tmp_path: Path) -> None:
    ids = from_text(tmp_path, '\ufeffp1\r\n\n  p2  # the second, {of} "all"\n# none\n\t\n\u00a0p-3_4.~\u2003\np4')

    assert ids.count() == 4
    assert await read(ids) == ["p1", "p2", "p-3_4.~", "p4"]


async def test_a_file_is_counted_from_where_it_stands_and_then_read_from_there(tmp_path: Path) -> None:
    ids = from_text(tmp_path, "p1\np2\np3\n")
    assert ids.file is not None
    os.read(ids.file, 3)

    assert (ids.count(), ids.count()) == (2, 2)
    assert await read(ids) == ["p2", "p3"]


async def test_a_long_file_is_read_piece_by_piece(tmp_path: Path) -> None:
    many = [f"p{number:x}" for number in range(40_000)]

    assert await read(from_text(tmp_path, "\n".join(many))) == many


async def test_an_empty_file_has_no_ids(tmp_path: Path) -> None:
    ids = from_text(tmp_path, "")

    assert (ids.count(), await read(ids)) == (0, [])


NO_IDS = [
    (b"p1\n\xff\xfep2\n", "line 2 of .* is not text in UTF-8"),
    ("p1\n".encode("utf-16"), "line 1 of .* is not text in UTF-8"),
    (b'{"persona_id": "p1"}\n', "line 1 of .* is not an id: one on each line is expected, and nothing else; of JSON"),
    (b'"p1"\n', "line 1 of .* is not an id"),
    (b"p1\n[]\n", "line 2 of .* is not an id"),
    (b"persona_id,name\np1,Ann\n", "line 1 of .* is not an id"),
    (b"p1\tAnn\n", "line 1 of .* is not an id"),
    (b"\n# export\nPersona_ID\np1\n", "line 3 of .* is a heading: one on each line is expected"),
    (b"p1\nYou are Ann.\n", "line 2 of .* is not an id"),
    ("p1\n\n你是安\n".encode(), "line 3 of .* is not an id"),
    (b"https://example.com/p1\n", "line 1 of .* is not an id"),
    (b"p1#2\n", "line 1 of .* is not an id"),
    (b"p1\x1b[2J\n", "line 1 of .* is not an id"),
    (b"p1\np2\x00\n", "line 2 of .* is not an id"),
    (b"p1\n" + b"x" * 201, "line 2 of .* is too long to be an id"),
    (b"p1\n" + b"x" * 100 * LONGEST_LINE, "line 2 of .* is too long to be an id"),
    (b"p1\n" + b"#" * 100 * LONGEST_LINE, "line 2 of .* is too long to be an id"),
]


@pytest.mark.parametrize(("content", "reason"), NO_IDS)
async def test_a_file_that_holds_no_ids_is_an_error_before_and_while_it_is_read(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    ids = from_text(tmp_path, content)

    with pytest.raises(UsageError, match=reason):
        ids.count()
    with pytest.raises(FailedError, match=reason):
        await read(ids)


@pytest.mark.parametrize("argument", ["", " ", "p1 p2", '{"persona_id": "p1"}', "p1,p2", "p\n1", "你", "x" * 201])
def test_an_argument_that_is_no_id_is_refused_and_not_repeated(argument: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_ids(["p1", argument], None)

    assert str(caught.value) == "an argument is not an id: letters, digits and -._~ are expected, as in p5317866"


async def test_a_pipe_is_read_as_it_comes_and_cannot_be_counted() -> None:
    out, into = os.pipe()
    ids = Ids(out, "a pipe")
    assert ids.count() is None

    os.write(into, b"p1\np2")
    keys = aiter(ids)
    assert await anext(keys) == "p1"

    waiting = asyncio.ensure_future(anext(keys))
    await asyncio.sleep(0)
    assert not waiting.done()
    os.write(into, b"2\n")
    assert await waiting == "p22"

    os.close(into)
    with pytest.raises(StopAsyncIteration):
        await anext(keys)
    os.close(out)


async def test_what_cannot_be_read_any_more_is_an_error() -> None:
    out, into = os.pipe()
    os.close(into)
    os.close(out)

    with pytest.raises(FailedError, match="cannot read a pipe: Bad file descriptor"):
        await read(Ids(out, "a pipe"))


@pytest.mark.parametrize(
    ("arguments", "path", "reason"),
    [
        ([], None, "no ids: give some"),
        (["p1"], "ids.txt", "not from both"),
        (["p1", "-"], None, "no other ids beside it"),
        ([], "no/such/file", "cannot read no/such/file: No such file"),
        ([], ".", "it is a folder"),
        ([], "nul\0byte", "cannot read"),
    ],
)
def test_unclear_sources_are_wrong_usage(arguments: list[str], path: str | None, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        find_ids(arguments, path)


@pytest.mark.parametrize(("arguments", "path"), [(["-"], None), ([], "-")])
def test_a_dash_is_stdin(arguments: list[str], path: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(__file__).open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert find_ids(arguments, path).name == "stdin"

    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="stdin is closed"):
        find_ids(arguments, path)


@pytest.mark.parametrize(("line", "key"), [("p1", "p1"), (" p1 #x", "p1"), ("#p1", ""), ("p1#2", "p1#2"), ("", "")])
def test_a_line_is_an_id_without_what_surrounds_it(line: str, key: str) -> None:
    assert clean(line) == key
