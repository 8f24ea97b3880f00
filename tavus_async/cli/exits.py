"""How the program ends: its exit codes, and the errors that commands end with."""

from enum import IntEnum
from typing import Final

from tavus_async import AuthenticationError, PaymentRequiredError, SessionClosedError

# With these, everything else would fail in the same way: they are said once.
HOPELESS: Final = (AuthenticationError, PaymentRequiredError, SessionClosedError)


class Exit(IntEnum):
    """What the exit code says."""

    OK = 0
    FAILED = 1
    """Something that was asked for could not be had; stderr says what."""
    USAGE = 2
    """The command line, the environment or the installation is not right; nothing was tried."""
    SOME_FAILED = 3
    """Of many things some could not be had; all others are there."""
    INTERRUPTED = 130
    """Ctrl-C: 128 and the number of the signal, as shells count."""
    NO_READER = 141
    """Whoever read the output has gone, as `head` does; likewise."""


class UsageError(Exception):
    """The command cannot work as it was called; the message is one line for the person who called it."""


class FailedError(Exception):
    """The command was tried and failed; the message is one line for the person who called it."""


class NotJsonError(FailedError):
    """A value that JSON cannot hold."""
