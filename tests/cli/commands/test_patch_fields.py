"""`patch` and `edit` of what is changed by new values of its fields."""

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Run = Callable[..., Awaitable[Any]]


@pytest.fixture
def report(sandbox: Sandbox) -> str:
    return sandbox.add(
        {"document_name": "Report", "document_url": "https://x.example/a", "status": "ready", "tags": ["a"]},
        resource="documents",
    )


def stored(sandbox: Sandbox, item_id: str) -> dict[str, Any]:
    return dict(sandbox.stored(item_id, resource="documents"))


async def test_fields_get_new_values_and_the_others_stay(call: Run, sandbox: Sandbox, report: str) -> None:
    done = await call("documents", "patch", report, "document_name=New", 'tags=["x", "y"]')

    assert done == (0, "changed\n", "")
    after = stored(sandbox, report)
    assert (after["document_name"], after["tags"], after["status"]) == ("New", ["x", "y"], "ready")


@pytest.mark.parametrize(
    ("word", "name"), [("2026", "2026"), ("true", "true"), ('"5"', "5"), ("a=b", "a=b"), ("1e400", "1e400")]
)
async def test_what_a_field_of_text_gets_is_text(
    word: str, name: str, call: Run, sandbox: Sandbox, report: str
) -> None:
    done = await call("documents", "patch", report, f"document_name={word}")

    assert (done.code, done.err) == (0, "")
    assert stored(sandbox, report)["document_name"] == name


async def test_changes_come_as_objects_and_from_files_too(
    call: Run, sandbox: Sandbox, report: str, tmp_path: Path
) -> None:
    file = tmp_path / "changes.json"
    file.write_text('{"tags": ["f"]}', encoding="utf-8")
    done = await call("documents", "patch", report, '{"document_name": "J"}', f"@{file}")

    assert done.code == 0
    assert (stored(sandbox, report)["document_name"], stored(sandbox, report)["tags"]) == ("J", ["f"])


async def test_null_clears_a_field(call: Run, sandbox: Sandbox) -> None:
    voice = sandbox.add(
        {"voice_name": "Ann", "description": "warm", "status": "completed", "voice_type": "user"}, resource="voices"
    )
    done = await call("voices", "patch", voice, "description=null")

    assert done == (0, "changed\n", "")
    assert sandbox.stored(voice, resource="voices")["description"] is None


async def test_a_refusal_is_one_line(call: Run, sandbox: Sandbox, report: str) -> None:
    done = await call("documents", "patch", report, "status=ready")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["name"], "a change is FIELD=VALUE, or a JSON object, not 'name'"),
        (["=x"], "a change is FIELD=VALUE"),
        (["{oops"], "line 1, column 2"),
        (["@none.json"], "cannot read none.json"),
        (["tags=[1, 1e400]"], "tags: "),
        (["{}"], "there is no field to change"),
    ],
)
async def test_wrong_usage_is_one_line(words: list[str], reason: str, call: Run, sandbox: Sandbox) -> None:
    done = await call("documents", "patch", "d1", *words)

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert reason in done.err
    assert sandbox.stats().total == 0


async def test_an_edit_sends_the_fields_that_differ(
    call: Run, sandbox: Sandbox, report: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen, editor = tmp_path / "seen.json", tmp_path / "editor.py"
    editor.write_text(
        "import json, pathlib, sys\n"
        "path = pathlib.Path(sys.argv[1])\n"
        f"pathlib.Path({str(seen)!r}).write_text(path.read_text())\n"
        "path.write_text(json.dumps(json.loads(path.read_text()) | {'document_name': 'Edited'}))\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("VISUAL", f"{sys.executable} {editor}")
    done = await call("documents", "edit", report, "--yes")

    assert (done.code, done.out) == (0, "changed\n")
    assert done.err == '  replace /document_name\n    - "Report"\n    + "Edited"\n'
    assert stored(sandbox, report)["document_name"] == "Edited"
    assert set(json.loads(seen.read_text(encoding="utf-8"))) == {"document_name", "document_url", "tags"}


async def test_an_edit_of_a_deployment_is_refused_where_somebody_was_quicker(
    call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    draft = tmp_path / "draft.json"
    draft.write_text('{"persona_id": "p5317866", "channel": "widget", "name": "front"}', encoding="utf-8")
    item_id = (await call("deployments", "create", str(draft))).out.strip()
    editor = tmp_path / "editor.sh"
    editor.write_text('sed -i s/front/other/ "$1"\n', encoding="utf-8")
    monkeypatch.setenv("VISUAL", f"sh {editor}")
    done = await call("deployments", "edit", item_id, "--yes")
    assert (done.code, done.out) == (0, "changed\n")

    quicker = f"{sys.executable} -m tavus_async deployments patch {item_id} --replace /status active"
    editor.write_text(f'{quicker} >&2\nsed -i s/other/third/ "$1"\n', encoding="utf-8")
    done = await call("deployments", "edit", item_id, "--yes")

    assert (done.code, done.out) == (1, "")
    assert sandbox.stored(item_id, resource="deployments")["name"] == "other"


async def test_an_edit_of_a_guardrail_sends_whole_fields(
    call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    body = {"guardrail_name": "g", "guardrail_prompt": "p", "tool_call": {"name": "end", "parameters": {"a": 1}}}
    item_id = sandbox.add(body, resource="guardrails")
    editor = tmp_path / "editor.sh"
    editor.write_text('sed -i \'s/"a": 1/"a": 2/\' "$1"\n', encoding="utf-8")
    monkeypatch.setenv("VISUAL", f"sh {editor}")
    done = await call("guardrails", "edit", item_id, "--yes")

    assert (done.code, done.out) == (0, "changed\n"), done.err
    assert sandbox.stored(item_id, resource="guardrails")["tool_call"] == {"name": "end", "parameters": {"a": 2}}
