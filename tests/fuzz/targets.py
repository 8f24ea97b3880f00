"""What is fuzzed: functions that read what a server sends, and what they promise about any bytes."""

import contextlib
import math
from collections.abc import Callable
from datetime import UTC, datetime

from tavus_async import ApiError, Call, DecodeError, Persona, WebhookError, webhooks
from tavus_async._http.body import decompress
from tavus_async._records import json
from tavus_async._values import Response
from tavus_async._wire.retry_after import retry_after
from tavus_async._wire.verdict import LONGEST_BODY, judge
from tests.support.decoding import decode_created, decode_persona, decode_personas

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIMIT = 100_000


def decoder(data: bytes) -> None:
    """Any body is a record, or a DecodeError; a record gives its body back and is as good the second time."""
    for decode in (decode_persona, decode_personas, decode_created):
        try:
            decode(data)
        except DecodeError as error:
            assert len(str(error)) < 500  # noqa: PT017 (anything else is a crash)
    try:
        persona = decode_persona(data)
    except DecodeError:
        return
    check_persona(persona)


def check_persona(persona: Persona) -> None:
    """A record can be shown, and its body is that of an equal record."""
    repr(persona)
    body = persona.to_dict()
    assert body.keys() & {"persona_id", "pal_id"}
    again = decode_persona(json.dumps(body))
    assert again == persona
    assert again.to_dict() == body


def events(data: bytes) -> None:
    """Any body is an event, or a WebhookError; an event can be looked at, and its body is that of the same event."""
    try:
        event = webhooks.parse(data)
    except WebhookError as error:
        assert len(str(error)) < 500  # noqa: PT017 (anything else is a crash)
        return
    for name in dir(type(event)):
        if not name.startswith("_"):
            getattr(event, name)
    repr(event)
    body = json.dumps(event.to_dict())
    again = webhooks.parse(body)
    assert again == event
    assert type(again) is type(event)
    assert again.identity == event.identity


def waiting(data: bytes) -> None:
    """Any Retry-After is None or some seconds."""
    text = data.decode("latin-1")
    for name in ("retry-after", "retry-after-ms"):
        seconds = retry_after({name: text}, NOW)
        assert seconds is None or (math.isfinite(seconds) and seconds >= 0)


def judging(data: bytes) -> None:
    """Any answer of any status is taken, or an ApiError of bounded size."""
    status = 100 + int.from_bytes(data[:2], "big") % 900
    head, _, body = data[2:].partition(b"\n")
    call = Call(method="POST", path="/v2/personas", decode=bytes, body=head or None)
    response = Response(status=status, headers={"retry-after": head.decode("latin-1")}, body=body)
    try:
        assert judge(call, response, now=NOW) == body
    except ApiError as error:
        check_refusal(error, status)


def check_refusal(error: ApiError, status: int) -> None:
    """An error says what was said, and not more than fits."""
    assert error.status == status
    assert len(error.message) <= LONGEST_BODY
    assert error.retry_after is None or error.retry_after >= 0
    assert str(error)


def squeezed(data: bytes) -> None:
    """Any compressed body is some bytes within the limit, or a ValueError."""
    for encoding in ("gzip", "deflate", data[:8].decode("latin-1")):
        with contextlib.suppress(ValueError):
            assert len(decompress(data, encoding, limit=LIMIT)) <= max(LIMIT, len(data))


TARGETS: dict[str, Callable[[bytes], None]] = {
    "decoder": decoder,
    "events": events,
    "judging": judging,
    "squeezed": squeezed,
    "waiting": waiting,
}
