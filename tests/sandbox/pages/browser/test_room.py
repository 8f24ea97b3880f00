"""A room, as its visitors use it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from tavus_async.sandbox import Sandbox
from tests.support import chromium
from tests.support.quick import until
from tests.support.reader import Reader, Start, open_room

if (reason := chromium.missing()) is not None:
    pytest.skip(reason, allow_module_level=True)

pytestmark = pytest.mark.asyncio(loop_scope="module")

GREETING = "Good morning, I am Ada."
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
HOSTILE = "<img src=x onerror=\"document.title='hacked'\">"


def url(room: Any, reader: Reader) -> str:
    return f"{reader.sandbox.url}/c/{room.conversation_id}"


async def join(page: Any, name: str = "Robin") -> None:
    await page.get_by_label("Your name").fill(name)
    # Only who has a stream of events open is sure to stay in the room.
    async with page.expect_response(lambda response: "participant=" in response.url):
        await page.get_by_role("button", name="Join").click()
    await page.get_by_label("Say something").wait_for()


async def say(page: Any, text: str) -> None:
    await page.get_by_label("Say something").fill(text)
    await page.get_by_role("button", name="Say", exact=True).click()


async def lines(page: Any) -> list[str]:
    """What the transcript shows: who said what, and who came and went."""
    shown: list[str] = await page.locator("#transcript > *").evaluate_all(
        "items => items.map(item => [...item.children].map(part => part.textContent).join(': ') || item.textContent)"
    )
    return shown


def said_by_people(line: str) -> bool:
    return line.partition(": ")[0] in {"You", "Robin", "Kim"}


@pytest.fixture(params=["light", "dark"])
def scheme(request: Any) -> str:
    return str(request.param)


async def test_a_visitor_joins_is_greeted_talks_and_leaves(reader: Reader, visit: Any) -> None:
    room = await open_room(reader, custom_greeting=GREETING)
    page = await visit(url(room, reader))
    assert await page.get_by_role("heading", level=1).inner_text() == "Ada"
    await page.get_by_text(f"“{GREETING}”").wait_for()

    await join(page)
    await page.get_by_text(GREETING, exact=True).wait_for()
    await say(page, "Do you compute?")
    await page.get_by_text("Do you compute?", exact=True).wait_for()
    reader.sandbox.advance(10)
    await page.get_by_text("You said: Do you compute?", exact=True).wait_for()
    assert await lines(page) == [
        "Robin joined",
        f"Ada: {GREETING}",
        "You: Do you compute?",
        "Ada: You said: Do you compute?",
    ]
    assert await page.get_by_label("Say something").input_value() == ""

    await page.get_by_role("button", name="Leave").click()
    await page.get_by_text("Robin left").wait_for()
    await page.get_by_role("button", name="Join").wait_for()
    assert not room.participants


async def test_it_works_by_keyboard_alone(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    page = await visit(url(room, reader))
    await page.get_by_role("button", name="Join").wait_for()

    async def tab_to(name: str) -> None:
        for _ in range(30):
            await page.keyboard.press("Tab")
            focused = await page.evaluate(
                "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"
            )
            if name in focused:
                outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline == "solid"
                return
        pytest.fail(f"no Tab leads to {name}")

    await tab_to("Your name")
    await page.keyboard.type("Kim")
    await page.keyboard.press("Enter")
    await page.get_by_label("Say something").wait_for()
    await page.keyboard.type("First line")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second line")
    await page.keyboard.press("Enter")
    await until(lambda: any(line.content == "First line\nsecond line" for line in room.lines))

    # From the field backwards, over the transcript, to the buttons at the top.
    await tab_to("conversation.joined")
    await page.keyboard.press("Enter")
    await page.locator("details[open] pre").wait_for()
    await page.keyboard.press("Home")
    for _ in range(60):
        await page.keyboard.press("Shift+Tab")
        if await page.evaluate("document.activeElement.id") == "leave":
            break
    await page.keyboard.press("Enter")
    await page.get_by_text("You have left.").wait_for()
    assert await page.evaluate("document.activeElement.id") == "visitor"


async def test_an_answer_that_takes_its_time_leaves_words_and_focus_where_they_are(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    page = await visit(url(room, reader))
    await join(page)
    go_on = asyncio.Event()

    async def hold(route: Any) -> None:
        await go_on.wait()
        await route.continue_()

    await page.route("**/say", hold)
    await say(page, "First")
    await page.get_by_label("Say something").fill("Second")
    await page.get_by_role("button", name="Events").focus()
    await page.locator("#say [aria-busy=true]").wait_for()
    go_on.set()
    await page.locator("#say [aria-busy=true]").wait_for(state="detached")

    assert "First" in [line.content for line in room.lines]
    assert await page.get_by_label("Say something").input_value() == "Second"
    assert await page.evaluate("document.activeElement.id") == "toggle"


async def test_events_appear_beside_as_they_come_and_open(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    page = await visit(url(room, reader))
    await page.get_by_text("system.pal_joined").wait_for()
    assert not await page.get_by_text("system.replica_joined").is_visible()
    await page.get_by_label("old names").check()
    await page.get_by_text("system.replica_joined").wait_for()
    room.send({"message_type": "conversation", "event_type": "custom.wave", "properties": {"hand": "left"}})
    await page.get_by_text("custom.wave").click()

    assert '"hand": "left"' in await page.locator("details[open] pre").inner_text()
    assert await page.locator("#count").inner_text() == str(len(room.messages))


async def test_messages_of_any_form_are_shown(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    page = await visit(url(room, reader))
    odd: list[dict[str, Any]] = [
        {},
        {"event_type": 5, "properties": [1], "timestamp": {}},
        {"event_type": "conversation.utterance"},
        {"event_type": "conversation.utterance", "properties": {"role": "user", "speech": {"x": 1}}},
        {"event_type": "conversation.joined", "properties": {"role": "user", "name": ["x"]}},
        {"event_type": "conversation.left", "properties": "x"},
        {"event_type": "conversation.tool_call", "properties": {"name": None}},
        {"event_type": "system.shutdown", "properties": {"shutdown_reason": 5}},
    ]
    for message in odd:
        room.send(message)
    room.send({"event_type": "custom.after", "properties": {}})
    await page.get_by_text("custom.after").wait_for()

    assert await page.locator("#list > li").count() == len(room.messages)


# Whether a line of the transcript, of which only the text is known, is in view.
IN_VIEW = """
(text) => {
  const list = document.getElementById("transcript").getBoundingClientRect();
  const line = [...document.querySelectorAll(".what")].find((line) => line.textContent === text);
  const place = line?.getBoundingClientRect();
  return line !== undefined && place.top >= list.top && place.bottom <= list.bottom;
}
"""

# Scrolls the transcript by so many pixels, and waits until its listeners know.
SCROLL = """
(pixels) => new Promise((resolve) => {
  const list = document.getElementById("transcript");
  list.addEventListener("scroll", () => resolve(), { once: true });
  list.scrollTop += pixels;
})
"""


async def test_the_newest_words_are_in_view_unless_one_looks_back(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    participant_id = room.join("Kim")
    page = await visit(url(room, reader))

    async def speak(text: str) -> None:
        room.say(participant_id, text)
        await page.get_by_text(text, exact=True).wait_for()

    async def see(text: str) -> None:
        async with asyncio.timeout(10):
            while not await page.evaluate(IN_VIEW, text):  # noqa: ASYNC110 - scrolling takes its time
                await asyncio.sleep(0.01)

    for number in range(30):
        await speak(f"Line {number}")
    await see("Line 29")
    await page.locator("#transcript").hover()
    await page.mouse.wheel(0, -5000)
    await see("Line 0")
    await speak("Line 30")
    assert await page.evaluate(IN_VIEW, "Line 0")
    await page.mouse.wheel(0, 5000)
    await see("Line 30")
    await speak("Line 31")

    await see("Line 31")
    assert not await page.evaluate(IN_VIEW, "Line 0")
    await page.evaluate(SCROLL, -30)
    await speak("Line 32")
    assert not await page.evaluate(IN_VIEW, "Line 32")


async def test_a_page_that_is_not_seen_catches_up_when_it_is(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    page = await visit(url(room, reader))
    await page.get_by_text("system.pal_joined").wait_for()
    set_hidden = """
    (hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }
    """
    async with page.expect_event("requestfailed", lambda request: "/events" in request.url):
        await page.evaluate(set_hidden, True)
    room.send({"event_type": "custom.meanwhile", "properties": {}})
    async with page.expect_event("request", lambda request: "/events" in request.url):
        await page.evaluate(set_hidden, False)
    await page.get_by_text("custom.meanwhile").wait_for()

    assert await page.locator("#list > li").count() == len(room.messages)


async def test_the_persona_is_seen_to_speak(reader: Reader, visit: Any) -> None:
    room = await open_room(reader, custom_greeting=GREETING)
    page = await visit(url(room, reader))
    await page.get_by_text("Waiting for you to join").wait_for()
    await join(page)
    await page.get_by_text("Speaking …").wait_for()
    reader.sandbox.advance(30)

    await page.get_by_text("Listening").wait_for()
    assert room.participants


async def test_a_conversation_that_is_ended_from_outside_ends_on_the_page(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    page = await visit(url(room, reader))
    await join(page)
    await page.get_by_label("Say something").focus()
    headers = {"x-api-key": reader.sandbox.api_key}
    await reader.send("POST", f"/v2/conversations/{room.conversation_id}/end", headers=headers)
    await page.get_by_role("heading", name="This conversation has ended").wait_for()

    assert await page.get_by_text("It was ended through the API.").is_visible()
    assert not await page.get_by_label("Say something").is_visible()
    assert not await page.get_by_role("button", name="Leave").is_visible()
    assert await page.locator("#status").inner_text() == "Ended"
    assert await page.evaluate("document.activeElement.id") == "ended"
    assert not await page.locator("#trouble").is_visible()


async def test_a_conversation_that_has_ended_can_be_read(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    participant_id = room.join("Robin")
    room.say(participant_id, "Hello")
    room.end("participant_left_timeout reached")
    page = await visit(url(room, reader))
    await page.get_by_text("Everybody had left.").wait_for()

    assert "Robin: Hello" in await lines(page)
    assert not await page.get_by_role("button", name="Join").is_visible()


async def test_two_browsers_in_one_room_hear_each_other(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    robin, kim = await visit(url(room, reader)), await visit(url(room, reader))
    await join(robin, "Robin")
    await join(kim, "Kim")
    await say(robin, "Hello Kim")
    await kim.get_by_text("Hello Kim", exact=True).wait_for()
    await say(kim, "Hello Robin")
    await robin.get_by_text("Hello Robin", exact=True).wait_for()

    assert [line for line in await lines(robin) if said_by_people(line)] == ["You: Hello Kim", "Kim: Hello Robin"]
    assert [line for line in await lines(kim) if said_by_people(line)] == ["Robin: Hello Kim", "You: Hello Robin"]
    reader.sandbox._pages.visitors.grace = 0.2
    await kim.context.close()
    await robin.get_by_text("Kim left").wait_for()
    assert list(room.participants.values()) == ["Robin"]


async def test_reloading_the_page_keeps_the_visitor_in_the_room(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    page = await visit(url(room, reader))
    await join(page)
    await say(page, "Still here")
    before = dict(room.participants)
    await page.reload()
    await page.get_by_label("Say something").wait_for()
    await say(page, "After all")
    await page.get_by_text("After all", exact=True).wait_for()

    assert dict(room.participants) == before
    assert "You: Still here" in await lines(page)


async def test_who_was_thrown_out_is_asked_to_join_again(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    page = await visit(url(room, reader))
    await join(page)
    (participant_id,) = room.participants
    room.leave(participant_id)
    await say(page, "Anybody?")

    await page.get_by_text("There is no participant").wait_for()
    assert await page.get_by_label("Say something").input_value() == "Anybody?"
    await page.reload()
    await page.get_by_role("button", name="Join").wait_for()
    assert await page.get_by_label("Your name").input_value() == "Robin"


async def test_a_full_room_says_so(reader: Reader, visit: Any) -> None:
    room = await open_room(reader, max_participants=2)
    page, late = await visit(url(room, reader)), await visit(url(room, reader))
    await join(page)
    await late.get_by_label("Your name").fill("Late")
    await late.get_by_label("Your name").press("Enter")

    assert "full" in await late.get_by_role("alert").filter(has_text="room").inner_text()


async def test_a_private_room_is_entered_by_its_own_url(reader: Reader, visit: Any) -> None:
    room = await open_room(reader, require_auth=True)
    stored = reader.stored(room)
    page = await visit(stored["conversation_url"])
    await join(page)
    await say(page, "Psst")
    await page.get_by_text("Psst", exact=True).wait_for()
    stranger = await visit(url(room, reader))

    assert await stranger.get_by_role("heading").inner_text() == "This conversation is private"


async def test_names_and_words_are_text_and_nothing_else(read: Start, visit: Any) -> None:
    persona = {"persona_id": "p1", "persona_name": HOSTILE, "default_replica_id": "r1"}
    reader = await read(Sandbox(personas=[persona], replies=[HOSTILE]))
    room = await open_room(reader, custom_greeting=HOSTILE)
    page = await visit(url(room, reader))
    await page.get_by_text(f"“{HOSTILE}”").wait_for()
    await join(page, HOSTILE)
    await say(page, HOSTILE)
    reader.sandbox.advance(10)
    room.send({"message_type": "conversation", "event_type": HOSTILE, "properties": {HOSTILE: HOSTILE}})
    await page.locator("#list code", has_text="img").click()
    await page.locator("details[open] pre").wait_for()

    assert await lines(page) == [
        f"{HOSTILE} joined",
        f"{HOSTILE}: {HOSTILE}",
        f"You: {HOSTILE}",
        f"{HOSTILE}: {HOSTILE}",
    ]
    assert await page.locator("img[src=x]").count() == 0
    assert await page.title() == f"{HOSTILE} · Tavus sandbox"


async def test_on_a_phone_on_its_side_there_is_room_for_words(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    page = await visit(url(room, reader), viewport={"width": 740, "height": 360})
    await page.get_by_role("button", name="Join").wait_for()
    while_outside = await page.locator("#transcript").bounding_box()
    await join(page)
    inside = await page.locator("#transcript").bounding_box()

    assert while_outside["height"] >= 100
    assert inside["height"] >= 150


@pytest.mark.parametrize("name", ["Ada", "Donaudampfschifffahrtsgesellschaftskapitänsmützenmacherin" * 4, "W" * 300])
async def test_it_fits_on_a_phone(read: Start, visit: Any, name: str) -> None:
    reader = await read(
        Sandbox(personas=[{"persona_id": "p1", "persona_name": name, "default_replica_id": "r1"}], replies=[name])
    )
    room = await open_room(reader, custom_greeting=name)
    page = await visit(url(room, reader), **PHONE)
    await join(page, name[:80])
    await say(page, name)
    reader.sandbox.advance(200)
    await until(lambda: len(room.lines) >= 3)
    await page.get_by_label("Say something").wait_for()
    assert not await page.get_by_role("heading", name="Events").is_visible()
    await page.get_by_role("button", name="Events").click()
    await page.get_by_role("heading", name="Events").wait_for()
    assert not await page.get_by_label("Say something").is_visible()
    await page.locator("summary:visible").last.click()
    widths = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    await page.get_by_role("button", name="Events").click()
    button = await page.get_by_role("button", name="Say", exact=True).bounding_box()

    assert widths == [360, 360]
    assert button is not None
    assert button["x"] + button["width"] <= 360
    assert button["y"] + button["height"] <= 740
    assert button["height"] >= 44


async def test_colours_can_be_read_by_day_and_by_night(reader: Reader, visit: Any, scheme: str) -> None:
    room = await open_room(reader)
    page = await visit(url(room, reader), color_scheme=scheme)
    await join(page)
    await say(page, "Hello")
    reader.sandbox.advance(10)
    await page.get_by_text("You said: Hello", exact=True).wait_for()
    background = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    faint = await page.evaluate(CONTRASTS)

    assert (sum(map(int, background[4:-1].split(", "))) > 384) == (scheme == "light")
    assert faint == []


# The texts on the page whose contrast to what is behind them is less than WCAG asks for.
CONTRASTS = """
() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, a = 1] = rgb(getComputedStyle(e).backgroundColor);
      if (a > 0.99) return [r, g, b];
    }
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest("#face")) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.push(element.className + " " + element.textContent.trim().slice(0, 30));
  }
  return faint;
}
"""


async def test_nothing_moves_for_those_who_want_no_motion(reader: Reader, visit: Any) -> None:
    room = await open_room(reader, custom_greeting=GREETING)
    page = await visit(url(room, reader), reduced_motion="reduce")
    await join(page)
    await page.get_by_text("Speaking …").wait_for()

    assert await page.evaluate("document.getAnimations().length") == 0
    assert room.participants


@pytest_asyncio.fixture(loop_scope="module")
async def serve() -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """Serves a page of some app on this machine and gives its address."""
    runners: list[web.ServerRunner] = []

    async def serve(html: str) -> str:
        async def answer(_request: web.BaseRequest) -> web.Response:
            return web.Response(text=html, content_type="text/html")

        runner = web.ServerRunner(web.Server(answer))
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://localhost:{runner.addresses[0][1]}"

    yield serve
    for runner in runners:
        await runner.cleanup()


async def test_an_app_on_this_machine_may_show_the_room_in_a_frame(reader: Reader, visit: Any, serve: Any) -> None:
    room = await open_room(reader)
    page = await visit(await serve(f'<iframe src="{url(room, reader)}" width="700" height="600"></iframe>'))
    frame = page.frame_locator("iframe")
    await frame.get_by_label("Your name").fill("Robin")
    await frame.get_by_role("button", name="Join").click()
    await frame.get_by_label("Say something").wait_for()

    assert list(room.participants.values()) == ["Robin"]


async def test_a_screen_reader_is_told_what_is_said_and_what_things_are(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    page = await visit(url(room, reader))
    await join(page)
    log = page.get_by_role("log", name="Transcript")

    assert await log.get_attribute("aria-live") == "polite"
    assert await page.get_by_role("main", name="Ada").count() == 1
    assert await page.get_by_role("complementary", name="Events").count() == 1
    assert await page.get_by_role("textbox", name="Say something").count() == 1
    assert await page.get_by_role("button", name="Events").get_attribute("aria-expanded") == "true"


async def test_a_sandbox_that_has_gone_and_come_back_is_told(reader: Reader, visit: Any) -> None:
    room = await open_room(reader)
    page = await visit(url(room, reader))
    await page.get_by_role("button", name="Join").wait_for()
    port = int(reader.sandbox.url.rpartition(":")[2])
    await reader.sandbox.aclose()
    await page.get_by_text("The connection is lost.").wait_for()
    await page.get_by_label("Your name").fill("Robin")
    await page.get_by_role("button", name="Join").click()
    await page.get_by_text("Is it still running?").wait_for()
    reader.sandbox.port = port
    await reader.sandbox.start()
    await page.locator("#trouble").wait_for(state="hidden")
    await join(page)

    assert list(room.participants.values()) == ["Robin"]
