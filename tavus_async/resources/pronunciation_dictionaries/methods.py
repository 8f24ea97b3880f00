"""The session's methods for pronunciation dictionaries."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tavus_async import patch
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import of_kind
from tavus_async._values import Page
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._lazy import lazy_modules
from tavus_async.resources._sends import PAGE_SIZE, Sends

if TYPE_CHECKING:
    from tavus_async.resources.pronunciation_dictionaries import calls, records
else:
    calls, records = lazy_modules(__name__)


class PronunciationDictionaries(Sends):
    """Reads, lists, creates, changes and deletes pronunciation dictionaries, by which personas speak."""

    async def create_pronunciation_dictionary(
        self, draft: "records.PronunciationDictionaryDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> "records.PronunciationDictionary":
        """Create a pronunciation dictionary, and return it.

        *draft* may be a mapping, such as a body copied from the documentation. A persona speaks by it once its
        `layers.tts.pronunciation_dictionary_id` names it. It is never sent twice where the first may have worked: a
        lost answer raises AmbiguousOutcomeError, and `find_pronunciation_dictionaries(error.name)` tells.
        Raises InvalidRequestError for a draft without a name, and for rules that are wrong, too many or doubled.
        Source: https://docs.tavus.io/api-reference/pronunciation-dictionaries/create-pronunciation-dictionary
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.create_pronunciation_dictionary(draft), timeout=timeout)

    async def get_pronunciation_dictionary(
        self, pronunciation_dictionary_id: str, *, timeout: float | None = None
    ) -> "records.PronunciationDictionary":
        """Return one pronunciation dictionary by its id, with its rules.

        Raises NotFoundError for an id that the account does not have.
        Source: https://docs.tavus.io/api-reference/pronunciation-dictionaries/get-pronunciation-dictionary
        """
        return await self.send(calls.get_pronunciation_dictionary(pronunciation_dictionary_id), timeout=timeout)

    async def list_pronunciation_dictionaries(
        self, *, sort: str | None = None, page_size: int = PAGE_SIZE, timeout: float | None = None
    ) -> "AsyncIterator[records.PronunciationDictionary]":
        """Iterate over the pronunciation dictionaries of all pages, each once, without their rules.

        *sort* is `desc` by creation, which is the server's default, or `asc`. *timeout* is each page's, in seconds.
        Source: https://docs.tavus.io/api-reference/pronunciation-dictionaries/list-pronunciation-dictionaries
        """
        found = self._list_all(
            calls.DICTIONARIES,
            calls.list_pronunciation_dictionaries_page,
            page_size=page_size,
            timeout=timeout,
            sort=sort,
        )
        async for dictionary in found:
            yield dictionary

    async def list_pronunciation_dictionaries_page(
        self, *, page: int = 0, limit: int = 10, sort: str | None = None, timeout: float | None = None
    ) -> "Page[records.PronunciationDictionary]":
        """Return one page, counted from 0, of at most *limit* pronunciation dictionaries, without their rules.

        *sort* is `desc` by creation, which is the server's default, or `asc`. Raises InvalidRequestError for a page
        below 0, a limit below 1, and another *sort*.
        Source: https://docs.tavus.io/api-reference/pronunciation-dictionaries/list-pronunciation-dictionaries
        """
        call = calls.list_pronunciation_dictionaries_page(page=page, limit=limit, sort=sort)
        return await self.send(call, timeout=timeout)

    async def find_pronunciation_dictionaries(
        self, name: str, *, timeout: float | None = None
    ) -> "list[records.PronunciationDictionary]":
        """Return the pronunciation dictionaries of this name, which need not be unique; the list is read to its end.

        After an AmbiguousOutcomeError, `find_pronunciation_dictionaries(error.name)` tells whether the create has
        happened. *timeout* is each page's, in seconds.
        """
        of_kind("name", name, str, error=InvalidRequestError)
        return [each async for each in self.list_pronunciation_dictionaries(timeout=timeout) if each.name == name]

    async def patch_pronunciation_dictionary(
        self,
        pronunciation_dictionary_id: str,
        operations: Iterable[patch.Operation | Mapping[str, Any]],
        *,
        timeout: float | None = None,
    ) -> bool:
        """Apply a JSON Patch to a pronunciation dictionary; False where nothing changed.

        The server knows the pointers `/name` and `/rules`: rules are set all at once, by
        `patch.add("/rules", [...])`. What replaces a field is sent as `add`, which sets it whether it is there or not.
        Raises BadRequestError for two rules of one text, UnprocessableError for what is no patch, and
        AmbiguousOutcomeError when the answer is lost.
        Source: https://docs.tavus.io/api-reference/pronunciation-dictionaries/update-pronunciation-dictionary
        """
        operations = hidden(operations, texts=True)
        call = calls.patch_pronunciation_dictionary(pronunciation_dictionary_id, operations)
        return await self.send(call, timeout=timeout)

    async def update_pronunciation_dictionary(
        self,
        before: "records.PronunciationDictionary",
        after: "records.PronunciationDictionary",
        *,
        timeout: float | None = None,
    ) -> bool:
        """Turn one record of a pronunciation dictionary into another; False where nothing changed.

        `await session.update_pronunciation_dictionary(before, attrs.evolve(before, rules=[...]))` sends all rules,
        since the server takes them all at once. Records with equal bodies send nothing; what the server alone sets is
        not compared. Raises InvalidRequestError for records of two dictionaries; else as
        `patch_pronunciation_dictionary()` does.
        """
        operations = calls.DICTIONARIES.diff(before, after, without=calls.SERVERS_OWN)
        if not operations:
            return False
        dictionary_id = before.pronunciation_dictionary_id
        return await self.patch_pronunciation_dictionary(dictionary_id, operations, timeout=timeout)

    async def delete_pronunciation_dictionary(
        self, pronunciation_dictionary_id: str, *, timeout: float | None = None
    ) -> None:
        """Delete a pronunciation dictionary for good: personas that spoke by it do so no longer.

        Raises NotFoundError where there is none; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/pronunciation-dictionaries/delete-pronunciation-dictionary
        """
        await self.send(calls.delete_pronunciation_dictionary(pronunciation_dictionary_id), timeout=timeout)
