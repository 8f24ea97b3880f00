"""The page of the web apps, in a real browser."""

import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.examples.sites import Site, Visit, fastapi_app
from tests.support import chromium
from tests.support.quick import until

if TYPE_CHECKING:
    from playwright.async_api import Page

WITHIN = 10_000  # milliseconds


@pytest.fixture
async def page() -> "AsyncIterator[Page]":
    """An empty page of a browser; its scripts must not fail."""
    api = pytest.importorskip("playwright.async_api", reason="the extra `browser` is not installed: see make browser")
    executable = chromium.find()
    if executable is None:
        pytest.skip(chromium.how_to_install())
    failures: list[str] = []
    async with api.async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=chromium.flags())
        page = await browser.new_page()
        page.set_default_timeout(WITHIN)
        page.on("pageerror", lambda error: failures.append(str(error)))
        yield page
        await browser.close()
    assert failures == []


async def shows(page: "Page", text: str) -> None:
    """Wait until the page says this."""
    await page.get_by_role("status").get_by_text(re.compile(text)).wait_for()


async def start(page: "Page", site: Site) -> str:
    """Open a call, and return its id."""
    await page.goto(str(site.http._base_url))
    await page.get_by_role("button", name="Start a call").click()
    await page.get_by_role("link", name="Join the call").wait_for()
    return site.sandbox.active_conversation_ids[-1]


async def test_a_visitor_starts_a_call_joins_it_ends_it_and_reads_what_was_said(page: Any, site: Site) -> None:
    conversation_id = await start(page, site)
    join = await page.get_by_role("link", name="Join the call").get_attribute("href")
    await shows(page, "The call is open")
    site.sandbox.advance(5)
    await shows(page, "Somebody is waiting")
    room = site.sandbox.rooms.get(conversation_id)
    assert room is not None
    room.say(room.join("Ada"), "<b>Good morning.</b>")
    await page.get_by_role("button", name="End the call").click()
    await shows(page, "has ended")
    ended = site.sandbox.active_conversation_ids
    site.sandbox.advance(200)
    await page.get_by_text("You: <b>Good morning.</b>", exact=True).wait_for()

    assert join == f"{site.sandbox.url}/c/{conversation_id}"
    assert ended == ()


async def test_a_visitor_is_told_why_there_is_no_call_or_no_longer_one(page: Any, visit: Visit) -> None:
    async with visit(fastapi_app) as site:
        site.sandbox.script([402])
        await page.goto(str(site.http._base_url))
        await page.get_by_role("button", name="Start a call").click()
        await shows(page, "No minutes are left this month.")
        await start(page, site)
        site.sandbox.advance(121)
        await shows(page, "nobody joined it")
        await start(page, site)
    await shows(page, "The call has ended.")  # with the server

    assert await page.get_by_role("button", name="Start a call").is_enabled()
    assert len(site.sandbox.conversation_ids) == 2


async def test_a_visitor_who_closes_the_page_has_ended_the_call(page: Any, visit: Visit) -> None:
    async with visit(fastapi_app) as site:
        await start(page, site)
        await page.goto("about:blank")
        await until(lambda: not site.sandbox.active_conversation_ids)

        assert len(site.sandbox.conversation_ids) == 1
