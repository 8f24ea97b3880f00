"""`tavus-async list`: all personas of an account."""

import contextlib
from argparse import Namespace
from collections.abc import Callable
from typing import Final

from tavus_async import AsyncSession, Persona
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.documents import body
from tavus_async.cli.exits import Exit
from tavus_async.cli.screen import needing_rich, output, texts
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import count

LONGEST_PAGE: Final = 100


def _add_options(parser: Parser) -> None:
    add = parser.add_argument
    add("--type", choices=("user", "system"), help="your own, or Tavus' stock (default: what the server takes)")
    add("--limit", type=count, metavar="N", help="stop after so many (default: all)")
    add("--json", action="store_true", help="JSON documents on a terminal too")
    add_session_options(parser)


def _run(options: Namespace) -> int:
    if options.json or not output.is_displayed():
        read(options, lambda persona: output.put_json(body(persona)))
    else:
        print_table(options)
    return Exit.OK


def print_table(options: Namespace) -> None:
    """Print a table, once everything is there that its columns have to fit."""
    with needing_rich("the table (--json works without it)"):
        from tavus_async.cli.screen.bar import Bar  # noqa: PLC0415 (rich is an extra)
        from tavus_async.cli.screen.show import Display  # noqa: PLC0415 (likewise)
    rows: list[tuple[str, ...]] = []
    with contextlib.nullcontext() if options.verbose else Bar("reading", total=options.limit, is_passing=True) as bar:

        def take(persona: Persona) -> None:
            rows.append(texts.columns(persona))
            if bar is not None:
                bar.move(len(rows), "", "")

        read(options, take)
    if rows:
        Display().table(texts.COLUMNS, rows)
    output.tell(texts.personas(len(rows)))


def read(options: Namespace, take: Callable[[Persona], None]) -> None:
    """Read the list, page by page, and hand each persona on."""
    with open_session(options) as session:
        session.run(hand_on(session.asynchronous, take, kind=options.type, limit=options.limit))


async def hand_on(
    session: AsyncSession, take: Callable[[Persona], None], *, kind: str | None, limit: int | None
) -> None:
    """Hand on each persona of the list, up to a limit."""
    page_size = min(LONGEST_PAGE, limit or LONGEST_PAGE)
    number = 0
    async for persona in session.list_personas(persona_type=kind, page_size=page_size):
        take(persona)
        number += 1
        if number == limit:
            return


LIST: Final = Command(
    name="list",
    summary="list personas",
    description="""\
        List personas: as a table on a terminal, elsewhere (or with --json) as JSON, one document a line, as they come.
        The JSON has every field that the server sends, secrets too.
        """,
    examples=["tavus-async list --type user", "tavus-async list --type user --json | jq -r .persona_id"],
    add_options=_add_options,
    run=_run,
)
