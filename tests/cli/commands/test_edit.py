"""`tavus-async personas edit`, against a sandbox, with an editor that is a program."""

import json
import shlex
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Run = Callable[..., Awaitable[Any]]
Type = Callable[[str], None]
Edit = Callable[..., None]

# Runs the next of the given pieces of code, in which *persona* is the document and *file* its file.
EDITOR = """
import json, pathlib, sys
steps, file = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
step, *rest = json.loads(steps.read_text())
steps.write_text(json.dumps(rest))
text = file.read_text()
if text.endswith("}\\n"):
    persona = json.loads(text)
    exec(step)
    file.write_text(json.dumps(persona, indent=2) + chr(10) if step.startswith("persona") else file.read_text())
else:
    exec(step)
"""


@pytest.fixture
def edits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Sets an editor that does one of these each time that it is opened."""
    (tmp_path / "editor.py").write_text(EDITOR, encoding="utf-8")
    (tmp_path / "texts").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "texts"))

    def set_up(*steps: str) -> None:
        (tmp_path / "steps").write_text(json.dumps(steps), encoding="utf-8")
        words = [sys.executable, str(tmp_path / "editor.py"), str(tmp_path / "steps")]
        monkeypatch.setenv("VISUAL", shlex.join(words))

    return set_up


@pytest.fixture
def ann(sandbox: Sandbox) -> str:
    layers = {"llm": {"model": "m", "api_key": "sk-very-secret-1234"}}
    return sandbox.add({"persona_name": "Ann", "system_prompt": "x", "greeting": "Hi", "layers": layers})


def kept(tmp_path: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in (tmp_path / "texts").rglob("*.json")]


async def test_the_smallest_patch_is_shown_asked_for_and_sent(
    call: Run, sandbox: Sandbox, ann: str, edits: Edit, typed: Type, tmp_path: Path
) -> None:
    edits("persona['greeting'] = 'Hello'; persona['context'] = 'At work'")
    typed("y\n")
    before = sandbox.stored(ann)
    done = await call("personas", "edit", ann)

    assert (done.code, done.out) == (0, "changed\n")
    assert done.err.splitlines() == [
        "  replace /greeting",
        '    - "Hi"',
        '    + "Hello"',
        "  add /context",
        '    + "At work"',
        f'Send this to "Ann" ({ann})? [y/N/edit] ',
    ]
    after = sandbox.stored(ann)
    assert after.pop("updated_at") != before.pop("updated_at", None)
    assert after == before | {"greeting": "Hello", "context": "At work"}
    assert kept(tmp_path) == []


async def test_what_the_server_sets_is_not_there_to_be_edited(
    call: Run, sandbox: Sandbox, edits: Edit, tmp_path: Path
) -> None:
    edits(f"pathlib.Path({str(tmp_path / 'seen')!r}).write_text(text)")
    done = await call("personas", "edit", sandbox.persona_ids[0], "--yes")

    assert done == (0, "unchanged\n", "")
    seen = json.loads((tmp_path / "seen").read_text(encoding="utf-8"))
    assert "persona_name" in seen
    assert not {"persona_id", "created_at", "updated_at"} & set(seen)
    assert sandbox.stats().requests == {"get_persona": 1}


async def test_a_no_keeps_the_text(
    call: Run, sandbox: Sandbox, ann: str, edits: Edit, typed: Type, tmp_path: Path
) -> None:
    edits("persona['greeting'] = 'Hello'")
    typed("n\n")
    done = await call("personas", "edit", ann)

    assert (done.code, done.out) == (1, "")
    assert "your text is kept in " in done.err
    assert '"Hello"' in kept(tmp_path)[0]
    assert sandbox.stored(ann)["greeting"] == "Hi"


async def test_one_may_edit_again_before_it_is_sent(
    call: Run, sandbox: Sandbox, ann: str, edits: Edit, typed: Type
) -> None:
    edits("persona['greeting'] = 'Hello'", "persona['greeting'] += '!'")
    typed("edit\ny\n")
    done = await call("personas", "edit", ann)

    assert (done.code, done.out) == (0, "changed\n")
    assert sandbox.stored(ann)["greeting"] == "Hello!"


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("file.write_text(text.replace('Hi', 'Hello')[:-3])", "line 10, column "),
        ("persona['persona_id'] = 'p2'", "only the server sets persona_id"),
        ("persona['layers']['tts'] = {'api_key': '********1234'}", "layers.tts.api_key"),
        ("persona['layers']['llm']['api_key'] += 'x'", "layers.llm.api_key"),
        ("persona['pipeline_mode'] = 'mime'", "pipeline_mode must be one of"),
        ("persona.update(greeting=float('nan'))", "NaN is not JSON"),
    ],
)
async def test_a_slip_opens_the_editor_again_or_keeps_the_text(
    step: str, reason: str, call: Run, sandbox: Sandbox, ann: str, edits: Edit, typed: Type, tmp_path: Path
) -> None:
    right = 'file.write_text(\'{"persona_name": "Bob", "system_prompt": "x", "layers": {}}\')'
    edits(step, right)
    sends = "must be one of" in reason
    typed("y\nY\ny\n" if sends else "Y\ny\n")
    done = await call("personas", "edit", ann)
    assert (done.code, done.out) == (0, "changed\n")
    assert reason in done.err
    assert "Edit again? [Y/n] " in done.err
    assert sandbox.stored(ann)["persona_name"] == "Bob"
    assert kept(tmp_path) == []


async def test_a_slip_that_is_not_cured_keeps_the_text(
    call: Run, sandbox: Sandbox, ann: str, edits: Edit, typed: Type, tmp_path: Path
) -> None:
    edits("file.write_text('{oops')")
    typed("n\n")
    done = await call("personas", "edit", ann)
    assert (done.code, done.out) == (1, "")
    assert kept(tmp_path) == ["{oops"]

    edits("file.write_text('{oops again')")
    done = await call("personas", "edit", ann, "--yes")
    assert (done.code, done.out) == (1, "")
    assert "line 1, column 2" in done.err
    assert sorted(kept(tmp_path)) == ["{oops", "{oops again"]


async def test_an_answer_that_is_lost_keeps_the_text(
    call: Run, sandbox: Sandbox, ann: str, edits: Edit, tmp_path: Path
) -> None:
    sandbox.script(["ok", "reset"])
    edits("persona['greeting'] = 'Hello'")
    done = await call("personas", "edit", ann, "--yes")

    assert (done.code, done.out) == (1, "")
    assert "may have happened" in done.err
    assert '"Hello"' in kept(tmp_path)[0]


async def test_a_new_secret_is_sent_and_not_shown(call: Run, sandbox: Sandbox, ann: str, edits: Edit) -> None:
    edits("persona['layers']['llm']['api_key'] = 'brand-new'")
    done = await call("personas", "edit", ann, "--yes")

    assert (done.code, done.out) == (0, "changed\n")
    assert done.err == "  replace /layers/llm/api_key\n    - ***\n    + ***\n"
    assert sandbox.stored(ann)["layers"] == {"llm": {"model": "m", "api_key": "brand-new"}}


async def test_what_pal_maker_holds_is_not_lost_unasked(
    call: Run, sandbox: Sandbox, ann: str, edits: Edit, typed: Type, tmp_path: Path
) -> None:
    sandbox.open_maker_draft(ann)
    edits(*["persona['greeting'] = 'Hello'"] * 3)
    done = await call("personas", "edit", ann, "--yes")
    assert (done.code, done.out) == (1, "")
    assert "--force would discard them" in done.err
    assert len(kept(tmp_path)) == 1

    typed("y\nn\n")
    done = await call("personas", "edit", ann)
    assert (done.code, done.out) == (1, "")
    assert f'"Ann" ({ann}): discard unpublished changes in PAL Maker? [y/N] ' in done.err
    assert sandbox.stored(ann)["greeting"] == "Hi"

    typed("y\ny\n")
    done = await call("personas", "edit", ann)
    assert (done.code, done.out) == (0, "changed\n")
    assert sandbox.stored(ann)["greeting"] == "Hello"


@pytest.mark.parametrize("args", [[], ["p1"], ["p1", "p2", "--yes"]])
async def test_wrong_usage_is_one_line(call: Run, sandbox: Sandbox, args: list[str]) -> None:
    done = await call("personas", "edit", *args)

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert sandbox.stats().total == 0
