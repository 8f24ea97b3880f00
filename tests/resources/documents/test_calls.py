"""What is sent of documents, and what is refused before that."""

import json
from typing import Any

import attrs
import pytest

from tavus_async import DecodeError, InvalidRequestError, calls
from tavus_async.models import CrawlConfig, Document, DocumentDraft

URL = "https://docs.example/"
DOCUMENT = Document(document_id="d1", document_name="Docs", document_url=URL, tags=["a"], status="ready", progress=5)


def sent(call: Any) -> Any:
    return json.loads(call.body)


class TestCreate:
    def test_the_draft_is_the_body(self) -> None:
        call = calls.create_document(DocumentDraft(document_url=URL, document_name="Docs", crawl=CrawlConfig(depth=2)))

        assert (call.method, call.path, call.repeatable) == ("POST", "/v2/documents", False)
        assert sent(call) == {"document_url": URL, "document_name": "Docs", "crawl": {"depth": 2}}
        assert call.recovery == "await session.find_documents('Docs') tells"

    @pytest.mark.parametrize(
        ("draft", "words"),
        [
            ({}, "a document needs a document_url"),
            ({"document_url": " "}, "a document needs a document_url"),
            ({"document_url": 5}, "wrong type: document_url"),
            ({"document_url": URL, "crawl": []}, "wrong type: crawl"),
            ({"document_url": URL, "crawl": {"depth": 0}}, "the crawl's depth must be from 1 to 10, not 0"),
            ({"document_url": URL, "crawl": {"depth": 11}}, "the crawl's depth must be from 1 to 10, not 11"),
            ({"document_url": URL, "crawl": {"max_pages": 101}}, "max_pages must be from 1 to 100, not 101"),
            ({"document_url": "https://docs.example/?***"}, "shown without its secret: document_url"),
            ("https://docs.example/", "draft must be a DocumentDraft"),
        ],
    )
    def test_what_is_certain_to_be_refused_is_not_sent(self, draft: Any, words: str) -> None:
        with pytest.raises(InvalidRequestError) as caught:
            calls.create_document(draft)

        assert words in str(caught.value)

    @pytest.mark.parametrize("crawl", [{"depth": 1, "max_pages": 1}, {"depth": 10, "max_pages": 100}, {}])
    def test_crawls_up_to_the_limits_are_sent(self, crawl: dict[str, int]) -> None:
        assert sent(calls.create_document({"document_url": URL, "crawl": crawl}))["crawl"] == crawl


class TestList:
    def test_only_filters_that_are_given_are_sent(self) -> None:
        assert calls.list_documents_page().query == (("limit", "10"), ("page", "0"))

    def test_tags_are_sent_with_commas_between(self) -> None:
        call = calls.list_documents_page(
            status="ready", name_or_uuid="x", tags=["a", "b"], participant_tags="c,d", scope="all", verbose=True
        )

        assert dict(call.query) == {
            "limit": "10",
            "page": "0",
            "status": "ready",
            "name_or_uuid": "x",
            "tags": "a,b",
            "participant_tags": "c,d",
            "scope": "all",
            "verbose": "true",
        }

    @pytest.mark.parametrize("sort", ["ascending", "descending", "asc", "desc"])
    def test_every_word_for_the_order_is_sent_as_it_is(self, sort: str) -> None:
        assert dict(calls.list_documents_page(sort=sort).query)["sort"] == sort

    @pytest.mark.parametrize(
        "given",
        [{"page": -1}, {"limit": 0}, {"sort": "newest"}, {"tags": ["a,b"]}, {"participant_tags": [5]}, {"tags": 5},
         {"verbose": "yes"}],
    )  # fmt: skip
    def test_nonsense_is_refused(self, given: dict[str, Any]) -> None:
        with pytest.raises(InvalidRequestError):
            calls.list_documents_page(**given)

    @pytest.mark.parametrize("key", ["data", "documents", None])
    def test_pages_are_read_in_every_envelope(self, key: str | None) -> None:
        items = [{"document_id": "d1"}]
        page = calls.list_documents_page().decode(json.dumps({key: items} if key else items).encode())

        assert [each.document_id for each in page] == ["d1"]


class TestUpdate:
    def test_of_two_records_the_difference_is_sent(self) -> None:
        call = calls.update_document(DOCUMENT, attrs.evolve(DOCUMENT, tags=["a", "b"], status="error", progress=None))

        assert (call.method, call.path, sent(call)) == ("PATCH", "/v2/documents/d1", {"tags": ["a", "b"]})

    def test_what_the_server_does_not_change_is_left_to_it_to_refuse(self) -> None:
        other = attrs.evolve(DOCUMENT, document_url="https://other.example/", crawl_config=CrawlConfig(depth=3))

        assert sent(calls.update_document(DOCUMENT, other)) == {
            "document_url": "https://other.example/",
            "crawl_config": {"depth": 3},
        }

    def test_equal_records_are_read_instead(self) -> None:
        later = attrs.evolve(DOCUMENT, status="recrawling", crawled_urls=[URL], crawl_count=2)

        assert calls.update_document(DOCUMENT, later).method == "GET"

    def test_with_an_id_goes_a_mapping(self) -> None:
        assert sent(calls.update_document("d1", {"document_name": "New"})) == {"document_name": "New"}
        with pytest.raises(InvalidRequestError, match="with an id goes a mapping"):
            calls.update_document("d1", DOCUMENT)


class TestRecrawl:
    def test_without_a_crawl_an_empty_object_is_sent(self) -> None:
        call = calls.recrawl_document("d1")

        assert (call.method, call.path, call.body) == ("POST", "/v2/documents/d1/recrawl", b"{}")
        assert not call.repeatable
        assert call.changes == "/v2/documents/d1"

    @pytest.mark.parametrize("crawl", [CrawlConfig(depth=3, max_pages=50), {"depth": 3, "max_pages": 50}])
    def test_a_crawl_is_sent(self, crawl: Any) -> None:
        assert sent(calls.recrawl_document("d1", crawl=crawl)) == {"crawl": {"depth": 3, "max_pages": 50}}

    @pytest.mark.parametrize("crawl", [5, "deep", {"depth": 11}, {"depth": "2"}, CrawlConfig(max_pages=0)])
    def test_a_crawl_that_is_none_is_refused(self, crawl: Any) -> None:
        with pytest.raises(InvalidRequestError):
            calls.recrawl_document("d1", crawl=crawl)


class TestTags:
    def test_they_are_listed_beside_the_documents(self) -> None:
        call = calls.list_document_tags_page(search="a", limit=5)

        assert call.path == "/v2/documents/tags"
        assert dict(call.query) == {"limit": "5", "page": "0", "search": "a"}


class TestChunks:
    def test_they_are_asked_for_as_the_command_line_does(self) -> None:
        call = calls.list_document_chunks_page("d 1", offset="o1", limit=500)

        assert call.path == "/v2/documents/d%201/chunks"
        assert dict(call.query) == {"collection": "regular", "limit": "500", "offset": "o1"}
        assert "offset" not in dict(calls.list_document_chunks_page("d1").query)

    @pytest.mark.parametrize("limit", [0, 501, "5", True])
    def test_a_limit_out_of_bounds_is_refused(self, limit: Any) -> None:
        with pytest.raises(InvalidRequestError, match="limit must be a whole number from 1 to 500"):
            calls.list_document_chunks_page("d1", limit=limit)

    @pytest.mark.parametrize(
        ("body", "offset"),
        [
            ({"chunks": [{"text": "a"}], "next_offset": "o2"}, "o2"),
            ({"data": [{"content": "a"}], "next_page_offset": 5}, 5),
            ({"chunks": [{"text": "a"}], "next_offset": None}, None),
            ({"chunks": [{"text": "a"}], "next_offset": ""}, None),
            ({"chunks": [{"text": "a"}], "next_offset": {}, "next_page_offset": "o3"}, "o3"),
            ([{"text": "a"}], None),
        ],
    )
    def test_a_page_tells_where_the_next_begins(self, body: Any, offset: Any) -> None:
        page = calls.list_document_chunks_page("d1").decode(json.dumps(body).encode())

        assert ([chunk.text for chunk in page], page.next_offset) == (["a"], offset)

    @pytest.mark.parametrize("body", [{}, {"chunks": [5]}, "x", {"chunks": {}}])
    def test_anything_else_is_a_decode_error(self, body: Any) -> None:
        with pytest.raises(DecodeError):
            calls.list_document_chunks_page("d1").decode(json.dumps(body).encode())
