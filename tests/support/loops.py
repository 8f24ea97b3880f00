"""The same test on asyncio's own event loop and on uvloop's."""

import asyncio
import functools
import gc
import inspect
from collections.abc import Callable, Coroutine
from importlib.util import find_spec
from typing import Any

import pytest

LOOPS = ("asyncio", "uvloop")

# For tests that replace parts of the event loop, or count its steps: pytest --loop=uvloop skips them.
asyncio_only = pytest.mark.asyncio(loop_factories=["asyncio"])


def new_loop(name: str) -> asyncio.AbstractEventLoop:
    """An event loop of this library."""
    if name == "asyncio":
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415 - not everywhere

    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def run_on(name: str, main: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine on such a loop; what the loop complains of is a failure."""
    complaints: list[dict[str, Any]] = []
    with asyncio.Runner(loop_factory=lambda: new_loop(name)) as runner:
        loop = runner.get_loop()
        loop.slow_callback_duration = 60.0
        loop.set_exception_handler(lambda _loop, context: complaints.append(context))
        runner.run(main)
        gc.collect()
    assert complaints == []


def on_each_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs an async test once on each of the loops that are there."""

    @functools.wraps(test)
    def run_test(loop_name: str, **arguments: Any) -> None:
        run_on(loop_name, test(**arguments))

    signature = inspect.signature(test)
    loop_name = inspect.Parameter("loop_name", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    # What pytest reads; without it, it would look through the wrapper.
    parameters = [loop_name, *signature.parameters.values()]
    vars(run_test)["__signature__"] = signature.replace(parameters=parameters)
    pytest.mark.parametrize("loop_name", [name for name in LOOPS if find_spec(name)])(run_test)
    return run_test
