"""The session's methods for guardrails, of both generations."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tavus_async import patch
from tavus_async._bulk.pages import walk
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import of_kind
from tavus_async._values import Page
from tavus_async.errors import InvalidRequestError, NotFoundError
from tavus_async.resources._lazy import lazy_modules
from tavus_async.resources._sends import PAGE_SIZE, Sends
from tavus_async.resources._tags import Tags

if TYPE_CHECKING:
    from tavus_async.resources.guardrails import calls, records
else:
    calls, records = lazy_modules(__name__)


class Guardrails(Sends):
    """Reads, lists, creates, changes and deletes single guardrails, by which personas abide."""

    async def create_guardrail(
        self, draft: "records.GuardrailDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> "records.Guardrail":
        """Create a guardrail, and return what the server tells of it: its id, and perhaps no more.

        *draft* may be a mapping, such as a body copied from the documentation. A persona abides by it once its
        `guardrail_ids` have the id, or its `guardrail_tags` one of the tags. It is never sent twice where the first may
        have worked: a lost answer raises AmbiguousOutcomeError, and `find_guardrails(error.name)` tells.
        Raises InvalidRequestError for a draft without name and prompt, and for more than 32 tags.
        Source: https://docs.tavus.io/api-reference/guardrails/create-guardrails
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.create_guardrail(draft), timeout=timeout)

    async def get_guardrail(
        self, guardrail_id: str, *, verbose: bool = False, timeout: float | None = None
    ) -> "records.Guardrail":
        """Return one guardrail by its id; with *verbose* also its type, and the personas that have it.

        For the id of a set, which a persona has as `guardrails_id`, there is `get_guardrail_set()`.
        Raises NotFoundError for an id that the account does not have.
        Source: https://docs.tavus.io/api-reference/guardrails/get-guardrail
        """
        return await self.send(calls.get_guardrail(guardrail_id, verbose=verbose), timeout=timeout)

    async def list_guardrails(
        self,
        *,
        guardrail_type: str | None = None,
        name_or_uuid: str | None = None,
        tags: Tags = None,
        sort: str | None = None,
        verbose: bool = False,
        page_size: int = PAGE_SIZE,
        timeout: float | None = None,
    ) -> "AsyncIterator[records.Guardrail]":
        """Iterate over the guardrails of all pages, each once, without those in sets.

        The filters are those of `list_guardrails_page()`. *timeout* is each page's, in seconds.
        Source: https://docs.tavus.io/api-reference/guardrails/get-guardrails
        """
        found = self._list_all(
            calls.GUARDRAILS,
            calls.list_guardrails_page,
            page_size=page_size,
            timeout=timeout,
            guardrail_type=guardrail_type,
            name_or_uuid=name_or_uuid,
            tags=tags,
            sort=sort,
            verbose=verbose,
        )
        async for guardrail in found:
            yield guardrail

    async def list_guardrails_page(
        self,
        *,
        page: int = 1,
        limit: int = 10,
        guardrail_type: str | None = None,
        name_or_uuid: str | None = None,
        tags: Tags = None,
        sort: str | None = None,
        verbose: bool = False,
        timeout: float | None = None,
    ) -> "Page[records.Guardrail]":
        """Return one page, counted from 1, of at most *limit* guardrails, without those in sets.

        - *guardrail_type*: `user` for the account's own, which is the server's default, `system` for Tavus', or `all`.
        - *name_or_uuid*: a name, a part of one, or an id.
        - *tags*: those with one of these tags: a list of them, or a text with commas between them.
        - *sort*: `ascending` by creation, which is the server's default, or `descending`.
        - *verbose*: whether each comes with its type, and with the personas that have it.

        Raises InvalidRequestError for a page or limit below 1, for another word, and for a tag with a comma in it.
        Source: https://docs.tavus.io/api-reference/guardrails/get-guardrails
        """
        call = calls.list_guardrails_page(
            page=page,
            limit=limit,
            guardrail_type=guardrail_type,
            name_or_uuid=name_or_uuid,
            tags=tags,
            sort=sort,
            verbose=verbose,
        )
        return await self.send(call, timeout=timeout)

    async def find_guardrails(self, guardrail_name: str, *, timeout: float | None = None) -> "list[records.Guardrail]":
        """Return the account's own guardrails of this name, which need not be unique; the list is read to its end.

        After an AmbiguousOutcomeError, `find_guardrails(error.name)` tells whether the create has happened.
        *timeout* is each page's, in seconds.
        """
        of_kind("guardrail_name", guardrail_name, str, error=InvalidRequestError)
        return [each async for each in self.list_guardrails(timeout=timeout) if each.guardrail_name == guardrail_name]

    async def list_guardrail_tags(
        self, *, search: str | None = None, page_size: int = PAGE_SIZE, timeout: float | None = None
    ) -> AsyncIterator[str]:
        """Iterate over the tags that the account's guardrails have, each once; *search* is a part of them.

        Undocumented: Tavus' own command line reads them so. *timeout* is each page's, in seconds.
        """

        async def read_page(page: int) -> Page[str]:
            return await self.list_guardrail_tags_page(page=page, limit=page_size, search=search, timeout=timeout)

        first = calls.GUARDRAILS.first_page
        async for tag in walk(read_page, id_of=str, page_size=page_size, first_page=first):
            yield tag

    async def list_guardrail_tags_page(
        self, *, page: int = 1, limit: int = 10, search: str | None = None, timeout: float | None = None
    ) -> Page[str]:
        """Return one page, counted from 1, of at most *limit* tags; *search* is a part of them.

        Undocumented: Tavus' own command line reads them so. Raises InvalidRequestError for a page or limit below 1.
        """
        call = calls.list_guardrail_tags_page(page=page, limit=limit, search=search)
        return await self.send(call, timeout=timeout)

    async def patch_guardrail(
        self,
        guardrail_id: str,
        operations: Iterable[patch.Operation | Mapping[str, Any]],
        *,
        timeout: float | None = None,
    ) -> bool:
        """Apply a JSON Patch to a guardrail; False where nothing changed.

        *operations* are made by `tavus_async.patch`, or mappings as RFC 6902 spells them. What replaces a field is sent
        as `add`, which sets it whether it is there or not: the server fails to replace one that was never set.
        Raises InvalidRequestError for a masked secret as a value, BadRequestError or UnprocessableError for a patch
        that the server does not take, and AmbiguousOutcomeError when the answer is lost.
        Source: https://docs.tavus.io/api-reference/guardrails/patch-guardrails
        """
        operations = hidden(operations, texts=True)
        return await self.send(calls.patch_guardrail(guardrail_id, operations), timeout=timeout)

    async def update_guardrail(
        self, before: "records.Guardrail", after: "records.Guardrail", *, timeout: float | None = None
    ) -> bool:
        """Turn one record of a guardrail into another, field by field; False where nothing changed.

        `await session.update_guardrail(guardrail, attrs.evolve(guardrail, tags=["prices"]))`. Records with equal bodies
        send nothing; what the server alone sets is not compared. Raises InvalidRequestError for records of two
        guardrails; else as `patch_guardrail()` does.
        """
        operations = calls.GUARDRAILS.diff(before, after, without=calls.SERVERS_OWN)
        if not operations:
            return False
        return await self.patch_guardrail(before.guardrail_id, operations, timeout=timeout)

    async def delete_guardrail(self, guardrail_id: str, *, timeout: float | None = None) -> None:
        """Delete a guardrail for good.

        Raises NotFoundError where there is none; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/guardrails/delete-guardrails
        """
        await self.send(calls.delete_guardrail(guardrail_id), timeout=timeout)


class GuardrailSets(Sends):
    """Reads, lists, creates, changes and deletes sets of guardrails, which are of the older generation."""

    async def create_guardrail_set(
        self, draft: "records.GuardrailSetDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> "records.GuardrailSet":
        """Create a set of guardrails, and return what the server tells of it: its id, and not the guardrails.

        Sets are of the older generation: `create_guardrail()` is what new programs need. A persona abides by the set
        once its `guardrails_id` names it. It is never sent twice where the first may have worked: a lost answer raises
        AmbiguousOutcomeError, and `find_guardrail_sets(error.name)` tells, as far as lists tell names.
        Raises InvalidRequestError for a set without guardrails, and for one without name and prompt.
        Source: https://docs.tavus.io/api-reference/guardrails/create-guardrails
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.create_guardrail_set(draft), timeout=timeout)

    async def get_guardrail_set(
        self, guardrails_id: str, *, verbose: bool = False, timeout: float | None = None
    ) -> "records.GuardrailSet":
        """Return one set of guardrails by its id, with all of them; with *verbose* also the personas that have it.

        Raises NotFoundError for an id that the account does not have.
        Source: https://docs.tavus.io/api-reference/guardrails/get-guardrail
        """
        return await self.send(calls.get_guardrail_set(guardrails_id, verbose=verbose), timeout=timeout)

    async def list_guardrail_sets(
        self,
        *,
        guardrail_type: str | None = None,
        name_or_uuid: str | None = None,
        sort: str | None = None,
        verbose: bool = False,
        page_size: int = PAGE_SIZE,
        timeout: float | None = None,
    ) -> "AsyncIterator[records.GuardrailSet]":
        """Iterate over the sets of guardrails of all pages, each once: their ids and times, and perhaps no more.

        The filters are those of `list_guardrails_page()`. *timeout* is each page's, in seconds.
        Source: https://docs.tavus.io/api-reference/guardrails/get-guardrails
        """
        found = self._list_all(
            calls.GUARDRAIL_SETS,
            calls.list_guardrail_sets_page,
            page_size=page_size,
            timeout=timeout,
            guardrail_type=guardrail_type,
            name_or_uuid=name_or_uuid,
            sort=sort,
            verbose=verbose,
        )
        async for guardrail_set in found:
            yield guardrail_set

    async def list_guardrail_sets_page(
        self,
        *,
        page: int = 1,
        limit: int = 10,
        guardrail_type: str | None = None,
        name_or_uuid: str | None = None,
        sort: str | None = None,
        verbose: bool = False,
        timeout: float | None = None,
    ) -> "Page[records.GuardrailSet]":
        """Return one page, counted from 1, of at most *limit* sets of guardrails: their ids, and perhaps no more.

        The filters are those of `list_guardrails_page()`. Raises InvalidRequestError for a page or limit below 1, and
        for another word.
        Source: https://docs.tavus.io/api-reference/guardrails/get-guardrails
        """
        call = calls.list_guardrail_sets_page(
            page=page,
            limit=limit,
            guardrail_type=guardrail_type,
            name_or_uuid=name_or_uuid,
            sort=sort,
            verbose=verbose,
        )
        return await self.send(call, timeout=timeout)

    async def find_guardrail_sets(self, name: str, *, timeout: float | None = None) -> "list[records.GuardrailSet]":
        """Return the account's own sets of guardrails of this name, which need not be unique; the list is read whole.

        Where the list tells no names, each set is read by its id. After an AmbiguousOutcomeError,
        `find_guardrail_sets(error.name)` tells whether the create has happened. *timeout* is that of each
        request, in seconds.
        """
        of_kind("name", name, str, error=InvalidRequestError)
        listed = [each async for each in self.list_guardrail_sets(timeout=timeout)]
        unnamed = [each.guardrails_id for each in listed if each.name is None and each.guardrails_name is None]
        read: dict[str, records.GuardrailSet] = {}
        async with self.send_each(calls.get_guardrail_set, unnamed, timeout=timeout) as outcomes:
            async for outcome in outcomes:
                if not isinstance(outcome.error, NotFoundError):  # it has been deleted meanwhile
                    read[outcome.key] = outcome.unwrap()
        told = [read.get(each.guardrails_id, each) for each in listed]
        return [each for each in told if name in {each.name, each.guardrails_name}]

    async def patch_guardrail_set(
        self,
        guardrails_id: str,
        operations: Iterable[patch.Operation | Mapping[str, Any]],
        *,
        timeout: float | None = None,
    ) -> bool:
        """Apply a JSON Patch to a set of guardrails; False where nothing changed.

        Pointers are those of the set as `get_guardrail_set()` has it, such as `/data/0/guardrail_prompt`; else as
        `patch_guardrail()` does.
        Source: https://docs.tavus.io/api-reference/guardrails/patch-guardrails
        """
        operations = hidden(operations, texts=True)
        return await self.send(calls.patch_guardrail_set(guardrails_id, operations), timeout=timeout)

    async def update_guardrail_set(
        self, before: "records.GuardrailSet", after: "records.GuardrailSet", *, timeout: float | None = None
    ) -> bool:
        """Turn one record of a set of guardrails into another by the smallest patch; False where nothing changed.

        *before* is what `get_guardrail_set()` has returned, since pointers follow its shape. Records with equal bodies
        send nothing; what the server alone sets is not compared. Raises InvalidRequestError for records of two sets;
        else as `patch_guardrail_set()` does.
        """
        operations = calls.GUARDRAIL_SETS.diff(before, after, without=calls.SERVERS_OWN)
        if not operations:
            return False
        return await self.patch_guardrail_set(before.guardrails_id, operations, timeout=timeout)

    async def delete_guardrail_set(self, guardrails_id: str, *, timeout: float | None = None) -> None:
        """Delete a set of guardrails for good.

        Raises NotFoundError where there is none; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/guardrails/delete-guardrails
        """
        await self.send(calls.delete_guardrail_set(guardrails_id), timeout=timeout)
