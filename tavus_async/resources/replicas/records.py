"""A replica (since mid-2026 also called face)."""

from datetime import datetime
from typing import Any, Literal

import attrs

from tavus_async._records.fields import ALIASES, link, named, nested, opaque
from tavus_async._records.record import Record
from tavus_async.resources._tagged import TaggedFields

# Editors offer the literals; any other string does as well.
ReplicaStatus = Literal["started", "completed", "error"] | str
ReplicaType = Literal["user", "system"] | str
PhoenixModel = Literal["phoenix-4.5", "phoenix-4", "phoenix-3"] | str


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Replica(TaggedFields):
    """A replica as the server tells of it, whichever of its names for things it used.

    `replica_id` is filled from `face_id`, `replica_name` from `face_name`, and so on; `to_dict()` gives each back under
    the name that it came with. The answers to a create and to a change have fewer fields than `get_replica()`.
    Source: https://docs.tavus.io/api-reference/faces/get-face
    """

    replica_id: str = attrs.field(metadata={ALIASES: ("face_id",)})
    """Opaque: of no fixed length or alphabet. Also spelled `face_id`."""
    replica_name: str | None = named("face_name")
    """Display name, which need not be unique. Also spelled `face_name`."""
    status: ReplicaStatus | None = None
    """Of its training: `started`, `completed` or `error`. Callbacks say `ready` for `completed`."""
    training_progress: str | None = None
    """How far the training is, as in `37/100`; it may stand still for an hour."""
    error_message: str | None = None
    """Why the training has failed, with the status `error`."""
    replica_type: ReplicaType | None = named("face_type")
    """`user` for the account's own, `system` for Tavus' stock; some answers need *verbose* for it."""
    model_name: PhoenixModel | None = None
    """The Phoenix model that it was trained on. A stock replica has another id for each model."""
    thumbnail_video_url: str | None = link()
    """A clip of it."""
    thumbnail_image_url: str | None = link()
    """A picture of it."""
    default_voice_id: str | None = None
    """The voice it speaks with where a persona sets none; None where there is none."""
    original_voice_id: str | None = None
    """The voice it had at first, to which *default_voice_id* can be set back."""
    finetune_status: Literal["completed", "errored"] | str | None = None
    """How its refinement went, if there was one: `completed` or `errored`."""
    is_recommended: bool | None = None
    """Whether Tavus recommends it; undocumented."""
    observations: Any = opaque()
    """What Tavus notes of its looks; undocumented."""
    replica_uuid: str | None = named("face_uuid")
    """A second id; undocumented. Also spelled `face_uuid`."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ReplicaProperties(Record):
    """How a replica looks, apart from what it was trained with."""

    background_green_screen: bool | None = None
    """Whether the background is green, to be replaced; default false."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ReplicaDraft(Record):
    """A replica to be trained: `session.create_replica(ReplicaDraft(replica_name=..., train_video_url=...))`.

    It needs a *train_video_url*, or a *train_image_url* with a voice. Fields that are None are not sent. `extra` is
    sent along, for fields that this class does not know yet.
    Source: https://docs.tavus.io/api-reference/faces/create-face
    """

    _is_draft = True

    replica_name: str | None = named("face_name")
    """Display name. By a unique one it can be found again, should the answer get lost. Also spelled `face_name`."""
    train_video_url: str | None = link()
    """A video of the person, to be downloaded within 24 hours: mp4 (H.264), a minute or longer, at most 750 MB."""
    consent_video_url: str | None = link()
    """A video in which the person consents, where the training video does not begin with that."""
    train_image_url: str | None = link()
    """A picture, in the place of a video, to be downloaded within 24 hours."""
    auto_fix_training_image: bool | None = None
    """Whether Tavus may change the picture so that it meets the requirements."""
    voice_name: str | None = None
    """Name of a stock voice for a picture, such as `anna`; `list_voices()` has them."""
    default_voice_id: str | None = None
    """Id of a voice for a picture, in the place of *voice_name*."""
    model_name: PhoenixModel | None = None
    """The Phoenix model to be trained; default `phoenix-4`."""
    callback_url: str | None = link(hides_path=True)
    """Where it is told that the training is ready or has failed: `tavus_async.webhooks` makes it unguessable."""
    properties: ReplicaProperties = nested(ReplicaProperties(wire_names=None))
    """How it looks."""
