"""What the library logs, as lines."""

import logging

import pytest

from tavus_async.cli.screen.logs import StderrHandler, logged, logged_as_environment_says

LOG = logging.getLogger("tavus_async")


def test_a_record_is_one_harmless_line(capsys: pytest.CaptureFixture[str]) -> None:
    level = LOG.level
    with logged("tavus_async", StderrHandler(), level=logging.DEBUG):
        LOG.debug("GET %s", "/a\x1b[2J\nb")

    assert capsys.readouterr().err == "GET /a [2J b\n"
    assert LOG.level == level
    assert not any(isinstance(handler, StderrHandler) for handler in LOG.handlers)


def test_the_handler_that_the_environment_asks_for_is_the_library_s_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TAVUS_LOG", "debug")
    with logged_as_environment_says():
        assert "TAVUS_LOG" in [handler.get_name() for handler in LOG.handlers]
        LOG.warning("\x1b[2J")

    assert "TAVUS_LOG" not in [handler.get_name() for handler in LOG.handlers]
    assert capsys.readouterr().err.endswith(" WARNING tavus_async [2J\n")
