"""`tavus-async get`: personas by their ids."""

from argparse import Namespace
from collections.abc import Callable
from typing import Final

from tavus_async import AsyncSession, Outcome, Persona
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.documents import body
from tavus_async.cli.exits import Exit, FailedError
from tavus_async.cli.messages import complain_of
from tavus_async.cli.screen import needing_rich, output
from tavus_async.cli.session import add_session_options, open_session


def _add_options(parser: Parser) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID", help="of a persona, such as p5317866")
    parser.add_argument("--pretty", action="store_true", help="a view for people, secrets hidden (needs rich)")
    add_session_options(parser)


def _run(options: Namespace) -> int:
    view = choose_view(options)
    with open_session(options) as session:
        return session.run(print_personas(session.asynchronous, options.ids, view))


def choose_view(options: Namespace) -> Callable[[Persona], None]:
    """Return what prints one persona."""
    if options.pretty:
        with needing_rich("--pretty"):
            from tavus_async.cli.screen.show import Display  # noqa: PLC0415 (rich is an extra)
        return Display().persona
    indent = 2 if len(options.ids) == 1 else None
    return lambda persona: output.put_json(body(persona), indent=indent)


async def print_personas(session: AsyncSession, ids: list[str], view: Callable[[Persona], None]) -> Exit:
    """Fetch and print; the exit code says whether any failed."""
    total = failed = 0
    async with session.iter_personas(ids, ordered=True) as outcomes:
        async for outcome in outcomes:
            total += 1
            failed += not print_persona(outcome, view)
    return Exit.of_many(total, failed=failed)


def print_persona(outcome: Outcome[Persona], view: Callable[[Persona], None]) -> bool:
    """Print one persona, or say on stderr why it cannot be printed, and tell which; raise what fails them all."""
    if outcome.value is None:
        complain_of(outcome)
        return False
    try:
        view(outcome.value)
    except FailedError as error:
        output.complain(f"{outcome.key}: {error}")
        return False
    return True


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
