"""Everything that a session can ask about videos."""

from typing import Any

from tavus_async import AsyncSession
from tavus_async.models import Video

LINK = "https://bucket.example/a"
DRAFTS: tuple[dict[str, Any], ...] = (
    {"replica_id": "r90bbd427f71", "script": "Hello.", "video_name": "Sales", "callback_url": "https://a.example/"},
    {
        "face_id": "r90bbd427f71",
        "audio_url": f"{LINK}.mp3",
        "fast": True,
        "transparent_background": True,
        "watermark_image_url": f"{LINK}.png",
        "background_url": "https://yourwebsite.example/",
        "background_source_url": f"{LINK}.mp4",
        "properties": {
            "background_scroll": True,
            "background_scroll_type": "human",
            "background_scroll_depth": "middle",
            "background_scroll_return": "return",
            "start_with_wave": True,
        },
    },
)


async def ask_all(ask: Any, session: AsyncSession, *, later: bool) -> None:
    """Make videos of all kinds, and do everything to them that can be done."""
    for draft in DRAFTS:
        created = await ask(session.create_video, draft)
        video_id = getattr(created, "video_id", "v0")
        await ask(session.list_videos_page, page=1, limit=1)
        await ask(collect, session)
        await ask(session.get_video, video_id)
        await ask(session.get_video, video_id, verbose=True)
        await ask(session.rename_video, video_id, "Later")
        await ask(session.delete_video, video_id)
        await ask(session.delete_video, video_id, hard=True)
    await ask(session.find_videos, "Sales")
    await ask(session.create_video, {"replica_id": "no replica", "script": "Hello."})
    await ask(session.get_video, "v0")
    await ask(session.rename_video, "v0", "Later")
    await ask(session.delete_video, "v0")


async def collect(session: AsyncSession) -> list[Video]:
    return [video async for video in session.list_videos()]
