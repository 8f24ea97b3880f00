"""`tavus-async personas patch`, against a sandbox."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Run = Callable[..., Awaitable[Any]]
Type = Callable[[str], None]


@pytest.fixture
def ann(sandbox: Sandbox) -> str:
    return sandbox.add({"persona_name": "Ann", "system_prompt": "x", "greeting": "Hi", "languages": ["en"]})


async def test_operations_are_carried_out_in_their_order(call: Run, sandbox: Sandbox, ann: str) -> None:
    done = await call(
        *("personas", "patch", ann, "--test", "/greeting", "Hi", "--add", "/context", "5"),
        *("--replace", "/context", '"5"', "--copy", "/greeting", "/verbal_disclosure"),
        *("--move", "/context", "/visual_disclosure", "--add", "/languages/-", "fr", "--replace", "/greeting", "Hello"),
    )

    assert done == (0, "changed\n", "")
    stored = sandbox.stored(ann)
    assert (stored["greeting"], stored["verbal_disclosure"], stored["visual_disclosure"]) == ("Hello", "Hi", "5")
    assert stored["languages"] == ["en", "fr"]
    assert "context" not in stored


async def test_what_changes_nothing_is_said_to(call: Run, sandbox: Sandbox, ann: str) -> None:
    assert await call("personas", "patch", ann, "--replace", "/greeting", "Hi") == (0, "unchanged\n", "")


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("5", 5),
        ('"5"', "5"),
        ("true", True),
        ("null", None),
        ('{"a": [1]}', {"a": [1]}),
        ("Hello, you", "Hello, you"),
        ("NaN", "NaN"),
        ("", ""),
        ("-5", -5),
        ('{"a": 1,}', '{"a": 1,}'),
    ],
)
async def test_a_value_is_json_or_else_a_text(word: str, value: Any, call: Run, sandbox: Sandbox, ann: str) -> None:
    done = await call("personas", "patch", ann, "--add", "/skills", word)

    assert done.code == 0
    assert sandbox.stored(ann)["skills"] == value


async def test_what_removes_something_asks_by_name(call: Run, sandbox: Sandbox, ann: str, typed: Type) -> None:
    typed("n\n")
    done = await call("personas", "patch", ann, "--remove", "/greeting", "--replace", "/persona_name", "Bob")
    assert (done.code, done.out) == (1, "")
    assert done.err == f'"Ann" ({ann}): remove /greeting? [y/N] tavus-async: nothing was changed\n'
    assert sandbox.stored(ann)["greeting"] == "Hi"

    typed("y\n")
    done = await call("personas", "patch", ann, "--remove", "/greeting")
    assert (done.code, done.out) == (0, "changed\n")
    assert "greeting" not in sandbox.stored(ann)


async def test_where_nobody_can_answer_it_takes_a_yes(call: Run, sandbox: Sandbox, ann: str) -> None:
    for loss in (["--remove", "/greeting"], ["--replace", "/greeting", "Yo", "--force"]):
        done = await call("personas", "patch", ann, *loss)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert "--yes" in done.err
    assert sandbox.stats().total == 0

    assert await call("personas", "patch", ann, "--remove", "/greeting", "--yes") == (0, "changed\n", "")
    assert sandbox.stats().total == 1


async def test_a_draft_of_pal_maker_is_not_lost_unasked(call: Run, sandbox: Sandbox, ann: str, typed: Type) -> None:
    sandbox.open_maker_draft(ann)
    done = await call("personas", "patch", ann, "--replace", "/greeting", "Yo")

    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert "PAL Maker holds unpublished changes; --force would discard them" in done.err

    typed("y\n")
    done = await call("personas", "patch", ann, "--replace", "/greeting", "Yo", "--force")
    assert (done.code, done.out) == (0, "changed\n")
    assert f'"Ann" ({ann}): discard unpublished changes in PAL Maker? [y/N] ' in done.err
    assert sandbox.stored(ann)["greeting"] == "Yo"


async def test_a_refusal_is_one_line(call: Run, sandbox: Sandbox, ann: str) -> None:
    done = await call("personas", "patch", ann, "--test", "/greeting", "Hello", "--replace", "/greeting", "Yo")

    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert "400" in done.err
    assert json.dumps(sandbox.stored(ann)["greeting"]) == '"Hi"'


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "ID"),
        (["p1"], "no operation: give at least one of --replace"),
        (["p1", "--replace", "greeting", "Hi"], "--replace: a path must be a JSON Pointer"),
        (["p1", "--move", "/a", "b"], "--move: a path must be a JSON Pointer"),
        (["p1", "--remove", "a", "--yes"], "--remove: a path must be"),
        (["p1", "--replace", "/greeting"], "expected 2 arguments"),
        (["..", "--add", "/a", "1"], "the id contains a dot segment"),
    ],
)
async def test_wrong_usage_is_one_line(call: Run, sandbox: Sandbox, args: list[str], reason: str) -> None:
    done = await call("personas", "patch", *args)

    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert reason in done.err
    assert sandbox.stats().total == 0


@pytest.mark.parametrize(
    "value", ["1e400", "[-1e999]", '{"a": 1, "a": 2}', "[" * 300 + "]" * 300, "[NaN]", "9" * 5_000]
)
async def test_a_value_that_json_has_and_nobody_can_send_is_wrong_usage_and_no_text(
    value: str, call: Run, sandbox: Sandbox
) -> None:
    done = await call("personas", "patch", "p5317866", "--add", "/greeting", value)

    assert (done.code, done.out, sandbox.stats().total) == (2, "", 0)
    assert done.err.startswith("tavus-async: --add: ")
    assert len(done.err) < 200
