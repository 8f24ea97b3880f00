"""The worked example of CONTRIBUTING.md is a resource like any other."""

import random
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
from attrs import evolve

from tavus_async import AsyncSession, Call, InvalidRequestError
from tavus_async._records.secrets import Secret
from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.collection import Collection
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.routes import Router
from tests.support.documents import ROOT
from tests.support.jingles import MODULES, jingles_made


@pytest.fixture(scope="module")
def jingles() -> Iterator[SimpleNamespace]:
    """The modules of the example."""
    with jingles_made() as made:
        yield made


@pytest.fixture
def session(jingles: SimpleNamespace) -> Any:
    """A session with the example's methods, in front of the example's sandbox, which holds seven jingles."""
    resource = jingles.sandbox.JINGLE_RESOURCE
    collection = Collection(definition=resource.definition, dice=random.Random(0))
    for number in range(7):
        collection.add({"jingle_id": f"j{number}", "tune_name": f"Jingle {number}", "seconds": number})
    router, account = Router([resource]), evolve(Sandbox(personas=0)._account, collections={"jingles": collection})
    methods: Any = jingles.methods.Jingles

    class Session(AsyncSession, methods):  # type: ignore[misc]  # the base is read from a page
        asked: ClassVar[list[str]] = []

        async def send(self, call: Call[Any], *, timeout: float | None = None) -> Any:
            self.asked.append(f"{call.path}?{urlencode(call.query)}")
            route, params = router.find(call.method, call.path)
            request = Request(
                params=params, query=dict(call.query), vocabulary=route.vocabulary, body=b"", envelope=False
            )
            return call.decode(route.endpoint(account, request).payload)

    return Session("key")


def test_every_module_of_the_example_was_found() -> None:
    assert sorted(MODULES) == [
        "tavus_async.resources.jingles.calls",
        "tavus_async.resources.jingles.methods",
        "tavus_async.resources.jingles.records",
        "tavus_async.sandbox.resources.jingles",
    ]


def test_its_calls_count_pages_from_0(jingles: SimpleNamespace) -> None:
    call = jingles.calls.list_jingles_page()

    assert (call.method, call.path, dict(call.query)) == ("GET", "/v2/jingles", {"limit": "10", "page": "0"})
    with pytest.raises(InvalidRequestError, match="from 0 up"):
        jingles.calls.list_jingles_page(page=-1)
    with pytest.raises(InvalidRequestError, match="jingle_id is empty"):
        jingles.calls.get_jingle("")


@pytest.mark.parametrize("body", [b'{"data": [%b], "total_count": 1}', b"[%b]"])
def test_its_pages_become_records(jingles: SimpleNamespace, body: bytes) -> None:
    call = jingles.calls.list_jingles_page()
    page = call.decode(body % b'{"jingle_id": "j1", "tune_name": "Ta-da", "download_token": "t-1", "key": "C major"}')

    assert page.items == (
        jingles.records.Jingle(
            jingle_id="j1", jingle_name="Ta-da", download_token=Secret("t-1"), extra={"key": "C major"}
        ),
    )
    assert page.items[0].to_dict(secrets=False)["download_token"] == "***"


async def test_its_methods_read_from_its_sandbox(session: Any) -> None:
    one = await session.get_jingle("j3")
    every = [jingle.jingle_name async for jingle in session.list_jingles(page_size=3)]

    assert (one.jingle_name, one.seconds) == ("Jingle 3", 3)
    assert every == [f"Jingle {number}" for number in range(7)]
    assert session.asked == [
        "/v2/jingles/j3?",
        *(f"/v2/jingles?limit=3&page={page}" for page in range(3)),
    ]


@pytest.mark.parametrize("name", MODULES)
# INP001: the folder is not there, so it has no __init__.py.
@pytest.mark.parametrize("command", [("check", "--ignore=INP001"), ("format", "--check")], ids=["rules", "format"])
def test_its_modules_read_as_the_house_does(name: str, command: tuple[str, ...]) -> None:
    path = f"{name.replace('.', '/')}.py"
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--quiet", "--no-cache", "--stdin-filename", path, "-"],
        input=MODULES[name],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
