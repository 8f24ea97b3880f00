"""`tavus-async get`: personas by their ids."""

import asyncio
from argparse import Namespace
from collections.abc import Callable
from typing import Final

from tavus_async import Outcome, Persona
from tavus_async.cli.documents import body
from tavus_async.cli.exits import HOPELESS, Exit, FailedError
from tavus_async.cli.options import Command, Parser, add_network_options, logs_on_stderr, needing_rich, open_session
from tavus_async.cli.screen import output

DESCRIPTION: Final = """\
Print personas. One id gives one indented JSON document; several are fetched at once and give one JSON document a line,
in the order of the ids. The JSON is the whole record, with every secret that the server shows; --pretty hides them.

An id that fails is one line on stderr, and the others go on.
Exit codes: 0 all printed, 1 some failed, 2 wrong usage or settings."""

EXAMPLE: Final = """\
examples:
  tavus-async get p5317866
  tavus-async get p5317866 --pretty
  tavus-async get p5317866 pb8bb42b | jq .persona_name"""


def add_options(parser: Parser) -> None:
    """Add what the command takes."""
    parser.add_argument("ids", nargs="+", metavar="ID", help="of a persona, such as p5317866")
    parser.add_argument("--pretty", action="store_true", help="a view for people, secrets hidden (needs rich)")
    add_network_options(parser)


def run(options: Namespace) -> int:
    """Carry the command out, and return its exit code."""
    with logs_on_stderr(options):
        return asyncio.run(print_personas(options, choose_view(options)))


def choose_view(options: Namespace) -> Callable[[Persona], None]:
    """Return what prints one persona."""
    if options.pretty:
        with needing_rich("--pretty"):
            from tavus_async.cli.screen import show  # noqa: PLC0415 (rich is an extra)
        return show.Page().persona
    indent = 2 if len(options.ids) == 1 else None
    return lambda persona: output.write_json(body(persona), indent=indent)


async def print_personas(options: Namespace, view: Callable[[Persona], None]) -> int:
    """Fetch and print; the exit code says whether any failed."""
    failed = 0
    async with open_session(options) as session, session.iter_personas(options.ids, ordered=True) as outcomes:
        async for outcome in outcomes:
            reason = print_persona(outcome, view)
            if reason is not None:
                failed += 1
                output.complain(f"{outcome.key or repr(outcome.key)}: {reason}")
    return Exit.FAILED if failed else Exit.OK


def print_persona(outcome: Outcome[Persona], view: Callable[[Persona], None]) -> str | None:
    """Print one persona, or return why it cannot be printed; raise what ends them all."""
    if isinstance(outcome.error, HOPELESS):
        raise outcome.error
    if outcome.error is not None:
        return str(outcome.error)
    try:
        view(outcome.unwrap())
    except FailedError as error:
        return str(error)
    return None


COMMAND: Final = Command(
    name="get",
    summary="print personas",
    description=DESCRIPTION,
    example=EXAMPLE,
    add_options=add_options,
    run=run,
)
