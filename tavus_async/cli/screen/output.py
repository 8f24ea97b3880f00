"""What reaches stdout and stderr: data on the one, one-line messages on the other.

Texts of others are made harmless for a terminal, and in messages everywhere: people read those. Data that goes
elsewhere stays as it is, but for what would end a line.
"""

import errno
import os
import re
import stat
import sys
from typing import Any, TextIO

from tavus_async.cli.characters import encodable, harmless, without_line_ends
from tavus_async.cli.jsons import dumps

SHORTEST_KEY = 12


def is_watched() -> bool:
    """Return whether stderr is a terminal: whether somebody sees progress."""
    return is_terminal(sys.stderr)


def is_displayed() -> bool:
    """Return whether stdout is a terminal: whether data goes to a person."""
    return is_terminal(sys.stdout)


def is_saved() -> bool:
    """Return whether stdout is a file, so that nothing else can be on the screen because of it."""
    number = descriptor(sys.stdout)
    return number is not None and stat.S_ISREG(os.fstat(number).st_mode)


def descriptor(stream: TextIO | None) -> int | None:
    """Return the file descriptor of a stream; None for one that is closed or has none."""
    try:
        return stream.fileno() if stream is not None else None
    except (OSError, ValueError):
        return None


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal; one that was closed by whoever started us is None."""
    return stream is not None and stream.isatty()


def encoding_of(stream: TextIO) -> str:
    """Return the encoding of a stream."""
    return getattr(stream, "encoding", None) or "utf-8"


def put(line: str) -> None:
    """Write one line to stdout; OSError where that is not possible."""
    text = harmless(line) if is_displayed() else without_line_ends(line)
    write(encodable(text, encoding_of(open_stdout())))


def put_json(value: Any, *, indent: int | None = None) -> None:
    """Write one JSON document and a line break to stdout at once, the same JSON whatever stdout is.

    Raises NotJsonError for what JSON cannot hold, OSError where stdout cannot be written.
    """
    write(dumps(value, indent=indent, encoding=encoding_of(open_stdout()), is_displayed=is_displayed()))
    flush()


def write(text: str) -> None:
    """Write a text that is harmless, and a line break, to stdout; OSError where that is not possible."""
    stream = open_stdout()
    try:
        print(text, file=stream)
    except OSError as error:
        raise explained(error) from None


def open_stdout() -> TextIO:
    """Return stdout; OSError where whoever started us has closed it."""
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        raise explained(OSError(errno.EBADF, "it is closed"))
    return sys.stdout


def explained(error: OSError) -> OSError:
    """Return the failure of stdout, as an error that says so."""
    return OSError(error.errno, f"cannot write to stdout: {error.strerror}")


def complain(message: str) -> None:
    """Say on stderr what went wrong, in one line that names the program, and not the API key that it may quote."""
    tell(f"tavus-async: {without_key(message)}")


def without_key(message: str) -> str:
    """Return a message with three asterisks for the API key, which somebody has given as an id or an option.

    A key that is as short as a word stays.
    """
    key = os.environ.get("TAVUS_API_KEY", "").strip()
    return re.sub(re.escape(key), "***", message, flags=re.IGNORECASE) if len(key) >= SHORTEST_KEY else message


def tell(message: str, *, end: str = "\n") -> None:
    """Write one line to stderr, after what stdout holds back; where there is no stderr any more, do without."""
    try:
        flush()
    finally:
        tell_aside(message, end=end)


def tell_aside(message: str, *, end: str = "\n") -> None:
    """Write one line to stderr, whatever becomes of stdout."""
    if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison]  # closed by whoever started us
        write_aside(encodable(harmless(message), encoding_of(sys.stderr)), end=end)


def write_aside(text: str, *, end: str = "\n") -> None:
    """Write a text that is harmless to stderr; where there is no stderr any more, do without."""
    stream = sys.stderr
    try:
        # At once, so that no signal comes between a text and its end.
        print(f"{text}{end}", end="", file=stream, flush=True)
    except OSError:
        drop(stream)


def flush() -> None:
    """Write out what stdout still holds back, so that a failure shows here and not at the interpreter's end."""
    if sys.stdout is not None:  # pyright: ignore[reportUnnecessaryComparison]  # closed by whoever started us
        try:
            sys.stdout.flush()
        except OSError as error:
            raise explained(error) from None


def drop(stream: TextIO | None) -> None:
    """Point a stream at nothing after a write has failed, or Python would try once more, and complain, at its end."""
    number = descriptor(stream)
    if number is not None:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, number)
        os.close(nothing)
