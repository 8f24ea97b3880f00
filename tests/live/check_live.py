"""Checks on Tavus itself what the SDK assumes of it: `make check-live`, with a key in TAVUS_API_KEY.

It only reads, unless told `--write`; then it creates a persona, a conversation in test mode, and one each of what else
costs nothing, such as a tool, a deployment that nobody can visit, and a guardrail, and deletes all in the end, whatever
happens. One line tells of each assumption whether it is confirmed, different, or could not be told, and no line tells a
key, or what a persona or a conversation holds. Exit codes: 0 nothing is different, 1 something is, 2 it could not
begin.
"""

import argparse
import asyncio
import contextlib
import os
import sys
from collections import Counter
from collections.abc import Awaitable, Sequence

import aiohttp

from tavus_async import AsyncSession, Call, RateLimit, RetryPolicy, TavusError
from tests.live import guardrails, objectives, pronunciation_dictionaries as dictionaries
from tests.live.assumption import Assumption
from tests.live.assumptions import ASSUMPTIONS
from tests.live.tools import tool_name
from tests.live.visit import Ear, Verdict, Visit, reason, unknown

# Tavus publishes no rate. This is far below any that was ever seen, and ten minutes are more than enough.
RATE = RateLimit(per_second=5, burst=5)
RETRY = RetryPolicy()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make check-live", description="Check on Tavus what the SDK assumes of it.")
    parser.add_argument(
        "--write",
        action="store_true",
        help="also create and delete a persona, a conversation in test mode, and more of what costs no money",
    )
    options = parser.parse_args(argv)
    if not os.environ.get("TAVUS_API_KEY"):
        complain("set TAVUS_API_KEY to a key of yours: this asks Tavus itself")
        return 2
    try:
        return asyncio.run(check(writes=options.write))
    except TavusError as error:
        complain(reason(error))
        return 2
    except KeyboardInterrupt:
        complain("interrupted")
        return 130


async def check(*, writes: bool) -> int:
    """Check everything, and return the exit code."""
    outcomes: Counter[str] = Counter()
    ear = Ear()
    async with (
        aiohttp.ClientSession(trace_configs=[ear.trace()]) as http,
        AsyncSession(http=http, rate_limit=RATE, retry=RETRY) as session,
    ):
        visit = Visit(session, ear)
        await session.list_personas_page(limit=1)
        try:
            for assumption in ASSUMPTIONS:
                if writes or assumption.stage == "read":
                    verdict = await look(assumption, visit)
                    tell(assumption, verdict)
                    outcomes[verdict.outcome] += 1
        finally:
            if writes:
                await clean_up(visit)
    say(", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()))
    return 1 if outcomes["different"] else 0


async def look(assumption: Assumption, visit: Visit) -> Verdict:
    if assumption.stage == "change" and not assumption.needs(visit):
        return unknown("what it needs could not be created")
    try:
        return await assumption.check(visit)
    except TavusError as error:
        return unknown(reason(error))


async def clean_up(visit: Visit) -> None:
    """Delete whatever this visit has created, and say so; also what only the lists know of."""
    try:
        await clean_up_conversations(visit)
    finally:
        try:
            await clean_up_tools_and_deployments(visit)
            await clean_up_rules(visit)
            await clean_up_memory_stores(visit)
        finally:
            await clean_up_personas(visit)


async def clean_up_conversations(visit: Visit) -> None:
    # One whose id nobody knows is looked for on the first page alone: it has ended, and an account may have thousands.
    try:
        listed = list(await visit.session.list_conversations_page(limit=100))
    except TavusError:
        listed = []
    names = {one.conversation_id for one in listed if one.conversation_name == visit.throw_away_name}
    for conversation_id in sorted({*visit.conversations_created, *names}):
        with contextlib.suppress(TavusError):  # it has ended already, unless Tavus is different
            await visit.session.end_conversation(conversation_id)
        await remove(visit.session.delete_conversation(conversation_id, hard=True), f"conversation {conversation_id}")


async def clean_up_tools_and_deployments(visit: Visit) -> None:
    try:
        found = [one.tool_id for one in await visit.session.find_tools(tool_name(visit))]
    except TavusError:
        found = []
    for tool_id in sorted({*visit.tools_created, *found}):
        await remove(visit.session.delete_tool(tool_id), f"tool {tool_id}")
    try:
        listed = [one.deployment_id or "" for one in await visit.session.find_deployments(visit.throw_away_name)]
    except TavusError:
        listed = []
    for deployment_id in sorted({*visit.deployments_created, *listed} - {""}):
        await remove(visit.session.delete_deployment(deployment_id), f"deployment {deployment_id}")


async def clean_up_memory_stores(visit: Visit) -> None:
    try:
        found = [one.memory_store_id for one in await visit.session.find_memory_stores(visit.throw_away_name)]
    except TavusError:
        found = []
    for store_id in sorted({*visit.memory_stores_created, *found}):
        await remove(visit.session.delete_memory_store(store_id), f"memory store {store_id}")


async def clean_up_rules(visit: Visit) -> None:
    """Delete objectives, guardrails and pronunciation dictionaries."""
    session, name = visit.session, visit.throw_away_name
    paths = {*visit.left}
    with contextlib.suppress(TavusError):
        paths |= {f"{objectives.ALL}/{one.objectives_id}" for one in await session.find_objective_sets(name)}
    with contextlib.suppress(TavusError):
        found = await session.find_guardrails(guardrails.guardrail_name(visit))
        paths |= {f"{guardrails.ALL}/{one.guardrail_id}" for one in found}
    with contextlib.suppress(TavusError):
        known = await session.find_pronunciation_dictionaries(name)
        paths |= {f"{dictionaries.ALL}/{one.pronunciation_dictionary_id}" for one in known}
    for path in sorted(paths):
        await remove(session.send(Call.json("DELETE", path)), path.removeprefix("/v2/"))


async def clean_up_personas(visit: Visit) -> None:
    try:
        listed = [one async for one in visit.session.list_personas(persona_type="user")]
        names = {one.persona_id for one in listed if (one.persona_name or "").startswith(visit.throw_away_name)}
    except TavusError:
        names = set()
    for persona_id in sorted({*visit.personas_created, *names}):
        await remove(visit.session.delete_persona(persona_id), f"persona {persona_id}")


async def remove(delete: Awaitable[None], what: str) -> None:
    try:
        await delete
    except TavusError as error:
        complain(f"the throw-away {what} is still there: {reason(error)}")
    else:
        say(f"deleted the throw-away {what}")


def tell(assumption: Assumption, verdict: Verdict) -> None:
    came = f" (came: {verdict.words})" if verdict.outcome == "different" else f" ({verdict.words})"
    say(f"{verdict.outcome:14} {assumption.name:20} {assumption.words}{came if verdict.words else ''}")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    sys.stderr.write(f"check-live: {line}\n")


if __name__ == "__main__":
    sys.exit(main())
