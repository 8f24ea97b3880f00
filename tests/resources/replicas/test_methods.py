"""The session's methods for replicas on a sandbox, in both vocabularies."""

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    DeadlineExceededError,
    InvalidRequestError,
    NotFoundError,
    ProcessingFailedError,
    calls,
)
from tavus_async._bulk import polling
from tavus_async._session import Vocabulary
from tavus_async.models import Replica
from tavus_async.sandbox import Sandbox
from tests.support.quick import KEY, quick_session

VIDEO = "https://bucket.example/train.mp4"
HOURS = 4 * 3600.0


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture(params=["persona", "pal"])
async def session(sandbox: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[AsyncSession]:
    vocabulary: Vocabulary = request.param
    async with quick_session(sandbox, vocabulary=vocabulary) as session:
        yield session


class TestLifeCycle:
    async def test_a_replica_is_trained_changed_and_deleted(self, session: AsyncSession, sandbox: Sandbox) -> None:
        created = await session.create_replica({"replica_name": "Ann", "train_video_url": VIDEO})
        sandbox.advance(HOURS)
        trained = await session.get_replica(created.replica_id, verbose=True)
        changed = await session.update_replica(trained, attrs.evolve(trained, replica_name="Bob"))
        await session.rename_replica(created.replica_id, "Cleo")
        renamed = await session.get_replica(created.replica_id)
        await session.delete_replica(created.replica_id)

        assert (created.status, trained.status, trained.training_progress) == ("started", "completed", "100/100")
        assert (trained.replica_type, trained.model_name) == ("user", "phoenix-4")
        assert trained.default_voice_id == trained.original_voice_id != None  # noqa: E711 (all three are compared)
        assert (changed.replica_name, changed.default_voice_id, changed.status) == (
            "Bob",
            trained.default_voice_id,
            None,
        )
        assert renamed.replica_name == "Cleo"
        with pytest.raises(NotFoundError):
            await session.get_replica(created.replica_id)

    @pytest.mark.parametrize(("vocabulary", "word"), [("persona", "replica"), ("pal", "face")])
    async def test_the_words_of_the_vocabulary_are_sent(
        self, sandbox: Sandbox, vocabulary: Vocabulary, word: str
    ) -> None:
        async with quick_session(sandbox, vocabulary=vocabulary) as session:
            page = await session.list_replicas_page(replica_type="system", replica_ids=["r4067604db72", "r79e1c033f"])
            raw = (await session.send_raw(calls.get_replica("r4067604db72"))).json()

        assert {replica.replica_id for replica in page} == {"r4067604db72", "r79e1c033f"}
        assert [request.path for request in sandbox.requests] == [f"/v2/{word}s", f"/v2/{word}s/r4067604db72"]
        assert raw[f"{word}_id"] == "r4067604db72"

    async def test_lists_are_read_to_their_end_and_filtered(self, session: AsyncSession, sandbox: Sandbox) -> None:
        for number in range(7):
            sandbox.add({"replica_name": f"Ann {number % 2}", "model_name": "phoenix-3"}, resource="replicas")

        own = [each.replica_name async for each in session.list_replicas(replica_type="user", page_size=3)]
        stock = [each async for each in session.list_replicas(replica_type="system", verbose=True)]
        best = [each.is_recommended async for each in session.list_replicas(sort="recommended")]
        older = [each.model_name async for each in session.list_replicas(model_name="phoenix-3")]

        assert own == [f"Ann {number % 2}" for number in range(7)]
        assert {each.replica_type for each in stock} == {"system"}
        assert best == sorted(best, key=lambda is_best: not is_best)
        assert len(older) == 9
        assert [each.replica_name for each in await session.find_replicas("Ann 0")] == ["Ann 0"] * 4
        assert await session.find_replicas("Anna") == []

    async def test_stock_can_be_used_and_not_be_changed(self, session: AsyncSession) -> None:
        stock = await session.get_replica("r4067604db72")

        with pytest.raises(NotFoundError):
            await session.update_replica(stock, {"replica_name": "Mine"})
        with pytest.raises(NotFoundError):
            await session.delete_replica(stock.replica_id, hard=True)

    async def test_an_unknown_id_is_told(self, session: AsyncSession) -> None:
        with pytest.raises(NotFoundError, match="Invalid replica_id"):
            await session.get_replica("r0")


class TestLostAnswers:
    async def test_a_create_whose_answer_is_lost_can_be_looked_up(
        self, session: AsyncSession, sandbox: Sandbox
    ) -> None:
        sandbox.script(["truncate"])
        with pytest.raises(AmbiguousOutcomeError, match="find_replicas") as caught:
            await session.create_replica({"replica_name": "Ann", "train_video_url": VIDEO})

        assert caught.value.name == "Ann"
        assert len(await session.find_replicas("Ann")) == 1
        assert sandbox.stats().requests["create_replica"] == 1

    async def test_a_delete_whose_answer_is_lost_is_done(self, session: AsyncSession, sandbox: Sandbox) -> None:
        created = await session.create_replica({"train_video_url": VIDEO})
        sandbox.script(["truncate"])
        await session.delete_replica(created.replica_id)

        with pytest.raises(NotFoundError):
            await session.get_replica(created.replica_id)


class TestWaiting:
    @pytest.fixture(autouse=True)
    def _hurried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(polling, "POLL_DELAY", 0.002)

    async def test_it_is_waited_for_and_each_change_is_told(self, session: AsyncSession, sandbox: Sandbox) -> None:
        created = await session.create_replica({"train_video_url": VIDEO})
        told: list[Replica] = []

        def note(replica: Replica) -> None:
            told.append(replica)
            sandbox.advance(HOURS / 4)

        replica = await session.wait_for_replica(created.replica_id, on_progress=note)

        assert replica.status == "completed"
        assert told[-1] == replica
        assert [each.status for each in told] == ["started"] * (len(told) - 1) + ["completed"]
        progress = [int(str(each.training_progress).partition("/")[0]) for each in told]
        assert progress == sorted(set(progress))
        assert progress[-1] == 100

    async def test_many_are_waited_for_together(self, session: AsyncSession, sandbox: Sandbox) -> None:
        drafts = [*[{"train_video_url": VIDEO}] * 30, {"train_video_url": "https://nowhere.invalid/train.mp4"}]
        ids = [(await session.create_replica(draft)).replica_id for draft in drafts]
        ids.append("r4067604db72")
        sandbox.advance(HOURS)
        outcomes = [outcome async for outcome in session.wait_for_replicas([*ids, "r0"])]
        failed = {outcome.key: type(outcome.error) for outcome in outcomes if not outcome.ok}

        assert sorted(outcome.key for outcome in outcomes) == sorted([*ids, "r0"])
        assert failed == {ids[-2]: ProcessingFailedError, "r0": NotFoundError}
        assert {outcome.unwrap().status for outcome in outcomes if outcome.ok} == {"completed"}
        assert sandbox.stats().requests["get_replica"] < 30

    async def test_a_callback_and_a_reading_both_mean_ready(self, session: AsyncSession, sandbox: Sandbox) -> None:
        replica_id = sandbox.add({"status": "ready"}, resource="replicas")

        assert (await session.wait_for_replica(replica_id)).status == "ready"

    async def test_a_failure_tells_tavus_own_words(self, session: AsyncSession, sandbox: Sandbox) -> None:
        created = await session.create_replica({"train_video_url": "https://nowhere.invalid/train.mp4"})
        sandbox.advance(HOURS)
        with pytest.raises(
            ProcessingFailedError, match=f"the replica {created.replica_id} is 'error': There was"
        ) as caught:
            await session.wait_for_replica(created.replica_id)

        assert "downloading your video file" in caught.value.reason
        assert caught.value.value.status == "error"

    async def test_the_end_of_the_time_and_an_unknown_id_are_told(self, session: AsyncSession) -> None:
        created = await session.create_replica({"train_video_url": VIDEO})
        with pytest.raises(DeadlineExceededError, match=f"the replica {created.replica_id} did not come within"):
            await session.wait_for_replica(created.replica_id, timeout=0.02)
        with pytest.raises(NotFoundError):
            await session.wait_for_replica("r0")

    @pytest.mark.parametrize("wrong", [0, -1, "5"])
    async def test_times_are_numbers_of_seconds(self, session: AsyncSession, wrong: Any) -> None:
        with pytest.raises(InvalidRequestError, match="timeout must be a number of seconds"):
            await session.wait_for_replica("r1", timeout=wrong)


async def test_the_words_of_faces_tell_where_to_look(session: AsyncSession) -> None:
    stranger: Any = session

    for name in ("create_face", "list_faces", "wait_for_face"):
        with pytest.raises(AttributeError, match=name.replace("face", "replica")):
            getattr(stranger, name)
