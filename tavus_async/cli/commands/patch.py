"""`patch`: changes to single fields of a record, by a JSON Patch, or by their new values where that is the way."""

import argparse
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from json import JSONDecodeError
from typing import Any, Final

from tavus_async import InvalidRequestError, patch
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import Exit, FailedError, MisuseError, UsageError
from tavus_async.cli.inputs import STDIN, read_text
from tavus_async.cli.jsons import loads, read_object
from tavus_async.cli.keywords import add_keywords, given
from tavus_async.cli.messages import told_if_interrupted
from tavus_async.cli.noun import Noun
from tavus_async.cli.schema import is_text
from tavus_async.cli.screen.confirm import add_yes, ask, need_somebody
from tavus_async.cli.screen.report import Report
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import identifier, text
from tavus_async.patch import Operation

# What makes the operation of each option, what it takes, and what its help says.
OPERATIONS: Final[Mapping[str, tuple[Callable[..., Operation], tuple[str, ...], str]]] = {
    "--replace": (patch.replace, ("PATH", "VALUE"), "put another value in the place of one"),
    "--add": (patch.add, ("PATH", "VALUE"), "set a field, or insert into a list; /- at a list's end appends"),
    "--remove": (patch.remove, ("PATH",), "take a field or an item away"),
    "--move": (patch.move, ("FROM", "PATH"), "move a value to another place"),
    "--copy": (patch.copy, ("FROM", "PATH"), "copy a value to another place"),
    "--test": (patch.test, ("PATH", "VALUE"), "change nothing unless this value is there"),
}


# Python takes them for JSON.
CONSTANTS: Final = ("NaN", "Infinity", "-Infinity")


class AddOperation(argparse.Action):
    """Reads one operation, and adds it to those before it."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: Namespace, values: Any, option_string: Any = None
    ) -> None:
        """Read the operation's paths and its value; wrong usage where a path is none."""
        make, kinds, _ = OPERATIONS[option_string]
        try:
            words = [read_value(word) if kind == "VALUE" else word for kind, word in zip(kinds, values, strict=True)]
            namespace.operations = [*namespace.operations, make(*words)]
        except (InvalidRequestError, ValueError) as error:
            parser.error(f"{option_string}: {error}")


def read_value(word: str) -> Any:
    """Read a JSON value; what is no JSON is a text. ValueError for JSON that cannot be sent, as `loads` raises it."""
    if word in CONSTANTS:
        return word
    try:
        return loads(word)
    except JSONDecodeError:
        return word


def make_patch(noun: Noun[Any]) -> Command:
    """Return the command that changes single fields of a resource's record."""
    return make_json_patch(noun) if noun.takes_operations else make_merge(noun)


def make_json_patch(noun: Noun[Any]) -> Command:
    """Return the command that changes a record by a JSON Patch."""
    command, field = f"tavus-async {noun.name} patch {noun.own_example}", (noun.title_names or ("description",))[0]

    def add_options(parser: Parser) -> None:
        parser.add_argument(
            "id", type=identifier, metavar="ID", help=f"of {noun.a_singular}, such as {noun.own_example}"
        )
        group = parser.add_argument_group("operations")
        for name, (_, words, meaning) in OPERATIONS.items():
            group.add_argument(
                name, action=AddOperation, nargs=len(words), metavar=words, help=meaning, dest="operations", default=[]
            )
        add_keywords(parser, noun.keywords["patch"])
        add_yes(parser)
        add_session_options(parser)

    return Command(
        name="patch",
        summary=f"change single fields of {noun.a_singular}",
        description=f"""\
        Change {noun.a_singular} by a JSON Patch (RFC 6902): its operations are carried out in the order given, all or
        none. A PATH is a JSON Pointer such as {noun.view.pointer or f"/{field}"}. A VALUE is JSON, and a text where it
        is not JSON: 5 is a number, "5" in double quotes is a text, Hello is one too.

        Prints changed or unchanged. What removes or discards something asks first.

        Other processes of this machine can read VALUEs; for secrets, use edit.
        """,
        examples=noun.view.patches or (f'{command} --replace /{field} "Ann"',),
        add_options=add_options,
        run=partial(run, noun),
    )


def run(noun: Noun[Any], options: Namespace) -> int:
    """Send the operations that the options name, if what they take away may go."""
    operations: list[Operation] = options.operations
    if not operations:
        raise MisuseError(f"no operation: give at least one of {', '.join(OPERATIONS)}")
    keywords = given(options, noun.keywords["patch"])
    losses = what_is_lost(noun, operations, keywords)
    if losses:
        need_somebody(options)
    with open_session(options) as (session, runner):
        if losses and not options.yes:
            confirm(noun, runner.run(session.send(noun.calls["get"](options.id))), losses)
        with told_if_interrupted(lambda: f"{options.id} may have been changed"):
            answer = runner.run(session.send(noun.calls["patch"](options.id, operations, **keywords)))
    tell(is_changed=answer is not False)
    return Exit.OK


def what_is_lost(noun: Noun[Any], operations: Sequence[Operation], keywords: Mapping[str, Any]) -> list[str]:
    """Say what the patch takes away for good."""
    losses = [f"remove {operation.path or 'everything'}" for operation in operations if operation.op == "remove"]
    return [*losses, *(loss for name, loss in noun.view.losses.items() if keywords.get(name))]


def confirm(noun: Noun[Any], record: Any, losses: Sequence[str]) -> None:
    """Ask whether that is meant, by the record's name; FailedError where it is not."""
    if ask(f"{noun.called(record)}: {', '.join(losses)}?") != "y":
        raise FailedError("nothing was changed")


def tell(*, is_changed: bool) -> None:
    """Print what became of the record."""
    word = "changed" if is_changed else "unchanged"
    with Report() as report:
        report.put(word, otherwise=word)


def make_merge(noun: Noun[Any]) -> Command:
    """Return the command that changes a record by new values of its fields."""
    command, field = f"tavus-async {noun.name} patch {noun.own_example}", (noun.title_names or ("description",))[0]

    def add_options(parser: Parser) -> None:
        parser.add_argument(
            "id", type=identifier, metavar="ID", help=f"of {noun.a_singular}, such as {noun.own_example}"
        )
        parser.add_argument(
            "changes",
            type=text,
            nargs="+",
            metavar="FIELD=VALUE",
            help="a field and its new value; or a JSON object of such, @FILE for one in a file, - for stdin",
        )
        add_keywords(parser, noun.keywords["patch"])
        add_session_options(parser)

    return Command(
        name="patch",
        summary=f"change single fields of {noun.a_singular}",
        description=f"""\
        Change {noun.a_singular}: the fields that are named get new values, the others stay. A VALUE is JSON, and a text
        where it is not JSON, or where the field holds text; null clears a field. What is in several objects, or named
        twice, is as the last one says.

        Prints changed once it is done.

        Other processes of this machine can read VALUEs; give secrets with @FILE.
        """,
        examples=noun.view.patches or (f'{command} {field}="Ann"', f"{command} @changes.json"),
        add_options=add_options,
        run=partial(run_merge, noun),
    )


def run_merge(noun: Noun[Any], options: Namespace) -> int:
    """Send the changes that the options name."""
    if options.api_key_file == STDIN in options.changes:
        raise MisuseError("stdin cannot give both the API key and the changes")
    changes: dict[str, Any] = {}
    for word in options.changes:
        changes.update(read_change(noun, word))
    keywords = given(options, noun.keywords["patch"])
    with (
        open_session(options) as (session, runner),
        told_if_interrupted(lambda: f"{options.id} may have been changed"),
    ):
        runner.run(session.send(noun.calls["patch"](options.id, changes, **keywords)))
    tell(is_changed=True)
    return Exit.OK


def read_change(noun: Noun[Any], word: str) -> Mapping[str, Any]:
    """Return the fields that a word changes: `FIELD=VALUE`, a JSON object, `@FILE` or `-`; UsageError for others."""
    if word == STDIN or word.startswith(("@", "{")):
        source = word.removeprefix("@")
        name = "stdin" if source == STDIN else source
        try:
            return read_object(word if word.startswith("{") else read_text(source))
        except UsageError as error:
            raise UsageError(str(error) if word.startswith("{") else f"{name}: {error}") from None
    field, mark, value = word.partition("=")
    if not field or not mark:
        raise MisuseError(f"a change is FIELD=VALUE, or a JSON object, not {word!r}")
    try:
        return {field: read_text_value(value) if is_text(noun.record, field) else read_value(value)}
    except ValueError as error:
        raise MisuseError(f"{field}: {error}") from None


def read_text_value(word: str) -> str | None:
    """Read a text, which may stand in double quotes as in JSON; None for null."""
    try:
        value = read_value(word)
    except ValueError:
        return word
    return value if isinstance(value, str) or value is None else word
