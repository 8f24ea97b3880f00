"""Everything that a session can ask about replicas."""

from typing import Any

from tavus_async import AsyncSession
from tavus_async.models import Replica

VIDEO, IMAGE = "https://bucket.example/train.mp4", "https://bucket.example/face.png"
DRAFTS: tuple[dict[str, Any], ...] = (
    {"replica_name": "Ann", "train_video_url": VIDEO, "consent_video_url": VIDEO, "callback_url": ""},
    {
        "train_image_url": IMAGE,
        "voice_name": "anna",
        "auto_fix_training_image": True,
        "model_name": "phoenix-3",
        "properties": {"background_green_screen": True},
    },
)
LATER_DRAFTS: tuple[dict[str, Any], ...] = (
    {"train_image_url": IMAGE, "default_voice_id": "v7d2f0a91c3e4", "model_name": "phoenix-4.5"},
)
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"verbose": True, "replica_type": "system", "model_name": "phoenix-4"},
    {"replica_type": "user", "replica_ids": ["r1", "r4067604db72"]},
)


async def ask_all(ask: Any, session: AsyncSession, *, later: bool) -> None:
    """Train replicas of all kinds, and do everything to them that can be done."""
    for filters in FILTERS:
        await ask(session.list_replicas_page, page=2, limit=3, **filters)
        await ask(collect, session, **filters)
    for draft in (*DRAFTS, *(LATER_DRAFTS if later else ())):
        created = await ask(session.create_replica, draft)
        replica_id = getattr(created, "replica_id", "r0")
        replica = await ask(session.get_replica, replica_id)
        await ask(session.rename_replica, replica_id, "Bob")
        await ask(session.get_replica, replica_id, verbose=True)
        if later and isinstance(replica, Replica):
            await ask(session.update_replica, replica_id, {"replica_name": "Cleo", "default_voice_id": "v1"})
            await ask(session.list_replicas_page, sort="recommended")
        await ask(session.delete_replica, replica_id)
        await ask(session.get_replica, replica_id)
        await ask(session.delete_replica, replica_id, hard=True)
        await ask(session.get_replica, replica_id)
    await ask(session.find_replicas, "Ann")
    await ask(session.get_replica, "r0")
    await ask(session.rename_replica, "r0", "Bob")
    await ask(session.delete_replica, "r0")


async def collect(session: AsyncSession, **filters: Any) -> list[Replica]:
    return [replica async for replica in session.list_replicas(**filters)]
