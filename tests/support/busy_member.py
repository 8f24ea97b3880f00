"""A member of a fleet that wants as many attempts as it can get; as a program: in a process that may be killed.

`python -m tests.support.busy_member URL NAME PER_SECOND BURST` prints a line once it has had its first.
"""

import asyncio
import sys
from collections.abc import Callable
from itertools import count

from tavus_async import AsyncSession
from tavus_async.integrations.redis import SharedRateLimit

AT_ONCE = 20
NOBODY = "http://127.0.0.1:1"


async def take_all(limit: SharedRateLimit, taken: Callable[[], object]) -> None:
    """Takes all that there is, until it is cancelled, and tells each."""
    async with AsyncSession("key", base_url=NOBODY, rate_limit=limit) as session:
        gate = session._lifecycle.open().gate
        places = count(1)

        async def take() -> None:
            while True:
                serial = gate.try_enter() or await gate.enter(next(places))
                taken()
                gate.leave(serial, is_admitted=True)

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(take())


async def main(url: str, name: str, per_second: str, burst: str) -> None:
    has_begun = False

    def taken() -> None:
        nonlocal has_begun
        if not has_begun:
            has_begun = True
            sys.stdout.write("begun\n")
            sys.stdout.flush()

    await take_all(SharedRateLimit(url, name, float(per_second), int(burst)), taken)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
