"""The records: frozen attrs classes for everything that the API sends and takes."""

from tavus_async.models._layers import (
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
from tavus_async.models._outcome import Outcome
from tavus_async.models._page import Page
from tavus_async.models._persona import CreatedPersona, Persona, PersonaDraft
from tavus_async.models._progress import Progress
from tavus_async.models._record import Record
from tavus_async.models._stats import Stats

__all__ = [
    "CapabilitiesLayer",
    "ConferencingLayer",
    "ConversationalFlowLayer",
    "CreatedPersona",
    "KnowledgeBaseLayer",
    "Layers",
    "LlmLayer",
    "Outcome",
    "Page",
    "PerceptionLayer",
    "Persona",
    "PersonaDraft",
    "Progress",
    "Record",
    "Stats",
    "SttLayer",
    "TransportLayer",
    "TtsLayer",
    "VoiceSettings",
    "VqaLayer",
]
