"""A document: a file, a page or a whole website that personas know."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import attrs

from tavus_async._records.fields import ALIASES, link, named, nested, opaque, schema_of
from tavus_async._records.record import Record
from tavus_async._settings.checks import of_kind
from tavus_async._values import Page
from tavus_async.errors import InvalidRequestError

# Editors offer the literals; any other string does as well.
DocumentStatus = Literal["started", "processing", "ready", "error", "recrawling"] | str
Strings = Sequence[str]


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CrawlConfig(Record):
    """How far the links of a website are followed."""

    depth: int | None = None
    """Links between the first page and the last one, from 1 to 10."""
    max_pages: int | None = None
    """How many pages are read at most, from 1 to 100."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DocumentFields(Record):
    """What a document has from the start."""

    document_name: str | None = None
    """Display name, which need not be unique; the server makes one up where there is none."""
    document_url: str | None = link()
    """Where the file or the website is, for everybody: a presigned URL will do, and its query is shown nowhere."""
    callback_url: str | None = link(hides_path=True)
    """Where changes of the status are told; what makes it unguessable is shown nowhere."""
    tags: Strings | None = None
    """By these a conversation can have several documents at once (`document_tags`)."""
    participant_tags: Strings | None = None
    """Who takes part where the document is known; undocumented."""
    custom_description: str | None = None
    """What a picture shows; undocumented."""
    is_customer_support_document: bool | None = None
    """Whether it is kept apart, for customer support; undocumented."""
    font_size_aware_extraction: bool | None = None
    """Whether headings are told by the size of their letters; undocumented."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Document(DocumentFields):
    """A document as the server tells of it.

    Source: https://docs.tavus.io/api-reference/documents/get-document
    """

    document_id: str = attrs.field(metadata={ALIASES: ("uuid",)})
    """Opaque: of no fixed length or alphabet. Also spelled `uuid`."""
    status: DocumentStatus | None = None
    """`started`, `processing`, `ready`, `error`, or `recrawling` while a website is read anew."""
    display_status: str | None = None
    """The status as Tavus' own pages show it; undocumented."""
    progress: int | None = None
    """How far it is, from 0 to 100; None before that is known, and when it is over."""
    error_message: str | None = None
    """What went wrong, with `error`: a word such as `file_format_unsupported`."""
    crawl_config: CrawlConfig = nested(CrawlConfig(wire_names=None))
    """How far links are followed, of a website."""
    crawled_urls: Strings | None = link()
    """The pages that were read, of a website."""
    last_crawled_at: datetime | None = None
    """When a website was last read; UTC where the server names no zone."""
    crawl_count: int | None = None
    """How often a website has been read."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DocumentDraft(DocumentFields):
    """A document to be created: `session.create_document(DocumentDraft(document_url=...))`.

    It needs a *document_url*: of a website, or of a file with at most 50 MB: pdf, pptx, docx, doc, txt, md, csv,
    xlsx, json, png, jpg or jpeg. Fields that are None are not sent. `extra` is sent along, for fields that this class
    does not know yet.
    Source: https://docs.tavus.io/api-reference/documents/create-document
    """

    _is_draft = True

    crawl: CrawlConfig = nested(CrawlConfig(wire_names=None))
    """Makes it a website whose links are followed; without it, the one page is read."""

    @classmethod
    def of(cls, document: Document) -> "DocumentDraft":
        """Return the draft of a document like this one: `attrs.evolve(DocumentDraft.of(document), tags=["faq"])`.

        It has none of what the server adds. Raises InvalidRequestError for what is no document.
        """
        of_kind("document", document, Document, error=InvalidRequestError)
        shared = {name: getattr(document, name) for name in schema_of(DocumentFields).names}
        return cls(crawl=document.crawl_config, **shared)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DocumentChunk(Record):
    """A piece of a document, as searches find it."""

    chunk_id: str | None = named("id")
    """Opaque. Also spelled `id`."""
    text: str | None = named("content")
    """What it says. Also spelled `content`."""
    metadata: Any = opaque()
    """What else is kept of it."""


@attrs.frozen(kw_only=True, slots=False)
class DocumentChunkPage(Page[DocumentChunk]):
    """Some chunks of a document, and where the next ones begin."""

    next_offset: str | int | None = None
    """The *offset* of the next page; None on the last one."""
