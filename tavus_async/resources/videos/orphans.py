"""Finding the videos of creates whose answers were lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Final

import attrs

from tavus_async._bulk import polling
from tavus_async._bulk.pages import walk
from tavus_async._bulk.watching import PER_PAGE, BulkSend, send_one
from tavus_async._values import Page
from tavus_async._wire.call import Call
from tavus_async.errors import AmbiguousOutcomeError, DecodeError, ServerError, TavusError
from tavus_async.resources.videos import calls
from tavus_async.resources.videos.records import Video, VideoDraft

SETTLING: Final = 10.0
"""Seconds after a create was cut off in which the server may still be at work on it."""
FIRST_GAP: Final = 0.5
"""Seconds between two looks, at first; twice as many each time."""
LONGEST_SKEW: Final = timedelta(hours=1)
"""By how much the server's clock may be behind ours."""
MOST_FAILED_LOOKS: Final = 5


def may_exist(error: TavusError) -> bool:
    """Return whether something may have been created by a call that has failed like this."""
    if isinstance(error, ServerError):
        return not error.refused
    return isinstance(error, (AmbiguousOutcomeError, DecodeError))


def is_answered(error: TavusError) -> bool:
    """Return whether the server itself has answered, so that it is no longer at work on the create."""
    return isinstance(error, (ServerError, DecodeError))


@attrs.define(eq=False)
class NameSearch:
    """What is looked for: a video of this name, created since."""

    name: str
    since: float
    found: list[Video] = attrs.field(factory=list)
    is_over: bool = False


class Orphans:
    """Looks for videos by their names: all that are looked for at one time by one reading of the list."""

    def __init__(self, send_each: BulkSend) -> None:
        self._send_each = send_each
        self._turn = asyncio.Lock()
        self._searches: list[NameSearch] = []

    async def find(self, draft: VideoDraft, *, is_ours: bool, since: float, settled_in: float) -> str | None:
        """Return the id of the video that was created of a draft; None where there is surely none.

        Its name is the draft's; *is_ours* is whether nobody else can have given it. It was created after *since*, in
        seconds since 1970, and the server is no longer at work on it in *settled_in* seconds. Raises what reading the
        list raises, unless that passes.
        """
        now = asyncio.get_running_loop().time
        settled_at, pause, failed = now() + settled_in, FIRST_GAP, 0
        while True:
            began = now()
            try:
                videos = await self._look(draft.video_name or "", since)
                found = videos if is_ours else [each async for each in self._fitting(videos, draft, since)]
            except (*polling.PASSING, DecodeError):
                failed += 1
                if failed == MOST_FAILED_LOOKS:
                    raise
            else:
                if found:
                    return found[0].video_id
                if began >= settled_at:
                    return None
            await asyncio.sleep(pause if failed else min(pause, max(0.0, settled_at - now())))
            pause *= 2

    async def _look(self, name: str, since: float) -> list[Video]:
        """Return the videos of this name, by a reading that begins after this."""
        search = NameSearch(name, since)
        self._searches.append(search)
        async with self._turn:
            if not search.is_over:
                await self._read([each for each in self._searches if not each.is_over])
        return search.found

    async def _read(self, searches: list[NameSearch]) -> None:
        """Read the list for these, to its end, or as far back as they can be where it is in order."""
        by_name: dict[str, list[NameSearch]] = {}
        for search in searches:
            search.found.clear()
            by_name.setdefault(search.name.strip(), []).append(search)
        read_page = partial(self._read_page, PagesRead(oldest=oldest_for(min(search.since for search in searches))))
        async for video in walk(read_page, id_of=attrgetter("video_id"), page_size=PER_PAGE, first_page=0):
            for search in by_name.get((video.video_name or "").strip(), ()):
                search.found.append(video)
        for search in searches:
            search.is_over = True
        self._searches = [each for each in self._searches if not each.is_over]

    async def _read_page(self, pages: "PagesRead", number: int) -> Page[Video]:
        if pages.are_enough:
            return Page(items=())
        outcome = await send_one(self._send_each, list_page, number)
        page: Page[Video] = outcome.unwrap()
        pages.take(page)
        return page

    async def _fitting(self, videos: list[Video], draft: VideoDraft, since: float) -> AsyncIterator[Video]:
        """Yield those that say what the draft says, and are not older than its create."""
        oldest = oldest_for(since)
        for listed in videos:
            video = listed
            if not says_the_same(video, draft):
                continue
            if video.created_at is None:  # which lists need not tell
                video = (await send_one(self._send_each, calls.get_video, video.video_id)).unwrap()
            if video.created_at is None or video.created_at >= oldest:
                yield video


@attrs.define
class PagesRead:
    """The pages of a list that have been read, and whether those after them can have anything."""

    oldest: datetime
    """When the oldest that is looked for can have been created."""
    are_enough: bool = False

    def take(self, page: Page[Video]) -> None:
        """Take in one page: where the newest come first, none follows that is newer than its last."""
        first, last = (page.items[place].created_at if page.items else None for place in (0, -1))
        self.are_enough = first is not None and last is not None and last < first and last < self.oldest


def oldest_for(since: float) -> datetime:
    """Return how old a video can be, by the server's clock, that was created after a time by ours."""
    return datetime.fromtimestamp(since, UTC) - LONGEST_SKEW


def list_page(page: int) -> Call[Page[Video]]:
    """Return the call that reads a page, as large as there are."""
    return calls.list_videos_page(page=page, limit=PER_PAGE)


def says_the_same(video: Video, draft: VideoDraft) -> bool:
    """Return whether a video may be of a draft, as far as it tells what it was made of."""
    source = video.data
    pairs = (
        (source.script, draft.script),
        (source.audio_url, draft.audio_url),
        (video.replica_id, draft.replica_id),
    )
    return all(told is None or told == given for told, given in pairs)
