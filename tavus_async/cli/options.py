"""What commands have in common: the parser, and the options that describe a session."""

import argparse
import contextlib
import getpass
import logging
import os
import re
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final, NoReturn

import attrs

from tavus_async import AsyncSession, ConfigurationError, Pool, RateLimit, RetryPolicy, Timeouts
from tavus_async.cli.exits import UsageError
from tavus_async.cli.values import count, positive

PER_SECOND: Final = 10.0
BURST: Final = 10
ATTEMPTS: Final = RetryPolicy().attempts

# How the library names the setting that --allow-http is.
_INSECURE_HOSTS: Final = re.compile(r"Pool\(insecure_hosts=\{'([^']*)'\}\)")


class Layout(argparse.HelpFormatter):
    """Fills paragraphs to the terminal's width, and leaves alone those with indented lines, which are examples."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        return "\n\n".join(part if "\n  " in part else fill(part, width, indent) for part in text.split("\n\n"))


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviations, and whose errors are one line; the exit code is left to `main`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.formatter_class = Layout
        self.allow_abbrev = False

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(f"{message} (see {self.prog} --help)")


class RefuseKey(argparse.Action):
    """An `--api-key` that is refused, so that nobody has to guess why, and no message shows the key."""

    def __call__(self, parser: argparse.ArgumentParser, *_args: object, **_kwargs: object) -> NoReturn:
        """Refuse it."""
        parser.error(
            "other processes of this machine can read a key on the command line: "
            "set TAVUS_API_KEY, or use --api-key-file"
        )


@attrs.frozen(kw_only=True)
class Command:
    """One command: what its help says, which options it takes, and what it does."""

    name: str
    summary: str
    """Its line in the list of commands."""
    description: str
    example: str
    """The end of its help."""
    add_options: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]
    """Carries it out and returns the exit code."""


def add_network_options(parser: Parser) -> None:
    """Add the options that `open_session` and `logs_on_stderr` read."""
    add = parser.add_argument_group("connection; the key comes from the environment's TAVUS_API_KEY").add_argument
    add("--api-key-file", metavar="PATH", help="take the key from this file instead, or from stdin (-)")
    add("--api-key", action=RefuseKey, help=argparse.SUPPRESS)
    add("--base-url", metavar="URL", help="default: TAVUS_BASE_URL, else https://tavusapi.com")
    add("--allow-http", metavar="HOST", help="speak plain http to this host, key in clear (default: to loopback alone)")
    add("--rate", type=positive, default=PER_SECOND, metavar="N", help="requests per second (default: %(default)g)")
    add(
        "--burst", type=count, default=BURST, metavar="N", help="requests that may start at once (default: %(default)d)"
    )
    add(
        "--timeout",
        type=positive,
        metavar="SECONDS",
        help="for one call, queueing and repeats included (default: none)",
    )
    add(
        "--attempts",
        type=count,
        default=ATTEMPTS,
        metavar="N",
        help="sendings of one request at most (default: %(default)d)",
    )
    add("-v", "--verbose", action="store_true", help="tell on stderr what is repeated and why")


def open_session(options: argparse.Namespace) -> AsyncSession:
    """Make the session that the network options describe; UsageError where it cannot work."""
    try:
        return AsyncSession(
            read_key(options.api_key_file),
            base_url=options.base_url,
            rate_limit=RateLimit(options.rate, options.burst),
            retry=RetryPolicy(attempts=options.attempts),
            timeouts=Timeouts(total=options.timeout),
            pool=Pool(insecure_hosts=frozenset(filter(None, [options.allow_http]))),
        )
    except ConfigurationError as error:
        raise UsageError(_INSECURE_HOSTS.sub(r"--allow-http \1 if you mean it", str(error))) from None


def read_key(path: str | None) -> str:
    """Return the API key: from a file, from stdin for `-`, from the environment for None.

    No message shows the path either: it might be the key, by mistake.
    """
    if path is None:
        key = os.environ.get("TAVUS_API_KEY", "").strip()
        where = "TAVUS_API_KEY is not set, and no --api-key-file was given"
    else:
        key = _read(path).strip()
        where = "the file of --api-key-file is empty"
    if not key:
        raise UsageError(f"no API key: {where}")
    return key


def _read(path: str) -> str:
    try:
        if path != "-":
            return Path(path).read_text(encoding="utf-8-sig")
        if sys.stdin.isatty():
            return getpass.getpass("API key: ")
        return sys.stdin.read()
    except UnicodeDecodeError:
        reason = "it is no text"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be opened"
    except AttributeError:
        reason = "stdin is closed"
    raise UsageError(f"cannot read the file of --api-key-file: {reason}")


@contextlib.contextmanager
def logs_on_stderr(options: argparse.Namespace) -> Generator[None]:
    """Write to stderr what tavus_async logs meanwhile, if `--verbose` asks for it."""
    if not options.verbose:
        yield
        return
    log = logging.getLogger("tavus_async")
    level = log.level
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s.%(msecs)03d %(message)s", "%H:%M:%S"))
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


@contextlib.contextmanager
def needing_rich(who: str) -> Generator[None]:
    """Turn an import that fails for want of rich into a UsageError that says what *who* needs."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "rich":
            raise
        raise UsageError(f"{who} needs rich: pip install 'tavus-async[cli]'") from None
