"""A video: a replica that speaks a script, or what an audio file says."""

from datetime import datetime
from typing import Any, Literal

import attrs

from tavus_async._records.fields import link, named, nested, opaque
from tavus_async._records.record import Record

# Editors offer the literals; any other string does as well.
VideoStatus = Literal["queued", "generating", "ready", "deleted", "error"] | str
ScrollType = Literal["human", "smooth"] | str
ScrollDepth = Literal["middle", "bottom"] | str
ScrollReturn = Literal["return", "halt"] | str


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VideoProperties(Record):
    """How a video begins, and how the website behind it scrolls."""

    background_scroll: bool | None = None
    """Whether the website behind the replica scrolls; default true."""
    background_scroll_type: ScrollType | None = None
    """`human` (default), with stops, or `smooth`."""
    background_scroll_depth: ScrollDepth | None = None
    """How far it scrolls: to the `middle` (default) or the `bottom`."""
    background_scroll_return: ScrollReturn | None = None
    """What it does then: `return` (default) or `halt`."""
    start_with_wave: bool | None = None
    """Whether the replica waves first; default true, for some stock replicas only."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VideoSource(Record):
    """What a video was made of, as reading it tells."""

    script: str | None = None
    """What is spoken."""
    audio_url: str | None = link()
    """The recording that is spoken in the place of a script."""
    start_with_wave: bool | None = None
    """Whether the replica waves first."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Video(Record):
    """A video as the server tells of it.

    Lists, and the answer to a create, have fewer fields than `get_video(verbose=True)`.
    Source: https://docs.tavus.io/api-reference/video-request/get-video
    """

    video_id: str
    """Opaque: of no fixed length or alphabet."""
    video_name: str | None = None
    """Display name, which need not be unique."""
    status: VideoStatus | None = None
    """`queued`, `generating`, `ready`, `deleted` or `error`; `queued` too while the replica is still trained."""
    status_details: str | None = None
    """The status in words; why, with `error`. Empty while it is made."""
    error_details: Any = opaque()
    """More about an error; a text, as far as is known."""
    generation_progress: str | None = None
    """How far it is, as in `37/100`."""
    data: VideoSource = nested(VideoSource(wire_names=None))
    """What it was made of."""
    replica_id: str | None = named("face_id")
    """Who speaks. Also spelled `face_id`."""
    hosted_url: str | None = link()
    """Page that shows it."""
    download_url: str | None = link()
    """File to be downloaded, once it is ready; `download_video` does. It may be empty."""
    stream_url: str | None = link()
    """Playlist to be streamed, once it is ready; it may be empty."""
    background_url: str | None = link()
    """Website behind the replica; it may be empty."""
    background_source_url: str | None = link()
    """Video behind the replica; it may be empty."""
    still_image_thumbnail_url: str | None = link()
    """Picture of it; only verbose."""
    gif_thumbnail_url: str | None = link()
    """Moving picture of it; only verbose."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VideoDraft(Record):
    """A video to be created: `session.create_video(VideoDraft(replica_id=..., script=...))`.

    It needs a *replica_id*, and a *script* or an *audio_url*. Fields that are None are not sent. `extra` is sent along,
    for fields that this class does not know yet.
    Source: https://docs.tavus.io/api-reference/video-request/create-video
    """

    _is_draft = True

    replica_id: str | None = named("face_id")
    """Who speaks; sent under this name in either vocabulary. Also spelled `face_id`."""
    script: str | None = None
    """What is spoken; excludes *audio_url*."""
    audio_url: str | None = link()
    """A recording to be spoken: wav or mp3, of 3 seconds to 10 minutes, at most 750 MB; excludes *script*."""
    video_name: str | None = None
    """Display name. By a unique one it can be found again, should the answer get lost."""
    background_url: str | None = link()
    """Website behind the replica; anybody must be able to open it."""
    background_source_url: str | None = link()
    """Video behind the replica; anybody must be able to open it."""
    callback_url: str | None = link(hides_path=True)
    """Where a webhook goes once it is ready, or has failed: `tavus_async.webhooks` makes it unguessable."""
    fast: bool | None = None
    """Whether it is rendered quickly: without background, thumbnails and stream."""
    transparent_background: bool | None = None
    """Whether it is a `.webm` with a transparent background; needs *fast*."""
    watermark_image_url: str | None = link()
    """Picture over the video, as png or jpeg; anybody must be able to open it."""
    watermark_url: str | None = link()
    """The same, as Tavus' own instructions for agents spell it."""
    properties: VideoProperties = nested(VideoProperties(wire_names=None))
    """How it begins, and how the website behind it scrolls."""
