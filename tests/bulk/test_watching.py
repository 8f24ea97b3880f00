"""Many things that are waited for together: what it costs to read them, and what each who waits is told."""

import asyncio
import json
from collections.abc import Collection
from typing import Any

import attrs
import pytest

from tavus_async import AuthenticationError, Call, DeadlineExceededError, DecodeError, NotFoundError, Outcome, Page
from tavus_async._bulk import watching
from tavus_async._bulk.polling import LONGEST_POLL_DELAY, POLL_DELAY
from tavus_async._bulk.run import Job, Outcomes, Run
from tavus_async._bulk.watching import PER_PAGE, JointWait, Reading
from tavus_async.errors import ProcessingFailedError, ServerError, TavusError
from tavus_async.models import Video
from tests.support.virtual_time import elapsed, in_virtual_time, settle

DOWN = ServerError("Internal server error", status=500)
UNREADABLE = DecodeError(path="$", expected="an object", got="a string")


def look(video: Video) -> Video | None:
    if video.status == "error":
        raise ProcessingFailedError("it has failed", value=video, reason="no light")
    return video if video.status == "ready" else None


def get(item_id: str) -> Call[Video]:
    return Call(method="GET", path=f"/v2/videos/{item_id}", decode=lambda body: Video.from_dict(json.loads(body)))


def list_page(page: int) -> Call[Page[Video]]:
    return Call(method="GET", path="/v2/videos", query=(("page", str(page)),), decode=lambda _: Page(items=()))


@attrs.define(slots=False)
class Server:
    """Videos in the order of creation, each ready at its time; it counts what is asked of it."""

    ready_at: dict[str, float] = attrs.field(factory=dict)
    is_newest_first: bool = True
    list_hides: tuple[str, ...] = ()
    """Fields that a list does not tell."""
    failures: dict[str, list[TavusError]] = attrs.field(factory=dict)
    """By id, or "list": what the next readings fail with."""
    gets: list[str] = attrs.field(factory=list)
    pages: list[int] = attrs.field(factory=list)

    @property
    def requests(self) -> int:
        return len(self.gets) + len(self.pages)

    def watch(self) -> JointWait[Video]:
        return JointWait(
            Reading(
                send_each=self.send_each,
                get=get,
                list_page=list_page,
                first_page=0,
                id_of=lambda video: video.video_id,
                look=look,
            )
        )

    def send_each(self, make_call: Any, keys: Collection[Any], /) -> Outcomes[Any]:
        async def fetch(key: Any) -> Outcome[Any]:
            make_call(key)
            await asyncio.sleep(0.01)
            is_page = isinstance(key, int)
            (self.pages if is_page else self.gets).append(key)
            failures = self.failures.get("list" if is_page else key)
            if failures:
                return Outcome(key=key, error=failures.pop(0), attempts=1)
            if not is_page and key not in self.ready_at:
                return Outcome(key=key, error=NotFoundError("Invalid video_id", status=400), attempts=1)
            return Outcome(key=key, value=self.page(key) if is_page else self.video(key), attempts=1)

        return Outcomes(Run(Job(fetch=fetch, keys=keys, concurrency=10)))

    def page(self, number: int) -> Page[Video]:
        ids = list(reversed(self.ready_at)) if self.is_newest_first else list(self.ready_at)
        shown = [self.video(each, hides=self.list_hides) for each in ids[number * PER_PAGE : (number + 1) * PER_PAGE]]
        return Page(items=tuple(shown), total_count=len(ids))

    def video(self, item_id: str, *, hides: tuple[str, ...] = ()) -> Video:
        at = self.ready_at[item_id]
        status = "ready" if elapsed() >= at >= 0 else "error" if elapsed() >= -at > 0 else "generating"
        body = {"video_id": item_id, "status": status, "replica_id": "r1", "video_name": json.dumps(item_id)}
        return Video.from_dict({name: value for name, value in body.items() if name not in hides})


async def wait_for_all(watch: JointWait[Video], ids: Collection[str], timeout: float | None = None) -> list[Any]:
    waits = (watch.wait(each, timeout=timeout, what=f"the video {each}") for each in ids)
    return await asyncio.gather(*waits, return_exceptions=True)


def ids(number: int, *, name: str = "v") -> list[str]:
    return [f"{name}{index}" for index in range(number)]


class TestCost:
    @in_virtual_time
    async def test_a_thousand_take_ten_pages_a_round(self) -> None:
        server = Server(dict.fromkeys(ids(1000), 100.0))

        videos = await wait_for_all(server.watch(), ids(1_000))

        assert [video.video_id for video in videos] == ids(1_000)
        assert 100 <= elapsed() < 100 + LONGEST_POLL_DELAY + 1
        assert len(server.gets) == 1  # by which it learned that the list tells as much
        assert server.requests < 150

    @in_virtual_time
    async def test_a_list_with_the_oldest_first_is_read_from_its_other_end(self) -> None:
        old = dict.fromkeys(ids(5_000, name="old"), 0.0)
        server = Server({**old, **dict.fromkeys(ids(300), 50.0)}, is_newest_first=False)

        await wait_for_all(server.watch(), ids(300))

        assert len(server.gets) == 1
        assert server.pages[:2] == [0, 1]
        assert {*server.pages[2:]} <= {52, 51, 50, 49, 48}

    @in_virtual_time
    async def test_what_no_page_has_many_of_is_read_one_by_one(self) -> None:
        server = Server({f"v{index}": 30.0 if index % 400 == 399 else 0.0 for index in range(4_000)})
        scattered = [each for each, at in server.ready_at.items() if at]

        videos = await wait_for_all(server.watch(), scattered)

        assert [video.status for video in videos] == ["ready"] * 10
        assert len(server.gets) >= 10
        assert len(server.pages) <= 8

    @in_virtual_time
    async def test_a_page_that_fails_is_no_reason_to_do_without_the_list(self) -> None:
        server = Server(dict.fromkeys(ids(300), 40.0), failures={"list": [DOWN, DOWN]})

        await wait_for_all(server.watch(), ids(300))

        assert len(server.gets) == 1

    @in_virtual_time
    async def test_one_is_never_looked_for_on_a_page(self) -> None:
        server = Server({"v0": 10.0})

        await wait_for_all(server.watch(), ["v0"])

        assert server.pages == []
        assert server.gets == ["v0"] * 4  # after 0, 3, 8 and 15 seconds: the rests grow

    @in_virtual_time
    async def test_records_of_a_list_that_tells_less_are_read_anew(self) -> None:
        server = Server(dict.fromkeys(ids(50), 20.0), list_hides=("replica_id",))

        videos = await wait_for_all(server.watch(), ids(50))

        assert {video.replica_id for video in videos} == {"r1"}
        assert len(server.gets) == 50

    @in_virtual_time
    async def test_a_list_that_tells_no_status_is_none_to_wait_by(self) -> None:
        server = Server(dict.fromkeys(ids(5), 1.0), list_hides=("status",))

        videos = await wait_for_all(server.watch(), ids(5))

        assert [video.status for video in videos] == ["ready"] * 5


class TestEnds:
    @in_virtual_time
    async def test_one_that_fails_has_its_error_and_the_others_go_on(self) -> None:
        server = Server({"v0": 5.0, "v1": -3.0, "v2": 5.0, "v3": 5.0})

        first, second, *rest = await wait_for_all(server.watch(), server.ready_at)

        assert isinstance(second, ProcessingFailedError)
        assert [each.status for each in (first, *rest)] == ["ready"] * 3

    @in_virtual_time
    async def test_one_that_is_not_there_is_told_of_at_once(self) -> None:
        server = Server({"v0": 5.0})

        found, missing = await wait_for_all(server.watch(), ["v0", "gone"])

        assert isinstance(missing, NotFoundError)
        assert found.status == "ready"

    @in_virtual_time
    async def test_each_has_its_own_deadline(self) -> None:
        server = Server({"v0": 60.0})

        (error,) = await wait_for_all(server.watch(), ["v0"], timeout=10)

        assert isinstance(error, DeadlineExceededError)
        assert str(error) == "the video v0 did not become ready within 10 s"
        assert elapsed() == pytest.approx(10, abs=0.1)

    @in_virtual_time
    async def test_the_deadline_tells_why_nothing_was_read(self) -> None:
        server = Server({"v0": 60.0}, failures={"v0": [DOWN] * 99})

        (error,) = await wait_for_all(server.watch(), ["v0"], timeout=10)

        assert "the last reading failed: " in str(error)

    @pytest.mark.parametrize("place", ["list", "v0"])
    @in_virtual_time
    async def test_what_passes_is_waited_out(self, place: str) -> None:
        server = Server(dict.fromkeys(ids(4), 1.0), failures={place: [DOWN, UNREADABLE, DOWN]})

        videos = await wait_for_all(server.watch(), ids(4))

        assert [video.status for video in videos] == ["ready"] * 4

    @in_virtual_time
    async def test_what_can_never_be_read_is_an_error(self) -> None:
        server = Server({"v0": 1.0}, failures={"v0": [UNREADABLE] * 99})

        (error,) = await wait_for_all(server.watch(), ["v0"])

        assert isinstance(error, DecodeError)
        assert server.gets == ["v0"] * watching.MOST_UNREADABLE

    @pytest.mark.parametrize("place", ["list", "v2"])
    @in_virtual_time
    async def test_what_all_would_meet_ends_every_wait(self, place: str) -> None:
        wrong_key = AuthenticationError("Invalid access token", status=401)
        server = Server(dict.fromkeys(ids(4), 99.0), failures={place: [wrong_key], "list": [wrong_key]})

        errors = await wait_for_all(server.watch(), ids(4))

        assert [type(error) for error in errors] == [AuthenticationError] * 4

    @in_virtual_time
    async def test_two_who_wait_for_one_thing_are_both_told(self) -> None:
        server = Server({"v0": 5.0})

        first, second = await wait_for_all(server.watch(), ["v0", "v0"])

        assert first is second
        assert len(server.gets) == 3

    @in_virtual_time
    async def test_a_fault_of_the_reading_itself_ends_every_wait(self) -> None:
        server = Server(dict.fromkeys(ids(4), 1.0))
        watch = server.watch()

        def fail(number: int) -> Page[Video]:
            raise ZeroDivisionError

        server.page = fail  # type: ignore[method-assign]

        errors = await wait_for_all(watch, ids(4))

        assert [type(error) for error in errors] == [ZeroDivisionError] * 4


class TestLeaving:
    @in_virtual_time
    async def test_nothing_is_left_when_the_last_has_left(self) -> None:
        server = Server({"v0": 1e9, "v1": 1e9})
        watch = server.watch()
        before = asyncio.all_tasks()
        waits = [asyncio.create_task(watch.wait(each, timeout=None, what=each)) for each in server.ready_at]
        await asyncio.sleep(30)

        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)

        assert asyncio.all_tasks() == before
        assert watch.count == 0

    @in_virtual_time
    async def test_one_who_comes_later_is_waited_for_too(self) -> None:
        server = Server({"v0": 20.0, "v1": 1.0})
        watch = server.watch()
        first = asyncio.create_task(watch.wait("v0", timeout=None, what="v0"))
        await asyncio.sleep(0.5)

        await watch.wait("v1", timeout=None, what="v1")
        assert not first.done()
        await first
        await settle()

        assert watch.count == 0

    @in_virtual_time
    async def test_who_waits_after_all_have_left_begins_anew(self) -> None:
        server = Server({"v0": 1.0, "v1": 30.0})
        watch = server.watch()

        await watch.wait("v0", timeout=None, what="v0")
        video = await watch.wait("v1", timeout=None, what="v1")

        assert video.status == "ready"


@in_virtual_time
async def test_a_slow_server_is_left_in_peace_for_longer() -> None:
    server = Server(dict.fromkeys(ids(3), 100.0))
    watch = server.watch()
    whole = server.send_each

    def slowly(make_call: Any, keys: Collection[Any], /) -> Outcomes[Any]:
        async def fetch(key: Any) -> Outcome[Any]:
            await asyncio.sleep(5)
            async with whole(make_call, [key]) as outcomes:
                return await anext(outcomes)

        return Outcomes(Run(Job(fetch=fetch, keys=keys, concurrency=1)))

    watch._reading = attrs.evolve(watch._reading, send_each=slowly)
    watch._pages._reading = watch._reading
    await wait_for_all(watch, ids(3))

    assert server.requests <= 100 / (5 * watching.REST) + 3
    assert POLL_DELAY < 5 * watching.REST


@in_virtual_time
async def test_after_a_long_outage_it_rests_no_longer_than_a_minute() -> None:
    server = Server({"v0": 1_000.0})
    joint = server.watch()
    whole = server.send_each

    def after_an_outage(make_call: Any, keys: Collection[Any], /) -> Outcomes[Any]:
        async def fetch(key: Any) -> Outcome[Any]:
            await asyncio.sleep(300 if elapsed() < 900 else 0)
            async with whole(make_call, [key]) as outcomes:
                return await anext(outcomes)

        return Outcomes(Run(Job(fetch=fetch, keys=keys, concurrency=1)))

    joint._reading = attrs.evolve(joint._reading, send_each=after_an_outage)
    await wait_for_all(joint, ["v0"])

    assert elapsed() < 1_000 + 300 + watching.LONGEST_REST
