"""What the endpoints of voices are given by tests that go over all endpoints."""

from typing import Any

from tavus_async.models import VoiceDraft

SAMPLES: dict[str, dict[str, Any]] = {
    "create_voice": {"draft": VoiceDraft(voice_name="Ann", audio_url="https://example.com/ann.mp3")},
    "list_voices_page": {"search": "an", "tag": "warm", "source": "all", "sort": "desc"},
    "update_voice": {"before": "x 1", "after": {"voice_name": "Ann"}},
}
