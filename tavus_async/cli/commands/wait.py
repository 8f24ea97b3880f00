"""`wait`: until records are ready."""

import asyncio
from argparse import Namespace
from collections import Counter
from functools import partial
from typing import Any, Final

import attrs

from tavus_async import AsyncSession, Outcomes, TavusError
from tavus_async.cli.characters import one_line
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.commands.get import Show, add_pretty, choose_view
from tavus_async.cli.exits import FATAL, Exit, NotJsonError
from tavus_async.cli.messages import explain
from tavus_async.cli.noun import Noun
from tavus_async.cli.screen import output
from tavus_async.cli.screen.progress import Move, progress_shown
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import identifier

# So many at most are waited for one by one, so that a terminal can show the state of each.
MOST_ALONE: Final = 10


def make_wait(noun: Noun[Any]) -> Command:
    """Return the command that waits until records of a resource are ready."""
    command = f"tavus-async {noun.name} wait"

    def add_options(parser: Parser) -> None:
        parser.add_argument(
            "ids", type=identifier, nargs="+", metavar="ID", help=f"of {noun.a_singular}, such as {noun.example}"
        )
        add_pretty(parser)
        add_session_options(parser)

    return Command(
        name="wait",
        summary=f"wait until {noun.plural} are ready",
        description=f"""\
        Wait until {noun.plural} are ready, and print each as get does, as soon as it is; for --timeout seconds, if that
        is given. A terminal shows meanwhile what they are waiting for.

        One that has failed, or is not ready in time, is one line on stderr, with Tavus' reason. The exit code is 1 if
        all failed, 3 if some did. Ctrl-C ends the wait, and nothing else.
        """,
        examples=[f"{command} {noun.example}", f"{command} {noun.example} --timeout 600 --pretty"],
        add_options=add_options,
        run=partial(run, noun),
    )


def run(noun: Noun[Any], options: Namespace) -> int:
    """Wait for what the options name."""
    ids = list(dict.fromkeys(options.ids))
    show = choose_view(noun, is_pretty=options.pretty, is_alone=len(ids) == 1)
    with (
        open_session(options) as (session, runner),
        progress_shown("waiting", total=len(ids), is_wanted=not options.log, is_passing=True) as move,
    ):
        wait = Wait(noun=noun, session=session, timeout=options.timeout, show=show, move=move)
        ready = runner.run(wait.run(ids))
    return Exit.of_many(len(ids), failed=len(ids) - ready)


@attrs.define(kw_only=True)
class Wait:
    """Many waits at once, and how far each has come."""

    noun: Noun[Any]
    session: AsyncSession
    timeout: float | None
    show: Show
    move: Move
    _states: dict[str, str] = attrs.field(init=False, factory=dict[str, str])
    """Of those that are still waited for."""
    _done: int = attrs.field(init=False, default=0)

    async def run(self, ids: list[str]) -> int:
        """Wait for all, show those that are ready, and return how many they are."""
        if len(ids) > MOST_ALONE:
            together = self.noun.wait_for_many(self.session, ids, timeout=self.timeout)
            if together is not None:
                return await self._wait_together(together)
        self._states = dict.fromkeys(ids, "")
        tasks = [asyncio.ensure_future(self._wait(item_id)) for item_id in ids]
        try:
            return sum([await task for task in asyncio.as_completed(tasks)])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _wait_together(self, outcomes: Outcomes[Any]) -> int:
        """Wait for many, of which nobody wants to know each state."""
        ready = 0
        async with outcomes:
            async for outcome in outcomes:
                ready += self._settle(outcome.key, outcome.value, outcome.error)
        return ready

    async def _wait(self, item_id: str) -> bool:
        """Wait for one, and return whether it is ready."""
        try:
            record = await self.noun.wait_for(
                self.session, item_id, timeout=self.timeout, on_progress=partial(self._take, item_id)
            )
        except TavusError as error:
            return self._settle(item_id, None, error)
        return self._settle(item_id, record, None)

    def _settle(self, item_id: str, record: Any, error: Exception | None) -> bool:
        """Show a record that is ready, or say why it is not; raise what would fail all."""
        if isinstance(error, FATAL):
            raise error
        if error is None:
            try:
                self.show(record)
            except NotJsonError as problem:
                error = problem
        if error is not None:
            output.complain(f"{item_id}: {explain(error)}")
        self._states.pop(item_id, None)
        self._done += 1
        self._tell()
        return error is None

    def _take(self, item_id: str, record: Any) -> None:
        """Note how far one has come."""
        words = (getattr(record, "status", None), self.noun.view.progress(record))
        self._states[item_id] = " ".join(one_line(str(word)) for word in words if word)
        self._tell()

    def _tell(self) -> None:
        """Say how it goes: of one its state, of many how many are in each."""
        states = Counter(filter(None, self._states.values()))
        note = ", ".join(f"{number:,} {state}" if len(self._states) > 1 else state for state, number in states.items())
        self.move(self._done, note, note)
