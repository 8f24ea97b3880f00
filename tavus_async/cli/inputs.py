"""Texts that the user gives: in a file, or on stdin."""

import sys
from pathlib import Path
from typing import Final

from tavus_async.cli.exits import UsageError

STDIN: Final = "-"
# Bytes. Many more than Tavus takes.
MOST: Final = 64 * 1024 * 1024


def read_text(path: str, *, name: str | None = None) -> str:
    """Return the text of a file, or of stdin for `-`; UsageError, which calls the file by its *name*, if it cannot."""
    if not path:
        raise UsageError("the name of a file is empty")
    name = "stdin" if path == STDIN else name or path
    try:
        if path == STDIN:
            data = sys.stdin.buffer.read(MOST + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MOST + 1)
        if len(data) <= MOST:
            return data.decode("utf-8-sig")
        reason = f"it is larger than {MOST // 1024 // 1024} MB"
    except UnicodeDecodeError:
        reason = "it is not text in UTF-8"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be opened"
    except AttributeError:
        reason = "it is closed"
    raise UsageError(f"cannot read {name}: {reason}")
