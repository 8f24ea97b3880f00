"""A real Chromium, and people who use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from tavus_async.sandbox import Sandbox
from tests.support import chromium
from tests.support.reader import ADA, Reader, Start, readers

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser, whose start takes a while."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - it may not be there

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium.find(), args=chromium.flags())
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def read() -> AsyncIterator[Start]:
    """Starts a sandbox in the event loop of the browser, and gives a reader of its pages."""
    async with readers() as start:
        yield start


@pytest_asyncio.fixture(loop_scope="module")
async def reader(read: Start) -> Reader:
    """A reader of a small sandbox with one persona."""
    return await read(Sandbox(personas=[ADA]))


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Opens a page as a new person would, with the settings of a browser context; scripts must not fail."""
    complaints: list[str] = []

    async def visit(url: str, **settings: Any) -> Page:
        context = await browser.new_context(**settings)
        # Nothing here takes long; what is waited for either comes or never will.
        context.set_default_timeout(10_000)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if "violates" in message.text else None)
        await page.goto(url)
        return page

    yield visit
    for context in browser.contexts:
        await context.close()
    assert complaints == []
