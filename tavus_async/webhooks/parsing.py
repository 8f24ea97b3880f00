"""Bodies of webhooks to events."""

from collections.abc import Mapping
from typing import Any

from tavus_async._records.reading import make_record
from tavus_async._records.secrets import Hidden
from tavus_async.interactions import read_object
from tavus_async.resources.conversations.events import Event
from tavus_async.webhooks.statuses import event_class


def parse(body: bytes | str | Mapping[str, Any]) -> Event:
    """Return the event of a webhook's body, an `UnknownEvent` for one that is not known here.

    Raises WebhookError where the body is no JSON object, or is one with values more than 200 levels deep, or with
    numbers that no float can hold, and for nothing else: what Tavus adds tomorrow is kept.
    `event.to_dict()` gives the body back. Who has sent it is not checked: see `Secret` and `Receiver`.
    """
    body = Hidden(body)  # type: ignore[assignment]  # no traceback shows it from here on
    found = read_object(body)
    return make_record(event_class(found), found)
