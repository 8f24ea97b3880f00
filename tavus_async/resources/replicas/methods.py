"""The session's methods for replicas, also called faces."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
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
    from tavus_async.resources.replicas import calls, records
else:
    calls, records = lazy_modules(__name__)

# Seconds: training takes three to four hours, it is said.
USUAL_TRAINING = 6 * 3600.0


class Replicas(Sends):
    """Trains, reads, lists, changes and deletes replicas, which since mid-2026 are also called faces."""

    async def get_replica(
        self, replica_id: str, *, verbose: bool = False, timeout: float | None = None
    ) -> "records.Replica":
        """Return one replica by its id; *verbose* has some answers tell its type.

        Raises NotFoundError for an id that the account does not have.
        Source: https://docs.tavus.io/api-reference/faces/get-face
        """
        return await self.send(calls.get_replica(replica_id, verbose=verbose), timeout=timeout)

    async def list_replicas(
        self,
        *,
        verbose: bool = False,
        replica_type: str | None = None,
        replica_ids: Sequence[str] | None = None,
        model_name: str | None = None,
        sort: str | None = None,
        page_size: int = PAGE_SIZE,
        timeout: float | None = None,
    ) -> AsyncIterator["records.Replica"]:
        """Iterate over the replicas of all pages, each once.

        The filters are those of `list_replicas_page()`. *timeout* is each page's, in seconds.
        Source: https://docs.tavus.io/api-reference/faces/get-faces
        """
        found = self._list_all(
            calls.REPLICAS,
            calls.list_replicas_page,
            page_size=page_size,
            timeout=timeout,
            verbose=verbose,
            replica_type=replica_type,
            replica_ids=replica_ids,
            model_name=model_name,
            sort=sort,
        )
        async for replica in found:
            yield replica

    async def list_replicas_page(
        self,
        *,
        page: int = 1,
        limit: int = 10,
        verbose: bool = False,
        replica_type: str | None = None,
        replica_ids: Sequence[str] | None = None,
        model_name: str | None = None,
        sort: str | None = None,
        timeout: float | None = None,
    ) -> Page["records.Replica"]:
        """Return one page, counted from 1, of at most *limit* replicas.

        - *replica_type*: `user` for the account's own, `system` for Tavus' stock; None takes both.
        - *replica_ids*: those alone.
        - *model_name*: those of one Phoenix model, such as `phoenix-4`.
        - *sort*: `recommended` puts first what Tavus recommends; undocumented.
        - *verbose*: has some answers tell the type of each.

        Raises InvalidRequestError for a page or limit below 1, and for an id with a comma in it.
        Source: https://docs.tavus.io/api-reference/faces/get-faces
        """
        call = calls.list_replicas_page(
            page=page,
            limit=limit,
            verbose=verbose,
            replica_type=replica_type,
            replica_ids=replica_ids,
            model_name=model_name,
            sort=sort,
        )
        return await self.send(call, timeout=timeout)

    async def find_replicas(self, replica_name: str, *, timeout: float | None = None) -> "list[records.Replica]":
        """Return the account's own replicas of this name, which need not be unique; the list is read to its end.

        After an AmbiguousOutcomeError, `find_replicas(error.name)` tells whether the create has happened.
        *timeout* is each page's, in seconds.
        """
        of_kind("replica_name", replica_name, str, error=InvalidRequestError)
        own = self.list_replicas(replica_type="user", timeout=timeout)
        return [replica async for replica in own if replica.replica_name == replica_name]

    async def create_replica(
        self, draft: "records.ReplicaDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> "records.Replica":
        """Begin to train a replica, and return its id and status; `wait_for_replica()` returns it when it is ready.

        Training takes hours and costs money. *draft* may be a mapping, such as a body copied from the documentation, in
        either vocabulary. It is never sent twice where the first may have worked: a lost answer raises
        AmbiguousOutcomeError, and `find_replicas(error.name)` tells.
        Raises InvalidRequestError for a draft without a video or an image, with both, with an image and no voice, or
        with a wrong type.
        Source: https://docs.tavus.io/api-reference/faces/create-face
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.create_replica(draft), timeout=timeout)

    async def wait_for_replica(
        self,
        replica_id: str,
        *,
        timeout: float | None = USUAL_TRAINING,
        on_progress: "Callable[[records.Replica], object] | None" = None,
    ) -> "records.Replica":
        """Return a replica as soon as its training is completed.

        It is read again and again, every 2 to 15 seconds, once for all who wait for it. *on_progress* is called with it
        whenever it has changed. *timeout* is in seconds; None waits for ever.
        Raises ProcessingFailedError, with Tavus' words in `.reason`, when the training fails; DeadlineExceededError
        when the time is over; NotFoundError where there is no such replica.
        """
        call = calls.get_replica(replica_id)
        return await self._wait_until_ready(call, calls.PROCESSING, timeout=timeout, on_progress=on_progress)

    def wait_for_replicas(
        self,
        ids: Keys[str],
        *,
        concurrency: int | None = None,
        on_progress: OnProgress | None = None,
        timeout: float | None = USUAL_TRAINING,
        max_outage: float = MAX_OUTAGE,
    ) -> Outcomes["records.Replica"]:
        """Iterate over an Outcome for each id as soon as its training is completed: `async for outcome in …`.

        They are read together, on pages of the list where those have several of them.
        *concurrency* is how many are waited for at the same time, 1,000 by default; *timeout* is each one's, in
        seconds, None for ever. A replica that failed is an Outcome with ProcessingFailedError. The other arguments, and
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

    async def update_replica(
        self,
        before: "records.Replica | str",
        after: "records.Replica | Mapping[str, Any]",
        *,
        timeout: float | None = None,
    ) -> "records.Replica":
        """Change the name or the voice of a replica, and return what the answer tells of it: id, name and voices.

        `await session.update_replica(replica, attrs.evolve(replica, replica_name="Ann"))` sends what differs between
        two records of one replica, apart from what the server alone sets; where nothing does, it reads the replica.
        `await session.update_replica("r1", {"default_voice_id": "v1"})` sends the fields of a mapping.
        Raises InvalidRequestError where a name or a voice would be taken away.
        Source: https://docs.tavus.io/api-reference/faces/update-face
        """
        after = hidden(after, texts=True)
        return await self.send(calls.update_replica(before, after), timeout=timeout)

    async def rename_replica(self, replica_id: str, replica_name: str, *, timeout: float | None = None) -> None:
        """Change the name of a replica by the older endpoint that does nothing else; see `update_replica()`.

        Source: https://docs.tavus.io/api-reference/phoenix-replica-model/patch-replica-name
        """
        await self.send(calls.rename_replica(replica_id, replica_name), timeout=timeout)

    async def delete_replica(self, replica_id: str, *, hard: bool = False, timeout: float | None = None) -> None:
        """Delete a replica: no conversation can have it any more.

        With *hard*, what it was trained with is deleted for good too. Raises NotFoundError where there is none; not
        when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/faces/delete-face
        """
        await self.send(calls.delete_replica(replica_id, hard=hard), timeout=timeout)
