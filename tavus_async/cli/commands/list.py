"""`tavus-async list`: all personas of an account."""

import asyncio
import contextlib
from argparse import Namespace
from collections.abc import Callable
from typing import Final

from tavus_async import Persona
from tavus_async.cli.documents import body
from tavus_async.cli.exits import Exit
from tavus_async.cli.options import Command, Parser, add_network_options, logs_on_stderr, needing_rich, open_session
from tavus_async.cli.screen import output, texts
from tavus_async.cli.values import count

PAGE_SIZE: Final = 100

DESCRIPTION: Final = """\
List personas: as a table on a terminal, elsewhere (or with --json) as one JSON document a line, as they come. The JSON
is the whole record, with every secret that the server shows."""

EXAMPLE: Final = """\
examples:
  tavus-async list --type user
  tavus-async list --type user --json | jq -r .persona_id"""


def add_options(parser: Parser) -> None:
    """Add what the command takes."""
    add = parser.add_argument
    add("--type", choices=("user", "system"), help="your own, or Tavus' stock (default: what the server takes)")
    add("--limit", type=count, metavar="N", help="stop after so many (default: all)")
    add("--json", action="store_true", help="JSON documents on a terminal too")
    add_network_options(parser)


def run(options: Namespace) -> int:
    """Carry the command out, and return its exit code."""
    with logs_on_stderr(options):
        if options.json or not output.is_displayed():
            asyncio.run(read(options, put))
        else:
            print_table(options)
    return Exit.OK


def put(persona: Persona) -> None:
    """Print one persona as JSON, at once."""
    output.write_json(body(persona))
    output.flush()


def print_table(options: Namespace) -> None:
    """Print a table, once everything is there that its columns have to fit."""
    with needing_rich("the table (--json works without it)"):
        from tavus_async.cli.screen.bar import Bar  # noqa: PLC0415 (rich is an extra)
        from tavus_async.cli.screen.show import Page  # noqa: PLC0415 (likewise)
    rows: list[tuple[str, ...]] = []
    with contextlib.nullcontext() if options.verbose else Bar("reading", total=options.limit, is_passing=True) as bar:

        def take(persona: Persona) -> None:
            rows.append(texts.columns(persona))
            if bar is not None:
                bar.move(len(rows), "", "")

        asyncio.run(read(options, take))
    if rows:
        Page().table(texts.COLUMNS, rows)
    output.tell(f"{len(rows):,} persona{'' if len(rows) == 1 else 's'}")


async def read(options: Namespace, take: Callable[[Persona], None]) -> None:
    """Read the list, page by page, and hand each persona on."""
    left = options.limit
    async with open_session(options) as session:
        page_size = min(PAGE_SIZE, left or PAGE_SIZE)
        async for persona in session.list_personas(persona_type=options.type, page_size=page_size):
            take(persona)
            if left is not None:
                left -= 1
                if not left:
                    return


COMMAND: Final = Command(
    name="list",
    summary="list personas",
    description=DESCRIPTION,
    example=EXAMPLE,
    add_options=add_options,
    run=run,
)
