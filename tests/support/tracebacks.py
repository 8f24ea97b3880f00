"""Tracebacks as rich prints them, with the local variables of every frame that is not a test's."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def traceback_of(fail: Callable[[], object]) -> str:
    """The traceback of what this raises."""
    console_module = pytest.importorskip("rich.console", reason="rich is not installed")
    traceback_module = pytest.importorskip("rich.traceback", reason="rich is not installed")
    text = StringIO()
    try:
        fail()
    except Exception:  # noqa: BLE001 (whatever it is)
        shown = traceback_module.Traceback(
            show_locals=True, suppress=[str(TESTS)], locals_max_string=None, locals_max_length=None
        )
        console_module.Console(file=text, width=200).print(shown)
    else:
        pytest.fail("no error")
    return text.getvalue()
