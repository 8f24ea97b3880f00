"""One item of a bulk run: its call, sent again after an outage, and what became of it."""

import asyncio
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
    engine: Engine, key: Any, make_call: Callable[[Any], Call[T]], options: Options, *, max_outage: float
) -> Outcome[T]:
    """Carry out the call for a key of a bulk run, and return what became of it; it raises no TavusError.

    While the server cannot be reached, the call waits and is sent again, up to *max_outage* seconds.
    """
    now, outage = engine.loop.time, engine.outage
    started, tries = now(), Tries(outage, max_outage)
    value: T | None = None
    failure: TavusError | None = None
    try:
        call = make_call(key)
        while True:
            state = engine.begin(call, once(options) if outage.is_probing() else options)
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


def once(options: Options) -> Options:
    """Return options with which a call is sent once: a probe of a server that cannot be reached."""
    return attrs.evolve(options, retry=attrs.evolve(options.retry, attempts=1))
