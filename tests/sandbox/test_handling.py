"""Rate limit and faults, as a plain HTTP client meets them."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest

from tavus_async import RateLimit
from tavus_async.sandbox import Answer, Faults, Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
Eventually = Callable[[Callable[[], bool]], Awaitable[None]]
ONE = {"persona_id": "p1", "persona_name": "One", "system_prompt": "x"}
SLOW = RateLimit(0.001, burst=2)


async def refused(connect: Connect, **settings: Any) -> Any:
    client = await connect(Sandbox(personas=[ONE], rate_limit=RateLimit(0.001, burst=1), **settings))
    assert (await client.get("/personas/p1")).status == 200
    return await client.get("/personas/p1")


async def test_over_the_rate_everything_is_429(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], rate_limit=SLOW))
    replies = [await client.get("/personas/p1") for _ in range(5)]
    created = await client.post("/pals", ONE)

    assert [reply.status for reply in replies] == [200, 200, 429, 429, 429]
    assert replies[-1].body == {"message": "Rate limit exceeded"}
    assert replies[-1].headers["retry-after"] == "1"
    assert created.status == 429
    assert client.sandbox.stats().rate_limited == 4


async def test_a_wrong_key_takes_no_token(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], rate_limit=RateLimit(0.001, burst=1)))
    for _ in range(3):
        await client.get("/personas/p1", key="wrong")

    assert (await client.get("/personas/p1")).status == 200


async def test_the_wait_can_be_told_in_other_ways(connect: Connect) -> None:
    milliseconds = await refused(connect, retry_after=0.25, retry_after_form="milliseconds")
    date = await refused(connect, retry_after=5, retry_after_form="date")
    exact = await refused(connect, retry_after="exact")
    none = await refused(connect, retry_after=None)

    assert milliseconds.headers["retry-after-ms"] == "250"
    assert "retry-after" not in milliseconds.headers
    assert 3 < parsedate_to_datetime(date.headers["retry-after"]).timestamp() - time.time() < 7
    assert 900 < float(exact.headers["retry-after"]) <= 1000
    assert not {"retry-after", "retry-after-ms"} & set(none.headers)


async def test_the_rate_is_kept_in_every_window(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], rate_limit=RateLimit(100, burst=5)))
    admitted: list[float] = []

    async def hammer() -> None:
        while len(admitted) < 40:
            reply = await client.get("/personas/p1")
            if reply.status == 200:
                admitted.append(time.monotonic())
            await asyncio.sleep(0.001)

    started = time.monotonic()
    await asyncio.gather(*(hammer() for _ in range(4)))

    assert len(admitted) - 4 <= 5 + 100 * (admitted[-1] - started)
    assert client.sandbox.stats().rate_limited > 0


async def test_a_reset_is_a_reset(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], faults=Faults(reset=1)))
    reader, writer = await asyncio.open_connection("127.0.0.1", int(client.sandbox.url.rpartition(":")[2]))
    writer.write(f"GET /v2/personas/p1 HTTP/1.1\r\nHost: x\r\nx-api-key: {client.sandbox.api_key}\r\n\r\n".encode())

    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
    assert client.sandbox.stats().faults == {"reset": 1}


async def test_a_stalled_answer_never_comes_and_ends_with_its_client(connect: Connect, eventually: Eventually) -> None:
    client = await connect(Sandbox(personas=[ONE], faults=Faults(stall=1)))
    with pytest.raises(TimeoutError):
        await client.get("/personas/p1", timeout=aiohttp.ClientTimeout(total=0.1))

    await eventually(lambda: not client.sandbox.stats().in_flight)
    assert client.sandbox.stats().faults == {"stall": 1}


async def test_a_truncated_answer_breaks_its_promise(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], faults=Faults(truncate=1)))

    with pytest.raises(aiohttp.ClientPayloadError):
        await client.get("/personas/p1")


async def test_an_answer_without_a_body_is_reset_instead_of_truncated(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE]))
    client.sandbox.script(["truncate"])

    with pytest.raises(aiohttp.ClientConnectionError):
        await client.patch("/personas/p1")


async def test_a_garbled_answer_is_a_200_and_no_json(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], faults=Faults(garble=1)))
    reply = await client.get("/personas/p1")

    assert reply.status == 200
    assert reply.body.startswith("<html>")


async def test_errors_come_with_the_bodies_of_a_gateway_or_a_server(connect: Connect) -> None:
    faults = Faults(error=1, error_statuses=(500, 502, 503), error_retry_after=3)
    client = await connect(Sandbox(personas=[ONE], faults=faults))
    replies = {reply.status: reply for reply in [await client.get("/personas/p1") for _ in range(40)]}

    assert set(replies) == {500, 502, 503}
    assert replies[500].body == {"message": "Internal server error"}
    assert replies[502].headers["content-type"].startswith("text/html")
    assert replies[503].headers["retry-after"] == "3"
    assert "retry-after" not in replies[500].headers


async def test_an_error_replaces_the_work(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], faults=Faults(error=1)))
    await client.post("/personas", ONE)
    await client.delete("/personas/p1")

    assert client.sandbox.persona_ids == ("p1",)


@pytest.mark.parametrize("fault", ["reset", "stall", "truncate", "garble"])
async def test_a_lost_answer_is_lost_after_the_work(connect: Connect, fault: Any) -> None:
    client = await connect(Sandbox(personas=[ONE]))
    client.sandbox.script([fault])
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        await client.post("/personas", ONE, timeout=aiohttp.ClientTimeout(total=0.2))

    assert len(client.sandbox.persona_ids) == 2
    assert client.sandbox.stats().faults == {fault: 1}


async def test_a_client_that_hangs_up_early_has_still_created(connect: Connect) -> None:
    client = await connect(Sandbox(personas=0, faults=Faults(latency=30)))
    with pytest.raises(TimeoutError):
        await client.post("/personas", ONE, timeout=aiohttp.ClientTimeout(total=0.1))

    assert len(client.sandbox.persona_ids) == 1


async def test_latency_delays_answers_and_lets_them_overlap(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], faults=Faults(latency=0.1, jitter=0.01)))
    started = time.monotonic()
    await asyncio.gather(*(client.get("/personas/p1") for _ in range(10)))

    assert 0.1 <= time.monotonic() - started < 0.9
    assert client.sandbox.stats().peak_concurrency == 10


async def test_a_script_decides_the_next_answers(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], rate_limit=RateLimit(0.001, burst=1)))
    quota = Answer(status=429, body={"error": "Crawl document limit reached"}, headers={"Retry-After": "2"})
    client.sandbox.script([503, "ok", quota, 429, Answer(body=b"{", headers={"Content-Type": "text/plain"})])
    replies = [await client.get("/personas/p1") for _ in range(7)]

    # The scripted steps take no tokens, so that one is left for the first request after them.
    assert [reply.status for reply in replies] == [503, 200, 429, 429, 200, 200, 429]
    assert replies[2].body == {"error": "Crawl document limit reached"}
    assert replies[2].headers["retry-after"] == "2"
    assert replies[4].body == "{"
    assert client.sandbox.stats().faults == {"error": 3, "answer": 1}
    assert client.sandbox.stats().rate_limited == 1


async def test_a_wrong_key_meets_no_step_of_the_script(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE]))
    client.sandbox.script([500])

    assert (await client.get("/personas/p1", key="wrong")).status == 401
    assert (await client.get("/personas/p1")).status == 500


async def test_attempts_are_recorded_when_asked_for(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], record=True, rate_limit=SLOW))
    before = time.monotonic()
    for _ in range(4):
        await client.get("/personas/p1")
    stats = client.sandbox.stats()

    assert len(stats.attempts) == stats.total == stats.requests["get_persona"] == 4
    assert before <= stats.attempts[0] <= stats.attempts[-1] <= time.monotonic()
    assert stats.most_within(60) == 4


async def test_faults_come_in_the_same_order_for_the_same_seed(connect: Connect) -> None:
    faults = Faults(error=0.3, garble=0.3)
    runs = []
    for _ in range(2):
        client = await connect(Sandbox(personas=[ONE], faults=faults, seed=7))
        replies = [await client.get("/personas/p1") for _ in range(20)]
        runs.append([(reply.status, isinstance(reply.body, str)) for reply in replies])

    assert runs[0] == runs[1]
    assert len(set(runs[0])) > 2
