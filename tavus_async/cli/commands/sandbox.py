"""`tavus-async sandbox`: a Tavus server on this machine."""

import asyncio
import contextlib
import shlex
from argparse import ArgumentTypeError, Namespace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from tavus_async import ConfigurationError, RateLimit
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import Exit, MisuseError, UsageError
from tavus_async.cli.messages import explain
from tavus_async.cli.screen import output, texts
from tavus_async.cli.signals import cancelled_by_signals, run
from tavus_async.cli.values import count, count_or_zero, not_negative, port, positive, probability

if TYPE_CHECKING:
    from tavus_async.sandbox import Sandbox, ServedRequest

# Seconds.
LOOK_FOR_REQUESTS_EVERY: Final = 0.1


FAULTS: Final = {
    "error": "a 5xx",
    "reset": "a connection that is reset",
    "stall": "an answer that never comes",
    "truncate": "half an answer",
    "garble": "an answer that is not JSON",
}
SETTINGS: Final = (
    "personas",
    "conversations",
    "api_key",
    "host",
    "port",
    "allow_host",
    "envelope",
    "retry_after",
    "seed",
    "speed",
    "credits",
    "max_conversations",
    "replies",
)


def _add_options(parser: Parser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="loopback address to listen on (default: %(default)s)")
    add("--allow-host", metavar="HOST", help="repeat here a --host that is not loopback, if you mean it")
    add("--port", type=port, default=0, help="port to listen on (default: a free one)")
    add("--personas", type=count_or_zero, default=100, metavar="N", help="number of personas (default: %(default)d)")
    add("--api-key", default="sandbox-key", metavar="KEY", help="the only key that is accepted (default: %(default)s)")
    add("--envelope", action="store_true", help='answer {"data": [persona]}, as documented, not the bare persona')
    add(
        "--seed",
        type=count_or_zero,
        default=0,
        metavar="N",
        help="decides the personas and the faults (default: %(default)d)",
    )
    add("--quiet", action="store_true", help="log no requests (default: a line for each on stderr, in UTC)")
    _add_conversations(parser)
    _add_trouble(parser)


def _add_conversations(parser: Parser) -> None:
    add = parser.add_argument_group("conversations").add_argument
    add("--conversations", type=count_or_zero, default=0, metavar="N", help="number of ended ones (default: 0)")
    add(
        "--speed",
        type=positive,
        default=1.0,
        metavar="N",
        help="how fast time goes (default: %(default)g, as at Tavus)",
    )
    add("--credits", type=count_or_zero, metavar="N", help="how many may be started (default: no limit)")
    add("--max-conversations", type=count, metavar="N", help="how many may be active at once (default: no limit)")
    add("--reply", dest="replies", action="append", default=[], metavar="TEXT",
        help="what personas say, may be repeated (default: what they are told)")  # fmt: skip
    add("--callbacks-to", action="append", default=[], metavar="HOST",
        help="host that webhooks may go to, or anywhere; may be repeated (default: to this machine alone)")  # fmt: skip


def _add_trouble(parser: Parser) -> None:
    add = parser.add_argument_group("rate limit").add_argument
    add("--rate", type=positive, metavar="N", help="requests per second that are accepted (default: no limit)")
    add("--burst", type=count, metavar="N", help="requests that are accepted at once (default: 10)")
    add(
        "--retry-after",
        type=retry_after,
        default=1.0,
        metavar="SECONDS",
        help="wait that a 429 asks for; exact for the true one, none for no header (default: %(default)g)",
    )
    add = parser.add_argument_group("faults").add_argument
    add("--latency", type=not_negative, default=0.0, metavar="SECONDS", help="delay before every answer (default: 0)")
    for name, meaning in FAULTS.items():
        add(f"--{name}", type=probability, default=0.0, metavar="P", help=f"probability of {meaning} (default: 0)")


def retry_after(text: str) -> float | Literal["exact"] | None:
    """Read the value of `--retry-after`."""
    if text == "exact":
        return "exact"
    try:
        return None if text == "none" else not_negative(text)
    except ArgumentTypeError:
        raise ArgumentTypeError(f"must be a number from 0 up, exact or none, not {text!r}") from None


def _run(options: Namespace) -> int:
    run(serve(make_sandbox(options), is_logging=not options.quiet))
    return Exit.OK


def make_sandbox(options: Namespace) -> "Sandbox":
    """Make the sandbox that the options describe; UsageError where it cannot work."""
    from tavus_async.sandbox import Callbacks, Faults, Sandbox  # noqa: PLC0415 (a web server, which no other command needs)

    if options.burst is not None and options.rate is None:
        raise MisuseError("--burst means nothing without --rate")
    faults = Faults(latency=options.latency, **{name: getattr(options, name) for name in FAULTS})
    try:
        rate_limit = None if options.rate is None else RateLimit(options.rate, options.burst or 10)
        settings = {name: getattr(options, name) for name in SETTINGS}
        callbacks = Callbacks(to=options.callbacks_to) if options.callbacks_to else Callbacks()
        return Sandbox(**settings, rate_limit=rate_limit, faults=faults, callbacks=callbacks)
    except ConfigurationError as error:
        raise UsageError(explain(error)) from None


async def serve(sandbox: "Sandbox", *, is_logging: bool) -> None:
    """Run the sandbox until a signal ends it; with a line on stderr for each request, if it *is_logging*."""
    with cancelled_by_signals(), contextlib.suppress(asyncio.CancelledError):
        async with sandbox:
            output.put(sandbox.url)
            key = shlex.quote(sandbox.api_key)
            what = texts.count(len(sandbox.persona_ids), "persona", "personas")
            output.tell(f"{what}, API key {key}. A browser shows what happens in it. Ctrl-C ends it.")
            output.tell(f"Try: export TAVUS_API_KEY={key} TAVUS_BASE_URL={sandbox.url}")
            for persona_id in sandbox.persona_ids[:1]:
                output.tell(f"then: tavus-async personas get {persona_id}")
                output.tell(f"or: tavus-async conversations create --persona {persona_id} --open --wait")
            await (RequestLog(sandbox).keep() if is_logging else asyncio.Event().wait())


class RequestLog:
    """Says on stderr which requests have ended, each once."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._told = 0

    async def keep(self) -> None:
        """Say it as they end, until this is cancelled, and then what is left."""
        try:
            while True:
                self.tell()
                await asyncio.sleep(LOOK_FOR_REQUESTS_EVERY)
        finally:
            self.tell()

    def tell(self) -> None:
        """Say which have ended since the last time."""
        stats, newest = self._sandbox.stats(), self._sandbox.requests
        ended = stats.total - stats.in_flight
        missed = ended - self._told - len(newest)
        if missed > 0:
            output.tell(f"{texts.count(missed, 'request', 'requests')} more, too many to be told")
        for request in newest[max(0, len(newest) - (ended - self._told)) :]:
            output.tell(served(request))
        self._told = ended


def served(request: "ServedRequest") -> str:
    """Say in a line when a request came, what it asked for, and how it ended."""
    when = datetime.fromtimestamp(request.at, UTC)
    ended = "no answer" if request.status is None else str(request.status)
    return f"{when:%H:%M:%S} {request.method} {request.path}: {ended}, {request.duration * 1000:.0f} ms"


SANDBOX: Final = Command(
    name="sandbox",
    summary="run a Tavus server on this machine",
    description="""\
        Run a Tavus server on this machine, for development and tests: made-up personas over real HTTP, with a rate
        limit and faults if you like. Needs no account.

        Prints its URL, the only line on stdout, once it accepts connections, and runs until Ctrl-C or SIGTERM. That URL
        in a browser shows what is in it, and what was asked of it; the address of a conversation is a page on which to
        talk with a persona.
        """,
    examples=[
        "tavus-async sandbox --port 8787 --rate 50 --error 0.05 &",
        "export TAVUS_API_KEY=sandbox-key TAVUS_BASE_URL=http://127.0.0.1:8787",
        "tavus-async personas get p5317866",
        "tavus-async sandbox --speed 60 --max-conversations 3 --credits 100",
    ],
    add_options=_add_options,
    run=_run,
)
