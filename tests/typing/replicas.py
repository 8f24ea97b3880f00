"""The types of what is done with replicas and voices, as a user's code sees them: checked, never run."""

from collections.abc import Mapping
from typing import assert_type

import attrs

from tavus_async import AsyncSession, ConflictError, Outcome, Page, Replica, ReplicaDraft, calls
from tavus_async.models import Voice, VoiceDraft


async def replicas(session: AsyncSession) -> None:
    draft = ReplicaDraft(replica_name="Ann", train_video_url="https://example.com/ann.mp4", model_name="phoenix-4")
    created = await session.create_replica(draft)
    assert_type(created, Replica)
    assert_type(created.replica_id, str)
    assert_type(await session.create_replica({"train_video_url": "https://example.com/ann.mp4"}), Replica)
    replica = await session.wait_for_replica(created.replica_id, on_progress=lambda one: one.training_progress)
    assert_type(replica, Replica)
    assert_type(replica.tag_names, tuple[str, ...])
    assert_type(await session.update_replica(replica, attrs.evolve(replica, replica_name="Anna")), Replica)
    assert_type(await session.update_replica("r1", {"default_voice_id": "v1"}), Replica)
    assert_type(await session.rename_replica("r1", "Anna"), None)
    assert_type(await session.delete_replica("r1", hard=True), None)
    assert_type(await session.list_replicas_page(replica_ids=("r1", "r2")), Page[Replica])
    async for found in session.list_replicas(replica_type="user"):
        assert_type(found, Replica)
    async for outcome in session.wait_for_replicas(["r1"]):
        assert_type(outcome, Outcome[Replica])
    assert_type(await session.send(calls.get_replica("r1", verbose=True)), Replica)


async def voices(session: AsyncSession) -> None:
    created = await session.create_voice(VoiceDraft(voice_name="Ann", audio_url="https://example.com/ann.mp3"))
    assert_type(created, Voice)
    voice = await session.wait_for_voice(created.voice_id)
    assert_type(voice, Voice)
    assert_type(await session.update_voice(voice, attrs.evolve(voice, tags=["warm"])), Voice)
    assert_type(await session.update_voice(voice.voice_id, {"description": None}), Voice)
    assert_type(await session.list_voices_page(source="all"), Page[Voice])
    async for outcome in session.wait_for_voices(["v1"]):
        assert_type(outcome, Outcome[Voice])
    try:
        assert_type(await session.delete_voice("v1"), None)
    except ConflictError as error:
        assert_type(error.used_by, Mapping[str, int])
