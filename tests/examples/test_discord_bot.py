"""The Discord bot: its commands are called as Discord's library calls them, with what it would hand over."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from tavus_async import AsyncSession
from tavus_async.sandbox import Sandbox
from tests.examples import programs

example = programs.load("examples.discord_bot", needs="discord.py")


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox(personas=5, max_conversations=2) as sandbox:
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        yield sandbox


@pytest.fixture
async def bot(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """A bot that has just logged in."""
    bot = example.CallBot(programs.PERSONA)
    registered: list[str] = []

    async def sync() -> None:
        registered.extend(sorted(command.name for command in bot.commands.get_commands()))

    monkeypatch.setattr(bot.commands, "sync", sync)
    await bot.setup_hook()
    assert registered == ["call", "hangup"]
    yield bot
    await bot.close()


async def given(bot: Any, command: Any, channel: int | None = 1, user: int = 7) -> str:
    """What the bot answers to a command in a channel."""
    answers: list[str] = []
    deferred: list[bool] = []

    async def defer(*, thinking: bool) -> None:
        deferred.append(not answers)

    async def send(text: str) -> None:
        answers.append(text)

    interaction = SimpleNamespace(
        client=bot,
        channel_id=channel,
        user=SimpleNamespace(id=user),
        response=SimpleNamespace(defer=defer),
        followup=SimpleNamespace(send=send),
    )
    await command.callback(interaction)
    assert deferred == [True]  # or Discord would tell its users that the bot does not respond
    (answer,) = answers
    return answer


async def test_a_call_is_opened_once_and_ended_once(bot: Any, sandbox: Sandbox) -> None:
    first = await given(bot, example.call)
    second = await given(bot, example.call)
    (conversation_id,) = sandbox.conversation_ids

    assert first == second == f"Join here: {sandbox.url}/c/{conversation_id}"
    assert await given(bot, example.hangup) == "The call has ended."
    assert await given(bot, example.hangup) == "There is no call here."
    assert sandbox.active_conversation_ids == ()


async def test_two_who_call_at_once_get_one_call(bot: Any, sandbox: Sandbox) -> None:
    first, second = await asyncio.gather(given(bot, example.call), given(bot, example.call))

    assert first == second
    assert len(sandbox.conversation_ids) == 1


async def test_each_channel_and_each_person_has_a_call_of_its_own(bot: Any, sandbox: Sandbox) -> None:
    answers = {await given(bot, example.call, channel=1), await given(bot, example.call, channel=None)}

    assert len(answers) == len(sandbox.active_conversation_ids) == 2


async def test_a_call_that_has_ended_by_itself_is_opened_anew(bot: Any, sandbox: Sandbox) -> None:
    first = await given(bot, example.call)
    sandbox.advance(3_600)
    assert sandbox.active_conversation_ids == ()
    second = await given(bot, example.call)

    assert first != second
    assert len(sandbox.active_conversation_ids) == 1


async def test_a_call_that_somebody_has_deleted_is_opened_anew(bot: Any, sandbox: Sandbox) -> None:
    first = await given(bot, example.call)
    async with AsyncSession() as session:
        await session.delete_conversation(sandbox.conversation_ids[0], hard=True)

    assert await given(bot, example.call) != first


async def test_when_all_lines_are_busy_it_says_so_and_can_call_later(bot: Any, sandbox: Sandbox) -> None:
    await given(bot, example.call, channel=1)
    await given(bot, example.call, channel=2)

    assert await given(bot, example.call, channel=3) == "All lines are busy. Please try again in a minute."
    await given(bot, example.hangup, channel=1)
    assert (await given(bot, example.call, channel=3)).startswith("Join here: ")


@pytest.mark.parametrize(("status", "told"), [(402, "No minutes are left this month."), (401, "That did not work.")])
async def test_what_goes_wrong_is_told_in_a_sentence(bot: Any, sandbox: Sandbox, status: int, told: str) -> None:
    sandbox.script([status])

    assert (await given(bot, example.call)).startswith(told)


async def test_closing_ends_every_call(bot: Any, sandbox: Sandbox) -> None:
    for channel in (1, 2):
        await given(bot, example.call, channel=channel)
    await bot.close()

    assert len(sandbox.conversation_ids) == 2
    assert sandbox.active_conversation_ids == ()
    assert bot.is_closed()


async def test_a_bot_that_never_logged_in_is_closed_all_the_same() -> None:
    bot = example.CallBot(programs.PERSONA)
    await bot.close()

    assert bot.is_closed()
