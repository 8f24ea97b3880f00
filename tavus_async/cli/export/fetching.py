"""A fetch: from ids to lines, with what is skipped, failed and interrupted counted."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Final, Literal

import attrs

from tavus_async import AsyncSession, DecodeError, Outcome, Progress
from tavus_async.cli.documents import body
from tavus_async.cli.exits import FATAL, NotJsonError
from tavus_async.cli.export.ids import Ids
from tavus_async.cli.export.jsonl import ids_of
from tavus_async.cli.export.targets import Files, Stdout
from tavus_async.cli.resources import find_noun
from tavus_async.cli.signals import cancelled_by_signals

if TYPE_CHECKING:
    from tavus_async import Persona

PERSONA: Final = find_noun("personas")


@attrs.define(kw_only=True)
class Fetch:
    """One run of `tavus-async personas fetch`."""

    session: AsyncSession
    ids: Ids
    target: Files | Stdout
    prefer: Literal["get", "list"] = "get"
    concurrency: int | None = None
    max_outage: float = 300.0
    done: int = attrs.field(init=False, default=0)
    """How many ids nothing is left to do for, those that were there before among them."""
    failed: int = attrs.field(init=False, default=0)
    repeated: int = attrs.field(init=False, default=0)
    """How many of those that are done had occurred before in this run."""
    ended_by: signal.Signals | None = attrs.field(init=False, default=None)
    """The signal that ended it before its time."""

    async def run(self, show: Callable[[Progress], None]) -> None:
        """Fetch until there are no more ids, or a signal says to end; raise what would fail every id."""
        with cancelled_by_signals() as signals:
            try:
                async with self.session:
                    await self._fetch(show)
                self.target.finish()
            except asyncio.CancelledError:
                if not signals:
                    raise
        if signals:
            self.ended_by = signals[0]

    async def _fetch(self, show: Callable[[Progress], None]) -> None:
        fetched = self.session.iter_personas(
            self._fresh(),
            concurrency=self.concurrency,
            on_progress=show,
            prefer=self.prefer,
            max_outage=self.max_outage,
        )
        async with fetched as outcomes:
            async for outcome in outcomes:
                self._take(outcome)

    async def _fresh(self) -> AsyncIterator[str]:
        """Yield each id that is not there yet, once."""
        is_resumed = len(self.target.known) > 0
        async for key in self.ids:
            if self.target.known.add(key):
                yield key
            else:
                self.done += 1
                # Of a file that is resumed, nobody knows whether it holds the id or the ids of this run do.
                self.repeated += not is_resumed

    def _take(self, outcome: "Outcome[Persona]") -> None:
        """Write what became of one id."""
        error: Exception | None = outcome.error
        if isinstance(error, FATAL):
            raise error
        self.done += 1
        if outcome.value is not None:
            try:
                document = body(PERSONA, outcome.value)
                check_id(document, outcome.key)
                self.target.write(outcome.key, document)
            except (DecodeError, NotJsonError) as problem:
                error = problem
        if error is not None:
            self.failed += 1
            self.target.fail(outcome.key, error, attempts=outcome.attempts)


def check_id(document: dict[str, object], key: str) -> None:
    """Take the persona that was asked for; DecodeError for another, which would be fetched again and again."""
    if key not in ids_of(document):
        raise DecodeError(path="$.persona_id", expected="the id that was asked for", got="another")
