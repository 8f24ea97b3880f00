"""A conversation that is ended whatever happens: `async with session.conversation(draft) as conversation:`."""

import asyncio
import contextlib
import logging
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any

import attrs

from tavus_async._bulk.session_part import Send, SessionPart
from tavus_async._wire.call import Call
from tavus_async.errors import SessionClosedError, TavusError
from tavus_async.resources.conversations import calls
from tavus_async.resources.conversations.ending import complete, end_for_certain
from tavus_async.resources.conversations.orphans import Search, find_orphans, is_answered, may_exist
from tavus_async.resources.conversations.records import Conversation, ConversationDraft
from tavus_async.resources.conversations.slots import SlotLine

log = logging.getLogger("tavus_async")

# Ids of conversations that were created which are remembered, so that they are not taken for lost ones.
MOST_CREATED = 10_000


class OpenConversations(SessionPart):
    """The conversations that a session has opened and has yet to end, and the line for those that it may not open."""

    def __init__(self) -> None:
        self.slots = SlotLine()
        self.creating: Counter[str | None] = Counter()
        """How many creates are under way, by the name of what they create."""
        self.lost: Counter[str | None] = Counter()
        """How many creates were lost of which the conversation was not found, by its name."""
        self._contexts: set[ConversationContext] = set()
        self._created: OrderedDict[str, None] = OrderedDict()
        self._is_closed = False

    @property
    def created(self) -> OrderedDict[str, None]:
        """Ids of conversations of which the create was answered, the last of them at least."""
        return self._created

    def add(self, context: "ConversationContext") -> None:
        """Answer for a conversation from now on; SessionClosedError while the session is being closed."""
        if self._is_closed:
            raise SessionClosedError("the session is closed")
        self._contexts.add(context)

    def remove(self, context: "ConversationContext") -> None:
        """Answer for a conversation no longer: it has ended."""
        self._contexts.discard(context)

    def remember(self, conversation_id: str) -> None:
        """Remember a conversation, so that it is not taken for a lost one."""
        self._created[conversation_id] = None
        if len(self._created) > MOST_CREATED:
            self._created.popitem(last=False)

    async def aclose(self) -> None:
        """End all that is open or being opened."""
        self._is_closed = True
        self.slots.close()
        await asyncio.gather(*(context.close() for context in tuple(self._contexts)))

    def abandon(self) -> None:
        """Tell which conversations may go on: without its event loop, nobody can end them."""
        names = [name for context in self._contexts if (name := context.what) is not None]
        if names:
            log.warning("the event loop was closed while there were conversations: %s", ", ".join(sorted(names)))


class ConversationContext(AbstractAsyncContextManager[Conversation]):
    """Creates a conversation on entering, and ends it on leaving, whatever happens in between.

    *Cancellation.* A create that was sent is waited for, so that what it has created can be ended; one that still
    stands in line is given up. Ending is not interrupted: the cancellation comes after it.
    """

    def __init__(
        self,
        draft: ConversationDraft,
        *,
        open_part: Callable[[], tuple[OpenConversations, Send]],
        wait_for_slot: float | None,
        end_timeout: float,
    ) -> None:
        self._is_shared_name = bool(draft.conversation_name)
        if not self._is_shared_name:
            draft = attrs.evolve(draft, conversation_name=f"conversation {secrets.token_hex(8)}")
        self._draft = draft
        self._call = attrs.evolve(calls.create_conversation(draft), on_send=self._mark_sent)
        self._open_part = open_part
        self._wait_for_slot = wait_for_slot
        self._end_timeout = end_timeout
        self._is_sent = False
        self._since = datetime.now(UTC)
        self._entered = asyncio.Event()
        self._creating: asyncio.Task[Conversation] | None = None
        self._part: OpenConversations | None = None
        self._send: Send = not_entered
        self._conversation: Conversation | None = None
        self._is_ended = False
        self._turn = asyncio.Lock()

    @property
    def what(self) -> str | None:
        """What may be running: an id, or a name where no id is known; None where nothing can be."""
        if self._is_ended or not self._is_sent:
            return None
        return self._conversation.conversation_id if self._conversation else self._draft.conversation_name

    async def __aenter__(self) -> Conversation:
        if self._part is not None:
            raise RuntimeError("session.conversation(…) opens one conversation: call it again for another")
        part, self._send = self._open_part()
        self._part = part
        part.add(self)
        try:
            return await self._enter(part)
        except BaseException:
            if self.what is None:
                part.remove(self)
            raise
        finally:
            self._entered.set()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await complete(self._end)
        except TavusError as failure:
            told = f"the conversation {self.what} could not be ended: {failure}"
            if error is None:
                failure.add_note(f"the conversation {self.what} may still be running")
                raise
            error.add_note(told)

    async def close(self) -> None:
        """End the conversation because the session is being closed; what is being created is waited for."""
        if not self._entered.is_set() and self._creating is not None:
            await asyncio.wait({self._creating}, timeout=self._end_timeout)
            self._creating.cancel()
            await self._entered.wait()
        with contextlib.suppress(TavusError):  # of which a warning has told
            await self._end()
        if self.what is not None and self._conversation is None and self._creating is not None:
            await self._undo(self._part or self._open_part()[0], self._creating)

    async def _enter(self, part: OpenConversations) -> Conversation:
        creating = self._creating = asyncio.get_running_loop().create_task(self._create(part))
        try:
            await asyncio.wait({creating})
        except asyncio.CancelledError:
            if not self._is_sent:
                creating.cancel()
            await complete(partial(self._undo, part, creating))
            raise
        if creating.cancelled() or creating.exception() is not None:
            found = await complete(partial(self._undo, part, creating))
            error = None if creating.cancelled() else creating.exception()
            error = error or SessionClosedError("the session was closed while a conversation was being created")
            if found:
                error.add_note(f"what it had created was found and ended: {', '.join(found)}")
            raise error
        self._conversation = creating.result()
        return self._conversation

    async def _create(self, part: OpenConversations) -> Conversation:
        create = partial(self._send_create, part)
        if self._wait_for_slot is None:
            return await create()
        return await part.slots.take(create, patience=self._wait_for_slot)

    async def _send_create(self, part: OpenConversations) -> Conversation:
        name = self._draft.conversation_name
        self._since = datetime.now(UTC)
        part.creating[name] += 1
        try:
            conversation: Conversation = await self._send(self._call)
        except TavusError as error:
            self._is_sent = may_exist(error)
            raise
        finally:
            count_down(part.creating, name)
        part.remember(conversation.conversation_id)
        return conversation

    async def _undo(self, part: OpenConversations, creating: "asyncio.Task[Conversation]") -> list[str]:
        """End what an entering that fails has created, or may have; return the ids of what was found. It never fails.

        It may be called again for the same create, when a loop that shuts down has cut it off.
        """
        await asyncio.wait({creating}, timeout=self._end_timeout)
        if not creating.done():
            creating.cancel()
            await asyncio.wait({creating})
        error = None if creating.cancelled() else creating.exception()
        answered = isinstance(error, TavusError) and is_answered(error)
        try:
            if not creating.cancelled() and error is None:
                self._conversation = creating.result()
                await self._end()
            elif self._is_sent:
                return await self._end_lost(part, is_patient=not answered)
        except TavusError as failure:
            log.warning("a conversation named %r may be running: %s", self._draft.conversation_name, failure)
        return []

    async def _end_lost(self, part: OpenConversations, *, is_patient: bool) -> list[str]:
        """End the conversation of a create whose answer was lost, and return its id; none where it did not happen.

        A name that the caller gave may be others' too. So those of this session are waited for, and if there are more
        of that name than were lost, it is not known which one it is, and none is ended.
        """
        name = self._draft.conversation_name
        part.lost[name] += 1
        found: list[str] = []
        try:
            found = await find_orphans(
                self._send,
                Search(draft=self._draft, since=self._since, known=part.created),
                timeout=self._end_timeout,
                is_patient=is_patient,
                is_settled=lambda: not self._is_shared_name or not part.creating[name],
            )
            if self._is_shared_name and len(found) > part.lost[name]:
                log.warning("one of these conversations named %r may have been lost: %s", name, ", ".join(found))
                found = []
            for conversation_id in found:
                await end_for_certain(self._send, conversation_id, timeout=self._end_timeout)
                part.remember(conversation_id)
        finally:
            count_down(part.lost, name, max(1, len(found)))
        self._is_ended = True
        part.slots.free()
        return found

    async def _end(self) -> None:
        """End the conversation, if there is one that has not ended; a failure is also told by a warning."""
        async with self._turn:
            if self._is_ended or self._conversation is None or self._part is None:
                return
            conversation_id = self._conversation.conversation_id
            if self._conversation.status != "ended":
                try:
                    await end_for_certain(self._send, conversation_id, timeout=self._end_timeout)
                except TavusError as failure:
                    log.warning("the conversation %s could not be ended: %s", conversation_id, failure)
                    raise
            self._is_ended = True
            self._part.remove(self)
            self._part.slots.free()

    def _mark_sent(self) -> None:
        self._is_sent = True


async def not_entered(call: Call[Any], *, timeout: float | None = None) -> Any:  # noqa: ARG001 (a Send)
    """Refuse to send for a conversation that was not entered."""
    raise RuntimeError("a conversation that was not entered sends nothing")


def count_down(counts: Counter[str | None], name: str | None, number: int = 1) -> None:
    """Count so many less of a name, and forget a name that none are left of: there is no end of names."""
    counts[name] -= number
    if counts[name] <= 0:
        del counts[name]
