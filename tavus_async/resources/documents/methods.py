"""The session's methods for documents."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any

from tavus_async._bulk.keys import Keys
from tavus_async._bulk.pages import walk
from tavus_async._bulk.run import MAX_OUTAGE, OnProgress, Outcomes
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import of_kind
from tavus_async._values import Page
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._lazy import lazy_modules
from tavus_async.resources._sends import PAGE_SIZE, Sends
from tavus_async.resources._tags import Tags

if TYPE_CHECKING:
    from tavus_async.resources.documents import calls, records
else:
    calls, records = lazy_modules(__name__)

# Seconds: files take minutes, and websites of a hundred pages a little longer.
LONGEST_READING = 1_800.0


class Documents(Sends):
    """Creates, reads, lists, changes, recrawls and deletes documents, waits for them, and reads their chunks."""

    async def create_document(
        self, draft: "records.DocumentDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> "records.Document":
        """Create a document of what is at a URL; it can be used when it is `ready`: `wait_for_document()`.

        *draft* may be a mapping, such as a body copied from the documentation. It is never sent twice where the first
        may have worked: a lost answer raises AmbiguousOutcomeError, and `find_documents(error.name)` tells.
        Raises InvalidRequestError for a draft without a document_url, or with a crawl that the server refuses for
        certain, and QuotaExceededError where the account has as many websites as it may have.
        Source: https://docs.tavus.io/api-reference/documents/create-document
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.create_document(draft), timeout=timeout)

    async def get_document(
        self, document_id: str, *, verbose: bool = False, timeout: float | None = None
    ) -> "records.Document":
        """Return one document by its id; *verbose* asks for all that Tavus' own pages are told.

        Raises NotFoundError for an id that the account does not have.
        Source: https://docs.tavus.io/api-reference/documents/get-document
        """
        return await self.send(calls.get_document(document_id, verbose=verbose), timeout=timeout)

    async def list_documents(  # noqa: PLR0913 (the filters that there are)
        self,
        *,
        status: str | None = None,
        name_or_uuid: str | None = None,
        tags: Tags = None,
        participant_tags: Tags = None,
        scope: str | None = None,
        sort: str | None = None,
        verbose: bool = False,
        page_size: int = PAGE_SIZE,
        timeout: float | None = None,
    ) -> AsyncIterator["records.Document"]:
        """Iterate over the documents of all pages, each once.

        The filters are those of `list_documents_page()`. *timeout* is each page's, in seconds.
        Source: https://docs.tavus.io/api-reference/documents/get-documents
        """
        found = self._list_all(
            calls.DOCUMENTS,
            calls.list_documents_page,
            page_size=page_size,
            timeout=timeout,
            status=status,
            name_or_uuid=name_or_uuid,
            tags=tags,
            participant_tags=participant_tags,
            scope=scope,
            sort=sort,
            verbose=verbose,
        )
        async for document in found:
            yield document

    async def list_documents_page(  # noqa: PLR0913 (the filters that there are)
        self,
        *,
        page: int = 0,
        limit: int = 10,
        status: str | None = None,
        name_or_uuid: str | None = None,
        tags: Tags = None,
        participant_tags: Tags = None,
        scope: str | None = None,
        sort: str | None = None,
        verbose: bool = False,
        timeout: float | None = None,
    ) -> "Page[records.Document]":
        """Return one page, counted from 0, of at most *limit* documents.

        - *status*: those in this state alone, such as `ready`.
        - *name_or_uuid*: a name, a part of one, or an id.
        - *tags*, *participant_tags*: lists of tags, or a text with commas between them.
        - *scope*: undocumented.
        - *sort*: `ascending` by creation, which is the server's default, or `descending`; `asc` and `desc` are sent as
          they are, as Tavus' own command line does.

        Raises InvalidRequestError for a page below 0, a limit below 1, another *sort*, and a tag with a comma in it.
        Source: https://docs.tavus.io/api-reference/documents/get-documents
        """
        call = calls.list_documents_page(
            page=page,
            limit=limit,
            status=status,
            name_or_uuid=name_or_uuid,
            tags=tags,
            participant_tags=participant_tags,
            scope=scope,
            sort=sort,
            verbose=verbose,
        )
        return await self.send(call, timeout=timeout)

    async def find_documents(self, document_name: str, *, timeout: float | None = None) -> "list[records.Document]":
        """Return the documents of this name, which need not be unique; the list is read to its end.

        After an AmbiguousOutcomeError, `find_documents(error.name)` tells whether the create has happened.
        *timeout* is each page's, in seconds.
        """
        of_kind("document_name", document_name, str, error=InvalidRequestError)
        return [each async for each in self.list_documents(timeout=timeout) if each.document_name == document_name]

    async def update_document(
        self,
        before: "records.Document | str",
        after: "records.Document | Mapping[str, Any]",
        *,
        timeout: float | None = None,
    ) -> "records.Document":
        """Change the name or the tags of a document, and return it.

        `await session.update_document(document, attrs.evolve(document, tags=["faq"]))` sends what differs;
        `update_document(document_id, {"tags": ["faq"]})` what is given. Of records that are equal but for what the
        server sets, it is read. Raises InvalidRequestError for records of two documents, and BadRequestError for a
        field that cannot be changed.
        Source: https://docs.tavus.io/api-reference/documents/update-document
        """
        after = hidden(after, texts=True)
        return await self.send(calls.update_document(before, after), timeout=timeout)

    async def delete_document(self, document_id: str, *, timeout: float | None = None) -> None:
        """Delete a document for good.

        Raises NotFoundError where there is none; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/documents/delete-document
        """
        await self.send(calls.delete_document(document_id), timeout=timeout)

    async def recrawl_document(
        self,
        document_id: str,
        *,
        crawl: "records.CrawlConfig | Mapping[str, Any] | None" = None,
        timeout: float | None = None,
    ) -> "records.Document":
        """Read a website anew, and return its document, which is `recrawling`: `wait_for_document()` waits for it.

        *crawl* holds for this time alone; None takes what the document was created with. Raises BadRequestError for
        what is no website and *crawl* None, ConflictError while it is being read, and QuotaExceededError within an
        hour of the last time.
        Source: https://docs.tavus.io/api-reference/documents/recrawl-document
        """
        return await self.send(calls.recrawl_document(document_id, crawl=crawl), timeout=timeout)

    async def wait_for_document(
        self,
        document_id: str,
        *,
        timeout: float | None = LONGEST_READING,
        on_progress: "Callable[[records.Document], object] | None" = None,
    ) -> "records.Document":
        """Wait until a document is `ready`, and return it.

        *timeout* is in seconds, None for ever. *on_progress* is called with the document each time it has changed, as
        its *progress* does. It is read through the rate limit, every 2 seconds at first and every 15 at last, once for
        all who wait for it. Raises ProcessingFailedError where it has failed, with the document as its `value` and
        Tavus' word for it as its `reason`; DeadlineExceededError when the time is over.
        """
        return await self._wait_until_ready(
            calls.get_document(document_id), calls.PROCESSING, timeout=timeout, on_progress=on_progress
        )

    def wait_for_documents(
        self,
        ids: Keys[str],
        *,
        concurrency: int | None = None,
        on_progress: OnProgress | None = None,
        timeout: float | None = LONGEST_READING,
        max_outage: float = MAX_OUTAGE,
    ) -> Outcomes["records.Document"]:
        """Iterate over an Outcome for each id as its document is ready: `async for outcome in …`.

        They are read together, on pages of the list where those have several of them.
        *concurrency* is how many are waited for at the same time, 1,000 by default; *timeout* is each one's, in
        seconds, None for ever. A document that failed is an Outcome with ProcessingFailedError. The other arguments,
        and how the loop ends, are as with `iter_personas()`.
        """
        return self._wait_for_each(
            calls.WAITABLE,
            ids,
            concurrency=concurrency,
            on_progress=on_progress,
            timeout=timeout,
            max_outage=max_outage,
        )

    async def list_document_tags(
        self, *, search: str | None = None, page_size: int = PAGE_SIZE, timeout: float | None = None
    ) -> AsyncIterator[str]:
        """Iterate over the tags that the account's documents have, each once; *search* is a part of them.

        Undocumented: Tavus' own command line reads them so. *timeout* is each page's, in seconds.
        """

        async def read_page(page: int) -> Page[str]:
            return await self.list_document_tags_page(page=page, limit=page_size, search=search, timeout=timeout)

        first = calls.DOCUMENTS.first_page
        async for tag in walk(read_page, id_of=str, page_size=page_size, first_page=first):
            yield tag

    async def list_document_tags_page(
        self, *, page: int = 0, limit: int = 10, search: str | None = None, timeout: float | None = None
    ) -> Page[str]:
        """Return one page, counted from 0, of at most *limit* tags of documents; *search* is a part of them.

        Undocumented: Tavus' own command line reads them so.
        """
        return await self.send(calls.list_document_tags_page(page=page, limit=limit, search=search), timeout=timeout)

    async def list_document_chunks(
        self, document_id: str, *, collection: str = "regular", page_size: int = PAGE_SIZE, timeout: float | None = None
    ) -> AsyncIterator["records.DocumentChunk"]:
        """Iterate over the pieces that Tavus has made of a document: what a persona can know of it.

        *collection* is `regular` or `customer_support`. Undocumented: Tavus' own command line reads them so.
        *timeout* is each page's, in seconds.
        """
        offset: str | int | None = None
        seen: set[str | int | None] = set()
        while offset not in seen:
            seen.add(offset)
            page = await self.list_document_chunks_page(
                document_id, offset=offset, limit=page_size, collection=collection, timeout=timeout
            )
            for chunk in page:
                yield chunk
            offset = page.next_offset if page.items else None

    async def list_document_chunks_page(
        self,
        document_id: str,
        *,
        offset: str | int | None = None,
        limit: int = 100,
        collection: str = "regular",
        timeout: float | None = None,
    ) -> "records.DocumentChunkPage":
        """Return at most *limit* pieces of a document, from 1 to 500, and where the next ones begin.

        *offset* is the `next_offset` of the page before; None begins with the first. *collection* is `regular` or
        `customer_support`. Undocumented: Tavus' own command line reads them so.
        """
        call = calls.list_document_chunks_page(document_id, offset=offset, limit=limit, collection=collection)
        return await self.send(call, timeout=timeout)
