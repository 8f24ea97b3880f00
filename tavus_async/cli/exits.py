"""How the program ends: its exit codes, and the errors that commands end with."""

import signal
from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from tavus_async import AuthenticationError, PaymentRequiredError, SessionClosedError

# With these, everything else would fail in the same way: they are said once.
FATAL: Final = (AuthenticationError, PaymentRequiredError, SessionClosedError)

EXIT_CODES: Final = """\
exit codes:
  0    done
  1    failed; stderr says why
  2    wrong usage or settings
  3    some of many failed, the others are done
  129  hung up (the terminal was closed)
  130  interrupted (Ctrl-C)
  141  the reader of the output has gone
  143  terminated (SIGTERM)"""


class Exit(IntEnum):
    """The exit codes; from 128 up they are 128 and the number of a signal, as shells count."""

    OK = 0
    FAILED = 1
    USAGE = 2
    SOME_FAILED = 3
    HUNG_UP = 129
    INTERRUPTED = 130
    NO_READER = 141
    TERMINATED = 143

    @classmethod
    def of_signals(cls, signals: Sequence[int]) -> "Exit":
        """Return the exit code for the first of the signals that came; for Ctrl-C where none could be noticed."""
        return cls(128 + (signals[0] if signals else signal.SIGINT))

    @property
    def word(self) -> str:
        """What became of the program, in a word."""
        return self.name.lower().replace("_", " ")

    @classmethod
    def of_many(cls, total: int, *, failed: int) -> "Exit":
        """Return the exit code for so many things of which some failed."""
        if not failed:
            return cls.OK
        return cls.FAILED if failed == total else cls.SOME_FAILED


class UsageError(Exception):
    """The command cannot work as it was called; the message is one line for the person who called it."""


class MisuseError(UsageError):
    """The arguments make no sense; the command's help says which do, and the message will say where that is."""


class FailedError(Exception):
    """The command was tried and failed; the message is one line for the person who called it."""


class NotJsonError(FailedError):
    """A value cannot be written as JSON."""
