"""A text that somebody edits: in a file that nobody else can read, and that is not lost before it has served."""

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Final

from tavus_async.cli.exits import FailedError, UsageError
from tavus_async.cli.screen import output
from tavus_async.cli.signals import interrupts_left_to_others

DEFAULT_EDITOR: Final = "notepad" if os.name == "nt" else "vi"
LONGEST_NAME: Final = 60


@contextlib.contextmanager
def text_file(name: str, text: str) -> Generator[Path]:
    """Keep a text in a private file of its own meanwhile.

    At the end the file is removed, with whatever the editor has put beside it; after an error only if nobody has
    changed it. Otherwise stderr says where it is.
    """
    # Only its owner may enter the folder, whatever the editor makes of the file.
    folder = Path(tempfile.mkdtemp(prefix="tavus-async-"))
    stem = re.sub(r"[^\w.-]", "_", name)[:LONGEST_NAME]
    path = folder / f"{stem}.json"
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")
    is_kept = False
    try:
        yield path
    except BaseException:
        with contextlib.suppress(OSError):
            is_kept = path.read_bytes() != text.encode()
        raise
    finally:
        if is_kept:
            output.tell(f"your text is kept in {path}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def edit(path: Path) -> str:
    """Open a file in the user's editor, wait until that ends, and return the text as it is then.

    Raises FailedError where the editor fails, UsageError where it cannot be started.
    """
    words = editor()
    try:
        with interrupts_left_to_others():
            code = subprocess.run([*words, str(path)], check=False).returncode  # noqa: S603 (the user's own)
    except OSError as error:
        message = f"cannot run the editor {words[0]}: {error.strerror} (VISUAL or EDITOR names another)"
        raise UsageError(message) from None
    if code:
        raise FailedError(f"the editor {words[0]} ended with exit code {code}")
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise FailedError(f"cannot read {path}: {reason}") from None


def editor() -> list[str]:
    """Return the command that starts the user's editor."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or DEFAULT_EDITOR
    try:
        words = shlex.split(command, posix=os.name == "posix")
    except ValueError:
        words = []
    if not words:
        raise UsageError("VISUAL or EDITOR is not a command")
    return words
