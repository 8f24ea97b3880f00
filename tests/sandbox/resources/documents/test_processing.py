"""How a document in the sandbox is read, and what is told of it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Callbacks, Sandbox
from tavus_async.sandbox.resources.documents.processing import failure, pages_of

SITE = "https://docs.example/"


async def create(client: Any, url: str, **body: Any) -> str:
    """A new document, and its path."""
    reply = await client.post("/documents", {"document_url": url, **body})
    assert reply.status == 200, reply
    return f"/documents/{reply.body['document_id']}"


async def read(client: Any, path: str, *names: str) -> Any:
    """What these fields of a document hold."""
    body = (await client.get(path)).body
    return tuple(body[name] for name in names)


async def test_a_file_is_started_then_processing_then_ready(client: Any) -> None:
    path = await create(client, "https://files.example/a.pdf")
    seen = [await read(client, path, "status", "progress")]
    for seconds in (2, 3, 12, 15, 1):
        client.sandbox.advance(seconds)
        seen.append(await read(client, path, "status", "progress"))

    assert seen == [
        ("started", None),
        ("processing", 0),
        ("processing", 10),
        ("processing", 50),
        ("ready", None),
        ("ready", None),
    ]


async def test_a_website_tells_its_pages(client: Any) -> None:
    path = await create(client, SITE, crawl={"depth": 1, "max_pages": 3})
    client.sandbox.advance(60)
    status, urls, count, at = await read(client, path, "status", "crawled_urls", "crawl_count", "last_crawled_at")

    assert (status, count) == ("ready", 1)
    assert urls == [SITE, f"{SITE}getting-started", f"{SITE}guides"]
    assert at is not None


@pytest.mark.parametrize(
    ("url", "crawl", "word"),
    [
        ("https://files.invalid/a.pdf", None, "file_download_failed"),
        ("https://files.invalid/", {}, "website_processing_failed"),
        ("https://files.example/a.zip", None, "file_format_unsupported"),
        ("s3://bucket/a.pdf", None, "invalid_file_url"),
        ("http://[nowhere/a.pdf", None, "invalid_file_url"),
        ("https://files.example/file_empty.pdf", None, "file_empty"),
        ("https://docs.example/embedding_failed", {}, "embedding_failed"),
    ],
)
async def test_a_url_decides_what_goes_wrong(client: Any, url: str, crawl: Any, word: str) -> None:
    path = await create(client, url, crawl=crawl)
    client.sandbox.advance(60)

    assert await read(client, path, "status", "error_message", "progress") == ("error", word, None)


@pytest.mark.parametrize("name", ["a.PDF", "a.jpeg", "index.html", "guide", ""])
def test_files_and_pages_are_read(name: str) -> None:
    assert failure(f"https://files.example/{name}", is_website=False) is None


@pytest.mark.parametrize(("depth", "most", "count"), [(1, 100, 4), (1, 2, 2), (2, 100, 13), (10, 100, 100), (10, 7, 7)])
def test_links_lead_as_far_as_the_crawl_says(depth: int, most: int, count: int) -> None:
    pages = pages_of(SITE, {"depth": depth, "max_pages": most})

    assert len(pages) == len(set(map(str, pages))) == count


async def test_five_websites_are_read_at_a_time(client: Any) -> None:
    paths = [await create(client, SITE, crawl={"max_pages": 1}) for _ in range(7)]
    client.sandbox.advance(3)
    begun = [await read(client, path, "status") for path in paths]
    client.sandbox.advance(60)
    ended = [await read(client, path, "status") for path in paths]

    assert begun == [("processing",)] * 5 + [("started",)] * 2
    assert ended == [("ready",)] * 7


async def test_each_change_of_the_status_is_told(
    connect: Callable[[Sandbox], Awaitable[Any]], receiver: Any, eventually: Any
) -> None:
    client = await connect(Sandbox(personas=1, callbacks=Callbacks(duplicates=0)))
    path = await create(client, SITE, crawl={"max_pages": 1}, callback_url=receiver.url)
    client.sandbox.advance(60)
    await client.post(f"{path}/recrawl", {})
    client.sandbox.advance(60)
    await eventually(lambda: len(receiver.bodies) == 5)

    assert [body["status"] for body in receiver.bodies] == ["started", "processing", "ready", "recrawling", "ready"]
    assert receiver.bodies[-1] == (await client.get(path)).body


class TestRecrawl:
    async def test_it_is_recrawling_until_it_is_ready_again(self, client: Any) -> None:
        path = await create(client, SITE, crawl={"depth": 1, "max_pages": 3})
        client.sandbox.advance(60)
        reply = await client.post(f"{path}/recrawl", {"crawl": {"max_pages": 2}})
        client.sandbox.advance(5)
        meanwhile = await read(client, path, "status", "crawl_count")
        client.sandbox.advance(60)

        assert (reply.status, reply.body["status"], len(reply.body["crawled_urls"])) == (202, "recrawling", 3)
        assert meanwhile == ("recrawling", 1)
        assert await read(client, path, "status", "crawl_count", "crawl_config") == (
            "ready",
            2,
            {"depth": 1, "max_pages": 3},
        )
        assert len((await client.get(path)).body["crawled_urls"]) == 2

    async def test_it_takes_no_body_at_all(self, client: Any) -> None:
        path = await create(client, SITE, crawl={})
        client.sandbox.advance(600)

        assert (await client.send("POST", f"{path}/recrawl")).status == 202

    async def test_what_was_no_website_becomes_one_by_a_crawl(self, client: Any) -> None:
        path = await create(client, SITE)
        client.sandbox.advance(60)
        refused = await client.post(f"{path}/recrawl", {})
        taken = await client.post(f"{path}/recrawl", {"crawl": {"depth": 2}})

        assert (refused.status, refused.body) == (400, {"error": "Document was not created with crawl configuration"})
        assert (taken.status, taken.body["crawl_config"]) == (202, {"depth": 2, "max_pages": 10})

    async def test_not_while_it_is_being_read(self, client: Any) -> None:
        path = await create(client, SITE, crawl={})
        client.sandbox.advance(3)
        reply = await client.post(f"{path}/recrawl", {})
        words = "Document must be in 'ready' or 'error' state to recrawl, current status: processing"

        assert (reply.status, reply.body) == (409, {"error": words})

    async def test_not_twice_within_an_hour(self, client: Any) -> None:
        path = await create(client, SITE, crawl={})
        client.sandbox.advance(600)
        await client.post(f"{path}/recrawl", {})
        client.sandbox.advance(900)
        early = await client.post(f"{path}/recrawl", {})
        client.sandbox.advance(2700)
        words = "Recrawl cooldown: please wait 45 minutes before recrawling this document."

        assert (early.status, early.body) == (429, {"error": words})
        assert (await client.post(f"{path}/recrawl", {})).status == 202

    async def test_what_failed_may_be_tried_again(self, client: Any) -> None:
        path = await create(client, "https://docs.invalid/", crawl={})
        client.sandbox.advance(60)

        assert (await client.post(f"{path}/recrawl", {})).status == 202
        assert await read(client, path, "error_message") == (None,)

    async def test_a_crawl_out_of_bounds_is_refused(self, client: Any) -> None:
        path = await create(client, SITE, crawl={})
        reply = await client.post(f"{path}/recrawl", {"crawl": {"depth": 0}})

        assert (reply.status, reply.body["error"]) == (
            400,
            "Invalid request: crawl.depth must be an integer between 1 and 10",
        )
