"""The files of videos, which anybody can get who knows where they lie."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async import RateLimit
from tavus_async.sandbox import Faults, Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]


async def ready(client: Any, **body: Any) -> Any:
    """A video that is ready, with all that is told of it."""
    created = await client.post("/videos", {"replica_id": "r1", "script": "Hello."} | body)
    client.sandbox.advance(120)
    return (await client.get(f"/videos/{created.body['video_id']}?verbose=true")).body


async def get(client: Any, url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """What comes of a link, without a key."""
    async with client.http.get(url, headers=headers) as answer:
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, await answer.read()


@pytest.mark.parametrize(
    ("name", "kind", "begins"),
    [
        ("download_url", "video/mp4", b"\x00\x00\x00"),
        ("still_image_thumbnail_url", "image/jpeg", b"\xff\xd8\xff"),
        ("gif_thumbnail_url", "image/gif", b"GIF89a"),
        ("stream_url", "application/vnd.apple.mpegurl", b"#EXTM3U\n"),
        ("hosted_url", "text/html; charset=utf-8", b"<!doctype html>"),
    ],
)
async def test_each_link_leads_to_what_it_says(client: Any, name: str, kind: str, begins: bytes) -> None:
    status, headers, body = await get(client, (await ready(client))[name])

    assert (status, headers["content-type"]) == (200, kind)
    assert body.startswith(begins)


async def test_each_video_has_a_file_of_its_own(client: Any) -> None:
    bodies = [(await get(client, (await ready(client))["download_url"]))[2] for _ in range(3)]

    assert len({*bodies}) == 3
    assert [body[4:8] for body in bodies] == [b"ftyp"] * 3


async def test_a_transparent_one_is_another_kind_of_file(client: Any) -> None:
    video = await ready(client, fast=True, transparent_background=True)
    status, headers, body = await get(client, video["download_url"])

    assert (status, headers["content-type"], body[:4]) == (200, "video/webm", b"\x1a\x45\xdf\xa3")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=100-", 100, None), ("bytes=-7", -7, None), ("bytes=5-999999999", 5, None)],
)
async def test_a_part_can_be_asked_for(client: Any, asked: str, start: int, end: int | None) -> None:
    url = (await ready(client))["download_url"]
    _, _, whole = await get(client, url)
    status, headers, part = await get(client, url, Range=asked)

    assert (status, part) == (206, whole[start:end])
    first = start % len(whole)
    assert headers["content-range"] == f"bytes {first}-{first + len(part) - 1}/{len(whole)}"


async def test_a_part_of_another_version_is_the_whole(client: Any) -> None:
    url = (await ready(client))["download_url"]
    _, told, whole = await get(client, url)
    same = await get(client, url, **{"Range": "bytes=9-", "If-Range": told["etag"]})
    other = await get(client, url, **{"Range": "bytes=9-", "If-Range": '"another"'})

    assert (same[0], same[2]) == (206, whole[9:])
    assert (other[0], other[2]) == (200, whole)


async def test_a_part_behind_the_end_is_not_to_be_had(client: Any) -> None:
    url = (await ready(client))["download_url"]
    size = len((await get(client, url))[2])
    status, headers, _ = await get(client, url, Range=f"bytes={size}-")

    assert (status, headers["content-range"]) == (416, f"bytes */{size}")


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=1-2,5-6", "lines=1-2", "bytes=x-"])
async def test_what_is_no_range_asks_for_the_whole(client: Any, asked: str) -> None:
    status, _, body = await get(client, (await ready(client))["download_url"], Range=asked)

    assert (status, len(body) > 30_000) == (200, True)


async def test_before_it_is_ready_and_after_it_is_deleted_there_is_none(client: Any) -> None:
    created = (await client.post("/videos", {"replica_id": "r1", "script": "Hello."})).body
    link = f"{client.sandbox.url}/files/videos/{created['video_id']}/high.mp4"
    before = await get(client, link)
    page = await get(client, created["hosted_url"])
    client.sandbox.advance(120)
    there = await get(client, link)
    await client.delete(f"/videos/{created['video_id']}")

    assert [before[0], there[0], (await get(client, link))[0]] == [404, 200, 404]
    assert (page[0], b"queued" in page[2]) == (200, True)
    assert (await get(client, created["hosted_url"]))[0] == 404
    assert (await get(client, f"{client.sandbox.url}/files/videos/v0/high.mp4"))[0] == 404


async def test_a_name_is_shown_as_a_text(client: Any) -> None:
    video = await ready(client, video_name="<script>alert(1)</script>")
    _, _, page = await get(client, video["hosted_url"])

    assert b"<script>" not in page


async def test_files_know_no_rate_limit_and_no_script(connect: Connect) -> None:
    client = await connect(Sandbox(rate_limit=RateLimit(0.001, burst=2)))
    url = (await ready(client))["download_url"]
    client.sandbox.script([500])

    assert [(await get(client, url))[0] for _ in range(5)] == [200] * 5
    assert (await client.get("/videos")).status == 500


async def test_downloads_can_be_cut(connect: Connect) -> None:
    client = await connect(Sandbox(faults=Faults(cut=1.0)))
    url = (await ready(client))["download_url"]

    async with client.http.get(url, headers={"Range": "bytes=100-"}) as answer:
        told, came = int(answer.headers["Content-Length"]), b""
        with pytest.raises(Exception, match="payload is not completed"):
            came = await answer.read()

    assert (answer.status, came) == (206, b"")
    assert answer.headers["Content-Range"] == f"bytes 100-{told + 99}/{told + 100}"
    assert client.sandbox.stats().faults["truncate"] == 1
