"""The replicas that Tavus brings along, in small: with ids that the documentation and other clients ask for."""

from tavus_async.sandbox.json import JsonObject

__all__ = ["REPLICA_STOCK"]

_STOCK_REPLICAS = (
    ("r4067604db72", "Anna", "phoenix-4", "v7d2f0a91c3e4", True),
    ("rfe12d8b9597", "Carter", "phoenix-3", "v81c5be620f9d", False),
    ("rc9cff32ceba", "Anna - Casual", "phoenix-4.5", "v7d2f0a91c3e4", True),
    ("r90bbd427f71", "Gloria", "phoenix-3", "v3e90d47ab512", False),
    ("rf4e9d9790f0", "Lucas", "phoenix-4", "v5a6c1f08e7b2", False),
    ("r79e1c033f", "Rose", "phoenix-4", "vc04b9d63f1a8", True),
)

REPLICA_STOCK: tuple[JsonObject, ...] = tuple(
    {
        "replica_id": replica_id,
        "replica_name": name,
        "status": "completed",
        "training_progress": "100/100",
        "error_message": None,
        "replica_type": "system",
        "model_name": model_name,
        "thumbnail_video_url": f"https://cdn.replica.tavus.io/{replica_id}/thumb.mp4",
        "thumbnail_image_url": f"https://cdn.replica.tavus.io/{replica_id}/thumb.jpg",
        "default_voice_id": voice_id,
        "original_voice_id": voice_id,
        "tags": ["stock"],
        "is_recommended": is_recommended,
        "created_at": "2026-06-01T09:00:00.000000Z",
        "updated_at": "2026-06-01T09:00:00.000000Z",
    }
    for replica_id, name, model_name, voice_id, is_recommended in _STOCK_REPLICAS
)
"""Replicas that belong to Tavus."""
