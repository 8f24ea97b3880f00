"""What the library logs, as lines."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.cli.screen.logs import StderrHandler, logged, logged_as_environment_says
from tavus_async.sandbox import Sandbox

LOG = logging.getLogger("tavus_async")


def test_a_record_is_one_harmless_line(capsys: pytest.CaptureFixture[str]) -> None:
    level = LOG.level
    with logged("tavus_async", StderrHandler(), level=logging.DEBUG):
        LOG.debug("GET %s", "/a\x1b[2J\nb")

    assert capsys.readouterr().err == "GET /a [2J b\n"
    assert LOG.level == level
    assert not any(isinstance(handler, StderrHandler) for handler in LOG.handlers)


@pytest.mark.parametrize("variable", ["", "error", "debug"])
async def test_what_is_asked_for_is_logged_once_whatever_the_environment_says(
    variable: str,
    sandbox: Sandbox,
    call: Callable[..., Awaitable[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TAVUS_LOG", variable)
    done = await call("personas", "get", "p5317866", "--log")

    assert done.code == 0
    assert done.err.count("GET /v2/personas/p5317866: 200") == done.err.count("\n") == 1


def test_the_handler_that_the_environment_asks_for_is_the_library_s_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TAVUS_LOG", "debug")
    with logged_as_environment_says():
        assert "TAVUS_LOG" in [handler.get_name() for handler in LOG.handlers]
        LOG.warning("\x1b[2J")

    assert "TAVUS_LOG" not in [handler.get_name() for handler in LOG.handlers]
    assert capsys.readouterr().err.endswith(" WARNING tavus_async [2J\n")
