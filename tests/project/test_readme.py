"""The README's examples run, those of the pages about apps, bulk calls and conversations too; its tables are true."""

import asyncio
import json
import re
import shlex
import time
from collections.abc import AsyncIterator
from inspect import signature
from pathlib import Path
from typing import Any

import attrs
import pytest
from aiohttp.test_utils import TestClient, TestServer

from tavus_async import (
    AsyncSession,
    Call,
    CallListener,
    Pool,
    ProcessingFailedError,
    RateLimit,
    RetryPolicy,
    Timeouts,
    UnknownFieldWarning,
    errors,
)
from tavus_async._bulk import polling
from tavus_async._settings.arguments import arguments_of
from tavus_async._settings.config import API_KEY, BASE_URL
from tavus_async._settings.logs import LOG, LOG_LEVELS
from tavus_async.cli.command import Group
from tavus_async.cli.main import parse
from tavus_async.cli.program import COMMANDS
from tavus_async.sandbox import Sandbox
from tests.support import asgi
from tests.support.documents import ROOT, as_program, load, python_in
from tests.support.programs_together import TOGETHER, run_program

README = ROOT / "README.md"
APPS = ROOT / "docs" / "apps.md"
BULK = ROOT / "docs" / "bulk.md"
CONVERSATIONS = ROOT / "docs" / "conversations.md"
TEXT = README.read_text(encoding="utf-8")
BLOCKS = {(page, block) for page in (README, APPS, BULK, CONVERSATIONS) for block in python_in(page)}
# What these define is used by the tests below; all others run as they stand.
DEFINING = ("cleanup_ctx", "class Bot", "class FileLimiter", "FastAPI(", "def protocol")
# What these do is looked at more closely by tests of their own.
LOOKED_INTO = ("calls.create_persona, drafts", ".reveal()")
PROGRAMS = [block for _, block in sorted(BLOCKS) if not any(sign in block for sign in DEFINING)]
SETTINGS: dict[str, Any] = {kind.__name__: kind for kind in (Pool, RateLimit, RetryPolicy, Timeouts)}
GROUPS = [entry for entry in COMMANDS if isinstance(entry, Group)]


def defined_by(sign: str) -> Any:
    """The names that the one block with this sign defines."""
    [(page, block)] = [(page, block) for page, block in BLOCKS if sign in block]
    return load(block, page)


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    """A sandbox that the environment points at."""
    async with Sandbox(personas=5) as sandbox:
        monkeypatch.setenv(API_KEY, sandbox.api_key)
        monkeypatch.setenv(BASE_URL, sandbox.url)
        yield sandbox


async def test_the_programs_run_as_they_stand(sandbox: Sandbox, tmp_path: Path) -> None:
    blocks = [block for block in PROGRAMS if not any(sign in block for sign in LOOKED_INTO)]
    output = await run_program(TOGETHER, json.dumps([as_program(block) for block in blocks]), folder=tmp_path)
    printed = json.loads(output)

    assert len(printed) == len(PROGRAMS) - 2 == 18
    assert all(each.strip() for each in printed)


async def test_what_is_printed_of_secrets_is_what_the_comments_say() -> None:
    [block] = [block for block in PROGRAMS if ".reveal()" in block]
    output = await run_program(as_program(block))

    assert output.splitlines() == re.findall(r"^print\(.*\)  # (.*)$", block, re.MULTILINE)
    assert output.startswith("*** sk-live-1\n")


async def test_the_fastapi_app_answers_with_one_shape_and_no_secret(sandbox: Sandbox) -> None:
    pytest.importorskip("fastapi", reason="FastAPI is not installed")
    app = defined_by("FastAPI(").app
    llm = {"model": "gpt", "base_url": "https://llm.example", "headers": {"Authorization": "Bearer sk-live-1"}}
    async with AsyncSession() as session:
        created = await session.create_persona({"system_prompt": "You are Ada.", "layers": {"llm": llm}})
        persona = await session.get_persona(created.persona_id)
    async with asgi.started(app):
        answer = await asgi.get(app, f"/personas/{created.persona_id}")

        assert answer.status == 200
        assert answer.json() == persona.to_dict(secrets=False)
        assert persona.to_dict()["layers"]["llm"]["headers"] == {"Authorization": "Bearer sk-live-1"}
        assert b"sk-live-1" not in answer.body


@pytest.mark.parametrize(("persona_id", "status"), [("nobody", 404), (" ", 422), ("a\nb", 422), ("é", 404)])
async def test_the_fastapi_app_refuses_ids_that_nobody_has(sandbox: Sandbox, persona_id: str, status: int) -> None:
    pytest.importorskip("fastapi", reason="FastAPI is not installed")
    app = defined_by("FastAPI(").app
    async with asgi.started(app):
        answer = await asgi.get(app, f"/personas/{persona_id}")

        assert answer.status == status
        assert answer.json()["detail"]


async def test_the_aiohttp_app_answers(sandbox: Sandbox) -> None:
    async with TestClient(TestServer(defined_by("cleanup_ctx").app)) as client:
        answer = await client.get(f"/greeting/{sandbox.persona_ids[0]}")

        assert answer.status == 200
        assert await answer.text()


@pytest.mark.parametrize("persona_id", ["nobody", "%20", "%0A", "%2E%2E%2Fpals"])
async def test_the_aiohttp_app_knows_no_id_that_nobody_has(sandbox: Sandbox, persona_id: str) -> None:
    async with TestClient(TestServer(defined_by("cleanup_ctx").app)) as client:
        answer = await client.get(f"/greeting/{persona_id}")

        assert answer.status == 404


async def test_the_bot_introduces_whom_it_finds(sandbox: Sandbox) -> None:
    bot = defined_by("class Bot").Bot()
    known = await bot.introduce(sandbox.persona_ids[0])
    strangers = [await bot.introduce(persona_id) for persona_id in ("nobody", "", "a\nb", "../pals")]
    await bot.close()

    assert known not in {"", "Nobody of that name."}
    assert strangers == ["Nobody of that name."] * 4


async def test_many_are_created_changed_and_deleted(sandbox: Sandbox) -> None:
    [block] = [block for block in PROGRAMS if "calls.create_persona, drafts" in block]
    output = await run_program(as_program(block))
    paths = {(request.method, request.path.rpartition("/")[0]) for request in sandbox.requests}

    assert output == "[10, 10, 10]\n"
    assert paths == {("POST", "/v2"), ("PATCH", "/v2/personas"), ("DELETE", "/v2/personas")}
    assert len(sandbox.requests) == 30
    assert len(sandbox.persona_ids) == 5


async def test_sessions_that_share_a_limiter_keep_its_rate_together(sandbox: Sandbox, tmp_path: Path) -> None:
    pytest.importorskip("fcntl", reason="there is none on Windows")
    limiter = defined_by("class FileLimiter").FileLimiter
    granted: list[float] = []

    class Watched(limiter):  # type: ignore[misc,valid-type]
        async def acquire(self) -> None:
            await super().acquire()
            granted.append(time.monotonic())

    # Each has an object of its own, as in another process.
    limits = [Watched(tmp_path / "limit", per_second=200, burst=10) for _ in range(3)]
    sessions = [AsyncSession(rate_limit=limit) for limit in limits]
    parts = await asyncio.gather(*(each.get_personas(sandbox.persona_ids * 8) for each in sessions))
    pages = [each.send(Call.json("GET", "/v2/personas")) for each in sessions for _ in range(20)]
    await asyncio.gather(*pages)
    await asyncio.gather(*(each.aclose() for each in sessions))
    granted.sort()

    assert [len(part) for part in parts] == [40] * 3
    assert len(granted) == 3 * 5 + 60
    for first, begun in enumerate(granted):
        for last, ended in enumerate(granted[first:], first):
            # But for those that a busy machine is late to note: with a limiter for each they were 40 too many.
            assert last - first + 1 <= 10 + 200 * (ended - begun) + 20


async def test_a_pause_that_one_of_them_is_asked_for_is_one_of_all(tmp_path: Path) -> None:
    pytest.importorskip("fcntl", reason="there is none on Windows")
    limiter = defined_by("class FileLimiter").FileLimiter
    one, two = (limiter(tmp_path / "limit", per_second=200, burst=10) for _ in range(2))
    await one.acquire()
    one.throttled(0.2)
    began = time.monotonic()
    await two.acquire()

    assert time.monotonic() - began >= 0.19


async def test_what_a_conversation_leaves_is_read_as_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLL_DELAY", 0.1)
    page = defined_by("def protocol")
    async with (
        Sandbox(personas=5, speed=600) as sandbox,
        AsyncSession(sandbox.api_key, base_url=sandbox.url) as session,
    ):
        async with (
            session.conversation({"persona_id": "p5317866"}) as talk,
            session.conversation(draft_alone()) as lone,
        ):
            room = sandbox.rooms.get(talk.conversation_id)
            assert room is not None
            room.say(room.join("Ada"), "Good morning")
            with pytest.raises(ProcessingFailedError):
                await session.wait_for_transcript(lone.conversation_id)
        said, seen, nothing = await asyncio.gather(
            page.protocol(session, talk.conversation_id),
            page.impression(session, talk.conversation_id),
            page.protocol(session, lone.conversation_id),
        )

    assert "Good morning" in said
    assert seen is not None
    assert "Here's a summary of the visual observations" in seen
    assert nothing == "nothing was said: participant_absent_timeout reached"


def draft_alone() -> dict[str, Any]:
    return {"persona_id": "p5317866", "properties": {"participant_absent_timeout": 60}}


async def test_a_field_that_is_not_known_is_told_kept_and_sent(sandbox: Sandbox) -> None:
    async with AsyncSession() as session:
        with pytest.warns(UnknownFieldWarning, match="did you mean greeting") as told:
            created = await session.create_persona({"system_prompt": "You are Ada.", "greting": "Hi"})
        persona = await session.get_persona(created.persona_id)

    assert len(told) == 1
    assert persona.extra == {"greting": "Hi"}


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
    defaults_of = {kind: {field.alias: field.default for field in attrs.fields(SETTINGS[kind])} for kind in SETTINGS}
    # What the session itself takes where nothing is given.
    defaults_of["RateLimit"]["per_second"] = 10.0

    assert told == {
        f"{kind}.{field}": f"{value:g}" if type(value) is float else str(value)
        for kind, fields in defaults_of.items()
        for field, value in fields.items()
    }


def test_the_arguments_of_the_session_have_the_defaults_that_the_table_tells() -> None:
    told: dict[str, str] = {}
    for row in re.findall(r"^\| (`\w+=`.*)$", TEXT, re.MULTILINE):
        names, defaults = (re.findall(r"`(.*?)`|(?<=, )(\d+)", cell) for cell in row.split(" | ")[:2])
        told |= {name[0].rstrip("="): "".join(default) for name, default in zip(names, defaults, strict=False)}
    given = {
        name: argument.default
        for name, argument in signature(AsyncSession).parameters.items()
        if name in told and argument.default is not None
    }

    assert told.pop("base_url") == BASE_URL
    assert eval(told.pop("rate_limit"), SETTINGS) == given.pop("rate_limit")  # noqa: S307 (the README is ours)
    assert {name: text.strip('"') for name, text in told.items() if text != "None"} == {
        name: str(value) for name, value in given.items()
    }


def test_the_table_has_every_argument_of_the_session() -> None:
    every = signature(AsyncSession).parameters
    arguments = {name for name, each in every.items() if each.kind is not each.VAR_KEYWORD}
    named = set(re.findall(r"`([a-z_]+)=", TEXT)) | set(re.findall(r"`AsyncSession\((\w+)\)`", TEXT))

    assert named - {"lane", "max_outage", "timeout"} == arguments


def test_with_options_takes_what_the_readme_says() -> None:
    [told] = re.findall(r"`session\.with_options\((.*?)\)`", TEXT)

    assert re.findall(r"(\w+)=…", told) == arguments_of(AsyncSession.with_options)


def test_every_variable_of_the_environment_is_told() -> None:
    [row] = re.findall(rf"^\| `{LOG}` \|.*$", TEXT, re.MULTILINE)

    assert {API_KEY, BASE_URL, LOG} == set(re.findall(r"\bTAVUS_[A-Z_]+\b", TEXT))
    assert list(LOG_LEVELS) == re.findall(r"`([a-z]+)`", row)


def test_every_event_is_told() -> None:
    events = [name for name in vars(CallListener) if not name.startswith("_")]
    text = APPS.read_text(encoding="utf-8")
    section = text[text.index("## Listen") :]

    assert [name for name in events if not re.search(rf"\b{name}\b", section)] == []


def test_every_kind_of_error_has_its_advice() -> None:
    named = {name for row in TEXT.splitlines() if row.startswith("| `") for name in re.findall(r"`(\w+Error)`", row)}
    there = {name for name in vars(errors) if name.endswith("Error")}
    kinds = {name for name in there if not getattr(errors, name).__subclasses__()}

    assert kinds <= named <= there


def shell_section() -> str:
    return TEXT[TEXT.index("## From a shell") : TEXT.index("## Create, change")]


def test_the_commands_that_it_names_exist() -> None:
    named = [shlex.split(command) for command in re.findall(r"`tavus-async ([^`]+)`", TEXT)]
    found = [words for words in named if words[0] != "NOUN"]

    assert all(parse(words).run for words in found)
    alone = {entry.name for entry in COMMANDS if not isinstance(entry, Group)}
    assert alone - {"demo"} <= {words[0] for words in found}


def test_it_names_every_noun_and_every_verb() -> None:
    words = set(re.findall(r"[a-z][a-z-]*", shell_section()))
    listed = set(re.findall(r"`([a-z-]+)`", shell_section()))

    assert {group.name for group in GROUPS} <= words
    assert {command.name for group in GROUPS for command in group.commands} <= words
    assert listed <= {group.name for group in GROUPS} | {command.name for group in GROUPS for command in group.commands}


def test_code_comes_early_and_the_whole_is_short() -> None:
    lines = TEXT.splitlines()

    assert lines.index("```python") < 20
    assert len(lines) <= 260
