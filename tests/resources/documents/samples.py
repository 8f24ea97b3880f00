"""What the endpoints of documents are given by tests that go over all endpoints."""

from typing import Any

from tavus_async.models import CrawlConfig, DocumentDraft

SAMPLES: dict[str, dict[str, Any]] = {
    "create_document": {"draft": DocumentDraft(document_url="https://example.com/faq.pdf")},
    "list_document_chunks_page": {"offset": "o1", "collection": "customer_support"},
    "list_document_tags_page": {"search": "faq"},
    "list_documents_page": {
        "status": "ready",
        "name_or_uuid": "Handbook",
        "tags": ["faq", "prices"],
        "participant_tags": "vip",
        "scope": "all",
        "sort": "descending",
    },
    "recrawl_document": {"crawl": CrawlConfig(depth=2)},
    "update_document": {"before": "x 1", "after": {"document_name": "y"}},
}
