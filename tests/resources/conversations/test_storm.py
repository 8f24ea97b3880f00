"""Many conversations, opened and left under random faults, cancellations and the ends of single tasks."""

import asyncio
import os
import random
from collections import Counter

from tavus_async import AsyncSession, RateLimit, RetryPolicy, TavusError, Timeouts
from tests.support.conversation_server import FAULTS, ConversationServer, Fault
from tests.support.quick import KEY

# CONVERSATIONS=10000 in the environment makes it as long as a night.
COUNT = int(os.environ.get("CONVERSATIONS", "150"))
AT_ONCE = 100
SEED = 12


def dice_for(server: ConversationServer, dice: random.Random) -> None:
    """Lets a sixth of all requests go wrong, in any way."""

    def throw() -> Fault | None:
        return dice.choice(FAULTS) if dice.random() < 1 / 6 else None

    for point in ("create", "end", "list"):
        server.faults[point] = throw


async def test_every_conversation_is_ended_and_none_is_created_twice() -> None:
    dice = random.Random(SEED)
    ends: Counter[str] = Counter()
    async with ConversationServer() as server:
        dice_for(server, dice)
        session = AsyncSession(
            KEY,
            base_url=server.url,
            rate_limit=RateLimit(100_000, burst=10_000, adaptive=False),
            retry=RetryPolicy(base_delay=0.01),
            timeouts=Timeouts(connect=10, read=0.5, attempt=0.5, total=5),
        )

        async def visit(number: int) -> None:
            draft = {"persona_id": "p1", "conversation_name": f"visit {number}"} if number % 2 else {"persona_id": "p1"}
            async with session.conversation(draft, end_timeout=4):
                await asyncio.sleep(dice.random() / 50)
                if dice.random() < 0.1:
                    raise ZeroDivisionError

        async def one(number: int) -> None:
            visiting = asyncio.create_task(visit(number))
            if dice.random() < 0.3:
                await asyncio.wait({visiting}, timeout=dice.random() / 20)
                for _ in range(dice.randrange(1, 3)):
                    visiting.cancel()
                    await asyncio.sleep(0)
            (end,) = await asyncio.gather(visiting, return_exceptions=True)
            ends[type(end).__name__] += 1
            assert end is None or isinstance(end, TavusError | asyncio.CancelledError | ZeroDivisionError), end

        async def lane(first: int) -> None:
            for number in range(first, COUNT, AT_ONCE):
                await one(number)

        async with session:
            await asyncio.gather(*(lane(first) for first in range(AT_ONCE)))
            running = server.running

        assert sum(ends.values()) == COUNT
        assert running == set()
        assert {name for name, times in server.names.items() if times > 1} == set()
        assert len(server.created) > COUNT / 2
        assert ends["CancelledError"] > COUNT / 20
        assert ends["AmbiguousOutcomeError"] > 0
