"""The layers of a persona: what hears, thinks, speaks, sees and carries it.

Field names and meanings: https://docs.tavus.io/sections/conversational-video-interface/persona
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs

from tavus_async._records.fields import SECRET, SECRETS, named, nested, opaque
from tavus_async._records.immutable import JsonObject
from tavus_async._records.record import Record
from tavus_async._records.secrets import Secret, make_secret, make_secrets

Strings = Sequence[str]
"""Any sequence of strings, but not a string; a record that was read holds a tuple."""
Tools = Sequence[JsonObject]
"""Function definitions as JSON objects, in the shape that OpenAI's chat completions take."""

# Editors offer the literals, which are what is known and not outdated. Any other string does as well, for type
# checkers and at run time: the server's vocabularies grow.
LlmModel = (
    Literal[
        "tavus-gemma-4",
        "tavus-gpt-oss",
        "tavus-gpt-4.1",
        "tavus-gpt-5.2",
        "tavus-gemini-2.5-flash",
        "tavus-gemini-3-flash",
        "tavus-claude-haiku-4.5",
        "tavus-glm-4.7",
    ]
    | str
)
TtsEngine = Literal["tavus-auto", "cartesia", "elevenlabs", "azure"] | str
TtsModel = (
    Literal[
        "sonic",
        "sonic-3",
        "eleven_turbo_v2_5",
        "eleven_flash_v2_5",
        "eleven_v3_conversational",
        "eleven_v4_turbo",
    ]
    | str
)
SttEngine = Literal["tavus-auto", "tavus-parakeet", "tavus-soniox", "tavus-whisper", "tavus-deepgram-medical"] | str
PerceptionModel = Literal["raven-2", "raven-1", "raven-0", "off"] | str
EmotionRecognition = Literal["auto", "full", "limited"] | str
TurnDetectionModel = Literal["sparrow-2", "sparrow-1"] | str
Level = Literal["low", "medium", "high"] | str
LevelOrOff = Literal["off", "low", "medium", "high"] | str
VoiceIsolation = Literal["off", "near", "far"] | str
IdleEngagement = Literal["off", "patient", "eager"] | str
IdleEndBehavior = Literal["wait", "end_conversation"] | str


@attrs.frozen(kw_only=True, repr=False, slots=False)
class LlmLayer(Record):
    """The language model: one of Tavus' own by *model*, or any OpenAI-compatible one by *base_url*."""

    model: LlmModel | None = None
    """A model of Tavus' own, or with *base_url* any that the endpoint knows; answers may leave out the default."""
    base_url: str | None = opaque()
    """Address of an OpenAI-compatible API; Tavus appends `/chat/completions`."""
    api_key: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    """Key for *base_url*; the server shows it masked."""
    speculative_inference: bool | None = None
    """Whether to answer from speech that is still being transcribed, which saves time; default true."""
    tools: Tools | None = opaque()
    """Functions that the model may call; newer personas attach tools by `tool_ids` instead."""
    headers: Mapping[str, Secret] | None = attrs.field(default=None, converter=make_secrets, metadata=SECRETS)
    """HTTP headers for requests to *base_url*; never shown, since keys may be in them."""
    extra_body: JsonObject | None = opaque()
    """Further parameters for the model, such as `temperature` (0 to 2) and `top_p` (0 to 1)."""
    default_query: JsonObject | None = opaque()
    """Query parameters for requests to *base_url*."""
    disable_vision: bool | None = None
    """Whether the model is kept from seeing; undocumented."""
    enable_llm_proxy: bool | None = None
    """Whether requests to the model go through a proxy; undocumented."""
    model_name: str | None = None
    """Another name of the model; undocumented."""
    is_custom: bool | None = None
    """Whether the model is not Tavus' own; undocumented."""
    endpoint: str | None = opaque()
    """Where the model is reached; undocumented."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VoiceSettings(Record):
    """How the voice sounds; the engine decides which of these count."""

    speed: float | str | None = None
    """A factor, 1 being normal (ElevenLabs: 0.7 to 1.2), or a word such as `slowest`, `normal`, `fast`."""
    emotion: Strings | None = None
    """Emotions, each as a name with or without a level: `curiosity`, `positivity:high`."""
    stability: float | None = None
    """0 to 1; ElevenLabs only."""
    similarity_boost: float | None = None
    """Closeness to the original voice, 0 to 1; ElevenLabs only."""
    style: float | None = None
    """Strength of the voice's style, 0 to 1; ElevenLabs only."""
    use_speaker_boost: bool | None = None
    """Whether likeness to the speaker is boosted; ElevenLabs only."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class TtsLayer(Record):
    """Speech synthesis: engine, model and voice."""

    tts_engine: TtsEngine | None = None
    """`tavus-auto`, or a company's: `cartesia`, `elevenlabs`, `azure`; old personas also hold `playht`."""
    api_key: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    """Key for the engine, needed for private voices only; the server shows it masked."""
    external_voice_id: str | None = None
    """Id of a voice in the engine's own catalogue."""
    voice_id: str | None = None
    """Id of a voice in Tavus' catalogue."""
    playht_user_id: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    """User id for `playht`; only in old personas."""
    tts_model_name: TtsModel | None = None
    """The engine's model, such as `sonic-3` (Cartesia) or `eleven_flash_v2_5` (ElevenLabs)."""
    tts_emotion_control: bool | None = None
    """Whether the language model is asked for emotions, for voice and face (Phoenix-4 only); default true."""
    voice_settings: VoiceSettings = nested(VoiceSettings(wire_names=None))
    """Speed, emotion and timbre."""
    pronunciation_dictionary_id: str | None = None
    """Id of a Tavus pronunciation dictionary, `pd_...`."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class SttLayer(Record):
    """Speech recognition."""

    stt_engine: SttEngine | None = None
    """Default `tavus-auto`, which chooses by language; `tavus-advanced` and `tavus-turbo` are outdated."""
    hotwords: str | None = None
    """Example sentences with names and terms that should be recognised; one string, not a list."""
    participant_pause_sensitivity: Level | None = None
    """How soon a pause ends a turn: `low`, `medium` (default), `high`; superseded by `conversational_flow`."""
    participant_interrupt_sensitivity: Level | None = None
    """How easily it is interrupted: `low`, `medium` (default), `high`; superseded by `conversational_flow`."""
    smart_turn_detection: bool | None = None
    """Switch of the older turn detection, default true; superseded by `conversational_flow`."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PerceptionLayer(Record):
    """Vision and hearing: what the persona watches and listens for beyond words."""

    perception_model: PerceptionModel | None = None
    """`raven-1` (default; sees and hears), `raven-2`, `raven-0` (sees only; legacy), `off`."""
    visual_awareness_queries: Strings | None = None
    """Questions that are asked of the video all the time."""
    visual_tool_prompt: str | None = None
    """When and how to call the *visual_tools*."""
    visual_tools: Tools | None = opaque()
    """Functions that are called for what is seen."""
    audio_awareness_queries: Strings | None = None
    """Questions that are asked of the sound all the time; not with `raven-0`."""
    audio_tool_prompt: str | None = None
    """When and how to call the *audio_tools*; not with `raven-0`."""
    audio_tools: Tools | None = opaque()
    """Functions that are called for what is heard; not with `raven-0`."""
    screen_awareness_queries: Strings | None = None
    """Questions that are asked of a shared screen."""
    screen_tools: Tools | None = opaque()
    """Functions that are called for what a shared screen shows."""
    perception_analysis_queries: Strings | None = None
    """Questions answered after the call, in the webhook `application.perception_analysis`."""
    emotion_recognition: EmotionRecognition | None = None
    """`full`, `limited`, or `auto`, which depends on the conversation's `policy`."""
    ambient_awareness_queries: Strings | None = None
    """Legacy name, from `raven-0`, of *visual_awareness_queries*."""
    perception_tool_prompt: str | None = None
    """Legacy name, from `raven-0`, of *visual_tool_prompt*."""
    perception_tools: Tools | None = opaque()
    """Legacy name, from `raven-0`, of *visual_tools*."""
    tool_prompt: str | None = None
    """Empty in stock personas; undocumented."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ConversationalFlowLayer(Record):
    """Turn-taking: when to speak, to wait, and to yield.

    Once one field of it is set, the server sets the others to their defaults.
    """

    turn_detection_model: TurnDetectionModel | None = None
    """What tells the end of a turn: `sparrow-2`, `sparrow-1`; old personas also hold `sparrow-0`, `time-based`."""
    turn_taking_patience: Level | None = None
    """`low` answers fast and may cut in at pauses, `medium` is the default, `high` waits for a clear end."""
    turn_commitment: Level | None = None
    """How firmly it takes a turn: `low`, `medium` (default), `high`."""
    replica_interruptibility: Level | None = named("pal_interruptibility", "face_interruptibility")
    """`low` talks on when spoken to, `medium` is the default, `high` stops easily.

    Also spelled `pal_interruptibility` and `face_interruptibility`.
    """
    active_listening: LevelOrOff | None = None
    """How much it shows that it listens: `off` (default), `low`, `medium`, `high`."""
    voice_isolation: VoiceIsolation | None = None
    """Filter for noise around the voice: `near` (default; under 1 m from the microphone), `far`, `off`."""
    noise_cancellation: str | None = None
    """Filter for background noise; values undocumented."""
    wake_phrase: str | None = None
    """Phrase without which the persona stays silent; choose no common greeting."""
    sleep_phrase: str | None = None
    """Phrase after which the persona falls silent again; undocumented."""
    idle_engagement: IdleEngagement | None = None
    """Whether the persona breaks a long silence: `off` (default), `patient`, `eager` (sooner)."""
    idle_end_behavior: IdleEndBehavior | None = None
    """What follows a silence that lasts: `wait` or `end_conversation`."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class TransportLayer(Record):
    """How audio and video travel; the rest of this layer is free-form and stands in `extra`."""

    transport_type: str | None = None
    """Such as `livekit`."""
    input_settings: JsonObject | None = opaque()
    """Incoming media, such as whether the microphone is on."""
    room_settings: JsonObject | None = opaque()
    """Settings of the room; seen in older personas."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VqaLayer(Record):
    """Vision of the first generation (visual question answering), since replaced by perception."""

    enable_vision: bool | None = None
    """Whether the persona sees."""
    enabled: bool | None = None
    """The same under another name."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ConferencingLayer(Record):
    """How the persona joins other people's meetings; it needs a default replica, and is best updated on its own."""

    username: str | None = None
    """Name of its meeting identity, unique without regard to case; hard to change afterwards."""
    allowlist: Strings | None = None
    """Who is allowed, one entry each; undocumented."""
    whitelabel: Any = opaque()
    """Branding of one's own; shape undocumented."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CapabilitiesLayer(Record):
    """What the persona may do besides talking; undocumented, known from Tavus' own command line."""

    mcp_enabled: bool | None = None
    """Whether it may use MCP servers (Model Context Protocol)."""
    search_enabled: bool | None = None
    """Whether it may search the internet."""
    activity_log_enabled: bool | None = None
    """Whether an activity log is kept."""
    search_results_prompt_injection_prevention_enabled: bool | None = None
    """Whether search results are screened for prompt injection."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class KnowledgeBaseLayer(Record):
    """How documents are searched while the persona talks (retrieval-augmented generation, RAG).

    Undocumented, known from Tavus' own command line.
    """

    rag_score_threshold: float | None = None
    """Least score that a chunk of a document must reach."""
    rag_n_chunks: int | None = None
    """Number of chunks to retrieve."""
    rag_surrounding_chunk_radius: int | None = None
    """Number of neighbours that come along with each chunk."""
    enable_rag_observability_app_messages: bool | None = None
    """Whether app messages report what was retrieved."""
    use_procedure_goalchain: bool | None = None
    """Whether procedures are followed as a chain of goals."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Layers(Record):
    """All layers of a persona; one that the server did not send is empty and false."""

    llm: LlmLayer = nested(LlmLayer(wire_names=None))
    """Language model: what the persona says."""
    tts: TtsLayer = nested(TtsLayer(wire_names=None))
    """Text to speech: its voice."""
    stt: SttLayer = nested(SttLayer(wire_names=None))
    """Speech to text: what it understands."""
    sts: JsonObject | None = opaque()
    """Speech to speech, free-form."""
    perception: PerceptionLayer = nested(PerceptionLayer(wire_names=None))
    """Vision and hearing beyond words."""
    conversational_flow: ConversationalFlowLayer = nested(ConversationalFlowLayer(wire_names=None))
    """Turn-taking."""
    transport: TransportLayer = nested(TransportLayer(wire_names=None))
    """How audio and video travel."""
    vqa: VqaLayer = nested(VqaLayer(wire_names=None))
    """Vision of the first generation."""
    conferencing: ConferencingLayer = nested(ConferencingLayer(wire_names=None))
    """Joining other people's meetings."""
    capabilities: CapabilitiesLayer = nested(CapabilitiesLayer(wire_names=None))
    """What it may do besides talking."""
    knowledge_base: KnowledgeBaseLayer = nested(KnowledgeBaseLayer(wire_names=None))
    """How documents are searched."""
