"""The README's examples run, and its table of settings tells the truth."""

import asyncio
import re
import sys
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from aiohttp.test_utils import TestClient, TestServer

from tavus_async import AsyncSession, Pool, RateLimit, RetryPolicy, Timeouts, errors
from tavus_async.cli.commands import COMMANDS
from tavus_async.sandbox import Sandbox

README = Path(__file__).resolve().parents[2] / "README.md"
TEXT = README.read_text(encoding="utf-8")
BLOCKS: list[str] = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
PROGRAMS = [block for block in BLOCKS if "asyncio.run(" in block]
SETTINGS: dict[str, Any] = {kind.__name__: kind for kind in (Pool, RateLimit, RetryPolicy, Timeouts)}


def load(block: str) -> SimpleNamespace:
    """The names that a block defines."""
    names: dict[str, Any] = {"__name__": "readme"}
    exec(compile(block, str(README), "exec"), names)  # noqa: S102 (the README is ours)
    return SimpleNamespace(**names)


def block_with(text: str) -> str:
    return next(block for block in BLOCKS if text in block)


async def test_the_programs_run_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Sandbox(personas=5) as sandbox:
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        ends = await asyncio.gather(*map(run_program, PROGRAMS))

    assert [(code, errors) for code, _, errors in ends] == [(0, "") for _ in PROGRAMS]
    assert all(output.strip() for _, output, _ in ends)


async def run_program(block: str) -> tuple[int | None, str, str]:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", block, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await program.communicate()
    return program.returncode, output.decode(), errors.decode()


async def test_the_app_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Sandbox(personas=5) as sandbox:
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        async with TestClient(TestServer(load(block_with("cleanup_ctx")).app)) as client:
            answer = await client.get(f"/greeting/{sandbox.persona_ids[0]}")

            assert answer.status == 200
            assert await answer.text()


async def test_the_bot_introduces_whom_it_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Sandbox(personas=5) as sandbox:
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        bot = load(block_with("class Bot")).Bot()

        assert await bot.introduce("nobody") == "Nobody of that name."
        assert await bot.introduce(sandbox.persona_ids[0]) not in {"", "Nobody of that name."}
        await bot.close()


def test_every_block_is_tried() -> None:
    assert len(PROGRAMS) + 2 == len(BLOCKS)


def test_the_settings_have_the_defaults_that_the_table_tells() -> None:
    rows = [row for row in TEXT.splitlines() if re.match(r"\| `[A-Z]\w+\.\w+`", row)]
    told: dict[str, str] = {}
    for row in rows:
        names, defaults = row.split("|")[1:3]
        kind = ""
        for name, default in zip(names.split(","), defaults.split(","), strict=True):
            dotted = name.strip().strip("`")
            kind = dotted.split(".")[0] or kind
            told[f"{kind}.{dotted.split('.')[1]}"] = default.strip().strip("`")
    defaults_of = {kind: {field.name: field.default for field in attrs.fields(SETTINGS[kind])} for kind in SETTINGS}
    # What the session itself takes where nothing is given.
    defaults_of["RateLimit"]["per_second"] = 10.0

    assert told == {
        f"{kind}.{field}": f"{value:g}" if type(value) is float else str(value)
        for kind, fields in defaults_of.items()
        for field, value in fields.items()
    }


def test_the_table_has_every_argument_of_the_session() -> None:
    every = signature(AsyncSession).parameters
    arguments = {name: each for name, each in every.items() if each.kind is not each.VAR_KEYWORD}
    records = {name for name, argument in arguments.items() if type(argument.default).__name__ in SETTINGS}
    others = set(re.findall(r"`(\w+)=`", TEXT)) | set(re.findall(r"`AsyncSession\((\w+)\)`", TEXT))

    assert others - {"timeout"} == set(arguments) - records


def test_every_kind_of_error_has_its_advice() -> None:
    named = {name for row in TEXT.splitlines() if row.startswith("| `") for name in re.findall(r"`(\w+Error)`", row)}
    kinds = {name for name in errors.__all__ if not getattr(errors, name).__subclasses__()}

    assert kinds <= named <= set(errors.__all__)


def test_the_pages_make_targets_and_commands_that_it_names_exist() -> None:
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"`make (\w+)`", TEXT)
    commands = set(re.findall(r"`tavus-async (\w+)", TEXT))

    assert targets
    assert all(f"\n{target}:" in makefile for target in targets)
    assert commands
    assert commands <= {command.name for command in COMMANDS}
    assert all((README.parent / page).is_file() for page in re.findall(r"\]\((?!http)(.+?)\)", TEXT))


def test_code_comes_early_and_the_whole_is_short() -> None:
    lines = TEXT.splitlines()

    assert lines.index("```python") < 20
    assert len(lines) < 175
