"""Videos rendered into a folder: created, waited for and downloaded, which can be interrupted and resumed."""

import asyncio
import re
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import attrs

from tavus_async import AsyncSession, Outcome, SessionClosedError, TavusError
from tavus_async.cli.characters import replaced
from tavus_async.cli.exits import FATAL, FailedError, UsageError
from tavus_async.cli.export.files import append, explained, open_to_append
from tavus_async.cli.jsons import dumps
from tavus_async.cli.messages import explain
from tavus_async.cli.screen import output, texts
from tavus_async.cli.screen.report import Report
from tavus_async.cli.signals import cancelled_by_signals

if TYPE_CHECKING:
    import io

    from tavus_async.models import RenderProgress, Video, VideoDraft

JOURNAL_FILE: Final = "journal.jsonl"
ERRORS_FILE: Final = "errors.jsonl"
SUFFIXES: Final = (".mp4", ".webm")
LONGEST_PART: Final = 60
"""Characters of a name in the name of a file."""
MOST_TOLD: Final = 10
"""Failures of which stderr tells one by one."""


@attrs.frozen
class Folder:
    """Where the files go, the journal of what was created, and what has failed."""

    path: Path
    _named: Counter[str] = attrs.field(init=False, factory=Counter[str])
    """How many drafts want a file of a name."""

    @property
    def journal(self) -> Path:
        """What was created, for a run that goes on."""
        return self.path / JOURNAL_FILE

    @property
    def errors(self) -> Path:
        """What has failed in the last run."""
        return self.path / ERRORS_FILE

    def open(self, drafts: "Sequence[VideoDraft]", *, resume: bool) -> None:
        """Make the folder, or take one that is empty, or that of an earlier run if it is resumed; UsageError else."""
        with explained(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            if not resume and any(self.path.iterdir()):
                raise UsageError(f"{self.path} is not empty: --resume continues its run, -o names another folder")
            self.errors.unlink(missing_ok=True)
        # Some systems do not tell small letters from large ones.
        self._named.update(stem_of(draft.video_name).casefold() for draft in drafts)

    def file_of(self, draft: "VideoDraft", video: "Video") -> Path:
        """Return where the file of a video goes: by its name, and by its id where it has none or shares it."""
        stem, item_id = stem_of(draft.video_name), stem_of(video.video_id) or "video"
        if not stem:
            stem = item_id
        elif self._named[stem.casefold()] > 1:
            stem = f"{stem}-{item_id}"
        suffix = Path(urlsplit(video.download_url or "").path).suffix.lower()
        return self.path / f"{stem}{suffix if suffix in SUFFIXES else SUFFIXES[0]}"


def stem_of(name: str | None) -> str:
    """Return a name as the name of a file without its suffix; "" where nothing of it can be one."""
    harmful = replaced(name or "", "_")
    return re.sub(r'[/\\:*?"<>|]', "_", harmful)[:LONGEST_PART].strip(" ._")


@attrs.define(kw_only=True)
class Render:
    """One run of `tavus-async videos render`."""

    session: AsyncSession
    drafts: "Sequence[VideoDraft]"
    folder: Folder
    timeout: float | None
    downloads: int
    show: Callable[[int, str, str], None]
    report: Report
    saved: int = attrs.field(init=False, default=0)
    """How many files are whole."""
    failed: int = attrs.field(init=False, default=0)
    ended_by: signal.Signals | None = attrs.field(init=False, default=None)
    """The signal that ended it before its time."""
    _lines: dict[int, int] = attrs.field(init=False, factory=dict[int, int])
    """The number of each draft in its file, by the draft itself."""
    _tasks: "set[asyncio.Task[None]]" = attrs.field(init=False, factory=set["asyncio.Task[None]"])
    _state: "RenderProgress | None" = attrs.field(init=False, default=None)
    _errors: "io.FileIO | None" = attrs.field(init=False, default=None)

    async def run(self) -> None:
        """Render until all is done, or a signal says to end; raise what would fail every draft."""
        self._lines = {id(draft): number for number, draft in enumerate(self.drafts, 1)}
        with cancelled_by_signals() as signals:
            try:
                await self._render()
            except asyncio.CancelledError:
                if not signals:
                    raise
            except OSError as error:
                raise FailedError(f"cannot write {error.filename or self.folder.path}: {error.strerror}") from None
            finally:
                if self._errors is not None:
                    self._errors.close()
        if signals:
            self.ended_by = signals[0]

    async def _render(self) -> None:
        rendered = self.session.render_videos(
            self.drafts, journal=self.folder.journal, timeout=self.timeout, on_progress=self._take_progress
        )
        try:
            async with rendered as outcomes:
                async for outcome in outcomes:
                    if isinstance(outcome.error, FATAL):
                        raise outcome.error
                    if outcome.error is not None:
                        self._fail(outcome.key, None, outcome.error)
                    else:
                        await self._wait_for_room(self.downloads - 1)
                        self._tasks.add(asyncio.create_task(self._save(outcome)))
            await self._wait_for_room(0)
        except FATAL:
            # What is ready can be had all the same.
            await self._wait_for_room(0)
            raise
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _wait_for_room(self, most: int) -> None:
        """Wait until so many downloads at most are under way; raise what ended one that would end all."""
        while len(self._tasks) > most:
            done, self._tasks = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()

    async def _save(self, outcome: "Outcome[Video]") -> None:
        """Download a video that is ready, unless its file is there."""
        video = outcome.unwrap()
        path = self.folder.file_of(outcome.key, video)
        try:
            if not path.exists():
                await self.session.download_video(video, path)
        except SessionClosedError:
            raise
        except TavusError as error:
            self._fail(outcome.key, video.video_id, error)
            return
        self.saved += 1
        if not output.is_displayed():
            self.report.put(str(path), otherwise=f"there is {path}")
        self._tell()

    def _fail(self, draft: "VideoDraft", video_id: str | None, error: TavusError) -> None:
        """Write down, and say, why there is no file for a draft."""
        self.failed += 1
        video_id = video_id or getattr(getattr(error, "value", None), "video_id", None)
        known = {"line": self._lines[id(draft)], "video_name": draft.video_name, "video_id": video_id}
        failure = {**known, "error": type(error).__name__, "message": explain(error)}
        if self._errors is None:
            self._errors = open_to_append(self.folder.errors, is_followed=False)
        with explained(self.folder.errors):
            append(self._errors, f"{dumps(failure)}\n".encode())
        if self.failed <= MOST_TOLD:
            output.complain(f"draft {failure['line']}: {failure['message']}")
        self._tell()

    def _take_progress(self, progress: "RenderProgress") -> None:
        self._state = progress
        self._tell()

    def _tell(self) -> None:
        """Say how it goes in both stages."""
        self.show(self.saved + self.failed, *self._words())

    def _words(self) -> tuple[str, str]:
        state = self._state
        if state is not None and (state.outage or state.paused >= 1):
            return texts.holdup(state.failed, outage=state.outage, paused=state.paused)
        made = f"{state.created:,} created, {state.waiting:,} rendering" if state is not None else ""
        loading = f"{len(self._tasks):,} downloading" if self._tasks else ""
        failed = f"{self.failed:,} failed" if self.failed else ""
        return ", ".join(filter(None, [made, loading, failed])), ", ".join(filter(None, [loading, failed]))

    def summary(self) -> str:
        """Say how many files the folder has of these drafts, and what is missing."""
        parts = [f"{texts.count(self.saved, 'video', 'videos')} in {self.folder.path}"]
        left = len(self.drafts) - self.saved - self.failed
        if self.failed:
            parts.append(f"{self.failed:,} failed, see {self.folder.errors}")
        if left:
            parts.append(f"{left:,} left; --resume goes on")
        return ", ".join(parts)
