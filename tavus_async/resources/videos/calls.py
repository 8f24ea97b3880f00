"""The endpoints of videos: https://docs.tavus.io/api-reference/video-request"""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import of_kind
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.call import Call
from tavus_async._wire.resource import Resource, as_draft
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._processing import Processing
from tavus_async.resources._waiting import Waitable
from tavus_async.resources.videos.records import Video, VideoDraft

VIDEOS = Resource(path="/v2/videos", record=Video, id_name="video_id", list_keys=("data", "videos"), first_page=0)
PROCESSING = Processing(
    noun="video",
    id_of=attrgetter("video_id"),
    ready=frozenset({"ready"}),
    failed=frozenset({"error", "deleted"}),
    reasons=("error_details", "status_details"),
)


def create_video(draft: VideoDraft | Mapping[str, Any]) -> Call[Video]:
    """Create Video: https://docs.tavus.io/api-reference/video-request/create-video"""
    draft = hidden(draft, texts=True)
    draft = as_draft(VideoDraft, draft)
    call = VIDEOS.create(draft, Video, name=draft.video_name, find="find_videos")
    check_draft(draft)
    return call


def check_draft(draft: VideoDraft) -> None:
    """Validate what the server refuses for certain; InvalidRequestError with the rule."""
    if not draft.replica_id:
        raise InvalidRequestError("a video needs a replica_id")
    sources = [name for name in ("script", "audio_url") if (getattr(draft, name) or "").strip()]
    if len(sources) != 1:
        raise InvalidRequestError("a video needs a script or an audio_url, and not both")
    if draft.transparent_background and not draft.fast:
        raise InvalidRequestError("a transparent_background needs fast=True")


def get_video(video_id: str, *, verbose: bool = False) -> Call[Video]:
    """Get Video: https://docs.tavus.io/api-reference/video-request/get-video"""
    of_kind("verbose", verbose, bool, error=InvalidRequestError)
    return VIDEOS.get(video_id, verbose=verbose or None)


@forget_refused
def list_videos_page(*, page: int = 0, limit: int = 10) -> Call[Page[Video]]:
    """List Videos: https://docs.tavus.io/api-reference/video-request/get-videos"""
    return VIDEOS.list_page(page=page, limit=limit)


def rename_video(video_id: str, video_name: str) -> Call[None]:
    """Rename Video: https://docs.tavus.io/api-reference/video-request/patch-video-name"""
    return VIDEOS.rename(video_id, video_name, field="video_name")


def delete_video(video_id: str, *, hard: bool = False) -> Call[None]:
    """Delete Video: https://docs.tavus.io/api-reference/video-request/delete-video"""
    of_kind("hard", hard, bool, error=InvalidRequestError)  # of "no", too much would be lost
    return VIDEOS.delete(video_id, hard=hard or None)


WAITABLE = Waitable(resource=VIDEOS, processing=PROCESSING, get=get_video, list_page=list_videos_page)
