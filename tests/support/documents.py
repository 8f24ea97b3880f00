"""The project's pages: what they name, and the Python in them."""

import re
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "benchmarks/*.md", "examples/*/*.md", "tests/support/*.md")
    for path in ROOT.glob(pattern)
)

IN_A_SESSION = """\
import asyncio

from tavus_async import AsyncSession


async def main() -> None:
    async with AsyncSession() as session:
{}

asyncio.run(main())
"""
IN_A_LOOP = """\
import asyncio


async def main() -> None:
{}

asyncio.run(main())
"""


def python_in(page: Path) -> list[str]:
    """The blocks of Python in a page."""
    found: list[str] = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return found


def as_program(block: str) -> str:
    """A block as a whole program: one that awaits is put in a `main`, one that names a `session` gets one."""
    if "asyncio.run(" in block or not re.search(r"^(await|async|\S.*\b(await|async for)) ", block, re.MULTILINE):
        return block
    if "AsyncSession(" in block:
        return IN_A_LOOP.format(textwrap.indent(block, " " * 4))
    return IN_A_SESSION.format(textwrap.indent(block, " " * 8))


def load(block: str, page: Path) -> SimpleNamespace:
    """The names that a block defines."""
    names: dict[str, Any] = {"__name__": page.stem}
    exec(compile(block, str(page), "exec"), names)  # noqa: S102 (the pages are ours)
    return SimpleNamespace(**names)
