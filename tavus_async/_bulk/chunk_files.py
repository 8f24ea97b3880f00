"""Files of outcomes: one for each chunk, whole or not there, whoever is killed meanwhile."""

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from tavus_async._bulk.chunks import Chunk
from tavus_async._bulk.disk import sync_folder
from tavus_async._bulk.run import DOOMING, Outcomes
from tavus_async._records import json
from tavus_async._records.body import mask_links
from tavus_async._records.immutable import freeze, is_sequence, refuse_depth, thaw
from tavus_async._records.record import Record
from tavus_async._records.secrets import Hidden, Secret
from tavus_async._settings.checks import is_text, of_kind
from tavus_async._values import Outcome, Page
from tavus_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from pathlib import Path

Folder = str | os.PathLike[str]

# Digits after the point of seconds: a thousandth is as exact as they are.
MILLISECONDS = 3


async def write_chunk(
    folder: Folder,
    chunk: Chunk,
    outcomes: AsyncIterable[Outcome[Any]] | Iterable[Outcome[Any]],
    *,
    secrets: bool = False,
) -> bool:
    """Write what became of a chunk's ids into its file in a folder; return False where that file is there already.

    Then nothing is sent, for a bulk call begins as its outcomes are taken: a chunk that is given out twice is done
    once. The file has one JSON object a line for each id, in the order of the ids: `id`, and `value`, or `error` and
    `message`; `attempts` and `elapsed`. Without *secrets*, each in a value is `"***"`, also in links.

    It is written under another name, reaches the disk, and takes its own name in one step, so it is whole or not there,
    also where two workers write it at once. The disk is used in a thread. The folder is made if need be; the file is
    for its owner alone.

    Raises InvalidRequestError for a file of other ids, as where the list or the size was another, and for outcomes that
    are not those of the chunk's ids. What fails every id (AuthenticationError, PaymentRequiredError,
    SessionClosedError) is raised, and the file is not written. Of the disk it raises an OSError with the file's path.
    """
    of_kind("the chunk", chunk, Chunk, error=InvalidRequestError)
    of_kind("the outcomes", outcomes, (AsyncIterable, Iterable), error=InvalidRequestError)
    path = path_of(folder, chunk)
    async with _taken(outcomes) as each:
        if await asyncio.to_thread(is_written, path, chunk):
            return False
        found = [outcome async for outcome in each]
    return await asyncio.to_thread(_write, path, chunk, found, secrets=secrets)


def read_chunks(folder: Folder, chunks: Iterable[Chunk]) -> Iterator[dict[str, Any]]:
    """Yield what became of each id of these chunks, in their order, as `write_chunk` has written it.

    A line that has an `error` is that of an id that failed. Raises InvalidRequestError at a chunk whose file is not
    there yet, is of other ids, or is not whole: `missing_chunks` tells of the former beforehand.
    """
    for chunk in chunks:
        path = path_of(folder, chunk)
        lines = _read(path, chunk)
        if lines is None:
            raise InvalidRequestError(f"{path} is not there: missing_chunks(…) finds what is left to do")
        yield from lines


def missing_chunks(folder: Folder, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Yield those of the chunks whose file is not there yet; InvalidRequestError at one that is of other ids."""
    return (chunk for chunk in chunks if not is_written(path_of(folder, chunk), chunk))


def path_of(folder: Folder, chunk: Chunk) -> "Path":
    """Return the path of a chunk's file."""
    from pathlib import Path  # noqa: PLC0415 (it takes longer to load than most programs need)

    of_kind("the folder", folder, (str, os.PathLike), error=InvalidRequestError)
    return Path(folder, chunk.name)


def is_written(path: "Path", chunk: Chunk) -> bool:
    """Return whether a chunk's file is there; InvalidRequestError where it is of other ids, or not whole."""
    return _read(path, chunk) is not None


def _read(path: "Path", chunk: Chunk) -> list[dict[str, Any]] | None:
    """Return the lines of a chunk's file; None where there is none.

    The ids in it are compared with the chunk's: that is what binds a file to its chunk.
    """
    with _explained(path):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
    *lines, rest = data.split(b"\n")
    try:
        found = [json.loads(line) for line in lines]
    except ValueError:
        found = []
    if rest or not found or not all(json.is_object(line) and isinstance(line.get("id"), str) for line in found):
        raise InvalidRequestError(f"{path} is not what was written of a chunk: remove it, or use another folder")
    if [line["id"] for line in found] != list(chunk.ids):
        raise InvalidRequestError(
            f"{path} is of other ids than chunk {chunk.number} has, for the list or the size was another: "
            "use another folder"
        )
    return found


@asynccontextmanager
async def _taken(
    outcomes: AsyncIterable[Outcome[Any]] | Iterable[Outcome[Any]],
) -> AsyncGenerator[AsyncIterable[Outcome[Any]]]:
    """Give an async iterator of outcomes, which is closed in the end."""
    if not isinstance(outcomes, AsyncIterable):
        outcomes = _each(outcomes)
    try:
        yield outcomes
    finally:
        if isinstance(outcomes, (Outcomes, AsyncGenerator)):
            await outcomes.aclose()


async def _each(outcomes: Iterable[Outcome[Any]]) -> AsyncIterator[Outcome[Any]]:
    for outcome in outcomes:
        yield outcome


def _write(path: "Path", chunk: Chunk, outcomes: list[Outcome[Any]], *, secrets: bool) -> bool:
    """Write a chunk's file, unless it is there by now; return whether it was this call that did."""
    import tempfile  # noqa: PLC0415 (likewise)

    lines = [_line(outcome, secrets=secrets) for outcome in _in_order(chunk, outcomes)]
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = path.parent / name
        try:
            with os.fdopen(number, "wb") as file:
                file.writelines(lines)
                file.flush()
                os.fsync(number)
            return _rename(temporary, path, chunk)
        finally:
            temporary.unlink(missing_ok=True)


def _rename(temporary: "Path", path: "Path", chunk: Chunk) -> bool:
    """Let a file that is whole take its name, unless another worker was quicker; return whether it has."""
    if is_written(path, chunk):
        return False
    try:
        temporary.replace(path)
    except FileNotFoundError:  # another worker has written the chunk, and has removed what others had begun of it
        if is_written(path, chunk):
            return False
        raise
    sync_folder(path.parent)
    # What was begun of this chunk, by a worker that was killed or by one that is late, is superfluous.
    for other in path.parent.glob(f".{path.name}.*"):
        with suppress(OSError):
            other.unlink()
    return True


def _in_order(chunk: Chunk, outcomes: list[Outcome[Any]]) -> list[Outcome[Any]]:
    """Return the outcomes in the order of the chunk's ids; InvalidRequestError unless each id has its own."""
    found: defaultdict[Any, list[Outcome[Any]]] = defaultdict(list)
    for outcome in outcomes:
        of_kind("each outcome", outcome, Outcome, error=InvalidRequestError)
        if isinstance(outcome.error, DOOMING):
            raise outcome.error
        found[outcome.key if is_text(outcome.key) else None].append(outcome)
    if Counter(chunk.ids) != {key: len(each) for key, each in found.items()}:
        raise InvalidRequestError(
            f"chunk {chunk.number} is written with one outcome of each of its {len(chunk.ids)} ids, "
            f"and these are {len(outcomes)} of {sum(key in found for key in chunk.ids)} of them, or others"
        )
    return [found[key].pop(0) for key in chunk.ids]


def _line(outcome: Outcome[Any], *, secrets: bool) -> bytes:
    """Return what is written of an outcome."""
    line: dict[str, Any] = {"id": outcome.key}
    if outcome.error is None:
        line["value"] = _plain(outcome.value, secrets=secrets)
    else:
        line |= {"error": type(outcome.error).__name__, "message": str(outcome.error)}
    line |= {"attempts": outcome.attempts, "elapsed": round(outcome.elapsed, MILLISECONDS)}
    try:
        return json.dumps(line) + b"\n"
    except ValueError:
        raise InvalidRequestError(f"what came of {outcome.key!r} cannot be written as JSON") from None


def _plain(value: Any, *, secrets: bool) -> Any:
    """Return what a call has returned as JSON values."""
    if isinstance(value, Record):
        return value.to_dict(secrets=secrets)
    if isinstance(value, Page):
        page: dict[str, Any] = vars(value)
        return {name: _plain(each, secrets=secrets) for name, each in page.items()}
    if is_sequence(value) and any(isinstance(item, Record) for item in value):
        return [_plain(item, secrets=secrets) for item in value]
    refuse_depth(Hidden(value))
    # As in a record that knows none of it: what has the name of a credential is one.
    plain = thaw(freeze(value), Secret.reveal if secrets else str)
    return plain if secrets else mask_links(plain)


@contextmanager
def _explained(path: "Path") -> Generator[None]:
    """Let an error of the disk name the chunk's file, whatever it was that failed."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
