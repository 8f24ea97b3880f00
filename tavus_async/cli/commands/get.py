"""`tavus-async get`: personas by their ids."""

from argparse import Namespace
from collections.abc import Callable
from typing import Final

from tavus_async import AsyncSession, Persona
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.documents import body
from tavus_async.cli.exits import Exit, NotJsonError
from tavus_async.cli.messages import succeeded
from tavus_async.cli.screen import needing_rich, output
from tavus_async.cli.session import add_session_options, open_session


def _add_options(parser: Parser) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID", help="of a persona, such as p5317866")
    parser.add_argument(
        "--pretty", action="store_true", help="a view for people, secrets hidden; needs rich (default: JSON)"
    )
    add_session_options(parser)


def _run(options: Namespace) -> int:
    ids: list[str] = options.ids
    view = choose_view(is_pretty=options.pretty, is_alone=len(ids) == 1)
    with open_session(options) as (session, runner):
        printed = runner.run(print_personas(session, ids, view))
    return Exit.of_many(len(ids), failed=len(ids) - printed)


def choose_view(*, is_pretty: bool, is_alone: bool) -> Callable[[Persona], None]:
    """Return what prints one persona."""
    if is_pretty:
        with needing_rich("--pretty"):
            from tavus_async.cli.screen.show import Display  # noqa: PLC0415 (rich is an extra)
        return Display().persona
    return lambda persona: output.put_json(body(persona), indent=2 if is_alone else None)


async def print_personas(session: AsyncSession, ids: list[str], view: Callable[[Persona], None]) -> int:
    """Fetch and print personas, in the order of the ids, and return how many."""
    printed = 0
    async for outcome in succeeded(session.iter_personas(ids, ordered=True)):
        try:
            view(outcome.unwrap())
            printed += 1
        except NotJsonError as error:
            output.complain(f"{outcome.key}: {error}")
    return printed


GET: Final = Command(
    name="get",
    summary="print personas",
    description="""\
        Print personas as JSON, with every field that the server sends, secrets too; --pretty hides secrets.
        One id gives one indented document. Several are fetched at once, and give one document a line, in the order
        of the ids.

        An id that fails is one line on stderr, and the others go on. The exit code is 1 if all failed, 3 if some did.
        """,
    examples=[
        "tavus-async get p5317866",
        "tavus-async get p5317866 --pretty",
        "tavus-async get p5317866 pb8bb42b | jq .persona_name",
    ],
    add_options=_add_options,
    run=_run,
)
