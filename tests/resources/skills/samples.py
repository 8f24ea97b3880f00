"""What the endpoints of skills are given by tests that go over all endpoints."""

from typing import Any

SAMPLES: dict[str, dict[str, Any]] = {
    "attach_skill": {"config": {"document_ids": ["d1"]}},
    "update_skill": {"config": {"prompt": None}},
    "replace_skills": {"skills": {"memory": None, "presentation": {"config": {"document_ids": ["d1"]}}}},
}
