"""A fetch, from ids to lines."""

from typing import Any

import pytest

from tavus_async import AsyncSession, AuthenticationError, PaymentRequiredError, Progress, RateLimit
from tavus_async.cli.export.fetching import Fetch
from tavus_async.cli.export.ids import Ids, IdSet
from tavus_async.cli.export.targets import Stdout
from tavus_async.sandbox import Answer, Sandbox


class Kept(Stdout):
    """Keeps what it is given."""

    def __init__(self, *known: str) -> None:
        self.known = IdSet()
        for key in known:
            self.known.add(key)
        self.bodies: dict[str, dict[str, Any]] = {}
        self.failures: dict[str, str] = {}
        self.finished = False

    def write(self, key: str, body: dict[str, Any]) -> None:
        self.bodies[key] = body

    def fail(self, key: str, error: Exception, *, attempts: int) -> None:
        self.failures[key] = f"{type(error).__name__} {attempts}"

    def finish(self) -> None:
        self.finished = True

    def summary(self) -> str:
        return ""


def ignore(_: Progress) -> None: ...


def fetch(sandbox: Sandbox, target: Kept, *ids: str, **settings: Any) -> Fetch:
    session = AsyncSession(sandbox.api_key, base_url=sandbox.url, rate_limit=RateLimit(1000, 100))
    return Fetch(session=session, ids=Ids(ids, "a test"), target=target, **settings)


async def test_every_id_is_fetched_once_and_those_that_are_there_not_at_all(sandbox: Sandbox) -> None:
    first, *others = sandbox.persona_ids
    target = Kept(first)
    job = fetch(sandbox, target, first, *others, *others)
    await job.run(ignore)

    assert sorted(target.bodies) == sorted(others)
    assert all(body["persona_id"] == key for key, body in target.bodies.items())
    assert sandbox.stats().total == len(others)
    assert (job.done, job.failed, job.ended_by, target.finished) == (1 + 2 * len(others), 0, None, True)


async def test_failures_are_kept_and_the_rest_goes_on(sandbox: Sandbox) -> None:
    target = Kept()
    job = fetch(sandbox, target, "p-none", "..", *sandbox.persona_ids)
    await job.run(ignore)

    assert target.failures == {"p-none": "NotFoundError 1", "..": "InvalidRequestError 0"}
    assert len(target.bodies) == 20
    assert (job.done, job.failed) == (22, 2)


async def test_another_persona_than_the_one_asked_for_is_a_failure(sandbox: Sandbox) -> None:
    sandbox.script([Answer(body=b'{"persona_id": "p2"}'), Answer(body=b'{"pal_id": "p3"}')])
    target = Kept()
    await fetch(sandbox, target, "p1", "p3", concurrency=1).run(ignore)

    assert target.failures == {"p1": "DecodeError 1"}
    assert list(target.bodies) == ["p3"]


@pytest.mark.parametrize(("status", "error"), [(401, AuthenticationError), (402, PaymentRequiredError)])
async def test_what_dooms_every_id_ends_it(sandbox: Sandbox, status: int, error: type[Exception]) -> None:
    sandbox.script(["ok", "ok", *[status] * 20])
    target = Kept()
    with pytest.raises(error):
        await fetch(sandbox, target, *sandbox.persona_ids, concurrency=1).run(ignore)

    assert len(target.bodies) == 2
    assert (target.failures, target.finished) == ({}, False)


async def test_list_pages_are_read_where_that_takes_fewer_requests() -> None:
    async with Sandbox(personas=300) as sandbox:
        target = Kept(sandbox.persona_ids[0])
        job = fetch(sandbox, target, *sandbox.persona_ids, "p-none", prefer="list")
        await job.run(ignore)

        assert sorted(target.bodies) == sorted(sandbox.persona_ids[1:])
        assert (job.done, list(target.failures)) == (301, ["p-none"])
        assert sandbox.stats().total < 150


async def test_progress_is_shown(sandbox: Sandbox) -> None:
    seen: list[Progress] = []
    await fetch(sandbox, Kept(), "p-none", *sandbox.persona_ids).run(seen.append)

    assert (seen[-1].done, seen[-1].failed) == (21, 1)
