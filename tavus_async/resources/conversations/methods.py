"""The session's methods for conversations."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from tavus_async._bulk.polling import Polls
from tavus_async._bulk.run import OnProgress, check_callback
from tavus_async._bulk.session_part import Send
from tavus_async._records.record import Record
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import check_seconds, of_kind
from tavus_async._values import Outcome, Page
from tavus_async._wire.resource import as_draft
from tavus_async.errors import InvalidRequestError, NotFoundError
from tavus_async.resources._lazy import lazy_modules
from tavus_async.resources._sends import PAGE_SIZE, Sends

if TYPE_CHECKING:
    from tavus_async.resources.conversations import calls, choice, context, events, records, transcript, waiting
else:
    calls, choice, context, events, records, transcript, waiting = lazy_modules(
        __name__, "calls", "choice", "context", "events", "records", "transcript", "waiting"
    )

# Seconds: events come one to three minutes after the end, and a little later now and then.
USUAL_WAIT = 600.0

OnChange = Callable[["records.Conversation"], object]


class Conversations(Sends):
    """Creates, reads, lists, ends and deletes conversations, sends messages into them, and waits for their events."""

    def conversation(
        self,
        draft: "records.ConversationDraft | Mapping[str, Any]",
        *,
        wait_for_slot: float | None = None,
        end_timeout: float = 10.0,
    ) -> AbstractAsyncContextManager["records.Conversation"]:
        """Open a conversation that is ended in any case: `async with session.conversation(draft) as conversation:`.

        It is created on entering, and ended on leaving: after an error, a cancellation, `asyncio.timeout`, Ctrl-C, and
        when the session is closed. Ending is not interrupted, takes *end_timeout* seconds at most, and goes before all
        that waits for the rate limit. If it fails, a warning tells the id; its error is raised, or, where the block has
        an error of its own, noted on that.

        - *wait_for_slot*: seconds for which it is tried again, in order of arrival, while the account has as many
          conversations as it may have; None raises ConcurrencyLimitError at once.
        - *end_timeout*: seconds for ending it, and for what an entering that fails leaves behind.

        A create whose answer is lost is looked for by its name, ended, and then AmbiguousOutcomeError is raised: a
        draft without a name gets a unique one. With a name of yours that others use too, what cannot be told apart is
        not ended, and a warning tells the ids.
        Raises InvalidRequestError for a draft that cannot be sent; else as `create_conversation()` does.
        """
        draft = hidden(draft, texts=True)
        made = as_draft(records.ConversationDraft, draft)
        check_seconds("wait_for_slot", wait_for_slot)
        check_seconds("end_timeout", end_timeout, is_needed=True)
        return context.ConversationContext(
            made, open_part=self._open_conversations, wait_for_slot=wait_for_slot, end_timeout=end_timeout
        )

    async def create_conversation(
        self,
        draft: "records.ConversationDraft | Mapping[str, Any]",
        *,
        wait_for_slot: float | None = None,
        timeout: float | None = None,
    ) -> "records.Conversation":
        """Create a conversation, which costs money until it is ended; `conversation()` ends it by itself.

        *wait_for_slot* is for how many seconds it is tried again, in order of arrival, while the account has as many
        conversations as it may have. *draft* may be a mapping, such as a body copied from the documentation. It is
        never sent twice where the first may have worked: a lost answer raises AmbiguousOutcomeError, and
        `find_conversations(error.name)` tells.
        Raises InvalidRequestError for a draft without persona and replica, or with what the server refuses for certain;
        ConcurrencyLimitError, and PaymentRequiredError where there are no credits.
        Source: https://docs.tavus.io/api-reference/conversations/create-conversation
        """
        draft = hidden(draft, texts=True)
        create = partial(self.send, calls.create_conversation(draft), timeout=timeout)
        if wait_for_slot is None:
            return await create()
        check_seconds("wait_for_slot", wait_for_slot)
        return await self._part(context.OpenConversations).slots.take(create, patience=wait_for_slot)

    async def get_conversation(
        self, conversation_id: str, *, verbose: bool = False, timeout: float | None = None
    ) -> "records.Conversation":
        """Return one conversation by its id; with *verbose* also its events, and why it ended.

        Raises NotFoundError for an id that the account does not have.
        Source: https://docs.tavus.io/api-reference/conversations/get-conversation
        """
        return await self.send(calls.get_conversation(conversation_id, verbose=verbose), timeout=timeout)

    async def list_conversations(
        self, *, status: str | None = None, page_size: int = PAGE_SIZE, timeout: float | None = None
    ) -> AsyncIterator["records.Conversation"]:
        """Iterate over the conversations of all pages, each once.

        *status* is `active` or `ended`; None takes both. *timeout* is each page's, in seconds.
        Source: https://docs.tavus.io/api-reference/conversations/get-conversations
        """
        found = self._list_all(
            calls.CONVERSATIONS, calls.list_conversations_page, page_size=page_size, timeout=timeout, status=status
        )
        async for conversation in found:
            yield conversation

    async def list_conversations_page(
        self, *, page: int = 1, limit: int = 10, status: str | None = None, timeout: float | None = None
    ) -> Page["records.Conversation"]:
        """Return one page, counted from 1, of at most *limit* conversations.

        *status* is `active` or `ended`; None takes both. Raises InvalidRequestError for a page or limit below 1.
        Source: https://docs.tavus.io/api-reference/conversations/get-conversations
        """
        call = calls.list_conversations_page(page=page, limit=limit, status=status)
        return await self.send(call, timeout=timeout)

    async def find_conversations(
        self, conversation_name: str, *, timeout: float | None = None
    ) -> list["records.Conversation"]:
        """Return the conversations of this name, which need not be unique; the list is read to its end.

        After an AmbiguousOutcomeError, `find_conversations(error.name)` tells whether the create has happened.
        *timeout* is each page's, in seconds.
        """
        of_kind("conversation_name", conversation_name, str, error=InvalidRequestError)
        found = self.list_conversations(timeout=timeout)
        return [each async for each in found if each.conversation_name == conversation_name]

    async def end_conversation(self, conversation_id: str, *, timeout: float | None = None) -> None:
        """End a conversation; it goes before all that waits for the rate limit.

        Raises NotFoundError for an id that the account does not have, and for one that has ended already, of which the
        server says the same; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/conversations/end-conversation
        """
        await self.send(calls.end_conversation(conversation_id), timeout=timeout)

    async def end_conversations(
        self,
        *,
        persona_id: str | None = None,
        replica_id: str | None = None,
        name_prefix: str | None = None,
        older_than: float | timedelta | None = None,
        everything: bool = False,
        on_progress: OnProgress | None = None,
        timeout: float | None = None,
    ) -> list[Outcome[None]]:
        """End the active conversations that match all that is given, and return an Outcome for each, its key the id.

        - *name_prefix*: how their names begin.
        - *older_than*: seconds since they were created, or a timedelta; one that does not tell when is left alone.
        - *everything*: ends all, other programs' too: without it and without any filter, nothing is ended.
        - *timeout*: seconds for each page of the list, and for each conversation.

        Ended meanwhile is ended. Raises InvalidRequestError without a filter, so that nobody ends another's
        conversations by accident, and what reading the list raises.
        """
        fits = choice.choose(
            persona_id=persona_id,
            replica_id=replica_id,
            name_prefix=name_prefix,
            older_than=older_than,
            everything=everything,
        )
        check_callback(on_progress)
        active = self.list_conversations(status="active", timeout=timeout)
        # All are read before the first is ended: pages of what is active shift as it ends.
        ids = [each.conversation_id async for each in active if fits(each)]
        outcomes = self.send_each(calls.end_conversation, ids, on_progress=on_progress, timeout=timeout, ordered=True)
        async with outcomes:
            return [ended_already(outcome) async for outcome in outcomes]

    async def delete_conversation(
        self, conversation_id: str, *, hard: bool = False, timeout: float | None = None
    ) -> None:
        """Delete a conversation: what it left, not the call, which `end_conversation()` ends.

        *hard* removes it for good; else it is hidden. Raises NotFoundError where there is none.
        Source: https://docs.tavus.io/api-reference/conversations/delete-conversation
        """
        await self.send(calls.delete_conversation(conversation_id, hard=hard), timeout=timeout)

    async def send_app_message(
        self, conversation_id: str, message: Record | Mapping[str, Any], *, timeout: float | None = None
    ) -> None:
        """Send a message into an active conversation: one of `tavus_async.interactions`, or a mapping.

        That it was accepted does not mean that it was acted on. The server takes 120 in a minute, of 65,536 bytes each.
        Raises BadRequestError where the conversation is not active, InvalidRequestError for a message that is too long
        or without an `event_type`, and AmbiguousOutcomeError where it may have been delivered.
        Source: https://docs.tavus.io/api-reference/conversations/send-app-message
        """
        message = hidden(message, texts=True)
        await self.send(calls.send_app_message(conversation_id, message), timeout=timeout)

    async def list_canvas_interactions(
        self, conversation_id: str, *, timeout: float | None = None
    ) -> tuple["records.CanvasInteraction", ...]:
        """Return what was done with what was shown on the canvas, the oldest first.

        Source: https://docs.tavus.io/api-reference/canvas-interactions/list-canvas-interactions
        """
        return await self.send(calls.list_canvas_interactions(conversation_id), timeout=timeout)

    async def record_canvas_interaction(
        self,
        conversation_id: str,
        draft: "records.CanvasInteractionDraft | Mapping[str, Any]",
        *,
        timeout: float | None = None,
    ) -> None:
        """Record what somebody did with something on the canvas of an active conversation.

        A second one with the same *interaction_id* does nothing. Raises InvalidRequestError for ids that are missing or
        longer than 128 characters.
        Source: https://docs.tavus.io/api-reference/canvas-interactions/record-canvas-interaction
        """
        draft = hidden(draft, texts=True)
        await self.send(calls.record_canvas_interaction(conversation_id, draft), timeout=timeout)

    async def wait_for_transcript(
        self, conversation_id: str, *, timeout: float | None = USUAL_WAIT, on_progress: OnChange | None = None
    ) -> "transcript.Transcript":
        """Wait until a conversation has ended and its transcript is there, and return it.

        It comes one to three minutes after the end. *timeout* is in seconds, None for ever. *on_progress* is called
        with the conversation each time it has changed. Raises ProcessingFailedError where nobody talked, so that there
        is none, and where none came within five minutes of the end; DeadlineExceededError when the time is over.
        """
        kind = events.TranscriptionReady
        found = await self.wait_for_events(conversation_id, kind, timeout=timeout, on_progress=on_progress)
        ready = next(event for event in reversed(found) if isinstance(event, kind))
        return ready.transcript

    async def wait_for_events(
        self,
        conversation_id: str,
        *kinds: "waiting.Kind | tuple[waiting.Kind, ...]",
        timeout: float | None = USUAL_WAIT,
        on_progress: OnChange | None = None,
    ) -> tuple["events.Event", ...]:
        """Wait until a conversation has an event of each kind, and return all that it has.

        A kind is a class of `tavus_async.webhooks`, or an `event_type`; a tuple of kinds is satisfied by any of them.
        Without any: its transcript, and the analysis of what was seen or the message that there is none. It is read
        through the rate limit, every 2 seconds at first and every 15 at last, once for all who wait for it.
        *timeout*, *on_progress* and errors are those of `wait_for_transcript()`.
        """
        check_seconds("timeout", timeout)
        check_callback(on_progress)
        call = calls.get_conversation(conversation_id, verbose=True)
        conversation_id = str.__str__(conversation_id)  # the text alone, where the class has ideas of its own
        return await self._part(Polls).wait(
            call,
            waiting.watch(kinds).look,
            send=self._sender(),
            key=f"conversation {conversation_id}",
            what=f"what was waited for in the conversation {conversation_id}",
            timeout=timeout,
            on_progress=on_progress,
        )

    def _open_conversations(self) -> "tuple[context.OpenConversations, Send]":
        return self._part(context.OpenConversations), self._sender()


def ended_already(outcome: Outcome[None]) -> Outcome[None]:
    """Return an outcome; of a conversation that was not there to be ended, one without an error."""
    if not isinstance(outcome.error, NotFoundError):
        return outcome
    return Outcome(key=outcome.key, attempts=outcome.attempts, elapsed=outcome.elapsed)
