"""A session for commands that stop to ask: each call runs a loop of its own length."""

import asyncio
import contextlib
from argparse import Namespace
from collections.abc import Coroutine, Generator, Sequence
from typing import Any, Literal, TypeVar

import attrs

from tavus_async import AsyncSession, ConflictError
from tavus_async.cli.exits import FailedError
from tavus_async.cli.options import logs_on_stderr, open_session
from tavus_async.patch import Operation
from tavus_async.resources.personas import calls as personas

T = TypeVar("T")


class MakerConflictError(FailedError):
    """PAL Maker holds unpublished changes of the persona."""


@attrs.frozen
class Connection:
    """A session, and the loop that it belongs to, which runs only while a call does.

    Between calls somebody can be asked: Ctrl-C then ends the program at once, as everywhere.
    """

    session: AsyncSession
    _runner: asyncio.Runner = attrs.field(alias="runner")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Carry out one piece of work."""
        return self._runner.run(work)

    def patch(
        self,
        persona_id: str,
        operations: Sequence[Operation],
        *,
        force: bool,
        vocabulary: Literal["persona", "pal"] = "persona",
    ) -> bool:
        """Patch a persona, and tell whether that changed it; a conflict says what `--force` would do."""
        call = personas.patch_persona(persona_id, operations, force=force, vocabulary=vocabulary)
        try:
            return self.run(self.session.send(call))
        except ConflictError as error:
            kind = MakerConflictError if error.conflict == "maker_changes" else FailedError
            raise kind(str(error).replace("force=True", "--force")) from None


@contextlib.contextmanager
def connected(options: Namespace) -> Generator[Connection]:
    """Open the session that the network options describe, and close it at the end."""
    with logs_on_stderr(options), asyncio.Runner() as runner:
        session = open_session(options)
        try:
            yield Connection(session, runner)
        finally:
            runner.run(session.aclose())
