"""The README tells the truth: its examples run, its tables are complete, its commands exist."""

import ast
import asyncio
import re
import shlex
import subprocess
import sys
import textwrap
import types
from collections.abc import AsyncIterator
from inspect import CO_COROUTINE, signature
from pathlib import Path
from typing import Any, Final

import aiohttp
import attrs
import pytest
from aiohttp import web

import tavus_async
from tavus_async import AsyncSession, Persona, Pool, RateLimit, RetryPolicy, TavusError, Timeouts, errors
from tavus_async.sandbox import Sandbox

ROOT: Final = Path(__file__).resolve().parent.parent
TEXT: Final = (ROOT / "README.md").read_text(encoding="utf-8")
RECORDS: Final = {"RateLimit": RateLimit, "RetryPolicy": RetryPolicy, "Timeouts": Timeouts, "Pool": Pool}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)^## ", TEXT, re.DOTALL | re.MULTILINE)
    lines = [line.strip("| ") for line in section.splitlines() if line.startswith("|")]
    return [re.split(r"\s*\|\s*", line) for line in lines[2:]]


def block_with(text: str) -> str:
    (block,) = [block for block in blocks("python") if text in block]
    return block


@pytest.fixture(autouse=True)
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    """The server that the environment names while the examples run."""
    async with Sandbox(personas=6, api_key="of-the-reader") as sandbox:
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        yield sandbox


@pytest.fixture(autouse=True)
def _discord(monkeypatch: pytest.MonkeyPatch) -> None:
    """As much of discord.py as the example touches."""

    class Bot:
        is_closed = False

        async def close(self) -> None:
            self.is_closed = True

    commands = types.ModuleType("discord.ext.commands")
    vars(commands)["Bot"] = Bot
    ext = types.ModuleType("discord.ext")
    vars(ext)["commands"] = commands
    for module in (types.ModuleType("discord"), ext, commands):
        monkeypatch.setitem(sys.modules, module.__name__, module)


async def run(block: str) -> dict[str, Any]:
    """Runs a block, in a thread so that it may bring its own event loop, and returns its names."""
    # The first example imports AsyncSession; the others go on from there.
    names: dict[str, Any] = {"__name__": "__main__", "AsyncSession": AsyncSession}
    code = compile(block, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    def execute() -> None:
        result = eval(code, names)  # noqa: S307
        if code.co_flags & CO_COROUTINE:
            asyncio.run(result)

    await asyncio.to_thread(execute)
    return names


@pytest.mark.parametrize("block", blocks("python"), ids=range(len(blocks("python"))))
async def test_every_example_runs(block: str) -> None:
    assert "__builtins__" in await run(block)


async def test_the_first_example_prints_a_persona(capsys: pytest.CaptureFixture[str]) -> None:
    await run(blocks("python")[0])

    async with AsyncSession() as session:
        persona = await session.get_persona("p5317866")
    assert capsys.readouterr().out == f"{persona.persona_name} {persona.layers.llm.model}\n"


async def test_the_bulk_example_gets_every_persona(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    names = await run(block_with("iter_personas"))

    assert [persona.persona_id for persona in names["personas"]] == list(sandbox.persona_ids)
    printed = [line.partition(" ")[0] for line in capsys.readouterr().out.splitlines() if line.startswith("p")]
    assert sorted(printed) == sorted(sandbox.persona_ids)


async def test_the_app_answers_and_closes_its_session(sandbox: Sandbox) -> None:
    names = await run(block_with("web.Application"))
    app: web.Application = names["app"]
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/personas/p5317866"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        body = await answer.json()
    await runner.cleanup()

    assert body == {"name": sandbox.stored("p5317866")["persona_name"]}
    assert repr(app[names["SESSION"]]).endswith("(closed)>")


async def test_the_bot_has_a_session_until_it_closes() -> None:
    bot = (await run(block_with("discord")))["Bot"]()
    await bot.setup_hook()
    assert isinstance(await bot.tavus.get_persona("p5317866"), Persona)
    await bot.close()

    assert repr(bot.tavus).endswith("(closed)>")
    assert bot.is_closed


async def test_the_sandbox_example_prints_a_persona(capsys: pytest.CaptureFixture[str]) -> None:
    await run(block_with("Sandbox("))

    assert "Persona(persona_id='p5317866'" in capsys.readouterr().out


def test_code_comes_early_and_the_whole_is_short() -> None:
    lines = TEXT.splitlines()

    assert next(number for number, line in enumerate(lines, 1) if "await session.get_persona" in line) <= 20
    assert len(lines) < 130


def settings() -> list[tuple[str, str, Any]]:
    """Record, name and default of every setting in the table."""
    found: list[tuple[str, str, Any]] = []
    for cell, *_ in rows("Settings"):
        call = ast.parse(cell.strip("`"), mode="eval").body
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Name)
        for keyword in call.keywords:
            is_set = ast.unparse(keyword.value) == "frozenset()"
            default = frozenset() if is_set else ast.literal_eval(keyword.value)
            found.append((call.func.id, str(keyword.arg), default))
    return found


def test_the_table_of_settings_is_complete_and_names_the_real_defaults() -> None:
    parameters = signature(AsyncSession).parameters
    values = {name: parameter.default for name, parameter in parameters.items()}
    records = [value for value in values.values() if type(value) in RECORDS.values()]
    real = [("AsyncSession", name, value) for name, value in values.items() if value not in records]
    real += [
        (type(record).__name__, field.name, getattr(record, field.name))
        for record in records
        for field in attrs.fields(type(record))
    ]

    assert len(records) == len(RECORDS)
    assert {(kind, name): default for kind, name, default in settings()} == {
        (kind, name): default for kind, name, default in real
    }


def test_no_setting_is_in_the_table_twice() -> None:
    names = [(kind, name) for kind, name, _ in settings()]

    assert len(names) == len(set(names))


def test_the_table_of_errors_is_complete() -> None:
    named = {name for cell, *_ in rows("Errors") for name in re.findall(r"`(\w+)`", cell)}
    kinds = {name: value for name, value in vars(errors).items() if name in errors.__all__}
    leaves = {name for name, kind in kinds.items() if not kind.__subclasses__()}

    assert all(issubclass(kind, TavusError) for kind in kinds.values())
    assert named == leaves


def test_every_name_of_ours_exists() -> None:
    imported = re.findall(r"^from (tavus_async[\w.]*) import (.+)$", TEXT, re.MULTILINE)

    assert imported
    for module, names in imported:
        for name in names.split(", "):
            assert hasattr(sys.modules[module], name)
    assert set(re.findall(r"`([A-Z]\w+Error)`", TEXT)) - {"TimeoutError"} <= set(tavus_async.__all__)


def test_every_method_it_names_exists() -> None:
    methods = re.findall(r"`(\w+)\(\)`", TEXT)

    assert methods
    assert all(callable(getattr(AsyncSession, method)) for method in methods)


def test_the_make_targets_exist() -> None:
    targets = re.findall(r"^make (\w+)", "".join(blocks("sh")), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert targets == ["demo", "test"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


@pytest.mark.parametrize("command", re.findall(r"`tavus-async ([^`]+)`", TEXT))
def test_the_commands_and_their_options_exist(command: str) -> None:
    name, *words = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", "tavus_async", name, "--help"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert all(word in done.stdout for word in words if word.startswith("--"))


def test_the_pages_that_are_linked_exist() -> None:
    pages = re.findall(r"\]\((?!http)([^)#]+)", TEXT)

    assert pages
    assert all((ROOT / page).is_file() for page in pages)


def test_examples_are_ordinary_code() -> None:
    for block in blocks("python"):
        assert textwrap.dedent(block) == block
        assert max(map(len, block.splitlines())) <= 110
