"""What a command is, and the parser of its arguments."""

import argparse
import inspect
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import attrs

from tavus_async.cli.exits import UsageError


class HelpLayout(argparse.HelpFormatter):
    """Fills paragraphs to the terminal's width, and leaves alone those with indented lines, which are examples."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        parts = inspect.cleandoc(text).split("\n\n")
        return "\n\n".join(part if "\n  " in part else fill(part, width, indent) for part in parts)


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviations, and whose errors are one line; the exit code is left to `main`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, formatter_class=HelpLayout, allow_abbrev=False)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse the arguments; UsageError for any that this command, of all, does not know."""
        options, unknown = super().parse_known_args(args, namespace)
        if unknown:
            # The value of an unknown option may be a key.
            names = [word.partition("=")[0] for word in unknown if word.startswith("-")] or unknown
            self.error(f"unknown {'option' if names is not unknown else 'argument'}: {' '.join(names)}")
        return options, unknown

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
