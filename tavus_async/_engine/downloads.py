"""Downloads of files that lie elsewhere: cut ones are resumed, and none goes through the API's rate limit."""

import asyncio
import re
from collections.abc import Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from tavus_async._bulk.part_file import PartFile
from tavus_async._bulk.session_part import SessionPart
from tavus_async._engine import repeat
from tavus_async._settings.config import Config
from tavus_async._settings.retries import RetryPolicy
from tavus_async._values import DownloadProgress
from tavus_async._wire.retry_after import retry_after
from tavus_async.errors import (
    ApiError,
    ConnectError,
    ConnectionLostError,
    RateLimitedError,
    ResponseTooLargeError,
    ServerError,
    SessionClosedError,
    TavusError,
    TransportError,
)

if TYPE_CHECKING:
    from tavus_async._http.download import FileAnswer, FileClient

CONTENT_RANGE: Final = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", re.ASCII)
NOT_A_FILE: Final = re.compile(r"\s*(text/html|application/json)\b", re.IGNORECASE)
"""The types of what hosts and gateways say in the place of a file."""


class Downloads(SessionPart):
    """The downloads of an open session."""

    def __init__(self) -> None:
        self._client: FileClient | None = None
        self._under_way: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    async def fetch(
        self,
        url: str,
        file: PartFile,
        *,
        config: Config,
        retry: RetryPolicy,
        max_bytes: int,
        on_progress: Callable[[DownloadProgress], object] | None,
    ) -> None:
        """Write what lies at a URL into a file, and begin again where it was cut, as often as *retry* allows.

        An attempt that brought something is no failed one. Raises ApiError for a status that no repeating cures,
        ResponseTooLargeError for more than *max_bytes*, and TransportError where nothing more comes.
        """
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._under_way.add(task)
        try:
            transfer = Transfer(
                client=self._open(config), url=url, file=file, max_bytes=max_bytes, on_progress=on_progress
            )
            await fetch_with_retries(transfer, retry)
        except (asyncio.CancelledError, TransportError):
            if not self._is_closed or (task.cancelling() and task.uncancel()):
                raise
        else:
            return
        finally:
            self._under_way.discard(task)
        raise SessionClosedError("the session was closed while a file was downloaded")

    async def aclose(self) -> None:
        """End what is under way, and close the connections."""
        self._is_closed = True
        for task in self._under_way:
            task.cancel()
        if self._client is not None:
            await self._client.aclose()

    def abandon(self) -> None:
        """Drop the connections."""
        if self._client is not None:
            self._client.abandon()

    def _open(self, config: Config) -> "FileClient":
        if self._client is None:
            from tavus_async._http.download import FileClient  # noqa: PLC0415 (it loads aiohttp, which takes long)

            self._client = FileClient(config)
        return self._client


@attrs.frozen(kw_only=True)
class Transfer:
    """One file on its way."""

    client: "FileClient"
    url: str
    file: PartFile
    max_bytes: int
    on_progress: Callable[[DownloadProgress], object] | None

    async def attempt(self) -> None:
        """Get what is not there yet."""
        file = self.file
        headers: dict[str, str] = {}
        if file.size and file.size == file.total:
            return  # the connection was cut behind the last byte
        if file.size and file.validator:
            headers = {"Range": f"bytes={file.size}-", "If-Range": file.validator}
        async with self.client.get(self.url, headers) as answer:
            if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and headers:
                await asyncio.to_thread(file.restart)
                raise ConnectionLostError("the rest of the file is not to be had: it has changed meanwhile")
            if answer.status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
                raise refused(answer)
            await self._begin(answer)
            async with aclosing(cast("Any", answer.pieces)) as pieces:
                async for piece in pieces:
                    self._check_size(file.size + len(piece), answer.place)
                    await asyncio.to_thread(file.write, piece)
                    self._tell()
        if file.total is not None and file.size != file.total:
            raise ConnectionLostError(f"{file.size:,} of {file.total:,} bytes of the file came")

    async def _begin(self, answer: "FileAnswer") -> None:
        """Make room for what comes: the rest of the file, or the whole of it."""
        file, headers = self.file, answer.headers
        if (
            NOT_A_FILE.match(headers.get("Content-Type", ""))
            or headers.get("Content-Encoding", "identity") != "identity"
        ):
            raise ConnectionLostError(f"what came from {answer.place} is no file")
        if answer.status == HTTPStatus.PARTIAL_CONTENT:
            found = CONTENT_RANGE.match(headers.get("Content-Range", ""))
            if found is None or found[1] != str(file.size) or found[2] != str(file.total):
                await asyncio.to_thread(file.restart)
                raise ConnectionLostError("another part of the file came than was asked for")
            return
        if file.size:
            await asyncio.to_thread(file.restart)
        length = headers.get("Content-Length")
        file.total = int(length) if length is not None else None
        file.validator = validator_of(headers) if file.total is not None else None
        self._check_size(file.total or 0, answer.place)
        self._tell()

    def _check_size(self, size: int, place: str) -> None:
        if size > self.max_bytes:
            raise ResponseTooLargeError(f"the file at {place} is larger than max_bytes ({self.max_bytes:,})")

    def _tell(self) -> None:
        if self.on_progress is not None:
            self.on_progress(DownloadProgress(done=self.file.size, total=self.file.total))


async def fetch_with_retries(transfer: Transfer, policy: RetryPolicy) -> None:
    """Make attempts until the file is whole, or its failure is final."""
    now, file = asyncio.get_running_loop().time, transfer.file
    attempts, began = 0, now()
    while True:
        size = file.size
        attempts += 1
        try:
            await transfer.attempt()
        except TavusError as error:
            failure = error.with_traceback(None)
        else:
            return
        if file.size > size:
            attempts, began = 1, now()
        if is_lasting(failure) or not policy.allows(failure, repeatable=True):
            raise failure
        delay = policy.delay(failure, attempts, jitter=repeat.jitter())
        bound = policy.find_bound(failure, delay, attempts=attempts, elapsed=now() - began)
        if bound:
            if isinstance(failure, (TransportError, ApiError)):
                failure.attempts, failure.elapsed, failure.bound = attempts, now() - began, bound
            raise failure
        await asyncio.sleep(delay)


def is_lasting(error: TavusError) -> bool:
    """Return whether no repeating cures it: a link that is not followed, or a certificate that is not valid."""
    return isinstance(error, ConnectError) and error.is_lasting


def validator_of(headers: Mapping[str, str]) -> str | None:
    """Return what a range can be asked for with: a strong ETag, or else the date of the last change (RFC 9110, 13.1.5).

    A weak ETag says nothing of single bytes, and then nor does the date.
    """
    tag = headers.get("ETag")
    if tag is not None:
        return tag if tag.startswith('"') else None
    return headers.get("Last-Modified")


def refused(answer: "FileAnswer") -> ApiError:
    """Return the error for a status by which a host does not give a file."""
    status = answer.status
    kind = RateLimitedError if status == HTTPStatus.TOO_MANY_REQUESTS else ServerError if status >= 500 else ApiError  # noqa: PLR2004
    try:
        words = HTTPStatus(status).phrase
    except ValueError:
        words = ""
    return kind(
        words,
        status=status,
        method="GET",
        path=answer.place,
        retry_after=retry_after(answer.headers, datetime.now(UTC)),
    )
