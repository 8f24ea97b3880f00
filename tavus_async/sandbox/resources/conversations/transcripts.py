"""What Tavus makes of a call afterwards: its transcript, where its recording lies, what the camera saw."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime

from tavus_async.sandbox.dialogue import SpokenLine
from tavus_async.sandbox.json import Json, JsonObject

__all__ = ["analysis", "recording", "transcript", "written"]


def written(timestamp: float) -> str:
    """Return seconds since 1970 in the form in which Tavus writes times."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def transcript(lines: Sequence[SpokenLine], system_prompt: str, dice: random.Random) -> list[Json]:
    """Return the turns as Tavus tells them: the instructions first, times as texts in some calls, as numbers in others.

    The *dice* decide which.
    """
    as_numbers = dice.random() < 1 / 2
    said: list[Json] = [
        {
            "role": line.role,
            "content": line.content,
            "timestamp": line.timestamp if as_numbers else written(line.timestamp),
            "seconds_from_start": line.seconds_from_start,
            "duration": line.duration,
            "inference_id": line.inference_id,
        }
        for line in lines
    ]
    return [{"role": "system", "content": system_prompt, "seconds_from_start": 0.0}, *said]


def recording(properties: JsonObject, conversation_id: str, *, at: float, seconds: float) -> JsonObject:
    """Return where the recording of a call lies that ended *at* a time, after so many *seconds*."""
    storage = properties.get("recording_storage")
    storage = storage if isinstance(storage, dict) else {}
    provider = str(storage.get("provider") or "s3")
    place = storage.get("bucket_name") or storage.get("container") or properties.get("recording_s3_bucket_name")
    bucket, key = str(place or "recordings"), f"tavus/{conversation_id}/{int(at * 1000)}"
    scheme = {"gcs": "gs", "azure_blob": "azure"}.get(provider, provider)
    return {
        "bucket_name": bucket,
        "s3_key": key,
        "duration": round(seconds),
        "storage_provider": provider,
        "storage_uri": f"{scheme}://{bucket}/{key}",
    }


def analysis(lines: Sequence[SpokenLine], seconds: float) -> str:
    """Return what the perception layer says about a call of so many *seconds*."""
    turns = sum(line.role == "user" for line in lines)
    return (
        f"Here's a summary of the visual observations taken during the video call over the last {round(seconds)} "
        "seconds:\n\n"
        "*   **User Appearance:** A person in front of a plain background.\n"
        "*   **Emotional States & Patterns:**\n"
        "    *   Generally **calm and attentive**.\n"
        f"    *   The user spoke **{turns}** times.\n"
        "*   **Ambient Awareness Queries:** No ambient awareness queries were provided."
    )
