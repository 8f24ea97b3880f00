"""The program `tavus-async`, also `python -m tavus_async`."""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn


def main() -> int:
    """Run the program, and return its exit code; a signal that comes while its modules are loaded ends it at once."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, end)
    from tavus_async.cli import main as run  # noqa: PLC0415 (it takes long enough for somebody to press Ctrl-C)

    return run()


def end(number: int, _frame: FrameType | None) -> NoReturn:
    """End the program with the exit code for a signal, and without a traceback."""
    os._exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
