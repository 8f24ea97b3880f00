"""The session of a command, and the options that describe it."""

import argparse
import contextlib
import getpass
import logging
import os
import re
import sys
from collections.abc import Generator
from typing import Final

from tavus_async import AsyncSession, ConfigurationError, Pool, RateLimit, RetryPolicy, Timeouts
from tavus_async.cli.command import Parser, RefuseKey
from tavus_async.cli.exits import UsageError
from tavus_async.cli.inputs import STDIN, read_text
from tavus_async.cli.messages import explain
from tavus_async.cli.screen import logs, output
from tavus_async.cli.signals import Runner, event_loop
from tavus_async.cli.values import count, file_name, positive

KEY_VARIABLE: Final = "TAVUS_API_KEY"


def add_session_options(parser: Parser) -> None:
    """Add the options that `open_session` reads."""
    add = parser.add_argument_group("connection; the API key comes from TAVUS_API_KEY").add_argument
    add("--api-key-file", type=file_name, metavar="PATH", help="read the API key from this file instead; - is stdin")
    add("--api-key", action=RefuseKey, help=argparse.SUPPRESS)
    add("--base-url", metavar="URL", help="address of the API (default: TAVUS_BASE_URL, else https://tavusapi.com)")
    add(
        "--allow-http",
        metavar="HOST",
        help="allow plain http to this host, which shows the API key to the network (default: to this machine alone)",
    )
    add("--rate", type=positive, default=10.0, metavar="N", help="requests per second (default: %(default)g)")
    add("--burst", type=count, default=10, metavar="N", help="requests sent at once (default: %(default)d)")
    add(
        "--timeout",
        type=positive,
        metavar="SECONDS",
        help="for one call, with its time in the queue and its retries (default: none)",
    )
    add(
        "--attempts",
        type=count,
        default=RetryPolicy().attempts,
        metavar="N",
        help="how often one request is sent at most (default: %(default)d)",
    )
    add("--log", action="store_true", help="log each request on stderr, as TAVUS_LOG=debug does")


@contextlib.contextmanager
def open_session(options: argparse.Namespace) -> Generator[tuple[AsyncSession, Runner]]:
    """Open the session that the options describe, and close it at the end; give it, and what runs its calls.

    The event loop runs only during a call. Between calls somebody can be asked: Ctrl-C then ends the program at once,
    as everywhere.
    """
    with event_loop() as runner:
        session = make_session(options)
        # The session has set the log as TAVUS_LOG says.
        with log_wanted(is_wanted=options.log):
            try:
                yield session, runner
            finally:
                runner.finish(session.aclose())


def make_session(options: argparse.Namespace) -> AsyncSession:
    """Return the session that the options describe; UsageError where it cannot work."""
    key, where = read_key(options.api_key_file)
    try:
        return AsyncSession(
            key,
            base_url=options.base_url,
            rate_limit=RateLimit(options.rate, options.burst),
            retry=RetryPolicy(attempts=options.attempts),
            timeouts=Timeouts(total=options.timeout),
            pool=Pool(insecure_hosts=frozenset(filter(None, [options.allow_http]))),
        )
    except ConfigurationError as error:
        message = re.sub(r"^the API key (?!from)", f"the API key from {where} ", explain(error))
        raise UsageError(message) from None


def read_key(path: str | None) -> tuple[str, str]:
    """Return the API key, and where it is from: a file, stdin for `-`, the environment for None.

    No message shows the path either: it might be the key, by mistake.
    """
    if path is None:
        where, key = KEY_VARIABLE, os.environ.get(KEY_VARIABLE)
    elif path == STDIN:
        where, key = "stdin", ask_for_key() if output.is_terminal(sys.stdin) else read_text(STDIN)
    else:
        where = "the file of --api-key-file"
        key = read_text(path, name=where)
    if key is None:
        raise UsageError(f"no API key: {where} is not set, and no --api-key-file was given")
    if not key.strip():
        raise UsageError(f"no API key: {where} is empty")
    return key.strip(), where


def ask_for_key() -> str:
    """Return what somebody types, unseen; "" for the end of the input."""
    try:
        return getpass.getpass("API key: ")
    except EOFError:
        return ""


def log_wanted(*, is_wanted: bool) -> contextlib.AbstractContextManager[None]:
    """Write to stderr what tavus_async logs meanwhile, if that *is_wanted*; TAVUS_LOG may have asked for less."""
    if not is_wanted:
        return contextlib.nullcontext()
    is_written = bool(os.environ.get(logs.LOG_VARIABLE))
    handler = logging.NullHandler() if is_written else logs.StderrHandler(logs.TIMED)
    return logs.logged("tavus_async", handler, level=logging.DEBUG)
