"""`tavus-async demo`: a few hundred personas at once, against a server that is slow, strict and flaky."""

import time
from argparse import Namespace
from typing import TYPE_CHECKING, Final

from tavus_async import AsyncSession, Outcome, Progress, RateLimit, Stats
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import Exit, FailedError
from tavus_async.cli.resources import find_noun
from tavus_async.cli.screen import needing_rich
from tavus_async.cli.screen.texts import Row
from tavus_async.cli.signals import run
from tavus_async.cli.values import count

if TYPE_CHECKING:
    from tavus_async import Persona
    from tavus_async.cli.screen.bar import Bar
    from tavus_async.sandbox import Sandbox, SandboxStats

ADMITTED: Final = RateLimit(60, burst=20)
CONFIGURED: Final = RateLimit(75, burst=20)


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
        outcomes, title, facts = run(fetch(sandbox, bar))
    display.facts(title, facts)
    noun = find_noun("personas")
    for persona in [outcome.value for outcome in outcomes if outcome.value is not None][:1]:
        display.record(noun.headline(persona), noun.fields(persona), noun.view.sections(persona))
    failed = [outcome for outcome in outcomes if not outcome.ok]
    if failed:
        first = f"{failed[0].key}: {failed[0].error}"
        raise FailedError(f"{len(failed)} of {len(outcomes)} personas were not fetched; the first, {first}")
    return Exit.OK


def make_sandbox(personas: int) -> "Sandbox":
    """Make a server that is slow, strict and flaky, a little."""
    from tavus_async.sandbox import Faults, Sandbox  # noqa: PLC0415 (a web server, which most commands do not need)

    faults = Faults(latency=0.04, jitter=0.08, error=0.03, reset=0.015)
    return Sandbox(personas=personas, rate_limit=ADMITTED, retry_after=0.25, faults=faults)


async def fetch(sandbox: "Sandbox", bar: "Bar") -> tuple[list["Outcome[Persona]"], str, list[Row]]:
    """Fetch all personas of the sandbox at once; return the outcomes, and how it went: in a line, and in figures."""
    async with sandbox, AsyncSession(sandbox.api_key, base_url=sandbox.url, rate_limit=CONFIGURED) as session:

        def show_progress(progress: Progress) -> None:
            stats = session.stats()
            rate = f"{progress.rate:.0f}/s"
            bar.move(progress.done, f"{rate}, 429s {stats.rate_limited}, retries {stats.retries}", rate)

        began = time.perf_counter()
        personas = session.iter_personas(sandbox.persona_ids, ordered=True, on_progress=show_progress)
        outcomes = [outcome async for outcome in personas]
        seconds = time.perf_counter() - began
        fetched = sum(outcome.ok for outcome in outcomes)
        title = f"{fetched} of {len(outcomes)} personas fetched in {seconds:.1f} s"
        return outcomes, title, figures(session.stats(), sandbox.stats(), seconds)


def figures(session: Stats, server: "SandboxStats", seconds: float) -> list[Row]:
    """Return what both sides have counted."""
    faults = ", ".join(f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in server.faults.items())
    rates = f"{CONFIGURED.per_second}/s configured, {ADMITTED.per_second}/s admitted, settled on {session.rate:.0f}/s"
    return [
        ("requests sent", f"{session.requests}, {session.requests / seconds:.0f} a second"),
        ("429s waited out", f"{session.rate_limited}"),
        ("retries", f"{session.retries}"),
        ("faults met", faults or "none"),
        ("at the same time", f"{server.peak_concurrency} at most"),
        ("rate", rates),
    ]


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
