"""The records: frozen attrs classes for everything that the API sends and takes."""

from tavus_async._records.record import Record
from tavus_async._records.secrets import holds_secrets
from tavus_async._values import DownloadProgress, Outcome, Page, Progress, RenderProgress, Stats
from tavus_async.resources.conversations.envelope import Event
from tavus_async.resources.conversations.records import (
    CanvasInteraction,
    CanvasInteractionDraft,
    Conversation,
    ConversationDraft,
    ConversationProperties,
    RecordingStorage,
)
from tavus_async.resources.conversations.transcript import Transcript, Turn, TurnToolCall
from tavus_async.resources.deployments.records import (
    Customization,
    Deployment,
    DeploymentConversation,
    DeploymentDraft,
    DeploymentLimits,
    LandingPage,
    PageButton,
)
from tavus_async.resources.documents.records import (
    CrawlConfig,
    Document,
    DocumentChunk,
    DocumentChunkPage,
    DocumentDraft,
)
from tavus_async.resources.guardrails.records import (
    Guardrail,
    GuardrailDraft,
    GuardrailSet,
    GuardrailSetDraft,
    LegacyGuardrail,
)
from tavus_async.resources.memory_stores.records import (
    LearnedMemory,
    MemoryStore,
    MemoryStoreDraft,
    MemoryTimeline,
    PinnedMemory,
    RememberedConversation,
)
from tavus_async.resources.objectives.records import (
    Objective,
    ObjectiveSet,
    ObjectiveSetDraft,
)
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
from tavus_async.resources.personas.records import (
    CreatedPersona,
    Persona,
    PersonaDraft,
    PublishedPersona,
    UsernameCheck,
)
from tavus_async.resources.pronunciation_dictionaries.records import (
    PronunciationDictionary,
    PronunciationDictionaryDraft,
    PronunciationRule,
)
from tavus_async.resources.replicas.records import Replica, ReplicaDraft, ReplicaProperties
from tavus_async.resources.skills.records import (
    PersonaSkill,
    Skill,
)
from tavus_async.resources.tools.records import (
    PersonaTool,
    Tool,
    ToolApi,
    ToolAuth,
    ToolDelivery,
    ToolDraft,
)
from tavus_async.resources.videos.records import Video, VideoDraft, VideoProperties, VideoSource
from tavus_async.resources.voices.records import Voice, VoiceDraft

__all__ = [
    "CanvasInteraction",
    "CanvasInteractionDraft",
    "CapabilitiesLayer",
    "ConferencingLayer",
    "Conversation",
    "ConversationDraft",
    "ConversationProperties",
    "ConversationalFlowLayer",
    "CrawlConfig",
    "CreatedPersona",
    "Customization",
    "Deployment",
    "DeploymentConversation",
    "DeploymentDraft",
    "DeploymentLimits",
    "Document",
    "DocumentChunk",
    "DocumentChunkPage",
    "DocumentDraft",
    "DownloadProgress",
    "Event",
    "Guardrail",
    "GuardrailDraft",
    "GuardrailSet",
    "GuardrailSetDraft",
    "KnowledgeBaseLayer",
    "LandingPage",
    "Layers",
    "LearnedMemory",
    "LegacyGuardrail",
    "LlmLayer",
    "MemoryStore",
    "MemoryStoreDraft",
    "MemoryTimeline",
    "Objective",
    "ObjectiveSet",
    "ObjectiveSetDraft",
    "Outcome",
    "Page",
    "PageButton",
    "PerceptionLayer",
    "Persona",
    "PersonaDraft",
    "PersonaSkill",
    "PersonaTool",
    "PinnedMemory",
    "Progress",
    "PronunciationDictionary",
    "PronunciationDictionaryDraft",
    "PronunciationRule",
    "PublishedPersona",
    "Record",
    "RecordingStorage",
    "RememberedConversation",
    "RenderProgress",
    "Replica",
    "ReplicaDraft",
    "ReplicaProperties",
    "Skill",
    "Stats",
    "SttLayer",
    "Tool",
    "ToolApi",
    "ToolAuth",
    "ToolDelivery",
    "ToolDraft",
    "Transcript",
    "TransportLayer",
    "TtsLayer",
    "Turn",
    "TurnToolCall",
    "UsernameCheck",
    "Video",
    "VideoDraft",
    "VideoProperties",
    "VideoSource",
    "Voice",
    "VoiceDraft",
    "VoiceSettings",
    "VqaLayer",
    "holds_secrets",
]
