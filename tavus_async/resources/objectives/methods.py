"""The session's methods for objectives."""

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
    from tavus_async.resources.objectives import calls, records
else:
    calls, records = lazy_modules(__name__)


class Objectives(Sends):
    """Reads, lists, creates, changes and deletes sets of objectives, which personas work towards."""

    async def create_objective_set(
        self, draft: "records.ObjectiveSetDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> "records.ObjectiveSet":
        """Create a set of objectives, and return what the server tells of it: its id, and not the objectives.

        *draft* may be a mapping, such as a body copied from the documentation. A persona works towards the set once its
        `objectives_id` names it. It is never sent twice where the first may have worked: a lost answer raises
        AmbiguousOutcomeError, and `find_objective_sets(error.name)` tells. Raises InvalidRequestError for a set that
        breaks a rule, such as that all its objectives follow from one.
        Source: https://docs.tavus.io/api-reference/objectives/create-objectives
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.create_objective_set(draft), timeout=timeout)

    async def validate_objective_set(
        self, draft: "records.ObjectiveSetDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> Any:
        """Ask the server whether it would take a set of objectives, and return what it says, as JSON values.

        Nothing is created. Undocumented: Tavus' own command line asks so. Raises InvalidRequestError for what
        `create_objective_set()` does not send, and BadRequestError for what the server refuses.
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.validate_objective_set(draft), timeout=timeout)

    async def get_objective_set(self, objectives_id: str, *, timeout: float | None = None) -> "records.ObjectiveSet":
        """Return one set of objectives by its id, with all its objectives.

        Raises NotFoundError for an id that the account does not have.
        Source: https://docs.tavus.io/api-reference/objectives/get-objective
        """
        return await self.send(calls.get_objective_set(objectives_id), timeout=timeout)

    async def list_objective_sets(
        self,
        *,
        objective_type: str | None = None,
        name_or_uuid: str | None = None,
        sort: str | None = None,
        page_size: int = PAGE_SIZE,
        timeout: float | None = None,
    ) -> "AsyncIterator[records.ObjectiveSet]":
        """Iterate over the sets of objectives of all pages, each once, with the fields of one objective each.

        The filters are those of `list_objective_sets_page()`. *timeout* is each page's, in seconds.
        Source: https://docs.tavus.io/api-reference/objectives/get-objectives
        """
        found = self._list_all(
            calls.OBJECTIVES,
            calls.list_objective_sets_page,
            page_size=page_size,
            timeout=timeout,
            objective_type=objective_type,
            name_or_uuid=name_or_uuid,
            sort=sort,
        )
        async for objective_set in found:
            yield objective_set

    async def list_objective_sets_page(
        self,
        *,
        page: int = 1,
        limit: int = 10,
        objective_type: str | None = None,
        name_or_uuid: str | None = None,
        sort: str | None = None,
        timeout: float | None = None,
    ) -> "Page[records.ObjectiveSet]":
        """Return one page, counted from 1, of at most *limit* sets of objectives.

        Of each it has the fields of one objective; `get_objective_set()` has them all. The filters are known from
        Tavus' own command line: *objective_type* is `user` for the account's own, `system` for Tavus', or `all`;
        *name_or_uuid* is a name, a part of one, or an id; *sort* is `ascending` by creation, or `descending`.

        Raises InvalidRequestError for a page or limit below 1, and for another word.
        Source: https://docs.tavus.io/api-reference/objectives/get-objectives
        """
        call = calls.list_objective_sets_page(
            page=page, limit=limit, objective_type=objective_type, name_or_uuid=name_or_uuid, sort=sort
        )
        return await self.send(call, timeout=timeout)

    async def find_objective_sets(self, name: str, *, timeout: float | None = None) -> "list[records.ObjectiveSet]":
        """Return the sets of this name, or of which the list shows an objective of this name; it is read to its end.

        After an AmbiguousOutcomeError, `find_objective_sets(error.name)` tells whether the create has happened.
        *timeout* is each page's, in seconds.
        """
        of_kind("name", name, str, error=InvalidRequestError)
        found = self.list_objective_sets(timeout=timeout)
        return [each async for each in found if name in {each.name, each.objectives_name, each.objective_name}]

    async def patch_objective_set(
        self,
        objectives_id: str,
        operations: Iterable[patch.Operation | Mapping[str, Any]],
        *,
        timeout: float | None = None,
    ) -> bool:
        """Apply a JSON Patch to a set of objectives; False where nothing changed.

        *operations* are made by `tavus_async.patch`, or mappings as RFC 6902 spells them; pointers are those of the set
        as `get_objective_set()` has it, such as `/data/0/objective_prompt`. Raises InvalidRequestError for a masked
        secret as a value, BadRequestError or UnprocessableError for a patch that the server does not take, and
        AmbiguousOutcomeError when the answer is lost.
        Source: https://docs.tavus.io/api-reference/objectives/patch-objective
        """
        operations = hidden(operations, texts=True)
        return await self.send(calls.patch_objective_set(objectives_id, operations), timeout=timeout)

    async def update_objective_set(
        self, before: "records.ObjectiveSet", after: "records.ObjectiveSet", *, timeout: float | None = None
    ) -> bool:
        """Turn one record of a set of objectives into another by the smallest patch; False where nothing changed.

        *before* is what `get_objective_set()` has returned, since pointers follow its shape. Records with equal bodies
        send nothing; what the server alone sets is not compared. Raises InvalidRequestError for records of two sets;
        else as `patch_objective_set()` does.
        """
        operations = calls.OBJECTIVES.diff(before, after, without=calls.SERVERS_OWN)
        if not operations:
            return False
        return await self.patch_objective_set(before.objectives_id, operations, timeout=timeout)

    async def delete_objective_set(self, objectives_id: str, *, timeout: float | None = None) -> None:
        """Delete a set of objectives for good.

        Raises NotFoundError where there is none; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/objectives/delete-objective
        """
        await self.send(calls.delete_objective_set(objectives_id), timeout=timeout)
