"""`conversations create`: a conversation, from a file or from options; held until Ctrl-C, if asked to."""

import asyncio
import shlex
import webbrowser
from argparse import Namespace
from collections.abc import Mapping
from typing import Any, Final

import attrs

from tavus_async import AsyncSession, Conversation, ConversationDraft, NotFoundError, TavusError
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.commands.create import blamed_on, looked_for, name_of, tell_differences
from tavus_async.cli.documents import DraftDocument, body, read_draft
from tavus_async.cli.exits import Exit, FailedError, MisuseError
from tavus_async.cli.inputs import STDIN, read_text
from tavus_async.cli.messages import explain
from tavus_async.cli.resources import find_noun
from tavus_async.cli.screen import output
from tavus_async.cli.screen.report import Report
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.signals import cancelled_by_signals
from tavus_async.cli.values import duration, file_name, whole_duration

CONVERSATION: Final = find_noun("conversations")

# Seconds between two looks at whether a conversation that is held still runs.
LOOK_EVERY: Final = 10.0

# What options say of a conversation, and what they say of its properties.
FIELDS: Final = (
    "persona_id",
    "replica_id",
    "conversation_name",
    "custom_greeting",
    "conversational_context",
    "callback_url",
    "document_ids",
    "test_mode",
    "audio_only",
    "require_auth",
)
PROPERTIES: Final = (
    "languages",
    "max_call_duration",
    "participant_left_timeout",
    "participant_absent_timeout",
    "enable_recording",
)


def _add_options(parser: Parser) -> None:
    parser.add_argument(
        "file", nargs="?", type=file_name, metavar="FILE", help="a JSON object; - is stdin; options come on top of it"
    )
    _add_fields(parser)
    add = parser.add_argument_group("and then").add_argument
    add("--open", action="store_true", help="open its address in the browser")
    add("--wait", action="store_true", help="hold it until Ctrl-C, and end it then (default: it goes on)")
    add("--json", action="store_true", help="print all that the server says of it (default: its id and its address)")
    add(
        "--wait-for-slot",
        type=duration,
        metavar="TIME",
        help="where too many run already, try again for so long, such as 1m (default: fail)",
    )
    add_session_options(parser)


def _add_fields(parser: Parser) -> None:
    add = parser.add_argument_group("what it is").add_argument
    add("--persona", "--pal", dest="persona_id", metavar="ID", help="who speaks")
    add("--replica", "--face", dest="replica_id", metavar="ID", help="whose face (default: the persona's own)")
    add("--name", dest="conversation_name", metavar="TEXT", help="what it is called")
    add("--greeting", dest="custom_greeting", metavar="TEXT", help="the first words")
    add("--context", dest="conversational_context", metavar="TEXT", help="what the persona should know")
    add("--callback-url", metavar="URL", help="where its webhooks go: see tavus-async webhooks listen")
    add("--document", dest="document_ids", action="append", metavar="ID", help="to be known in it; may be repeated")
    add("--language", dest="languages", action="append", metavar="CODE", help="such as en; may be repeated")
    add(
        "--max-duration",
        dest="max_call_duration",
        type=whole_duration,
        metavar="TIME",
        help="such as 10m (default: 1h)",
    )
    add("--left-timeout", dest="participant_left_timeout", type=whole_duration, metavar="TIME",
        help="for which it goes on when everybody has left (default: 0)")  # fmt: skip
    add("--absent-timeout", dest="participant_absent_timeout", type=whole_duration, metavar="TIME",
        help="for which it waits for somebody to join (default: 5m)")  # fmt: skip
    add("--audio-only", action="store_true", default=None, help="without video")
    add("--record", dest="enable_recording", action="store_true", default=None, help="let it be recorded")
    add("--require-auth", action="store_true", default=None, help="let nobody join without a token")
    add("--test-mode", action="store_true", default=None, help="nobody joins, nothing is charged, it ends at once")


def _run(options: Namespace) -> int:
    document = read_document(options)
    with open_session(options) as (session, runner):
        opening = Opening(
            session=session.with_options(vocabulary=document.vocabulary),
            draft=document.draft,
            options=options,
        )
        with looked_for(CONVERSATION), blamed_on(name_of(options.file) if options.file else "the options"):
            return runner.run(opening.hold() if options.wait else opening.create())


def read_document(options: Namespace) -> DraftDocument:
    """Return what the file and the options say; UsageError where that is nothing, or makes no sense."""
    if options.file == STDIN == options.api_key_file:
        raise MisuseError("stdin cannot give both the API key and the conversation")
    name = name_of(options.file) if options.file else ""
    text = read_text(options.file) if options.file else "{}"
    with blamed_on(name):
        document = read_draft(CONVERSATION, text)
    tell_differences(document.left_out, document.unknown)
    draft = with_options(document.draft, vars(options))
    if not draft.persona_id and not draft.replica_id:
        raise MisuseError("a conversation needs somebody who speaks: --persona ID or --replica ID, or a FILE with one")
    return attrs.evolve(document, draft=draft)


def with_options(draft: Any, options: Mapping[str, Any]) -> ConversationDraft:
    """Return a draft with what the options say in the place of what it said."""
    fields = {name: options[name] for name in FIELDS if options[name] is not None}
    properties: dict[str, Any] = {name: options[name] for name in PROPERTIES if options[name] is not None}
    evolved: ConversationDraft = attrs.evolve(draft, **fields)
    if not properties:
        return evolved
    return attrs.evolve(evolved, properties=attrs.evolve(evolved.properties, **properties))


@attrs.frozen(kw_only=True)
class Opening:
    """A conversation that is being created, and what is done with it."""

    session: AsyncSession
    draft: Any
    options: Namespace

    async def create(self) -> int:
        """Create it, say so, and leave it."""
        self._show(await self.session.create_conversation(self.draft, wait_for_slot=self.options.wait_for_slot))
        return Exit.OK

    async def hold(self) -> int:
        """Create it, say so, and end it when a signal says so; wait no longer where it has ended by itself."""
        held: list[str] = []
        with cancelled_by_signals(lambda: last_words(held)) as signals:
            try:
                async with self.session.conversation(
                    self.draft, wait_for_slot=self.options.wait_for_slot
                ) as conversation:
                    held.append(conversation.conversation_id)
                    self._show(conversation)
                    output.tell("Ctrl-C ends it.")
                    output.tell(await self._wait_for_end(conversation))
            except asyncio.CancelledError as error:
                problems: list[str] = getattr(error, "__notes__", [])
                if problems:
                    raise FailedError("; ".join([*problems, last_words(held)])) from None
                if not held:
                    output.complain(f"{Exit.of_signals(signals).word}: no conversation was left behind")
                    return Exit.of_signals(signals)
                output.tell(f"ended {held[0]}")
            except TavusError as error:
                if held:
                    raise FailedError(f"{explain(error)}; {last_words(held)}") from None
                raise
        return Exit.OK

    async def _wait_for_end(self, conversation: Conversation) -> str:
        """Return, once it has ended by itself, the words for that."""
        problem = ""
        while conversation.status != "ended":
            await asyncio.sleep(LOOK_EVERY)
            try:
                conversation = await self.session.get_conversation(conversation.conversation_id, verbose=True)
            except NotFoundError:
                return "it is no longer there"
            except TavusError as error:
                if problem != explain(error):
                    problem = explain(error)
                    output.complain(f"cannot tell whether it still runs: {problem}")
        return f"it has ended: {conversation.end_reason or 'Tavus does not say why'}"

    def _show(self, conversation: Conversation) -> None:
        """Print what it is and where to join it."""
        url, created = conversation.join_url, f"created {conversation.conversation_id}"
        with Report() as report:
            if self.options.json:
                report.put_json(body(CONVERSATION, conversation), otherwise=lambda: created)
            else:
                report.put(conversation.conversation_id, otherwise=created)
            if url and not self.options.json:
                report.put(url, otherwise=f"to be joined at {url}")
        if self.options.open:
            open_in_browser(url)


def open_in_browser(url: str | None) -> None:
    """Open an address; say so where there is none, or one that a browser would not take for a page."""
    if not url:
        output.complain("there is no address to open")
    elif url.partition(":")[0].lower() not in {"https", "http"}:
        output.complain("its address is not opened: it is no https")
    elif not webbrowser.open(url):
        output.complain("no browser could be opened")


def last_words(held: list[str]) -> str:
    """Say which conversation may still run, and how to end it."""
    if not held:
        return "a conversation may have been created: look with tavus-async conversations list --status active"
    return f"{held[0]} may still run: tavus-async conversations end {shlex.quote(held[0])}"


OPEN_CONVERSATION: Final = Command(
    name="create",
    summary="create a conversation, and hold it if you like",
    description="""\
        Create a conversation, and print its id and, on a second line, the address at which to join it. What it is
        comes from options, or from a JSON object in a file, as Tavus' documentation has it or as get prints it.

        It runs, and costs money, until somebody ends it, everybody has left or its time is up. With --wait it ends
        with this command: on Ctrl-C, on SIGTERM or when the terminal is closed, with exit code 0; a second Ctrl-C does
        not wait for that.

        It is never created twice: where the answer is lost, nothing is repeated, and stderr says so (exit code 1).
        """,
    examples=[
        "tavus-async conversations create --persona p5317866 --open --wait",
        "tavus-async conversations create --persona p5317866 --test-mode --json",
        "tavus-async conversations create visit.json --name Ann --max-duration 10m",
    ],
    add_options=_add_options,
    run=_run,
)
