"""The session's methods for personas."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

from tavus_async import patch
from tavus_async._bulk.keys import Keys, check_keys
from tavus_async._bulk.run import MAX_OUTAGE, OnProgress, Outcomes, all_values, check_callback
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import display, is_one_of, of_kind
from tavus_async._values import Page
from tavus_async._wire.resource import as_draft
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._lazy import lazy_modules
from tavus_async.resources._sends import PAGE_SIZE, Sends

if TYPE_CHECKING:
    from tavus_async.resources.personas import calls, ensuring, paging, records
else:
    calls, ensuring, paging, records = lazy_modules(__name__, "calls", "ensuring", "paging", "records")

Prefer = Literal["get", "list"]

# Set by the server alone; that they differ between two readings is no change to make.
SERVERS_OWN = frozenset({"created_at", "updated_at"})


class Personas(Sends):
    """Reads, lists, creates, changes and deletes personas, which since mid-2026 are also called PALs."""

    async def get_persona(self, persona_id: str, *, timeout: float | None = None) -> "records.Persona":
        """Return one persona by its id.

        *timeout* is the whole call's, in seconds; None takes the session's `Timeouts.total`.
        Raises NotFoundError for an id that the account does not have, InvalidRequestError for one that cannot
        be an id, and any other error of `tavus_async.errors`.
        Source: https://docs.tavus.io/api-reference/personas/get-persona
        """
        try:
            return await self.send(calls.get_persona(persona_id), timeout=timeout)
        except InvalidRequestError as error:  # as forget_refused has it for all other methods
            del persona_id, timeout
            raise error.with_traceback(None)  # noqa: B904 (it is the same error)

    async def get_personas(
        self,
        ids: Keys[str],
        *,
        concurrency: int | None = None,
        on_progress: OnProgress | None = None,
        prefer: Prefer = "get",
        timeout: float | None = None,
        max_outage: float = MAX_OUTAGE,
    ) -> list["records.Persona"]:
        """Return many personas, in the order of *ids*.

        Any failure raises BulkError, which carries every Outcome, failed or not; an error that would fail them
        all (AuthenticationError, PaymentRequiredError, SessionClosedError) stops the run, and stands in the
        outcomes of all ids that were not fetched. The arguments are those of `iter_personas()`.
        """
        keys = [key async for key in ids] if isinstance(ids, AsyncIterable) else list(check_keys(ids))
        outcomes = self.iter_personas(
            keys,
            concurrency=concurrency,
            on_progress=on_progress,
            prefer=prefer,
            timeout=timeout,
            max_outage=max_outage,
        )
        return await all_values(outcomes, keys)

    def iter_personas(
        self,
        ids: Keys[str],
        *,
        concurrency: int | None = None,
        ordered: bool = False,
        on_progress: OnProgress | None = None,
        prefer: Prefer = "get",
        timeout: float | None = None,
        max_outage: float = MAX_OUTAGE,
    ) -> Outcomes["records.Persona"]:
        """Iterate over an Outcome for each id as it comes: `async for outcome in session.iter_personas(ids)`.

        - *ids*: any iterable or async iterable, however long: it is pulled as workers become free, and the
          workers wait for a slow consumer, so memory is bounded by *concurrency*.
        - *concurrency*: workers; None takes what keeps up with the rate limit, at most one for each connection.
        - *ordered*: whether outcomes come in the order of the ids.
        - *on_progress*: called with a Progress after each outcome, and every half second during a wait.
        - *prefer*: "list" reads all ids first, then list pages where that takes fewer requests, checks on samples that
          pages tell as much, and gets by id what they do not. Outcomes come after every ten pages, as far as those are
          relied on by then; *ordered* ones once all pages have been read.
        - *timeout*: seconds for each id.
        - *max_outage*: seconds that the run waits, and tries again, while the server cannot be reached at all, or asks
          for a pause; ids whose time it passes fail.

        A failed item is an Outcome with its error, and the rest go on. What would fail every item
        (AuthenticationError, PaymentRequiredError, SessionClosedError) ends the run: the outcomes so far come,
        then the loop raises that error. An id that occurs again is not fetched again (of an iterator:
        within the last thousand). Leaving the loop, however, stops the workers; `async with` waits for that.
        """
        if not is_one_of(prefer, get_args(Prefer)):
            raise InvalidRequestError(f"prefer must be one of {', '.join(get_args(Prefer))}, not {display(prefer)}")
        check_callback(on_progress)
        send_each = partial(self.send_each, concurrency=concurrency, timeout=timeout, max_outage=max_outage)
        look_up = partial(paging.find_on_pages, send_each) if prefer == "list" else None
        return send_each(calls.get_persona, ids, ordered=ordered, on_progress=on_progress, look_up=look_up)

    async def list_personas(
        self, *, persona_type: str | None = None, page_size: int = PAGE_SIZE, timeout: float | None = None
    ) -> AsyncIterator["records.Persona"]:
        """Iterate over the personas of all pages, each once.

        *persona_type* is `user` for the account's own, `system` for Tavus' stock; None is what the server
        takes by default. *timeout* is each page's, in seconds. Personas that are created or deleted meanwhile
        neither double others nor hide them, as far as the list's count tells.
        Source: https://docs.tavus.io/api-reference/personas/get-personas
        """
        found = self._list_all(
            calls.PERSONAS, calls.list_personas_page, page_size=page_size, timeout=timeout, persona_type=persona_type
        )
        async for persona in found:
            yield persona

    async def list_personas_page(
        self, *, page: int = 1, limit: int = 10, persona_type: str | None = None, timeout: float | None = None
    ) -> Page["records.Persona"]:
        """Return one page, counted from 1, of at most *limit* personas.

        *persona_type* is `user` for the account's own, `system` for Tavus' stock; None is what the server
        takes by default. Raises InvalidRequestError for a page or limit below 1.
        Source: https://docs.tavus.io/api-reference/personas/get-personas
        """
        call = calls.list_personas_page(page=page, limit=limit, persona_type=persona_type)
        return await self.send(call, timeout=timeout)

    async def find_personas(self, persona_name: str, *, timeout: float | None = None) -> list["records.Persona"]:
        """Return the account's own personas of this name, which need not be unique; the list is read to its end.

        After an AmbiguousOutcomeError, `find_personas(error.name)` tells whether the create has happened.
        *timeout* is each page's, in seconds.
        """
        of_kind("persona_name", persona_name, str, error=InvalidRequestError)
        own = self.list_personas(persona_type="user", timeout=timeout)
        return [persona async for persona in own if persona.persona_name == persona_name]

    async def create_persona(
        self, draft: "records.PersonaDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> "records.CreatedPersona":
        """Create a persona, and return its id.

        *draft* may be a mapping, such as a body copied from the documentation, in either vocabulary: see
        `PersonaDraft.from_dict`. It is never sent twice where the first may have worked: a lost answer raises
        AmbiguousOutcomeError. Raises InvalidRequestError for a draft without the system_prompt that it needs, or with
        a wrong type.
        Source: https://docs.tavus.io/api-reference/personas/create-persona
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.create_persona(draft), timeout=timeout)

    async def patch_persona(
        self,
        persona_id: str,
        operations: Iterable[patch.Operation | Mapping[str, Any]],
        *,
        force: bool = False,
        timeout: float | None = None,
    ) -> bool:
        """Apply a JSON Patch; False where nothing changed.

        *operations* are made by `tavus_async.patch`, or mappings as RFC 6902 spells them; their pointers may have the
        names of either vocabulary. Raises ConflictError while PAL Maker holds unpublished changes, which *force*
        discards; InvalidRequestError for a masked secret as a value, which would replace the real one;
        UnprocessableError or BadRequestError for a patch that the server does not take;
        AmbiguousOutcomeError when the answer is lost.
        Source: https://docs.tavus.io/api-reference/personas/patch-persona
        """
        operations = hidden(operations, texts=True)
        return await self.send(calls.patch_persona(persona_id, operations, force=force), timeout=timeout)

    async def update_persona(
        self, before: "records.Persona", after: "records.Persona", *, force: bool = False, timeout: float | None = None
    ) -> bool:
        """Turn one record of a persona into another by the smallest patch; False where nothing changed.

        `await session.update_persona(persona, attrs.evolve(persona, greeting="Hi"))`. Records with equal bodies
        send nothing. Timestamps are not compared. Raises InvalidRequestError for records of two personas, and where a
        masked secret would have to be sent; else as `patch_persona()` does.
        """
        operations = calls.PERSONAS.diff(before, after, without=SERVERS_OWN)
        if not operations:
            return False
        return await self.patch_persona(before.persona_id, operations, force=force, timeout=timeout)

    async def delete_persona(self, persona_id: str, *, timeout: float | None = None) -> None:
        """Delete a persona for good.

        Raises NotFoundError where there is none; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/personas/delete-persona
        """
        await self.send(calls.delete_persona(persona_id), timeout=timeout)

    async def ensure_persona(
        self, draft: "records.PersonaDraft | Mapping[str, Any]", *, update: bool = False, timeout: float | None = None
    ) -> "records.Persona":
        """Return the account's own persona of the draft's name, and create it if there is none.

        Several tasks of a session that ensure one name create one persona; where there are several of that name, it is
        the oldest. With *update*, what the draft says and the persona does not is patched, secrets in any case, since
        the server does not tell them; what the draft leaves out stays. If the answer to the create is lost, the persona
        is looked for by its name. *timeout* is each call's, in seconds.
        Raises InvalidRequestError for a draft without a name, or that cannot be created; ConflictError where PAL Maker
        holds changes of what is to be updated; AmbiguousOutcomeError if the create was lost and nothing is found.
        """
        draft = hidden(draft, texts=True)
        of_kind("update", update, bool, error=InvalidRequestError)
        made = as_draft(records.PersonaDraft, draft)
        async with self._part(ensuring.NameLocks).hold(ensuring.name_of(made)):
            return await ensuring.ensure(self, made, update=update, timeout=timeout)

    async def publish_persona(self, persona_id: str, *, timeout: float | None = None) -> "records.PublishedPersona":
        """Make the draft that PAL Maker holds of a persona the live one; without a draft nothing changes.

        Raises NotFoundError for an id that the account does not have.
        Source: https://docs.tavus.io/api-reference/pals/publish-pal
        """
        return await self.send(calls.publish_persona(persona_id), timeout=timeout)

    async def check_username(self, username: str, *, timeout: float | None = None) -> "records.UsernameCheck":
        """Return whether a name is free for a persona's meeting identity, without regard to case, and if not why.

        Source: https://docs.tavus.io/api-reference/pals/check-username
        """
        return await self.send(calls.check_username(username), timeout=timeout)
