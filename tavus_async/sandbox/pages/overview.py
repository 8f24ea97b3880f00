"""What `/` shows: the newest of all that is in the sandbox, as plain JSON without secrets."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from urllib.parse import urlsplit

from tavus_async.sandbox.callbacks import Delivery
from tavus_async.sandbox.contents import Contents
from tavus_async.sandbox.json import Json, JsonObject

__all__ = ["describe", "shown_url"]

_MOST_ROWS = 30
_SECONDS_OF_REQUESTS = 600.0
# Longer parts of a URL's path are taken for secrets.
_LONGEST_PLAIN_SEGMENT = 15
_KEY_IS_HINTED_FROM = 8


def describe(contents: Contents, *, now: float) -> JsonObject:
    """Return what the page shows at *now*, in seconds since 1970.

    That is figures, and tables of `rows`, newest first, with the `total` that there is.
    """
    persona_ids, conversation_ids = contents.persona_ids, contents.conversation_ids
    return {
        "api_key": _hint(contents.api_key),
        "persona_id": persona_ids[0] if persona_ids else None,
        "figures": _figures(contents),
        "conversations": _table([_conversation(contents, key) for key in _newest(conversation_ids)], conversation_ids),
        "deliveries": _deliveries(contents.deliveries),
        "requests": _requests(contents, since=now - _SECONDS_OF_REQUESTS),
        "personas": _table([_persona(contents, key) for key in _newest(persona_ids)], persona_ids),
    }


def _newest(ids: tuple[str, ...]) -> Iterable[str]:
    return islice(reversed(ids), _MOST_ROWS)


def _table(rows: list[Json], ids: tuple[str, ...]) -> JsonObject:
    return {"rows": rows, "total": len(ids)}


def _figures(contents: Contents) -> list[Json]:
    stats = contents.stats()
    refused = sum(1 for delivery in contents.deliveries if not _is_delivered(delivery))
    figures = (
        ("Personas", len(contents.persona_ids), False),
        ("Active conversations", len(contents.active_conversation_ids), False),
        ("Webhooks delivered", len(contents.deliveries) - refused, False),
        ("Webhooks refused", refused, True),
        ("Requests", stats.total, False),
        ("Requests refused", stats.unauthorized + stats.rate_limited, True),
    )
    return [{"name": name, "value": value, "alarms": alarms} for name, value, alarms in figures]


def _conversation(contents: Contents, conversation_id: str) -> Json:
    stored, room = contents.stored(conversation_id, resource="conversations"), contents.rooms.get(conversation_id)
    return {
        "id": conversation_id,
        "name": stored.get("conversation_name"),
        "persona_name": room.persona_name if room is not None else None,
        "status": stored.get("status"),
        "reason": stored.get("shutdown_reason"),
        "has_room": room is not None,
        "is_private": room is not None and room.is_private,
        "created": _instant(stored.get("created_at")),
    }


def _persona(contents: Contents, persona_id: str) -> Json:
    stored = contents.stored(persona_id)
    return {"id": persona_id, "name": stored.get("persona_name"), "created": _instant(stored.get("created_at"))}


def _deliveries(deliveries: tuple[Delivery, ...]) -> JsonObject:
    rows: list[JsonObject] = [
        {
            "key": f"{delivery.at} {delivery.subject_id} {delivery.event_type} {delivery.attempt}",
            "subject_id": delivery.subject_id,
            "event_type": delivery.event_type,
            "url": shown_url(delivery.url),
            "is_delivered": _is_delivered(delivery),
            "status": delivery.status,
            "error": delivery.error and delivery.error.replace(delivery.url, shown_url(delivery.url)),
            "duration": delivery.duration,
            "attempt": delivery.attempt,
            "at": delivery.at,
        }
        for delivery in islice(reversed(deliveries), _MOST_ROWS)
    ]
    return {"rows": [*_told_apart(rows)], "total": len(deliveries)}


def _is_delivered(delivery: Delivery) -> bool:
    return delivery.status is not None and 200 <= delivery.status < 300  # noqa: PLR2004


def _requests(contents: Contents, *, since: float) -> JsonObject:
    newest = [request for request in reversed(contents.requests) if request.at >= since]
    rows: list[JsonObject] = [
        {
            "key": f"{request.at} {request.method} {request.path}",
            "method": request.method,
            "path": request.path,
            "status": request.status,
            "duration": request.duration,
            "at": request.at,
        }
        for request in newest[:_MOST_ROWS]
    ]
    return {"rows": [*_told_apart(rows)], "total": len(newest)}


def _told_apart(rows: Iterable[JsonObject]) -> Iterable[JsonObject]:
    # Two things may happen within one tick of the clock.
    seen = Counter[Json]()
    for row in rows:
        seen[row["key"]] += 1
        yield {**row, "key": f"{row['key']} {seen[row['key']]}"}


def shown_url(url: str) -> str:
    """Return a callback's *url* without what may be a secret in it: user, long parts of the path, and the query."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "…"
    path = "/".join(part if len(part) <= _LONGEST_PLAIN_SEGMENT else f"{part[:3]}…" for part in parts.path.split("/"))
    return f"{parts.scheme}://{host}{path}{'?…' if parts.query else ''}"


def _hint(key: str) -> str:
    return f"{key[:3]}…" if len(key) >= _KEY_IS_HINTED_FROM else "…"


def _instant(timestamp: Json) -> float | None:
    """Return seconds since 1970 of a *timestamp* in any of Tavus' forms; those without a zone are UTC."""
    if not isinstance(timestamp, str):
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(timestamp)
        except ValueError:
            continue
        return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()
    return None
