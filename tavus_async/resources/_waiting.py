"""Waiting for many objects of a resource at once."""

import asyncio
from collections.abc import Callable
from operator import attrgetter
from typing import Final, Generic, TypeVar

import attrs

from tavus_async._bulk.keys import Keys
from tavus_async._bulk.run import Job, OnProgress, check_callback
from tavus_async._bulk.watching import PER_PAGE, BulkSend, JointWait, Reading
from tavus_async._records.record import Record
from tavus_async._settings.checks import check_seconds
from tavus_async._values import Outcome, Page
from tavus_async._wire.call import Call
from tavus_async._wire.resource import Resource
from tavus_async.errors import TavusError
from tavus_async.resources._processing import Processing

RecordT = TypeVar("RecordT", bound=Record)

MOST_AT_ONCE: Final = 1_000
"""How many objects are waited for at the same time, unless somebody says otherwise."""


@attrs.frozen(kw_only=True)
class Waitable(Generic[RecordT]):
    """What waiting for many objects of one resource takes."""

    resource: Resource[RecordT]
    processing: Processing[RecordT]
    get: Callable[[str], Call[RecordT]]
    """Returns the call that reads one by its id."""
    list_page: Callable[..., Call[Page[RecordT]]]
    """Returns the call that reads a *page* of its list, with a *limit*."""

    def watch(self, send_each: BulkSend) -> JointWait[RecordT]:
        """Return what many can wait for such objects by."""
        reading = Reading(
            send_each=send_each,
            get=self.get_anew,
            list_page=lambda page: self.list_page(page=page, limit=PER_PAGE),
            first_page=self.resource.first_page,
            id_of=attrgetter(self.resource.id_name),
            look=self.processing.look,
        )
        return JointWait(reading)

    def job(
        self,
        send_each: BulkSend,
        ids: Keys[str],
        *,
        concurrency: int | None,
        on_progress: OnProgress | None,
        timeout: float | None,
    ) -> Job[RecordT]:
        """Return the job that waits for each of these; *timeout* is each one's, in seconds."""
        check_seconds("timeout", timeout)
        check_callback(on_progress)
        concurrency = MOST_AT_ONCE if concurrency is None else concurrency
        watch = self.watch(send_each)

        async def fetch(item_id: str) -> Outcome[RecordT]:
            now = asyncio.get_running_loop().time
            began = now()
            try:
                self.resource.item_path(item_id)
                value = await watch.wait(item_id, timeout=timeout, what=f"the {self.processing.noun} {item_id}")
            except TavusError as error:
                return Outcome(key=item_id, error=error.with_traceback(None), elapsed=now() - began)
            return Outcome(key=item_id, value=value, attempts=1, elapsed=now() - began)

        return Job(fetch=fetch, keys=ids, concurrency=concurrency, on_progress=on_progress)

    def get_anew(self, item_id: str) -> Call[RecordT]:
        """Return the call that reads one as it is by now."""
        return attrs.evolve(self.get(item_id), reads=None)  # or it would be answered from the cache
