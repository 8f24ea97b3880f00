"""`webhooks listen`: what Tavus tells, as it comes."""

import asyncio
import contextlib
import logging
import os
import shutil
from argparse import Namespace
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tavus_async import ConfigurationError, InvalidRequestError
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import Exit, FailedError, MisuseError, UsageError
from tavus_async.cli.messages import explain
from tavus_async.cli.screen import events, output, texts
from tavus_async.cli.screen.logs import StderrHandler, logged
from tavus_async.cli.signals import cancelled_by_signals, run
from tavus_async.cli.values import port
from tavus_async.models import Event

if TYPE_CHECKING:
    from tavus_async.webhooks import Receiver, Secret

VARIABLE: Final = "TAVUS_WEBHOOK_SECRET"
LOCAL_HOSTS: Final = ("127.0.0.1", "::1", "localhost")


def _add_options(parser: Parser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s, this machine alone)")
    add("--port", type=port, default=0, help="port to listen on (default: a free one)")
    add("--path", default="/", help="path to listen at (default: %(default)s)")
    add("--public-url", metavar="URL", help="where a tunnel or a proxy takes requests for this address")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--secret", help=f"what the callback URL has to carry (default: {VARIABLE}, else a new one)")
    group.add_argument(
        "--no-secret", action="store_true", help="take events of whoever sends some, on this machine alone"
    )
    add("--json", action="store_true", help="JSON on a terminal too (default: a line for people)")


def _run(options: Namespace) -> int:
    secret = find_secret(options)
    if options.public_url is not None:
        callback_url(options.public_url, options, secret)  # refuses what is no address, before anything is begun
    run(listen(options, secret))
    return Exit.OK


def find_secret(options: Namespace) -> "Secret | None":
    """Return the secret of the callback URL: what is given, or a new one; UsageError for what cannot be one."""
    from tavus_async.webhooks import Secret  # noqa: PLC0415 (what no other command needs)

    if options.no_secret:
        if options.host not in LOCAL_HOSTS:
            raise MisuseError("--no-secret is for this machine alone: leave --host out, or give a --secret")
        return None
    given = options.secret if options.secret is not None else os.environ.get(VARIABLE) or None
    try:
        return Secret.new() if given is None else Secret(given)
    except ConfigurationError as error:
        raise UsageError(explain(error)) from None


async def listen(options: Namespace, secret: "Secret | None") -> None:
    """Print events as they come, until a signal ends it; raise what printing raises."""
    from tavus_async.webhooks import Receiver  # noqa: PLC0415 (what no other command needs)

    receiver, failure = Receiver(secret=secret), asyncio.get_running_loop().create_future()

    @receiver.on(Event)
    async def take(event: Event) -> None:
        try:
            show(event, is_json=options.json or not output.is_displayed())
        except OSError as error:
            if not failure.done():
                failure.set_exception(error)
            raise

    refusals_told = logged("tavus_async.webhooks", StderrHandler(level=logging.WARNING))
    with cancelled_by_signals(), contextlib.suppress(asyncio.CancelledError), refusals_told:
        async with served(receiver, options) as address:
            output.tell(f"callback_url: {callback_url(address, options, secret)}")
            output.tell("Each event is shown once, however often it comes. Ctrl-C ends it.")
            await failure


def show(event: Event, *, is_json: bool) -> None:
    """Print an event: as JSON without secrets, or as a line for people."""
    if is_json:
        output.put_json(event.to_dict(secrets=False))
    else:
        output.put(texts.clip(events.line(event), shutil.get_terminal_size().columns))
        output.flush()


@contextlib.asynccontextmanager
async def served(receiver: "Receiver", options: Namespace) -> AsyncGenerator[str]:
    """Serve meanwhile; give the address. FailedError where that cannot be listened on, UsageError for no path."""
    from tavus_async.webhooks.serving import serving  # noqa: PLC0415 (a web server, which no other command needs)

    server = serving(receiver, host=options.host, port=options.port, path=options.path)
    async with contextlib.AsyncExitStack() as stack:
        try:
            address = await stack.enter_async_context(server)
        except ConfigurationError as error:
            raise MisuseError(f"--path: {error}") from None
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise FailedError(f"cannot listen on {options.host}, port {options.port}: {reason}") from None
        yield address


def callback_url(address: str, options: Namespace, secret: "Secret | None") -> str:
    """Return what conversations take as their callback_url; UsageError where `--public-url` is no address."""
    from tavus_async.webhooks import Secret  # noqa: PLC0415 (what no other command needs)

    url = address if options.public_url is None else options.public_url
    if options.public_url and urlsplit(url).path in {"", "/"}:
        url = url.rstrip("/") + options.path
    try:
        carrying = (secret or Secret.new()).callback_url(url)
    except InvalidRequestError as error:
        what = "--host and --path" if options.public_url is None else "--public-url"
        raise MisuseError(f"{what}: {error}") from None
    return url if secret is None else carrying


LISTEN: Final = Command(
    name="listen",
    summary="print events as Tavus sends them",
    description=f"""\
        Listen for webhooks, and print each event: on a terminal as a line, elsewhere as JSON, one document a line. The
        first line on stderr is the callback_url to be given to conversations; Tavus itself reaches it through a tunnel
        only, whose address --public-url takes. It carries a secret: what comes without it is refused.

        Runs until Ctrl-C or SIGTERM. A secret that stays is best kept in {VARIABLE}, of at least 16 characters;
        other processes of this machine can read what is on the command line.
        """,
    examples=[
        "tavus-async webhooks listen --port 8788",
        "tavus-async webhooks listen --port 8788 --public-url https://example.ngrok.app",
        "tavus-async webhooks listen --json | jq .event_type",
    ],
    add_options=_add_options,
    run=_run,
)
