"""What may be given to `send`, `send_raw` and `send_each`, and what is said of anything else."""

import gc
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tavus_async import AsyncSession, BadRequestError, Call, InvalidRequestError, NotFoundError, calls
from tavus_async.sandbox import Sandbox
from tests.support.quick import KEY, first_or_later, quick_session, warm_up
from tests.support.raw_server import RawServer, always

SENT = r"what is sent is a Call, as tavus_async\.calls and Call\.json make them, not "
NO_CALLS = [
    ("x", "a str"),
    (None, "None"),
    (5, "an int"),
    ({"method": "GET"}, "a dict"),
    (math, "the module math"),
    (Call, "the class Call itself"),
    (calls.get_persona, "a function: call it, with its arguments"),
]


@pytest.fixture
async def session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(KEY, base_url="http://127.0.0.1:1") as session:
        yield session


@pytest.mark.parametrize(("given", "told"), NO_CALLS)
async def test_what_is_no_call_is_refused(session: AsyncSession, given: Any, told: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"^{SENT}{told}$"):
        await session.send(given)
    with pytest.raises(InvalidRequestError, match=f"^{SENT}{told}$"):
        await session.send_raw(given)

    assert session.stats().calls == 0


async def test_a_method_that_was_not_awaited_is_told_and_python_does_not_warn_of_it(session: AsyncSession) -> None:
    method: Any = session.get_persona
    for send in (session.send, session.send_raw):
        with pytest.raises(
            InvalidRequestError, match=f"^{SENT}a coroutine: the session's own methods are awaited alone"
        ):
            await send(method("p1"))
        with pytest.raises(InvalidRequestError, match=f"^{SENT}a method: call it, with its arguments"):
            await send(method)
    gc.collect()  # a coroutine that nobody awaits warns as it goes


@pytest.mark.parametrize("make_call", ["x", None, calls.get_persona("p1")])
async def test_what_makes_no_calls_is_refused_at_once(session: AsyncSession, make_call: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"^make_call must be a function of a key, not "):
        session.send_each(make_call, ["p1"])


async def test_an_item_of_which_no_call_was_made_fails_alone(session: AsyncSession) -> None:
    def make_call(key: str) -> Any:
        return session.get_persona("p1") if key == "coroutine" else key

    outcomes = [outcome async for outcome in session.send_each(make_call, ["coroutine", "text"], ordered=True)]
    errors = [outcome.error for outcome in outcomes]
    gc.collect()

    assert [type(error) for error in errors] == [InvalidRequestError, InvalidRequestError]
    assert [str(error).partition("them, not ")[2] for error in errors] == [
        "a coroutine: the session's own methods are awaited alone",
        "a str",
    ]


@first_or_later
async def test_an_error_has_the_headers_of_its_answer_without_the_key(is_warm: bool) -> None:
    headers = {"X-Request-Id": "r1", "X-Echo": f"x-api-key: {KEY}", "Set-Cookie": "session=1"}
    async with RawServer(always(b"{}", 400, headers)) as server, quick_session(server) as session:
        if is_warm:
            await warm_up(session)
        with pytest.raises(BadRequestError) as caught:
            await session.get_persona("p1")

    assert caught.value.headers["x-request-id"] == "r1"
    assert caught.value.headers["X-Echo"] == "x-api-key: ***"
    assert "set-cookie" not in caught.value.headers


async def test_a_raw_answer_has_its_headers() -> None:
    async with RawServer(always(b"{}", 200, {"X-Request-Id": "r1"})) as server, quick_session(server) as session:
        answer = await session.send_raw(Call.json("GET", "/v2/x"))

    assert answer.headers["x-request-id"] == "r1"


async def test_an_endpoint_that_there_is_not_is_not_taken_for_an_id() -> None:
    async with Sandbox(personas=1) as sandbox, AsyncSession(sandbox.api_key, base_url=sandbox.url) as session:
        with pytest.raises(NotFoundError, match="no such endpoint"):
            await session.send(Call.json("GET", "/v2/nothing/p1"))
        with pytest.raises(NotFoundError, match=r"Invalid persona_id\. No object of this account has that id\."):
            await session.get_persona("nobody")


async def test_a_draft_that_was_not_awaited_is_told_and_python_does_not_warn_of_it(session: AsyncSession) -> None:
    unsent: Any = session.get_persona("p1")
    with pytest.raises(InvalidRequestError, match=r"^draft must be a PersonaDraft, not a coroutine: await it first$"):
        await session.create_persona(unsent)
    gc.collect()  # a coroutine that nobody awaits warns as it goes
