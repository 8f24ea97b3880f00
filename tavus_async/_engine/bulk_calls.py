"""One item of a bulk run: its call, sent again after an outage, and what became of it."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from tavus_async._bulk.keys import is_being_cancelled
from tavus_async._engine.engine import Engine
from tavus_async._engine.outage import Tries
from tavus_async._settings.config import Options
from tavus_async._values import Outcome
from tavus_async._wire.call import Call
from tavus_async.errors import TavusError

T = TypeVar("T")


async def outcome(
    engine: Engine, key: Any, make_call: Callable[[Any], Call[T]], options: Options, *, max_outage: float, since: float
) -> Outcome[T]:
    """Carry out the call for a key of a bulk run, and return what became of it; it raises no TavusError.

    While the server cannot be reached, the call waits and is sent again, until *max_outage* seconds after the outage
    began, or the run, *since* when, if that is later.
    """
    now, outage = engine.loop.time, engine.outage
    started, tries = now(), Tries(outage, max_outage, since)
    value: T | None = None
    failure: TavusError | None = None
    try:
        call = make_call(key)
        if not await tries.may_be_sent(call):
            raise tries.not_sent()
        while True:
            await look_whether_reached(engine, options)
            state = engine.begin(call, with_one_attempt(options) if outage.is_probing() else options)
            state.is_in_bulk_lane, state.patience = True, max(max_outage, options.retry.max_retry_after)
            try:
                value, failure = await engine.carry_out(state), None
            except TavusError as error:
                failure = error.with_traceback(None)
            finally:
                tries.attempts += state.attempts
            if not await tries.is_sent_again(state, failure):
                break
    except TavusError as error:
        failure = error.with_traceback(None)
    except asyncio.CancelledError:
        if is_being_cancelled():
            raise
        failure = TavusError("the call was cancelled from within, as by a rate limiter of your own")
    finally:
        outage.release()
    elapsed = now() - started
    return Outcome(key=key, value=value, error=failure, attempts=tries.attempts, elapsed=elapsed)


async def look_whether_reached(engine: Engine, options: Options) -> None:
    """Ask for what the server has answered before, where it is this task's turn to try whether it can be reached.

    So the outage ends even if all that wait for its end fail for reasons of their own.
    """
    outage = engine.outage
    if outage.known_good is not None and outage.is_probing():
        with contextlib.suppress(TavusError):  # the item itself is sent next, and fails alike
            await engine.run_raw(outage.known_good, with_one_attempt(options))


def with_one_attempt(options: Options) -> Options:
    """Return options with which a call is sent once: a probe of a server that cannot be reached."""
    return attrs.evolve(options, retry=attrs.evolve(options.retry, attempts=1))
