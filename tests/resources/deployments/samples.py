"""What the endpoints of deployments are given by tests that go over all endpoints."""

from typing import Any

from tavus_async import patch
from tavus_async.models import DeploymentDraft

SAMPLES: dict[str, dict[str, Any]] = {
    "create_deployment": {"draft": DeploymentDraft(persona_id="p1", channel="embed")},
    "list_deployments_page": {
        "name": "Ada",
        "status": ["active", "draft"],
        "channel": "widget",
        "sort": "asc",
        "include_thumbnails": False,
    },
    "patch_deployment": {"operations": [patch.replace("/name", "Ada")], "etag": 'W/"1"'},
}
