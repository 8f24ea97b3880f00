"""The endpoints of videos; how one comes to be ready stands in `generation`, its files in `files`."""

from datetime import UTC, datetime
from email.utils import format_datetime

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, RefusalError, error
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.endpoints import find_owned
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.listing import list_page
from tavus_async.sandbox.media import is_link
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.replicas.names import FROM_FACE
from tavus_async.sandbox.resources.videos import generation
from tavus_async.sandbox.vocabulary import Vocabulary, rename

_NO_SOURCE = error("Either script or audio_url must be provided.")
_TWO_SOURCES = error("Only one of script and audio_url can be provided.")
_NOT_FAST = error("transparent_background is only supported when fast is true.")
_DRAFT_TEXTS = ("script", "video_name")
_DRAFT_LINKS = ("audio_url", "background_url", "background_source_url", "callback_url", "watermark_image_url")
_DRAFT_FLAGS = ("fast", "transparent_background")
_SCROLLING = (
    ("background_scroll_type", ("human", "smooth")),
    ("background_scroll_depth", ("middle", "bottom")),
    ("background_scroll_return", ("return", "halt")),
)
_THUMBNAILS = ("still_image_thumbnail_url", "gif_thumbnail_url")
_MADE = frozenset({"download_url", "stream_url", *_THUMBNAILS})


def as_read(document: JsonObject, _vocabulary: Vocabulary) -> JsonObject:
    """Return a stored *document* as a GET shows it unless it is verbose; it speaks of replicas in any vocabulary."""
    return {name: value for name, value in document.items() if name not in _THUMBNAILS}


def find_video(account: Account, request: Request) -> StoredObject:
    """Return the video that the path names; raises `RefusalError` where there is none."""
    return account.collections["videos"].find(request.params["video_id"])


def get_video(account: Account, request: Request) -> Answer:
    """Return the video, with its thumbnails if the query says *verbose*."""
    video = find_video(account, request)
    is_verbose = request.query.get("verbose", "").lower() == "true"
    return Answer(body=video.document() if is_verbose else video.body(request.vocabulary))


def list_videos(account: Account, request: Request) -> Answer:
    """Return a page, counted from 0, of the videos that were not deleted, the newest first."""
    found = [video for video in account.collections["videos"] if not video.internal.get("is_deleted")]
    found.reverse()
    return list_page(found, request, first_page=0)


def create_video(account: Account, request: Request) -> Answer:
    """Queue a video, and return what there is to tell of it."""
    body = rename(request.json_object(), FROM_FACE)
    draft: JsonObject = {name: value for name, value in body.items() if value not in (None, "")}
    _check(account, draft)
    videos, now = account.collections["videos"], datetime.now(UTC)
    video_id, replica_id = videos.new_id(), str(draft["replica_id"])
    written = format_datetime(now, usegmt=True)
    properties = draft.get("properties")
    wave = properties.get("start_with_wave", True) if isinstance(properties, dict) else True
    source: JsonObject = {name: draft[name] for name in ("script", "audio_url") if name in draft}
    document: JsonObject = {
        "video_id": video_id,
        "video_name": draft.get("video_name")
        or f"replica_id: {replica_id} - {now.strftime('%B %d, %Y')} - video: {video_id}",
        "status": "queued",
        "data": {**source, "start_with_wave": wave},
        "replica_id": replica_id,
        "download_url": None,
        "hosted_url": f"{account.url}/videos/{video_id}",
        "stream_url": None,
        "status_details": "",
        "created_at": written,
        "updated_at": written,
        "generation_progress": "0/100",
        **{name: draft[name] for name in ("background_url", "background_source_url") if name in draft},
    }
    stored = videos.add(document)
    generation.start(account, stored, draft)
    told = ("video_id", "video_name", "status", "hosted_url", "created_at")
    return Answer(body={name: document[name] for name in told})


def rename_video(account: Account, request: Request) -> Answer:
    """Change the name, and say no more than that."""
    video = _find_own_video(account, request)
    name = request.json_object().get("video_name")
    if not isinstance(name, str) or not name.strip():
        return error("video_name is required")
    generation.save(video, {"video_name": name})
    return Answer()


def delete_video(account: Account, request: Request) -> Answer:
    """Delete the video: mark it as deleted, or forget it if the query says *hard*; its files are gone either way."""
    video = find_owned(account, request, "videos")
    is_hard = request.query.get("hard", "").lower() == "true"
    if not is_hard:
        _refuse_deleted(account, video)
        generation.save(video, {"status": "deleted", **dict.fromkeys(_MADE & video.document().keys())})
    video.internal["is_deleted"] = True
    if is_hard:
        account.collections["videos"].remove(video)
    return Answer()


def _find_own_video(account: Account, request: Request) -> StoredObject:
    video = find_owned(account, request, "videos")
    _refuse_deleted(account, video)
    return video


def _refuse_deleted(account: Account, video: StoredObject) -> None:
    if video.internal.get("is_deleted"):
        raise RefusalError(account.collections["videos"].definition.unknown)


def _check(account: Account, draft: JsonObject) -> None:
    sources = [name for name in ("script", "audio_url") if name in draft]
    refusals = (
        (not _is_replica(account, draft.get("replica_id")), error("Invalid replica_id")),
        (not sources, _NO_SOURCE),
        (len(sources) > 1, _TWO_SOURCES),
        *(
            (name in draft and not isinstance(draft[name], str), error(f"{name} must be a string"))
            for name in _DRAFT_TEXTS
        ),
        *((name in draft and not is_link(draft[name]), error(f"{name} must be a valid URL")) for name in _DRAFT_LINKS),
        *(
            (name in draft and not isinstance(draft[name], bool), error(f"{name} must be a boolean"))
            for name in _DRAFT_FLAGS
        ),
        (draft.get("transparent_background") is True and draft.get("fast") is not True, _NOT_FAST),
        *_problems_of(draft.get("properties", {})),
    )
    for is_refused, refusal in refusals:
        if is_refused:
            raise RefusalError(refusal)


def _is_replica(account: Account, replica_id: Json) -> bool:
    if not isinstance(replica_id, str) or not replica_id or replica_id != "".join(replica_id.split()):
        return False
    # One that is not stored may be of another time: ids are opaque.
    stored = account.collections["replicas"].get(replica_id)
    return stored is None or not stored.internal.get("is_deleted")


def _problems_of(properties: Json) -> list[tuple[bool, Answer]]:
    if not isinstance(properties, dict):
        return [(True, error("properties must be an object"))]
    return [
        (properties.get(name) not in (None, *words), error(f"properties.{name} must be one of: {', '.join(words)}"))
        for name, words in _SCROLLING
    ]
