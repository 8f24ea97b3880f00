"""The examples in the help of every command: they fit a page, and work as they stand there."""

import asyncio
import json
import os
import re
import shlex
import shutil
import sys
import webbrowser
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tavus_async import AsyncSession
from tavus_async._bulk import polling
from tavus_async.cli.command import Command, Group
from tavus_async.cli.discovery import find_resources
from tavus_async.cli.main import parse
from tavus_async.cli.program import COMMANDS
from tavus_async.cli.resources import find_noun, own_verbs
from tavus_async.sandbox import Sandbox
from tests.cli.samples import DRAFTS, stored
from tests.support.streams import run_on

# A word that stands before each example, and its group.
ALL: list[tuple[str, Command]] = [
    (entry.name, command)
    for entry in COMMANDS
    for command in (entry.commands if isinstance(entry, Group) else (entry,))
]
# These run until somebody ends them.
LASTING = ("tavus-async sandbox", "tavus-async webhooks listen", "--wait")
FOR_A_SHELL = ("|", ">", "export ", "EDITOR=")


def is_told_elsewhere(group: str, command: Command, example: str) -> bool:
    """Return whether an example needs a shell, as that of the same command for personas does."""
    return group != "personas" and command.name not in own_verbs(group) and any(word in example for word in FOR_A_SHELL)


EXAMPLES = {
    example: group
    for group, command in ALL
    for example in command.examples
    if not is_told_elsewhere(group, command, example)
}

# Of which the examples have ids of their own; those of the others are replaced one by one.
RESOURCES = {resource.name for resource in find_resources()} - {"personas", "conversations"}


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """A sandbox that has an ended conversation too, and renders videos at once."""
    speed = 10_000 if "videos render" in request.node.name else 1
    monkeypatch.setattr(polling, "POLL_DELAY", 0.05)
    async with Sandbox(personas=20, conversations=1, speed=speed) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        yield sandbox


@pytest.fixture
async def ids(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """What the ids of the examples are here, beside all the files that they speak of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EDITOR", f"{sys.executable} -c pass")
    monkeypatch.setattr(webbrowser, "open", lambda _: True)
    for name in ("COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    draft = {
        "persona_name": "Ann",
        "system_prompt": "x",
        "greeting": "Hi",
        "layers": {"tts": {"tts_engine": "cartesia"}},
    }
    own, (ended,) = sandbox.add(draft), sandbox.conversation_ids
    async with AsyncSession(sandbox.api_key, base_url=sandbox.url) as session:
        running = (await session.create_conversation({"persona_id": "p5317866"})).conversation_id
    for noun, body in DRAFTS.items():
        Path(f"{find_noun(noun).one.replace('_', '-')}.json").write_text(json.dumps(body), encoding="utf-8")
    Path("urls.txt").write_text("https://example.com/a.pdf\n", encoding="utf-8")
    Path("drafts.jsonl").write_text(json.dumps(DRAFTS["videos"]), encoding="utf-8")
    Path("persona.json").write_text(json.dumps(draft), encoding="utf-8")
    Path("visit.json").write_text('{"persona_id": "p5317866"}', encoding="utf-8")
    Path("changes.json").write_text('[{"op": "replace", "path": "/greeting", "value": "Ho"}]', encoding="utf-8")
    program = tmp_path / "tavus-async"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tavus_async "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    return {"pb8bb42b": own, "c123456789abcdef": running, "ended": ended}


def here(example: str, ids: dict[str, str], sandbox: Sandbox) -> str:
    """Return an example with the ids of this sandbox."""
    group = EXAMPLES[example]
    if group in RESOURCES:
        noun = find_noun(group)
        Path("changes.json").write_text(json.dumps({noun.title_names[0]: "Bob"}), encoding="utf-8")
        return example.replace(noun.example, stored(sandbox, group)) if noun.example in example else example
    conversation = ids["ended"] if "transcript" in example else ids["c123456789abcdef"]
    persona = "p5317866"
    names = {"pb8bb42b": ids["pb8bb42b"], "c123456789abcdef": conversation, "p5317866": persona}
    many = conversation if "conversations" in example else f"{persona}\n{ids['pb8bb42b']}"
    Path("ids.txt").write_text(f"{many}\n", encoding="utf-8")
    if "--resume" in example or "--test" in example:
        Path("personas.jsonl").write_text("", encoding="utf-8")
    for name, item in names.items():
        example = example.replace(name, item)
    # As many as it takes to show that it works.
    return example.replace("\\\n", "").replace("--personas 500", "--personas 20")


def test_every_line_fits_a_terminal_of_80_columns() -> None:
    lines = [line for _, command in ALL for line in command.epilog.splitlines()]

    assert [line for line in lines if len(line) > 80] == []


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
@pytest.mark.parametrize("example", [each for each in EXAMPLES if not any(word in each for word in LASTING)])
async def test_an_example_works_as_it_stands(
    example: str, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    line = here(example, ids, sandbox)
    if any(word in example for word in FOR_A_SHELL):
        if "jq" in example and shutil.which("jq") is None:
            pytest.skip("it needs jq")
        shell = await asyncio.create_subprocess_exec("bash", "-c", f"set -o pipefail; {line}", stdout=PIPE, stderr=PIPE)
        out, err = await shell.communicate()
        assert (shell.returncode, b"tavus-async: " in err) == (0, False), err
        assert out or ">" in example or "export" in example
    else:
        done = await run_on("terminal", *shlex.split(line)[1:], monkeypatch=monkeypatch)
        assert done.code == 0, done.err
        assert "tavus-async: " not in done.err


@pytest.mark.parametrize("example", [each for each in EXAMPLES if any(word in each for word in LASTING)])
def test_an_example_that_lasts_is_one_that_the_command_takes(example: str) -> None:
    words = shlex.split(re.split("[|>]", example)[0].rstrip("& "))

    assert parse(words[1:]).run is not None
