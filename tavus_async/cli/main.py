"""The command line, `tavus-async`: one module for each command, and what they share.

`main` is the program. A command is a `Command`, made at the end of its module.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, Final

from tavus_async import InvalidRequestError, TavusError
from tavus_async._settings.version import installed_version
from tavus_async.cli.commands import create, delete, demo, edit, fetch, get, list as listing, patch, sandbox
from tavus_async.cli.exits import Exit, FailedError, UsageError
from tavus_async.cli.options import Parser, RefuseKey
from tavus_async.cli.screen import output

COMMANDS: Final = (
    get.COMMAND,
    fetch.COMMAND,
    listing.COMMAND,
    create.COMMAND,
    patch.COMMAND,
    edit.COMMAND,
    delete.COMMAND,
    sandbox.COMMAND,
    demo.COMMAND,
)

DESCRIPTION: Final = "Personas of the Tavus API, on the command line."

EPILOG: Final = """\
examples:
  tavus-async demo
  TAVUS_API_KEY=... tavus-async get p5317866 --pretty
  TAVUS_API_KEY=... tavus-async fetch -o personas.jsonl --from ids.txt

Exit codes: 0 done, 1 failed (stderr says why), 2 wrong usage or settings, 3 some of many failed, 130 interrupted.
tavus-async COMMAND --help tells more."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with these arguments (default: the process's own), and return its exit code."""
    try:
        code = run(argv)
        output.flush()
    except BrokenPipeError:
        output.drop_stdout()
        return Exit.NO_READER
    except OSError as error:
        output.drop_stdout()
        output.complain(error.strerror or str(error))
        return Exit.FAILED
    return code


def run(argv: Sequence[str] | None) -> int:
    """Run the command that the arguments name; what it ends with becomes an exit code and at most one line."""
    try:
        return dispatch(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else Exit.OK
    except (UsageError, InvalidRequestError) as error:
        output.complain(str(error))
        return Exit.USAGE
    except (FailedError, TavusError) as error:
        output.complain(str(error))
        return Exit.FAILED
    except KeyboardInterrupt:
        output.complain("interrupted")
        return Exit.INTERRUPTED


def dispatch(argv: Sequence[str] | None) -> int:
    """Read the arguments and carry the command out."""
    parser = make_parser()
    options = parser.parse_args(argv)
    if options.run is None:
        parser.print_help(sys.stderr)
        return Exit.USAGE
    code: int = options.run(options)
    return code


def make_parser() -> Parser:
    """Return the parser of all commands."""
    parser = Parser(prog="tavus-async", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action=Version, nargs=0, help="print the version and exit")
    parser.add_argument("--api-key", action=RefuseKey, help=argparse.SUPPRESS)
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        subparser = commands.add_parser(
            command.name, help=command.summary, description=command.description, epilog=command.example
        )
        command.add_options(subparser)
        subparser.set_defaults(run=command.run)
    return parser


class Version(argparse.Action):
    """Looks the version up when it is asked for, which takes longer than most commands' start."""

    def __call__(self, parser: argparse.ArgumentParser, *_args: Any, **_kwargs: Any) -> None:
        """Print it and end."""
        output.put(f"{parser.prog} {installed_version()}")
        parser.exit()
