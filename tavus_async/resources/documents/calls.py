"""The endpoints of documents: https://docs.tavus.io/api-reference/documents"""

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import Any

import attrs

from tavus_async._records.json import is_object, load
from tavus_async._records.record import misfits
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import display, of_kind
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.answers import Form, Reader, decode_page, reader
from tavus_async._wire.call import Call, encode, joined
from tavus_async._wire.resource import Resource, as_draft, refuse_misfits
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._filters import SORT_WORDS, SORTS, check_words
from tavus_async.resources._processing import Processing
from tavus_async.resources._tags import Tags, list_tags_page
from tavus_async.resources._waiting import Waitable
from tavus_async.resources.documents.records import (
    CrawlConfig,
    Document,
    DocumentChunk,
    DocumentChunkPage,
    DocumentDraft,
)

DOCUMENTS = Resource(
    path="/v2/documents", record=Document, id_name="document_id", list_keys=("data", "documents"), first_page=0
)
PROCESSING = Processing[Document](
    noun="document",
    id_of=attrgetter("document_id"),
    ready=frozenset({"ready"}),
    failed=frozenset({"error", "deleted"}),
)
CHUNKS = Form(record=DocumentChunk, id_name="chunk_id", plural="chunks", list_keys=("chunks", "data"), lists_id=False)
OFFSETS = ("next_offset", "next_page_offset")
"""The names under which a page of chunks may say where the next one begins."""
CHUNKS_PER_PAGE = 500
"""How many chunks a page may have."""
DEEPEST, MOST_PAGES = 10, 100

# Set by the server alone; that they differ between two readings is no change to make.
SERVERS_OWN = frozenset(
    {
        *("status", "display_status", "progress", "error_message", "created_at", "updated_at"),
        *("crawled_urls", "last_crawled_at", "crawl_count"),
    }
)


def create_document(draft: DocumentDraft | Mapping[str, Any]) -> Call[Document]:
    """Create Document: https://docs.tavus.io/api-reference/documents/create-document"""
    draft = hidden(draft, texts=True)
    draft = as_draft(DocumentDraft, draft)
    call = DOCUMENTS.create(draft, Document, name=draft.document_name, find="find_documents")
    if not (draft.document_url or "").strip():
        raise InvalidRequestError("a document needs a document_url")
    check_crawl(draft.crawl)
    return call


def check_crawl(crawl: CrawlConfig) -> None:
    """Validate how far links are followed; InvalidRequestError for what the server refuses for certain."""
    for name, value, most in (("depth", crawl.depth, DEEPEST), ("max_pages", crawl.max_pages, MOST_PAGES)):
        if value is not None and not 1 <= value <= most:
            raise InvalidRequestError(f"the crawl's {name} must be from 1 to {most}, not {display(value)}")


def get_document(document_id: str, *, verbose: bool = False) -> Call[Document]:
    """Get Document: https://docs.tavus.io/api-reference/documents/get-document"""
    of_kind("verbose", verbose, bool, error=InvalidRequestError)
    return DOCUMENTS.get(document_id, verbose=verbose or None)


@forget_refused
def list_documents_page(  # noqa: PLR0913 (the filters that there are)
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
) -> Call[Page[Document]]:
    """List Documents: https://docs.tavus.io/api-reference/documents/get-documents"""
    of_kind("verbose", verbose, bool, error=InvalidRequestError)
    check_words("sort", sort, (*SORT_WORDS, *SORTS))
    return DOCUMENTS.list_page(
        page=page,
        limit=limit,
        status=status,
        name_or_uuid=name_or_uuid,
        tags=joined("tags", tags),
        participant_tags=joined("participant_tags", participant_tags),
        scope=scope,
        sort=sort,
        verbose=verbose or None,
    )


def update_document(before: Document | str, after: Document | Mapping[str, Any]) -> Call[Document]:
    """Update Document: https://docs.tavus.io/api-reference/documents/update-document"""
    after = hidden(after, texts=True)
    return DOCUMENTS.merge(before, after, without=SERVERS_OWN)


def delete_document(document_id: str) -> Call[None]:
    """Delete Document: https://docs.tavus.io/api-reference/documents/delete-document"""
    return DOCUMENTS.delete(document_id)


def recrawl_document(document_id: str, *, crawl: CrawlConfig | Mapping[str, Any] | None = None) -> Call[Document]:
    """Recrawl Document: https://docs.tavus.io/api-reference/documents/recrawl-document"""
    DOCUMENTS.item_path(document_id)  # the first argument is told of first
    if crawl is None:
        return DOCUMENTS.act_and_read(document_id, "recrawl", encode({}))
    draft = as_draft(DocumentDraft, {"crawl": crawl})
    refuse_misfits("the recrawl", misfits(draft))
    check_crawl(draft.crawl)
    return DOCUMENTS.act_and_read(document_id, "recrawl", encode(draft.to_dict()))


def list_document_tags_page(*, page: int = 0, limit: int = 10, search: str | None = None) -> Call[Page[str]]:
    """List Document Tags, as Tavus' own command line does: https://docs.tavus.io/api-reference/documents"""
    return list_tags_page(DOCUMENTS, page=page, limit=limit, search=search)


@forget_refused
def list_document_chunks_page(
    document_id: str, *, offset: str | int | None = None, limit: int = 100, collection: str = "regular"
) -> Call[DocumentChunkPage]:
    """List Document Chunks, as Tavus' own command line does: https://docs.tavus.io/api-reference/documents"""
    path, _ = DOCUMENTS.item_path(document_id)
    if type(limit) is not int or not 1 <= limit <= CHUNKS_PER_PAGE:
        raise InvalidRequestError(f"limit must be a whole number from 1 to {CHUNKS_PER_PAGE}, not {display(limit)}")
    call: Call[Any] = DOCUMENTS.list_all(f"{path}/chunks", collection=collection, limit=limit, offset=offset)
    return attrs.evolve(call, decode=partial(decode_chunks, reader(DocumentChunk)))


def decode_chunks(read: Reader[DocumentChunk], body: bytes) -> DocumentChunkPage:
    """Read some chunks, and where the next ones begin; DecodeError where the body has no list of objects."""
    page, value = decode_page(CHUNKS, read, body), load(body)
    found = [value.get(name) for name in OFFSETS] if is_object(value) else []
    offset = next((each for each in found if type(each) in {str, int} and each != ""), None)
    return DocumentChunkPage(items=page.items, total_count=page.total_count, next_offset=offset)


WAITABLE = Waitable(resource=DOCUMENTS, processing=PROCESSING, get=get_document, list_page=list_documents_page)
