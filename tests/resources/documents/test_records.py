"""What is read of a document, and that nothing of it is lost or shown that should not be."""

import json
import pickle
import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from tavus_async import InvalidRequestError, UnknownFieldWarning
from tavus_async.models import CrawlConfig, Document, DocumentChunk, DocumentDraft, Persona
from tests.support.given_back import differences

BODY: dict[str, Any] = {
    "document_id": "d8-5c71baca86fc",
    "document_name": "Handbook",
    "document_url": "https://files.example/handbook.pdf?X-Amz-Signature=abcdef0123456789",
    "status": "ready",
    "display_status": "Ready",
    "progress": 40,
    "error_message": "",
    "callback_url": "https://app.example/hooks/7d41c0ffee9b",
    "tags": ["faq"],
    "participant_tags": ["vip"],
    "custom_description": "A drawing of a pump.",
    "is_customer_support_document": False,
    "font_size_aware_extraction": True,
    "crawl_config": {"depth": 2, "max_pages": 10},
    "crawled_urls": ["https://docs.example/?session=s3cr3t-of-the-site", "https://docs.example/api"],
    "last_crawled_at": "2026-01-01T12:05:00Z",
    "crawl_count": 1,
    "created_at": "2026-01-01T12:00:00Z",
    "updated_at": "2026-01-01T12:05:00.000001Z",
}
SECRETS = ("abcdef0123456789", "7d41c0ffee9b", "s3cr3t-of-the-site")


class TestDocument:
    def test_every_field_that_tavus_names_has_an_attribute(self) -> None:
        document = Document.from_dict(BODY)

        assert document.extra == {}
        assert document.crawl_config == CrawlConfig(depth=2, max_pages=10)
        assert (document.tags, document.progress) == (("faq",), 40)
        assert document.last_crawled_at is not None
        assert differences(BODY, document.to_dict()) == []

    def test_no_link_shows_what_is_secret_in_it(self) -> None:
        document = Document.from_dict(BODY)
        shown = (
            f"{document!r}{dict(document)}{pickle.dumps(document)!r}{pickle.loads(pickle.dumps(document)).to_dict()}"  # noqa: S301
        )

        assert [secret for secret in SECRETS if secret in shown] == []
        assert [secret for secret in SECRETS if secret not in json.dumps(document.to_dict())] == []

    def test_an_older_answer_calls_its_id_uuid(self) -> None:
        document = Document.from_dict({"uuid": "d1"})

        assert (document.document_id, document.to_dict()) == ("d1", {"uuid": "d1"})

    def test_without_a_crawl_there_is_an_empty_one(self) -> None:
        document = Document.from_dict({"document_id": "d1", "crawl_config": None, "crawled_urls": None})

        assert not document.crawl_config
        assert (document.crawl_config.depth, document.crawled_urls, document.progress) == (None, None, None)


class TestDraft:
    def test_a_draft_of_a_document_has_what_a_create_takes(self) -> None:
        draft = DocumentDraft.of(Document.from_dict(BODY))
        taken = {name: value for name, value in BODY.items() if name in DocumentDraft._schema.names}

        assert draft.to_dict() == taken | {"crawl": BODY["crawl_config"]}
        assert attrs.evolve(draft, tags=["new"]).to_dict()["tags"] == ["new"]

    def test_of_a_file_it_has_no_crawl(self) -> None:
        file = Document(document_id="d1", document_url="https://files.example/a.pdf")

        assert DocumentDraft.of(file).to_dict() == {"document_url": "https://files.example/a.pdf"}

    def test_of_anything_else_there_is_none(self) -> None:
        other: Any = Persona(persona_id="p1")

        with pytest.raises(InvalidRequestError, match="document must be a Document"):
            DocumentDraft.of(other)

    def test_an_empty_crawl_is_sent_since_it_makes_a_website(self) -> None:
        assert DocumentDraft(document_url="https://a.example", crawl=CrawlConfig()).to_dict()["crawl"] == {}

    def test_a_field_of_a_crawl_that_nobody_knows_is_told_and_sent(self) -> None:
        with pytest.warns(UnknownFieldWarning, match=re.escape("crawl.include")):
            draft = DocumentDraft.from_dict({"document_url": "https://a.example", "crawl": {"include": "/docs"}})

        assert draft.to_dict()["crawl"] == {"include": "/docs"}


class TestChunk:
    @pytest.mark.parametrize(
        "body", [{"chunk_id": "c1", "text": "Hello."}, {"id": "c1", "content": "Hello.", "metadata": {"page": 3}}]
    )
    def test_it_is_read_by_either_name(self, body: dict[str, Any]) -> None:
        chunk = DocumentChunk.from_dict(body)

        assert (chunk.chunk_id, chunk.text, chunk.extra) == ("c1", "Hello.", {})
        assert chunk.to_dict() == body


class TestRealBodies:
    def test_each_is_read_and_given_back(self, shared_reference: Path) -> None:
        requests, answers = 0, 0
        for path in sorted((shared_reference / "bodies" / "documents").glob("*.json")):
            body = json.loads(path.read_text(encoding="utf-8"))["body"]
            for item in next((body[name] for name in ("data", "documents") if name in body), [body]):
                if "document_id" in item:
                    answers += 1
                    record: Any = Document.from_dict(item)
                else:
                    requests += 1
                    record = DocumentDraft.from_dict(item)
                assert differences(item, record.to_dict()) == []
                assert not record.extra

        assert answers > 3
        assert requests > 3
