"""The session's methods for videos."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from tavus_async._bulk.keys import Keys
from tavus_async._bulk.run import MAX_OUTAGE, OnProgress, Outcomes, check_callback
from tavus_async._records.secrets import hidden
from tavus_async._settings.arguments import check_bulk
from tavus_async._settings.checks import check_seconds, of_kind
from tavus_async._values import DownloadProgress, Page, RenderProgress
from tavus_async.errors import DeadlineExceededError, InvalidRequestError
from tavus_async.resources._lazy import lazy_modules
from tavus_async.resources._sends import PAGE_SIZE, Sends

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from tavus_async.resources.videos import calls, records
else:
    calls, records = lazy_modules(__name__)

# Seconds: a video takes minutes, and waits in line behind others.
LONGEST_RENDERING = 3_600.0
# Bytes of a file: ten minutes of video have far fewer.
LARGEST_FILE = 4 * 2**30
# Videos of one run that have been created and are not ready yet.
UNFINISHED = 1_000


class Videos(Sends):
    """Creates, reads, lists, renames and deletes videos, renders many, waits for them, and downloads their files."""

    async def create_video(
        self, draft: "records.VideoDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> "records.Video":
        """Create a video, which is `queued` at first; `wait_for_video()` waits until it is ready.

        *draft* may be a mapping, such as a body copied from the documentation. It is never sent twice where the first
        may have worked: a lost answer raises AmbiguousOutcomeError, and `find_videos(error.name)` tells. For many,
        `render_videos()` sees to that by itself.
        Raises InvalidRequestError for a draft without a replica, and for one without a script or an audio_url.
        Source: https://docs.tavus.io/api-reference/video-request/create-video
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.create_video(draft), timeout=timeout)

    async def get_video(self, video_id: str, *, verbose: bool = False, timeout: float | None = None) -> "records.Video":
        """Return one video by its id; with *verbose* also the links to its thumbnails.

        Raises NotFoundError for an id that the account does not have.
        Source: https://docs.tavus.io/api-reference/video-request/get-video
        """
        return await self.send(calls.get_video(video_id, verbose=verbose), timeout=timeout)

    async def list_videos(
        self, *, page_size: int = PAGE_SIZE, timeout: float | None = None
    ) -> AsyncIterator["records.Video"]:
        """Iterate over the videos of all pages, each once; *timeout* is each page's, in seconds.

        Source: https://docs.tavus.io/api-reference/video-request/get-videos
        """
        found = self._list_all(calls.VIDEOS, calls.list_videos_page, page_size=page_size, timeout=timeout)
        async for video in found:
            yield video

    async def list_videos_page(
        self, *, page: int = 0, limit: int = 10, timeout: float | None = None
    ) -> Page["records.Video"]:
        """Return one page, counted from 0, of at most *limit* videos.

        Raises InvalidRequestError for a page below 0 or a limit below 1.
        Source: https://docs.tavus.io/api-reference/video-request/get-videos
        """
        return await self.send(calls.list_videos_page(page=page, limit=limit), timeout=timeout)

    async def find_videos(self, video_name: str, *, timeout: float | None = None) -> list["records.Video"]:
        """Return the videos of this name, which need not be unique; the list is read to its end.

        After an AmbiguousOutcomeError, `find_videos(error.name)` tells whether the create has happened.
        *timeout* is each page's, in seconds.
        """
        of_kind("video_name", video_name, str, error=InvalidRequestError)
        found = self.list_videos(timeout=timeout)
        return [video async for video in found if video.video_name == video_name]

    async def rename_video(self, video_id: str, video_name: str, *, timeout: float | None = None) -> None:
        """Give a video another name.

        Raises NotFoundError for an id that the account does not have.
        Source: https://docs.tavus.io/api-reference/video-request/patch-video-name
        """
        await self.send(calls.rename_video(video_id, video_name), timeout=timeout)

    async def delete_video(self, video_id: str, *, hard: bool = False, timeout: float | None = None) -> None:
        """Delete a video; *hard* removes its files for good, thumbnails too.

        Raises NotFoundError where there is none; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/video-request/delete-video
        """
        await self.send(calls.delete_video(video_id, hard=hard), timeout=timeout)

    async def wait_for_video(
        self,
        video_id: str,
        *,
        timeout: float | None = LONGEST_RENDERING,
        on_progress: "Callable[[records.Video], object] | None" = None,
    ) -> "records.Video":
        """Wait until a video is ready, and return it.

        It is read through the rate limit, every 2 seconds at first and every 15 at last, once for all who wait for it.
        *timeout* is in seconds, None for ever: a video stays queued while its replica is trained, which takes hours.
        *on_progress* is called with the video each time it has changed. Raises ProcessingFailedError for one that
        failed or was deleted, with Tavus' reason, and DeadlineExceededError when the time is over.
        """
        call = calls.get_video(video_id)
        return await self._wait_until_ready(call, calls.PROCESSING, timeout=timeout, on_progress=on_progress)

    def wait_for_videos(
        self,
        ids: Keys[str],
        *,
        concurrency: int | None = None,
        on_progress: OnProgress | None = None,
        timeout: float | None = LONGEST_RENDERING,
        max_outage: float = MAX_OUTAGE,
    ) -> Outcomes["records.Video"]:
        """Iterate over an Outcome for each id as its video is ready: `async for outcome in …`.

        They are read together, on pages of the list where those have several of them.
        *concurrency* is how many are waited for at the same time, 1,000 by default; *timeout* is each one's, in
        seconds, None for ever. A video that failed is an Outcome with ProcessingFailedError. The other arguments, and
        how the loop ends, are as with `iter_personas()`.
        """
        return self._wait_for_each(
            calls.WAITABLE,
            ids,
            concurrency=concurrency,
            on_progress=on_progress,
            timeout=timeout,
            max_outage=max_outage,
        )

    def render_videos(
        self,
        drafts: "Keys[records.VideoDraft | Mapping[str, Any]]",
        *,
        journal: "str | PathLike[str] | None" = None,
        concurrency: int | None = None,
        on_progress: Callable[[RenderProgress], object] | None = None,
        timeout: float | None = None,
        max_outage: float = MAX_OUTAGE,
    ) -> Outcomes["records.Video"]:
        """Create a video of each draft, wait for it, and iterate over their Outcomes as they are ready.

        - *drafts*: any iterable or async iterable, however long: it is pulled as videos become ready.
        - *journal*: a file, made if there is none, of what was created. With it, a run that was killed goes on with the
          same drafts: what exists already is waited for, and given again, and nothing is created twice.
        - *concurrency*: how many are created and not ready at the same time, 1,000 by default.
        - *on_progress*: called with a RenderProgress after each outcome, and twice a second.
        - *timeout*: seconds for each video from its creation until it is ready; None for ever.
        - *max_outage*: seconds that the run waits while the server cannot be reached at all, or asks for a pause.

        `outcome.key` is the draft. A video that failed is an Outcome with ProcessingFailedError, one that was not
        created an Outcome with that error, and the rest go on; what would fail every item ends the run, as with
        `iter_personas()`. A create that may have happened is looked for by its name, and sent again only where nothing
        is found: so a draft without a name, or with one that an earlier draft has, gets a unique one.
        The loop raises InvalidRequestError for a journal of other drafts, for one that another run has open, and for a
        file that is none; OSError where it cannot be written.
        """
        from tavus_async.resources.videos.rendering import plan  # noqa: PLC0415 (few programs need it)

        concurrency = UNFINISHED if concurrency is None else concurrency
        check_bulk(concurrency=concurrency, max_outage=max_outage, ordered=False, look_up=None)
        send_each = partial(self.send_each, max_outage=max_outage)
        job = plan(drafts, send_each=send_each, journal=journal, concurrency=concurrency, on_progress=on_progress,
                   timeout=timeout)  # fmt: skip
        return self._start(job)

    async def download_video(
        self,
        video: "records.Video | str",
        path: "str | PathLike[str]",
        *,
        overwrite: bool = False,
        max_bytes: int = LARGEST_FILE,
        on_progress: Callable[[DownloadProgress], object] | None = None,
        timeout: float | None = None,
    ) -> "Path":
        """Download the file of a video that is ready, and return its path.

        It is written beside its place, as `….part`, and takes its name once it is whole and on the disk. What was cut
        goes on where it was, as often as the session's RetryPolicy allows without anything new. The API key and
        the session's headers are not sent to the file's host, and it does not count for the rate limit. Redirects are
        followed to https, and to http on this machine or a host of `Pool.insecure_hosts`. A link that has expired is
        read anew, once.

        - *video*: its record or its id; a record without a link is read anew.
        - *overwrite*: whether a file of that path is replaced; else FileExistsError is raised, before anything is sent.
        - *max_bytes*: ResponseTooLargeError for a larger file, 4 GiB by default.
        - *on_progress*: called with a DownloadProgress after each piece.
        - *timeout*: seconds for all of it; None is no limit. DeadlineExceededError when it is over.
        Raises InvalidRequestError for a video that is not ready, ProcessingFailedError for one that never will be, and
        ApiError for what the host answers in the place of the file. Whatever is raised, no part of it is left.
        """
        from tavus_async.resources.videos.downloading import check_download, download  # noqa: PLC0415 (likewise)

        check_callback(on_progress)
        check_seconds("timeout", timeout)
        check_download(video, overwrite=overwrite, max_bytes=max_bytes)
        fetch = partial(self._fetch_file, max_bytes=max_bytes, on_progress=on_progress)
        limit = asyncio.timeout(timeout)
        try:
            async with limit:
                return await download(video, path, read=self._get_video_anew, fetch=fetch, overwrite=overwrite)
        except TimeoutError:
            if not limit.expired():
                raise
        raise DeadlineExceededError(f"the download of a video took longer than {timeout} s")

    async def _get_video_anew(self, video_id: str) -> "records.Video":
        return await self.send(calls.WAITABLE.get_anew(video_id))
