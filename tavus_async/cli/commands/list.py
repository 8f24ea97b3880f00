"""`tavus-async list`: all personas of an account."""

from argparse import Namespace
from collections.abc import AsyncIterator, Callable
from typing import Final

from tavus_async import Persona
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.documents import body
from tavus_async.cli.exits import Exit
from tavus_async.cli.screen import needing_rich, output, texts
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import count

LONGEST_PAGE: Final = 100


def _add_options(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "--type",
        choices=("user", "system"),
        help="user for your own, system for Tavus' stock (default: as the server decides)",
    )
    add("--limit", type=count, metavar="N", help="stop after N personas (default: all)")
    add("--json", action="store_true", help="JSON on a terminal too (default: a table)")
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
    with Bar("reading", total=options.limit, is_passing=True, is_wanted=not options.verbose) as bar:

        def take(persona: Persona) -> None:
            rows.append(texts.columns(persona))
            bar.move(len(rows), "", "")

        read(options, take)
    if rows:
        Display().table(texts.COLUMNS, rows)
    output.tell(texts.personas(len(rows)))


def read(options: Namespace, take: Callable[[Persona], None]) -> None:
    """Read the list, page by page, and hand each persona on."""
    with open_session(options) as (session, runner):
        page_size = min(LONGEST_PAGE, options.limit or LONGEST_PAGE)
        personas = session.list_personas(persona_type=options.type, page_size=page_size)
        runner.run(take_some(personas, take, limit=options.limit))


async def take_some(personas: AsyncIterator[Persona], take: Callable[[Persona], None], *, limit: int | None) -> None:
    """Hand on as many as the limit says."""
    number = 0
    async for persona in personas:
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
