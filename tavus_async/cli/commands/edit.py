"""`edit`: a record in an editor."""

from argparse import Namespace
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from tavus_async import (
    AsyncSession,
    BadRequestError,
    ConflictError,
    InvalidRequestError,
    UnprocessableError,
    patch,
)
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.documents import at, masked_secrets, renamed_fields, server_fields, settings
from tavus_async.cli.exits import Exit, FailedError, UsageError
from tavus_async.cli.jsons import dumps, read_object
from tavus_async.cli.keywords import add_keywords, given
from tavus_async.cli.messages import explain, told_if_interrupted
from tavus_async.cli.noun import Noun
from tavus_async.cli.screen import changes, editor, output
from tavus_async.cli.screen.confirm import add_yes, ask, need_somebody
from tavus_async.cli.screen.editor import text_file
from tavus_async.cli.screen.report import Report
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.signals import Runner
from tavus_async.cli.values import identifier
from tavus_async.patch import Operation

if TYPE_CHECKING:
    from tavus_async.models import Record

Change = list[Operation] | dict[str, Any]

# What editing the text once more may cure.
CURABLE: Final = (UsageError, InvalidRequestError, BadRequestError, UnprocessableError)


def make_edit(noun: Noun[Any]) -> Command:
    """Return the command that opens a record of a resource in an editor."""
    command = f"tavus-async {noun.name} edit {noun.own_example}"

    def add_options(parser: Parser) -> None:
        parser.add_argument(
            "id", type=identifier, metavar="ID", help=f"of {noun.a_singular}, such as {noun.own_example}"
        )
        add_keywords(parser, noun.keywords["edit"])
        add_yes(parser)
        add_session_options(parser)

    return Command(
        name="edit",
        summary=f"change {noun.a_singular} in your editor",
        description=f"""\
        Open {noun.a_singular} as JSON in your editor (VISUAL, else EDITOR), show what you have changed, and send the
        smallest change, after a question. Prints changed or unchanged. What only the server sets is not shown.

        A mistake in the JSON, or a change that the server refuses, opens the editor again. Whatever else goes wrong,
        your text is kept in a file that stderr names. An editor that returns at once needs an option that makes it
        wait: code --wait.
        """,
        examples=[command, f"EDITOR='sed -i s/Hi/Hello/' {command} --yes"],
        add_options=add_options,
        run=partial(run, noun),
    )


def run(noun: Noun[Any], options: Namespace) -> int:
    """Let somebody edit what the options name, and send what has changed."""
    need_somebody(options)
    with open_session(options) as (session, runner):
        record = runner.run(session.send(noun.calls["get"](options.id)))
        before = settings(noun, record)
        with text_file(noun.id_of(record), f"{dumps(before, indent=2, is_displayed=True)}\n") as path:
            edit = Edit(
                noun=noun, options=options, session=session, runner=runner, record=record, before=before, path=path
            )
            word = "changed" if edit.run() else "unchanged"
    with Report() as report:
        report.put(word, otherwise=word)
    return Exit.OK


@attrs.frozen(kw_only=True)
class Edit:
    """One record, its text, and the way from the one to the other."""

    noun: Noun[Any]
    options: Namespace
    session: AsyncSession
    runner: Runner
    record: "Record"
    before: dict[str, Any]
    path: Path

    def run(self) -> bool:
        """Edit until it is sent or given up, and tell whether that changed anything; FailedError for given up."""
        while True:
            text = editor.edit(self.path)
            try:
                after = read_settings(self.noun, self.before, text)
                operations = patch.diff(self.before, after)
                if not operations:
                    return False
                if self._is_wanted(operations):
                    return self._send(self._change(operations, after))
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
        answer = ask(f"Send this to {self.noun.called(self.record)}?", ("y", "N", "edit"))
        if answer == "n":
            raise FailedError("nothing was changed")
        return answer == "y"

    def _change(self, operations: list[Operation], after: dict[str, Any]) -> Change:
        """Return what is to be sent: a patch, or the new values of the fields that differ."""
        names = dict.fromkeys(name for name in (*self.before, *after) if self.before.get(name) != after.get(name))
        if not self.noun.takes_operations:
            return {name: after.get(name) for name in names}
        return whole_fields(names, after) if self.noun.view.is_flat else operations

    def _send(self, change: Change) -> bool:
        """Send the change; where something that it would discard is in the way, ask whether that is to be lost."""
        guards = {keyword.name: getattr(self.record, keyword.name) for keyword in self.noun.guards}
        options = guards | given(self.options, self.noun.keywords["edit"])
        try:
            return self._update(change, options)
        except ConflictError as error:
            loss = self.noun.view.losses.get("force")
            if self.options.yes or error.conflict is None or loss is None:
                raise
            self._ask_about(error, f"{self.noun.called(self.record)}: {loss}?")
        return self._update(change, options | {"force": True})

    def _update(self, change: Change, options: dict[str, Any]) -> bool:
        renamed = renamed_fields(self.noun)
        vocabulary: Literal["persona", "pal"] = "pal" if renamed & self.record.to_dict().keys() else "persona"
        session = self.session.with_options(vocabulary=vocabulary)
        item_id = self.noun.id_of(self.record)
        with told_if_interrupted(lambda: f"{item_id} may have been changed"):
            return self.runner.run(session.send(self.noun.calls["patch"](item_id, change, **options))) is not False

    def _ask_about(self, error: Exception, question: str, answers: tuple[str, ...] = ("y", "N")) -> None:
        """Say what went wrong, and ask whether to go on all the same; FailedError for a no."""
        output.complain(explain(error))
        if ask(question, answers) != "y":
            raise FailedError("nothing was changed") from None


def whole_fields(names: Iterable[str], after: Mapping[str, Any]) -> list[Operation]:
    """Return the patch that sets fields as a whole."""
    pointers = {name: f"/{name.replace('~', '~0').replace('/', '~1')}" for name in names}
    return [patch.add(each, after[name]) if name in after else patch.remove(each) for name, each in pointers.items()]


def read_settings(noun: Noun[Any], before: dict[str, Any], text: str) -> dict[str, Any]:
    """Return the edited settings; UsageError where the text will not do."""
    after = dict(read_object(text))
    fixed = [name for name in server_fields(noun) if name in after]
    if fixed:
        raise UsageError(f"only the server sets {', '.join(fixed)}")
    masked = [".".join(path) for path in masked_secrets(after) if at(after, path) != at(before, path)]
    if masked:
        raise UsageError(f"this would store asterisks in the place of a secret: {', '.join(masked)}")
    return after
