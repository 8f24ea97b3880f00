"""The session's methods for documents on a sandbox."""

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    BadRequestError,
    ConflictError,
    DeadlineExceededError,
    NotFoundError,
    ProcessingFailedError,
    QuotaExceededError,
)
from tavus_async._bulk import polling
from tavus_async.models import CrawlConfig, Document, DocumentDraft
from tavus_async.sandbox import Answer, Sandbox
from tests.support.quick import KEY, quick_session

FILE = "https://files.example/handbook.pdf"
SITE = DocumentDraft(document_url="https://docs.example/", document_name="Docs", crawl=CrawlConfig(max_pages=3))
MINUTES = 300.0


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    async with quick_session(sandbox) as session:
        yield session


async def test_a_document_is_made_read_changed_and_deleted(session: AsyncSession, sandbox: Sandbox) -> None:
    created = await session.create_document({"document_url": FILE, "tags": ["old"]})
    sandbox.advance(MINUTES)
    ready = await session.get_document(created.document_id)
    verbose = await session.get_document(created.document_id, verbose=True)
    changed = await session.update_document(ready, attrs.evolve(ready, document_name="Handbook", tags=[]))
    again = await session.update_document(created.document_id, {"tags": ["new"]})
    await session.delete_document(created.document_id)

    assert (created.status, ready.status, verbose.display_status) == ("started", "ready", "Ready")
    assert (changed.document_name, changed.tags) == ("Handbook", ())
    assert (again.document_name, again.tags) == ("Handbook", ("new",))
    with pytest.raises(NotFoundError):
        await session.get_document(created.document_id)


async def test_lists_are_read_to_their_end_and_filtered(session: AsyncSession) -> None:
    for number in range(5):
        await session.create_document(
            {"document_url": FILE, "document_name": f"File {number}", "tags": ["even" if number % 2 == 0 else "odd"]}
        )
    await session.create_document({"document_url": FILE, "document_name": "File 1"})

    names = [each.document_name async for each in session.list_documents(page_size=2)]
    backwards = [each.document_name async for each in session.list_documents(page_size=2, sort="descending")]
    odd = [each.document_name async for each in session.list_documents(tags=["odd", "prime"])]

    assert names == ["File 0", "File 1", "File 2", "File 3", "File 4", "File 1"]
    assert backwards == names[::-1]
    assert odd == ["File 1", "File 3"]
    assert [each async for each in session.list_documents(status="ready")] == []
    assert len(await session.find_documents("File 1")) == 2
    assert await session.find_documents("File") == []


async def test_tags_are_listed_over_all_pages(session: AsyncSession) -> None:
    for tag in "cab":
        await session.create_document({"document_url": FILE, "tags": [tag, "common"]})

    assert [tag async for tag in session.list_document_tags(page_size=2)] == ["a", "b", "c", "common"]
    assert [tag async for tag in session.list_document_tags(search="OM")] == ["common"]


async def test_chunks_are_read_to_their_end(session: AsyncSession, sandbox: Sandbox) -> None:
    document = await session.create_document(SITE)
    sandbox.advance(MINUTES)
    chunks = [chunk async for chunk in session.list_document_chunks(document.document_id, page_size=4)]

    assert len({chunk.chunk_id for chunk in chunks}) == len(chunks) == 15
    assert chunks[0].text == "Docs, page 1, part 1 of 5."
    apart = session.list_document_chunks(document.document_id, collection="customer_support")
    assert [chunk async for chunk in apart] == []


A, B = [{"text": "a"}], [{"text": "b"}]


@pytest.mark.parametrize(
    "pages",
    [
        [{"chunks": A, "next_offset": "o1"}, {"chunks": B, "next_offset": "o1"}],
        [{"chunks": A, "next_offset": 1}, {"chunks": B}],
        [{"chunks": A, "next_offset": 1}, {"data": B, "next_offset": 2}, {"chunks": [], "next_offset": 3}],
    ],
)
async def test_chunks_end_whatever_the_offsets_say(session: AsyncSession, sandbox: Sandbox, pages: list[Any]) -> None:
    sandbox.script([Answer(body=page) for page in pages])

    assert [chunk.text async for chunk in session.list_document_chunks("d1")] == ["a", "b"]
    assert sandbox.stats().total == len(pages)


async def test_a_lost_create_can_be_looked_for(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script(["truncate"])
    with pytest.raises(AmbiguousOutcomeError) as caught:
        await session.create_document(SITE)

    assert caught.value.name == "Docs"
    assert "await session.find_documents('Docs') tells" in str(caught.value)
    assert len(await session.find_documents("Docs")) == 1


class TestRecrawl:
    async def test_it_is_read_anew_once_an_hour(self, session: AsyncSession, sandbox: Sandbox) -> None:
        document = await session.create_document(SITE)
        with pytest.raises(ConflictError, match="current status: started"):
            await session.recrawl_document(document.document_id)
        sandbox.advance(MINUTES)
        began = await session.recrawl_document(document.document_id, crawl=CrawlConfig(max_pages=2))
        sandbox.advance(MINUTES)
        ready = await session.get_document(document.document_id)
        with pytest.raises(QuotaExceededError, match="please wait 55 minutes"):
            await session.recrawl_document(document.document_id)

        assert (began.status, began.crawl_count) == ("recrawling", 1)
        assert (ready.status, ready.crawl_count, len(ready.crawled_urls or ())) == ("ready", 2, 2)
        assert sandbox.stats().total == 5

    async def test_a_file_is_none_that_can_be_read_anew(self, session: AsyncSession, sandbox: Sandbox) -> None:
        document = await session.create_document({"document_url": FILE})
        sandbox.advance(MINUTES)

        with pytest.raises(BadRequestError, match="not created with crawl configuration"):
            await session.recrawl_document(document.document_id)

    async def test_the_hundred_and_first_website_is_refused_at_once(
        self, session: AsyncSession, sandbox: Sandbox
    ) -> None:
        for number in range(100):
            sandbox.add({"document_id": f"d{number}", "crawl_config": {"depth": 1}}, resource="documents")

        with pytest.raises(QuotaExceededError, match="Crawl document limit reached"):
            await session.create_document(SITE)
        assert sandbox.stats().total == 1


class TestWait:
    @pytest.fixture(autouse=True)
    def _quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(polling, "POLL_DELAY", 0.001)

    async def test_a_document_is_waited_for_and_tells_its_progress(self) -> None:
        seen: list[Document] = []
        async with Sandbox(api_key=KEY, speed=1_000) as sandbox, quick_session(sandbox) as session:
            document = await session.create_document({"document_url": FILE})
            ready = await session.wait_for_document(document.document_id, on_progress=seen.append)

        assert ready.status == "ready"
        assert ready == seen[-1]
        assert [each.progress for each in seen if each.progress] == sorted(
            each.progress for each in seen if each.progress
        )

    async def test_recrawling_is_not_the_end(self, session: AsyncSession, sandbox: Sandbox) -> None:
        document = await session.create_document(SITE)
        sandbox.advance(MINUTES)
        await session.recrawl_document(document.document_id)

        def go_on(seen: Document) -> None:
            assert seen.status in {"recrawling", "ready"}
            sandbox.advance(10)

        ready = await session.wait_for_document(document.document_id, on_progress=go_on)
        assert (ready.status, ready.crawl_count) == ("ready", 2)

    async def test_a_failure_tells_the_word_for_it(self, session: AsyncSession, sandbox: Sandbox) -> None:
        document = await session.create_document({"document_url": "https://files.example/a.zip"})
        sandbox.advance(MINUTES)

        with pytest.raises(ProcessingFailedError, match=f"the document {document.document_id} is 'error'") as caught:
            await session.wait_for_document(document.document_id)
        assert caught.value.reason == "file_format_unsupported"
        assert caught.value.value == await session.get_document(document.document_id)

    async def test_the_time_may_be_over_before(self, session: AsyncSession) -> None:
        document = await session.create_document({"document_url": FILE})

        with pytest.raises(DeadlineExceededError, match=f"the document {document.document_id}"):
            await session.wait_for_document(document.document_id, timeout=0.02)

    async def test_many_are_waited_for_at_once(self, session: AsyncSession, sandbox: Sandbox) -> None:
        urls = [FILE, "https://files.invalid/a.pdf", FILE]
        ids = [(await session.create_document({"document_url": url})).document_id for url in urls]
        sandbox.advance(MINUTES)
        outcomes = {each.key: each async for each in session.wait_for_documents([*ids, "d8-nobody"])}

        assert [outcomes[each].ok for each in ids] == [True, False, True]
        assert isinstance(outcomes[ids[1]].error, ProcessingFailedError)
        assert isinstance(outcomes["d8-nobody"].error, NotFoundError)
