"""`tavus-async demo`: a few hundred personas at once, against a server that is slow, strict and flaky."""

import asyncio
import time
from argparse import Namespace
from typing import TYPE_CHECKING, Final

import attrs

from tavus_async import AsyncSession, Outcome, Persona, Progress, RateLimit, Stats
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import Exit, FailedError
from tavus_async.cli.screen import needing_rich
from tavus_async.cli.screen.texts import Row
from tavus_async.cli.values import count

if TYPE_CHECKING:
    from tavus_async.cli.screen.bar import Bar
    from tavus_async.sandbox import Sandbox, SandboxStats

ADMITTED: Final = RateLimit(60, burst=20)
CONFIGURED: Final = RateLimit(75, burst=20)
RETRY_AFTER: Final = 0.25


def _add_options(parser: Parser) -> None:
    parser.add_argument(
        "--personas", type=count, default=300, metavar="N", help="how many to fetch (default: %(default)d)"
    )


def _run(options: Namespace) -> int:
    with needing_rich("the demo"):
        from tavus_async.cli.screen.bar import Bar  # noqa: PLC0415 (rich is an extra)
        from tavus_async.cli.screen.show import Display  # noqa: PLC0415 (likewise)
    display = Display()
    sandbox = make_sandbox(options.personas)
    display.paragraph(
        f"A server on this machine admits {ADMITTED.per_second} requests a second; the session is told "
        f"{CONFIGURED.per_second}. Answers take a while, and some are a 5xx or a reset connection."
    )
    with Bar("fetching", total=options.personas) as bar:
        result = asyncio.run(fetch(sandbox, bar))
    display.facts(*summary(result))
    shown = next((outcome.value for outcome in result.outcomes if outcome.value is not None), None)
    if shown is not None:
        display.persona(shown)
    complain_of_failures(result.outcomes)
    return Exit.OK


@attrs.frozen(kw_only=True)
class Result:
    """What became of the personas, and what both sides counted meanwhile."""

    outcomes: list[Outcome[Persona]]
    seconds: float
    session: Stats
    server: "SandboxStats"


def make_sandbox(personas: int) -> "Sandbox":
    """Make a server that is slow, strict and flaky, a little."""
    from tavus_async.sandbox import Faults, Sandbox  # noqa: PLC0415 (a web server, which most commands do not need)

    faults = Faults(latency=0.04, jitter=0.08, error=0.03, reset=0.015)
    return Sandbox(personas=personas, rate_limit=ADMITTED, retry_after=RETRY_AFTER, faults=faults)


async def fetch(sandbox: "Sandbox", bar: "Bar") -> Result:
    """Fetch all personas of the sandbox at once."""
    async with sandbox, AsyncSession(sandbox.api_key, base_url=sandbox.url, rate_limit=CONFIGURED) as session:

        def show_progress(progress: Progress) -> None:
            stats = session.stats()
            rate = f"{progress.rate:.0f}/s"
            bar.move(progress.done, f"{rate}, 429s {stats.rate_limited}, retries {stats.retries}", rate)

        began = time.perf_counter()
        personas = session.iter_personas(sandbox.persona_ids, ordered=True, on_progress=show_progress)
        outcomes = [outcome async for outcome in personas]
        seconds = time.perf_counter() - began
        return Result(outcomes=outcomes, seconds=seconds, session=session.stats(), server=sandbox.stats())


def summary(result: Result) -> tuple[str, list[Row]]:
    """Say how it went, in figures that were counted or measured."""
    session, server = result.session, result.server
    fetched = sum(outcome.ok for outcome in result.outcomes)
    faults = ", ".join(f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in server.faults.items())
    return f"{fetched} of {len(result.outcomes)} personas fetched in {result.seconds:.1f} s", [
        ("requests sent", f"{session.requests}, {session.requests / result.seconds:.0f} a second"),
        ("429s waited out", f"{session.rate_limited}"),
        ("retries", f"{session.retries}"),
        ("faults met", faults or "none"),
        ("at the same time", f"{server.peak_concurrency} at most"),
        (
            "rate",
            f"{CONFIGURED.per_second}/s configured, {ADMITTED.per_second}/s admitted, settled on {session.rate:.0f}/s",
        ),
    ]


def complain_of_failures(outcomes: list[Outcome[Persona]]) -> None:
    """Raise FailedError if any persona was not fetched."""
    failed = [outcome for outcome in outcomes if not outcome.ok]
    if failed:
        first = f"{failed[0].key}: {failed[0].error}"
        raise FailedError(f"{len(failed)} of {len(outcomes)} personas were not fetched; the first, {first}")


DEMO: Final = Command(
    name="demo",
    summary="watch a few hundred personas being fetched",
    description="""\
        See what the SDK does: start a Tavus server on this machine, with a rate limit and a few faults, and fetch its
        personas through one session, all at once. The session is told a higher rate than the server admits, and has
        to find out.

        Needs no account; nothing leaves this machine; takes some seconds.
        """,
    examples=["tavus-async demo --personas 500"],
    add_options=_add_options,
    run=_run,
)
