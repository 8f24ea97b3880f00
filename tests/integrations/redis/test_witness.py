"""A member whose process is gone is known by its host, and by nobody else."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tavus_async._records.secrets import Secret
from tavus_async.integrations.redis import SharedRateLimit
from tavus_async.integrations.redis.link import Link
from tavus_async.integrations.redis.member import Member
from tavus_async.integrations.redis.scripts import NEVER_GRANTED, LeaseAnswer
from tavus_async.integrations.redis.slots import Unused
from tavus_async.integrations.redis.terms import Terms
from tavus_async.integrations.redis.witness import ProcessStat, Witness, read_stat
from tests.support.busy_member import take_all
from tests.support.quick import until
from tests.support.redis_server import RedisServer

RATE, BURST = 200.0, 1
ROOT = Path(__file__).parents[3]
STAT = "77 (a ) Z 1) {state} 1 77 77 0 -1 4194304 1 0 0 0 1 1 0 0 20 0 {threads} 0 4711 1 1"

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells enough of processes")


@pytest.mark.parametrize(
    ("state", "threads", "has_ended"),
    [("S", 3, False), ("T", 1, False), ("Z", 1, True), ("X", 1, True), ("Z", 2, False)],
)
def test_a_process_that_waits_for_its_parent_has_ended(state: str, threads: int, has_ended: bool) -> None:
    assert read_stat(STAT.format(state=state, threads=threads)) == ProcessStat(4711, has_ended)


@pytest.mark.parametrize("text", ["", "77 (a) S 1 2", STAT.format(state="Z", threads="many")])
def test_what_is_no_stat_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_stat(text)


@on_linux
def test_members_of_a_process_have_names_of_their_own_and_live() -> None:
    one, other = Witness(), Witness()

    assert one.name != other.name
    assert one.name.rpartition(".")[0] == other.name.rpartition(".")[0]
    assert not one.has_died(other.name)


@on_linux
def test_a_process_of_the_same_number_that_began_at_another_time_is_not_it() -> None:
    witness = Witness()
    host, pid, started, member = witness.name.split(".")

    assert witness.has_died(f"{host}.{pid}.{int(started) - 1}.{member}")
    assert not witness.has_died(f"{host[::-1]}.{pid}.{int(started) - 1}.{member}")


@pytest.mark.parametrize(
    "name", ["", "f" * 32, "x.1.1.f", f"{'0' * 16}.0.1.f", f"{'0' * 16}.-1.1.f", f"{'0' * 16}.1.1.f"]
)
def test_a_name_that_tells_nothing_of_this_host_is_left_alone(name: str) -> None:
    assert not Witness().has_died(name)


def test_where_nothing_is_told_of_processes_nobody_is_taken_for_dead(tmp_path: Path) -> None:
    blind = Witness(tmp_path)

    assert "." not in blind.name
    assert not blind.has_died(Witness().name)
    assert not Witness().has_died(blind.name)


@on_linux
def test_the_processes_of_another_namespace_are_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "stat").write_text(STAT.format(state="S", threads=1))
    (tmp_path / "self").symlink_to("1")

    assert "." not in Witness(tmp_path).name


@asynccontextmanager
async def busy_process(url: str, name: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process that takes what it can get."""
    words = ("-m", "tests.support.busy_member", url, name, str(RATE), str(BURST))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"begun\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def terms_of(url: str, name: str) -> Terms:
    return Terms(
        source=Secret(url),
        name=name,
        per_second=RATE,
        burst=BURST,
        adaptive=True,
        max_wait=None,
        horizon=0.05,
        alone=None,
        on_outage="share",
    )


def members(server: RedisServer, name: str) -> int:
    return int(server.command("ZCARD", f"{{{name}}}:members").removeprefix(b":"))


@on_linux
async def test_the_share_of_a_killed_process_is_free_at_once(redis_server: RedisServer, name: str) -> None:
    taken = 0

    def count_one() -> None:
        nonlocal taken
        taken += 1

    async with busy_process(redis_server.url, name) as process, asyncio.timeout(30):
        limit = SharedRateLimit(redis_server.url, name, RATE, burst=BURST)
        task = asyncio.create_task(take_all(limit, count_one))
        await until(lambda: taken > 0)
        assert members(redis_server, name) == 2
        process.kill()
        await until(lambda: members(redis_server, name) == 1)
        taken = 0
        await asyncio.sleep(0.5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert 0.65 <= taken / (0.5 * RATE) <= 1.3


@on_linux
async def test_the_share_of_a_process_that_is_stopped_or_elsewhere_is_kept_back(
    redis_server: RedisServer, name: str
) -> None:
    link = Link(Secret(redis_server.url))
    member = Member(link, terms_of(redis_server.url, name), loop=asyncio.get_running_loop(), witness=Witness())

    async def ask() -> LeaseAnswer:
        return await member.ask(1, granted_ago=NEVER_GRANTED, was_cut_off=False, own=0, unused=Unused())

    async with busy_process(redis_server.url, name) as process, asyncio.timeout(30):
        process.send_signal(signal.SIGSTOP)
        answer = await ask()
        while not answer.silent:
            await asyncio.sleep(0.02)
            answer = await ask()
        await member.leave_for_dead(answer.silent)
        still = await ask()
        await member.leave_for_dead((answer.silent[0].replace(answer.silent[0][:16], "0" * 16),))
        process.kill()
        await process.wait()
        await member.leave_for_dead(answer.silent)
        freed = await ask()
    await link.aclose()

    assert (still.silent, still.members, still.lease and still.lease.rate) == (answer.silent, 2, RATE / 2)
    assert (freed.silent, freed.members, freed.lease and freed.lease.rate) == ((), 1, RATE)
