"""Tracebacks as rich prints them, with the local variables of every frame that is not a test's."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def traceback_of(fail: Callable[[], object]) -> str:
    """The traceback of what this raises."""
    try:
        fail()
    except Exception as error:  # noqa: BLE001 (whatever it is)
        return shown_with_locals(error)
    pytest.fail("no error")


def shown_with_locals(error: BaseException) -> str:
    """The traceback of an error that was caught."""
    console_module = pytest.importorskip("rich.console", reason="rich is not installed")
    traceback_module = pytest.importorskip("rich.traceback", reason="rich is not installed")
    text = StringIO()
    frames = error.__traceback__
    # rich would print those of the tests without their variables, but go through these all the same.
    while frames is not None and Path(frames.tb_frame.f_code.co_filename).is_relative_to(TESTS):
        frames = frames.tb_next
    shown = traceback_module.Traceback.from_exception(
        type(error),
        error,
        frames,
        show_locals=True,
        suppress=[str(TESTS)],
        locals_max_string=None,
        locals_max_length=None,
    )
    console_module.Console(file=text, width=200).print(shown)
    return text.getvalue()
