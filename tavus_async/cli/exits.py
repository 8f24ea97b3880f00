"""How the program ends: its exit codes, and the two errors that commands end with."""

from enum import IntEnum


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
