"""How a video comes to be ready, or fails, and what is told of it."""

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.json import JsonObject
from tavus_async.sandbox.media import is_unreachable

__all__ = ["save", "start"]

# Seconds of the sandbox's clock: minutes in all.
_QUEUED = 5.0
_STEP = 20.0
_STEPS = ("0/100", "37/100", "74/100")
_UNTIL_ASKED_AGAIN = 60.0
_DONE = "Your request has processed successfully!"
_FAILS = "error:"
"""A script that begins with this fails, and the rest of it is why."""
_DOWNLOADED = (
    ("audio_url", "audio file"),
    ("background_source_url", "background video"),
    ("background_url", "background website"),
    ("watermark_image_url", "watermark image"),
)


def start(account: Account, video: StoredObject, draft: JsonObject) -> None:
    """Let a *video* be made of a *draft*, from now on."""
    account.clock.call_later(_QUEUED, partial(_begin, account, video, draft))


def save(video: StoredObject, told: JsonObject) -> None:
    """Store what is *told* of a video by now."""
    video.replace({**video.document(), **told, "updated_at": format_datetime(datetime.now(UTC), usegmt=True)})


def failure(draft: JsonObject) -> str | None:
    """Return why no video can be made of *draft*; None where one can."""
    script = draft.get("script")
    if isinstance(script, str) and script.lower().startswith(_FAILS):
        return script[len(_FAILS) :].strip() or "An error occurred while generating your video."
    for name, noun in _DOWNLOADED:
        url = draft.get(name)
        if isinstance(url, str) and is_unreachable(url):
            return f"There was an issue downloading your {noun}. Please ensure that the link you provided is correct."
    return None


def _begin(account: Account, video: StoredObject, draft: JsonObject) -> None:
    if video.internal.get("is_deleted"):
        return
    replica = account.collections["replicas"].get(str(draft["replica_id"]))
    trained = replica.document().get("status") if replica is not None else None
    if trained in {"started", "training"}:
        account.clock.call_later(_UNTIL_ASKED_AGAIN, partial(_begin, account, video, draft))
    elif trained == "error":
        _end_with_error(account, video, draft, "The replica failed to train.")
    else:
        _go_on(account, video, draft, 0)


def _go_on(account: Account, video: StoredObject, draft: JsonObject, step: int) -> None:
    if video.internal.get("is_deleted"):
        return
    if step < len(_STEPS):
        save(video, {"status": "generating", "generation_progress": _STEPS[step]})
        account.clock.call_later(_STEP, partial(_go_on, account, video, draft, step + 1))
    elif (reason := failure(draft)) is not None:
        _end_with_error(account, video, draft, reason)
    else:
        base = f"{account.url}/files/videos/{video.id}"
        is_fast = draft.get("fast") is True
        name = "high.webm" if draft.get("transparent_background") is True else "high.mp4"
        told: JsonObject = {
            "status": "ready",
            "status_details": _DONE,
            "generation_progress": "100/100",
            "download_url": f"{base}/{name}?download={video.id}",
            "stream_url": None if is_fast else f"{base}/stream.m3u8",
        }
        if not is_fast:
            told["still_image_thumbnail_url"] = f"{base}/thumbnail.jpg"
            told["gif_thumbnail_url"] = f"{base}/thumbnail.gif"
        _end(account, video, draft, told)


def _end_with_error(account: Account, video: StoredObject, draft: JsonObject, reason: str) -> None:
    _end(account, video, draft, {"status": "error", "status_details": reason, "error_details": reason})


def _end(account: Account, video: StoredObject, draft: JsonObject, told: JsonObject) -> None:
    save(video, told)
    url = draft.get("callback_url")
    if isinstance(url, str):
        # A callback writes its times in another way than all answers.
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        body: JsonObject = {"error_details": None, **video.document(), "created_at": now, "updated_at": now}
        account.callbacks.post(url, body, subject_id=video.id)
