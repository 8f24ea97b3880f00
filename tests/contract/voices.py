"""Everything that a session can ask about voices."""

from typing import Any

from tavus_async import AsyncSession
from tavus_async.models import Voice

DRAFT = {"voice_name": "Ana", "audio_url": "https://bucket.example/ana.mp3", "description": "Warm", "callback_url": ""}


async def ask_all(ask: Any, session: AsyncSession, *, later: bool) -> None:
    """List voices in all ways, make some, and do everything to them that can be done."""
    for filters in ({}, {"search": "an", "sort": "desc"}, {"tag": "warm", "sort": "asc"}):
        await ask(session.list_voices_page, page=1, limit=3, **filters)
        await ask(collect, session, **filters)
    if not later:
        return
    created = await ask(session.create_voice, DRAFT)
    voice_id = str(getattr(created, "voice_id", "v0"))
    await ask(collect, session, source="all")
    await ask(session.get_voice, voice_id)
    await ask(session.update_voice, voice_id, {"description": None, "tags": ["warm"]})
    await ask(session.find_voices, "Ana")
    await ask(session.create_replica, {"train_image_url": "https://a.example/a.png", "default_voice_id": voice_id})
    await ask(session.delete_voice, voice_id)
    await ask(session.get_voice, "v0")


async def collect(session: AsyncSession, **filters: Any) -> list[Voice]:
    return [voice async for voice in session.list_voices(**filters)]
