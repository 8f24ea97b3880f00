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
from typing import Any

from tavus_async._records.immutable import is_mapping, thaw
from tavus_async._records.json import is_object, loads
from tavus_async._records.reading import make_record
from tavus_async.errors import InvalidRequestError, WebhookError
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

    Raises WebhookError where the message is no JSON object, and for nothing else.
    """
    return make_record(Event, read_object(message))


def read_object(body: bytes | str | Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON object of its text, or a copy of a mapping; WebhookError for what is none."""
    value = read_text(body) if isinstance(body, (str, bytes, bytearray, memoryview)) else copy_of(body)
    if not is_object(value):
        raise WebhookError(f"the body is no JSON object but a {type(value).__name__}")
    return value


def read_text(body: "bytes | str | bytearray | memoryview") -> Any:
    """Return the value of a JSON text; WebhookError for what is none."""
    data = body.encode(errors="surrogatepass") if isinstance(body, str) else bytes(body)
    try:
        return loads(data)
    except ValueError:
        problem = f"the body is no JSON object: {len(data)} bytes that are not JSON" if data else "the body is empty"
    # Outside the except block: the parser's own error holds the body.
    raise WebhookError(problem)


def copy_of(body: object) -> Any:
    """Return a copy of a mapping, of which nobody else can change anything; anything else as it is."""
    try:
        return thaw(body) if is_mapping(body) else body
    except InvalidRequestError as error:  # it holds itself
        problem = str(error)
    raise WebhookError(f"the body is no JSON object: {problem}")
