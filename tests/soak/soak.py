"""Months in minutes: `python -m tests.soak.soak MINUTES` lives through faults, cancellations and idle gaps.

It fails when memory, file descriptors or tasks grow. `make soak` runs it.
"""

import asyncio
import contextlib
import gc
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import attrs

from tavus_async import AsyncSession, PersonaDraft, Pool, RateLimit, RetryPolicy, TavusError, Timeouts
from tests.faults import rig
from tests.faults.cases import CASES, MAX_BODY
from tests.faults.rig import Fault, Rig
from tests.support.quick import KEY, until
from tests.support.raw_server import Exchange

DRAFT = PersonaDraft(persona_name="Ada", system_prompt="You are Ada.")
# Pauses of the whole session and refused connections are rehearsed elsewhere; they would only slow this down.
FAULTS = [case.fault for case in CASES if case.next is None and not case.fault.refuse and case.fault.greet is None]
CALLS_EACH_ROUND = 120
MIB = 2**20
# The allocator keeps some memory for itself; nothing else may be more at the end.
SPARE_MEMORY = 12 * MIB


@attrs.frozen
class Sample:
    """What the process holds at a quiet moment."""

    calls: int
    descriptors: int
    tasks: int
    memory: int


def take_sample(calls: int) -> Sample:
    gc.collect()
    return Sample(
        calls=calls,
        descriptors=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 (names are not needed)
        tasks=len(asyncio.all_tasks()),
        memory=int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE"),
    )


class Life:
    """One session's life beside a server that misbehaves."""

    def __init__(self, session: AsyncSession, server: Rig, dice: random.Random) -> None:
        self._session = session
        self._server = server
        self._dice = dice
        self.calls = 0

    async def round(self) -> None:
        """Many calls at once, most of which go wrong; then silence, then one that must go well."""
        await self._server.misbehave(Fault(answer=self._answer))
        calls = [asyncio.create_task(self._call(number)) for number in range(CALLS_EACH_ROUND)]
        for call in self._dice.sample(calls, CALLS_EACH_ROUND // 6):
            asyncio.get_running_loop().call_later(self._dice.random() * 0.2, call.cancel)
        await asyncio.gather(*calls, return_exceptions=True)
        self.calls += len(calls)
        await self._server.heal()
        await asyncio.sleep(self._dice.choice([0, 0, 0.05, 0.4]))  # longer than connections are kept, at times
        assert (await self._session.get_persona("quiet")).persona_id == "quiet"
        await until(lambda: self._session.stats().in_flight == self._session.stats().waiting == 0)

    async def _answer(self, exchange: Exchange) -> None:
        fault = self._dice.choice(FAULTS) if self._dice.random() < 0.5 else rig.NONE
        await fault.answer(exchange)

    async def _call(self, number: int) -> None:
        timeout = self._dice.choice([None, None, 0.02, 0.1])
        with contextlib.suppress(TavusError):
            match number % 4:
                case 0:
                    await self._session.create_persona(DRAFT, timeout=timeout)
                case 1:
                    async for _ in self._session.iter_personas([f"p{number}", "p1"], timeout=timeout):
                        if self._dice.random() < 0.3:
                            break
                case _:
                    await self._session.get_persona(f"p{self._dice.randrange(20)}", timeout=timeout)


async def soak(seconds: float, *, rounds: int = 3, seed: int = 5) -> Sequence[Sample]:
    """Live for so many seconds, and return what was held at the quiet moments, one after so many rounds."""
    ends = time.monotonic() + seconds
    async with (
        Rig() as server,
        AsyncSession(
            KEY,
            base_url=server.url,
            rate_limit=RateLimit(5_000, burst=500, adaptive=False),
            retry=RetryPolicy(attempts=3, base_delay=0.001),
            timeouts=Timeouts(connect=2, read=0.05, attempt=0.2),
            pool=Pool(connections=30, keepalive=0.2, max_body=MAX_BODY),
            cache_ttl=0.01,
        ) as session,
    ):
        life = Life(session, server, random.Random(seed))
        samples: list[Sample] = []
        while time.monotonic() < ends or len(samples) < 3:
            for _ in range(rounds):
                await life.round()
            async with asyncio.timeout(10):
                await server.hung_up()  # idle connections end, and all others have
            samples.append(take_sample(life.calls))
    return samples


def growth(samples: Sequence[Sample]) -> list[str]:
    """Say what has grown between the first third and the last."""
    third = max(1, len(samples) // 3)
    first, last = samples[:third], samples[-third:]
    found: list[str] = []
    for name, spare in (("descriptors", 0), ("tasks", 0), ("memory", SPARE_MEMORY)):
        before = max(getattr(sample, name) for sample in first)
        after = min(getattr(sample, name) for sample in last)
        if after > before + spare:
            found.append(f"{name}: {before} at first, {after} in the end")
    return found


def write(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run for the minutes that the command line says, 5 unless it does."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    samples = asyncio.run(soak(minutes * 60))
    for sample in samples[:: max(1, len(samples) // 20)]:
        write(
            f"{sample.calls:9,} calls  {sample.descriptors:4} descriptors  {sample.tasks:3} tasks"
            f"  {sample.memory / MIB:7.1f} MiB"
        )
    found = growth(samples)
    write("\n".join(found) or "nothing has grown")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
