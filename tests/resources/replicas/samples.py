"""What the endpoints of replicas are given by tests that go over all endpoints."""

from typing import Any

from tavus_async.models import ReplicaDraft

SAMPLES: dict[str, dict[str, Any]] = {
    "create_replica": {"draft": ReplicaDraft(replica_name="Ann", train_video_url="https://example.com/ann.mp4")},
    "list_replicas_page": {
        "replica_type": "user",
        "replica_ids": ["r1", "r2"],
        "model_name": "phoenix-4",
        "sort": "recommended",
    },
    "rename_replica": {"replica_name": "Ann"},
    "update_replica": {"before": "x 1", "after": {"replica_name": "Ann"}},
}
