"""`tavus-async create`: a persona from a file."""

import contextlib
from argparse import Namespace
from collections.abc import Generator
from typing import Final

from tavus_async import AmbiguousOutcomeError, InvalidRequestError
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.documents import read_draft
from tavus_async.cli.exits import Exit, FailedError, UsageError
from tavus_async.cli.inputs import STDIN, read_text
from tavus_async.cli.messages import explain
from tavus_async.cli.screen import output
from tavus_async.cli.session import add_session_options, open_session


def _add_options(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", help="the JSON object; - is stdin")
    add_session_options(parser)


def _run(options: Namespace) -> int:
    if options.file == STDIN == options.api_key_file:
        raise UsageError("stdin cannot give both the API key and the persona")
    name = "stdin" if options.file == STDIN else options.file
    text = read_text(options.file)
    with blamed_on(name):
        draft = read_draft(text)
    if draft.left_out:
        output.tell(f"left out, since the server sets or masks it: {', '.join(draft.left_out)}")
    for field in draft.unknown:
        hint = f"; did you mean {field.nearest}?" if field.nearest else ""
        output.tell(f"sent, though it is unknown: {field.path}{hint}")
    with open_session(options) as (session, runner):
        call = session.with_options(vocabulary=draft.vocabulary).create_persona(draft.persona)
        try:
            with blamed_on(name):
                created = runner.run(call)
        except AmbiguousOutcomeError as error:
            what, _, _ = str(error).partition("; ")
            raise FailedError(f"{what}; before you try again, look: tavus-async list --type user") from None
    output.put(created.persona_id)
    return Exit.OK


@contextlib.contextmanager
def blamed_on(name: str) -> Generator[None]:
    """Say of what is wrong with a document where the document comes from."""
    try:
        yield
    except (UsageError, InvalidRequestError) as error:
        raise UsageError(f"{name}: {explain(error)}") from None


CREATE: Final = Command(
    name="create",
    summary="create a persona from a file",
    description="""\
        Create a persona from a JSON object in a file, in the names of personas or of PALs, and print its id, the only
        line on stdout. The object is as Create Persona takes it, or as get prints it: then what the server sets, and
        secrets that it shows masked, are left out, and stderr says which. It also names the fields that are unknown;
        they are sent.

        It is never created twice: where the answer is lost, nothing is repeated, and stderr says so (exit code 1).
        """,
    examples=[
        "tavus-async create persona.json",
        "tavus-async get p5317866 | jq '.persona_name = \"Ann\"' | tavus-async create -",
    ],
    add_options=_add_options,
    run=_run,
)
