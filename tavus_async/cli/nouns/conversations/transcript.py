"""`conversations transcript`: what was said."""

from argparse import Namespace
from typing import Final

from tavus_async import AsyncSession, Conversation
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import Exit, FailedError
from tavus_async.cli.nouns.conversations import CONVERSATION_VIEW
from tavus_async.cli.screen import dialogue, output
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import identifier
from tavus_async.models import Transcript


def _add_options(parser: Parser) -> None:
    add = parser.add_argument
    add("id", type=identifier, metavar="ID", help=f"of a conversation, such as {CONVERSATION_VIEW.example}")
    add("--wait", action="store_true", help="wait until it is there (default: fail where it is not)")
    add("--all", action="store_true", help="with prompts and tools too (default: what was said)")
    add("--json", action="store_true", help="as a JSON list, whole (default: a line for each turn)")
    add_session_options(parser)


def _run(options: Namespace) -> int:
    with open_session(options) as (session, runner):
        read = wait_for_transcript if options.wait else read_transcript
        transcript = runner.run(read(session, options))
    if options.json:
        output.put_json(transcript.to_list(), indent=2)
    else:
        for line in dialogue.lines(transcript, is_whole=options.all):
            output.put(line)
        if not options.all and not transcript.spoken:
            output.tell("nobody said anything")
    return Exit.OK


async def wait_for_transcript(session: AsyncSession, options: Namespace) -> Transcript:
    """Return the transcript as soon as it is there; `--timeout` is for how long it is waited for."""
    return await session.wait_for_transcript(options.id, timeout=options.timeout, on_progress=tell_progress)


def tell_progress(conversation: Conversation) -> None:
    """Say, if somebody looks, what is waited for."""
    if output.is_watched() and conversation.transcript is None:
        is_over = conversation.status == "ended"
        output.tell(
            "it has ended; its transcript is on its way" if is_over else "it has not ended yet; Ctrl-C ends the wait"
        )


async def read_transcript(session: AsyncSession, options: Namespace) -> Transcript:
    """Return the transcript that is there; FailedError where there is none."""
    conversation = await session.get_conversation(options.id, verbose=True)
    if conversation.transcript is None:
        why = "it comes minutes after the end" if conversation.status == "ended" else "the conversation has not ended"
        raise FailedError(f"{options.id} has no transcript yet: {why}; --wait waits for it")
    return conversation.transcript


READ_TRANSCRIPT: Final = Command(
    name="transcript",
    summary="print what was said in a conversation",
    description="""\
        Print what was said in a conversation that has ended: when, by whom, and the words. It comes one to three
        minutes after the end; with --wait, this command waits for it, for --timeout seconds if that is given.

        The exit code is 1 where there is no transcript, and where none will come since nobody has talked.
        """,
    examples=[
        f"tavus-async conversations transcript {CONVERSATION_VIEW.example}",
        f"tavus-async conversations transcript {CONVERSATION_VIEW.example} --wait --json > t.json",
    ],
    add_options=_add_options,
    run=_run,
)
