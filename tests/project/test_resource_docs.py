"""The pages about single resources: there is one for each, and its examples run as they stand."""

import json
import pkgutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import tavus_async.resources
from tavus_async._settings.config import API_KEY, BASE_URL
from tavus_async.sandbox import Sandbox
from tests.support.documents import ROOT, as_program, python_in
from tests.support.programs_together import TOGETHER, run_program

PAGES = sorted((ROOT / "docs" / "resources").glob("*.md"))
RESOURCES = sorted(found.name for found in pkgutil.iter_modules(tavus_async.resources.__path__) if found.ispkg)
# These have pages of another kind, about what one does with them.
ELSEWHERE = {"personas": "README.md", "conversations": "docs/conversations.md"}
LONGEST_PAGE = 120


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    """A sandbox that the environment points at, in which hours pass in seconds."""
    async with Sandbox(personas=5, speed=100_000) as sandbox:
        monkeypatch.setenv(API_KEY, sandbox.api_key)
        monkeypatch.setenv(BASE_URL, sandbox.url)
        yield sandbox


@pytest.mark.parametrize("name", RESOURCES)
def test_every_resource_has_a_page(name: str) -> None:
    page = ROOT / ELSEWHERE.get(name, f"docs/resources/{name.replace('_', '-')}.md")

    assert page.is_file()
    assert python_in(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_short(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= LONGEST_PAGE


async def test_the_examples_run_as_they_stand(sandbox: Sandbox, tmp_path: Path) -> None:
    programs = {f"{page.stem} {number}": as_program(block)
                for page in PAGES for number, block in enumerate(python_in(page), 1)}  # fmt: skip
    quick = "import tavus_async._bulk.polling as polling\npolling.POLL_DELAY = 0.02\n"
    printed = json.loads(await run_program(quick + TOGETHER, json.dumps([*programs.values()]), folder=tmp_path))

    assert [name for name, text in zip(programs, printed, strict=True) if not text.strip()] == []
