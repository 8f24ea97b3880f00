"""The training of a replica: how far it is, how it ends, and what is told of it."""

from functools import partial

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.collection import StoredObject, timestamp
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.media import ending, is_unreachable, stem
from tavus_async.sandbox.resources.replicas.failures import TRAINING_ERRORS
from tavus_async.sandbox.resources.replicas.names import TO_FACE
from tavus_async.sandbox.resources.voices.endpoints import add_voice
from tavus_async.sandbox.vocabulary import Vocabulary, rename

__all__ = ["failure", "start"]

# Seconds of the sandbox's clock: three to four hours, it is said; what is unusable is found sooner.
_TRAINING = 3.5 * 3600
_UNTIL_DOWNLOADED = 60.0
_PROGRESS_STEPS = 100
_VIDEO_ENDINGS, _IMAGE_ENDINGS = ("", ".mp4"), ("", ".png", ".jpg", ".jpeg", ".webp")
# What each file may end in, and what another ending amounts to.
_MEDIA = (
    ("train_video_url", _VIDEO_ENDINGS, "video_format"),
    ("consent_video_url", _VIDEO_ENDINGS, "video_format"),
    ("train_image_url", _IMAGE_ENDINGS, "image_quality"),
)


def start(account: Account, replica: StoredObject, draft: JsonObject, vocabulary: Vocabulary) -> None:
    """Train a *replica* with the files of *draft*, and tell its `callback_url` of the end, in the words it came in."""
    reason = failure(draft)
    if reason is None:
        account.clock.call_later(_TRAINING / _PROGRESS_STEPS, partial(_go_on, account, replica, draft, vocabulary, 1))
    else:
        told: JsonObject = {"status": "error", "error_message": reason}
        account.clock.call_later(
            _UNTIL_DOWNLOADED, partial(_end, account, replica, told, _callback_of(draft), vocabulary)
        )


def failure(draft: JsonObject) -> str | None:
    """Return why no replica can be trained with the files of *draft*; None where one can.

    A file that is named after a type of error, as in `video_fps.mp4`, has that error.
    """
    for name, endings, other in _MEDIA:
        url = draft.get(name)
        if not isinstance(url, str):
            continue
        if is_unreachable(url):
            return TRAINING_ERRORS["download_link"]
        if stem(url) in TRAINING_ERRORS:
            return TRAINING_ERRORS[stem(url)]
        if ending(url) not in endings:
            return TRAINING_ERRORS[other]
    return None


def _go_on(account: Account, replica: StoredObject, draft: JsonObject, vocabulary: Vocabulary, step: int) -> None:
    if replica.internal.get("is_deleted"):
        return
    if step < _PROGRESS_STEPS:
        document = replica.document()
        replica.replace({**document, "training_progress": f"{step}/{_PROGRESS_STEPS}", "updated_at": timestamp()})
        then = partial(_go_on, account, replica, draft, vocabulary, step + 1)
        account.clock.call_later(_TRAINING / _PROGRESS_STEPS, then)
        return
    voice_id = _voice_of(account, replica, draft)
    told: JsonObject = {
        "status": "completed",
        "training_progress": f"{_PROGRESS_STEPS}/{_PROGRESS_STEPS}",
        "thumbnail_video_url": f"https://cdn.replica.tavus.io/{replica.id}/thumb.mp4",
        "thumbnail_image_url": f"https://cdn.replica.tavus.io/{replica.id}/thumb.jpg",
        # It may have been given another meanwhile.
        "default_voice_id": replica.document().get("default_voice_id") or voice_id,
        "original_voice_id": voice_id,
    }
    _end(account, replica, told, _callback_of(draft), vocabulary)


def _end(account: Account, replica: StoredObject, told: JsonObject, callback_url: str, vocabulary: Vocabulary) -> None:
    if replica.internal.get("is_deleted"):
        return
    replica.replace({**replica.document(), **told, "updated_at": timestamp()})
    if callback_url:
        # A callback says "ready" where a GET says "completed".
        body: JsonObject = {"replica_id": replica.id, "status": "ready"}
        if told["status"] == "error":
            body |= told
        body = body if vocabulary is Vocabulary.PERSONA else rename(body, TO_FACE)
        account.callbacks.post(callback_url, body, subject_id=replica.id)


def _voice_of(account: Account, replica: StoredObject, draft: JsonObject) -> Json:
    if draft.get("train_video_url"):
        # A video brings its own voice along.
        return add_voice(account, {"voice_name": replica.document()["replica_name"]}).id
    if draft.get("default_voice_id"):
        return draft["default_voice_id"]
    wanted = str(draft.get("voice_name")).lower()
    names = ((voice.id, str(voice.document().get("voice_name")).lower()) for voice in account.collections["voices"])
    return next((voice_id for voice_id, name in names if name == wanted), None)


def _callback_of(draft: JsonObject) -> str:
    url = draft.get("callback_url")
    return url if isinstance(url, str) else ""
