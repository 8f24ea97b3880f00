"""Webhooks: what Tavus posts to a `callback_url`, as typed events, from one that is known to be Tavus.

```python
from tavus_async import webhooks

secret = webhooks.Secret(os.environ["TAVUS_WEBHOOK_SECRET"])
receiver = webhooks.Receiver(secret=secret)


@receiver.on(webhooks.TranscriptionReady)
async def store(event: webhooks.TranscriptionReady) -> None:
    print(event.conversation_id, event.transcript.text)
```

Source: https://docs.tavus.io/sections/webhooks-and-callbacks
"""

from tavus_async.resources.conversations.events import (
    CanvasInteractionRecorded,
    Event,
    GuardrailTriggered,
    MemoryConsolidation,
    ObjectiveActivated,
    ObjectiveCompleted,
    ObjectiveEvent,
    ObjectivePending,
    ParticipantEvent,
    ParticipantJoined,
    ParticipantLeft,
    PerceptionAnalysis,
    PerceptionToolCall,
    PerceptionUnavailable,
    PostCallActionExecuted,
    RavenMemoryEvidence,
    RecordingCopyFailed,
    RecordingReady,
    ReplicaJoined,
    ReplicaPresent,
    Shutdown,
    SpeakerEvent,
    StartedSpeaking,
    StoppedSpeaking,
    ToolCall,
    TranscriptionReady,
    UnknownEvent,
    Utterance,
    UtteranceStreaming,
    VoiceStatusChanged,
)
from tavus_async.resources.conversations.transcript import Transcript, Turn, TurnToolCall
from tavus_async.resources.videos.records import Video
from tavus_async.webhooks.parsing import parse
from tavus_async.webhooks.receiver import Receiver
from tavus_async.webhooks.secret import CallbackSecret as Secret, sign, verify_signature
from tavus_async.webhooks.seen import Claim, MemorySeen, Seen
from tavus_async.webhooks.statuses import (
    DocumentStatusChanged,
    ReplicaStatusChanged,
    StatusEvent,
    VideoStatusChanged,
)

__all__ = [
    "CanvasInteractionRecorded",
    "Claim",
    "DocumentStatusChanged",
    "Event",
    "GuardrailTriggered",
    "MemoryConsolidation",
    "MemorySeen",
    "ObjectiveActivated",
    "ObjectiveCompleted",
    "ObjectiveEvent",
    "ObjectivePending",
    "ParticipantEvent",
    "ParticipantJoined",
    "ParticipantLeft",
    "PerceptionAnalysis",
    "PerceptionToolCall",
    "PerceptionUnavailable",
    "PostCallActionExecuted",
    "RavenMemoryEvidence",
    "Receiver",
    "RecordingCopyFailed",
    "RecordingReady",
    "ReplicaJoined",
    "ReplicaPresent",
    "ReplicaStatusChanged",
    "Secret",
    "Seen",
    "Shutdown",
    "SpeakerEvent",
    "StartedSpeaking",
    "StatusEvent",
    "StoppedSpeaking",
    "ToolCall",
    "Transcript",
    "TranscriptionReady",
    "Turn",
    "TurnToolCall",
    "UnknownEvent",
    "Utterance",
    "UtteranceStreaming",
    "Video",
    "VideoStatusChanged",
    "VoiceStatusChanged",
    "parse",
    "sign",
    "verify_signature",
]
