"""Documents in the sandbox, as a plain HTTP client meets them."""

from typing import Any

import pytest

FILE = "https://files.example/handbook.pdf"
SITE = "https://docs.example/"


async def create(client: Any, **body: Any) -> dict[str, Any]:
    """A new document, of a file unless something else is said."""
    reply = await client.post("/documents", {"document_url": FILE, **body})
    assert reply.status == 200, reply
    made: dict[str, Any] = reply.body
    return made


async def names(client: Any, **query: Any) -> list[str]:
    reply = await client.get("/documents", params=query)
    return [each["document_name"] for each in reply.body["data"]]


async def test_a_create_is_answered_with_the_document(client: Any) -> None:
    made = await create(client, tags=["faq"], callback_url="http://127.0.0.1:1/")
    read = await client.get(f"/documents/{made['document_id']}")

    assert made["document_id"].startswith("d8-")
    assert made == {
        "document_id": made["document_id"],
        "document_name": "handbook.pdf",
        "document_url": FILE,
        "callback_url": "http://127.0.0.1:1/",
        "status": "started",
        "progress": None,
        "error_message": None,
        "tags": ["faq"],
        "crawl_config": None,
        "crawled_urls": None,
        "last_crawled_at": None,
        "crawl_count": None,
        "created_at": made["created_at"],
        "updated_at": made["updated_at"],
    }
    assert read.body == made


async def test_nobody_says_how_far_a_new_document_is(client: Any) -> None:
    made = await create(client, document_id="d1", status="ready", progress=50, crawl_count=3, error_message="none")

    assert made["document_id"] != "d1"
    assert [made[name] for name in ("status", "progress", "crawl_count", "error_message")] == [
        "started",
        None,
        None,
        None,
    ]


async def test_a_crawl_makes_a_website_and_has_defaults(client: Any) -> None:
    made = await create(client, document_url=SITE, crawl={"depth": 2})

    assert (made["document_name"], made["crawl_config"], made["crawl_count"]) == (
        "docs.example",
        {"depth": 2, "max_pages": 10},
        0,
    )
    assert "crawl" not in made


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "document_url is required"),
        ({"document_url": ""}, "document_url is required"),
        ({"document_url": 5}, "document_url must be a string"),
        ({"document_url": FILE, "document_name": 5}, "document_name must be a string"),
        ({"document_url": FILE, "tags": "faq"}, "tags must be an array of strings"),
        ({"document_url": FILE, "participant_tags": [5]}, "participant_tags must be an array of strings"),
        ({"document_url": FILE, "font_size_aware_extraction": "yes"}, "font_size_aware_extraction must be a boolean"),
        ({"document_url": FILE, "crawl": True}, "crawl must be an object"),
        ({"document_url": SITE, "crawl": {"depth": 11}}, "crawl.depth must be an integer between 1 and 10"),
        ({"document_url": SITE, "crawl": {"max_pages": 0}}, "crawl.max_pages must be an integer between 1 and 100"),
    ],
)
async def test_what_is_wrong_is_refused(client: Any, body: dict[str, Any], words: str) -> None:
    reply = await client.post("/documents", body)

    assert (reply.status, reply.body) == (400, {"error": f"Invalid request: {words}"})
    assert await names(client) == []


async def test_a_hundred_websites_are_all(client: Any) -> None:
    for _ in range(100):
        await create(client, document_url=SITE, crawl={})
    reply = await client.post("/documents", {"document_url": SITE, "crawl": {}})

    assert reply.status == 429
    assert reply.body == {
        "error": "Crawl document limit reached (100). Contact support@tavus.io to increase your limit."
    }
    await create(client)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/recrawl"), ("GET", "/chunks")]
)
async def test_an_unknown_document_is_not_found(client: Any, method: str, path: str) -> None:
    reply = await client.send(method, f"/documents/d8-nobody{path}", json={"document_name": "New"})

    assert (reply.status, reply.body) == (404, {"message": "Document not found"})


async def test_pages_are_counted_from_0_and_told(client: Any) -> None:
    for name in "abc":
        await create(client, document_name=name)
    page = (await client.get("/documents?limit=2&page=1")).body

    assert [each["document_name"] for each in page["data"]] == ["c"]
    assert (page["total_count"], page["page"], page["limit"]) == (3, 1, 2)


async def test_filters_leave_what_they_name(client: Any) -> None:
    first = await create(client, document_name="Prices of May", tags=["prices", "may"])
    await create(client, document_name="Menu", tags=["menu"], participant_tags=["ada"])
    client.sandbox.advance(60)
    await create(client, document_name="New")

    assert await names(client, status="ready") == ["Prices of May", "Menu"]
    assert await names(client, name_or_uuid="prices") == ["Prices of May"]
    assert await names(client, name_or_uuid=first["document_id"]) == ["Prices of May"]
    assert await names(client, tags="may,menu") == ["Prices of May", "Menu"]
    assert await names(client, participant_tags="ada,bob") == ["Menu"]
    assert (
        await names(client, sort="descending")
        == await names(client, sort="desc")
        == [
            "New",
            "Menu",
            "Prices of May",
        ]
    )
    assert await names(client, sort="ascending") == ["Prices of May", "Menu", "New"]


async def test_verbose_tells_the_status_in_the_words_of_the_pages(client: Any) -> None:
    made = await create(client)
    path = f"/documents/{made['document_id']}"
    listed = (await client.get("/documents?verbose=true")).body["data"]

    assert (await client.get(f"{path}?verbose=true")).body == {**made, "display_status": "Started"} == listed[0]
    assert "display_status" not in (await client.get(path)).body


async def test_a_change_replaces_name_and_tags(client: Any) -> None:
    made = await create(client, tags=["old"])
    path = f"/documents/{made['document_id']}"
    changed = await client.send("PATCH", path, json={"tags": ["new"]})
    refused = await client.send("PATCH", path, json={"document_name": 5})
    nothing = await client.send("PATCH", path, json={"status": "ready"})

    assert (changed.status, changed.body["tags"], changed.body["document_name"]) == (200, ["new"], "handbook.pdf")
    assert changed.body == (await client.get(path)).body
    assert changed.body["updated_at"] > made["updated_at"]
    assert (refused.status, refused.body["error"]) == (400, "Invalid request: document_name must be a string")
    assert nothing.status == 400


async def test_a_deleted_document_is_gone(client: Any) -> None:
    made = await create(client)
    reply = await client.delete(f"/documents/{made['document_id']}")
    client.sandbox.advance(60)

    assert (reply.status, reply.body) == (204, None)
    assert (await client.get(f"/documents/{made['document_id']}")).status == 404


async def test_tags_are_listed_once_and_found_by_a_part(client: Any) -> None:
    await create(client, tags=["prices", "faq"])
    await create(client, tags=["faq", "menu"])

    assert (await client.get("/documents/tags")).body == {"tags": ["faq", "menu", "prices"], "total_count": 3}
    assert (await client.get("/documents/tags?search=E&limit=1&page=1")).body == {"tags": ["prices"], "total_count": 2}


class TestChunks:
    async def test_they_come_with_where_the_next_ones_begin(self, client: Any) -> None:
        made = await create(client, document_url=SITE, crawl={"max_pages": 3})
        client.sandbox.advance(600)
        path = f"/documents/{made['document_id']}/chunks"
        first = (await client.get(f"{path}?limit=10")).body
        rest = (await client.get(f"{path}?limit=10&offset={first['next_offset']}")).body

        assert (len(first["chunks"]), len(rest["chunks"]), rest["next_offset"]) == (10, 5, None)
        assert len({each["id"] for each in first["chunks"] + rest["chunks"]}) == 15
        assert first["chunks"][0]["metadata"] == {"source": SITE}

    async def test_there_are_none_before_it_is_ready(self, client: Any) -> None:
        made = await create(client)

        assert (await client.get(f"/documents/{made['document_id']}/chunks")).body == {
            "chunks": [],
            "next_offset": None,
        }

    async def test_those_for_customer_support_are_apart(self, client: Any) -> None:
        made = await create(client, is_customer_support_document=True)
        client.sandbox.advance(60)
        path = f"/documents/{made['document_id']}/chunks"

        assert (await client.get(path)).body["chunks"] == []
        assert len((await client.get(f"{path}?collection=customer_support")).body["chunks"]) == 5

    @pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "offset=-1", "offset=99", "collection=all"])
    async def test_nonsense_is_refused(self, client: Any, query: str) -> None:
        made = await create(client)

        assert (await client.get(f"/documents/{made['document_id']}/chunks?{query}")).status == 400
