"""`delete`: records, for good."""

from argparse import Namespace
from functools import partial
from typing import Any

from tavus_async import AsyncSession
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import Exit, FailedError
from tavus_async.cli.keywords import add_keywords, given
from tavus_async.cli.messages import succeeded, told_if_interrupted
from tavus_async.cli.noun import Noun
from tavus_async.cli.screen import output, texts
from tavus_async.cli.screen.confirm import add_yes, ask, need_somebody
from tavus_async.cli.screen.report import Report
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import identifier


def make_delete(noun: Noun[Any]) -> Command:
    """Return the command that deletes records of a resource."""
    command = f"tavus-async {noun.name} delete {noun.own_example}"

    def add_options(parser: Parser) -> None:
        parser.add_argument(
            "ids", type=identifier, nargs="+", metavar="ID", help=f"of {noun.a_singular}, such as {noun.own_example}"
        )
        add_keywords(parser, noun.keywords["delete"])
        add_yes(parser)
        add_session_options(parser)

    return Command(
        name="delete",
        summary=f"delete {noun.plural}",
        description=f"""\
        Delete {noun.plural}, after a question that names each, and print the ids of those that were deleted.
        {noun.view.deletion}

        An id that fails is one line on stderr, and the others go on. The exit code is 1 if all failed, 3 if some did.
        """,
        examples=[command, f"{command} --yes"],
        add_options=add_options,
        run=partial(run, noun),
    )


def run(noun: Noun[Any], options: Namespace) -> int:
    """Delete what the options name, if somebody agrees."""
    need_somebody(options)
    ids = list(dict.fromkeys(options.ids))
    with open_session(options) as (session, runner):
        wanted = ids if options.yes else confirm(noun, options, runner.run(read_names(noun, session, ids)))
        waiting: dict[str, Any] = dict.fromkeys(wanted)
        with told_if_interrupted(lambda: f"may be deleted too: {texts.names(waiting)}" if waiting else ""):
            deleted = runner.run(delete(noun, session, options, waiting))
    return Exit.of_many(len(ids), failed=len(ids) - deleted)


def confirm(noun: Noun[Any], options: Namespace, names: dict[str, str]) -> list[str]:
    """Ask whether the items of these names, by id, are meant, and return the ids; FailedError for a no."""
    if len(names) > 1:
        for name in names.values():
            output.tell(name)
    what = f"these {noun.count(len(names))}" if len(names) > 1 else "".join(names.values())
    # What can be deleted hard is only hidden otherwise.
    is_final = getattr(options, "hard", True)
    if names and ask(f"Delete {what}{' for good' if is_final else ''}?") != "y":
        raise FailedError("nothing was deleted")
    return list(names)


async def read_names(noun: Noun[Any], session: AsyncSession, ids: list[str]) -> dict[str, str]:
    """Return by id what questions call the items that there are."""
    found = succeeded(session.send_each(noun.calls["get"], ids, ordered=True, max_outage=0))
    return {outcome.key: noun.called(outcome.unwrap()) async for outcome in found}


async def delete(noun: Noun[Any], session: AsyncSession, options: Namespace, waiting: dict[str, Any]) -> int:
    """Delete items, print which, and return how many; take each out of those that are *waiting*."""
    make_call = partial(noun.calls["delete"], **given(options, noun.keywords["delete"]))
    deleted = 0
    with Report() as report:
        outcomes = session.send_each(make_call, list(waiting), ordered=True, max_outage=0)
        async for outcome in succeeded(outcomes, waiting=waiting):
            deleted += 1
            report.put(outcome.key, otherwise=f"deleted {outcome.key}")
    return deleted
