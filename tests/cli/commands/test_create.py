"""`tavus-async personas create`, against a sandbox."""

import io
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Run = Callable[..., Awaitable[Any]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "persona.json"


def put(file: Path, document: Any) -> str:
    file.write_text(json.dumps(document), encoding="utf-8")
    return str(file)


async def test_a_file_becomes_a_persona_and_its_id_is_printed(call: Run, sandbox: Sandbox, file: Path) -> None:
    document = {"persona_name": "Ann", "system_prompt": "Be kind.", "layers": {"llm": {"api_key": "mine"}}}
    done = await call("personas", "create", put(file, document))

    assert (done.code, done.err) == (0, "")
    stored = sandbox.stored(done.out.strip())
    assert {name: stored[name] for name in document} == document


async def test_stdin_becomes_a_persona_too_under_the_names_of_pals(
    call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"pal_name": "Zoë", "system_prompt": "x", "default_face_id": "r1"}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(document, ensure_ascii=False).encode())))
    done = await call("personas", "create", "-")

    assert (done.code, done.err) == (0, "")
    stored = sandbox.stored(done.out.strip())
    assert (stored["persona_name"], stored["default_replica_id"]) == ("Zoë", "r1")


async def test_what_get_prints_becomes_another_persona(call: Run, sandbox: Sandbox, file: Path) -> None:
    keyed = {"persona_name": "Keeper", "system_prompt": "x", "layers": {"llm": {"api_key": "sk-very-secret-1234"}}}
    first = sandbox.add(keyed | {"created_at": "2026-01-01T00:00:00Z"})
    file.write_text((await call("personas", "get", first)).out, encoding="utf-8")
    done = await call("personas", "create", str(file))

    assert done.code == 0
    expected = "left out, since the server sets or masks it: persona_id, created_at, layers.llm.api_key\n"
    assert done.err == expected
    second = done.out.strip()
    assert second != first
    assert sandbox.stored(second)["persona_name"] == "Keeper"
    assert sandbox.stored(second)["layers"] == {"llm": {}}


async def test_each_unknown_field_is_a_line_with_the_nearest_known_name(
    call: Run, sandbox: Sandbox, file: Path
) -> None:
    document = {"system_prompt": "x", "layers": {"llm": {"modle": "m"}}, "zzz": 1}
    done = await call("personas", "create", put(file, document))

    assert done.code == 0
    assert sorted(done.err.splitlines()) == [
        "sent, though it is unknown: layers.llm.modle; did you mean model?",
        "sent, though it is unknown: zzz",
    ]
    assert sandbox.stored(done.out.strip())["layers"] == {"llm": {"modle": "m"}}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"persona_name": "Ann"}, "needs a system_prompt"),
        ({"system_prompt": 5}, "wrong type: system_prompt"),
        (["not", "one"], "it is not a JSON object"),
    ],
)
async def test_what_cannot_be_a_persona_is_refused_before_anything_is_sent(
    document: Any, reason: str, call: Run, sandbox: Sandbox, file: Path
) -> None:
    done = await call("personas", "create", put(file, document))

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"tavus-async: {file}: ")
    assert reason in done.err
    assert done.err.count("\n") == 1
    assert sandbox.stats().total == 0


async def test_a_missing_key_is_not_blamed_on_the_file(
    call: Run, sandbox: Sandbox, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TAVUS_API_KEY")
    done = await call("personas", "create", put(file, {"persona_name": "Ann", "system_prompt": "x"}))

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("tavus-async: no API key: ")


async def test_a_lost_answer_is_not_repeated_and_says_where_to_look(call: Run, sandbox: Sandbox, file: Path) -> None:
    sandbox.script(["reset"])
    done = await call("personas", "create", put(file, {"persona_name": "Ann", "system_prompt": "x"}))

    assert (done.code, done.out) == (1, "")
    assert "may have happened" in done.err
    assert done.err.endswith("before you try again, look: tavus-async personas list --type user\n")
    assert sandbox.stats().total == 1


async def test_a_refusal_of_the_server_is_one_line(call: Run, sandbox: Sandbox, file: Path) -> None:
    done = await call("personas", "create", put(file, {"pipeline_mode": "mime", "system_prompt": "x"}))

    assert (done.code, done.out) == (1, "")
    assert "pipeline_mode must be one of" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("args", [[], ["none.json"], ["a.json", "b.json"], ["-", "--api-key-file", "-"]])
async def test_wrong_usage_is_one_line(call: Run, sandbox: Sandbox, args: list[str]) -> None:
    done = await call("personas", "create", *args)

    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
