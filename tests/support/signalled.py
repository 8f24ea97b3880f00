"""A signal that comes while the main thread is at work."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def signal_when(number: signal.Signals, is_so: Callable[[], bool]) -> Iterator[None]:
    """Sends the main thread this signal once something is so, unless the block has ended before."""
    main_thread = threading.main_thread().ident
    assert main_thread is not None
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.005):
            if is_so():
                signal.pthread_kill(main_thread, number)
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
