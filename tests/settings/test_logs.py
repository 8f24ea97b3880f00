"""The log to stderr that the environment asks for."""

import logging
import sys

from tavus_async._settings.logs import OneLine


def make_record(message: str, **more: object) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": message, "levelname": "WARNING", **more})


def test_a_message_is_one_line_that_steers_no_terminal() -> None:
    text = OneLine("%(message)s").format(make_record("no:\x1b[2J\n\x9b\u202e\u2028\u200b Zoë 森"))

    assert text == r"no:\x1b[2J\n\x9b\u202e\u2028\u200b Zoë 森"


def test_a_traceback_stands_below_it() -> None:
    text = ""
    try:
        int("why")
    except ValueError:
        text = OneLine("%(message)s").format(make_record("no", exc_info=sys.exc_info()))

    first, *others = text.splitlines()
    assert (first, others[-1][:10]) == ("no", "ValueError")
