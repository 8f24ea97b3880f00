"""`create`: something from a file."""

import contextlib
from argparse import Namespace
from collections.abc import Collection, Generator, Iterable
from functools import partial
from typing import Any

from tavus_async import AmbiguousOutcomeError, InvalidRequestError, UnknownFieldWarning
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.documents import read_draft, renamed_fields
from tavus_async.cli.exits import Exit, FailedError, MisuseError, UsageError
from tavus_async.cli.inputs import STDIN, read_text
from tavus_async.cli.messages import explain, told_if_interrupted
from tavus_async.cli.noun import Noun
from tavus_async.cli.screen import output, texts
from tavus_async.cli.screen.report import Report
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import file_name


def make_create(noun: Noun[Any]) -> Command:
    """Return the command that creates one item of a resource."""
    command = f"tavus-async {noun.name} create"
    change = f'.{noun.title_names[0]} = "Ann"' if noun.title_names else "."
    vocabularies = ", in the names of before or since mid-2026" if renamed_fields(noun) else ""

    def add_options(parser: Parser) -> None:
        parser.add_argument("file", type=file_name, metavar="FILE", help="the JSON object; - is stdin")
        add_session_options(parser)

    return Command(
        name="create",
        summary=f"create {noun.a_singular} from a file",
        description=f"""\
        Create {noun.a_singular} from a JSON object in a file, and print its id, the only line on stdout. The object is
        as Tavus' documentation has it{vocabularies}, or as get prints it: then what the server sets, and secrets that
        it shows masked, are left out, and stderr says which. It also names the fields that are unknown; they are sent.

        It is never created twice: where the answer is lost, nothing is repeated, and stderr says so (exit code 1).
        """,
        examples=[
            f"{command} {noun.one.replace('_', '-')}.json",
            f"tavus-async {noun.name} get {noun.example} | jq '{change}' |\n  {command} -",
        ],
        add_options=add_options,
        run=partial(run, noun),
    )


def run(noun: Noun[Any], options: Namespace) -> int:
    """Create what the file says, and print its id."""
    if options.file == STDIN == options.api_key_file:
        raise MisuseError(f"stdin cannot give both the API key and the {noun.singular}")
    name, text = name_of(options.file), read_text(options.file)
    with blamed_on(name):
        document = read_draft(noun, text)
    tell_differences(document.left_out, document.unknown)
    with open_session(options) as (session, runner):
        send = session.with_options(vocabulary=document.vocabulary).send
        with looked_for(noun), blamed_on(name):
            created = runner.run(send(noun.calls["create"](document.draft)))
    with Report() as report:
        report.put(noun.id_of(created), otherwise=f"created {noun.id_of(created)}")
    return Exit.OK


def name_of(file: str) -> str:
    """Return what messages call a file."""
    return "stdin" if file == STDIN else file


def tell_differences(left_out: Collection[str], unknown: Iterable[UnknownFieldWarning]) -> None:
    """Say what of a document is not sent, and what is sent though it is unknown."""
    if left_out:
        output.tell(f"left out, since the server sets or masks it: {', '.join(left_out)}")
    for field in unknown:
        hint = f"; did you mean {field.nearest}?" if field.nearest else ""
        output.tell(f"sent, though it is unknown: {texts.shorten(field.path)}{hint}")


@contextlib.contextmanager
def blamed_on(name: str) -> Generator[None]:
    """Say of what is wrong with a document where the document comes from."""
    try:
        yield
    except (UsageError, InvalidRequestError) as error:
        raise UsageError(f"{name}: {explain(error)}") from None


@contextlib.contextmanager
def looked_for(noun: Noun[Any]) -> Generator[None]:
    """Say where to look for what may have been created, after an answer that was lost or not waited for."""
    command = " ".join(filter(None, ["tavus-async", noun.name, "list", noun.view.list_own]))
    try:
        with told_if_interrupted(lambda: f"{noun.a_singular} may have been created; look: {command}"):
            yield
    except AmbiguousOutcomeError as error:
        what, _, _ = str(error).partition("; ")
        raise FailedError(f"{what}; before you try again, look: {command}") from None
