"""A voice, of Tavus' stock or made of a recording."""

from datetime import datetime
from typing import Literal

import attrs

from tavus_async._records.fields import link, named
from tavus_async._records.record import Record
from tavus_async.resources._tagged import TaggedFields

# Editors offer the literals; any other string does as well.
VoiceStatus = Literal["started", "completed", "error"] | str
VoiceType = Literal["user", "system"] | str


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Voice(TaggedFields):
    """A voice as the server tells of it.

    Until mid-2026 lists had another shape: the voices of stock replicas, with a *replica_id* and without a *voice_id*.
    Source: https://docs.tavus.io/api-reference/voices/get-voice
    """

    voice_id: str = ""
    """What `layers.tts.voice_id` of a persona and `default_voice_id` of a replica take; empty in older lists."""
    voice_name: str | None = None
    """Display name, which need not be unique; in older lists what `voice_name` of a `ReplicaDraft` takes."""
    description: str | None = None
    """What was noted of it."""
    voice_type: VoiceType | None = None
    """`user` for the account's own, `system` for Tavus' stock."""
    status: VoiceStatus | None = None
    """`started`, `completed` or `error`. It is `completed` as soon as it can speak one language."""
    error_message: str | None = None
    """Why it could not be made, with the status `error`."""
    replica_id: str | None = named("face_id")
    """The stock replica that it is of, in older lists. Also spelled `face_id`."""
    audio_url: str | None = link()
    """A sample of it, in older lists."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone; undocumented."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VoiceDraft(Record):
    """A voice to be made: `session.create_voice(VoiceDraft(voice_name=..., audio_url=...))`.

    Fields that are None are not sent. `extra` is sent along, for fields that this class does not know yet.
    Source: https://docs.tavus.io/api-reference/voices/create-voice
    """

    _is_draft = True

    voice_name: str | None = None
    """Display name, 1 to 255 characters. By a unique one it can be found again, should the answer get lost."""
    audio_url: str | None = link()
    """The recording: mp3, wav, m4a, flac, ogg, oga, webm, mp4 or mov; the URL has at most 2,048 characters."""
    description: str | None = None
    """What is to be noted of it, at most 1,000 characters."""
    callback_url: str | None = link(hides_path=True)
    """Where it is told that the voice is completed or has failed: `tavus_async.webhooks` makes it unguessable."""
