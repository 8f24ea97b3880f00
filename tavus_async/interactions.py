"""App messages of a running call, in both directions: what to send into it, and what Tavus tells in it.

```python
from tavus_async import interactions

await session.send_app_message(conversation_id, interactions.Respond("What does it cost?"))

event = interactions.parse(message)  # as Daily or LiveKit gives it: text, bytes or a mapping
if isinstance(event, interactions.ToolCall):
    print(event.name, event.parsed_arguments)
```

What a replica says comes twice, in the words before and since the rename of 2026: drop what has an `event.identity`
that was there before. Source: https://docs.tavus.io/sections/event-schemas
"""

from collections.abc import Mapping
from typing import Any, cast

from tavus_async._records.immutable import is_mapping, thaw
from tavus_async._records.json import TOO_DEEP, UnreadableError, find_excess, is_object, loads
from tavus_async._records.reading import make_record
from tavus_async._records.secrets import Hidden
from tavus_async.errors import WebhookError
from tavus_async.resources.conversations.events import (
    AppendLlmContext,
    ConfirmObjective,
    Echo,
    Event,
    GuardrailTriggered,
    Interrupt,
    Message,
    ObjectiveActivated,
    ObjectiveCompleted,
    ObjectiveEvent,
    ObjectivePending,
    OverwriteLlmContext,
    ParticipantEvent,
    ParticipantJoined,
    ParticipantLeft,
    PerceptionAnalysis,
    PerceptionToolCall,
    ReplicaJoined,
    ReplicaPresent,
    Respond,
    Sensitivity,
    SetEmotion,
    SpeakerEvent,
    StartedSpeaking,
    StoppedSpeaking,
    ToolCall,
    ToolResult,
    UnknownEvent,
    Utterance,
    UtteranceStreaming,
)

__all__ = [
    "AppendLlmContext",
    "ConfirmObjective",
    "Echo",
    "Event",
    "GuardrailTriggered",
    "Interrupt",
    "Message",
    "ObjectiveActivated",
    "ObjectiveCompleted",
    "ObjectiveEvent",
    "ObjectivePending",
    "OverwriteLlmContext",
    "ParticipantEvent",
    "ParticipantJoined",
    "ParticipantLeft",
    "PerceptionAnalysis",
    "PerceptionToolCall",
    "ReplicaJoined",
    "ReplicaPresent",
    "Respond",
    "Sensitivity",
    "SetEmotion",
    "SpeakerEvent",
    "StartedSpeaking",
    "StoppedSpeaking",
    "ToolCall",
    "ToolResult",
    "UnknownEvent",
    "Utterance",
    "UtteranceStreaming",
    "parse",
]


def parse(message: bytes | str | Mapping[str, Any]) -> Event:
    """Return the event of an app message, an `UnknownEvent` for one that is not known here.

    Raises WebhookError where the message is no JSON object, or is one with values more than 200 levels deep or numbers
    that no float can hold, and for nothing else.
    """
    message = Hidden(message)  # type: ignore[assignment]  # no traceback shows it from here on
    return make_record(Event, read_object(message))


def read_object(held: Any) -> dict[str, Any]:
    """Return the JSON object of a hidden text, or a copy of a hidden mapping; WebhookError for what is none."""
    found = Hidden(None)
    problem = read_into(found, held.given)
    if problem is None and not is_object(found.given):
        problem = f"is no JSON object but a {type(found.given).__name__}"
    if problem is not None:
        raise WebhookError(f"the body {problem}")
    value: dict[str, Any] = found.given
    return value


def read_into(found: Hidden, body: object) -> str | None:
    """Read the value of a JSON text, or copy a mapping that nobody else can change then; return what is wrong."""
    if not isinstance(body, (str, bytes, bytearray, memoryview)):
        excess = find_excess(body)
        if excess:
            return f"has {excess}, or one that holds itself" if excess == TOO_DEEP else f"has {excess}"
        found.given = thaw(body) if is_mapping(body) else body
        return None
    data: bytes = body.encode(errors="surrogatepass") if isinstance(body, str) else bytes(cast("bytes", body))
    try:
        found.given = loads(data)
    except UnreadableError as error:
        return f"has {error}"
    except ValueError:
        return f"is no JSON object: {len(data)} bytes that are not JSON" if data else "is empty"
    return None
