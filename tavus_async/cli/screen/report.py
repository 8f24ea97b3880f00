"""What a command has changed: told on stdout, and on stderr where stdout cannot take it."""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tavus_async.cli.screen import output


class Report:
    """Prints what was done, as it is done, and goes on where stdout cannot be written.

    Stderr gets then what nobody would know otherwise. Leaving it raises the first such failure, an OSError.
    """

    def __init__(self) -> None:
        self._failure: OSError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._failure is not None and error is None:
            raise self._failure

    def put(self, line: str, *, otherwise: str) -> None:
        """Print a line; *otherwise* is what stderr gets."""
        self._write(lambda: output.put(line), lambda: otherwise)

    def put_json(self, value: Any, *, indent: int | None = None, otherwise: Callable[[], str]) -> None:
        """Print a JSON document; what *otherwise* returns is what stderr gets."""
        self._write(lambda: output.put_json(value, indent=indent), otherwise)

    def _write(self, write: Callable[[], None], otherwise: Callable[[], str]) -> None:
        if self._failure is None:
            try:
                write()
                output.flush()
            except OSError as failure:
                self._failure = failure
                output.drop(sys.stdout)
        if self._failure is not None:
            output.tell(otherwise())
