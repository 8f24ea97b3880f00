"""The Telegram bot, as a process that talks to a Bot API server of the test's own."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from tavus_async.sandbox import Sandbox
from tests.examples import programs
from tests.support.quick import until

programs.load("telegram.ext", needs="python-telegram-bot")
TOKEN = "123:telegram-token"  # of no bot
BOT = {"id": 1, "is_bot": True, "first_name": "Caller", "username": "caller_bot"}


class Telegram:
    """The part of the Bot API that the bot uses."""

    def __init__(self) -> None:
        self.updates: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.answers: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self.polled = asyncio.Event()
        self.count = 0

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one call of a method."""
        assert request.match_info["token"] == TOKEN
        given = await request.post()
        result: Any = True
        match request.match_info["method"].lower():
            case "getme":
                result = BOT
            case "getupdates":
                self.polled.set()
                result = await self.next_updates()
            case "sendmessage":
                chat = int(str(given["chat_id"]))
                self.answers.put_nowait((chat, str(given["text"])))
                result = self.message(chat, str(given["text"]))
        return web.json_response({"ok": True, "result": result})

    async def next_updates(self) -> list[dict[str, Any]]:
        try:
            return [await asyncio.wait_for(self.updates.get(), 1.0)]
        except TimeoutError:
            return []

    def message(self, chat: int, text: str) -> dict[str, Any]:
        self.count += 1
        command = {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
        return {
            "message_id": self.count,
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private"},
            "from": {"id": chat, "is_bot": False, "first_name": "Ada"},
            "text": text,
            "entities": [command] if text.startswith("/") else [],
        }

    def send(self, chat: int, text: str) -> None:
        """Let somebody write this in a chat."""
        message = self.message(chat, text)
        self.updates.put_nowait({"update_id": self.count, "message": message})

    async def told(self, chat: int, text: str) -> str:
        """What the bot answers when somebody writes this in a chat."""
        self.send(chat, text)
        async with asyncio.timeout(20):
            where, answer = await self.answers.get()
        assert where == chat
        return answer


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(personas=5, max_conversations=2) as sandbox:
        yield sandbox


@asynccontextmanager
async def bot(sandbox: Sandbox) -> AsyncIterator[tuple[programs.Program, Telegram]]:
    """The bot, and the server that it asks for updates."""
    telegram = Telegram()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", telegram.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    port = programs.free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    variables = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": f"http://127.0.0.1:{port}"}
    try:
        async with programs.running(
            "-m", "examples.telegram_bot", env=programs.environment(sandbox, **variables)
        ) as it:
            await asyncio.wait_for(telegram.polled.wait(), 30)
            yield it, telegram
    finally:
        await runner.cleanup()


async def test_it_opens_and_ends_calls_and_ends_the_rest_when_it_is_told_to_stop(sandbox: Sandbox) -> None:
    async with bot(sandbox) as (program, telegram):
        first = await telegram.told(5, "/call")
        again = await telegram.told(5, "/call")
        other = await telegram.told(6, "/call")
        busy = await telegram.told(7, "/call")
        ended = await telegram.told(6, "/hangup")
        nothing = await telegram.told(6, "/hangup")
        still = sandbox.active_conversation_ids
        code = await program.stop(signal.SIGTERM)

    assert first == again == f"Join here: {sandbox.url}/c/{sandbox.conversation_ids[0]}"
    assert other == f"Join here: {sandbox.url}/c/{sandbox.conversation_ids[1]}"
    assert busy == "All lines are busy. Please try again in a minute."
    assert (ended, nothing) == ("The call has ended.", "There is no call here.")
    assert still == sandbox.conversation_ids[:1]
    assert sandbox.active_conversation_ids == ()
    assert code == 0, program.text
    assert TOKEN not in program.text


async def test_chats_do_not_wait_for_each_other(sandbox: Sandbox) -> None:
    async with bot(sandbox) as (_, telegram):
        sandbox.script(["stall"])
        telegram.send(5, "/call")
        await until(lambda: sandbox.stats().total > 0)
        told = await telegram.told(6, "/call")

    assert told.startswith("Join here: ")


async def test_ctrl_c_ends_the_calls(sandbox: Sandbox) -> None:
    async with bot(sandbox) as (program, telegram):
        await telegram.told(5, "/call")
        code = await program.stop(signal.SIGINT)

    assert len(sandbox.conversation_ids) == 1
    assert sandbox.active_conversation_ids == ()
    assert code == 0, program.text
