"""The endpoints of voices: https://docs.tavus.io/api-reference/voices"""

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import Any

from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import is_blank
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.call import Call
from tavus_async._wire.resource import Resource, as_draft
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._filters import SORTS, check_words
from tavus_async.resources._processing import Processing
from tavus_async.resources._waiting import Waitable
from tavus_async.resources.voices.records import Voice, VoiceDraft

VOICES = Resource(path="/v2/voices", record=Voice, id_name="voice_id", list_keys=("data", "voices"), lists_id=False)
PROCESSING = Processing(
    noun="voice",
    id_of=attrgetter("voice_id"),
    ready=frozenset({"completed", "ready"}),
    failed=frozenset({"error"}),
)
# Set by the server alone; that they differ between two readings is no change to make.
SERVERS_OWN = frozenset({"status", "error_message", "audio_url", "created_at", "updated_at"})
VOICE_NEEDS = frozenset({"voice_name", "tags"})
"""What can be changed, and not be taken away."""
LONGEST = (("voice_name", 255), ("audio_url", 2048), ("description", 1000))
"""Characters of each field that the server takes."""


def get_voice(voice_id: str) -> Call[Voice]:
    """Get Voice: https://docs.tavus.io/api-reference/voices/get-voice"""
    return VOICES.get(voice_id)


@forget_refused
def list_voices_page(
    *,
    page: int = 1,
    limit: int = 10,
    search: str | None = None,
    tag: str | None = None,
    source: str | None = None,
    sort: str | None = None,
) -> Call[Page[Voice]]:
    """List Voices: https://docs.tavus.io/api-reference/voices/get-voices"""
    check_words("sort", sort, SORTS)
    return VOICES.list_page(page=page, limit=limit, search=search, tag=tag, source=source, sort=sort)


def create_voice(draft: VoiceDraft | Mapping[str, Any]) -> Call[Voice]:
    """Create Voice: https://docs.tavus.io/api-reference/voices/create-voice"""
    draft = hidden(draft, texts=True)
    draft = as_draft(VoiceDraft, draft)
    call = VOICES.create(draft, Voice, name=draft.voice_name, find="find_voices")
    check_draft(draft)
    return call


def check_draft(draft: VoiceDraft) -> None:
    """Validate what the server refuses for certain; InvalidRequestError with the rule."""
    for name in ("voice_name", "audio_url"):
        if is_blank(getattr(draft, name) or ""):
            raise InvalidRequestError(f"a voice needs {name}, a text that is not blank")
    for name, most in LONGEST:
        length = len(getattr(draft, name) or "")
        if length > most:
            raise InvalidRequestError(f"{name} must have at most {most:,} characters, and this has {length:,}")


def update_voice(before: Voice | str, after: Voice | Mapping[str, Any]) -> Call[Voice]:
    """Update Voice: https://docs.tavus.io/api-reference/voices/update-voice"""
    after = hidden(after, texts=True)
    return VOICES.merge(before, after, without=SERVERS_OWN, needed=VOICE_NEEDS)


def delete_voice(voice_id: str) -> Call[None]:
    """Delete Voice: https://docs.tavus.io/api-reference/voices/delete-voice"""
    return VOICES.delete(voice_id)


WAITABLE = Waitable(
    resource=VOICES, processing=PROCESSING, get=get_voice, list_page=partial(list_voices_page, source="all")
)
