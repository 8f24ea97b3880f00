"""`get`: records by their ids."""

from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import Any

from tavus_async import AsyncSession
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.documents import body
from tavus_async.cli.exits import Exit, NotJsonError
from tavus_async.cli.keywords import add_keywords, given
from tavus_async.cli.messages import succeeded
from tavus_async.cli.noun import Noun
from tavus_async.cli.screen import needing_rich, output
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import identifier

Show = Callable[[Any], None]


def make_get(noun: Noun[Any]) -> Command:
    """Return the command that prints records of a resource."""
    command = f"tavus-async {noun.name} get"

    def add_options(parser: Parser) -> None:
        parser.add_argument(
            "ids", type=identifier, nargs="+", metavar="ID", help=f"of {noun.a_singular}, such as {noun.example}"
        )
        add_pretty(parser)
        add_keywords(parser, noun.keywords["get"])
        add_session_options(parser)

    return Command(
        name="get",
        summary=f"print {noun.plural}",
        description=f"""\
        Print {noun.plural} as JSON, with every field that the server sends, secrets too; --pretty hides secrets.
        One id gives one indented document. Several are fetched at once, and give one document a line, in the order
        of the ids.

        An id that fails is one line on stderr, and the others go on. The exit code is 1 if all failed, 3 if some did.
        """,
        examples=[
            f"{command} {noun.example}",
            *(
                f"{command} {noun.example} {keyword.option}"
                for keyword in noun.keywords["get"]
                if keyword.kind == "switch"
            ),
            f"{command} {noun.example} --pretty",
            f"cat ids.txt | xargs {command} | jq .{(noun.title_names or noun.id_names)[0]}",
        ],
        add_options=add_options,
        run=partial(run, noun),
    )


def add_pretty(parser: Parser) -> None:
    """Add the option for a view that people read."""
    parser.add_argument(
        "--pretty", action="store_true", help="a view for people, secrets hidden; needs rich (default: JSON)"
    )


def run(noun: Noun[Any], options: Namespace) -> int:
    """Print the records that the options name."""
    ids: list[str] = options.ids
    show = choose_view(noun, is_pretty=options.pretty, is_alone=len(ids) == 1)
    with open_session(options) as (session, runner):
        printed = runner.run(print_records(noun, session, options, show))
    return Exit.of_many(len(ids), failed=len(ids) - printed)


def choose_view(noun: Noun[Any], *, is_pretty: bool, is_alone: bool) -> Show:
    """Return what prints one record."""
    if not is_pretty:
        return lambda record: output.put_json(body(noun, record), indent=2 if is_alone else None)
    with needing_rich("--pretty"):
        from tavus_async.cli.screen.show import Display  # noqa: PLC0415 (rich is an extra)
    display = Display()
    return lambda record: display.record(noun.headline(record), noun.fields(record), noun.view.sections(record))


async def print_records(noun: Noun[Any], session: AsyncSession, options: Namespace, show: Show) -> int:
    """Fetch and print records, in the order of the ids, and return how many."""
    make_call = partial(noun.calls["get"], **given(options, noun.keywords["get"]))
    printed = 0
    async for outcome in succeeded(session.send_each(make_call, options.ids, ordered=True, max_outage=0)):
        try:
            show(outcome.unwrap())
            printed += 1
        except NotJsonError as error:
            output.complain(f"{outcome.key}: {error}")
    return printed
