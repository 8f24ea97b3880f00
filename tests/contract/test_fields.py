"""Every field that Tavus has for its objects, on whichever page, is a field of the records."""

from typing import Any

import attrs
import pytest

from tavus_async import Conversation, ConversationDraft, CreatedPersona, Layers, Page, Persona, PersonaDraft
from tavus_async._records.fields import ALIASES
from tavus_async.models import (
    CanvasInteraction,
    CanvasInteractionDraft,
    ConversationProperties,
    CrawlConfig,
    Document,
    DocumentDraft,
    Guardrail,
    GuardrailDraft,
    GuardrailSet,
    GuardrailSetDraft,
    LearnedMemory,
    LegacyGuardrail,
    MemoryStore,
    MemoryStoreDraft,
    Objective,
    ObjectiveSet,
    ObjectiveSetDraft,
    PinnedMemory,
    PronunciationDictionary,
    PronunciationDictionaryDraft,
    PronunciationRule,
    Record,
    RecordingStorage,
    Replica,
    ReplicaDraft,
    ReplicaProperties,
    Video,
    VideoDraft,
    VideoProperties,
    VideoSource,
    Voice,
    VoiceDraft,
)
from tests.contract.contract import ALL, CONVERSATION, CONVERSATIONS, ONE, Contract, fields
from tests.support.fields import names_of

# Top-level fields by what shows them first: the contract, earlier pages, later pages, Tavus' own command line.
PERSONA = """
    persona_id persona_name system_prompt pipeline_mode default_replica_id document_ids document_tags
    objectives_id guardrails_id created_at updated_at
    context
    pal_id pal_name default_face_id greeting guardrail_ids guardrail_tags tool_ids skills languages
    disclosure_type verbal_disclosure visual_disclosure conferencing_email
    memories is_template uuid owner_id session_id is_draft source_template_id registration_id pal_settings_id
"""
# The same for each layer; interruptibility has had three names.
LAYERS = {
    "llm": """
        model base_url api_key speculative_inference tools headers extra_body default_query
        disable_vision enable_llm_proxy model_name is_custom endpoint
    """,
    "tts": """
        tts_engine api_key external_voice_id voice_settings tts_emotion_control tts_model_name
        pronunciation_dictionary_id playht_user_id voice_id
    """,
    "tts.voice_settings": "speed emotion stability similarity_boost style use_speaker_boost",
    "stt": """
        stt_engine hotwords participant_pause_sensitivity participant_interrupt_sensitivity smart_turn_detection
    """,
    "sts": "",
    "perception": """
        perception_model visual_awareness_queries visual_tool_prompt visual_tools
        audio_awareness_queries audio_tool_prompt audio_tools
        ambient_awareness_queries perception_tool_prompt perception_tools tool_prompt
        screen_awareness_queries screen_tools perception_analysis_queries emotion_recognition
    """,
    "conversational_flow": """
        turn_detection_model turn_taking_patience turn_commitment
        replica_interruptibility pal_interruptibility face_interruptibility
        active_listening voice_isolation noise_cancellation wake_phrase sleep_phrase
        idle_engagement idle_end_behavior
    """,
    "transport": "transport_type input_settings room_settings",
    "vqa": "enable_vision enabled",
    "conferencing": "username allowlist whitelabel",
    "capabilities": """
        mcp_enabled search_enabled activity_log_enabled search_results_prompt_injection_prevention_enabled
    """,
    "knowledge_base": """
        rag_score_threshold rag_n_chunks rag_surrounding_chunk_radius
        enable_rag_observability_app_messages use_procedure_goalchain
    """,
}
TO_CREATE = """
    persona_name system_prompt pipeline_mode default_replica_id document_ids document_tags objectives_id guardrails_id
    context pal_name default_face_id greeting guardrail_ids guardrail_tags tool_ids skills languages
    disclosure_type verbal_disclosure visual_disclosure memories is_template layers
"""
CREATED = "persona_id pal_id persona_name pal_name created_at conferencing_email"
# What the server adds; nobody sends it.
SERVERS_OWN = """
    persona_id created_at updated_at conferencing_email uuid owner_id session_id is_draft source_template_id
    registration_id pal_settings_id
"""
# The same for conversations: the contract, later pages, a caller, Tavus' own command line.
SHOWN = """
    conversation_id conversation_name conversation_url status persona_id replica_id callback_url meeting_token
    created_at updated_at events pal_id face_id shutdown_reason meeting_url
"""
TO_TALK = """
    persona_id replica_id conversation_name conversational_context custom_greeting callback_url audio_only test_mode
    require_auth max_participants memory_stores document_ids document_tags document_retrieval_strategy properties
    pal_id face_id participant_tags policy meeting_url
    dynamic_greeting
    chat modality llm
"""
PROPERTIES = """
    max_call_duration participant_left_timeout participant_absent_timeout language languages enable_recording
    auto_start_recording enable_closed_captions apply_greenscreen recording_storage require_auth
    recording_s3_bucket_name recording_s3_bucket_region aws_assume_role_arn livekit_ws_url livekit_room_token
"""
STORAGE = """
    provider bucket_name bucket_region assume_role_arn external_id project_id workload_identity_provider
    service_account_email storage_account container tenant_id client_id
"""
TO_RECORD = "interaction_id tool_call_id component component_version type value metadata"
# Of replicas and voices: the contract, later pages, callers, Tavus' own command line.
REPLICA = """
    replica_id replica_name thumbnail_video_url training_progress status created_at updated_at error_message
    replica_type model_name
    face_id face_name face_type default_voice_id original_voice_id thumbnail_image_url tags finetune_status
    is_recommended observations face_uuid replica_uuid
"""
TO_TRAIN = """
    consent_video_url train_video_url train_image_url voice_name auto_fix_training_image callback_url replica_name
    model_name properties
    face_name default_voice_id
"""
VOICE = """
    voice_name replica_id audio_url tags
    voice_id description voice_type status error_message created_at face_id updated_at
"""
# Of videos: the contract, what real answers have besides, later pages.
VIDEO = """
    video_id video_name status data download_url hosted_url stream_url status_details background_url
    background_source_url still_image_thumbnail_url gif_thumbnail_url error_details created_at updated_at
    replica_id generation_progress
    face_id
"""
TO_RENDER = """
    replica_id script audio_url video_name background_url background_source_url callback_url fast
    transparent_background watermark_image_url properties
    face_id watermark_url
"""
SCROLLING = "background_scroll background_scroll_type background_scroll_depth background_scroll_return start_with_wave"
# Of documents and memory stores: the contract, later pages, callers, Tavus' own command line.
DOCUMENT = """
    document_id document_name document_url status progress error_message created_at updated_at callback_url tags
    crawl_config crawled_urls last_crawled_at crawl_count
    uuid display_status participant_tags custom_description is_customer_support_document font_size_aware_extraction
"""
TO_READ = """
    document_url document_name callback_url tags crawl
    participant_tags custom_description is_customer_support_document font_size_aware_extraction
"""
STORE = """
    memory_store_id pal_id persona_id participant_tag pinned_memories pinned learned_memory learned
    created_at updated_at
"""

# Of objectives, guardrails and pronunciation dictionaries: the contract, callers, Tavus' own command line.
OBJECTIVE = """
    objective_name objective_prompt confirmation_mode output_variables modality next_required_objective
    next_conditional_objectives callback_url tool_call allow_loops objectives_id uuid created_at updated_at
"""
GUARDRAIL = """
    guardrail_name guardrail_prompt modality callback_url tool_call app_message tags
"""
SET = "guardrails_id guardrails_name name data"
ADDED = "uuid owner_id created_at updated_at"
DICTIONARIES = "/v2/pronunciation-dictionaries"
RULE = "text pronunciation type case_sensitive word_boundaries alphabet"


def names(record: type[Record] | Record) -> set[str]:
    """What the record knows, by all names."""
    kind = record if isinstance(record, type) else type(record)
    aliases = [getattr(attrs.fields(kind), name).metadata.get(ALIASES, ()) for name in names_of(kind)]
    return {*names_of(kind), *(alias for group in aliases for alias in group)}


def inner(record: Any, path: str) -> Any:
    """The record at the end of a path, as empty ones have it."""
    for name in path.split("."):
        record = getattr(record, name)
    return record


def is_known(path: tuple[str, ...], record: Record) -> bool:
    """Whether a record has this field, in itself or in one of its records; what a free object holds is its own."""
    name, *rest = path
    if name not in names(record):
        return False
    value = getattr(record, name, None)
    return is_known(tuple(rest), value) if rest and isinstance(value, Record) else True


def test_no_field_of_a_persona_is_missing() -> None:
    assert set(PERSONA.split()) | {"layers"} == names(Persona)


@pytest.mark.parametrize("layer", LAYERS)
def test_no_field_of_a_layer_is_missing(layer: str) -> None:
    record = inner(Layers(), layer)

    assert set(LAYERS[layer].split()) == (names(record) if isinstance(record, Record) else set())


def test_no_layer_is_missing() -> None:
    assert {layer.partition(".")[0] for layer in LAYERS} == names(Layers)


def test_a_draft_has_what_can_be_sent_and_nothing_of_the_servers_own() -> None:
    assert set(TO_CREATE.split()) == names(PersonaDraft)
    assert names(Persona) - names(PersonaDraft) == {*SERVERS_OWN.split(), "pal_id"}


def test_no_field_of_a_created_persona_is_missing() -> None:
    assert set(CREATED.split()) == names(CreatedPersona)


@pytest.mark.parametrize("path", [ONE, ALL])
def test_no_field_of_a_published_answer_is_missing(contract: Contract, path: str) -> None:
    published = list(fields(contract.answer_schema("GET", path, 200)))
    of_personas = [field[1:] for field in published if field[0] == "data" and len(field) > 1]
    of_pages = {field[0] for field in published} - {"data"}

    assert len(of_personas) > 30
    assert [field for field in of_personas if not is_known(field, Persona(persona_id=""))] == []
    assert of_pages <= set(attrs.fields_dict(Page))


def test_no_field_of_the_published_answer_to_a_create_is_missing(contract: Contract) -> None:
    published = list(fields(contract.answer_schema("POST", ALL, 200)))

    assert len(published) > 2
    assert [field for field in published if not is_known(field, CreatedPersona(persona_id=""))] == []


def test_no_field_of_the_published_request_is_missing(contract: Contract) -> None:
    published = list(fields(contract.request_schema("POST", ALL)))

    assert len(published) > 40
    assert [field for field in published if not is_known(field, PersonaDraft())] == []


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (Conversation, SHOWN),
        (ConversationDraft, TO_TALK),
        (ConversationProperties, PROPERTIES),
        (RecordingStorage, STORAGE),
        (CanvasInteractionDraft, TO_RECORD),
        (CanvasInteraction, f"{TO_RECORD} conversation_id created_at"),
        (Replica, REPLICA),
        (ReplicaDraft, TO_TRAIN),
        (ReplicaProperties, "background_green_screen"),
        (Voice, VOICE),
        (VoiceDraft, "voice_name audio_url description callback_url"),
        (Video, VIDEO),
        (VideoSource, "script audio_url start_with_wave"),
        (VideoDraft, TO_RENDER),
        (VideoProperties, SCROLLING),
        (Document, DOCUMENT),
        (DocumentDraft, TO_READ),
        (CrawlConfig, "depth max_pages"),
        (MemoryStore, STORE),
        (MemoryStoreDraft, "pal_id persona_id participant_tag pinned_memories"),
        (PinnedMemory, "memory_id memory created_at updated_at"),
        (LearnedMemory, "profile timeline"),
        (Objective, OBJECTIVE),
        (ObjectiveSet, f"{OBJECTIVE} {ADDED} name objectives_name data status"),
        (ObjectiveSetDraft, "name data allow_loops"),
        (Guardrail, f"{GUARDRAIL} {ADDED} guardrail_id guardrails_id guardrail_type persona_refs status"),
        (GuardrailDraft, GUARDRAIL),
        (
            GuardrailSet,
            f"{GUARDRAIL} {ADDED} {SET} guardrail_id guardrail_type persona_refs status",
        ),
        (
            LegacyGuardrail,
            f"{GUARDRAIL} guardrails_name guardrails_prompt guardrails_id created_at updated_at",
        ),
        (GuardrailSetDraft, "name data"),
        (PronunciationDictionary, f"{ADDED} pronunciation_dictionary_id name rules rules_count"),
        (PronunciationDictionaryDraft, "name rules"),
        (PronunciationRule, RULE),
    ],
)
def test_no_field_is_missing(record: type[Record], told: str) -> None:
    assert set(told.split()) == names(record)


@pytest.mark.parametrize(
    ("method", "path", "count"), [("GET", CONVERSATION, 9), ("GET", CONVERSATIONS, 9), ("POST", CONVERSATIONS, 6)]
)
def test_no_field_of_a_published_conversation_is_missing(
    contract: Contract, method: str, path: str, count: int
) -> None:
    published = [each for each in fields(contract.answer_schema(method, path, 200)) if each != ("total_count",)]
    told = [each[1:] for each in published if len(each) > 1] if ("data",) in published else published

    assert len(told) >= count
    assert [field for field in told if not is_known(field, Conversation(conversation_id=""))] == []


def test_no_field_of_a_published_request_for_a_conversation_is_missing(contract: Contract) -> None:
    published = list(fields(contract.request_schema("POST", CONVERSATIONS)))

    assert len(published) > 35
    assert [field for field in published if not is_known(field, ConversationDraft())] == []


@pytest.mark.parametrize(
    ("path", "record", "count"),
    [
        ("/v2/replicas/{replica_id}", Replica(replica_id=""), 10),
        ("/v2/replicas", Replica(replica_id=""), 8),
        ("/v2/voices", Voice(), 4),
    ],
)
def test_no_field_of_a_published_replica_or_voice_is_missing(
    contract: Contract, path: str, record: Record, count: int
) -> None:
    published = list(fields(contract.answer_schema("GET", path, 200)))
    told = [each[1:] for each in published if len(each) > 1] if ("data",) in published else published

    assert len(told) >= count
    assert [field for field in told if not is_known(field, record)] in (
        [],
        [("tags", "tag_name")],
    )  # which is the tag's own


def test_no_field_of_a_published_request_for_a_replica_is_missing(contract: Contract) -> None:
    published = list(fields(contract.request_schema("POST", "/v2/replicas")))

    assert len(published) >= 10
    assert [field for field in published if not is_known(field, ReplicaDraft())] == []


@pytest.mark.parametrize(
    ("method", "path", "is_list"),
    [("GET", "/v2/videos/{video_id}", False), ("GET", "/v2/videos", True), ("POST", "/v2/videos", False)],
)
def test_no_field_of_a_published_video_is_missing(contract: Contract, method: str, path: str, is_list: bool) -> None:
    published = list(fields(contract.answer_schema(method, path, 200)))
    told = [each[1:] for each in published if len(each) > 1 and each[0] == "data"] if is_list else published

    assert len(told) >= 5
    assert [field for field in told if not is_known(field, Video(video_id=""))] == []


def test_no_field_of_a_published_request_for_a_video_is_missing(contract: Contract) -> None:
    schema = contract.request_schema("POST", "/v2/videos")
    published = [field for each in (schema, *schema["oneOf"]) for field in fields(each)]

    assert len(published) >= 16
    assert [field for field in published if not is_known(field, VideoDraft())] == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/documents/{document_id}", 200),
        ("PATCH", "/v2/documents/{document_id}", 200),
        ("POST", "/v2/documents", 200),
        ("POST", "/v2/documents/{document_id}/recrawl", 202),
    ],
)
def test_no_field_of_a_published_document_is_missing(contract: Contract, method: str, path: str, status: int) -> None:
    published = list(fields(contract.answer_schema(method, path, status)))

    assert len(published) >= 15
    assert [field for field in published if not is_known(field, Document(document_id=""))] == []


def test_no_field_of_a_published_request_for_a_document_is_missing(contract: Contract) -> None:
    published = list(fields(contract.request_schema("POST", "/v2/documents")))

    assert len(published) == 7
    assert [field for field in published if not is_known(field, DocumentDraft())] == []


@pytest.mark.parametrize(
    ("method", "path", "status", "record", "count"),
    [
        ("GET", "/v2/objectives", 200, ObjectiveSet(objectives_id=""), 11),
        ("GET", "/v2/objectives/{objectives_id}", 200, ObjectiveSet(objectives_id=""), 10),
        ("POST", "/v2/objectives", 200, ObjectiveSet(objectives_id=""), 4),
        ("GET", "/v2/guardrails", 200, GuardrailSet(guardrails_id=""), 3),
        ("GET", "/v2/guardrails/{guardrail_id}", 200, GuardrailSet(guardrails_id=""), 6),
        ("POST", "/v2/guardrails", 200, GuardrailSet(guardrails_id=""), 4),
        ("GET", f"{DICTIONARIES}", 200, PronunciationDictionary(pronunciation_dictionary_id=""), 5),
        ("POST", f"{DICTIONARIES}", 201, PronunciationDictionary(pronunciation_dictionary_id=""), 6),
    ],
)
def test_no_field_of_a_published_rule_is_missing(
    contract: Contract, method: str, path: str, status: int, record: Record, count: int
) -> None:
    published = list(fields(contract.answer_schema(method, path, status)))
    told = [each[1:] for each in published if each[0] == "data" and len(each) > 1] or published

    assert len(told) >= count
    assert [field for field in told if not is_known(field, record)] == []


@pytest.mark.parametrize(
    ("path", "draft", "name", "item"),
    [
        ("/v2/objectives", ObjectiveSetDraft(), "data", Objective()),
        ("/v2/guardrails", GuardrailSetDraft(), "data", LegacyGuardrail()),
        (DICTIONARIES, PronunciationDictionaryDraft(), "rules", PronunciationRule()),
    ],
)
def test_no_field_of_a_published_request_for_rules_is_missing(
    contract: Contract, path: str, draft: Record, name: str, item: Record
) -> None:
    published = list(fields(contract.request_schema("POST", path)))
    inner = [each[1:] for each in published if each[0] == name and len(each) > 1]

    assert len(inner) >= 4
    assert [each for each in published if len(each) == 1 and not is_known(each, draft)] == []
    assert [each for each in inner if not is_known(each, item)] == []


@pytest.mark.parametrize("path", [("nobody",), ("layers", "nose"), ("layers", "llm", "smell"), ("data",)])
def test_a_field_that_nobody_has_would_be_found(path: tuple[str, ...]) -> None:
    assert not is_known(path, Persona(persona_id=""))
