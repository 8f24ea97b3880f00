"""Downloading the file of a video."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, Protocol

from tavus_async._bulk.part_file import PartFile, open_part
from tavus_async._records.secrets import MASK
from tavus_async._settings.checks import display, of_kind
from tavus_async.errors import ApiError, InvalidRequestError
from tavus_async.resources.videos.calls import PROCESSING
from tavus_async.resources.videos.records import Video

GONE: Final = frozenset({401, 403, 404, 410})
"""Statuses by which a file's host says that a link is no longer valid."""

Read = Callable[[str], Coroutine[Any, Any, Video]]
Target = str | os.PathLike[str]


class FetchFile(Protocol):
    """Writes what lies at a URL into a file."""

    def __call__(self, url: str, file: PartFile) -> Coroutine[Any, Any, None]:
        """Return when the file is whole."""
        ...


async def download(video: Video | str, path: Target, *, read: Read, fetch: FetchFile, overwrite: bool) -> Path:
    """Download a video into a file, and return its path; a link that has expired is read anew, once."""
    file = open_part(Path(path), overwrite=overwrite)
    try:
        if not isinstance(video, Video) or link_of(video) is None:
            video = await read(video if isinstance(video, str) else video.video_id)
        try:
            await fetch(find_link(video), file)
        except ApiError as error:
            if error.status not in GONE:
                raise
            await fetch(find_link(await read(video.video_id)), file)
        await asyncio.to_thread(file.finish)
    except BaseException:
        file.discard()
        raise
    return file.path


def check_download(video: object, *, overwrite: object, max_bytes: object) -> None:
    """Validate what a download is asked for with; InvalidRequestError for what makes no sense."""
    of_kind("video", video, (Video, str), error=InvalidRequestError)
    of_kind("overwrite", overwrite, bool, error=InvalidRequestError)
    if type(max_bytes) is not int or max_bytes < 1:
        raise InvalidRequestError(f"max_bytes must be a whole number from 1 up, not {display(max_bytes)}")


def find_link(video: Video) -> str:
    """Return where the file of a video lies.

    Raises ProcessingFailedError for one that has failed, and InvalidRequestError for one that is not ready yet.
    """
    link = link_of(video)
    if video.status in PROCESSING.failed:
        raise PROCESSING.failure(video)
    if link is None:
        state = f"is {video.status!r}" if video.status not in PROCESSING.ready else "has no download_url"
        raise InvalidRequestError(
            f"the video {video.video_id} {state}: wait_for_video waits until it can be downloaded"
        )
    return link


def link_of(video: Video) -> str | None:
    """Return the link of a video that is ready; None where there is none, or one that is masked."""
    link = video.download_url
    return link if link and MASK not in link and video.status in PROCESSING.ready else None
