"""The program: reads the arguments, runs a command, and turns whatever it ends with into an exit code."""

import argparse
import os
import sys
from collections.abc import Sequence

import tavus_async
from tavus_async import InvalidRequestError, TavusError
from tavus_async.cli.command import Parser, RefuseKey, verbs
from tavus_async.cli.exits import EXIT_CODES, Exit, FailedError, MisuseError, UsageError
from tavus_async.cli.messages import explain
from tavus_async.cli.program import COMMANDS
from tavus_async.cli.screen import output
from tavus_async.cli.screen.logs import logged_as_environment_says
from tavus_async.cli.signals import end_here, watched


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with these arguments (default: the process's own), and return its exit code."""
    with watched() as watch:
        code = run(argv)
        if argv is None and watch.came:
            # What Python does at its end would take a second signal in ways of its own.
            os._exit(code)
    return code


def run(argv: Sequence[str] | None) -> int:
    """Run the command that the arguments name, and write out what stdout holds back."""
    try:
        code = carry_out(argv)
        output.flush()
    except BrokenPipeError:
        output.drop(sys.stdout)
        return Exit.NO_READER
    except OSError as error:
        output.drop(sys.stdout)
        output.complain(error.strerror or str(error))
        return Exit.FAILED
    return code


def carry_out(argv: Sequence[str] | None) -> int:
    """Run the command that the arguments name; what it ends with becomes an exit code and at most one line."""
    try:
        with logged_as_environment_says(), watched() as watch:
            code = dispatch(argv)
            if watch.pending is None:
                return code
            end_here(watch.pending)
    except SystemExit as ending:
        if ending.code in {Exit.HUNG_UP, Exit.TERMINATED}:
            output.complain(Exit(ending.code).word)
        return ending.code if isinstance(ending.code, int) else Exit.OK
    except (UsageError, InvalidRequestError) as error:
        output.complain(explain(error))
        return Exit.USAGE
    except (FailedError, TavusError) as error:
        output.complain(explain(error))
        return Exit.FAILED
    except KeyboardInterrupt:
        output.complain(Exit.INTERRUPTED.word)
        return Exit.INTERRUPTED


def dispatch(argv: Sequence[str] | None) -> int:
    """Parse the arguments and run the command."""
    options = parse(argv)
    if options.version:
        output.put(f"tavus-async {tavus_async.__version__}")
        return Exit.OK
    if options.run is None:
        options.parser.print_help(sys.stderr)
        return Exit.USAGE
    try:
        code: int = options.run(options)
    except MisuseError as error:
        raise UsageError(f"{error} (see {options.parser.prog} --help)") from None
    return code


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the arguments; UsageError for wrong ones, which names the command whose help tells more."""
    options, unknown = make_parser().parse_known_args(sys.argv[1:] if argv is None else list(argv))
    if unknown:
        options.parser.refuse(unknown)
    return options


def make_parser() -> Parser:
    """Return the parser of all commands."""
    parser = Parser(
        prog="tavus-async",
        description="The Tavus API from a shell: all its resources, webhooks, and any other endpoint.",
        epilog=f"""\
examples:
  export TAVUS_API_KEY=...
  tavus-async personas get p5317866 --pretty
  tavus-async conversations create --persona p5317866 --open --wait
  tavus-async conversations end --older-than 1h
  tavus-async videos render drafts.jsonl -o out/
  tavus-async documents add urls.txt --wait

{EXIT_CODES}

tavus-async COMMAND --help tells more.""",
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    parser.add_argument("--api-key", action=RefuseKey, help=argparse.SUPPRESS)
    parser.set_defaults(run=None, parser=parser)
    parser.add_commands(COMMANDS, verbs(COMMANDS))
    return parser
