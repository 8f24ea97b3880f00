"""Downloads of videos: whole or not at all, whatever happens on the way, and nothing of the session's goes along."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tavus_async import (
    ApiError,
    AsyncSession,
    ConnectError,
    ConnectionLostError,
    DeadlineExceededError,
    InvalidRequestError,
    NotFoundError,
    ProcessingFailedError,
    ResponseTooLargeError,
    RetryPolicy,
    SessionClosedError,
)
from tavus_async.models import DownloadProgress, Video
from tavus_async.sandbox import Sandbox
from tests.support import file_host
from tests.support.file_host import CONTENT, FileHost, status, whole
from tests.support.quick import AT_ONCE, NO_LIMIT, until

SECRET_HEADER = {"X-Tenant": "tenant-4711"}


@pytest.fixture
async def host() -> AsyncIterator[FileHost]:
    async with file_host.running() as running:
        yield running


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(personas=1) as running:
        yield running


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    session = AsyncSession(
        sandbox.api_key, base_url=sandbox.url, rate_limit=NO_LIMIT, retry=AT_ONCE, headers=SECRET_HEADER
    )
    async with session:
        yield session


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "video.mp4"


def video(host: FileHost, **fields: Any) -> Video:
    link = f"{host.url}/high.mp4?token=t0ken"
    return Video.from_dict({"video_id": "v1", "status": "ready", "download_url": link} | fields)


class TestWhole:
    async def test_a_video_is_downloaded(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        told: list[DownloadProgress] = []

        written = await session.download_video(video(host), str(path), on_progress=told.append)

        assert written == path
        assert path.read_bytes() == CONTENT
        assert told[0] == DownloadProgress(done=0, total=len(CONTENT))
        assert told[-1] == DownloadProgress(done=len(CONTENT), total=len(CONTENT))
        assert host.requests[0].query == {"token": "t0ken"}

    async def test_nothing_of_the_session_goes_to_the_host(
        self, session: AsyncSession, sandbox: Sandbox, host: FileHost, path: Path
    ) -> None:
        await session.with_options(headers={"X-More": "more"}).download_video(video(host), path)

        headers = {name.lower() for name in host.requests[0].headers}
        assert headers == {"host", "accept", "accept-encoding", "user-agent", "connection"}
        assert sandbox.api_key not in str(host.requests[0].raw_headers)

    async def test_nothing_of_a_borrowed_session_goes_to_the_host(
        self, sandbox: Sandbox, host: FileHost, path: Path
    ) -> None:
        jar = aiohttp.CookieJar(unsafe=True)
        jar.update_cookies({"session": "c00kie"})
        async with (
            aiohttp.ClientSession(
                headers={"Authorization": "Bearer b0rrowed"}, cookie_jar=jar, cookies={"more": "c00kie"}
            ) as http,
            AsyncSession(sandbox.api_key, base_url=sandbox.url, http=http) as session,
        ):
            await session.download_video(video(host), path)

        assert {name.lower() for name in host.requests[0].headers}.isdisjoint({"authorization", "cookie", "x-api-key"})

    async def test_it_does_not_count_for_the_rate_limit(
        self, session: AsyncSession, host: FileHost, path: Path
    ) -> None:
        await session.download_video(video(host), path)

        assert session.stats().requests == 0

    async def test_an_empty_file_is_a_file(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        host.answer = whole(content=b"")

        await session.download_video(video(host), path)

        assert path.read_bytes() == b""

    async def test_of_an_id_the_link_is_read_first(self, session: AsyncSession, sandbox: Sandbox, path: Path) -> None:
        video_id = (await session.create_video({"replica_id": "r1", "script": "Hello."})).video_id
        sandbox.advance(300)

        await session.download_video(video_id, path)

        assert path.read_bytes()[4:8] == b"ftyp"

    async def test_of_a_record_without_its_link_too(self, session: AsyncSession, sandbox: Sandbox, path: Path) -> None:
        created = await session.create_video({"replica_id": "r1", "script": "Hello."})
        sandbox.advance(300)
        masked = Video.from_dict((await session.get_video(created.video_id)).to_dict(secrets=False))

        await session.download_video(created, path)
        await session.download_video(masked, path, overwrite=True)

        assert path.read_bytes()[4:8] == b"ftyp"


class TestCuts:
    async def test_a_download_that_is_cut_goes_on_where_it_was(
        self, session: AsyncSession, host: FileHost, path: Path
    ) -> None:
        host.steps = [whole(cut=50_000) for _ in range(4)]

        await session.download_video(video(host), path)

        assert path.read_bytes() == CONTENT
        assert host.ranges == [None, *(f"bytes={50_000 * number}-" for number in range(1, 5))]
        assert {each.headers.get("If-Range") for each in host.requests[1:]} == {'"v1"'}

    async def test_as_often_as_it_brings_something(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        host.steps = [whole(cut=9_000) for _ in range(20)]
        patient = session.with_options(retry=RetryPolicy(attempts=2, base_delay=0))

        await patient.download_video(video(host), path)

        assert path.read_bytes() == CONTENT

    async def test_another_version_begins_anew(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        host.steps = [whole(content=b"old" * 90_000, etag='"v0"', cut=60_000)]
        sizes: list[int] = []

        await session.download_video(video(host), path, on_progress=lambda progress: sizes.append(progress.done))

        assert path.read_bytes() == CONTENT
        assert host.ranges == [None, "bytes=60000-"]
        assert sizes.count(0) == 2

    @pytest.mark.parametrize("etag", [None, 'W/"weak"'])
    async def test_without_a_name_of_the_version_it_begins_anew(
        self, session: AsyncSession, host: FileHost, path: Path, etag: str | None
    ) -> None:
        host.answer = whole(etag=etag)
        host.steps = [whole(etag=etag, cut=60_000)]

        await session.download_video(video(host), path)

        assert path.read_bytes() == CONTENT
        assert host.ranges == [None, None]

    async def test_a_date_tells_versions_apart_as_well(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        date = "Tue, 24 Jun 2025 07:04:56 GMT"
        host.steps = [whole(etag=None, cut=60_000, headers={"Last-Modified": date}), status(416)]

        await session.download_video(video(host), path)

        assert host.requests[1].headers["If-Range"] == date
        assert path.read_bytes() == CONTENT

    async def test_another_part_than_was_asked_for_is_not_taken(
        self, session: AsyncSession, host: FileHost, path: Path
    ) -> None:
        async def wrong(request: Any) -> Any:
            start = request.http_range.start
            part = {"Content-Range": f"bytes {start - 1}-{len(CONTENT) - 1}/{len(CONTENT)}"}
            return web.Response(status=206, body=CONTENT[start - 1 :], headers=part)

        host.steps = [whole(cut=60_000), wrong]

        await session.download_video(video(host), path)

        assert path.read_bytes() == CONTENT

    async def test_one_that_never_comes_leaves_nothing(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        host.answer = whole(cut=0)

        with pytest.raises(ConnectionLostError, match="after 5 attempts"):
            await session.download_video(video(host), path)

        assert list(path.parent.iterdir()) == []

    @pytest.mark.parametrize("number", [429, 500, 503, 408])
    async def test_what_passes_is_asked_for_again(
        self, session: AsyncSession, host: FileHost, path: Path, number: int
    ) -> None:
        host.steps = [status(number), status(number)]

        await session.download_video(video(host), path)

        assert path.read_bytes() == CONTENT

    @pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json"])
    async def test_a_page_in_the_place_of_the_file_is_no_file(
        self, session: AsyncSession, host: FileHost, path: Path, kind: str
    ) -> None:
        host.steps = [whole(content=b"<html>Be right back.", headers={"Content-Type": kind})]

        await session.download_video(video(host), path)

        assert path.read_bytes() == CONTENT


class TestBounds:
    @pytest.mark.parametrize("is_told", [True, False])
    async def test_a_file_that_is_too_large_is_not_kept(
        self, session: AsyncSession, host: FileHost, path: Path, is_told: bool
    ) -> None:
        async def chunked(request: Any) -> Any:
            response = web.StreamResponse(headers={"Content-Type": "video/mp4"})
            response.enable_chunked_encoding()
            await response.prepare(request)
            await response.write(CONTENT)
            return response

        host.answer = whole() if is_told else chunked
        with pytest.raises(ResponseTooLargeError, match=r"larger than max_bytes \(100,000\)") as failure:
            await session.download_video(video(host), path, max_bytes=100_000)

        assert "t0ken" not in str(failure.value)
        assert len(host.requests) == 1
        assert list(path.parent.iterdir()) == []

    async def test_a_deadline_ends_it(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        stalled = asyncio.Event()

        async def stall(_request: Any) -> Any:
            await stalled.wait()

        host.answer = stall
        with pytest.raises(DeadlineExceededError, match=r"longer than 0\.05 s"):
            await session.download_video(video(host), path, timeout=0.05)
        stalled.set()

        assert list(path.parent.iterdir()) == []

    @pytest.mark.parametrize(
        ("name", "value"), [("max_bytes", 0), ("max_bytes", True), ("timeout", 0), ("overwrite", "no"), ("video", 5)]
    )
    async def test_what_makes_no_sense_is_refused(
        self, session: AsyncSession, host: FileHost, path: Path, name: str, value: Any
    ) -> None:
        arguments: dict[str, Any] = {"video": video(host), "path": path, name: value}

        with pytest.raises(InvalidRequestError, match=name):
            await session.download_video(arguments.pop("video"), arguments.pop("path"), **arguments)

    async def test_a_file_that_is_there_is_kept_and_nothing_is_sent(
        self, session: AsyncSession, host: FileHost, path: Path
    ) -> None:
        path.write_bytes(b"mine")

        with pytest.raises(FileExistsError):
            await session.download_video("v1", path)

        assert path.read_bytes() == b"mine"
        assert (host.requests, session.stats().requests) == ([], 0)


class TestLinks:
    @pytest.mark.parametrize("number", [301, 302, 303, 307, 308])
    async def test_redirects_are_followed(self, session: AsyncSession, host: FileHost, path: Path, number: int) -> None:
        async with file_host.running() as other:
            host.steps = [status(number, Location=f"{other.url}/there?x=1")]

            await session.download_video(video(host), path)

            assert other.requests[0].path_qs == "/there?x=1"
        assert path.read_bytes() == CONTENT

    async def test_a_redirect_may_be_relative(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        host.steps = [status(302, Location="/elsewhere/x%2Fy.mp4")]

        await session.download_video(video(host), path)

        assert host.requests[1].raw_path == "/elsewhere/x%2Fy.mp4"

    async def test_redirects_have_an_end(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        host.answer = status(302, Location="/again")

        with pytest.raises(ConnectError, match="redirects more than 10 times"):
            await session.download_video(video(host), path)

        assert len(host.requests) == 11

    @pytest.mark.parametrize(
        "link",
        [
            "http://files.example/v.mp4",
            "ftp://files.example/v.mp4",
            "file:///etc/passwd",
            "https://",
            "https://a b/",
            "https://[::1/v",
            "//files.example/v.mp4",
            "high.mp4",
            "https://files.example/v\r\nX: y",
        ],
    )
    async def test_what_is_no_safe_link_is_not_followed(
        self, session: AsyncSession, host: FileHost, path: Path, link: str
    ) -> None:
        with pytest.raises(ConnectError):
            await session.download_video(video(host, download_url=link), path)

        assert list(path.parent.iterdir()) == []

    async def test_nor_is_a_redirect_to_one(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        host.answer = status(302, Location="http://files.example/v.mp4")

        with pytest.raises(ConnectError, match=r"files\.example over plain http"):
            await session.download_video(video(host), path)

        assert len(host.requests) == 1

    @pytest.mark.parametrize("number", [401, 403, 404, 410])
    async def test_a_link_that_has_expired_is_read_anew(
        self, session: AsyncSession, sandbox: Sandbox, host: FileHost, path: Path, number: int
    ) -> None:
        sandbox.add(video(host, download_url=f"{host.url}/new").to_dict(), resource="videos")
        host.steps = [whole(cut=60_000), status(number)]

        await session.download_video(video(host), path)

        assert [each.path for each in host.requests] == ["/high.mp4", "/high.mp4", "/new"]
        assert host.ranges[2] == "bytes=60000-"
        assert path.read_bytes() == CONTENT

    async def test_it_is_read_anew_once(
        self, session: AsyncSession, sandbox: Sandbox, host: FileHost, path: Path
    ) -> None:
        sandbox.add(video(host).to_dict(), resource="videos")
        host.answer = status(403)

        with pytest.raises(ApiError, match=r"GET http://127.0.0.1:\d+/high.mp4 was answered 403") as failure:
            await session.download_video(video(host), path)

        assert failure.value.status == 403
        assert len(host.requests) == 2
        assert session.stats().requests == 1


class TestNotReady:
    async def test_one_that_is_still_made_is_an_error(self, session: AsyncSession, path: Path) -> None:
        created = await session.create_video({"replica_id": "r1", "script": "Hello."})

        with pytest.raises(InvalidRequestError, match=r"is 'queued': wait_for_video waits"):
            await session.download_video(created, path)

        assert list(path.parent.iterdir()) == []

    async def test_one_that_has_failed_says_why(self, session: AsyncSession, sandbox: Sandbox, path: Path) -> None:
        created = await session.create_video({"replica_id": "r1", "script": "error: No light."})
        sandbox.advance(300)

        with pytest.raises(ProcessingFailedError, match="No light"):
            await session.download_video(created, path)

    async def test_one_that_is_not_there_is_not_found(self, session: AsyncSession, path: Path) -> None:
        with pytest.raises(NotFoundError):
            await session.download_video("v404", path)

        assert list(path.parent.iterdir()) == []


class TestEnds:
    async def test_cancelling_leaves_nothing(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        host.answer = whole(content=CONTENT * 100)
        begun = asyncio.Event()
        tasks = asyncio.all_tasks()
        download = asyncio.create_task(
            session.download_video(
                video(host), path, on_progress=lambda progress: begun.set() if progress.done else None
            )
        )
        await begun.wait()

        download.cancel()
        with pytest.raises(asyncio.CancelledError):
            await download

        assert list(path.parent.iterdir()) == []
        await until(lambda: len(asyncio.all_tasks()) <= len(tasks) + 1)  # the host's own

    async def test_closing_the_session_ends_it(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        async def stall(request: Any) -> Any:
            response = web.StreamResponse(headers={"Content-Type": "video/mp4", "Content-Length": "9"})
            await response.prepare(request)
            await response.write(b"half")
            begun.set()
            await asyncio.sleep(60)

        begun = asyncio.Event()
        host.answer = stall
        download = asyncio.create_task(session.download_video(video(host), path))
        await begun.wait()

        await session.aclose()
        with pytest.raises(SessionClosedError, match="while a file was downloaded"):
            await download

        assert list(path.parent.iterdir()) == []

    async def test_a_session_that_nobody_closed_keeps_no_connection(
        self, sandbox: Sandbox, host: FileHost, path: Path
    ) -> None:
        def download_and_forget() -> None:
            session = AsyncSession(sandbox.api_key, base_url=sandbox.url)
            asyncio.run(session.download_video(video(host), path))
            made.append(weakref.ref(session))
            del session
            gc.collect()

        made: list[weakref.ref[AsyncSession]] = []
        with pytest.warns(ResourceWarning, match="was never closed") as warned:
            await asyncio.to_thread(download_and_forget)

        assert (len(warned), made[0]()) == (1, None)

        assert path.read_bytes() == CONTENT

    async def test_what_the_callback_raises_ends_it(self, session: AsyncSession, host: FileHost, path: Path) -> None:
        with pytest.raises(ZeroDivisionError):
            await session.download_video(video(host), path, on_progress=lambda _: 1 / 0)

        assert list(path.parent.iterdir()) == []

    async def test_many_at_once_are_all_whole(self, session: AsyncSession, host: FileHost, tmp_path: Path) -> None:
        host.steps = [whole(cut=30_000) for _ in range(10)]
        paths = [tmp_path / f"{number}.mp4" for number in range(20)]

        await asyncio.gather(*(session.download_video(video(host), path) for path in paths))

        assert {path.read_bytes() for path in paths} == {CONTENT}
