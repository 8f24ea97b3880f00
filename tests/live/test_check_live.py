"""The program that checks Tavus itself, on the sandbox: what it says, and what it leaves behind."""

import asyncio
import json
import re
from pathlib import Path

import attrs
import pytest

from tavus_async import AuthenticationError
from tavus_async.sandbox import Faults, Sandbox
from tavus_async.sandbox.resources.conversations import endpoints, views
from tests.live.assumptions import ASSUMPTIONS
from tests.live.check_live import check, main
from tests.live.visit import Verdict, Visit
from tests.support.quick import AT_ONCE, KEY, NO_LIMIT, until

ROOT = Path(__file__).resolve().parents[2]
EVERY = [assumption.name for assumption in ASSUMPTIONS]
REFUSED = "conversation-needs-persona"
GONE = EVERY.index("conversation-gone")
CONVERSING = [each.name for each in ASSUMPTIONS if each.name.startswith("conversation-") and each.stage != "read"]
RESOURCES = (
    *("personas", "conversations", "replicas", "voices", "videos", "tools", "deployments"),
    *("memory_stores", "objectives", "guardrails", "pronunciation-dictionaries"),
)
READING = [assumption.name for assumption in ASSUMPTIONS if assumption.stage == "read"]


@pytest.fixture(autouse=True)
def _at_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", KEY)
    monkeypatch.setattr("tests.live.check_live.RATE", NO_LIMIT)
    monkeypatch.setattr("tests.live.check_live.RETRY", AT_ONCE)


def everything(sandbox: Sandbox) -> tuple[tuple[str, ...], ...]:
    """The ids of all that a sandbox holds."""
    return tuple(sandbox.ids(resource) for resource in RESOURCES)


def add_documents(sandbox: Sandbox) -> None:
    """Add what a new sandbox has none of: two documents that were read."""
    for name in ("Prices", "Menu"):
        url = f"https://files.example/{name}.pdf"
        sandbox.add({"document_name": name, "document_url": url, "status": "ready"}, resource="documents")


def add_videos(sandbox: Sandbox) -> None:
    """Add what a new sandbox has none of: two videos that are ready."""
    for video_id, created_at in (("1e30440cf9", "Tue, 24 Jun 2025"), ("2e30440cf9", "Wed, 25 Jun 2025")):
        body = {"video_id": video_id, "status": "ready", "created_at": f"{created_at} 07:01:57 GMT"}
        sandbox.add(body, resource="videos")


async def checked(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, *, writes: bool) -> int:
    monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
    return await check(writes=writes)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    """The names of the assumptions by their outcomes."""
    lines = re.findall(r"^(confirmed|different|could not tell) +(\S+) ", capsys.readouterr().out, re.MULTILINE)
    return {outcome: [name for found, name in lines if found == outcome] for outcome in dict(lines)}


async def test_of_the_sandbox_everything_is_confirmed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Sandbox(personas=30, conversations=30, api_key=KEY) as sandbox:
        add_documents(sandbox)
        add_videos(sandbox)
        before = everything(sandbox)

        assert await checked(sandbox, monkeypatch, writes=True) == 0
        assert everything(sandbox) == before
    assert told(capsys) == {"confirmed": EVERY}


async def test_it_opens_no_conversation_that_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Sandbox(personas=30, api_key=KEY, credits=0) as sandbox:
        assert await checked(sandbox, monkeypatch, writes=True) == 0
        assert sandbox.stats().requests["create_conversation"] == 4


async def test_unless_it_may_write_it_only_reads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Sandbox(personas=30, conversations=30, api_key=KEY) as sandbox:
        add_documents(sandbox)
        add_videos(sandbox)
        assert await checked(sandbox, monkeypatch, writes=False) == 0
        assert set(sandbox.stats().requests) == {
            *("get_persona", "list_personas"),
            *("get_conversation", "list_conversations"),
            *("get_replica", "list_replicas", "get_voice", "list_voices"),
            *("get_tool", "list_tools", "get_skill", "list_skills", "get_deployment", "list_deployments"),
            *("list_persona_skills", "list_persona_tools", "check_username"),
            *("get_objective_set", "list_objective_sets", "get_guardrail", "list_guardrails", "list_guardrail_tags"),
            *("get_pronunciation_dictionary", "list_pronunciation_dictionaries"),
            *("get_video", "list_videos"),
            *("get_document", "list_documents", "list_document_chunks", "list_document_tags"),
            *("get_memory_store", "list_memory_stores"),
        }
    assert told(capsys) == {"confirmed": READING}


async def test_what_is_different_is_shown_as_it_came(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Sandbox(personas=30, conversations=30, api_key=KEY, envelope=True) as sandbox:
        add_documents(sandbox)
        add_videos(sandbox)
        assert await checked(sandbox, monkeypatch, writes=True) == 1

    shown = capsys.readouterr().out
    found = re.findall(r"^different +(\S+) .*\(came: (.*)\)$", shown, re.MULTILINE)
    assert found == [(name, '200 ["data"]') for name in ("get-bare", "pals", "objective-shape", "guardrail-bare")]
    assert shown.endswith(f"{len(EVERY) - 4} confirmed, 4 different\n")


async def test_a_field_that_nobody_knows_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {"persona_name": "Ada", "mood": "secretly glad", "greeting": 5, "layers": {"llm": {"smell": "like roses"}}}
    async with Sandbox(personas=[body], api_key=KEY) as sandbox:
        assert await checked(sandbox, monkeypatch, writes=False) == 1

    shown = capsys.readouterr().out
    assert "(came: also layers.llm.smell, mood)" in shown
    assert "(came: another type in greeting)" in shown


async def test_nor_is_one_of_a_conversation_kept_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [{"event_type": "system.tomorrow", "mood": "secretly glad"}]
    body = {"replica_id": "r1", "status": "ended", "events": events}
    async with Sandbox(personas=3, conversations=[body], api_key=KEY) as sandbox:
        assert await checked(sandbox, monkeypatch, writes=False) == 1

    shown = capsys.readouterr().out
    assert "(came: also events.mood)" in shown
    assert "(came: also system.tomorrow)" in shown
    assert "glad" not in shown


async def test_without_personas_it_says_what_cannot_be_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Sandbox(personas=0, api_key=KEY) as sandbox:
        assert await checked(sandbox, monkeypatch, writes=False) == 0

    assert told(capsys)["could not tell"] == [
        *("pages", "get-bare", "list-tells-all", "pals", "fields", "types", "masks"),
        *(f"conversation-{each}" for each in ("pages", "status", "bare", "words", "verbose", "fields", "types")),
        "conversation-events",
        *(f"video-{each}" for each in ("pages", "order", "bare", "list-tells-all", "fields", "types")),
        *(f"document-{each}" for each in ("pages", "sort", "bare", "chunks", "fields", "types")),
        *("persona-skills", "persona-tools"),
    ]


async def test_without_a_persona_that_can_speak_no_conversation_is_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Sandbox(personas=[{"persona_name": "Ada", "system_prompt": "Be kind."}], api_key=KEY) as sandbox:
        assert await checked(sandbox, monkeypatch, writes=True) == 0
        assert sandbox.stats().requests["create_conversation"] == 1

    unable = told(capsys)["could not tell"]
    assert [name for name in unable if name in CONVERSING] == [each for each in CONVERSING if each != REFUSED]


async def test_neither_keys_nor_personas_are_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = Faults(error=0.2, garble=0.1, truncate=0.1)
    async with Sandbox(personas=60, conversations=60, api_key=KEY, faults=faults) as sandbox:
        await checked(sandbox, monkeypatch, writes=True)
        talks = [sandbox.stored(each, resource="conversations") for each in sandbox.conversation_ids]
        bodies = json.dumps([*talks, *(sandbox.stored(each) for each in sandbox.persona_ids)])

    shown = "".join(capsys.readouterr())
    prompts = set(
        re.findall(
            r'"(?:system_prompt|context|persona_name|api_key|conversation_name|conversation_url)": "([^"]{9,})"', bodies
        )
    )
    assert len(prompts) > 60
    assert [text for text in (KEY, *prompts) if text in shown] == []


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_goes_wrong_nothing_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    faults = Faults(error=0.1, reset=0.2, truncate=0.1)
    async with Sandbox(personas=5, conversations=5, api_key=KEY, faults=faults, seed=seed) as sandbox:
        sandbox.script(["ok"])
        before = everything(sandbox)
        await checked(sandbox, monkeypatch, writes=True)

        assert everything(sandbox) == before, capsys.readouterr().err


@pytest.mark.parametrize(
    "position",
    [
        *(EVERY.index("create") + 1, EVERY.index("patch"), EVERY.index("delete")),
        *(EVERY.index("conversation-create") + 1, EVERY.index("conversation-delete"), GONE),
    ],
)
async def test_nor_when_the_program_itself_breaks(monkeypatch: pytest.MonkeyPatch, position: int) -> None:
    async def explode(_visit: Visit) -> Verdict:
        raise ZeroDivisionError

    broken = [*ASSUMPTIONS]
    broken[position] = attrs.evolve(broken[position], check=explode)
    monkeypatch.setattr("tests.live.check_live.ASSUMPTIONS", broken)
    async with Sandbox(personas=5, conversations=5, api_key=KEY) as sandbox:
        before = everything(sandbox)
        with pytest.raises(ZeroDivisionError):
            await checked(sandbox, monkeypatch, writes=True)

        assert sandbox.stats().requests["create_persona"] > 0
        assert everything(sandbox) == before


@pytest.mark.parametrize("last", ["patch_persona", "send_app_message"])
async def test_nor_when_it_is_interrupted(monkeypatch: pytest.MonkeyPatch, last: str) -> None:
    async with Sandbox(personas=5, api_key=KEY, faults=Faults(latency=0.02)) as sandbox:
        before = everything(sandbox)
        run = asyncio.create_task(checked(sandbox, monkeypatch, writes=True))
        await until(lambda: sandbox.stats().requests.get(last, 0) > 0)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

        assert everything(sandbox) == before


async def test_what_begins_although_it_should_not_is_ended_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # As if Tavus had never heard of test mode.
    monkeypatch.setattr(f"{views.__name__}.is_on", lambda _value: False)
    monkeypatch.setattr(f"{endpoints.__name__}.is_on", lambda _value: False)
    async with Sandbox(personas=5, api_key=KEY) as sandbox:
        assert await checked(sandbox, monkeypatch, writes=True) == 1
        assert sandbox.conversation_ids == ()
        assert sandbox.stats().requests["end_conversation"] >= 1

    assert "conversation-create" in told(capsys)["different"]


async def test_a_key_that_is_not_accepted_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Sandbox(api_key="another") as sandbox:
        with pytest.raises(AuthenticationError):
            await checked(sandbox, monkeypatch, writes=True)

        assert sandbox.stats().total == 1


@pytest.mark.parametrize(
    ("key", "url", "line"),
    [
        ("", "http://127.0.0.1:1", "set TAVUS_API_KEY to a key of yours"),
        ("a key", "http://127.0.0.1:1", "printable ASCII"),
        (KEY, "http://tavus.example", "plain http"),
    ],
)
def test_what_cannot_begin_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str, url: str, line: str
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", key)
    monkeypatch.setenv("TAVUS_BASE_URL", url)

    assert main([]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("check-live: ")
    assert line in err
    assert err.count("\n") == 1


def test_the_page_explains_every_assumption_under_its_name() -> None:
    page = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE) == EVERY
