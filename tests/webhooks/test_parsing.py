import json
import timeit
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tavus_async import WebhookError, webhooks
from tests.support.given_back import differences

SHUTDOWN = {"event_type": "system.shutdown", "properties": {"shutdown_reason": "a"}}

KNOWN = st.sampled_from(
    [
        *("event_type", "message_type", "conversation_id", "webhook_url", "timestamp", "seq", "turn_idx"),
        *("inference_id", "properties", "video_id", "replica_id", "face_id", "document_id", "voice_id", "status"),
        *(
            "extra",
            "wire_names",
            "_wire_names",
            "properties (unread)",
            "identity",
            "__class__",
            "to_dict",
            "transcript",
        ),
        *("role", "speech", "tool_calls", "arguments", "name", "tool_call_id", "api_key", "headers", "reason"),
    ]
)
TYPES = st.sampled_from(
    ["system.shutdown", "application.transcription_ready", "conversation.utterance", "canvas.interaction", "guardrail"]
)
MOMENTS = st.sampled_from(["2026-07-14T17:00:00.000000Z", "2026-07-14 17:00:00", 1786505572.3161497, 5, -1, 10**20])
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | TYPES
    | MOMENTS
)
JSON = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KNOWN | st.text(), inner, max_size=5),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "body",
    [
        SHUTDOWN,
        MappingProxyType(SHUTDOWN),
        json.dumps(SHUTDOWN),
        json.dumps(SHUTDOWN).encode(),
        bytearray(json.dumps(SHUTDOWN).encode()),
        memoryview(json.dumps(SHUTDOWN).encode()),
        "\ufeff".encode() + json.dumps(SHUTDOWN).encode(),
        json.dumps(SHUTDOWN, indent=4).encode("utf-16"),
    ],
    ids=["dict", "mapping", "str", "bytes", "bytearray", "memoryview", "byte order mark", "utf-16"],
)
def test_a_body_is_read_however_a_framework_gives_it(body: Any) -> None:
    event = webhooks.parse(body)

    assert isinstance(event, webhooks.Shutdown)
    assert event.shutdown_reason == "a"


@pytest.mark.parametrize("body", [b"", b"  ", b"x", b"[1]", b'"a"', b"1", b"true", b"null", None, 5, ["a"], b"{} {}"])
def test_what_is_no_object_is_no_event(body: Any) -> None:
    with pytest.raises(WebhookError, match=r"no JSON object|is empty"):
        webhooks.parse(body)


@given(st.dictionaries(KNOWN | st.text(), JSON, max_size=8))
def test_whatever_tavus_sends_tomorrow_is_read_and_lost_nowhere(body: dict[str, Any]) -> None:
    event = webhooks.parse(json.dumps(body))
    looked_at(event)

    back = event.to_dict()
    if isinstance(body.get("timestamp"), str):
        assert back.pop("timestamp", None) is not None
        body = {name: value for name, value in body.items() if name != "timestamp"}
    assert differences(body, back) == []
    assert webhooks.parse(back).identity == webhooks.parse(body).identity


def looked_at(event: webhooks.Event) -> None:
    """Asks for everything that an event tells."""
    for name in dir(type(event)):
        if not name.startswith("_"):
            getattr(event, name)
    assert repr(event)
    assert isinstance(event.to_dict(secrets=False), Mapping)
    assert isinstance(hash(event), int)


@pytest.mark.parametrize("depth", [10, 190, 199])
def test_depth_is_no_matter_up_to_what_is_read(depth: int) -> None:
    body = '{"event_type": "system.hm", "properties": ' + '{"a": ' * depth + "1" + "}" * depth + "}"
    event = webhooks.parse(body)

    assert event.identity == webhooks.parse(body).identity
    assert event.to_dict()["event_type"] == "system.hm"
    assert event.properties


def test_numbers_of_any_size_are_kept() -> None:
    body = '{"seq": ' + "9" * 4_000 + ', "properties": {"a": 1e-300}}'

    assert webhooks.parse(body).to_dict() == json.loads(body)
    assert webhooks.parse(body).identity


LONG = {
    "event_type": "application.transcription_ready",
    "conversation_id": "c1f0a2b3c4d5e6f7",
    "timestamp": "2026-08-11T23:05:01.482911Z",
    "properties": {"transcript": [{"role": "user", "content": "Hello there. " * 8, "timestamp": 1786505572.5}] * 200},
}


@pytest.mark.parametrize("body", [SHUTDOWN, LONG], ids=["short", "long"])
def test_it_takes_no_longer_than_twice_what_the_json_of_it_takes(body: dict[str, Any]) -> None:
    data = json.dumps(body).encode()
    times = 40_000 // len(data) + 20

    def fastest(read: Callable[[bytes], object]) -> float:
        return min(timeit.repeat(lambda: read(data), number=times, repeat=15))

    # Again, should the machine have been busy: what is too slow is so each time.
    assert any(fastest(webhooks.parse) <= 2 * fastest(json.loads) for _ in range(3))


def test_every_name_is_listed_once_and_leads_somewhere() -> None:
    assert webhooks.__all__ == sorted(webhooks.__all__)
    assert all(getattr(webhooks, name) for name in webhooks.__all__)
