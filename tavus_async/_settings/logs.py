"""The log to stderr that the environment asks for: TAVUS_LOG=debug."""

import logging
import os

from tavus_async.errors import ConfigurationError

LOG = "TAVUS_LOG"
LOG_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


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
        handler.setFormatter(
            logging.Formatter("%(asctime)s.%(msecs)03d %(levelname)s %(name)s %(message)s", "%H:%M:%S")
        )
        log.addHandler(handler)
