"""What a command is, and the parser of its arguments."""

import argparse
import difflib
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NoReturn

import attrs

from tavus_async.cli.exits import UsageError
from tavus_async.cli.screen import output
from tavus_async.cli.values import text

LONGEST_EXAMPLE: Final = 78


class HelpLayout(argparse.HelpFormatter):
    """Fills paragraphs to the terminal's width, and leaves alone those with indented lines, which are examples.

    The line of usage has what must be given; options that may be stand below it.
    """

    def add_argument(self, action: argparse.Action) -> None:
        """Make room for the longest name; argparse forgets that those of commands are indented further."""
        super().add_argument(action)
        if action.nargs == argparse.PARSER:
            self._action_max_length += self._indent_increment

    def _format_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Any, prefix: str | None
    ) -> str:
        if not prefix and prefix is not None:
            return super()._format_usage(usage, actions, groups, prefix)  # of what stands before a command
        needed = [action for action in actions if action.required or not action.option_strings]
        others = argparse.Action([], "options", nargs=argparse.OPTIONAL, metavar="OPTIONS")
        return super()._format_usage(usage, [others, *needed], [], prefix)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        parts = textwrap.dedent(text).strip().split("\n\n")
        return "\n\n".join(part if "\n  " in part else fill(part, width, indent) for part in parts)


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviations, and whose errors are one line; the exit code is left to `main`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, formatter_class=HelpLayout, allow_abbrev=False)
        # Of arguments that name no type of their own.
        self.register("type", None, text)
        self._elsewhere: Mapping[str, Sequence[str]] | None = None
        self._is_mixing = False
        self.later: Callable[[], None] | None = None
        """Adds the description and the arguments, as soon as they are needed."""

    def add_commands(self, entries: Iterable["Command | Group"], elsewhere: Mapping[str, Sequence[str]]) -> None:
        """Add commands, and groups with their commands.

        *elsewhere* says of a word that is no command here which there are of that name.
        """
        self._elsewhere = elsewhere
        commands = self.add_subparsers(title="commands", metavar="COMMAND")
        # All that stands after the command too, and the command's own parser knows better what that is.
        commands.type = str
        for entry in entries:
            # What has no help is not in the list.
            texts: dict[str, Any] = {"help": entry.summary}
            for name in entry.names:
                parser = commands.add_parser(name, **texts)
                parser.set_defaults(parser=parser)
                parser.later = partial(entry.complete, parser, elsewhere)
                texts.clear()

    def complete(self) -> None:
        """Let the parser know what it has to read; most parsers of a program are never asked."""
        later, self.later = self.later, None
        if later is not None:
            later()

    def format_help(self) -> str:
        """Return the help."""
        self.complete()
        return super().format_help()

    # Argparse itself calls it so.
    def parse_known_args(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, args: Any = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse as argparse does, with options among the arguments.

        Raises UsageError for an option of a command that stands before it.
        """
        self.complete()
        name = str(args[0]).partition("=")[0] if args else ""
        if self._elsewhere is not None and name.startswith("--") and name not in self._option_string_actions:
            self.error(f"unknown option: {name}; the options of a command stand after it")
        if self._elsewhere is not None or self._is_mixing:
            return super().parse_known_args(args, namespace)
        self._is_mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_mixing = False

    def refuse(self, unknown: Sequence[str]) -> NoReturn:
        """Raise UsageError for words that the command does not know."""
        # The value of an unknown option may be a key.
        names = [word.partition("=")[0] for word in unknown if word.startswith("-")]
        if not names:
            self.error(f"unknown argument: {' '.join(unknown)}")
        known = [name for name, action in self._option_string_actions.items() if action.help != argparse.SUPPRESS]
        self.error(f"unknown option: {' '.join(names)}{meant(nearest(names[0], known, likeness=0.7))}")

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write help; OSError where it was to go to stdout, and could not."""
        if file is sys.stderr and file is not None:
            super()._print_message(message, file)
        else:
            output.write(message.rstrip("\n"))

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(f"{message.removeprefix('argument ')} (see {self.prog} --help)")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Validate a command or another choice; of one that there is not, say what may be meant."""
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        if self._elsewhere is not None and not action.option_strings:
            paths = self._elsewhere.get(value, ())
            # Behind a word, one that most others have too is no slip of the word.
            found = nearest(value, choices) or ("" if " " in self.prog and len(paths) > 1 else "".join(paths[:1]))
            there = f"; there are {', '.join(choices)}" if " " in self.prog and not found else ""
            self.error(f"unknown command: {value}{meant(found) or there}")
        *others, last = choices
        raise argparse.ArgumentError(action, f"must be {', '.join(others)} or {last}, not {value!r}")


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str:
    """Return the known word that begins with this one, or is most like it; "" where none is much like it."""
    words = {each.replace("-", ""): each for each in reversed(list(known))}
    bare = word.replace("-", "")
    begun = [each for each in words if bare and each.startswith(bare)]
    found = begun or difflib.get_close_matches(bare, words, 1, likeness)
    return words[found[0]] if found else ""


def meant(word: str) -> str:
    """Ask whether this word was meant; "" for none."""
    return word and f"; did you mean {word}?"


class RefuseKey(argparse.Action):
    """An `--api-key` that is refused, so that nobody has to guess why, and no message shows the key."""

    def __call__(self, parser: argparse.ArgumentParser, *_args: object, **_kwargs: object) -> NoReturn:
        """Refuse it."""
        parser.error(
            "other processes of this machine can read a key on the command line: "
            "set TAVUS_API_KEY, or use --api-key-file"
        )


def folded(example: str) -> str:
    """Return a command for a shell on two lines, where one is too long for a terminal of 80 columns."""
    if "\n" in example or len(example) <= LONGEST_EXAMPLE:
        return example
    head, pipe, tail = example.partition(" | ")
    if pipe:
        return f"{head} |\n  {tail}"
    head, _, tail = example.partition(" tavus-async ")
    return f"{head} \\\n  tavus-async {tail}" if tail else example


@attrs.frozen(kw_only=True)
class Command:
    """One command: what its help says, which options it takes, and what it does."""

    name: str
    summary: str
    """Its line in the list of commands."""
    description: str
    """The begin of its help."""
    examples: Sequence[str]
    add_options: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]
    """Carries it out and returns the exit code."""

    @property
    def names(self) -> tuple[str, ...]:
        """The words for it."""
        return (self.name,)

    @property
    def epilog(self) -> str:
        """The end of its help."""
        title = "examples" if len(self.examples) > 1 else "example"
        lines = [line for example in self.examples for line in folded(example).splitlines()]
        return "\n".join([f"{title}:", *(f"  {line}" for line in lines)])

    def complete(self, parser: Parser, _elsewhere: Mapping[str, Sequence[str]]) -> None:
        """Let the command's parser know what it has to read."""
        parser.description, parser.epilog = self.description, self.epilog
        self.add_options(parser)
        parser.set_defaults(run=self.run)


@attrs.frozen(kw_only=True)
class Group:
    """Commands that stand behind one word, and are made when somebody asks for one of them."""

    name: str
    aliases: tuple[str, ...] = ()
    verbs: tuple[str, ...]
    """What the commands are called."""
    describe: Callable[[], str]
    """Says what the commands are about."""
    make_commands: Callable[[], Iterable[Command]]

    @property
    def names(self) -> tuple[str, ...]:
        """The words for it."""
        return (self.name, *self.aliases)

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands."""
        return tuple(self.make_commands())

    @property
    def summary(self) -> str:
        """Its line in the list of commands: those behind it."""
        also = f" (also {', '.join(self.aliases)})" if self.aliases else ""
        return ", ".join(self.verbs) + also

    def complete(self, parser: Parser, elsewhere: Mapping[str, Sequence[str]]) -> None:
        """Let the group's parser know its commands."""
        commands = self.commands
        first = next(example for command in commands for example in command.examples)
        parser.description = self.describe()
        parser.epilog = f"example:\n  {first}\n\ntavus-async {self.name} COMMAND --help tells more."
        parser.add_argument("--api-key", action=RefuseKey, help=argparse.SUPPRESS)
        parser.set_defaults(run=None)
        parser.add_commands(commands, elsewhere)


def verbs(entries: Iterable[Command | Group]) -> dict[str, list[str]]:
    """Return the words of each command that stands behind a word, by the last of them."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        for verb in entry.verbs if isinstance(entry, Group) else ():
            found.setdefault(verb, []).append(f"{entry.name} {verb}")
    return found
