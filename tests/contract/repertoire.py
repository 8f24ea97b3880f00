"""Everything that a session can ask, asked once and more.

What is asked of other resources than personas and conversations stands in a module of their name, in `ask_all`.
"""

import pkgutil
from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import attrs

import tavus_async.resources
from tavus_async import (
    ApiError,
    AsyncSession,
    ConversationDraft,
    InvalidRequestError,
    LlmLayer,
    Persona,
    PersonaDraft,
    interactions,
    patch,
)
from tavus_async._session import Vocabulary

VOCABULARIES: tuple[Vocabulary, ...] = ("persona", "pal")
OPERATIONS = [
    patch.test("/system_prompt", "Be kind."),
    patch.add("/greeting", "Hi"),
    patch.add("/document_ids", ["d1"]),
    patch.add("/document_ids/-", "d2"),
    patch.add("/layers", {"llm": {"model": "m"}, "tts": {}}),
    patch.add("/layers/tts/tts_emotion_control", value=True),
    patch.add("/layers/tts/voice_settings", {"speed": 0.9}),
    patch.replace("/persona_name", "Grace"),
    patch.replace("/greeting", None),
    patch.copy("/persona_name", "/context"),
    patch.move("/context", "/greeting"),
    patch.remove("/document_ids/0"),
    patch.remove("/greeting"),
]
ECHO = PersonaDraft(pipeline_mode="echo", persona_name="Echo")
SPEECH = PersonaDraft(pipeline_mode="speech-to-speech", persona_name="Speech")
TALKS = (
    ConversationDraft(replica_id="r1", conversation_name="Talk", callback_url=""),
    ConversationDraft(replica_id="r1", require_auth=True, max_participants=2, audio_only=False),
    ConversationDraft(replica_id="r1", chat=True, modality="text"),
    ConversationDraft.from_dict(
        {
            "replica_id": "r1",
            "test_mode": True,
            "conversational_context": "It rains.",
            "custom_greeting": "Hello.",
            "dynamic_greeting": False,
            "meeting_url": "https://meet.example/a",
            "memory_stores": ["m"],
            "participant_tags": ["t"],
            "document_ids": ["d"],
            "document_tags": ["t"],
            "document_retrieval_strategy": "speed",
            "policy": "eu",
            "llm": {"model": "m"},
            "properties": {
                "max_call_duration": 60,
                "participant_left_timeout": 1,
                "participant_absent_timeout": 60,
                "languages": ["en"],
                "language": "english",
                "enable_recording": True,
                "auto_start_recording": False,
                "enable_closed_captions": True,
                "apply_greenscreen": True,
                "require_auth": False,
                "recording_storage": {"provider": "s3", "bucket_name": "b", "bucket_region": "r"},
                "recording_s3_bucket_name": "b",
                "recording_s3_bucket_region": "r",
                "aws_assume_role_arn": "a",
                "livekit_ws_url": "wss://livekit.example",
                "livekit_room_token": "t",
            },
        }
    ),
)
INTERACTION = {
    "interaction_id": "i1",
    "tool_call_id": "t1",
    "component": "canvas.text",
    "component_version": "v1",
    "type": "submit",
}
FULL = PersonaDraft(persona_name="Full", system_prompt="Be kind.", default_replica_id="r1")


OTHERS = [
    import_module(f"tests.contract.{found.name}")
    for found in pkgutil.iter_modules(tavus_async.resources.__path__)
    if find_spec(f"tests.contract.{found.name}")
]


async def repertoire(session: AsyncSession, ids: Sequence[str], *, later: bool = True) -> list[object]:
    """Ask everything, about these personas and others; what the server refuses is among the answers.

    *later* is whether endpoints are asked, of other resources, that came after the published contract.
    """
    answers: list[object] = []

    async def ask(call: Callable[..., Awaitable[Any]], *arguments: Any, **options: Any) -> Any:
        try:
            answer: object = await call(*arguments, **options)
        except (ApiError, InvalidRequestError) as error:
            answer = error
        answers.append(answer)
        return answer

    await reading(ask, session, ids)
    for persona_id in ids:
        persona = await ask(session.get_persona, persona_id)
        if isinstance(persona, Persona):
            await varying(ask, session, persona)
    await patching(ask, session)
    for draft in (ECHO, SPEECH, FULL):
        for vocabulary in VOCABULARIES:
            await ask(session.with_options(vocabulary=vocabulary).create_persona, draft)
    await ask(session.delete_persona, "p0")
    for vocabulary in VOCABULARIES:
        spoken = session.with_options(vocabulary=vocabulary)
        await conversing(ask, spoken, ids[0])
        for resource in OTHERS:
            await resource.ask_all(ask, spoken, later=later)
    return answers


Ask = Callable[..., Awaitable[Any]]


async def reading(ask: Ask, session: AsyncSession, ids: Sequence[str]) -> None:
    for persona_type in (None, "user", "system"):
        await ask(session.list_personas_page, page=2, limit=25, persona_type=persona_type)
        await ask(drain, session.list_personas(persona_type=persona_type))
    await ask(drain, session.list_personas(page_size=7))
    await ask(session.get_personas, [*ids, *ids], prefer="list")
    await ask(drain, session.iter_personas(ids))
    await ask(session.find_personas, "Grace")
    await ask(session.get_persona, "p0")


async def drain(items: Any) -> list[Any]:
    return [item async for item in items]


async def varying(ask: Ask, session: AsyncSession, persona: Persona) -> None:
    """Make a variation of a persona in both vocabularies, and do everything to it that can be done."""
    draft = attrs.evolve(PersonaDraft.of(persona), greeting="Hello", pipeline_mode="full", system_prompt="x")
    for vocabulary in VOCABULARIES:
        spoken = session.with_options(vocabulary=vocabulary)
        created = await ask(spoken.create_persona, draft)
        before = await ask(session.get_persona, getattr(created, "persona_id", "p0"))
        if not isinstance(before, Persona):
            continue
        llm = LlmLayer(model="m", api_key="sk-new", speculative_inference=False)
        layers = attrs.evolve(before.layers, llm=llm)
        after = attrs.evolve(before, greeting="Hi", layers=layers, document_ids=("d1",), context=None)
        await ask(spoken.update_persona, before, after)
        await ask(spoken.update_persona, before, after, force=True)
        await ask(spoken.delete_persona, before.persona_id)
        await ask(spoken.delete_persona, before.persona_id)


async def patching(ask: Ask, session: AsyncSession) -> None:
    """Apply each operation by itself, then all at once, then what changes nothing."""
    created = await ask(session.create_persona, FULL)
    for operations in [*([one] for one in OPERATIONS), OPERATIONS, [patch.replace("/persona_name", "Grace")]]:
        await ask(session.patch_persona, created.persona_id, operations)
        await ask(session.patch_persona, created.persona_id, operations, force=True)


async def conversing(ask: Ask, session: AsyncSession, persona_id: str) -> None:
    """Have conversations of all kinds, and everything done to them that can be done."""
    await ask(session.get_conversation, "c0")
    await ask(session.end_conversation, "c0")
    await ask(session.delete_conversation, "c0")
    for draft in TALKS:
        created = await ask(session.create_conversation, attrs.evolve(draft, persona_id=persona_id))
        conversation_id = getattr(created, "conversation_id", "c0")
        await ask(session.get_conversation, conversation_id)
        await ask(session.send_app_message, conversation_id, interactions.Respond("Hello?"))
        await ask(session.record_canvas_interaction, conversation_id, INTERACTION)
        await ask(session.list_canvas_interactions, conversation_id)
        await ask(session.end_conversation, conversation_id)
        await ask(session.end_conversation, conversation_id)
        await ask(session.get_conversation, conversation_id, verbose=True)
    for status in (None, "active", "ended"):
        await ask(session.list_conversations_page, page=2, limit=3, status=status)
        await ask(drain, session.list_conversations(status=status))
    await ask(holding, session)
    await ask(session.end_conversations, name_prefix="Talk")
    for conversation in await ask(session.find_conversations, "Talk"):
        await ask(session.delete_conversation, conversation.conversation_id, hard=True)
        await ask(session.delete_conversation, conversation.conversation_id)


async def holding(session: AsyncSession) -> str:
    async with session.conversation(TALKS[0]) as conversation:
        return conversation.conversation_id
