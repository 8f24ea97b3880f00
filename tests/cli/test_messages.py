"""Errors of the library, in the words of the command line."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async import ApiError, AsyncSession, ConfigurationError, ConflictError, errors
from tavus_async.cli.messages import explain
from tavus_async.sandbox import Sandbox

# Arguments, settings and constants of Python.
PYTHON = re.compile(r"\b[A-Z]\w+\.[a-z]\w*|\b[A-Z]\w+\(|\w=|\b(argument|RateLimit|Timeouts|True|None|[a-z]+_[a-z]+)\b")
KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ApiError)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_library_advises_is_advice_for_a_command_line(kind: type[ApiError]) -> None:
    assert not PYTHON.search(explain(kind("no", status=400)))


def test_a_conflict_is_told_with_the_option_that_ends_it() -> None:
    error = ConflictError("no", status=409, body={"conflict": "maker_changes"})

    assert explain(error).endswith("--force would discard them.")


def test_a_wrong_key_is_not_called_an_argument() -> None:
    with pytest.raises(ConfigurationError) as caught:
        AsyncSession("Bearer 2f9c81d7")

    assert explain(caught.value).startswith("the API key begins with Bearer")
    assert not PYTHON.search(explain(caught.value))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("personas get p1 --rate 1e-300", "--rate must be"),
        ("personas get p1 --base-url http://example.com", "--allow-http example.com if you mean it"),
        ("personas get p1 --base-url example.com", "https://"),
        ("personas patch .. --add /a 1", "the id contains a dot segment"),
        ("sandbox --host 0.0.0.0", "repeat it with --allow-host"),
        ("sandbox --api-key é", "--api-key must be printable ASCII"),
        ("sandbox --callbacks-to=", "--callbacks-to must be loopback, anywhere, or names of hosts"),
        ("sandbox --rate 1e-300", "--rate must be"),
        ("sandbox --seed x", "--seed: must be a whole number from 0 up, not 'x'"),
        ("webhooks listen --secret short", "without any, a new one is made"),
        ("webhooks listen --secret=", "a webhook secret must"),
    ],
)
async def test_settings_are_called_by_their_options(
    words: str, expected: str, call: Callable[..., Awaitable[Any]], sandbox: Sandbox
) -> None:
    done = await call(*words.split())

    assert (done.code, done.out) == (2, "")
    assert expected in done.err
    assert not PYTHON.search(done.err)


async def test_a_servers_own_words_are_left_alone(call: Callable[..., Awaitable[Any]], sandbox: Sandbox) -> None:
    sandbox.script([400])
    done = await call("personas", "get", "persona_id")

    assert done.err.startswith("tavus-async: persona_id: GET /v2/personas/persona_id was answered 400")
