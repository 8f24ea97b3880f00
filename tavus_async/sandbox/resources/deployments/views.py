"""What reading a deployment shows."""

from tavus_async.sandbox.json import JsonObject
from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = ["as_read", "as_visited", "etag_of"]

_VISIBLE = ("deployment_id", "channel", "customization", "thumbnail_video_url", "thumbnail_image_url")
_VISIBLE_LIMITS = ("max_call_duration", "daily_call_limit_per_user")


def as_read(document: JsonObject, _vocabulary: Vocabulary) -> JsonObject:
    """Return a stored *document* as a GET shows it: without its password."""
    shown = {name: value for name, value in document.items() if name != "password"}
    return {**shown, "has_password": bool(document.get("password"))}


def as_visited(document: JsonObject, *, unavailable: str | None) -> JsonObject:
    """Return what a visitor is told, and why there is no conversation to be had, if there is none."""
    limits = document.get("limits")
    known = limits if isinstance(limits, dict) else {}
    return {
        **{name: document.get(name) for name in _VISIBLE},
        "has_password": bool(document.get("password")),
        "show_tavus_branding": True,
        "limits": {name: known[name] for name in _VISIBLE_LIMITS if name in known},
        "captcha": None,
        "is_available": unavailable is None,
        "unavailable_reason": unavailable,
    }


def etag_of(document: JsonObject) -> str:
    """Return the weak ETag of a deployment, which is made of when it was changed."""
    return f'W/"{document.get("updated_at", "")}"'
