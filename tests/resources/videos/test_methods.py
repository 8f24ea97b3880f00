"""The session's methods for single videos, on the sandbox."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tavus_async import AmbiguousOutcomeError, AsyncSession, NotFoundError, ProcessingFailedError
from tavus_async.sandbox import Sandbox
from tests.support.quick import AT_ONCE, NO_LIMIT


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(personas=1) as running:
        yield running


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(sandbox.api_key, base_url=sandbox.url, rate_limit=NO_LIMIT, retry=AT_ONCE) as session:
        yield session


async def create(session: AsyncSession, name: str = "Sales", **fields: Any) -> str:
    draft = {"replica_id": "r1", "script": "Hello.", "video_name": name, **fields}
    return (await session.create_video(draft)).video_id


async def test_all_pages_are_read_from_0(session: AsyncSession) -> None:
    ids = [await create(session, f"Number {number}") for number in range(7)]

    assert [video.video_id async for video in session.list_videos(page_size=3)] == ids[::-1]
    assert [video.video_id for video in await session.list_videos_page(limit=2)] == ids[:-3:-1]


async def test_a_name_finds_all_that_have_it(session: AsyncSession) -> None:
    ids = [await create(session, name) for name in ("Sales", "Other", "Sales")]

    assert [video.video_id for video in await session.find_videos("Sales")] == [ids[2], ids[0]]
    assert await session.find_videos("sales") == []


async def test_one_is_renamed_and_deleted(session: AsyncSession) -> None:
    video_id = await create(session)
    await session.rename_video(video_id, "Later")

    assert (await session.get_video(video_id, verbose=True)).video_name == "Later"
    await session.delete_video(video_id)
    assert (await session.get_video(video_id)).status == "deleted"
    await session.delete_video(video_id, hard=True)
    with pytest.raises(NotFoundError, match="Invalid video_id"):
        await session.get_video(video_id)


@pytest.mark.parametrize("fault", ["reset", "truncate"])
async def test_a_delete_may_be_sent_twice_and_a_rename_not(session: AsyncSession, sandbox: Sandbox, fault: Any) -> None:
    video_id = await create(session)
    sandbox.script([fault])
    with pytest.raises(AmbiguousOutcomeError):
        await session.rename_video(video_id, "Later")
    sandbox.script(["reset"])
    await session.delete_video(video_id, hard=True)

    assert sandbox.ids("videos") == ()


async def test_waiting_for_one_that_was_deleted_tells_so(session: AsyncSession) -> None:
    video_id = await create(session)
    await session.delete_video(video_id)

    with pytest.raises(ProcessingFailedError, match="is 'deleted': no reason told"):
        await session.wait_for_video(video_id)


@pytest.mark.parametrize("vocabulary", ["persona", "pal"])
async def test_both_vocabularies_reach_the_same(sandbox: Sandbox, vocabulary: Any) -> None:
    async with AsyncSession(sandbox.api_key, base_url=sandbox.url, vocabulary=vocabulary) as session:
        video_id = await create(session)

        assert (await session.get_video(video_id)).replica_id == "r1"
