"""Rendering many videos: each is created, once, and waited for.

What is created must be created once, though answers get lost and programs are killed. So before a create is sent, it is
decided, and written into the journal if there is one, under which name it will be found; a create that may have
happened is looked for by that name, and sent again only where there is none.
"""

import asyncio
import hashlib
import os
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from pathlib import Path
from types import NoneType
from typing import Any, Final

import attrs

from tavus_async._bulk.journal import Entry, Journal, open_journal
from tavus_async._bulk.keys import Keys, is_collection
from tavus_async._bulk.run import Job, check_callback
from tavus_async._bulk.watching import BulkSend, JointWait, send_one
from tavus_async._records import json
from tavus_async._records.immutable import is_mapping
from tavus_async._records.secrets import hidden
from tavus_async._settings import checks
from tavus_async._values import Outcome, Progress, RenderProgress
from tavus_async._wire.call import Call
from tavus_async._wire.resource import as_draft
from tavus_async.errors import InvalidRequestError, SessionClosedError, TavusError
from tavus_async.resources.videos import calls, orphans
from tavus_async.resources.videos.orphans import Orphans, is_answered, may_exist
from tavus_async.resources.videos.records import Video, VideoDraft

MOST_CREATES: Final = 5
"""How often one video is sent to be created, where nothing came of it before."""
CREATES_AT_ONCE: Final = 100
"""How many creates are under way at the same time: what was killed with them has to be looked for."""
REMEMBERED_NAMES: Final = 10_000
"""Names of the newest drafts, which no other may have."""


@attrs.define(kw_only=True, eq=False)
class Rendering:
    """One run over drafts."""

    send_each: BulkSend
    watch: JointWait[Video]
    path: Path | None
    """Of the journal; None for none."""
    timeout: float | None
    expected: int | None
    """How many drafts there are; None where nobody knows."""
    created: int = 0
    """Drafts of which a video has been created."""
    _journal: Journal | None = None
    _opening: "asyncio.Future[Journal] | None" = None
    _opened_at: float = 0.0
    _orphans: Orphans = attrs.field(
        init=False, default=attrs.Factory(lambda self: Orphans(self.send_each), takes_self=True)
    )
    _names: "OrderedDict[str, None]" = attrs.field(init=False, factory=OrderedDict[str, None])
    _creating: asyncio.Semaphore = attrs.field(init=False, factory=lambda: asyncio.Semaphore(CREATES_AT_ONCE))

    async def fetch(self, item: tuple[int, Any]) -> Outcome[Video]:
        """Return what became of one draft, which comes with its number."""
        number, key = item
        work = Work(number=number, began=asyncio.get_running_loop().time())
        journal = await self._open()
        try:
            draft = as_draft(VideoDraft, hidden(key, texts=True))
            call = calls.create_video(draft)  # or it is refused, before anything is written down
        except InvalidRequestError as error:
            return work.failed(key, error)
        digest = digest_of(call)
        entry = self._take_entry(journal, number, digest)
        try:
            video_id = entry.item_id if entry is not None else None
            if video_id is None:
                video_id = await self._create(work, draft, digest, entry)
            self.created += 1
            video = await self.watch.wait(video_id, timeout=self.timeout, what=f"the video {video_id}")
        except TavusError as error:
            return work.failed(key, error)
        return Outcome(key=key, value=video, attempts=work.attempts, elapsed=work.elapsed())

    def close(self) -> None:
        """Close the journal, when nobody works with it any more."""
        opening = self._opening
        if opening is not None and opening.done() and not opening.cancelled() and opening.exception() is None:
            opening.result().close()

    def progress(self, progress: Progress) -> RenderProgress:
        """Return the progress in both stages."""
        return RenderProgress(
            total=progress.total,
            created=self.created,
            waiting=self.watch.count,
            ready=progress.done - progress.failed,
            failed=progress.failed,
            rate=progress.rate,
            paused=progress.paused,
            outage=progress.outage,
        )

    async def number(self, drafts: Keys[Any]) -> AsyncIterator[tuple[int, Any]]:
        """Yield drafts with their numbers; InvalidRequestError where the journal knows of more."""
        number = -1
        if isinstance(drafts, AsyncIterable):
            async for draft in drafts:
                number += 1
                yield number, draft
        else:
            for draft in drafts:
                number += 1
                yield number, draft
        self.expected = number + 1
        self._refuse_fewer(self.expected)

    async def _open(self) -> Journal | None:
        """Return the journal, opened by the first who asks."""
        if self.path is None or self._journal is not None:
            return self._journal
        if self._opening is None:
            self._opening = asyncio.ensure_future(asyncio.to_thread(open_journal, self.path, of="videos"))
        try:
            journal = await asyncio.shield(self._opening)
        except asyncio.CancelledError:
            await asyncio.wait({self._opening})  # so that its file can be closed
            raise
        if self._journal is None:
            self._journal, self._opened_at = journal, asyncio.get_running_loop().time()
            for entry in journal.entries.values():
                self._remember(entry.name)
            if self.expected is not None:
                self._refuse_fewer(self.expected)
        return journal

    def _refuse_fewer(self, count: int) -> None:
        if self._journal is not None and self._journal.count > count:
            known = self._journal.count
            raise InvalidRequestError(f"the journal {self.path} is of other drafts: of {known}, and these are {count}")

    def _take_entry(self, journal: Journal | None, number: int, digest: str) -> Entry | None:
        entry = journal.entries.pop(number, None) if journal is not None else None
        if entry is not None and entry.digest != digest:
            raise InvalidRequestError(
                f"the journal {self.path} is of other drafts: number {number + 1} was another when it was created"
            )
        return entry

    async def _create(self, work: "Work", draft: VideoDraft, digest: str, entry: Entry | None) -> str:
        """Return the id of the video of a draft, created now unless it was before."""
        is_lost = entry is not None and not entry.is_refused
        settled_in = orphans.SETTLING - (work.began - self._opened_at)
        if entry is None or entry.is_refused:
            entry = Entry(digest=digest, name=self._name_for(draft) if entry is None else entry.name, at=time.time())
        named = attrs.evolve(draft, video_name=entry.name)
        is_ours = entry.name != draft.video_name
        failure: TavusError | None = None
        for attempt in range(MOST_CREATES + 1):
            if is_lost:
                found = await self._orphans.find(named, is_ours=is_ours, since=entry.at, settled_in=settled_in)
                if found is not None:
                    return await self._note_created(work, found)
            if attempt == MOST_CREATES:
                break
            outcome = await self._send_create(work, named, None if is_lost else entry)
            if outcome.value is not None:
                return await self._note_created(work, outcome.value.video_id)
            failure = outcome.error
            if failure is None or not may_exist(failure):
                break
            is_lost, settled_in = True, 0.0 if is_answered(failure) else orphans.SETTLING
        raise await self._give_up(work, failure)

    async def _send_create(self, work: "Work", draft: VideoDraft, intent: Entry | None) -> Outcome[Video]:
        async with self._creating:
            if intent is not None and self._journal is not None:
                await self._journal.intend(work.number, intent)
            outcome: Outcome[Video] = await send_one(self.send_each, calls.create_video, draft)
        work.attempts += outcome.attempts
        return outcome

    async def _note_created(self, work: "Work", video_id: str) -> str:
        if self._journal is not None:
            await self._journal.created(work.number, video_id)
        return video_id

    async def _give_up(self, work: "Work", failure: TavusError | None) -> TavusError:
        """Return the error that a create ended with; what surely did nothing need not be looked for."""
        error = failure or SessionClosedError("the session was closed while a video was created")
        if self._journal is not None and not may_exist(error) and not isinstance(error, SessionClosedError):
            await self._journal.refused(work.number, type(error).__name__)
        return error

    def _name_for(self, draft: VideoDraft) -> str:
        """Return the name under which a video is created: the draft's, or a unique one where that says too little."""
        name = draft.video_name
        if name and name not in self._names:
            self._remember(name)
            return name
        return f"{name or 'video'} {secrets.token_hex(8)}"

    def _remember(self, name: str) -> None:
        self._names[name] = None
        if len(self._names) > REMEMBERED_NAMES:
            self._names.popitem(last=False)


@attrs.define(kw_only=True)
class Work:
    """The work on one draft."""

    number: int
    began: float
    attempts: int = 0

    def elapsed(self) -> float:
        """Return the seconds since it began."""
        return asyncio.get_running_loop().time() - self.began

    def failed(self, key: Any, error: TavusError) -> Outcome[Video]:
        """Return the outcome of a draft that has failed."""
        return Outcome(key=key, error=error.with_traceback(None), attempts=self.attempts, elapsed=self.elapsed())


def plan(
    drafts: Keys[Any],
    *,
    send_each: BulkSend,
    journal: "str | os.PathLike[str] | None",
    concurrency: int,
    on_progress: Callable[[RenderProgress], object] | None,
    timeout: float | None,
) -> Job[Video]:
    """Return the job that renders these drafts; InvalidRequestError for what makes no sense."""
    check_callback(on_progress)
    checks.check_seconds("timeout", timeout)
    check_drafts(drafts)
    rendering = Rendering(
        send_each=send_each,
        watch=calls.WAITABLE.watch(send_each),
        path=path_of(journal),
        timeout=timeout,
        expected=len(drafts) if is_collection(drafts) else None,
    )
    return Job(
        fetch=rendering.fetch,
        keys=numbered(drafts, rendering),
        concurrency=concurrency,
        on_progress=reporter(rendering, on_progress),
        on_end=rendering.close,
    )


def check_drafts(drafts: Keys[Any]) -> None:
    """Validate that these are many drafts, and not one; InvalidRequestError for anything else."""
    if isinstance(drafts, (VideoDraft, str, bytes)) or is_mapping(drafts):
        raise InvalidRequestError("drafts must be an iterable of them, not one: put it in a list")
    checks.of_kind("drafts", drafts, (Iterable, AsyncIterable), error=InvalidRequestError)


def path_of(journal: "str | os.PathLike[str] | None") -> Path | None:
    """Return the path of a journal; InvalidRequestError for what is none."""
    checks.of_kind("journal", journal, (str, os.PathLike, NoneType), error=InvalidRequestError)
    return None if journal is None else Path(journal)


def digest_of(call: Call[Video]) -> str:
    """Return what tells a draft from others, by what is sent of it."""
    return hashlib.sha256(json.dumps(in_order(json.loads(call.body or b"")))).hexdigest()[:32]


def in_order(value: Any) -> Any:
    """Return JSON values with the names in objects in order."""
    if json.is_object(value):
        return {name: in_order(value[name]) for name in sorted(value)}
    return [in_order(each) for each in value] if json.is_list(value) else value


def numbered(drafts: Keys[Any], rendering: Rendering) -> Keys[tuple[int, Any]]:
    """Return drafts with their numbers, as a collection where they are one, so that their count is known."""
    return list(enumerate(drafts)) if is_collection(drafts) else rendering.number(drafts)


def reporter(
    rendering: Rendering, on_progress: Callable[[RenderProgress], object] | None
) -> Callable[[Progress], None] | None:
    """Return what a run reports to."""
    if on_progress is None:
        return None

    def report(progress: Progress) -> None:
        on_progress(rendering.progress(progress))

    return report
