"""`list`: all records of a resource."""

import asyncio
import itertools
from argparse import Namespace
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from tavus_async.cli.command import Command, Parser
from tavus_async.cli.documents import body
from tavus_async.cli.exits import Exit
from tavus_async.cli.keywords import add_keywords, given
from tavus_async.cli.noun import Noun
from tavus_async.cli.screen import needing_rich, output
from tavus_async.cli.screen.progress import progress_shown
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.signals import cancelled_by_signals
from tavus_async.cli.values import count

if TYPE_CHECKING:
    from tavus_async.cli.screen.bar import Bar
    from tavus_async.cli.screen.listing import Listing

LONGEST_PAGE: Final = 100

Take = Callable[[Any], None]


def make_list(noun: Noun[Any]) -> Command:
    """Return the command that lists a resource."""
    command = " ".join(filter(None, ["tavus-async", noun.name, "list", noun.view.list_own]))

    def add_options(parser: Parser) -> None:
        add_keywords(parser, noun.keywords["list"])
        parser.add_argument("--limit", type=count, metavar="N", help=f"stop after N {noun.plural} (default: all)")
        parser.add_argument("--json", action="store_true", help="JSON on a terminal too (default: a table)")
        add_session_options(parser)

    return Command(
        name="list",
        summary=f"list {noun.plural}",
        description=f"""\
        List {noun.plural}: as a table on a terminal, elsewhere (or with --json) as JSON, one document a line, as they
        come. The JSON has every field that the server sends, secrets too. One request reads up to {LONGEST_PAGE}.

        Ctrl-C ends it; what was read by then has been shown.
        """,
        examples=[command, f"{command} --json | jq -r .{noun.id_names[0]}"],
        add_options=add_options,
        run=partial(run, noun),
    )


def run(noun: Noun[Any], options: Namespace) -> int:
    """List what the options ask for."""
    is_table = output.is_displayed() and not options.json
    code = print_table(noun, options) if is_table else print_lines(noun, options)
    if code != Exit.OK:
        output.complain(code.word)
    return code


def print_lines(noun: Noun[Any], options: Namespace) -> Exit:
    """Print a document a line, as they come."""
    is_shown = output.is_saved() and not options.log
    with progress_shown("reading", total=options.limit, is_wanted=is_shown, is_passing=True) as move:
        numbers = itertools.count(1)

        def take(record: Any) -> None:
            output.put_json(body(noun, record))
            move(next(numbers), "", "")

        return read(noun, options, take)


def print_table(noun: Noun[Any], options: Namespace) -> Exit:
    """Print a table, page by page."""
    with needing_rich("the table (--json works without it)"):
        from tavus_async.cli.screen.bar import Bar  # noqa: PLC0415 (rich is an extra)
        from tavus_async.cli.screen.listing import Listing  # noqa: PLC0415 (likewise)
    # Until the first page is there.
    with Bar("reading", total=options.limit, is_passing=True, is_wanted=not options.log) as bar:
        rows = Rows(noun, Listing(noun.headings()), bar)
        try:
            code = read(noun, options, rows.take)
        finally:
            rows.show()
    output.tell(noun.count(rows.number))
    return code


@attrs.define
class Rows:
    """The rows of a table, which are shown as soon as nothing more comes at once."""

    _noun: Noun[Any]
    _listing: "Listing"
    _bar: "Bar"
    number: int = attrs.field(init=False, default=0)
    """How many came."""
    _waiting: list[tuple[str, ...]] = attrs.field(init=False, factory=list)
    _failure: OSError | None = attrs.field(init=False, default=None)

    def take(self, record: Any) -> None:
        """Take a record, of one page after the other; OSError where what came before could not be shown."""
        if self._failure is not None:
            raise self._failure
        if not self._waiting:
            # The loop gets its turn when this page has been taken, and the next is waited for.
            asyncio.get_running_loop().call_soon(self._show_meanwhile)
        self._waiting.append(self._noun.row(record))
        self.number += 1

    def show(self) -> None:
        """Show what is not yet shown."""
        rows, self._waiting = self._waiting, []
        if rows:
            self._bar.end()
            self._listing.add(rows)

    def _show_meanwhile(self) -> None:
        try:
            self.show()
        except OSError as error:
            self._failure = error


def read(noun: Noun[Any], options: Namespace, take: Take) -> Exit:
    """Read the list, page by page, and hand each record on; return the exit code, also of a signal that ended it."""
    with open_session(options) as (session, runner):
        page_size = min(LONGEST_PAGE, options.limit or LONGEST_PAGE)
        records = noun.list_all(session, page_size=page_size, **given(options, noun.keywords["list"]))
        return runner.run(take_some(records, take, limit=options.limit))


async def take_some(records: AsyncIterator[Any], take: Take, *, limit: int | None) -> Exit:
    """Hand on as many as the limit says."""
    number = 0
    with cancelled_by_signals() as signals:
        try:
            async for record in records:
                take(record)
                number += 1
                if number == limit:
                    break
        except asyncio.CancelledError:
            if not signals:
                raise
    return Exit.of_signals(signals) if signals else Exit.OK
