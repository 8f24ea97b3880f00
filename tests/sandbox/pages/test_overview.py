"""What the root page shows."""

import asyncio
import json
import time
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from tavus_async import RateLimit
from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.json import JsonObject
from tavus_async.sandbox.pages.overview import describe, shown_url
from tests.support.quick import until
from tests.support.reader import Reader, Start, open_room


def figures(sandbox: Sandbox) -> dict[str, int]:
    return {figure["name"]: figure["value"] for figure in as_json(sandbox)["figures"]}


def as_json(sandbox: Sandbox, *, later: float = 0.0) -> Any:
    return json.loads(json.dumps(describe(sandbox, now=time.time() + later)))


def test_an_empty_sandbox_is_shown_as_empty() -> None:
    shown = as_json(Sandbox(personas=0))

    assert set(figures(Sandbox(personas=0)).values()) == {0}
    for table in ("conversations", "deliveries", "requests", "personas"):
        assert shown[table] == {"rows": [], "total": 0}
    assert shown["persona_id"] is None


def test_of_ten_thousand_personas_the_newest_are_shown_and_no_others_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox = Sandbox(personas=10_000)
    sandbox.add({"persona_id": "newest", "persona_name": "Newest", "created_at": "2026-01-01T00:00:00Z"})
    looked_at: list[str] = []
    stored = Sandbox.stored

    def look_at(sandbox: Sandbox, persona_id: str) -> JsonObject:
        looked_at.append(persona_id)
        return stored(sandbox, persona_id)

    monkeypatch.setattr(Sandbox, "stored", look_at)
    personas = as_json(sandbox)["personas"]

    assert personas["total"] == 10_001
    assert personas["rows"][0] == {"id": "newest", "name": "Newest", "created": 1767225600.0}
    assert [row["id"] for row in personas["rows"]] == looked_at == list(sandbox.persona_ids[:-31:-1])


@pytest.mark.parametrize(
    ("created_at", "seconds"),
    [
        ("2026-01-01T00:00:00Z", 1767225600.0),
        ("2026-01-01T00:00:00.250000Z", 1767225600.25),
        ("2026-01-01T00:00:00", 1767225600.0),
        ("2026-01-01 00:00:00.5", 1767225600.5),
        ("2026-01-01T01:00:00+01:00", 1767225600.0),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 1767225600.0),
        ("yesterday", None),
        ("", None),
        (None, None),
        (5, None),
        ({"at": 1}, None),
    ],
)
def test_times_are_read_in_every_form(created_at: object, seconds: float | None) -> None:
    sandbox = Sandbox(personas=[{"persona_id": "p1", "created_at": created_at}])

    assert as_json(sandbox)["personas"]["rows"][0]["created"] == seconds


async def test_conversations_are_shown_with_their_state(reader: Reader) -> None:
    first = await open_room(reader, conversation_name="First")
    private = await open_room(reader, require_auth=True)
    first.end("end_conversation_endpoint_hit")
    shown = as_json(reader.sandbox)
    newer, older = shown["conversations"]["rows"]

    assert older["id"] == first.conversation_id
    assert (older["name"], older["persona_name"], older["status"]) == ("First", "Ada", "ended")
    assert older["reason"] == "end_conversation_endpoint_hit"
    assert (newer["id"], newer["status"], newer["is_private"]) == (private.conversation_id, "active", True)
    assert abs(newer["created"] - time.time()) < 30
    assert figures(reader.sandbox)["Active conversations"] == 1


async def test_nothing_that_opens_something_is_shown(read: Start) -> None:
    sandbox = Sandbox(
        personas=[{"persona_id": "p1", "default_replica_id": "r1", "layers": {"llm": {"api_key": "llm-secret"}}}],
        api_key="very-secret-key",
    )
    reader = await read(sandbox)
    url = f"http://user:pass-word@127.0.0.1:{unused_port()}/hook/0123456789abcdef0123456789abcdef?token=query-secret"
    room = await open_room(reader, require_auth=True, callback_url=url)
    await until(lambda: len(sandbox.deliveries) >= 2)
    shown = (await reader.get("/overview")).text
    token = str(sandbox.stored(room.conversation_id, resource="conversations")["meeting_token"])

    assert "/hook/012…?…" in shown
    for secret in ("very-secret-key", "llm-secret", token, "pass-word", "0123456789abcdef", "query-secret"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:9000/hook", "http://127.0.0.1:9000/hook"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("http://me:secret@127.0.0.1/hook", "http://127.0.0.1/hook"),
        ("http://127.0.0.1/hook?x=1#y", "http://127.0.0.1/hook?…"),
        ("http://127.0.0.1/0123456789abcdef/hook", "http://127.0.0.1/012…/hook"),
        ("http://[::1", "…"),
    ],
)
def test_secrets_in_urls_are_left_out(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize(("key", "hint"), [("sandbox-key", "san…"), ("abcdefgh", "abc…"), ("abcdefg", "…"), ("x", "…")])
def test_the_key_is_hinted_at_where_it_is_long_enough(key: str, hint: str) -> None:
    assert as_json(Sandbox(personas=0, api_key=key))["api_key"] == hint


async def test_webhooks_are_shown_delivered_refused_and_failed(reader: Reader) -> None:
    statuses = iter([200, 503])

    async def hook(request: web.BaseRequest) -> web.Response:
        await request.read()
        return web.Response(status=next(statuses, 204))

    runner = web.ServerRunner(web.Server(hook))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        await open_room(reader, callback_url=f"http://127.0.0.1:{runner.addresses[0][1]}/hook")
        await open_room(reader, callback_url="http://tavus.example/hook")
        await open_room(reader, callback_url=f"http://127.0.0.1:{unused_port()}/hook")
        await until(lambda: len(reader.sandbox.deliveries) >= 6)
    finally:
        await runner.cleanup()
    shown = as_json(reader.sandbox)["deliveries"]
    outcomes = {str(row["status"] or row["error"]).partition(":")[0]: row["is_delivered"] for row in shown["rows"]}

    assert shown["total"] == len(reader.sandbox.deliveries)
    assert outcomes.items() >= {"200": True, "503": False, "refused": False, "ClientConnectorError": False}.items()
    assert figures(reader.sandbox)["Webhooks refused"] == sum(not row["is_delivered"] for row in shown["rows"])
    assert figures(reader.sandbox)["Webhooks delivered"] == sum(row["is_delivered"] for row in shown["rows"])


async def test_requests_are_shown_newest_first(read: Start) -> None:
    reader = await read(Sandbox(personas=[{"persona_id": "p1"}], rate_limit=RateLimit(0.001, burst=1)))
    for headers in ({"x-api-key": "sandbox-key"}, {"x-api-key": "wrong"}, {"x-api-key": "sandbox-key"}):
        await reader.get("/v2/personas/p1?verbose=true", **headers)
    shown = as_json(reader.sandbox)["requests"]

    assert [row["status"] for row in shown["rows"]] == [429, 401, 200]
    assert {(row["method"], row["path"]) for row in shown["rows"]} == {("GET", "/v2/personas/p1")}
    assert figures(reader.sandbox)["Requests refused"] == 2


async def test_of_many_requests_the_newest_are_shown_and_the_others_counted(read: Start) -> None:
    reader = await read(Sandbox(personas=[{"persona_id": "p1"}]))
    headers = {"x-api-key": "sandbox-key"}
    await asyncio.gather(*(reader.get("/v2/personas/p1", **headers) for _ in range(40)))
    shown = as_json(reader.sandbox)["requests"]

    assert (len(shown["rows"]), shown["total"]) == (30, 40)
    assert len({row["key"] for row in shown["rows"]}) == 30


async def test_requests_of_long_ago_are_not_shown(reader: Reader) -> None:
    await reader.get("/v2/personas", **{"x-api-key": "sandbox-key"})

    assert as_json(reader.sandbox, later=590)["requests"]["total"] == 1
    assert as_json(reader.sandbox, later=610)["requests"] == {"rows": [], "total": 0}
