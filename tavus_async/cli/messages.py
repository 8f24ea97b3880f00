"""Errors of the library, in the words of the command line."""

import re
from typing import Any, Final

from tavus_async import Outcome
from tavus_async.cli.exits import FATAL
from tavus_async.cli.screen import output

# What the library calls its settings and arguments, and what the command line calls them.
_WORDS: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"the argument api_key, or TAVUS_API_KEY", "TAVUS_API_KEY, or --api-key-file"),
        (r"Configure a lower RateLimit, or give the call more time", "Use a lower --rate, or a longer --timeout"),
        (r"Pool\(insecure_hosts=\{'([^']*)'\}\)", r"--allow-http \1 if you mean it"),
        (r"say allow_host with the same name", "repeat it with --allow-host"),
        (r"force=True", "--force"),
        (r"\bRateLimit\.per_second\b", "--rate"),
        (r"\bRateLimit\.burst\b", "--burst"),
        (r"\bRetryPolicy\.attempts\b", "--attempts"),
        (r"\bTimeouts\.total\b", "--timeout"),
        (r"\bPool\.insecure_hosts\b", "--allow-http"),
        (r"\bSandbox\.api_key\b", "--api-key"),
        (r"^persona_id (?=is|contains|must)", "the id "),
    )
)


def explain(error: Exception) -> str:
    """Return the message of an error as somebody at a command line can act on it."""
    text = str(error)
    for pattern, words in _WORDS:
        text = pattern.sub(words, text)
    return text


def complain_of(outcome: Outcome[Any]) -> None:
    """Say on stderr why one of many failed; raise what fails them all."""
    if isinstance(outcome.error, FATAL):
        raise outcome.error
    if outcome.error is not None:
        output.complain(f"{outcome.key or repr(outcome.key)}: {explain(outcome.error)}")
