"""`tavus-async create`: a persona from a file."""

from argparse import Namespace
from typing import Final

from tavus_async import AmbiguousOutcomeError, InvalidRequestError
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.documents import DraftDocument, read_draft
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
    text = read_text(options.file)
    try:
        draft = read_draft(text)
        if draft.left_out:
            output.tell(f"left out, since the server sets or masks it: {', '.join(draft.left_out)}")
        for field in draft.unknown:
            hint = f"; did you mean {field.nearest}?" if field.nearest else ""
            output.tell(f"sent, though it is unknown: {field.path}{hint}")
        output.put(create(options, draft))
    except (UsageError, InvalidRequestError) as error:
        raise UsageError(f"{'stdin' if options.file == STDIN else options.file}: {explain(error)}") from None
    return Exit.OK


def create(options: Namespace, draft: DraftDocument) -> str:
    """Create the persona, and return its id."""
    with open_session(options) as (session, runner):
        call = session.with_options(vocabulary=draft.vocabulary).create_persona(draft.persona)
        try:
            return runner.run(call).persona_id
        except AmbiguousOutcomeError as error:
            what, _, _ = str(error).partition("; ")
            raise FailedError(f"{what}; before you try again, look: tavus-async list --type user") from None


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
