"""`personas edit`: a persona in an editor."""

from argparse import Namespace
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from tavus_async import (
    AsyncSession,
    BadRequestError,
    ConflictError,
    InvalidRequestError,
    Persona,
    UnprocessableError,
    patch,
)
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.documents import at, masked_secrets, server_fields, settings
from tavus_async.cli.exits import Exit, FailedError, UsageError
from tavus_async.cli.jsons import dumps, read_object
from tavus_async.cli.messages import explain, told_if_interrupted
from tavus_async.cli.nouns.personas import PERSONA
from tavus_async.cli.screen import changes, editor, output
from tavus_async.cli.screen.confirm import add_yes, ask, need_somebody
from tavus_async.cli.screen.editor import text_file
from tavus_async.cli.screen.report import Report
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.signals import Runner
from tavus_async.cli.values import identifier
from tavus_async.patch import Operation

# What editing the text once more may cure.
CURABLE: Final = (UsageError, InvalidRequestError, BadRequestError, UnprocessableError)


def _add_options(parser: Parser) -> None:
    parser.add_argument("id", type=identifier, metavar="ID", help="of a persona, such as pb8bb42b")
    parser.add_argument("--force", action="store_true", help="discard unpublished changes in PAL Maker (default: ask)")
    add_yes(parser)
    add_session_options(parser)


def _run(options: Namespace) -> int:
    need_somebody(options)
    with open_session(options) as (session, runner):
        persona = runner.run(session.get_persona(options.id))
        before = settings(PERSONA, persona)
        with text_file(persona.persona_id, f"{dumps(before, indent=2, is_displayed=True)}\n") as path:
            edit = Edit(options=options, session=session, runner=runner, persona=persona, before=before, path=path)
            word = "changed" if edit.run() else "unchanged"
    with Report() as report:
        report.put(word, otherwise=word)
    return Exit.OK


@attrs.frozen(kw_only=True)
class Edit:
    """One persona, its text, and the way from the one to the other."""

    options: Namespace
    session: AsyncSession
    runner: Runner
    persona: Persona
    before: dict[str, Any]
    path: Path

    def run(self) -> bool:
        """Edit until it is sent or given up, and tell whether that changed anything; FailedError for given up."""
        while True:
            text = editor.edit(self.path)
            try:
                operations = read_changes(self.before, text)
                if not operations:
                    return False
                if self._is_wanted(operations):
                    return self._send(operations)
            except CURABLE as error:
                if self.options.yes:
                    raise FailedError(explain(error)) from None
                self._ask_about(error, "Edit again?", ("Y", "n"))

    def _is_wanted(self, operations: list[Operation]) -> bool:
        """Show the patch and ask: true for yes, false for another edit, FailedError for no."""
        for line in changes.lines(operations, self.before):
            output.tell(line)
        if self.options.yes:
            return True
        answer = ask(f"Send this to {PERSONA.called(self.persona)}?", ("y", "N", "edit"))
        if answer == "n":
            raise FailedError("nothing was changed")
        return answer == "y"

    def _send(self, operations: list[Operation]) -> bool:
        """Send the patch; where PAL Maker is in the way, ask what is to be lost."""
        try:
            return self._patch(operations, force=self.options.force)
        except ConflictError as error:
            if self.options.yes or error.conflict != "maker_changes":
                raise
            self._ask_about(error, f"Discard unpublished changes of {PERSONA.called(self.persona)} in PAL Maker?")
        return self._patch(operations, force=True)

    def _patch(self, operations: list[Operation], *, force: bool) -> bool:
        vocabulary: Literal["persona", "pal"] = "pal" if "pal_id" in self.persona.to_dict() else "persona"
        session = self.session.with_options(vocabulary=vocabulary)
        persona_id = self.persona.persona_id
        with told_if_interrupted(lambda: f"{persona_id} may have been changed"):
            return self.runner.run(session.patch_persona(persona_id, operations, force=force))

    def _ask_about(self, error: Exception, question: str, answers: tuple[str, ...] = ("y", "N")) -> None:
        """Say what went wrong, and ask whether to go on all the same; FailedError for a no."""
        output.complain(explain(error))
        if ask(question, answers) != "y":
            raise FailedError("nothing was changed") from None


def read_changes(before: dict[str, Any], text: str) -> list[Operation]:
    """Return the smallest patch that makes the edited text of the document; UsageError where the text will not do."""
    after = read_object(text)
    fixed = [name for name in server_fields(PERSONA) if name in after]
    if fixed:
        raise UsageError(f"only the server sets {', '.join(fixed)}")
    masked = [".".join(path) for path in masked_secrets(after) if at(after, path) != at(before, path)]
    if masked:
        raise UsageError(f"this would store asterisks in the place of a secret: {', '.join(masked)}")
    return patch.diff(before, after)


EDIT: Final = Command(
    name="edit",
    summary="change a persona in your editor",
    description="""\
        Open a persona as JSON in your editor (VISUAL, else EDITOR), show what you have changed, and send the smallest
        patch, after a question. Prints changed or unchanged. What only the server sets is not shown.

        A mistake in the JSON, or a patch that the server refuses, opens the editor again. Whatever else goes wrong,
        your text is kept in a file that stderr names. An editor that returns at once needs an option that makes it
        wait: code --wait.
        """,
    examples=[
        "tavus-async personas edit pb8bb42b",
        "EDITOR='sed -i s/Hi/Hello/' tavus-async personas edit pb8bb42b --yes",
    ],
    add_options=_add_options,
    run=_run,
)
