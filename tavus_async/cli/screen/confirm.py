"""Asking somebody before anything is lost."""

import sys
from argparse import Namespace
from collections.abc import Sequence

from tavus_async.cli.command import Parser
from tavus_async.cli.exits import MisuseError
from tavus_async.cli.screen import output


def add_yes(parser: Parser) -> None:
    """Add the option that answers every question."""
    parser.add_argument("--yes", action="store_true", help="go ahead without asking (default: ask)")


def need_somebody(options: Namespace) -> None:
    """Take it that questions will be answered; MisuseError where nobody is there and `--yes` is not given."""
    if not options.yes and not is_somebody_there():
        raise MisuseError(
            "this needs a confirmation, and there is no terminal to ask on: --yes goes ahead without asking"
        )


def is_somebody_there() -> bool:
    """Return whether questions are seen, and can be answered."""
    return output.is_watched() and output.is_terminal(sys.stdin)


def ask(question: str, answers: Sequence[str] = ("y", "N")) -> str:
    """Ask on stderr, and return an answer's first letter, small; the capital one stands for whatever else comes."""
    try:
        output.tell(f"{question} [{'/'.join(answers)}]", end=" ")
        answer = sys.stdin.readline().strip()[:1].lower()
    except UnicodeDecodeError:
        answer = ""
    except KeyboardInterrupt:
        output.tell("")
        raise
    letters = {word[0].lower(): word[0].isupper() for word in answers}
    return answer if answer in letters else next(letter for letter, is_default in letters.items() if is_default)
