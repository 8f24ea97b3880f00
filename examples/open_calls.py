"""What the bots here have in common: each channel has one conversation at most, opened once and ended once."""

import asyncio
import logging
from collections import defaultdict
from contextlib import AsyncExitStack

import attrs

from tavus_async import (
    AsyncSession,
    ConcurrencyLimitError,
    Conversation,
    ConversationDraft,
    NotFoundError,
    PaymentRequiredError,
    TavusError,
)

log = logging.getLogger(__name__)


@attrs.frozen
class OpenCall:
    """A channel's conversation, and what ends it."""

    conversation: Conversation
    ending: AsyncExitStack


class OpenCalls:
    """The conversations of a bot that lives for months, all through one session."""

    def __init__(self, tavus: AsyncSession, persona_id: str) -> None:
        self.tavus = tavus
        self.persona_id = persona_id
        self.calls: dict[int, OpenCall] = {}
        self.locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)  # two commands at once open one call

    async def call(self, channel: int) -> str:
        """Open the channel's conversation, and return what to tell those who asked for it."""
        try:
            conversation = await self.open(channel)
        except ConcurrencyLimitError:
            return "All lines are busy. Please try again in a minute."
        except PaymentRequiredError:
            return "No minutes are left this month."
        except TavusError:
            log.exception("no conversation for channel %s", channel)
            return "That did not work. Please try again later."
        return f"Join here: {conversation.conversation_url}"

    async def hang_up(self, channel: int) -> str:
        """End the channel's conversation, and return what to tell those who asked for it."""
        try:
            was_open = await self.end(channel)
        except TavusError:
            log.exception("the conversation of channel %s may still run", channel)
            return "Tavus does not answer. The call ends by itself once everybody has left."
        return "The call has ended." if was_open else "There is no call here."

    async def open(self, channel: int) -> Conversation:
        """Return the channel's conversation: a new one, unless there is one that is still active."""
        async with self.locks[channel]:
            if call := self.calls.get(channel):
                if await self.is_active(call.conversation):
                    return call.conversation
                await self.calls.pop(channel).ending.aclose()
            ending = AsyncExitStack()
            draft = ConversationDraft(persona_id=self.persona_id)
            conversation = await ending.enter_async_context(self.tavus.conversation(draft))
            self.calls[channel] = OpenCall(conversation, ending)
            return conversation

    async def is_active(self, conversation: Conversation) -> bool:
        """Return whether a conversation goes on: it also ends by itself, when everybody has left."""
        try:
            return (await self.tavus.get_conversation(conversation.conversation_id)).status == "active"
        except NotFoundError:  # somebody has deleted it
            return False

    async def end(self, channel: int) -> bool:
        """End the channel's conversation, and return whether there was one."""
        async with self.locks[channel]:
            call = self.calls.pop(channel, None)
            if call:
                await call.ending.aclose()
            return call is not None

    async def close(self) -> None:
        """Close the session, which ends what is still running."""
        await self.tavus.aclose()
