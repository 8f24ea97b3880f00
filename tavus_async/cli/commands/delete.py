"""`tavus-async delete`: personas, for good."""

from argparse import Namespace
from typing import Any, Final

from tavus_async import Outcome, Persona
from tavus_async.cli.connection import Connection, connected
from tavus_async.cli.exits import HOPELESS, Exit, FailedError
from tavus_async.cli.options import Command, Parser, add_network_options
from tavus_async.cli.screen import output
from tavus_async.cli.screen.confirm import add_yes, ask, called, need_somebody
from tavus_async.resources.personas import calls as personas

DESCRIPTION: Final = """\
Delete personas for good, after a question that names them, and print the ids of those that were deleted.

An id that fails is one line on stderr, and the others go on.
Exit codes: 0 all deleted, 1 some were not, 2 wrong usage or settings."""

EXAMPLE: Final = """\
examples:
  tavus-async delete pb8bb42b
  tavus-async delete pb8bb42b p73251dde9aa --yes"""


def add_options(parser: Parser) -> None:
    """Add what the command takes."""
    parser.add_argument("ids", nargs="+", metavar="ID", help="of a persona, such as pb8bb42b")
    add_yes(parser)
    add_network_options(parser)


def run(options: Namespace) -> int:
    """Carry the command out, and return its exit code."""
    need_somebody(options)
    ids = list(dict.fromkeys(options.ids))
    with connected(options) as connection:
        found = ids if options.yes else confirm(connection, ids)
        deleted = connection.run(delete(connection, found))
    return Exit.OK if deleted == len(ids) else Exit.FAILED


def confirm(connection: Connection, ids: list[str]) -> list[str]:
    """Ask whether these are meant, by their names, and return those that there are; FailedError for a no."""
    found = connection.run(read(connection, ids))
    if not found:
        return []
    names = [called(persona) for persona in found.values()]
    if len(names) > 1:
        for name in names:
            output.tell(f"  {name}")
    if ask(f"Delete {names[0] if len(names) == 1 else f'these {len(names)} personas'} for good?") != "y":
        raise FailedError("nothing was deleted")
    return list(found)


async def read(connection: Connection, ids: list[str]) -> dict[str, Persona]:
    """Return the personas that there are; the others are said on stderr."""
    found: dict[str, Persona] = {}
    async with connection.session.iter_personas(ids, ordered=True) as outcomes:
        async for outcome in outcomes:
            if outcome.value is not None:
                found[outcome.key] = outcome.value
            else:
                complain(outcome)
    return found


async def delete(connection: Connection, ids: list[str]) -> int:
    """Delete personas, say which, and return how many."""
    deleted = 0
    async with connection.session.send_each(personas.delete_persona, ids, ordered=True) as outcomes:
        async for outcome in outcomes:
            if outcome.ok:
                deleted += 1
                output.put(outcome.key)
                output.flush()
            else:
                complain(outcome)
    return deleted


def complain(outcome: Outcome[Any]) -> None:
    """Say why an id failed; raise what fails all."""
    if isinstance(outcome.error, HOPELESS):
        raise outcome.error
    output.complain(f"{outcome.key or repr(outcome.key)}: {outcome.error}")


COMMAND: Final = Command(
    name="delete",
    summary="delete personas",
    description=DESCRIPTION,
    example=EXAMPLE,
    add_options=add_options,
    run=run,
)
