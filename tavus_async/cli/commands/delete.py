"""`tavus-async delete`: personas, for good."""

from argparse import Namespace
from typing import Final

from tavus_async import AsyncSession, calls
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import Exit, FailedError
from tavus_async.cli.messages import succeeded
from tavus_async.cli.screen import output
from tavus_async.cli.screen.confirm import add_yes, ask, called, need_somebody
from tavus_async.cli.session import add_session_options, open_session


def _add_options(parser: Parser) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID", help="of a persona, such as pb8bb42b")
    add_yes(parser)
    add_session_options(parser)


def _run(options: Namespace) -> int:
    need_somebody(options)
    ids = list(dict.fromkeys(options.ids))
    with open_session(options) as (session, runner):
        wanted = ids if options.yes else confirm(runner.run(read_names(session, ids)))
        deleted = runner.run(delete(session, wanted))
    return Exit.of_many(len(ids), failed=len(ids) - deleted)


def confirm(names: dict[str, str]) -> list[str]:
    """Ask whether the personas of these names, by id, are meant, and return the ids; FailedError for a no."""
    if len(names) > 1:
        for name in names.values():
            output.tell(name)
    what = f"these {len(names)} personas" if len(names) > 1 else "".join(names.values())
    if names and ask(f"Delete {what} for good?") != "y":
        raise FailedError("nothing was deleted")
    return list(names)


async def read_names(session: AsyncSession, ids: list[str]) -> dict[str, str]:
    """Return by id what questions call the personas that there are."""
    found = succeeded(session.iter_personas(ids, ordered=True))
    return {outcome.key: called(outcome.unwrap()) async for outcome in found}


async def delete(session: AsyncSession, ids: list[str]) -> int:
    """Delete personas, print which, and return how many."""
    deleted = 0
    async for outcome in succeeded(session.send_each(calls.delete_persona, ids, ordered=True)):
        deleted += 1
        output.put(outcome.key)
        output.flush()
    return deleted


DELETE: Final = Command(
    name="delete",
    summary="delete personas",
    description="""\
        Delete personas for good, after a question that names each, and print the ids of those that were deleted.

        An id that fails is one line on stderr, and the others go on. The exit code is 1 if all failed, 3 if some did.
        """,
    examples=["tavus-async delete pb8bb42b", "tavus-async delete pb8bb42b p73251dde9aa --yes"],
    add_options=_add_options,
    run=_run,
)
