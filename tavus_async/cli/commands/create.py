"""`tavus-async create`: a persona from a file."""

import asyncio
from argparse import Namespace
from typing import Final

from tavus_async import AmbiguousOutcomeError, InvalidRequestError
from tavus_async.cli.documents import STDIN, Draft, read_draft, read_text
from tavus_async.cli.exits import Exit, FailedError, UsageError
from tavus_async.cli.options import Command, Parser, add_network_options, logs_on_stderr, open_session
from tavus_async.cli.screen import output

DESCRIPTION: Final = """\
Create a persona from a JSON object in a file, in the names of personas or of PALs, and print its id, the only line on
stdout. The object is as Create Persona takes it, or as get prints it: then what the server sets, and secrets that it
shows masked, are left out, and stderr says which.

It is never created twice: where the answer is lost, nothing is repeated, and stderr says so (exit code 1)."""

EXAMPLE: Final = """\
examples:
  tavus-async create persona.json
  tavus-async get p5317866 | jq '.persona_name = "Ann"' | tavus-async create -"""


def add_options(parser: Parser) -> None:
    """Add what the command takes."""
    parser.add_argument("file", metavar="FILE", help="the JSON object; - is stdin")
    add_network_options(parser)


def run(options: Namespace) -> int:
    """Carry the command out, and return its exit code."""
    if options.file == STDIN == options.api_key_file:
        raise UsageError("stdin cannot give both the key and the persona")
    name = "stdin" if options.file == STDIN else options.file
    text = read_text(options.file)
    try:
        draft = read_draft(text)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None
    if draft.left_out:
        output.tell(f"left out, since the server sets or masks it: {', '.join(draft.left_out)}")
    with logs_on_stderr(options):
        try:
            persona_id = asyncio.run(create(options, draft))
        except InvalidRequestError as error:
            raise UsageError(f"{name}: {error}") from None
        except AmbiguousOutcomeError as error:
            what, _, _ = str(error).partition("; ")
            raise FailedError(f"{what}; before you try again, look: tavus-async list --type user") from None
    output.put(persona_id)
    return Exit.OK


async def create(options: Namespace, draft: Draft) -> str:
    """Create the persona, and return its id."""
    async with open_session(options) as session:
        created = await session.create_persona(draft.persona, vocabulary=draft.vocabulary)
    return created.persona_id


COMMAND: Final = Command(
    name="create",
    summary="create a persona from a file",
    description=DESCRIPTION,
    example=EXAMPLE,
    add_options=add_options,
    run=run,
)
