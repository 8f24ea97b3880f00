"""`tavus-async demo`."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async import RateLimit
from tavus_async.cli import main
from tavus_async.cli.commands import demo
from tavus_async.sandbox import Faults, Sandbox

Program = Callable[..., Awaitable[Any]]


async def test_it_fetches_everything_and_sums_up(call: Program) -> None:
    done = await call("demo", "--personas", "40")

    assert (done.code, done.err) == (0, "")
    assert re.search(r"^40 of 40 personas fetched in \d+\.\d s$", done.out, re.MULTILINE)
    assert "429s waited out" in done.out
    assert "Field Researcher  p5317866" in done.out


def calm(personas: int) -> Sandbox:
    return Sandbox(personas=personas)


def broken(personas: int) -> Sandbox:
    return Sandbox(personas=personas, faults=Faults(error=1, error_statuses=501))


def test_its_figures_are_those_of_the_session_and_the_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = Sandbox(personas=10, rate_limit=RateLimit(1, burst=9), retry_after="exact")
    sandbox.script([500])
    monkeypatch.setattr(demo, "make_sandbox", lambda _personas: sandbox)

    assert main(["demo", "--personas", "10"]) == 0

    shown = dict(re.findall(r"^  ([a-z0-9 ]+?)  +(.*\S)", capsys.readouterr().out, re.MULTILINE))
    seen = sandbox.stats()
    assert seen.rate_limited > 0
    assert shown["requests sent"].startswith(f"{seen.total}, ")
    assert shown["429s waited out"] == str(seen.rate_limited)
    assert shown["retries"] == str(seen.total - 10)
    assert shown["faults met"] == "1 error"


def test_a_persona_that_was_not_fetched_is_exit_code_1_and_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "make_sandbox", broken)

    assert main(["demo", "--personas", "5"]) == 1

    out, err = capsys.readouterr()
    assert "0 of 5 personas fetched" in out
    assert err.startswith("tavus-async: 5 of 5 personas were not fetched; the first, p5317866: GET ")
    assert err.count("\n") == 1


def test_it_meets_no_faults_where_there_are_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "make_sandbox", calm)

    assert main(["demo", "--personas", "2"]) == 0
    assert re.search(r"faults met +none", capsys.readouterr().out)


def test_its_session_is_told_more_than_its_server_admits() -> None:
    assert demo.CONFIGURED.per_second > demo.ADMITTED.per_second
    assert demo.make_sandbox(1).rate_limit == demo.ADMITTED
