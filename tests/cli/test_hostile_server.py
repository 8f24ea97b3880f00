"""A server whose every text steers terminals, hides, forges lines and is markup: what comes of it."""

import json
import os
import re
import sys
import unicodedata
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tavus_async.cli.discovery import find_resources
from tavus_async.cli.main import make_parser
from tavus_async.cli.noun import Noun
from tavus_async.cli.resources import find_noun
from tavus_async.cli.schema import field_names
from tests.cli.test_main import DERIVED, PATHS
from tests.support.streams import Kind, Written, run_on

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")

CONTROLS = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
HIDDEN = "".join(
    map(
        chr,
        (
            *(0xAD, 0x61C, 0x180E, 0x3164, 0xFEFF),
            *range(0x200B, 0x2010),
            *range(0x2028, 0x202F),
            *range(0x2060, 0x2070),
            *range(0xFFF9, 0xFFFC),
            *range(0xE0000, 0xE0080),
        ),
    )
)
SEQUENCES = "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b]8;;https://x.example\x1b\\link\x9b2J\x9d0;title\x9c\x90q\x9c"
MARKUP = "[red]r[/red] [link=https://x.example]l[/link] :smile: {x} %s"
HOSTILE = f"<{CONTROLS}|{HIDDEN}|{SEQUENCES}|e{chr(0x301) * 40}|{MARKUP}|\ud800|y\ntavus-async: forged>"
ID = f"i{HOSTILE}"
# What must be as it is for anything to be shown.
KEPT = {"created_at", "timestamp", "event_type", "message_type", "status"}
NOUNS = [find_noun(resource.name) for resource in find_resources()]
# Those that are answered with what was changed.
MERGED = {"documents", "replicas", "voices", "tools"}


def spoiled(value: Any) -> Any:
    """Return JSON values with hostile texts, and one more hostile name in each object."""
    if isinstance(value, dict):
        fields = {name: inner if name in KEPT else spoiled(inner) for name, inner in value.items()}
        return {**fields, HOSTILE: HOSTILE}
    if isinstance(value, list):
        return [spoiled(inner) for inner in value]
    return HOSTILE if isinstance(value, str) else value


def persona(item_id: str) -> dict[str, Any]:
    names = ("persona_name", "system_prompt", "greeting", "pipeline_mode", "persona_type", "default_replica_id")
    layers = {
        "llm": {"model": "", "base_url": "", "tools": [{"function": {"name": ""}}], "headers": {"X": ""}},
        "tts": {"tts_engine": "", "voice_settings": {"a": [""]}},
        "stt": {"hotwords": ""},
        "own": [[""]],
    }
    body = spoiled(
        {**dict.fromkeys(names, ""), "created_at": "2026-05-05T12:00:00Z", "layers": layers, "tags": ["", ""]}
    )
    return {**body, "persona_id": item_id}


def conversation(item_id: str) -> dict[str, Any]:
    transcript = [{"role": "", "content": ""}, {"role": "", "content": "", "tool_calls": [{"function": {"name": ""}}]}]
    events = [
        {"event_type": "application.transcription_ready", "properties": {"transcript": transcript}},
        {"event_type": "system.shutdown", "timestamp": "2026-05-05T12:00:00Z", "properties": {"shutdown_reason": ""}},
    ]
    names = ("conversation_name", "conversation_url", "persona_id", "replica_id", "shutdown_reason", "callback_url")
    body = {**dict.fromkeys(names, ""), "created_at": "2026-05-05T12:00:00Z", "status": "ended", "events": events}
    return {**spoiled(body), "conversation_id": item_id}


def path_of(noun: Noun[Any]) -> str:
    """Return the path of a resource's list, without `/v2/`."""
    path: str = noun.calls["get"]("i1").path
    return path.split("/")[2]


def thing(path: str, item_id: str) -> dict[str, Any]:
    """Return an object with a hostile text in each field of the resources at this path that can hold one."""
    nouns = [noun for noun in NOUNS if path_of(noun) == path]
    fields = {name: "" for noun in nouns for name in field_names(noun.record) if name not in KEPT}
    body = spoiled({**fields, "created_at": "2026-05-05T12:00:00Z"})
    status = "completed" if path == "voices" else "ready"
    return {**body, "status": status, **{noun.id_names[0]: item_id for noun in nouns}}


async def answer(request: web.Request) -> web.Response:
    """Answer like Tavus, with hostile texts; with an error for ids that ask for one."""
    _, _, resource, *rest = request.path.split("/")
    if "bad" in request.path:
        return web.json_response({"message": HOSTILE, "error": HOSTILE}, status=400)
    makers: dict[str, Callable[[str], dict[str, Any]]] = {"personas": persona, "conversations": conversation}
    make: Callable[[str], dict[str, Any]] = makers.get(resource) or partial(thing, resource)
    if rest and request.method in {"DELETE", "PATCH", "POST"}:
        return web.json_response({"message": HOSTILE, **(make(rest[0]) if resource in MERGED else {})})
    if rest:
        return web.json_response(make(rest[0]))
    if request.method == "POST":
        return web.json_response(make(ID))
    page = [] if request.query.get("page", "1") not in {"0", "1"} else [make(ID), make("second")]
    return web.json_response({"data": page, "total_count": 2})


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[TestServer]:
    """The server, with what commands need to reach it and to run an editor."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    server = TestServer(app)
    async with server:
        for name in ("FORCE_COLOR", "COLUMNS", "TAVUS_LOG"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("TAVUS_API_KEY", "test-key-0123")
        monkeypatch.setenv("TAVUS_BASE_URL", str(server.make_url("/")))
        monkeypatch.setenv("TERM", "dumb")
        editor = tmp_path / "editor.py"
        editor.write_text(EDITOR, encoding="utf-8")
        monkeypatch.setenv("EDITOR", f"{sys.executable} {editor}")
        monkeypatch.setattr(webbrowser, "open", lambda _: False)
        monkeypatch.chdir(tmp_path)
        draft = {"persona_name": "x", "system_prompt": "x", f"greting{HOSTILE}": HOSTILE}
        Path("persona.json").write_text(json.dumps(draft), encoding="utf-8")
        Path("urls.txt").write_text("https://x.example/a\n", encoding="utf-8")
        Path("drafts.jsonl").write_text(json.dumps({"replica_id": "r1", "script": HOSTILE}), encoding="utf-8")
        Path("visit.json").write_text(json.dumps({"persona_id": "p1", HOSTILE: HOSTILE}), encoding="utf-8")
        Path("broken.json").write_text(json.dumps({"a": 1})[:-1] + HOSTILE.replace("\ud800", ""), encoding="utf-8")
        yield server


# Changes each text of the document, but a name, which may have rules, and keeps what it has seen.
EDITOR = """
import json, pathlib, sys
path = pathlib.Path(sys.argv[1])
pathlib.Path("seen.json").write_bytes(path.read_bytes())
document = json.loads(path.read_text())
path.write_text(json.dumps({n: v + "!" if isinstance(v, str) and n != "name" else v for n, v in document.items()}))
"""


class Case(NamedTuple):
    """A command, and the exit code on a terminal."""

    words: str
    code: int = 0

    @property
    def args(self) -> list[str]:
        """The arguments; HOSTILE stands for the text."""
        return [word.replace("HOSTILE", ARGUMENT) for word in self.words.split()]


# What a command line can hold.
ARGUMENT = HOSTILE.replace("\0", "").replace("\ud800", "")

CASES = [
    Case("personas create persona.json"),
    Case("personas create broken.json", 2),
    Case("personas create HOSTILE", 2),
    Case("personas get p1"),
    Case("personas get p1 --log"),
    Case("personas get p1 p2"),
    Case("personas get p1 bad", 3),
    Case("personas get p1 --pretty"),
    Case("personas list"),
    Case("personas list --json"),
    Case("personas fetch -o - p1 bad", 3),
    Case("personas patch p1 --remove /greeting"),
    Case("personas patch bad --add /greeting HOSTILE", 1),
    Case("personas edit p1"),
    Case("personas delete p1"),
    Case("personas delete p1 p2 bad", 3),
    Case("conversations create --persona p1"),
    Case("conversations create visit.json --json"),
    Case("conversations create visit.json --open"),
    Case("conversations get c1"),
    Case("conversations get c1 --verbose --pretty"),
    Case("conversations list"),
    Case("conversations list --json"),
    Case("conversations end c1"),
    Case("conversations transcript c1"),
    Case("conversations transcript c1 --all"),
    Case("conversations transcript c1 --json"),
    Case("conversations say c1 hello"),
    Case("conversations say bad hello", 1),
    Case("conversations delete c1"),
    Case("conversations delete bad c1", 3),
    Case("api GET /v2/personas/p1"),
    Case("api POST /v2/personas/bad --data {}", 1),
    Case("api HOSTILE /v2", 2),
    Case("api GET /v2 --data HOSTILE", 2),
    Case("HOSTILE", 2),
    Case("personas HOSTILE", 2),
    Case("personas get p1 --rate HOSTILE", 2),
    Case("personas list --type HOSTILE", 2),
    Case("sandbox --host HOSTILE", 2),
    Case("sandbox HOSTILE", 2),
    Case("demo --personas HOSTILE", 2),
    Case("webhooks listen --host HOSTILE", 1),
    Case("webhooks listen --path HOSTILE", 2),
]


def cases_of(noun: Noun[Any]) -> Iterator[Case]:
    """The commands that a resource has without a line here."""
    verbs: dict[str, tuple[str, ...]] = {
        "create": ("broken.json",),
        "get": ("i1", "i1 --pretty"),
        "list": ("", "--json"),
        "patch": ("i1 --remove /x",) if noun.takes_operations else (f"i1 {noun.title_names[0]}=x",),
        "rename": ("i1 HOSTILE",),
    }
    for path in DERIVED:
        group, verb = path.split()
        if group == noun.name:
            yield from (Case(f"{path} {words}".strip(), 2 * (verb == "create")) for words in verbs.get(verb, ("i1",)))


CASES += [
    Case("videos render broken.json -o out", 2),
    Case("videos render drafts.jsonl -o HOSTILE/out", 1),
    Case("documents add broken.json", 2),
    Case("documents add urls.txt"),
    *(case for noun in NOUNS if noun.name not in {"personas", "conversations"} for case in cases_of(noun)),
    Case("personas publish p1"),
]
NAMES = [case.words for case in CASES]


def harm(text: str) -> set[str]:
    """Return what in a text does something else to a terminal than show."""
    found = {each for each in text if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"} or each in HIDDEN}
    found.discard("\n")
    return found | set(re.findall("\u0301{5,}", text)) | ({"😄"} & set(text))


async def run(kind: Kind, case: Case, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Run the case; where nobody can be asked, with --yes."""
    args = case.args
    asks = {"edit", "delete", "end", "--remove"} & set(args)
    more = ["--yes"] if asks and kind == "pipe" else []
    return await run_on(kind, *args, *more, monkeypatch=monkeypatch)


def test_every_command_is_tried() -> None:
    tried = {" ".join(case.words.split()[:number]) for case in CASES for number in (1, 2)}

    assert set(PATHS) <= tried
    assert make_parser().prog == "tavus-async"


@pytest.mark.parametrize("case", CASES, ids=NAMES)
async def test_on_a_terminal_all_of_it_is_only_shown(
    case: Case, server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = await run("terminal", case, monkeypatch)

    assert (done.code, harm(done.out), harm(done.err)) == (case.code, set(), set())
    assert "Traceback" not in done.err
    assert not re.search("^tavus-async: forged", done.out + done.err, re.MULTILINE)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
async def test_in_a_pipe_it_ends_no_line_and_messages_are_harmless(
    case: Case, server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = await run("pipe", case, monkeypatch)

    assert (done.code, harm(done.err)) == (case.code, set()), done.err
    assert done.out.splitlines() == done.out.split("\n")[:-1]
    assert "Traceback" not in done.err
    assert not re.search("^tavus-async: forged", done.out + done.err, re.MULTILINE)


@pytest.mark.parametrize("words", ["personas get p1 --pretty", "personas list", "conversations end c1"])
async def test_in_colour_it_is_no_link_no_picture_and_no_title(
    words: str, server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    done = await run("terminal", Case(words), monkeypatch)
    # Our own: colours, and what hides, moves and clears a bar.
    rest = re.sub(r"\x1b\[([0-9;]*m|\?[0-9]+[lh]|[0-9]*[AJK])|\r", "", done.out + done.err)

    assert "\x1b[" in done.out + done.err
    assert harm(rest) == set()
    assert "\x1b[31m" not in done.out + done.err


async def test_in_a_pipe_an_id_is_what_the_server_has_said(server: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    done = await run("pipe", Case("personas create persona.json"), monkeypatch)
    (line,) = done.out.splitlines()

    assert line.startswith(f"i<{CONTROLS[:10]} ")
    assert all(part in line for part in (HIDDEN[:10], SEQUENCES, MARKUP, r"\ud800"))


@pytest.mark.parametrize("words", ["personas get p1", "personas list --json", "conversations transcript c1 --json"])
@pytest.mark.parametrize("kind", ["terminal", "pipe"])
async def test_json_has_the_values_that_the_server_has_sent(
    kind: Kind, words: str, server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = await run(kind, Case(words), monkeypatch)
    values = [json.loads(done.out)] if "\n{" not in done.out else [json.loads(line) for line in done.out.splitlines()]

    assert HOSTILE in texts_in(values)


def texts_in(value: Any) -> set[str]:
    """Return all texts in JSON values."""
    if isinstance(value, dict):
        return texts_in([*value, *value.values()])
    if isinstance(value, list):
        return {text for inner in value for text in texts_in(inner)}
    return {value} if isinstance(value, str) else set()


@pytest.mark.parametrize(
    ("variable", "words", "code"),
    [
        ("TAVUS_BASE_URL", "personas get p1", 2),
        ("TAVUS_API_KEY", "personas get p1", 2),
        ("TAVUS_LOG", "personas get p1", 2),
        ("EDITOR", "personas edit p1", 2),
        ("TAVUS_WEBHOOK_SECRET", "webhooks listen", 2),
    ],
)
@pytest.mark.parametrize("kind", ["terminal", "pipe"])
async def test_what_the_environment_says_is_only_shown(
    kind: Kind, variable: str, words: str, code: int, server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, ARGUMENT)
    done = await run(kind, Case(words), monkeypatch)

    assert (done.code, harm(done.out), harm(done.err)) == (code, set(), set())
    assert "Traceback" not in done.err
    assert done.err.count("\n") == 1


async def test_an_editor_gets_nothing_that_steers_it(server: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    await run("terminal", Case("personas edit p1"), monkeypatch)
    seen = Path("seen.json").read_text(encoding="utf-8")

    assert harm(seen) == set()
    assert HOSTILE in texts_in(json.loads(seen))
