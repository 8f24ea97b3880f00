"""A text that somebody edits: in a file that nobody else can read, and that is not lost before it has served."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tavus_async.cli.exits import FailedError, UsageError
from tavus_async.cli.screen import output
from tavus_async.cli.signals import interrupts_left_to_others

DEFAULT: Final = "notepad" if os.name == "nt" else "vi"
LONGEST_NAME: Final = 60


class EditedText:
    """A text in a private file of its own, while it is entered.

    At the end the file is removed, with whatever the editor has put beside it; after an error only if nobody has
    changed it. Otherwise stderr says where it is.
    """

    def __init__(self, name: str, text: str) -> None:
        self._name = re.sub(r"[^\w.-]", "_", name)[:LONGEST_NAME]
        self._text = text

    def __enter__(self) -> Self:
        # Only its owner may enter the folder, whatever the editor makes of the file.
        self._folder = Path(tempfile.mkdtemp(prefix="tavus-async-"))
        self.path = self._folder / f"{self._name}.json"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(self._text)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None and self._is_changed():
            output.tell(f"your text is kept in {self.path}")
        else:
            shutil.rmtree(self._folder, ignore_errors=True)

    def edit(self) -> str:
        """Open the editor, wait until it ends, and return the text as it is then.

        Raises FailedError where the editor fails, UsageError where it cannot be started.
        """
        words = editor()
        try:
            with interrupts_left_to_others():
                code = subprocess.run([*words, str(self.path)], check=False).returncode  # noqa: S603 (the user's own)
        except OSError as error:
            message = f"cannot run the editor {words[0]}: {error.strerror} (VISUAL or EDITOR names another)"
            raise UsageError(message) from None
        if code:
            raise FailedError(f"the editor {words[0]} ended with exit code {code}")
        try:
            return self.path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise FailedError(f"cannot read {self.path}: {reason}") from None

    def _is_changed(self) -> bool:
        try:
            return self.path.read_bytes() != self._text.encode()
        except OSError:
            return False


def editor() -> list[str]:
    """Return the command that starts the user's editor."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or DEFAULT
    try:
        words = shlex.split(command, posix=os.name == "posix")
    except ValueError:
        words = []
    if not words:
        raise UsageError("VISUAL or EDITOR is no command")
    return words
