"""Headers of single calls: what goes with one request, and what the headers of its answer tell."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from tavus_async import Call, InvalidRequestError
from tests.support.quick import KEY, quick_session
from tests.support.raw_server import Exchange, RawServer


def load_tagged(body: Any, headers: Mapping[str, str]) -> Any:
    return {**body, "tag": headers.get("ETag")}


READ: Call[Any] = Call(method="GET", path="/v2/things/t1", decode=json.loads, reads="/v2/things/t1")
TAGGED = attrs.evolve(READ, adopt_headers=load_tagged)
WRITE: Call[Any] = attrs.evolve(READ, method="PATCH", reads=None, body=b"[]", headers=(("If-Match", 'W/"7"'),))


async def answer(exchange: Exchange) -> None:
    await exchange.reply(b'{"thing": 1}', headers={"etag": 'W/"7"'})


async def test_what_the_headers_of_an_answer_tell_is_part_of_the_result() -> None:
    async with RawServer(answer) as server, quick_session(server) as session:
        assert await session.send(TAGGED) == {"thing": 1, "tag": 'W/"7"'}
        assert await session.send(READ) == {"thing": 1}


async def test_a_call_has_headers_of_its_own_on_top_of_the_sessions() -> None:
    async with RawServer(answer) as server, quick_session(server, headers={"X-A": "1", "if-match": "*"}) as session:
        await session.send(WRITE)
        await session.send(READ)
        seen = [{name.lower(): text for name, text in request.headers.items()} for request in server.requests]

    found = [[headers.get(name) for name in ("if-match", "x-a", "x-api-key")] for headers in seen]
    assert found == [['W/"7"', "1", KEY], ["*", "1", KEY]]


async def test_reads_with_headers_of_their_own_share_no_answer() -> None:
    special = attrs.evolve(READ, headers=(("X-A", "1"),))
    async with RawServer(answer) as server, quick_session(server) as session:
        await asyncio.gather(*(session.send(call) for call in (READ, READ, special, special)))

        assert len(server.requests) == 3


@pytest.mark.parametrize(
    "headers",
    [
        (("If-Match", "a\r\nX-B: c"),),
        (("If-Match", ""),),
        (("", "x"),),
        (("X", 5),),
        [("X", "y")],
        "X: y",
        (("X", "é"),),
    ],
)
def test_what_cannot_be_a_header_is_refused_when_the_call_is_made(headers: Any) -> None:
    with pytest.raises(InvalidRequestError, match="a call's headers must be"):
        attrs.evolve(READ, headers=headers)
