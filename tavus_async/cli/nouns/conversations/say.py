"""`conversations say`: something into a conversation that runs."""

from argparse import Namespace
from collections.abc import Sequence
from typing import Final

from tavus_async import AsyncSession
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import Exit, MisuseError
from tavus_async.cli.inputs import STDIN, read_text
from tavus_async.cli.nouns.conversations import CONVERSATION_VIEW
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import identifier
from tavus_async.interactions import Echo, Interrupt, Message, Respond


def _add_options(parser: Parser) -> None:
    add = parser.add_argument
    add("id", type=identifier, metavar="ID", help=f"of a conversation, such as {CONVERSATION_VIEW.example}")
    add("text", nargs="*", metavar="TEXT", help="the words; - is stdin")
    add("--echo", action="store_true", help="let the replica say these words (default: let it answer them)")
    add("--interrupt", action="store_true", help="let the replica fall silent first; needs no TEXT")
    add_session_options(parser)


def _run(options: Namespace) -> int:
    messages = make_messages(options)
    with open_session(options) as (session, runner):
        runner.run(send(session, options.id, messages))
    return Exit.OK


def make_messages(options: Namespace) -> list[Message]:
    """Return what is to be sent; UsageError where that is nothing."""
    text = " ".join(options.text)
    if text == STDIN:
        if options.api_key_file == STDIN:
            raise MisuseError("stdin cannot give both the API key and the text")
        text = read_text(STDIN)
    if not text.strip() and not options.interrupt:
        raise MisuseError("nothing to say: give a TEXT, or --interrupt")
    if not text.strip() and options.echo:
        raise MisuseError("nothing to say: --echo needs a TEXT")
    said: list[Message] = [(Echo if options.echo else Respond)(text.strip())] if text.strip() else []
    return [Interrupt(), *said] if options.interrupt else said


async def send(session: AsyncSession, conversation_id: str, messages: Sequence[Message]) -> None:
    """Send messages, one after the other."""
    for message in messages:
        await session.send_app_message(conversation_id, message)


SAY: Final = Command(
    name="say",
    summary="say something in a conversation",
    description="""\
        Send a text into a conversation that runs. The persona answers it as if a participant had said it; with --echo
        the replica says it, word for word; with --interrupt the replica falls silent before.

        That it was accepted does not mean that it was heard: before anybody has joined, it waits. The server takes 120
        in a minute.
        """,
    examples=[
        f"tavus-async conversations say {CONVERSATION_VIEW.example} 'What is the weather like?'",
        f"tavus-async conversations say {CONVERSATION_VIEW.example} --echo --interrupt 'Good bye.'",
    ],
    add_options=_add_options,
    run=_run,
)
