"""Which resources there are, and which commands each can have."""

import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tavus_async import AsyncSession, calls
from tavus_async.cli import discovery, program, resources, session
from tavus_async.cli.command import Group
from tavus_async.cli.discovery import find_resources
from tavus_async.cli.screen import output
from tavus_async.sandbox import Sandbox, handling, server
from tavus_async.sandbox.resources import RESOURCES
from tavus_async.sandbox.routes import Router
from tests.support.jingles import jingles_made

Run = Callable[..., Awaitable[Any]]
FOUND = {resource.name: resource for resource in find_resources()}


class Made(AsyncSession):
    """A session with methods that are commands, and with some that look so."""

    async def get_kite(self, kite_id: str, *, timeout: float | None = None) -> None: ...
    async def list_kites(self, *, colour: str | None = None) -> None: ...
    async def fly_kite(self, kite_id: str, place: str, *, high: bool = False) -> None: ...
    async def mend_kite(self, kite_id: str, *parts: int, glue: bytes) -> None: ...
    async def ensure_kite(self, draft: str) -> None: ...
    async def update_kite(self, persona_id: str, kite_id: str) -> None: ...
    async def wait_for_kite(self, kite_id: str) -> None: ...
    async def get_wing(self, kite_id: str, wing_id: str) -> None: ...
    async def list_wings(self, kite_id: str) -> None: ...
    async def list_tails(self) -> None: ...


def test_a_resource_is_what_can_be_got_by_an_id_and_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "AsyncSession", Made)
    (kite,) = [resource for resource in find_resources() if resource.name not in FOUND]

    assert (kite.one, kite.many, kite.id_name) == ("kite", "kites", "kite_id")
    assert kite.verbs() == ("get", "list", "wait")
    assert kite.actions() == ("fly",)


def test_names_of_several_words_and_odd_plurals_are_understood() -> None:
    assert FOUND["pronunciation-dictionaries"].one == "pronunciation_dictionary"
    assert FOUND["memory-stores"].one == "memory_store"


def test_a_resource_has_the_commands_that_it_has_methods_for() -> None:
    assert FOUND["skills"].verbs() == ("get", "list")
    assert FOUND["memory-stores"].verbs() == ("create", "get", "list", "delete")
    assert FOUND["documents"].verbs() == ("create", "get", "list", "patch", "edit", "wait", "delete")
    assert (FOUND["replicas"].actions(), FOUND["documents"].actions()) == (("rename",), ("recrawl",))


@pytest.fixture
async def jingles(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SimpleNamespace]:
    """The resource of CONTRIBUTING.md, in the sandbox, in the session, and nowhere in the command line."""
    with jingles_made() as made:
        resource, methods = made.sandbox.JINGLE_RESOURCE, made.methods.Jingles
        composed = type("Composed", (AsyncSession, methods), {})
        for module in (discovery, resources, session):
            monkeypatch.setattr(module, "AsyncSession", composed)
        for name in ("get_jingle", "list_jingles_page"):
            monkeypatch.setattr(calls, name, getattr(made.calls, name), raising=False)
        monkeypatch.setattr(calls, "__all__", [*calls.__all__, "get_jingle", "list_jingles_page"])
        monkeypatch.setattr(server, "RESOURCES", (*RESOURCES, resource))
        monkeypatch.setattr(handling, "_ROUTER", Router((*RESOURCES, resource)))
        monkeypatch.setattr(sys.modules["tavus_async.cli.main"], "COMMANDS", tuple(program.find_groups()))
        async with Sandbox(personas=1) as sandbox:
            monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
            monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
            for number in range(3):
                sandbox.add({"jingle_id": f"j{number}", "jingle_name": f"Jingle {number}"}, resource="jingles")
            yield made


async def test_a_new_resource_has_its_commands_without_a_line_here(
    call: Run, jingles: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, listed = await call("jingles", "get", "j1"), await call("jingles", "list")

    assert (one.code, json.loads(one.out)) == (0, {"jingle_id": "j1", "jingle_name": "Jingle 1"})
    assert [json.loads(line)["jingle_id"] for line in listed.out.splitlines()] == ["j0", "j1", "j2"]

    monkeypatch.setattr(output, "is_displayed", lambda: True)
    table = await call("jingles", "list", "--limit", "1")

    assert [line.split() for line in table.out.splitlines()] == [["id", "name"], ["j0", "Jingle", "0"]]


async def test_its_help_says_what_it_is_and_what_can_be_done(call: Run, jingles: SimpleNamespace) -> None:
    whole, group, one = [await call(*words, "--help") for words in ((), ("jingles",), ("jingles", "get"))]

    assert re.search(r"jingles +get, list$", whole.out, re.MULTILINE)
    assert "A few seconds of music before a conversation." in group.out
    assert "tavus-async jingles get j123456" in one.out
    assert "of a jingle, such as j123456" in one.out


async def test_what_it_lacks_is_an_unknown_command(call: Run, jingles: SimpleNamespace) -> None:
    done = await call("jingles", "delete", "j1")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("tavus-async: unknown command: delete")


LOADED = """
import sys
from tavus_async.cli import main
main(sys.argv[1:])
print(*sorted(name for name in sys.modules if name.startswith("tavus_async.resources") and name.endswith("records")))
"""


def test_the_help_loads_the_records_of_no_resource() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED, "--help"], capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == ""


def test_every_group_is_named_once() -> None:
    names = [name for entry in program.COMMANDS for name in entry.names]

    assert len(names) == len(set(names))
    assert all(isinstance(entry, Group) for entry in program.find_groups())
