"""`personas fetch`: thousands of personas into a file, as fast as the server likes, and resumed after anything."""

import contextlib
import sys
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import Final

from tavus_async import Progress
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import FATAL, Exit, FailedError, MisuseError, UsageError
from tavus_async.cli.export.fetching import Fetch
from tavus_async.cli.export.files import is_same
from tavus_async.cli.export.ids import Ids, find_ids
from tavus_async.cli.export.targets import Files, Stdout, failures_of
from tavus_async.cli.inputs import STDIN
from tavus_async.cli.messages import explain
from tavus_async.cli.screen import output, texts
from tavus_async.cli.screen.progress import Move, progress_shown
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.signals import held
from tavus_async.cli.values import count, file_name, not_negative

STDOUT: Final = "-"


def _add_options(parser: Parser) -> None:
    add = parser.add_argument
    add("ids", nargs="*", metavar="ID", help="of a persona, such as p5317866; - reads ids from stdin")
    add("--from", dest="source", type=file_name, metavar="PATH", help="a file with one id on each line")
    add("-o", "--output", type=file_name, required=True, metavar="FILE", help="the file to write; - is stdout")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--resume", action="store_true", help="continue FILE: skip the ids that it holds")
    group.add_argument("--overwrite", action="store_true", help="begin FILE and FILE.errors anew")
    add(
        "--prefer",
        choices=("get", "list"),
        default="get",
        help="list reads list pages where that takes fewer requests, and keeps the ids in memory (default: get)",
    )
    add(
        "--max-outage",
        type=not_negative,
        default=300.0,
        metavar="SECONDS",
        help="wait so long for a server that cannot be reached, or that asks for a pause (default: %(default)g)",
    )
    add("--concurrency", type=count, metavar="N", help="ids under way at once (default: what the rate needs)")
    add_session_options(parser)


def _run(options: Namespace) -> int:
    if options.api_key_file == STDIN and STDIN in (*options.ids, options.source):
        raise MisuseError("stdin cannot give both the API key and the ids")
    ids = find_ids(options.ids, options.source)
    total = ids.count()
    check_output(options, ids)
    is_seen = not (options.log or (options.output == STDOUT and output.is_displayed()))
    with open_session(options) as (session, runner):
        target = open_target(options)
        fetch = Fetch(
            session=session,
            ids=ids,
            target=target,
            prefer=options.prefer,
            concurrency=options.concurrency,
            max_outage=options.max_outage,
        )
        try:
            with held(), contextlib.closing(target), progress_shown("fetching", total=total, is_wanted=is_seen) as move:
                runner.run(fetch.run(partial(show, fetch, total, move)))
                move(fetch.done, "", "")
        except (*FATAL, FailedError) as error:
            there = target.summary()
            raise FailedError(f"{explain(error)} ({there})" if there else explain(error)) from None
    return report(fetch)


def show(fetch: Fetch, total: int | None, move: Move, progress: Progress) -> None:
    """Show how far a fetch has come."""
    move(fetch.done, *texts.pace(progress, None if total is None else total - fetch.done))


def check_output(options: Namespace, ids: Ids) -> None:
    """Validate that what is written is no file that serves for something else, by whatever name it is called.

    Raises UsageError where it is.
    """
    stdout, stderr = map(output.descriptor, (sys.stdout, sys.stderr))
    others: list[tuple[str, int | Path | None]] = [("holds the ids", ids.file)]
    if options.api_key_file not in {None, STDIN}:
        others.append(("holds the API key", Path(options.api_key_file)))
    if options.output == STDOUT:
        written: list[tuple[str, int | Path | None]] = [("the file that stdout goes to", stdout)]
    else:
        path = Path(options.output)
        written = [(str(each), each) for each in (path, failures_of(path))]
        others += [("is where stdout goes", stdout), ("is where stderr goes", stderr)]
    for name, file in written:
        for what, other in others:
            if file is not None and other is not None and is_same(file, other):
                raise UsageError(f"{name} {what}: choose another file for the personas")


def open_target(options: Namespace) -> Files | Stdout:
    """Open what is to be written; UsageError where that would destroy something."""
    if options.output == STDOUT:
        if options.resume:
            raise MisuseError("--resume needs a file: nobody knows what stdout was given before")
        return Stdout()
    return Files(Path(options.output), resume=options.resume, overwrite=options.overwrite)


def report(fetch: Fetch) -> int:
    """Say how the run ended, where somebody should know, and return the exit code."""
    there = fetch.target.summary() or "nothing is there yet"
    if fetch.ended_by is not None:
        code = Exit.of_signals([fetch.ended_by])
        output.complain(f"{code.word}: {there}")
        return code
    if fetch.failed:
        output.complain(there)
    elif output.is_watched():
        output.tell(there)
    return Exit.of_many(fetch.done - fetch.repeated, failed=fetch.failed)


FETCH: Final = Command(
    name="fetch",
    summary="fetch any number of personas into a file",
    description="""\
        Fetch personas, many at once, and write each as one JSON object on a line as soon as it comes, with every
        field that the server sends, secrets too.

        Ids come from the arguments, from a file with one id on each line (--from), or from stdin (-); empty lines,
        and what follows a #, are skipped. They are not kept in memory, so there may be millions. An id is fetched
        once, however often it occurs.

        What fails is written to FILE.errors, with the reason, and the rest goes on. An error that would fail every
        id, such as a wrong key, ends it at once. The exit code is 1 if all failed, 3 if some did. Nobody but you can
        read the two files.

        To have all of an account, list is enough: tavus-async personas list --json > personas.jsonl

        Ctrl-C, SIGTERM and the closing of the terminal end it cleanly, with exit code 130, 143 and 129; a second Ctrl-C
        or SIGTERM ends it at once. Whatever ended it, a kill or a full disk too, --resume fetches what is missing.
        """,
    examples=[
        "tavus-async personas fetch -o personas.jsonl p5317866 pb8bb42b",
        "tavus-async personas fetch -o personas.jsonl --from ids.txt --rate 50",
        "tavus-async personas fetch -o personas.jsonl --from ids.txt --resume",
        "tavus-async personas fetch -o personas.jsonl --from ids.txt --prefer list",
    ],
    add_options=_add_options,
    run=_run,
)
