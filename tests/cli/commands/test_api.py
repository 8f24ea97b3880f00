"""`tavus-async api`, against a sandbox."""

import io
import json
import sys
from argparse import ArgumentTypeError
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_async.cli.commands.api import pair, path
from tavus_async.cli.screen import output
from tavus_async.sandbox import Answer, Sandbox

Run = Callable[..., Awaitable[Any]]
STOCK = "p5317866"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_displayed", lambda: True)
    monkeypatch.setattr(output, "is_watched", lambda: True)


async def test_an_answer_is_printed_whole_on_one_line(call: Run, sandbox: Sandbox) -> None:
    stored = sandbox.add({"persona_name": "Ann", "layers": {"llm": {"headers": {"X-Auth": "in the clear"}}}})
    done = await call("api", "GET", f"/v2/personas/{stored}")

    assert (done.code, done.err, done.out.count("\n")) == (0, "", 1)
    assert json.loads(done.out)["layers"]["llm"]["headers"] == {"X-Auth": "in the clear"}


async def test_a_terminal_gets_it_indented_and_without_secrets(call: Run, sandbox: Sandbox, terminal: None) -> None:
    stored = sandbox.add({"persona_name": "Ann\x9b2J", "layers": {"llm": {"model": "m", "headers": {"X": "hush"}}}})
    done = await call("api", "GET", f"/v2/personas/{stored}")

    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["layers"]["llm"] == {"model": "m", "headers": "***"}
    assert json.loads(done.out)["persona_name"] == "Ann\x9b2J"
    assert done.out.startswith("{\n  ")
    assert "hush" not in done.out
    assert "\x9b" not in done.out


@pytest.mark.parametrize("address", ["/v2/personas", "v2/personas", "/v2/personas?limit=2"])
async def test_a_query_stands_in_the_path_or_in_options(address: str, call: Run, sandbox: Sandbox) -> None:
    more = [] if "?" in address else ["--query", "limit=2"]
    done = await call("api", "get", address, *more, "--query", "page=2")

    assert done.code == 0
    assert [each["persona_id"] for each in json.loads(done.out)["data"]] == list(sandbox.persona_ids[2:4])


async def test_the_body_comes_from_the_command_line_a_file_or_stdin(
    call: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps({"persona_name": "Ann", "system_prompt": "x"})
    (tmp_path / "ann.json").write_text(body, encoding="utf-8")
    for data in (body, f"@{tmp_path / 'ann.json'}", "-", "@-"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body.encode())))
        done = await call("api", "POST", "/v2/personas", "--data", data)

        assert (done.code, done.err) == (0, "")
        assert sandbox.stored(json.loads(done.out)["persona_id"])["persona_name"] == "Ann"


async def test_an_empty_answer_prints_nothing_and_tells_a_person(
    call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sandbox.persona_ids[-2:]
    done = await call("api", "DELETE", f"/v2/personas/{first}")
    monkeypatch.setattr(output, "is_watched", lambda: True)
    told = await call("api", "DELETE", f"/v2/personas/{second}")

    assert done == (0, "", "")
    assert told == (0, "", "done; the answer is empty\n")
    assert not {first, second} & set(sandbox.persona_ids)


async def test_an_error_status_is_one_line(call: Run, sandbox: Sandbox) -> None:
    done = await call("api", "GET", "/v2/personas/p-none")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "400: Invalid persona_id" in done.err


async def test_an_answer_that_is_not_json_is_one_line(call: Run, sandbox: Sandbox) -> None:
    sandbox.script([Answer(body=b"<html>\x1b[2J")])
    done = await call("api", "GET", f"/v2/personas/{STOCK}")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "\x1b" not in done.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
@pytest.mark.parametrize(
    ("words", "told"),
    [("GET /v2/personas/p5317866", 1), ('POST /v2/conversations --data {"persona_id":"p5317866"}', 2)],
)
async def test_an_answer_that_cannot_be_printed_is_told_where_something_was_changed(
    words: str, told: int, call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        done = await call("api", *words.split())

    assert (done.code, done.err.count("\n")) == (1, told)
    assert done.err.endswith("tavus-async: cannot write to stdout: No space left on device\n")
    assert all(conversation_id in done.err for conversation_id in sandbox.conversation_ids)


async def test_a_post_whose_answer_was_lost_is_not_repeated(call: Run, sandbox: Sandbox) -> None:
    sandbox.script(["reset"])
    done = await call("api", "POST", "/v2/personas", "--data", '{"system_prompt": "x"}')

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "may have happened" in done.err
    assert sandbox.stats().total == 1


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "required"),
        (["GET"], "required"),
        (["FETCH", "/v2/personas"], "METHOD: must be GET, POST, PUT, PATCH or DELETE, not 'FETCH'"),
        (["GET", "https://tavusapi.com/v2/personas"], "must be a path such as /v2/videos; --base-url takes"),
        (["GET", "/v2/personas", "--query", "limit"], "must be NAME=VALUE, not 'limit'"),
        (["GET", "/v2/personas", "--data", "{}"], "a GET takes no --data: --query gives it parameters"),
        (["POST", "/v2/personas", "--data", "{"], "--data is not JSON: "),
        (["POST", "/v2/personas", "--data", "@none.json"], "cannot read none.json: No such file"),
        (["POST", "/v2/personas", "--data", "-", "--api-key-file", "-"], "stdin cannot give both"),
        (["GET", "/v2/personas", "--method", "GET"], "unknown option: --method (see tavus-async api --help)"),
    ],
)
async def test_wrong_usage_is_one_line_that_says_what_to_do(
    args: list[str], reason: str, call: Run, sandbox: Sandbox
) -> None:
    done = await call("api", *args)

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert reason in done.err
    assert sandbox.stats().total == 0


def test_a_path_begins_with_a_slash() -> None:
    assert path("v2/x") == path("/v2/x") == "/v2/x"
    with pytest.raises(ArgumentTypeError):
        path("http://x/v2")


def test_a_value_may_hold_equals_signs_and_nothing() -> None:
    assert pair("a=b=c") == ("a", "b=c")
    assert pair("a=") == ("a", "")
    with pytest.raises(ArgumentTypeError):
        pair("=a")
