"""Many videos: each is created once, whatever gets lost, and given as soon as it is ready."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tavus_async import (
    AsyncSession,
    AuthenticationError,
    DeadlineExceededError,
    InvalidRequestError,
    NotFoundError,
    Outcome,
    RateLimit,
    ServerError,
    SessionClosedError,
    calls,
)
from tavus_async._bulk import polling
from tavus_async._bulk.journal import open_journal
from tavus_async.errors import ProcessingFailedError
from tavus_async.models import RenderProgress, Video, VideoDraft
from tavus_async.resources.videos import orphans
from tavus_async.resources.videos.rendering import MOST_CREATES, digest_of
from tavus_async.sandbox import Sandbox
from tests.support.quick import AT_ONCE, NO_LIMIT, until


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLL_DELAY", 0.02)
    monkeypatch.setattr(polling, "LONGEST_POLL_DELAY", 0.1)
    monkeypatch.setattr(orphans, "SETTLING", 0.1)
    monkeypatch.setattr(orphans, "FIRST_GAP", 0.02)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(personas=1, speed=2_000) as running:
        yield running


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(sandbox.api_key, base_url=sandbox.url, rate_limit=NO_LIMIT, retry=AT_ONCE) as session:
        yield session


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def draft(number: int = 0, **fields: Any) -> VideoDraft:
    return VideoDraft(replica_id="r1", script=f"Hello number {number}.", **fields)


def drafts(count: int) -> list[VideoDraft]:
    return [draft(number) for number in range(count)]


async def render(session: AsyncSession, given: Any, **settings: Any) -> list[Outcome[Video]]:
    async with session.render_videos(given, **settings) as outcomes:
        return [outcome async for outcome in outcomes]


def scripts(sandbox: Sandbox) -> list[str]:
    """What was created, in the order of creation."""
    return [stored(sandbox, each)["data"]["script"] for each in sandbox.ids("videos")]


def names(sandbox: Sandbox) -> list[str]:
    return [stored(sandbox, each)["video_name"] for each in sandbox.ids("videos")]


def stored(sandbox: Sandbox, video_id: str) -> Any:
    return sandbox.stored(video_id, resource="videos")


def creates(sandbox: Sandbox) -> int:
    return sandbox.stats().requests["create_video"]


class TestOutcomes:
    async def test_each_draft_has_its_outcome(self, session: AsyncSession, sandbox: Sandbox) -> None:
        given = drafts(30)

        outcomes = await render(session, given)

        assert {id(outcome.key) for outcome in outcomes} == {id(each) for each in given}
        assert all(outcome.unwrap().data.script == outcome.key.script for outcome in outcomes)
        assert {outcome.unwrap().status for outcome in outcomes} == {"ready"}
        assert sorted(scripts(sandbox)) == sorted(each.script or "" for each in given)

    async def test_drafts_may_be_mappings_from_any_iterable(self, session: AsyncSession, sandbox: Sandbox) -> None:
        async def stream() -> AsyncIterator[dict[str, Any]]:
            for number in range(3):
                await asyncio.sleep(0)
                yield {"face_id": "r1", "script": f"Stream {number}."}

        outcomes = await render(session, stream())
        outcomes += await render(session, (each.to_dict() for each in drafts(3)))

        assert len([outcome.unwrap() for outcome in outcomes]) == 6
        assert {stored(sandbox, each)["replica_id"] for each in sandbox.ids("videos")} == {"r1"}

    async def test_what_fails_is_an_outcome_and_the_rest_go_on(self, session: AsyncSession) -> None:
        given: list[Any] = [
            draft(1),
            {"script": "No replica."},
            draft(2),
            "no draft",
            {"replica_id": "a b", "script": "x"},
        ]
        given.append(VideoDraft(replica_id="r1", script="error: There is no light."))

        outcomes = {id(outcome.key): outcome for outcome in await render(session, given)}
        errors = [outcomes[id(each)].error for each in given]

        assert [type(error) for error in errors] == [
            *(type(None), InvalidRequestError, type(None), InvalidRequestError, NotFoundError, ProcessingFailedError),
        ]
        assert isinstance(errors[5], ProcessingFailedError)
        assert (errors[5].reason, errors[5].value.status) == ("There is no light.", "error")

    async def test_what_all_would_meet_ends_the_run(self, sandbox: Sandbox) -> None:
        async with AsyncSession("wrong", base_url=sandbox.url, rate_limit=NO_LIMIT) as session:
            with pytest.raises(AuthenticationError):
                await render(session, drafts(200), concurrency=5)

        assert sandbox.stats().unauthorized <= 5

    async def test_one_that_takes_too_long_is_a_deadline(self, session: AsyncSession, sandbox: Sandbox) -> None:
        replica = sandbox.add({"replica_name": "Ada", "status": "started"}, resource="replicas")

        (outcome,) = await render(session, [VideoDraft(replica_id=replica, script="Hello.")], timeout=0.1)

        assert isinstance(outcome.error, DeadlineExceededError)
        assert "did not become ready within 0.1 s" in str(outcome.error)

    @pytest.mark.parametrize("given", [draft(), {"replica_id": "r1"}, "drafts.csv", 5, None])
    async def test_one_draft_is_no_iterable_of_them(self, session: AsyncSession, given: Any) -> None:
        with pytest.raises(InvalidRequestError, match="drafts must be"):
            session.render_videos(given)

    @pytest.mark.parametrize(
        ("name", "value"), [("concurrency", 0), ("timeout", -1), ("max_outage", -1), ("journal", 5), ("on_progress", 5)]
    )
    async def test_what_makes_no_sense_is_refused(self, session: AsyncSession, name: str, value: Any) -> None:
        with pytest.raises(InvalidRequestError, match=name):
            session.render_videos(drafts(1), **{name: value})


class TestNames:
    async def test_a_name_that_is_unique_stays(self, session: AsyncSession, sandbox: Sandbox) -> None:
        await render(session, [draft(number, video_name=f"For {number}") for number in range(3)])

        assert sorted(names(sandbox)) == ["For 0", "For 1", "For 2"]

    async def test_any_other_is_made_unique(self, session: AsyncSession, sandbox: Sandbox) -> None:
        given = [draft(1, video_name="Ada"), draft(2, video_name="Ada"), draft(3), draft(4, video_name="")]

        await render(session, given)

        found = names(sandbox)
        assert len(set(found)) == 4
        assert "Ada" in found
        assert [name.split()[0] for name in sorted(found)] == ["Ada", "Ada", "video", "video"]


LOST = ["reset", "truncate", "garble"]


class TestLostAnswers:
    @pytest.mark.parametrize("name", [None, "Ada"])
    @pytest.mark.parametrize("fault", LOST)
    async def test_what_was_created_is_found(
        self, session: AsyncSession, sandbox: Sandbox, fault: Any, name: str | None
    ) -> None:
        sandbox.script([fault])

        (outcome,) = await render(session, [draft(video_name=name)])

        assert outcome.unwrap().video_id == sandbox.ids("videos")[0]
        assert creates(sandbox) == 1

    async def test_it_is_found_though_the_server_trims_its_name(
        self, session: AsyncSession, sandbox: Sandbox, journal: Path
    ) -> None:
        given = draft(video_name=" Ada ")
        write_intent(journal, given, " Ada ")
        await session.create_video({**given.to_dict(), "video_name": "Ada"})

        (outcome,) = await render(session, [given], journal=journal)

        assert outcome.ok
        assert names(sandbox) == ["Ada"]

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    async def test_what_was_not_is_created_then(self, session: AsyncSession, sandbox: Sandbox, status: int) -> None:
        sandbox.script([status])

        (outcome,) = await render(session, [draft()])

        assert outcome.ok
        assert (creates(sandbox), len(sandbox.ids("videos"))) == (2, 1)
        assert outcome.attempts == 2

    async def test_a_refusal_needs_no_search(self, session: AsyncSession, sandbox: Sandbox) -> None:
        sandbox.script([429])

        (outcome,) = await render(session, [draft()])

        assert outcome.ok
        assert "list_videos" not in sandbox.stats().requests

    async def test_it_is_not_tried_for_ever(self, session: AsyncSession, sandbox: Sandbox) -> None:
        sandbox.script([step for _ in range(MOST_CREATES) for step in (500, "ok")])

        (outcome,) = await render(session, [draft()])

        assert isinstance(outcome.error, ServerError)
        assert creates(sandbox) == MOST_CREATES

    async def test_the_search_outlasts_what_passes(self, session: AsyncSession, sandbox: Sandbox) -> None:
        sandbox.script(["reset", "garble", *[500] * 5])

        (outcome,) = await render(session, [draft()])

        assert outcome.unwrap().video_id == sandbox.ids("videos")[0]

    async def test_a_search_that_fails_fails_the_draft(self, session: AsyncSession, sandbox: Sandbox) -> None:
        sandbox.script(["reset", "garble", "garble", "garble", "garble", "garble"])

        (outcome,) = await render(session, [draft()])

        assert "cannot be read" in str(outcome.error)
        assert creates(sandbox) == 1

    async def test_many_searches_share_the_pages(self, session: AsyncSession, sandbox: Sandbox) -> None:
        sandbox.script("reset" for _ in range(40))

        outcomes = await render(session, drafts(40))

        assert len({outcome.unwrap().video_id for outcome in outcomes}) == 40
        assert creates(sandbox) == 40
        assert sandbox.stats().requests["list_videos"] < 30

    @pytest.mark.parametrize(
        "other", [{"script": "Another."}, {"created_at": "Tue, 24 Jun 2025 07:01:57 GMT"}, {"replica_id": "r2"}]
    )
    async def test_somebody_elses_video_of_that_name_is_left_alone(
        self, session: AsyncSession, sandbox: Sandbox, other: dict[str, str]
    ) -> None:
        body = {"script": draft().script, "created_at": "Tue, 24 Jun 2042 07:01:57 GMT", "replica_id": "r1", **other}
        there = sandbox.add(
            {"video_name": "Ada", "status": "ready", "data": {"script": body.pop("script")}, **body}, resource="videos"
        )
        sandbox.script([500])

        (outcome,) = await render(session, [draft(video_name="Ada")])

        assert outcome.unwrap().video_id != there
        assert len(sandbox.ids("videos")) == 2


class TestJournal:
    async def test_a_second_run_creates_nothing(self, session: AsyncSession, sandbox: Sandbox, journal: Path) -> None:
        first = await render(session, drafts(20), journal=journal)
        second = await render(session, drafts(20), journal=str(journal))

        assert creates(sandbox) == 20
        ids = [{outcome.key.script: outcome.unwrap().video_id for outcome in each} for each in (first, second)]
        assert ids[0] == ids[1]

    async def test_it_goes_on_after_the_drafts_that_it_knows(
        self, session: AsyncSession, sandbox: Sandbox, journal: Path
    ) -> None:
        await render(session, drafts(5), journal=journal)

        outcomes = await render(session, iter(drafts(8)), journal=journal)

        assert len(outcomes) == 8
        assert creates(sandbox) == 8

    @pytest.mark.parametrize("was_created", [True, False])
    @pytest.mark.parametrize("name", ["video 0123456789abcdef", "Ada"])
    async def test_a_create_that_was_under_way_is_looked_for(
        self, session: AsyncSession, sandbox: Sandbox, journal: Path, name: str, was_created: bool
    ) -> None:
        given = draft(video_name="Ada" if name == "Ada" else None)
        write_intent(journal, given, name)
        if was_created:
            await session.create_video({**given.to_dict(), "video_name": name})

        (outcome,) = await render(session, [given], journal=journal)

        assert outcome.ok
        assert (creates(sandbox), names(sandbox)) == (1, [name])

    async def test_it_is_looked_for_as_long_as_it_may_still_be_made(
        self, session: AsyncSession, sandbox: Sandbox, journal: Path
    ) -> None:
        write_intent(journal, draft(), "video 0123456789abcdef")
        rendering = asyncio.create_task(render(session, [draft()], journal=journal))
        await until(lambda: "list_videos" in sandbox.stats().requests)

        late = await session.create_video(draft(video_name="video 0123456789abcdef"))
        ((outcome,), _) = await asyncio.gather(rendering, asyncio.sleep(0))

        assert outcome.unwrap().video_id == late.video_id

    async def test_what_was_refused_is_tried_anew_without_a_search(
        self, session: AsyncSession, sandbox: Sandbox, journal: Path
    ) -> None:
        refused = [VideoDraft(replica_id="r 1", script="Hello.")]
        await render(session, refused, journal=journal)

        (outcome,) = await render(session, refused, journal=journal)

        assert isinstance(outcome.error, NotFoundError)
        assert dict(sandbox.stats().requests) == {"create_video": 2}

    async def test_other_drafts_are_refused(self, session: AsyncSession, sandbox: Sandbox, journal: Path) -> None:
        await render(session, drafts(3), journal=journal)

        with pytest.raises(InvalidRequestError, match="is of other drafts: number 2 was another when it was created"):
            await render(session, [draft(0), draft(7), draft(2)], journal=journal)

        assert creates(sandbox) == 3

    @pytest.mark.parametrize("make", [list, iter])
    async def test_so_are_fewer(self, session: AsyncSession, journal: Path, make: Any) -> None:
        await render(session, drafts(3), journal=journal)

        with pytest.raises(InvalidRequestError, match="is of other drafts: of 3, and these are 2"):
            await render(session, make(drafts(2)), journal=journal)

    async def test_the_order_of_fields_makes_no_other_draft(self, session: AsyncSession, journal: Path) -> None:
        one, two = {"replica_id": "r1", "script": "Hi."}, {"script": "Hi.", "face_id": "r1"}
        await render(session, [one], journal=journal)

        (outcome,) = await render(session, [two], journal=journal)

        assert outcome.ok

    async def test_two_runs_at_once_are_refused(self, session: AsyncSession, journal: Path) -> None:
        held = open_journal(journal, of="videos")

        with pytest.raises(InvalidRequestError, match="in use by another run"):
            await render(session, drafts(3), journal=journal)
        held.close()

        assert len(await render(session, drafts(3), journal=journal)) == 3

    async def test_a_folder_that_is_not_there_is_told_of(self, session: AsyncSession, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match="nowhere"):
            await render(session, drafts(3), journal=tmp_path / "nowhere" / "journal")

    async def test_it_holds_no_script_and_no_address(self, session: AsyncSession, journal: Path) -> None:
        await render(session, [draft(callback_url="https://hooks.example/s3cret")], journal=journal)

        text = journal.read_text()
        assert "s3cret" not in text
        assert "Hello" not in text

    async def test_ids_are_written_down_before_they_are_waited_for(
        self, session: AsyncSession, sandbox: Sandbox, journal: Path
    ) -> None:
        replica = sandbox.add({"replica_name": "Ada", "status": "started"}, resource="replicas")
        given = [VideoDraft(replica_id=replica, script="Hello.")]
        rendering = asyncio.create_task(render(session, given, journal=journal))
        await until(lambda: '"id"' in (journal.read_text() if journal.exists() else ""))

        rendering.cancel()
        with suppress(asyncio.CancelledError):
            await rendering

        last = json.loads(journal.read_text().splitlines()[-1])
        assert last == {"n": 0, "id": sandbox.ids("videos")[0]}


def write_intent(journal: Path, given: VideoDraft, name: str) -> None:
    """Leaves what a run leaves that was killed while a create was under way."""
    open_journal(journal, of="videos").close()
    line = {"n": 0, "draft": digest_of(calls.create_video(given)), "name": name, "at": time.time()}
    with journal.open("a") as file:
        file.write(json.dumps(line) + "\n")


class TestBounds:
    async def test_an_endless_iterator_is_pulled_as_videos_become_ready(
        self, session: AsyncSession, sandbox: Sandbox
    ) -> None:
        pulled = 0

        def endless() -> Iterator[VideoDraft]:
            nonlocal pulled
            for number in itertools.count():
                pulled += 1
                yield draft(number)

        taken = 0
        async with session.render_videos(endless(), concurrency=4) as outcomes:
            async for outcome in outcomes:
                assert outcome.ok
                taken += 1
                assert pulled <= taken + 4 * 5
                if taken == 40:
                    break

        assert len(sandbox.ids("videos")) <= 40 + 4 * 5

    async def test_no_more_are_unfinished_than_that(self, session: AsyncSession, sandbox: Sandbox) -> None:
        replica = sandbox.add({"replica_name": "Ada", "status": "started"}, resource="replicas")
        given = [VideoDraft(replica_id=replica, script=f"Hello {number}.") for number in range(50)]
        rendering = asyncio.create_task(render(session, given, concurrency=7))

        await until(lambda: len(sandbox.ids("videos")) == 7)
        await asyncio.sleep(0.1)
        rendering.cancel()
        with suppress(asyncio.CancelledError):
            await rendering

        assert len(sandbox.ids("videos")) == 7

    async def test_the_progress_tells_of_both_stages(self, session: AsyncSession) -> None:
        told: list[RenderProgress] = []

        await render(session, [*drafts(9), VideoDraft(replica_id="r1", script="error: no")], on_progress=told.append)

        assert told[-1] == RenderProgress(total=10, created=10, waiting=0, ready=9, failed=1, rate=told[-1].rate)
        assert all(each.waiting <= each.created <= 10 for each in told)

    async def test_the_progress_of_an_iterator_has_no_total(self, session: AsyncSession) -> None:
        told: list[RenderProgress] = []

        await render(session, iter(drafts(2)), on_progress=told.append)

        assert {each.total for each in told} == {None}


class TestEnds:
    async def test_leaving_the_loop_leaves_nothing(self, session: AsyncSession, journal: Path) -> None:
        tasks = asyncio.all_tasks()

        async with session.render_videos(drafts(50), journal=journal, concurrency=10) as outcomes:
            await anext(outcomes)

        assert [task for task in asyncio.all_tasks() - tasks if "tavus_async._bulk" in repr(task.get_coro())] == []
        open_journal(journal, of="videos").close()

    async def test_nor_does_leaving_it_before_it_has_begun(self, session: AsyncSession, journal: Path) -> None:
        outcomes = session.render_videos(drafts(50), journal=journal)
        await outcomes.aclose()

        assert not journal.exists()

    @pytest.mark.parametrize("turns", [1, 2, 3, 5, 20])
    async def test_cancelling_leaves_nothing_at_any_point(
        self, session: AsyncSession, journal: Path, turns: int
    ) -> None:
        rendering = asyncio.create_task(render(session, drafts(50), journal=journal, concurrency=10))
        for _ in range(turns):
            await asyncio.sleep(0)

        rendering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await rendering

        open_journal(journal, of="videos").close()

    async def test_closing_the_session_ends_the_run(
        self, session: AsyncSession, sandbox: Sandbox, journal: Path
    ) -> None:
        rendering = asyncio.create_task(render(session, drafts(50), journal=journal, concurrency=10))
        await until(lambda: len(sandbox.ids("videos")) >= 5)

        await session.aclose()
        with pytest.raises(SessionClosedError):
            await rendering
        async with AsyncSession(sandbox.api_key, base_url=sandbox.url, rate_limit=NO_LIMIT) as again:
            outcomes = await render(again, drafts(50), journal=journal)

        assert len([outcome.unwrap() for outcome in outcomes]) == 50
        assert sorted(scripts(sandbox)) == sorted(each.script or "" for each in drafts(50))

    async def test_runs_that_are_left_again_and_again_create_each_once(self, sandbox: Sandbox, journal: Path) -> None:
        for number in range(6):
            session = AsyncSession(
                sandbox.api_key, base_url=sandbox.url, rate_limit=RateLimit(500, burst=10), retry=AT_ONCE
            )
            sandbox.script(["ok", "reset", "ok", 500, "garble"] * 2)
            async with session, session.render_videos(drafts(60), journal=journal) as outcomes:
                async for _ in outcomes:
                    if number < 5 and creates(sandbox) >= 10 * number:
                        break

        assert sorted(scripts(sandbox)) == sorted(each.script or "" for each in drafts(60))


class TestWaiting:
    async def test_many_are_waited_for_by_their_ids(self, session: AsyncSession, sandbox: Sandbox) -> None:
        ids = [(await session.create_video(each)).video_id for each in drafts(10)]

        outcomes = [outcome async for outcome in session.wait_for_videos([*ids, "v404", ""])]

        found = {outcome.key: outcome for outcome in outcomes}
        assert all(found[each].unwrap().status == "ready" for each in ids)
        assert str(found["v404"].error).startswith("GET /v2/videos/v404 was answered 400: Invalid video_id")
        assert isinstance(found[""].error, InvalidRequestError)

    async def test_one_is_waited_for(self, session: AsyncSession) -> None:
        seen: list[str | None] = []
        created = await session.create_video(draft())

        video = await session.wait_for_video(created.video_id, on_progress=lambda each: seen.append(each.status))

        assert video.status == seen[-1] == "ready"
        assert video.download_url
