"""What the endpoints of videos are given by tests that go over all endpoints."""

from typing import Any

from tavus_async.models import VideoDraft

SAMPLES: dict[str, dict[str, Any]] = {
    "create_video": {"draft": VideoDraft(replica_id="r1", script="Hello.")},
    "rename_video": {"video_name": "Sales"},
}
