"""`personas patch`: changes to one persona."""

import argparse
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from json import JSONDecodeError
from typing import Any, Final

from tavus_async import InvalidRequestError, Persona, patch
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import Exit, FailedError, MisuseError
from tavus_async.cli.jsons import loads
from tavus_async.cli.messages import told_if_interrupted
from tavus_async.cli.nouns.personas import PERSONA
from tavus_async.cli.screen.confirm import add_yes, ask, need_somebody
from tavus_async.cli.screen.report import Report
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import identifier
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


def read_value(text: str) -> Any:
    """Read a JSON value; what is no JSON is a text. ValueError for JSON that cannot be sent, as `loads` raises it."""
    if text in CONSTANTS:
        return text
    try:
        return loads(text)
    except JSONDecodeError:
        return text


def _add_options(parser: Parser) -> None:
    parser.add_argument("id", type=identifier, metavar="ID", help="of a persona, such as pb8bb42b")
    group = parser.add_argument_group("operations")
    for name, (_, words, meaning) in OPERATIONS.items():
        group.add_argument(
            name, action=AddOperation, nargs=len(words), metavar=words, help=meaning, dest="operations", default=[]
        )
    parser.add_argument("--force", action="store_true", help="discard unpublished changes in PAL Maker (default: fail)")
    add_yes(parser)
    add_session_options(parser)


def _run(options: Namespace) -> int:
    operations: list[Operation] = options.operations
    if not operations:
        raise MisuseError(f"no operation: give at least one of {', '.join(OPERATIONS)}")
    losses = what_is_lost(operations, force=options.force)
    if losses:
        need_somebody(options)
    with open_session(options) as (session, runner):
        if losses and not options.yes:
            confirm(runner.run(session.get_persona(options.id)), losses)
        with told_if_interrupted(lambda: f"{options.id} may have been changed"):
            changed = runner.run(session.patch_persona(options.id, operations, force=options.force))
    with Report() as report:
        word = "changed" if changed else "unchanged"
        report.put(word, otherwise=word)
    return Exit.OK


def what_is_lost(operations: Sequence[Operation], *, force: bool) -> list[str]:
    """Say what the patch takes away for good."""
    losses = [f"remove {operation.path or 'everything'}" for operation in operations if operation.op == "remove"]
    return [*losses, "discard unpublished changes in PAL Maker"] if force else losses


def confirm(persona: Persona, losses: Sequence[str]) -> None:
    """Ask whether that is meant, by the persona's name; FailedError where it is not."""
    if ask(f"{PERSONA.called(persona)}: {', '.join(losses)}?") != "y":
        raise FailedError("nothing was changed")


PATCH: Final = Command(
    name="patch",
    summary="change single fields of a persona",
    description="""\
        Change a persona by a JSON Patch (RFC 6902): its operations are carried out in the order given, all or none.
        A PATH is a JSON Pointer such as /layers/llm/model. A VALUE is JSON, and a text where it is not JSON: 5 is a
        number, "5" in double quotes is a text, Hello is one too.

        Prints changed or unchanged. What removes or discards something asks first.

        Other processes of this machine can read VALUEs; for secrets, use edit.
        """,
    examples=[
        'tavus-async personas patch pb8bb42b --replace /greeting "Hello, I am Ann."',
        "tavus-async personas patch pb8bb42b \\\n  --add /layers/tts/voice_settings '{\"speed\": 0.9}'",
        "tavus-async personas patch pb8bb42b --test /greeting Hi --remove /greeting",
    ],
    add_options=_add_options,
    run=_run,
)
