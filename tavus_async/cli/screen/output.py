"""What reaches stdout and stderr: data on the one, one-line messages on the other."""

import os
import re
import stat
import sys
from contextlib import suppress
from typing import Any, TextIO

from tavus_async.cli.jsons import dumps

# Control characters, line and paragraph separators, marks that turn the direction of writing, lone surrogates:
# in a server's words they could forge lines or steer the terminal.
_UNPRINTABLE = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def one_line(text: str) -> str:
    """Return a text as a terminal can show it: on one line, without control characters."""
    return _UNPRINTABLE.sub(" ", text).strip()


def is_watched() -> bool:
    """Return whether stderr is a terminal: whether somebody sees progress."""
    return is_terminal(sys.stderr)


def is_displayed() -> bool:
    """Return whether stdout is a terminal: whether data goes to a person."""
    return is_terminal(sys.stdout)


def is_saved() -> bool:
    """Return whether stdout is a file, so that nothing else can be on the screen because of it."""
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (AttributeError, OSError, ValueError):
        return False


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal; one that was closed by whoever started us is None."""
    return stream is not None and stream.isatty()


def put(line: str) -> None:
    """Write one line to stdout."""
    print(line)  # noqa: T201 (what a command line does)


def complain(message: str) -> None:
    """Say on stderr what went wrong, in one line that names the program."""
    tell(f"tavus-async: {message}")


def tell(message: str, *, end: str = "\n") -> None:
    """Write one line to stderr, after what stdout holds back; where there is no stderr any more, do without."""
    show(one_line(message), end=end)


def show(line: str, *, end: str = "\n") -> None:
    """Write one line to stderr as it is, its indentation too; it must be harmless."""
    flush()
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]  # closed by whoever started us
        return
    with suppress(OSError):
        print(line, end=end, file=sys.stderr, flush=True)  # noqa: T201 (likewise)


def put_json(value: Any, *, indent: int | None = None) -> None:
    """Write one JSON document and a line break to stdout at once, the same JSON whatever the terminal's encoding.

    Raises NotJsonError for what JSON cannot hold.
    """
    put(dumps(value, indent=indent, encoding=getattr(sys.stdout, "encoding", None) or "utf-8"))
    flush()


def flush() -> None:
    """Write out what stdout still holds back, so that a failure shows here and not at the interpreter's end."""
    if sys.stdout is not None:  # pyright: ignore[reportUnnecessaryComparison]  # closed by whoever started us
        sys.stdout.flush()


def drop_stdout() -> None:
    """Point stdout at nothing after a write has failed, or Python would try once more, and complain, at its end."""
    try:
        number = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, number)
    os.close(nothing)
