"""Errors of the library, in the words of the command line."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
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
        ("webhooks listen --path /a#b", "--host and --path: "),
        ("personas create ", "must be the name of a file, and is empty"),
        ("conversations create --persona p5317866 ", "must be the name of a file, and is empty"),
        ("personas fetch p1 -o ", "-o/--output: must be the name of a file, and is empty"),
        ("personas fetch -o x --from ", "--from: must be the name of a file, and is empty"),
        ("personas get p1 --api-key-file ", "--api-key-file: must be the name of a file, and is empty"),
        ("api POST /v2/personas --data @", "the name of a file is empty"),
    ],
)
async def test_settings_are_called_by_their_options(
    words: str, expected: str, call: Callable[..., Awaitable[Any]], sandbox: Sandbox
) -> None:
    done = await call(*words.split(" "))

    assert (done.code, done.out) == (2, "")
    assert expected in done.err
    assert not PYTHON.search(done.err)


async def test_what_does_not_wait_for_a_server_says_nothing_of_a_wait(
    call: Callable[..., Awaitable[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "sk-1")
    done = await call("personas", "get", "p1", "--base-url", "http://127.0.0.1:1", "--attempts", "1")

    assert (done.code, done.out) == (1, "")
    assert "cannot connect" in done.err
    assert "outage" not in done.err


async def test_how_long_a_server_is_waited_for_is_called_by_its_option(
    call: Callable[..., Awaitable[Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "sk-1")
    words = ["--base-url", "http://127.0.0.1:1", "--attempts", "1", "--max-outage", "0.01"]
    done = await call("personas", "fetch", "-o", str(tmp_path / "out"), "p1", *words)

    assert done.code == 1
    assert "(--max-outage (0.01 s) is over)" in (tmp_path / "out.errors").read_text(encoding="utf-8")


async def test_a_servers_own_words_are_left_alone(call: Callable[..., Awaitable[Any]], sandbox: Sandbox) -> None:
    sandbox.script([400])
    done = await call("personas", "get", "persona_id")

    assert done.err.startswith("tavus-async: persona_id: GET /v2/personas/persona_id was answered 400")
