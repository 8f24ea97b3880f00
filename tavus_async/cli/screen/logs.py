"""What the library logs, as lines on stderr that are harmless for a terminal."""

import contextlib
import logging
import os
from collections.abc import Generator
from typing import Final

from tavus_async.cli.screen import output

LOG_VARIABLE: Final = "TAVUS_LOG"
TIMED: Final = "%(asctime)s.%(msecs)03d %(message)s"
WHOLE: Final = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s %(message)s"


class StderrHandler(logging.Handler):
    """Writes each record of a log as one line to stderr."""

    def __init__(self, layout: str = "%(message)s", *, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self.setFormatter(logging.Formatter(layout, "%H:%M:%S"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        output.tell_aside(self.format(record))


@contextlib.contextmanager
def logged(name: str, handler: logging.Handler, *, level: int | None = None) -> Generator[None]:
    """Let a handler have what a log says meanwhile, from this *level* up (default: as the log is set)."""
    log = logging.getLogger(name)
    before = log.level
    log.addHandler(handler)
    if level is not None:
        log.setLevel(level)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


@contextlib.contextmanager
def logged_as_environment_says() -> Generator[None]:
    """Take the place of the library's own handler meanwhile, where TAVUS_LOG asks for one."""
    if not os.environ.get(LOG_VARIABLE):
        yield
        return
    handler = StderrHandler(WHOLE)
    handler.set_name(LOG_VARIABLE)
    with logged("tavus_async", handler):
        yield
