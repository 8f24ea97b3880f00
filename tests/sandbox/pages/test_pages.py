"""Which page lies at which path, and what all of them have in common."""

import re

import pytest

from tests.support.reader import Reader, open_room

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
}


@pytest.mark.parametrize("path", ["", "/", "/?x=1"])
async def test_the_root_is_the_overview(reader: Reader, path: str) -> None:
    answer = await reader.get(path)

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>Tavus sandbox</h1>" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/overviews",
        "/favicon.ico",
        "/c",
        "/c/c1/events/more",
        "/c/c1/nothing",
        "/assets",
        "/assets/nothing.js",
        "/assets/room.html",
        "/assets/..%2f__init__.py",
        "/assets/../__init__.py",
        "/assets/%2e%2e/__init__.py",
        "/assets/",
    ],
)
async def test_elsewhere_is_what_the_api_says_of_unknown_paths(reader: Reader, path: str) -> None:
    headers = {"x-api-key": reader.sandbox.api_key}

    assert (await reader.get(path, **headers)).status == 404
    assert (await reader.get(path)).status == 401


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("base.css", "text/css"),
        ("room.css", "text/css"),
        ("overview.js", "text/javascript"),
        ("room.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
    ],
)
async def test_files_have_their_types(reader: Reader, name: str, kind: str) -> None:
    answer = await reader.get(f"/assets/{name}")

    assert answer.status == 200
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("path", "ancestors"), [("/", "'none'"), ("/c/nobody", "http://localhost:* ")])
async def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(
    reader: Reader, path: str, ancestors: str
) -> None:
    answer = await reader.get(path)
    directives = set(answer.headers["content-security-policy"].split("; "))

    assert directives >= POLICY
    assert {part.partition(" ")[0] for part in directives - POLICY} == {"frame-ancestors"}
    assert f"frame-ancestors {ancestors}" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert {link[0] for link in re.findall(r'(?:src|href)="([^"]*)"', answer.text)} == {"/"}
    assert not re.search(r" (style|on\w+)=", answer.text)


@pytest.mark.parametrize("path", ["/", "/overview", "/c/c1", "/assets/room.js"])
async def test_what_is_there_to_be_read_cannot_be_written(reader: Reader, path: str) -> None:
    answer = await reader.send("POST", path, json={})

    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("action", ["join", "say", "leave"])
async def test_what_changes_something_cannot_be_had_by_a_link(reader: Reader, action: str) -> None:
    answer = await reader.get(f"/c/c1/{action}")

    assert answer.status == 405
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("method", ["HEAD", "POST", "DELETE"])
async def test_a_stream_can_only_be_read(reader: Reader, method: str) -> None:
    answer = await reader.send(method, "/c/c1/events")

    assert answer.status == 405
    assert answer.headers["allow"] == "GET"


async def test_a_head_is_answered_without_a_body(reader: Reader) -> None:
    answer = await reader.send("HEAD", "/")

    assert answer.status == 200
    assert answer.text == ""


async def test_pages_are_no_requests_to_the_api(reader: Reader) -> None:
    for path in ("/", "/overview", "/assets/room.js", "/c/c1"):
        await reader.get(path)

    assert reader.sandbox.stats().total == 0
    assert reader.sandbox.requests == ()


async def test_the_overview_is_sent_again_only_when_it_has_changed(reader: Reader) -> None:
    first = await reader.get("/overview")
    again = await reader.get("/overview", **{"If-None-Match": first.headers["etag"]})
    await open_room(reader)
    later = await reader.get("/overview", **{"If-None-Match": first.headers["etag"]})

    assert (again.status, again.text) == (304, "")
    assert "date" in again.headers
    assert later.status == 200
    assert later.headers["etag"] != first.headers["etag"]
