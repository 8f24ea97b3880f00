"""Errors of the library, in the words of the command line."""

import contextlib
import re
from collections.abc import AsyncIterator, Callable, Generator
from typing import Any, Final, TypeVar

from tavus_async import Outcome, Outcomes
from tavus_async.cli.exits import FATAL
from tavus_async.cli.screen import output

T = TypeVar("T")

# What the library calls its settings and arguments, and what the command line calls them.
_OPTION_NAMES: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"the argument api_key, or TAVUS_API_KEY", "TAVUS_API_KEY, or --api-key-file"),
        (r"^the base URL from the argument base_url ", "the base URL from --base-url "),
        (r"^the API key from the argument api_key ", "the API key "),
        # What does not wait for a server has nothing to say of it.
        (r" \(max_outage \(0 s\) is over\)", ""),
        (r"\bmax_outage\b", "--max-outage"),
        (r"Configure a lower RateLimit, or give the call more time", "Use a lower --rate, or a longer --timeout"),
        (r"Pool\(insecure_hosts=\{'([^']*)'\}\)", r"--allow-http \1 if you mean it"),
        (r"say allow_host with the same name", "repeat it with --allow-host"),
        (r"force=True", "--force"),
        (r"\bRateLimit\.per_second\b", "--rate"),
        (r"\bRateLimit\.burst\b", "--burst"),
        (r"\bRetryPolicy\.attempts\b", "--attempts"),
        (r"\bTimeouts\.total\b", "--timeout"),
        (r"\bPool\.insecure_hosts\b", "--allow-http"),
        (r"webhooks\.Secret\.new\(\) makes one", "without any, a new one is made"),
        (r"Callbacks\.to must be (.*), not .*", r"--callbacks-to must be \1"),
        (r"\bSandbox\.api_key\b", "--api-key"),
        (r", not 'something else'$", ""),
        (r"^[a-z]+_id (?=is|contains|must)", "the id "),
    )
)


def explain(error: Exception) -> str:
    """Return the message of an error, and what was noted on it, as somebody at a command line can act on it."""
    text = "; ".join([str(error), *getattr(error, "__notes__", ())])
    for pattern, words in _OPTION_NAMES:
        text = pattern.sub(words, text)
    return text


@contextlib.contextmanager
def told_if_interrupted(doubt: Callable[[], str]) -> Generator[None]:
    """Say after a signal what may have happened all the same; what *doubt* returns, "" for nothing."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        if words := doubt():
            output.complain(words)
        raise


async def succeeded(outcomes: Outcomes[T], *, waiting: dict[str, Any] | None = None) -> AsyncIterator[Outcome[T]]:
    """Yield the outcomes of what has succeeded; say on stderr why the others failed, and raise what fails them all.

    Keys whose outcome has come are taken out of *waiting*.
    """
    async with outcomes:
        async for outcome in outcomes:
            if waiting is not None:
                waiting.pop(outcome.key, None)
            if isinstance(outcome.error, FATAL):
                raise outcome.error
            if outcome.error is None:
                yield outcome
            else:
                blame(outcome)


def blame(outcome: Outcome[Any]) -> None:
    """Say on stderr why an item failed."""
    if outcome.error is not None:
        output.complain(f"{outcome.key or repr(outcome.key)}: {explain(outcome.error)}")
