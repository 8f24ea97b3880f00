"""The log to stderr that the environment asks for: TAVUS_LOG=debug."""

import logging
import os

from tavus_async.errors import ConfigurationError

LOG = "TAVUS_LOG"
LOG_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

# A server's words may be in a message: what would end its line or steer a terminal is written as an escape.
ESCAPED_CODES = (
    *range(0x20),
    *range(0x7F, 0xA0),
    0x61C,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
)
ESCAPES = {code: ascii(chr(code))[1:-1] for code in ESCAPED_CODES}


class OneLine(logging.Formatter):
    """Writes each message on one line; a traceback stands below it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging calls it so)
        return super().formatMessage(record).translate(ESCAPES)


def log_as_environment_says() -> None:
    """Write the log to stderr from the level up that TAVUS_LOG names; ConfigurationError where it names none."""
    name = os.environ.get(LOG, "").strip().lower()
    if not name:
        return
    level = LOG_LEVELS.get(name)
    if level is None:
        raise ConfigurationError(f"{LOG} must be one of {', '.join(LOG_LEVELS)}, not {name!r}")
    log = logging.getLogger("tavus_async")
    log.setLevel(level)
    if not any(handler.get_name() == LOG for handler in log.handlers):
        handler = logging.StreamHandler()
        handler.set_name(LOG)
        handler.setFormatter(OneLine("%(asctime)s.%(msecs)03d %(levelname)s %(name)s %(message)s", "%H:%M:%S"))
        log.addHandler(handler)
