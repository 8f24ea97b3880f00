"""`tavus-async patch`: changes to one persona."""

import argparse
from argparse import Namespace
from collections.abc import Sequence
from typing import Any, Final

from tavus_async import InvalidRequestError, patch
from tavus_async.cli.connection import Connection, connected
from tavus_async.cli.documents import read_value
from tavus_async.cli.exits import Exit, FailedError, UsageError
from tavus_async.cli.options import Command, Parser, add_network_options
from tavus_async.cli.screen import output
from tavus_async.cli.screen.confirm import add_yes, ask, called, need_somebody
from tavus_async.patch import Operation

DESCRIPTION: Final = """\
Change a persona by a JSON Patch (RFC 6902): its operations are carried out in the order given, all or none. A PATH is
a JSON Pointer such as /layers/llm/model. A VALUE is JSON, or a text where it is no JSON: 5 is a number, "5" in double
quotes is a text, Hello is one too.

Prints changed or unchanged. What removes or discards something asks first.

Other processes of this machine can read VALUEs; for secrets, use edit."""

EXAMPLE: Final = """\
examples:
  tavus-async patch pb8bb42b --replace /greeting "Hello, I am Ann."
  tavus-async patch pb8bb42b --add /layers/tts/voice_settings '{"speed": 0.9}'
  tavus-async patch pb8bb42b --test /greeting Hi --remove /greeting --yes"""


class Step(argparse.Action):
    """One operation, added to those before it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Read the operation's paths and its value; wrong usage where a path is none."""
        words = [values] if isinstance(values, str) else list(values or ())
        try:
            step = make_operation(str(option_string), words)
        except InvalidRequestError as error:
            parser.error(f"{option_string}: {error}")
        namespace.operations = [*namespace.operations, step]


# What each takes, and what its help says.
OPERATIONS: Final = {
    "--replace": (("PATH", "VALUE"), "put another value in the place of one"),
    "--add": (("PATH", "VALUE"), "set a field, or insert into a list; /- at a list's end appends"),
    "--remove": (("PATH",), "take a field or an item away"),
    "--move": (("FROM", "PATH"), "move a value to another place"),
    "--copy": (("FROM", "PATH"), "copy a value to another place"),
    "--test": (("PATH", "VALUE"), "change nothing unless this value is there"),
}


def make_operation(option: str, words: list[str]) -> Operation:
    """Make the operation that an option and its words stand for; InvalidRequestError where a path is none."""
    match option, words:
        case "--replace", [path, value]:
            return patch.replace(path, read_value(value))
        case "--add", [path, value]:
            return patch.add(path, read_value(value))
        case "--move", [source, path]:
            return patch.move(source, path)
        case "--copy", [source, path]:
            return patch.copy(source, path)
        case "--test", [path, value]:
            return patch.test(path, read_value(value))
        case _:
            return patch.remove(*words)


def add_options(parser: Parser) -> None:
    """Add what the command takes."""
    parser.add_argument("id", metavar="ID", help="of a persona, such as pb8bb42b")
    group = parser.add_argument_group("operations")

    for option, (names, meaning) in OPERATIONS.items():
        group.add_argument(
            option, action=Step, nargs=len(names), metavar=names, help=meaning, dest="operations", default=[]
        )
    parser.add_argument("--force", action="store_true", help="discard what PAL Maker holds unpublished (default: fail)")
    add_yes(parser)
    add_network_options(parser)


def run(options: Namespace) -> int:
    """Carry the command out, and return its exit code."""
    operations: list[Operation] = options.operations
    if not operations:
        raise UsageError(f"no operation: give at least one of {', '.join(OPERATIONS)}")
    losses = what_is_lost(operations, force=options.force)
    if losses:
        need_somebody(options)
    with connected(options) as connection:
        if losses and not options.yes:
            confirm(connection, options.id, losses)
        changed = connection.patch(options.id, operations, force=options.force)
    output.put("changed" if changed else "unchanged")
    return Exit.OK


def what_is_lost(operations: Sequence[Operation], *, force: bool) -> list[str]:
    """Say what the patch takes away for good."""
    losses = [f"remove {operation.path or 'everything'}" for operation in operations if operation.op == "remove"]
    return [*losses, "discard PAL Maker's unpublished changes"] if force else losses


def confirm(connection: Connection, persona_id: str, losses: Sequence[str]) -> None:
    """Ask whether that is meant, by the persona's name; FailedError where it is not."""
    persona = connection.run(connection.session.get_persona(persona_id))
    if ask(f"{called(persona)}: {', '.join(losses)}?") != "y":
        raise FailedError("nothing was changed")


COMMAND: Final = Command(
    name="patch",
    summary="change single fields of a persona",
    description=DESCRIPTION,
    example=EXAMPLE,
    add_options=add_options,
    run=run,
)
