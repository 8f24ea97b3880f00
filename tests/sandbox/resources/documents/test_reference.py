"""Requests of real programs are taken, and answers and callbacks have what real ones have."""

import json
from pathlib import Path
from typing import Any

from tavus_async import webhooks
from tests.support.given_back import moment

HOUR = 3_600
SITE = {"document_url": "https://docs.example.com/", "callback_url": "", "crawl": {"depth": 2, "max_pages": 10}}


def bodies(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text(encoding="utf-8"))["body"] for file in sorted(folder.glob("*.json"))]


async def test_all_known_creates_are_taken(client: Any, shared_reference: Path) -> None:
    creates = [body for body in bodies(shared_reference / "bodies" / "documents")
               if "document_url" in body and "document_id" not in body]  # fmt: skip
    replies = [await client.post("/documents", body) for body in creates]
    client.sandbox.advance(HOUR)

    assert len(creates) > 2
    assert [reply.status for reply in replies] == [200] * len(creates)
    assert {one["status"] for one in (await client.get("/documents")).body["data"]} == {"ready"}


async def test_all_known_changes_and_recrawls_are_taken(client: Any, shared_reference: Path) -> None:
    known = bodies(shared_reference / "bodies" / "documents")
    changes = [body for body in known if body and body.keys() <= {"document_name", "tags"}]
    recrawls = [body for body in known if set(body) == {"crawl"}]
    path = f"/documents/{(await client.post('/documents', SITE)).body['document_id']}"
    client.sandbox.advance(HOUR)

    assert changes
    assert [(await client.send("PATCH", path, json=body)).status for body in changes] == [200] * len(changes)
    assert [(await client.post(f"{path}/recrawl", body)).status for body in recrawls] == [202]


async def test_a_website_has_all_that_a_real_one_has_and_no_more(client: Any, shared_reference: Path) -> None:
    real = [body for body in bodies(shared_reference / "bodies" / "documents") if body.get("crawl_count")]
    path = f"/documents/{(await client.post('/documents', SITE)).body['document_id']}"
    client.sandbox.advance(HOUR)
    read = (await client.get(path)).body
    again = (await client.post(f"{path}/recrawl", {})).body

    assert len(real) > 2
    assert all(set(body) == set(read) == set(again) for body in real)
    assert all(type(body[name]) is type(read[name]) for body in real for name in body if name != "error_message")
    assert moment(read["last_crawled_at"]) is not None


async def test_a_list_has_all_that_a_real_one_has(client: Any, shared_reference: Path) -> None:
    real = next(body for body in bodies(shared_reference / "bodies" / "documents") if "data" in body)

    assert set((await client.get("/documents")).body) == set(real)


async def test_what_a_callback_tells_is_understood(client: Any, receiver: Any) -> None:
    for url in ("https://files.example/a.pdf", "https://files.invalid/a.pdf"):
        await client.post("/documents", {"document_url": url, "callback_url": receiver.url})
    client.sandbox.advance(HOUR)
    await client.sandbox.drain_callbacks()
    events = [webhooks.parse(json.dumps(body)) for body in receiver.bodies]
    documents = [event.document for event in events if isinstance(event, webhooks.DocumentStatusChanged)]

    assert len(documents) == len(events)
    assert {(one.status, one.error_message) for one in documents} == {
        ("started", None),
        ("processing", None),
        ("ready", None),
        ("error", "file_download_failed"),
    }
