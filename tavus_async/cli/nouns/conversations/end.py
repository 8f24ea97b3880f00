"""`conversations end`: those that are named, or those that match."""

from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tavus_async import AsyncSession, Conversation, NotFoundError, calls
from tavus_async.cli.characters import one_line
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import FATAL, Exit, FailedError, MisuseError
from tavus_async.cli.messages import blame, succeeded, told_if_interrupted
from tavus_async.cli.nouns.conversations import age
from tavus_async.cli.resources import find_noun
from tavus_async.cli.screen import output, texts
from tavus_async.cli.screen.confirm import add_yes, ask, need_somebody
from tavus_async.cli.screen.report import Report
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import duration, identifier

CONVERSATION: Final = find_noun("conversations")
FILTERS: Final = ("persona_id", "replica_id", "name_prefix", "older_than")
HEADINGS: Final = ("id", "name", "persona", "age")


def _add_options(parser: Parser) -> None:
    parser.add_argument(
        "ids", type=identifier, nargs="*", metavar="ID", help=f"of a conversation, such as {CONVERSATION.example}"
    )
    add = parser.add_argument_group("or those that are active and match all of this").add_argument
    add("--persona", "--pal", dest="persona_id", metavar="ID", help="whose persona this is")
    add("--replica", "--face", dest="replica_id", metavar="ID", help="whose replica this is")
    add("--name-prefix", metavar="TEXT", help="whose names begin so")
    add("--older-than", type=duration, metavar="TIME", help="which were created so long ago: 90 (seconds), 10m, 1h30m")
    add("--all", action="store_true", help="all of the account, those of other programs too")
    add_yes(parser)
    add_session_options(parser)


def _run(options: Namespace) -> int:
    check_choice(options)
    need_somebody(options)
    with open_session(options) as (session, runner):
        if options.ids:
            ids = list(dict.fromkeys(options.ids))
            wanted = ids if options.yes else confirm(runner.run(read_named(session, ids)))
        else:
            found = runner.run(find(session, options))
            ids = [each.conversation_id for each in found]
            wanted = confirm(found, is_asked=not options.yes)
        waiting: dict[str, Any] = dict.fromkeys(wanted)
        with told_if_interrupted(lambda: f"may have ended too: {texts.names(waiting)}" if waiting else ""):
            ended = runner.run(end(session, waiting, is_named=bool(options.ids)))
    if output.is_watched():
        output.tell(f"{ended:,} of {len(ids):,} ended" if ids else "no active conversation matches")
    return Exit.of_many(len(ids), failed=len(ids) - ended)


def check_choice(options: Namespace) -> None:
    """Validate that the options say which conversations are meant; UsageError where they do not."""
    is_filtered = any(getattr(options, name) is not None for name in FILTERS)
    ways = [
        way for way, is_taken in (("ids", options.ids), ("filters", is_filtered), ("--all", options.all)) if is_taken
    ]
    if not ways:
        raise MisuseError("which conversations? give their ids, or filters such as --older-than 1h, or --all")
    if len(ways) > 1:
        raise MisuseError(f"give either {' or '.join(ways)}, for each alone says which conversations are meant")


async def read_named(session: AsyncSession, ids: Sequence[str]) -> list[Conversation]:
    """Return the conversations that there are."""
    found = succeeded(session.send_each(calls.get_conversation, ids, ordered=True, max_outage=0))
    return [outcome.unwrap() async for outcome in found]


async def find(session: AsyncSession, options: Namespace) -> list[Conversation]:
    """Return the active conversations that the options mean."""
    now = datetime.now(UTC)
    active = session.list_conversations(status="active")
    return [conversation async for conversation in active if fits(conversation, options, now)]


def fits(conversation: Conversation, options: Namespace, now: datetime) -> bool:
    """Return whether a conversation matches all filters; one that does not tell its age is not older than any time."""
    when = conversation.created_at
    return (
        options.persona_id in {None, conversation.persona_id}
        and options.replica_id in {None, conversation.replica_id}
        and (conversation.conversation_name or "").startswith(options.name_prefix or "")
        and (options.older_than is None or (when is not None and now - when >= timedelta(seconds=options.older_than)))
    )


def confirm(found: Sequence[Conversation], *, is_asked: bool = True) -> list[str]:
    """Show what will be ended, ask whether that is meant, and return the ids; FailedError for a no."""
    if found:
        show(found)
    what = f"these {CONVERSATION.count(len(found))}" if len(found) > 1 else "this conversation"
    if found and is_asked and ask(f"End {what}?") != "y":
        raise FailedError("nothing was ended")
    return [conversation.conversation_id for conversation in found]


def show(found: Sequence[Conversation]) -> None:
    """Show conversations on stderr, as a table where somebody looks and rich is there."""
    now = datetime.now(UTC)
    rows = [(*reversed(CONVERSATION.headline(each)), one_line(each.persona_id or ""), age(each, now)) for each in found]
    if not output.is_watched():
        return
    try:
        from tavus_async.cli.screen.show import Display  # noqa: PLC0415 (rich is an extra)
    except ModuleNotFoundError:
        for row in rows:
            output.tell("  ".join(row))
    else:
        Display(stderr=True).table(HEADINGS, rows)


async def end(session: AsyncSession, waiting: dict[str, Any], *, is_named: bool) -> int:
    """End conversations, print which, and return how many; take each out of those that are *waiting*.

    One that was found, and has ended since, has ended.
    """
    ended = 0
    with Report() as report:
        async with session.send_each(calls.end_conversation, list(waiting), max_outage=0) as outcomes:
            async for outcome in outcomes:
                waiting.pop(outcome.key, None)
                if isinstance(outcome.error, FATAL):
                    raise outcome.error
                if outcome.error is None or (not is_named and isinstance(outcome.error, NotFoundError)):
                    ended += 1
                    report.put(outcome.key, otherwise=f"ended {outcome.key}")
                else:
                    blame(outcome)
    return ended


END: Final = Command(
    name="end",
    summary="end conversations",
    description="""\
        End conversations, after showing them and asking, and print the ids of those that have ended. They are named by
        their ids, or chosen among all that are active: what matches every filter that is given.

        One that cannot be ended is one line on stderr, and the others go on. The exit code is 1 if all failed, 3 if
        some did.
        """,
    examples=[
        f"tavus-async conversations end {CONVERSATION.example}",
        "tavus-async conversations end --persona p5317866 --older-than 10m",
        "tavus-async conversations end --name-prefix test- --yes",
    ],
    add_options=_add_options,
    run=_run,
)
