"""What a resource knows of the session: how to send, and what it keeps in an open one."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Hashable
from functools import partial
from operator import attrgetter
from types import FunctionType
from typing import Any, Final, TypeVar

import attrs

from tavus_async._bulk.keys import Keys, KeyT
from tavus_async._bulk.pages import walk
from tavus_async._bulk.part_file import PartFile
from tavus_async._bulk.polling import Polls
from tavus_async._bulk.run import MAX_OUTAGE, Job, LookUp, OnProgress, Outcomes, check_callback
from tavus_async._bulk.session_part import PartT, Send
from tavus_async._settings.arguments import check_bulk
from tavus_async._settings.checks import check_seconds
from tavus_async._settings.refused import forget_refused
from tavus_async._values import DownloadProgress, Page
from tavus_async._wire.call import Call
from tavus_async._wire.resource import Resource
from tavus_async.resources._processing import Processing, RecordT
from tavus_async.resources._waiting import Waitable

T = TypeVar("T")

PAGE_SIZE: Final = 100
"""Items that a list is asked for at once: as many as the server gives."""

HOT: Final = frozenset({"send", "get_persona"})
"""What is called so often that it forgets what it was given by itself, without a function more."""


class Sends(ABC):
    """The base of every resource's methods: `AsyncSession` has the six that they are made of."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, method in tuple(vars(cls).items()):
            if isinstance(method, FunctionType) and not name.startswith("_") and name not in HOT:
                setattr(cls, name, forget_refused(method))

    @abstractmethod
    async def send(self, call: Call[T], *, timeout: float | None = None) -> T:
        """Send a call and return its result."""
        ...

    @abstractmethod
    def send_each(
        self,
        make_call: Callable[[KeyT], Call[T]],
        keys: Keys[KeyT],
        *,
        concurrency: int | None = None,
        ordered: bool = False,
        on_progress: OnProgress | None = None,
        timeout: float | None = None,
        max_outage: float = MAX_OUTAGE,
        look_up: LookUp[T] | None = None,
    ) -> Outcomes[T]:
        """Send a call for each key, and iterate over their outcomes."""
        ...

    @abstractmethod
    def _part(self, kind: type[PartT]) -> PartT:
        """Return the open session's one object of this class, made on the first use."""
        ...

    @abstractmethod
    def _sender(self) -> Send:
        """Return what sends calls with this session's options, also while it is being closed."""
        ...

    @abstractmethod
    def _start(self, job: Job[T]) -> Outcomes[T]:
        """Return the outcomes of a job, which ends with the session."""
        ...

    @abstractmethod
    async def _fetch_file(
        self, url: str, file: PartFile, *, max_bytes: int, on_progress: Callable[[DownloadProgress], object] | None
    ) -> None:
        """Write what lies at a URL into a file, without the API key; raises ApiError for a link that is refused."""
        ...

    def _wait_for_each(
        self,
        waitable: Waitable[RecordT],
        ids: Keys[str],
        *,
        concurrency: int | None,
        on_progress: OnProgress | None,
        timeout: float | None,
        max_outage: float,
    ) -> Outcomes[RecordT]:
        """Return an Outcome for each of many objects as it is ready; *timeout* is each one's, in seconds."""
        check_bulk(concurrency=concurrency or 1, max_outage=max_outage, ordered=False, look_up=None)
        send_each = partial(self.send_each, max_outage=max_outage)
        job = waitable.job(send_each, ids, concurrency=concurrency, on_progress=on_progress, timeout=timeout)
        return self._start(job)

    async def _list_all(
        self,
        resource: Resource[RecordT],
        list_page: Callable[..., Call[Page[RecordT]]],
        *,
        page_size: int,
        timeout: float | None,
        **filters: Any,
    ) -> AsyncIterator[RecordT]:
        """Iterate over the records of all pages of a list, each once."""

        async def read_page(page: int) -> Page[RecordT]:
            return await self.send(list_page(page=page, limit=page_size, **filters), timeout=timeout)

        read_id = attrgetter(resource.id_name)

        def identity_of(record: RecordT) -> Hashable:
            return read_id(record) or record  # without an id, what is equal is the same

        async for record in walk(read_page, id_of=identity_of, page_size=page_size, first_page=resource.first_page):
            yield record

    async def _wait_until_ready(
        self,
        call: Call[RecordT],
        processing: Processing[RecordT],
        *,
        timeout: float | None,
        on_progress: Callable[[RecordT], object] | None,
    ) -> RecordT:
        """Return what *call* reads as soon as it is ready; all who wait for the same thing share its reading."""
        check_seconds("timeout", timeout)
        check_callback(on_progress)
        call = attrs.evolve(call, reads=None)  # or it would be answered from the cache
        send = self._sender()
        return await self._part(Polls).wait(
            call,
            processing.look,
            send=send,
            key=call.path,
            what=f"the {processing.noun} {call.path.rpartition('/')[2]}",
            timeout=timeout,
            on_progress=on_progress,
        )
