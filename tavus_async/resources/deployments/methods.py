"""The session's methods for deployments."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from tavus_async import patch
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import of_kind
from tavus_async._values import Page
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._lazy import lazy_modules
from tavus_async.resources._sends import PAGE_SIZE, Sends

if TYPE_CHECKING:
    from tavus_async.resources.deployments import calls, records
else:
    calls, records = lazy_modules(__name__)


class Deployments(Sends):
    """Reads, lists, creates, changes and deletes deployments: personas put where visitors find them."""

    async def get_deployment(self, deployment_id: str, *, timeout: float | None = None) -> "records.Deployment":
        """Return one deployment by its id; its `etag` tells which state of it this is.

        Raises NotFoundError for an id that the account does not have.
        Source: https://docs.tavus.io/api-reference/deployments/get-deployment
        """
        return await self.send(calls.get_deployment(deployment_id), timeout=timeout)

    async def list_deployments(
        self,
        *,
        persona_id: str | None = None,
        name: str | None = None,
        status: str | Sequence[str] | None = None,
        channel: str | Sequence[str] | None = None,
        sort: str | None = None,
        include_thumbnails: bool | None = None,
        page_size: int = PAGE_SIZE,
        timeout: float | None = None,
    ) -> AsyncIterator["records.Deployment"]:
        """Iterate over the deployments of all pages, each once.

        *name* is searched for; *status* and *channel* are one word or several; *sort* is `desc` (default: the newest
        first) or `asc`; without *include_thumbnails* the server answers sooner. *timeout* is each page's, in seconds.
        Source: https://docs.tavus.io/api-reference/deployments/list-deployments
        """
        found = self._list_all(
            calls.DEPLOYMENTS,
            calls.list_deployments_page,
            page_size=page_size,
            timeout=timeout,
            persona_id=persona_id,
            name=name,
            status=status,
            channel=channel,
            sort=sort,
            include_thumbnails=include_thumbnails,
        )
        async for deployment in found:
            yield deployment

    async def list_deployments_page(  # noqa: PLR0913 (the filters that there are)
        self,
        *,
        page: int = 0,
        limit: int = 20,
        persona_id: str | None = None,
        name: str | None = None,
        status: str | Sequence[str] | None = None,
        channel: str | Sequence[str] | None = None,
        sort: str | None = None,
        include_thumbnails: bool | None = None,
        timeout: float | None = None,
    ) -> "Page[records.Deployment]":
        """Return one page, counted from 0, of at most *limit* deployments; the filters are `list_deployments()`'s.

        Source: https://docs.tavus.io/api-reference/deployments/list-deployments
        """
        call = calls.list_deployments_page(
            page=page,
            limit=limit,
            persona_id=persona_id,
            name=name,
            status=status,
            channel=channel,
            sort=sort,
            include_thumbnails=include_thumbnails,
        )
        return await self.send(call, timeout=timeout)

    async def find_deployments(self, name: str, *, timeout: float | None = None) -> list["records.Deployment"]:
        """Return the deployments of this name, which need not be unique; the list is read to its end.

        After an AmbiguousOutcomeError, `find_deployments(error.name)` tells whether the create has happened.
        *timeout* is each page's, in seconds.
        """
        of_kind("name", name, str, error=InvalidRequestError)
        return [found async for found in self.list_deployments(timeout=timeout) if found.name == name]

    async def create_deployment(
        self, draft: "records.DeploymentDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> "records.Deployment":
        """Put a persona where visitors find it: as a widget, an embed or a landing page.

        *draft* may be a mapping, such as a body copied from the documentation. It is never sent twice where the first
        may have worked: a lost answer raises AmbiguousOutcomeError. Raises InvalidRequestError for a draft without a
        persona or a channel, and for a limit below 1.
        Source: https://docs.tavus.io/api-reference/deployments/create-deployment
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.create_deployment(draft), timeout=timeout)

    async def patch_deployment(
        self,
        deployment_id: str,
        operations: Iterable[patch.Operation | Mapping[str, Any]],
        *,
        etag: str | None = None,
        timeout: float | None = None,
    ) -> bool:
        """Apply a JSON Patch; False where nothing changed.

        *operations* are made by `tavus_async.patch`, or mappings as RFC 6902 spells them; their pointers may have the
        names of either vocabulary. With an *etag*, as `Deployment.etag` is one, ConflictError is raised where somebody
        has changed the deployment since. AmbiguousOutcomeError when the answer is lost.
        Source: https://docs.tavus.io/api-reference/deployments/patch-deployment
        """
        operations = hidden(operations, texts=True)
        return await self.send(calls.patch_deployment(deployment_id, operations, etag=etag), timeout=timeout)

    async def update_deployment(
        self,
        before: "records.Deployment",
        after: "records.Deployment",
        *,
        force: bool = False,
        timeout: float | None = None,
    ) -> bool:
        """Turn one record of a deployment into another by the smallest patch; False where nothing changed.

        `await session.update_deployment(deployment, attrs.evolve(deployment, status="inactive"))`. Records with equal
        bodies send nothing. Raises ConflictError where somebody has changed it since *before* was got, unless *force*
        is to overwrite that; InvalidRequestError for records of two deployments. Records of lists have no `etag`, so
        with them nobody's changes are noticed.
        """
        of_kind("force", force, bool, error=InvalidRequestError)
        operations = calls.DEPLOYMENTS.diff(before, after, without=calls.SERVERS_OWN)
        if not operations:
            return False
        etag = None if force else before.etag
        deployment_id = cast("str", before.deployment_id)  # there are no operations between records without one
        return await self.patch_deployment(deployment_id, operations, etag=etag, timeout=timeout)

    async def delete_deployment(self, deployment_id: str, *, timeout: float | None = None) -> None:
        """Delete a deployment for good: visitors find it no more.

        Raises NotFoundError where there is none; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/deployments/delete-deployment
        """
        await self.send(calls.delete_deployment(deployment_id), timeout=timeout)
