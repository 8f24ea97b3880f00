"""An async-first Python SDK for the Tavus API: its objects as typed records, fetched concurrently, politely and whole.

```python
from tavus_async import AsyncSession

async with AsyncSession() as session:  # the key comes from TAVUS_API_KEY
    persona = await session.get_persona("p5317866")
```
"""

import logging as _logging
import typing as _typing

from tavus_async import errors, patch
from tavus_async._bulk.chunk_files import missing_chunks, read_chunks, write_chunk
from tavus_async._bulk.chunks import Chunk, chunks
from tavus_async._bulk.run import Outcomes
from tavus_async._engine.events import CallInfo, CallListener, Events
from tavus_async._records.secrets import Secret
from tavus_async._records.unknown import UnknownFieldWarning
from tavus_async._session import AsyncSession
from tavus_async._settings.connections import Pool, Timeouts
from tavus_async._settings.limits import RateLimit, RateLimiter
from tavus_async._settings.retries import RetryPolicy
from tavus_async._values import Outcome, Page, Progress, Response, Stats
from tavus_async._wire.call import Call
from tavus_async.errors import (
    AmbiguousOutcomeError,
    ApiError,
    AttemptTimeoutError,
    AuthenticationError,
    BadRequestError,
    BulkError,
    ConcurrencyLimitError,
    ConfigurationError,
    ConflictError,
    ConnectError,
    ConnectionLostError,
    DeadlineExceededError,
    DecodeError,
    InvalidRequestError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    ProcessingFailedError,
    QueueTimeoutError,
    QuotaExceededError,
    RateLimitedError,
    ResponseTooLargeError,
    ServerError,
    SessionClosedError,
    TavusError,
    TransportError,
    UnprocessableError,
    WebhookError,
)

__all__ = [
    "AmbiguousOutcomeError",
    "ApiError",
    "AsyncSession",
    "AttemptTimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "BulkError",
    "Call",
    "CallInfo",
    "CallListener",
    "CapabilitiesLayer",
    "Chunk",
    "ConcurrencyLimitError",
    "ConferencingLayer",
    "ConfigurationError",
    "ConflictError",
    "ConnectError",
    "ConnectionLostError",
    "Conversation",
    "ConversationDraft",
    "ConversationProperties",
    "ConversationalFlowLayer",
    "CreatedPersona",
    "DeadlineExceededError",
    "DecodeError",
    "Document",
    "DocumentDraft",
    "Events",
    "InvalidRequestError",
    "KnowledgeBaseLayer",
    "Layers",
    "LlmLayer",
    "NotFoundError",
    "Outcome",
    "Outcomes",
    "Page",
    "PaymentRequiredError",
    "PerceptionLayer",
    "PermissionDeniedError",
    "Persona",
    "PersonaDraft",
    "Pool",
    "ProcessingFailedError",
    "Progress",
    "QueueTimeoutError",
    "QuotaExceededError",
    "RateLimit",
    "RateLimitedError",
    "RateLimiter",
    "RecordingStorage",
    "Replica",
    "ReplicaDraft",
    "Response",
    "ResponseTooLargeError",
    "RetryPolicy",
    "Secret",
    "ServerError",
    "SessionClosedError",
    "Stats",
    "SttLayer",
    "TavusError",
    "Timeouts",
    "TransportError",
    "TransportLayer",
    "TtsLayer",
    "UnknownFieldWarning",
    "UnprocessableError",
    "Video",
    "VideoDraft",
    "VoiceSettings",
    "VqaLayer",
    "WebhookError",
    "calls",
    "chunks",
    "errors",
    "interactions",
    "missing_chunks",
    "models",
    "patch",
    "read_chunks",
    "webhooks",
    "write_chunk",
]


_logging.getLogger("tavus_async").addHandler(_logging.NullHandler())


if _typing.TYPE_CHECKING:
    from tavus_async import calls, interactions, models, webhooks
    from tavus_async.resources.conversations.records import (
        Conversation,
        ConversationDraft,
        ConversationProperties,
        RecordingStorage,
    )
    from tavus_async.resources.documents.records import Document, DocumentDraft
    from tavus_async.resources.personas.layers import (
        CapabilitiesLayer,
        ConferencingLayer,
        ConversationalFlowLayer,
        KnowledgeBaseLayer,
        Layers,
        LlmLayer,
        PerceptionLayer,
        SttLayer,
        TransportLayer,
        TtsLayer,
        VoiceSettings,
        VqaLayer,
    )
    from tavus_async.resources.personas.records import CreatedPersona, Persona, PersonaDraft
    from tavus_async.resources.replicas.records import Replica, ReplicaDraft
    from tavus_async.resources.videos.records import Video, VideoDraft

    __version__: str
else:

    def __getattr__(name: str) -> _typing.Any:
        from importlib import import_module  # noqa: PLC0415 (what stands here is public)

        if name in {"calls", "interactions", "models", "webhooks"}:  # not every program needs them
            return import_module(f"{__name__}.{name}")
        if name in __all__:  # a record of a resource that not every program uses
            return getattr(import_module(f"{__name__}.models"), name)
        if name != "__version__":
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        from tavus_async._settings.version import installed_version  # noqa: PLC0415 (it takes longer than most uses)

        return installed_version()

    def __dir__() -> list[str]:
        return [*globals(), *__all__]
