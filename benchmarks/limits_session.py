"""A session before one of the scenarios' servers, in a process of its own: `limits_session NAME URL KEY SECONDS`.

It says `ready`, starts at the next line of input, and ends by telling how many calls it gave up.
"""

import asyncio
import contextlib
import itertools
import json
import sys

from benchmarks.limits_scenarios import BURST, RATE, SCENARIOS
from tavus_async import AsyncSession, PersonaDraft, RateLimit, TavusError

# How many call something else beside the backlog, each one call after the other.
OTHERS = 2
DRAFT = PersonaDraft(persona_name="one of many", system_prompt="Be brief.")


async def call_others(session: AsyncSession, kind: str) -> None:
    """Make calls of another kind for as long as there is time."""
    while True:
        with contextlib.suppress(TavusError):
            await (session.list_personas_page() if kind == "list" else session.create_persona(DRAFT))


async def work(name: str, url: str, key: str, seconds: float) -> int:
    """Do a job, or work at a backlog for so many seconds; return how many calls were given up."""
    scenario = SCENARIOS[name]
    numbers = range(scenario.job) if scenario.job else itertools.count()
    lost = 0
    async with AsyncSession(key, base_url=url, rate_limit=RateLimit(RATE, burst=BURST)) as session:
        callers = range(OTHERS if scenario.other else 0)
        others = [asyncio.create_task(call_others(session, scenario.other)) for _ in callers]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if scenario.job else seconds):
                async for outcome in session.iter_personas(f"small{number}" for number in numbers):
                    lost += not outcome.ok
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
    return lost


def main(name: str, url: str, key: str, seconds: str) -> None:
    """Run what the command line says."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(json.dumps({"lost": asyncio.run(work(name, url, key, float(seconds)))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
