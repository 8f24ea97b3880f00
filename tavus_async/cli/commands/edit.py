"""`tavus-async edit`: a persona in an editor."""

from argparse import Namespace
from typing import Any, Final, Literal

import attrs

from tavus_async import BadRequestError, InvalidRequestError, Persona, UnprocessableError, patch
from tavus_async.cli.connection import Connection, MakerConflictError, connected
from tavus_async.cli.documents import READ_ONLY, at, masked_secrets, parse, settings
from tavus_async.cli.exits import Exit, FailedError, UsageError
from tavus_async.cli.options import Command, Parser, add_network_options
from tavus_async.cli.screen import changes, output
from tavus_async.cli.screen.confirm import add_yes, ask, called, need_somebody
from tavus_async.cli.screen.editor import EditedText
from tavus_async.patch import Operation

DESCRIPTION: Final = """\
Open a persona as JSON in your editor (VISUAL, else EDITOR), show what you have changed, and send the smallest patch,
after a question. Prints changed or unchanged. What only the server sets is not shown.

A slip in the JSON, or a patch that the server refuses, opens the editor again. Whatever else goes wrong, your text is
kept in a file that stderr names. An editor that returns at once needs an option that makes it wait: code --wait."""

EXAMPLE: Final = """\
examples:
  tavus-async edit pb8bb42b
  EDITOR='sed -i s/Hi/Hello/' tavus-async edit pb8bb42b --yes"""

# What editing the text once more may cure.
CURABLE: Final = (UsageError, InvalidRequestError, BadRequestError, UnprocessableError)


def add_options(parser: Parser) -> None:
    """Add what the command takes."""
    parser.add_argument("id", metavar="ID", help="of a persona, such as pb8bb42b")
    parser.add_argument("--force", action="store_true", help="discard what PAL Maker holds unpublished (default: ask)")
    add_yes(parser)
    add_network_options(parser)


def run(options: Namespace) -> int:
    """Carry the command out, and return its exit code."""
    need_somebody(options)
    with connected(options) as connection:
        persona = connection.run(connection.session.get_persona(options.id))
        before = settings(persona)
        with EditedText(persona.persona_id, f"{output.json_text(before, indent=2)}\n") as text:
            edit = Edit(options=options, connection=connection, persona=persona, before=before, text=text)
            output.put("changed" if edit.run() else "unchanged")
    return Exit.OK


@attrs.frozen(kw_only=True)
class Edit:
    """One persona, its text, and the way from the one to the other."""

    options: Namespace
    connection: Connection
    persona: Persona
    before: dict[str, Any]
    text: EditedText

    def run(self) -> bool:
        """Edit until it is sent or given up, and tell whether that changed anything; FailedError for given up."""
        while True:
            text = self.text.edit()
            try:
                operations = read_changes(self.before, text)
                if not operations:
                    return False
                if self._is_wanted(operations):
                    return self._send(operations)
            except CURABLE as error:
                if self.options.yes:
                    raise FailedError(str(error)) from None
                output.complain(str(error))
                if ask("Edit again?", ("Y", "n")) != "y":
                    raise FailedError("nothing was changed") from None

    def _is_wanted(self, operations: list[Operation]) -> bool:
        """Show the patch and ask: true for yes, false for another edit, FailedError for no."""
        for line in changes.lines(operations, self.before):
            output.show(line)
        if self.options.yes:
            return True
        answer = ask(f"Send this to {called(self.persona)}?", ("y", "N", "edit"))
        if answer == "n":
            raise FailedError("nothing was changed")
        return answer == "y"

    def _send(self, operations: list[Operation]) -> bool:
        """Send the patch; where PAL Maker is in the way, ask what is to be lost."""
        vocabulary: Literal["persona", "pal"] = "pal" if "pal_id" in self.persona.to_dict() else "persona"
        persona_id, force = self.persona.persona_id, self.options.force
        try:
            return self.connection.patch(persona_id, operations, force=force, vocabulary=vocabulary)
        except MakerConflictError as error:
            if self.options.yes:
                raise
            output.complain(str(error))
            if ask(f"Discard PAL Maker's unpublished changes of {called(self.persona)}?") != "y":
                raise FailedError("nothing was changed") from None
        return self.connection.patch(persona_id, operations, force=True, vocabulary=vocabulary)


def read_changes(before: dict[str, Any], text: str) -> list[Operation]:
    """Return the smallest patch that makes the edited text of the document; UsageError where the text will not do."""
    after = parse(text)
    fixed = [name for name in READ_ONLY if name in after]
    if fixed:
        raise UsageError(f"only the server sets {', '.join(fixed)}")
    operations = patch.diff(before, after)
    masked = [".".join(path) for path in masked_secrets(after) if at(after, path) != at(before, path)]
    if masked:
        raise UsageError(f"this would store asterisks in the place of a secret: {', '.join(masked)}")
    return operations


COMMAND: Final = Command(
    name="edit",
    summary="change a persona in your editor",
    description=DESCRIPTION,
    example=EXAMPLE,
    add_options=add_options,
    run=run,
)
