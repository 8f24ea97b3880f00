"""Finding the conversation of a create whose answer was lost."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from operator import attrgetter

import attrs

from tavus_async._bulk.pages import walk
from tavus_async._bulk.session_part import Send
from tavus_async._values import Page
from tavus_async.errors import (
    AmbiguousOutcomeError,
    DecodeError,
    ServerError,
    SessionClosedError,
    TavusError,
)
from tavus_async.resources.conversations import calls
from tavus_async.resources.conversations.records import Conversation, ConversationDraft

PAGE_SIZE = 100
# By how much the server's clock may be behind ours.
CLOCK_SKEW = timedelta(minutes=1)
# Seconds between two looks, at first; twice as many each time. A server that was cut off may still be at work.
FIRST_GAP = 0.5


def may_exist(error: TavusError) -> bool:
    """Return whether a conversation may have been created by a call that has failed like this."""
    if isinstance(error, ServerError):
        return not error.refused
    return isinstance(error, (AmbiguousOutcomeError, DecodeError))


def is_answered(error: TavusError) -> bool:
    """Return whether the server itself has answered, so that it is no longer at work on the create."""
    return isinstance(error, (ServerError, DecodeError))


@attrs.frozen(kw_only=True)
class Search:
    """What to look for: a conversation that was created by this draft, at this time, and is none that is known."""

    draft: ConversationDraft
    since: datetime
    known: Collection[str]
    """Ids of conversations that were created by others of this session's creates."""

    def fits(self, conversation: Conversation) -> bool:
        """Return whether this is such a conversation, as far as the list tells."""
        draft = self.draft
        return (
            conversation.conversation_name == draft.conversation_name
            and conversation.conversation_id not in self.known
            and conversation.status != "ended"
            and (draft.persona_id is None or conversation.persona_id in {None, draft.persona_id})
            and (conversation.created_at is None or conversation.created_at >= self.since - CLOCK_SKEW)
        )


async def find_orphans(
    send: Send, search: Search, *, timeout: float, is_patient: bool, is_settled: Callable[[], bool]
) -> list[str]:
    """Return the ids of the conversations that *search* fits.

    It looks until *is_settled* says that no others of this session can be among them, and, if *is_patient*, until there
    is one; for *timeout* seconds at most. Raises what the last look raised when the time is over.
    """
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + timeout, FIRST_GAP
    while True:
        failure: TavusError | None = None
        try:
            found = await look(send, search, timeout=max(deadline - loop.time(), FIRST_GAP))
        except SessionClosedError:
            raise
        except TavusError as error:
            found, failure = [], error
        is_over = loop.time() + pause >= deadline
        is_done = failure is None and is_settled() and (found or not is_patient)
        if is_done or is_over:
            if failure is not None:
                raise failure
            return found
        await asyncio.sleep(pause)
        pause *= 2


async def look(send: Send, search: Search, *, timeout: float) -> list[str]:
    """Return the ids that all pages of active conversations have for a search."""

    async def read_page(page: int) -> Page[Conversation]:
        call = calls.list_conversations_page(page=page, limit=PAGE_SIZE, status="active")
        found: Page[Conversation] = await send(attrs.evolve(call, goes_first=True), timeout=timeout)
        return found

    pages = walk(read_page, id_of=attrgetter("conversation_id"), page_size=PAGE_SIZE)
    return [each.conversation_id async for each in pages if search.fits(each)]
