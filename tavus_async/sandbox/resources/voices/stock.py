"""The voices that Tavus brings along, in small: names that replicas of images are made with."""

from tavus_async.sandbox.json import JsonObject

__all__ = ["VOICE_STOCK"]

_STOCK_VOICES = (
    ("v7d2f0a91c3e4", "anna", "warm"),
    ("v81c5be620f9d", "carter", "deep"),
    ("v3e90d47ab512", "gloria", "bright"),
    ("v5a6c1f08e7b2", "lucas", "calm"),
    ("vc04b9d63f1a8", "rose", "soft"),
)

VOICE_STOCK: tuple[JsonObject, ...] = tuple(
    {
        "voice_id": voice_id,
        "voice_name": name,
        "description": None,
        "voice_type": "system",
        "status": "completed",
        "tags": ["stock", tag],
        "created_at": "2026-06-01T09:00:00.000000",
    }
    for voice_id, name, tag in _STOCK_VOICES
)
"""Voices that belong to Tavus."""
