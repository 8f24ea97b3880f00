"""The layers of a persona: what hears, thinks, speaks, sees and carries it.

Field names and meanings: https://docs.tavus.io/sections/conversational-video-interface/persona
"""

from collections.abc import Sequence
from typing import Any

import attrs

from tavus_async._records.record import JsonObject, Record, named, opaque, secret

Strings = Sequence[str]
"""Any sequence of strings, but not a string; a record that was read holds a tuple."""
Tools = Sequence[JsonObject]
"""Function definitions as JSON objects, in the shape that OpenAI's chat completions take."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class LlmLayer(Record):
    """The language model: one of Tavus' own by *model*, or any OpenAI-compatible one by *base_url*."""

    model: str | None = None
    base_url: str | None = opaque()
    api_key: str | None = secret()
    """Masked by the server when read."""
    speculative_inference: bool | None = None
    tools: Tools | None = opaque()
    headers: JsonObject | None = secret()
    extra_body: JsonObject | None = opaque()
    default_query: JsonObject | None = opaque()
    disable_vision: bool | None = None
    enable_llm_proxy: bool | None = None
    model_name: str | None = None
    is_custom: bool | None = None
    endpoint: str | None = opaque()


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VoiceSettings(Record):
    """How the voice sounds; which of these count depends on the engine."""

    speed: float | str | None = None
    emotion: Strings | None = None
    stability: float | None = None
    similarity_boost: float | None = None
    style: float | None = None
    use_speaker_boost: bool | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class TtsLayer(Record):
    """The voice: engine, model and settings of the speech synthesis."""

    tts_engine: str | None = None
    api_key: str | None = secret()
    """Masked by the server when read."""
    external_voice_id: str | None = None
    voice_id: str | None = None
    playht_user_id: str | None = secret()
    tts_model_name: str | None = None
    tts_emotion_control: bool | None = None
    voice_settings: VoiceSettings = VoiceSettings.absent()
    pronunciation_dictionary_id: str | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class SttLayer(Record):
    """The ears: speech recognition."""

    stt_engine: str | None = None
    hotwords: str | None = None
    participant_pause_sensitivity: str | None = None
    participant_interrupt_sensitivity: str | None = None
    smart_turn_detection: bool | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PerceptionLayer(Record):
    """The eyes: what the persona watches and listens for beyond words."""

    perception_model: str | None = None
    visual_awareness_queries: Strings | None = None
    visual_tool_prompt: str | None = None
    visual_tools: Tools | None = opaque()
    audio_awareness_queries: Strings | None = None
    audio_tool_prompt: str | None = None
    audio_tools: Tools | None = opaque()
    screen_awareness_queries: Strings | None = None
    screen_tools: Tools | None = opaque()
    perception_analysis_queries: Strings | None = None
    emotion_recognition: str | None = None
    ambient_awareness_queries: Strings | None = None
    perception_tool_prompt: str | None = None
    perception_tools: Tools | None = opaque()
    tool_prompt: str | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ConversationalFlowLayer(Record):
    """Turn-taking: when to speak, to wait, and to yield."""

    turn_detection_model: str | None = None
    turn_taking_patience: str | None = None
    turn_commitment: str | None = None
    replica_interruptibility: str | None = named("pal_interruptibility", "face_interruptibility")
    """Also spelled `pal_interruptibility` and `face_interruptibility`."""
    active_listening: str | None = None
    voice_isolation: str | None = None
    noise_cancellation: str | None = None
    wake_phrase: str | None = None
    sleep_phrase: str | None = None
    idle_engagement: str | None = None
    idle_end_behavior: str | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class TransportLayer(Record):
    """How audio and video travel; the rest of this layer is free-form and stands in `extra`."""

    transport_type: str | None = None
    input_settings: JsonObject | None = opaque()
    room_settings: JsonObject | None = opaque()


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VqaLayer(Record):
    """The first generation of vision, since replaced by perception; old personas still hold it."""

    enable_vision: bool | None = None
    enabled: bool | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ConferencingLayer(Record):
    """How the persona joins other people's meetings."""

    username: str | None = None
    allowlist: Strings | None = None
    whitelabel: Any = opaque()


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CapabilitiesLayer(Record):
    """What the persona may do besides talking."""

    mcp_enabled: bool | None = None
    search_enabled: bool | None = None
    activity_log_enabled: bool | None = None
    search_results_prompt_injection_prevention_enabled: bool | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class KnowledgeBaseLayer(Record):
    """How documents are searched while the persona talks."""

    rag_score_threshold: float | None = None
    rag_n_chunks: int | None = None
    rag_surrounding_chunk_radius: int | None = None
    enable_rag_observability_app_messages: bool | None = None
    use_procedure_goalchain: bool | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Layers(Record):
    """All layers of a persona; one that the server did not send is empty and false."""

    llm: LlmLayer = LlmLayer.absent()
    tts: TtsLayer = TtsLayer.absent()
    stt: SttLayer = SttLayer.absent()
    sts: JsonObject | None = opaque()
    """Speech to speech, free-form."""
    perception: PerceptionLayer = PerceptionLayer.absent()
    conversational_flow: ConversationalFlowLayer = ConversationalFlowLayer.absent()
    transport: TransportLayer = TransportLayer.absent()
    vqa: VqaLayer = VqaLayer.absent()
    conferencing: ConferencingLayer = ConferencingLayer.absent()
    capabilities: CapabilitiesLayer = CapabilitiesLayer.absent()
    knowledge_base: KnowledgeBaseLayer = KnowledgeBaseLayer.absent()
