"""What a command is, and the parser of its arguments."""

import argparse
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import attrs

from tavus_async.cli.exits import UsageError


class HelpLayout(argparse.HelpFormatter):
    """Fills paragraphs to the terminal's width, and leaves alone those with indented lines, which are examples."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        parts = textwrap.dedent(text).strip().split("\n\n")
        return "\n\n".join(part if "\n  " in part else fill(part, width, indent) for part in parts)


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviations, and whose errors are one line; the exit code is left to `main`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, formatter_class=HelpLayout, allow_abbrev=False)

    def refuse(self, unknown: Sequence[str]) -> NoReturn:
        """Raise UsageError for words that the command does not know."""
        # The value of an unknown option may be a key.
        names = [word.partition("=")[0] for word in unknown if word.startswith("-")]
        self.error(f"unknown option: {' '.join(names)}" if names else f"unknown argument: {' '.join(unknown)}")

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(f"{message} (see {self.prog} --help)")


class RefuseKey(argparse.Action):
    """An `--api-key` that is refused, so that nobody has to guess why, and no message shows the key."""

    def __call__(self, parser: argparse.ArgumentParser, *_args: object, **_kwargs: object) -> NoReturn:
        """Refuse it."""
        parser.error(
            "other processes of this machine can read a key on the command line: "
            "set TAVUS_API_KEY, or use --api-key-file"
        )


@attrs.frozen(kw_only=True)
class Command:
    """One command: what its help says, which options it takes, and what it does."""

    name: str
    summary: str
    """Its line in the list of commands."""
    description: str
    examples: Sequence[str]
    add_options: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]
    """Carries it out and returns the exit code."""

    @property
    def epilog(self) -> str:
        """The end of its help."""
        title = "examples" if len(self.examples) > 1 else "example"
        return "\n".join([f"{title}:", *(f"  {line}" for example in self.examples for line in example.splitlines())])
