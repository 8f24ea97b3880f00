"""The session's methods for voices."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any

from tavus_async._bulk.keys import Keys
from tavus_async._bulk.run import MAX_OUTAGE, OnProgress, Outcomes
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import of_kind
from tavus_async._values import Page
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._lazy import lazy_modules
from tavus_async.resources._sends import PAGE_SIZE, Sends

if TYPE_CHECKING:
    from tavus_async.resources.voices import calls, records
else:
    calls, records = lazy_modules(__name__)

# Seconds: a new voice takes up to a few minutes, it is said.
USUAL_CLONING = 900.0


class Voices(Sends):
    """Makes, reads, lists, changes and deletes voices."""

    async def get_voice(self, voice_id: str, *, timeout: float | None = None) -> "records.Voice":
        """Return one voice by its id.

        Raises NotFoundError for an id that is neither the account's nor Tavus' stock.
        Source: https://docs.tavus.io/api-reference/voices/get-voice
        """
        return await self.send(calls.get_voice(voice_id), timeout=timeout)

    async def list_voices(
        self,
        *,
        search: str | None = None,
        tag: str | None = None,
        source: str | None = None,
        sort: str | None = None,
        page_size: int = PAGE_SIZE,
        timeout: float | None = None,
    ) -> AsyncIterator["records.Voice"]:
        """Iterate over the voices of all pages, each once; those without an id by what is in them.

        The filters are those of `list_voices_page()`. *timeout* is each page's, in seconds.
        Source: https://docs.tavus.io/api-reference/voices/get-voices
        """
        found = self._list_all(
            calls.VOICES,
            calls.list_voices_page,
            page_size=page_size,
            timeout=timeout,
            search=search,
            tag=tag,
            source=source,
            sort=sort,
        )
        async for voice in found:
            yield voice

    async def list_voices_page(
        self,
        *,
        page: int = 1,
        limit: int = 10,
        search: str | None = None,
        tag: str | None = None,
        source: str | None = None,
        sort: str | None = None,
        timeout: float | None = None,
    ) -> Page["records.Voice"]:
        """Return one page, counted from 1, of at most *limit* voices.

        - *search*: those whose name has this in it, in upper or lower case.
        - *tag*: those that have it.
        - *source*: `all` for the account's own beside Tavus' stock; None is what the server takes by default.
        - *sort*: `asc` (default) or `desc`, by name.

        Raises InvalidRequestError for a page or limit below 1, and for another *sort*.
        Source: https://docs.tavus.io/api-reference/voices/get-voices
        """
        call = calls.list_voices_page(page=page, limit=limit, search=search, tag=tag, source=source, sort=sort)
        return await self.send(call, timeout=timeout)

    async def find_voices(self, voice_name: str, *, timeout: float | None = None) -> "list[records.Voice]":
        """Return the voices of this name, which need not be unique; the list is read to its end.

        After an AmbiguousOutcomeError, `find_voices(error.name)` tells whether the create has happened.
        *timeout* is each page's, in seconds.
        """
        of_kind("voice_name", voice_name, str, error=InvalidRequestError)
        found = self.list_voices(source="all", timeout=timeout)
        return [voice async for voice in found if voice.voice_name == voice_name]

    async def create_voice(
        self, draft: "records.VoiceDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> "records.Voice":
        """Begin to make a voice of a recording, and return it; `wait_for_voice()` returns it when it can speak.

        *draft* may be a mapping, such as a body copied from the documentation. It is never sent twice where the first
        may have worked: a lost answer raises AmbiguousOutcomeError, and `find_voices(error.name)` tells.
        Raises InvalidRequestError for a draft without a name or a recording, with a text that is too long, or with a
        wrong type.
        Source: https://docs.tavus.io/api-reference/voices/create-voice
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.create_voice(draft), timeout=timeout)

    async def wait_for_voice(
        self,
        voice_id: str,
        *,
        timeout: float | None = USUAL_CLONING,
        on_progress: "Callable[[records.Voice], object] | None" = None,
    ) -> "records.Voice":
        """Return a voice as soon as it can speak.

        It is read again and again, every 2 to 15 seconds, once for all who wait for it. *on_progress* is called with it
        whenever it has changed. *timeout* is in seconds; None waits for ever.
        Raises ProcessingFailedError, with Tavus' words in `.reason`, when it cannot be made; DeadlineExceededError
        when the time is over; NotFoundError where there is no such voice.
        """
        call = calls.get_voice(voice_id)
        return await self._wait_until_ready(call, calls.PROCESSING, timeout=timeout, on_progress=on_progress)

    def wait_for_voices(
        self,
        ids: Keys[str],
        *,
        concurrency: int | None = None,
        on_progress: OnProgress | None = None,
        timeout: float | None = USUAL_CLONING,
        max_outage: float = MAX_OUTAGE,
    ) -> Outcomes["records.Voice"]:
        """Iterate over an Outcome for each id as soon as it can speak: `async for outcome in …`.

        They are read together, on pages of the list where those have several of them.
        *concurrency* is how many are waited for at the same time, 1,000 by default; *timeout* is each one's, in
        seconds, None for ever. A voice that failed is an Outcome with ProcessingFailedError. The other arguments, and
        how the loop ends, are as with `iter_personas()`.
        """
        return self._wait_for_each(
            calls.WAITABLE,
            ids,
            concurrency=concurrency,
            on_progress=on_progress,
            timeout=timeout,
            max_outage=max_outage,
        )

    async def update_voice(
        self,
        before: "records.Voice | str",
        after: "records.Voice | Mapping[str, Any]",
        *,
        timeout: float | None = None,
    ) -> "records.Voice":
        """Change the name, the description or the tags of a voice, and return it.

        `await session.update_voice(voice, attrs.evolve(voice, voice_name="Ann"))` sends what differs between two
        records of one voice, apart from what the server alone sets; where nothing does, it reads the voice.
        `await session.update_voice("v1", {"description": None})` sends the fields of a mapping: None clears the
        description. Raises InvalidRequestError where the name or the tags would be taken away; no tags are `[]`.
        Source: https://docs.tavus.io/api-reference/voices/update-voice
        """
        after = hidden(after, texts=True)
        return await self.send(calls.update_voice(before, after), timeout=timeout)

    async def delete_voice(self, voice_id: str, *, timeout: float | None = None) -> None:
        """Delete a voice.

        Raises ConflictError while personas or replicas use it, of which `.used_by` has the numbers; the first voice of
        a replica can never be deleted. Raises NotFoundError where there is none; not when only the answer to an earlier
        attempt was lost.
        Source: https://docs.tavus.io/api-reference/voices/delete-voice
        """
        await self.send(calls.delete_voice(voice_id), timeout=timeout)
