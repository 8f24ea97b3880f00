"""The root page, as somebody looks at it who develops an app."""

from typing import Any

import pytest

from tavus_async.sandbox import Sandbox
from tests.support import chromium
from tests.support.reader import Reader, Start, open_room

if (reason := chromium.missing()) is not None:
    pytest.skip(reason, allow_module_level=True)

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTILE = "<img src=x onerror=\"document.title='hacked'\">"


async def call(reader: Reader, method: str, path: str, **options: Any) -> Any:
    return await reader.send(method, path, headers={"x-api-key": reader.sandbox.api_key}, **options)


async def test_it_follows_what_happens(reader: Reader, visit: Any) -> None:
    page = await visit(reader.sandbox.url)
    await page.get_by_text("There is no conversation yet.").wait_for()
    room = await open_room(reader, conversation_name="Interview 7")
    conversations = page.get_by_role("table", name="Conversations")
    await conversations.get_by_role("link", name="Interview 7").wait_for()
    assert not await page.get_by_text("There is no conversation yet.").is_visible()
    assert await conversations.get_by_text("Active").is_visible()
    await page.get_by_role("table", name="Requests").get_by_text("/v2/conversations").wait_for()

    room.end("end_conversation_endpoint_hit")
    await conversations.get_by_text("It was ended through the API.").wait_for()
    await call(reader, "DELETE", f"/v2/conversations/{room.conversation_id}?hard=true")
    await page.get_by_text("There is no conversation yet.").wait_for()


async def test_a_link_leads_to_the_room_and_back(reader: Reader, visit: Any) -> None:
    await open_room(reader, conversation_name="Interview 7")
    page = await visit(reader.sandbox.url)
    await page.get_by_role("link", name="Interview 7").click()
    await page.get_by_role("heading", name="Ada").wait_for()
    await page.get_by_role("link", name="Sandbox").click()

    await page.get_by_role("heading", name="Conversations").wait_for()
    assert page.url == reader.sandbox.url + "/"


async def test_what_has_not_changed_is_not_redrawn(reader: Reader, visit: Any) -> None:
    await open_room(reader, conversation_name="Old")
    page = await visit(reader.sandbox.url)
    link = page.get_by_role("link", name="Old")
    await link.focus()
    await link.evaluate("element => { element.closest('tr').marked = true; }")
    await open_room(reader, conversation_name="New")
    await page.get_by_role("link", name="New").wait_for()

    assert await link.evaluate("element => element.closest('tr').marked === true && element === document.activeElement")
    names = await page.locator("#conversations a").all_inner_texts()
    assert names == ["New", "Old"]


async def test_a_link_stays_focused_while_its_row_changes(reader: Reader, visit: Any) -> None:
    room = await open_room(reader, conversation_name="Old")
    page = await visit(reader.sandbox.url)
    link = page.get_by_role("link", name="Old")
    await link.focus()
    room.end("end_conversation_endpoint_hit")
    await page.get_by_text("Ended", exact=True).wait_for()

    assert await link.evaluate("element => element === document.activeElement")


async def test_webhooks_are_shown_with_the_reason_why_they_failed(reader: Reader, visit: Any) -> None:
    page = await visit(reader.sandbox.url)
    await page.get_by_text("Nothing has been delivered yet.").wait_for()
    await open_room(reader, callback_url="http://tavus.example/hook")
    webhooks = page.get_by_role("table", name="Webhooks")
    await webhooks.get_by_text("system.replica_joined").first.wait_for()

    assert await webhooks.get_by_text("Not delivered").first.is_visible()
    assert await webhooks.get_by_text("is not loopback").first.is_visible()
    assert await webhooks.get_by_text("http://tavus.example/hook").first.is_visible()


async def test_of_ten_thousand_personas_it_shows_the_newest_and_how_many_more(read: Start, visit: Any) -> None:
    reader = await read(Sandbox(personas=10_000))
    reader.sandbox.add({"persona_id": "newest", "persona_name": "The newest"})
    page = await visit(reader.sandbox.url)
    await page.get_by_text("and 9,971 older").wait_for()

    rows = page.get_by_role("table", name="Personas").get_by_role("row")
    assert await rows.count() == 31
    assert "The newest" in await rows.nth(1).inner_text()
    assert await page.locator("#figures div", has_text="Personas").locator("dd").inner_text() == "10,001"


async def test_an_empty_sandbox_says_what_to_do(read: Start, visit: Any) -> None:
    reader = await read(Sandbox(personas=0, api_key="very-secret-key"))
    page = await visit(reader.sandbox.url)
    await page.get_by_text("There is no persona.").wait_for()
    lines = [await page.locator(f"#{name}").inner_text() for name in ("curl-persona", "curl-personas")]

    assert lines[0].startswith(f"curl {reader.sandbox.url}/v2/personas ")
    assert lines[1] == f'curl {reader.sandbox.url}/v2/personas -H "x-api-key: $TAVUS_API_KEY"'
    assert "very-secret-key" not in await page.content()
    assert await page.get_by_text("ver…").is_visible()


async def test_a_line_can_be_copied(reader: Reader, visit: Any) -> None:
    page = await visit(reader.sandbox.url, permissions=["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Copy").first.click()
    await page.get_by_role("button", name="Copied").wait_for()
    copied = await page.evaluate("navigator.clipboard.readText()")

    assert copied == await page.locator("#curl-conversation").text_content()
    assert '{"persona_id": "p1"}' in copied


async def test_it_pauses_when_it_is_told_to(reader: Reader, visit: Any) -> None:
    page = await visit("about:blank")
    await page.clock.install()
    await page.goto(reader.sandbox.url)
    await page.get_by_text("There is no conversation yet.").wait_for()
    await page.get_by_role("button", name="Pause").click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await open_room(reader, conversation_name="Meanwhile")
    await page.clock.run_for(60_000)
    assert asked == []
    assert await page.get_by_text("There is no conversation yet.").is_visible()
    await page.get_by_role("button", name="Resume").click()

    await page.get_by_role("link", name="Meanwhile").wait_for()


async def test_names_are_text_and_nothing_else(read: Start, visit: Any) -> None:
    reader = await read(Sandbox(personas=[{"persona_id": "p1", "persona_name": HOSTILE, "default_replica_id": "r1"}]))
    await open_room(reader, conversation_name=HOSTILE)
    page = await visit(reader.sandbox.url)
    await page.get_by_role("link", name=HOSTILE).wait_for()

    assert await page.get_by_text(HOSTILE, exact=True).count() == 3
    assert await page.locator("img[src=x]").count() == 0
    assert await page.title() == "Tavus sandbox"


@pytest.mark.parametrize("personas", [0, 5])
async def test_it_fits_on_a_phone(read: Start, visit: Any, personas: int) -> None:
    reader = await read(Sandbox(personas=personas))
    reader.sandbox.add({"persona_id": "x" * 200, "persona_name": "W" * 200})
    page = await visit(reader.sandbox.url, viewport={"width": 360, "height": 740}, color_scheme="dark")
    await page.get_by_role("heading", name="Personas").wait_for()

    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    rows = page.get_by_role("table", name="Personas").get_by_role("row")
    assert await rows.count() == personas + 2


async def test_a_sandbox_that_has_gone_is_told_and_found_again(reader: Reader, visit: Any) -> None:
    page = await visit(reader.sandbox.url)
    await page.get_by_role("heading", name="Personas").wait_for()
    port = int(reader.sandbox.url.rpartition(":")[2])
    await reader.sandbox.aclose()
    await page.get_by_text("The sandbox does not answer.").wait_for()
    reader.sandbox.port = port
    await reader.sandbox.start()

    await page.locator("#trouble").wait_for(state="hidden")
    assert await page.get_by_role("heading", name="Personas").is_visible()
