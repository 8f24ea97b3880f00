"""What the web apps here have in common: conversations that one request opens, another ends, and a page watches.

All this is in the memory of one process. With several, send the requests of a visitor to the same one.
"""

import asyncio
import logging
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Self

import attrs

from tavus_async import (
    AsyncSession,
    ConcurrencyLimitError,
    Conversation,
    ConversationDraft,
    ConversationProperties,
    DeadlineExceededError,
    InvalidRequestError,
    NotFoundError,
    PaymentRequiredError,
    QueueTimeoutError,
    RateLimitedError,
    TavusError,
)
from tavus_async.webhooks import Event, ReplicaJoined, Secret, Shutdown, TranscriptionReady

log = logging.getLogger(__name__)
BUSY = 503
TRANSCRIPT_WITHIN = 180.0  # seconds after the end; if nobody said anything, there is none


@attrs.frozen(kw_only=True)
class Settings:
    """What the apps take from the environment, besides what the session does."""

    persona_id: str
    port: int
    public_url: str
    """Where Tavus reaches this app."""
    secret: Secret
    """Makes the address of its webhooks unguessable: they are not signed. All processes need the same."""

    @classmethod
    def from_environment(cls) -> Self:
        """Return what the environment says; KeyError without TAVUS_PERSONA_ID."""
        port = int(os.environ.get("PORT", "8000"))
        return cls(
            persona_id=os.environ["TAVUS_PERSONA_ID"],
            port=port,
            public_url=os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{port}"),
            secret=Secret(os.environ["WEBHOOK_SECRET"]) if "WEBHOOK_SECRET" in os.environ else Secret.new(),
        )

    def draft(self) -> ConversationDraft:
        """Return what each visitor gets. It ends by itself, too, should nobody be left to end it."""
        return ConversationDraft(
            persona_id=self.persona_id,
            callback_url=self.secret.callback_url(f"{self.public_url}/webhooks/tavus"),
            properties=ConversationProperties(max_call_duration=1_800, participant_absent_timeout=120),
        )


class Visits:
    """The conversations that this process has opened for its visitors, and those who watch them."""

    def __init__(self, tavus: AsyncSession, draft: ConversationDraft) -> None:
        self.tavus = tavus
        self.draft = draft
        self.endings: dict[str, AsyncExitStack] = {}
        self.watchers: defaultdict[str, set[asyncio.Queue[Event | None]]] = defaultdict(set)

    async def open(self) -> Conversation:
        """Return a new conversation. While all lines of the account are busy, wait up to 5 s for one."""
        ending = AsyncExitStack()
        conversation = await ending.enter_async_context(self.tavus.conversation(self.draft, wait_for_slot=5.0))
        self.endings[conversation.conversation_id] = ending
        return conversation

    async def end(self, conversation_id: str) -> None:
        """End a conversation, also one that was opened before this process was started anew."""
        if ending := self.endings.pop(conversation_id, None):
            await ending.aclose()
        else:
            await self.tavus.end_conversation(conversation_id)

    async def tell(self, event: Event) -> None:
        """Take what a webhook has brought, and tell those who watch."""
        for queue in self.watchers.get(event.conversation_id or "", ()):
            queue.put_nowait(event)
        if isinstance(event, Shutdown) and event.conversation_id in self.endings:
            await self.end(event.conversation_id)

    @asynccontextmanager
    async def watch(self, conversation_id: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Give the steps of a conversation, from its beginning to its transcript, as they come."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self.watchers[conversation_id].add(queue)  # first, or a step could come between reading and watching
        try:
            yield steps(await self.tavus.get_conversation(conversation_id, verbose=True), queue)
        finally:
            self.watchers[conversation_id].discard(queue)
            if not self.watchers[conversation_id]:
                del self.watchers[conversation_id]

    def stop_watching(self) -> None:
        """Let go of all who watch: a server that shuts down waits for its open answers."""
        for queues in self.watchers.values():
            for queue in queues:
                queue.put_nowait(None)


async def steps(conversation: Conversation, queue: "asyncio.Queue[Event | None]") -> AsyncIterator[dict[str, Any]]:
    """Yield each step once, then that it is over: nothing more will come."""
    told = {conversation.status}
    yield {"step": conversation.status, "join_url": conversation.join_url, "reason": conversation.end_reason}
    async for event in events_of(conversation, queue):
        step = step_of(event)
        if step and step["step"] not in told:
            told.add(step["step"])
            yield step
        if isinstance(event, TranscriptionReady):
            break
    yield {"step": "over"}


async def events_of(conversation: Conversation, queue: "asyncio.Queue[Event | None]") -> AsyncIterator[Event]:
    """Yield what has happened, then what comes in the queue; an event may be among both."""
    has_ended = conversation.status == "ended"
    for event in conversation.events or ():
        yield event
    with suppress(TimeoutError):
        while True:
            async with asyncio.timeout(TRANSCRIPT_WITHIN if has_ended else None):
                news = await queue.get()
            if news is None:
                return
            has_ended = has_ended or isinstance(news, Shutdown)
            yield news


def step_of(event: Event) -> dict[str, Any] | None:
    """What visitors may see of an event: a transcript begins with prompts, which are not theirs to read."""
    match event:
        case ReplicaJoined():
            return {"step": "joined"}
        case Shutdown():
            return {"step": "ended", "reason": event.shutdown_reason}
        case TranscriptionReady():
            turns = [{"role": turn.role, "text": turn.content} for turn in event.transcript if turn.is_spoken]
            return {"step": "transcript", "turns": turns}
        case _:
            return None


def http_answer(error: TavusError) -> tuple[int, str]:
    """Return the status and the sentence that a visitor gets when a call to Tavus has failed."""
    match error:
        case NotFoundError() | InvalidRequestError():
            return 404, "There is no such conversation."
        case PaymentRequiredError():
            return 402, "No minutes are left this month."
        case ConcurrencyLimitError() | RateLimitedError() | QueueTimeoutError():
            return BUSY, "All lines are busy. Please try again in half a minute."
        case DeadlineExceededError():
            return 504, "Tavus takes too long to answer. Please try again."
        case _:
            log.error("a call to Tavus has failed: %s", error)
            return 502, "Something went wrong at our end. Please try again later."


def http_headers(status: int) -> dict[str, str]:
    """Return the headers that go with a status."""
    return {"Retry-After": "30"} if status == BUSY else {}
