"""The types of the public names, as a user's code sees them: checked by mypy and pyright, never run."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, assert_type

import aiohttp

import tavus_async
from tavus_async import (
    ApiError,
    AsyncSession,
    BulkError,
    Call,
    Chunk,
    ConferencingLayer,
    Conversation,
    ConversationalFlowLayer,
    ConversationDraft,
    Layers,
    LlmLayer,
    Outcome,
    Page,
    PerceptionLayer,
    Persona,
    PersonaDraft,
    Pool,
    RateLimit,
    RateLimiter,
    RetryPolicy,
    Stats,
    SttLayer,
    TavusError,
    Timeouts,
    TtsLayer,
    VoiceSettings,
    calls,
    chunks,
    interactions,
    missing_chunks,
    read_chunks,
    webhooks,
    write_chunk,
)


async def one_persona() -> None:
    async with AsyncSession() as session:
        assert_type(session, AsyncSession)
        persona = await session.get_persona("p5317866")
        assert_type(persona, Persona)
        assert_type(persona.persona_id, str)
        assert_type(persona.persona_name, str | None)
        assert_type(persona.layers.llm.base_url, str | None)
        model: str | None = persona.layers.llm.model
        assert_type(model, str | None)
        assert_type(persona.to_dict(), dict[str, Any])
        assert_type(await session.get_persona("p5317866", timeout=5), Persona)
        assert_type(session.stats(), Stats)
        assert_type(await session.aclose(), None)


async def a_page(session: AsyncSession) -> None:
    page = await session.list_personas_page(page=2, limit=50)
    assert_type(page, Page[Persona])
    assert_type([persona.persona_id for persona in page], list[str])


async def a_conversation(session: AsyncSession) -> None:
    draft = ConversationDraft(persona_id="p5317866", document_tags=["handbook"])
    async with session.conversation(draft, wait_for_slot=30, end_timeout=5) as conversation:
        assert_type(conversation, Conversation)
        assert_type(conversation.conversation_id, str)
        assert_type(conversation.join_url, str | None)
    assert_type(await session.create_conversation({"persona_id": "p5317866"}), Conversation)
    assert_type(await session.get_conversation("c1", verbose=True), Conversation)
    transcript = await session.wait_for_transcript("c1", on_progress=lambda value: print(value.status))  # noqa: T201
    assert_type(transcript.text, str)
    assert_type([turn.content for turn in transcript], list[str | None])
    events = await session.wait_for_events("c1", webhooks.Shutdown, ("application.recording_ready",))
    assert_type(events, tuple[webhooks.Event, ...])
    shutdown = conversation.find_event(webhooks.Shutdown)
    assert_type(shutdown, webhooks.Shutdown | None)
    assert_type(shutdown.shutdown_reason if shutdown else None, str | None)
    await session.send_app_message("c1", interactions.Respond("Hello"))
    for ended in await session.end_conversations(older_than=timedelta(hours=1)):
        assert_type(ended, Outcome[None])
    async for outcome in session.send_each(calls.create_conversation, [draft]):
        assert_type(outcome, Outcome[Conversation])


async def chunks_of_ids(session: AsyncSession, ids: list[str]) -> None:
    assert_type(chunks(ids, 50), Iterator[Chunk])
    for chunk in missing_chunks("out", chunks(ids, 50)):
        assert_type(chunk.ids, tuple[str, ...])
        assert_type(await write_chunk("out", chunk, session.iter_personas(chunk.ids)), bool)
        await write_chunk("out", chunk, session.send_each(calls.delete_persona, chunk.ids), secrets=True)
        await write_chunk("out", chunk, [Outcome(key=key, value=1) for key in chunk.ids])
    for line in read_chunks("out", chunks(ids, 50)):
        assert_type(line, dict[str, Any])


async def a_call_gives_its_own_record(session: AsyncSession, call: Call[Page[Persona]]) -> None:
    assert_type(await session.send(call, timeout=None), Page[Persona])


async def every_setting(http: aiohttp.ClientSession, limiter: RateLimiter) -> None:
    AsyncSession(
        "key",
        base_url="https://tavusapi.com",
        rate_limit=RateLimit(50, burst=10),
        retry=RetryPolicy(attempts=3),
        timeouts=Timeouts(total=30),
        pool=Pool(connections=20),
        http=http,
    )
    AsyncSession(rate_limit=limiter)
    AsyncSession(api_key=None, rate_limit=RateLimit(per_second=2.5, burst=1, adaptive=False, max_wait=3))


def a_list_is_taken_where_a_record_holds_a_tuple(tags: list[str], tool: dict[str, Any]) -> None:
    draft = PersonaDraft(document_ids=["d1"], document_tags=tags, languages=("en",))
    assert_type(draft.document_ids, Sequence[str] | None)
    Layers(
        llm=LlmLayer(tools=[tool]),
        tts=TtsLayer(voice_settings=VoiceSettings(emotion=["positivity:high"])),
        perception=PerceptionLayer(visual_awareness_queries=["Is it dark?"], visual_tools=(tool,)),
        conferencing=ConferencingLayer(allowlist=[]),
    )


def any_string_does_where_some_are_known(word: str, persona: Persona) -> None:
    draft = PersonaDraft(pipeline_mode=word, disclosure_type="sometimes")
    Layers(llm=LlmLayer(model="my-model"), tts=TtsLayer(tts_engine=word), stt=SttLayer(stt_engine=f"{word}-2"))
    ConversationalFlowLayer(turn_detection_model="sparrow-9", replica_interruptibility=word)
    if draft.pipeline_mode == "other" or persona.layers.perception.perception_model in {"raven-0", "raven-9"}:
        assert_type(persona.layers.stt.stt_engine or word, str)
    words: dict[str, str | None] = {word: persona.pipeline_mode}
    match persona.pipeline_mode:
        case "full" | "other" | None:
            assert_type(words, dict[str, str | None])
        case mode:
            assert_type(mode.upper(), str)


def a_mistake_is_seen() -> None:
    AsyncSession("key", "https://tavusapi.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    PersonaDraft(pipeline_mode=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    RetryPolicy(attempts="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def errors(error: TavusError) -> None:
    if isinstance(error, ApiError):
        assert_type(error.status, int)
        assert_type(error.message, str)
        assert_type(error.retry_after, float | None)
    if isinstance(error, BulkError):
        assert_type(error.outcomes, Sequence[Outcome[Any]])


def outcomes(outcome: Outcome[Persona]) -> None:
    assert_type(outcome.value, Persona | None)
    assert_type(outcome.error, TavusError | None)
    assert_type(outcome.unwrap(), Persona)


assert_type(tavus_async.__version__, str)
