"""A sandbox in a thread and an event loop of its own, so that the test's loop holds only what the client does."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from tavus_async.sandbox import Sandbox


@contextmanager
def sandbox_elsewhere(**settings: Any) -> Iterator[Sandbox]:
    """Runs a sandbox until the block ends."""
    started: Future[tuple[Sandbox, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        asyncio.get_running_loop().slow_callback_duration = 60.0
        async with Sandbox(**settings) as sandbox:
            stop = asyncio.Event()
            started.set_result((sandbox, asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    sandbox, loop, stop = started.result(timeout=30)
    try:
        yield sandbox
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
