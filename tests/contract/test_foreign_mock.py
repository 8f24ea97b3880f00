"""Against a mock as somebody else would write it from the published contract, with its enveloped Get Persona."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tavus_async import AsyncSession, AuthenticationError, NotFoundError, Secret
from tests.support.quick import KEY

COACH = {
    "persona_id": "pf3b20d41c7e",
    "persona_name": "Night desk",
    "system_prompt": "You look after the guests of a small hotel, from ten to six.",
    "context": "Room service ends at eleven.",
    "default_replica_id": "r1a2b3c4d5e6",
    "document_ids": ["d100", "d200"],
    "document_tags": ["menu"],
    "layers": {
        "llm": {
            "model": "some-model",
            "base_url": "https://llm.test/v1",
            "api_key": "sk-of-the-llm",
            "tools": [{"type": "function", "function": {"name": "wake_up", "parameters": {"type": "object"}}}],
            "headers": {"Authorization": "Bearer hidden"},
            "extra_body": {"temperature": 0.5},
        },
        "tts": {
            "api_key": "sk-of-the-voice",
            "tts_engine": "cartesia",
            "external_voice_id": "v-77",
            "voice_settings": {"speed": "normal", "emotion": ["positivity:high"]},
            "tts_emotion_control": "true",
            "tts_model_name": "sonic",
        },
        "perception": {"perception_model": "raven-0", "ambient_awareness_queries": ["Is there a suitcase?"]},
        "stt": {"stt_engine": "tavus-advanced", "smart_turn_detection": True, "hotwords": "concierge"},
    },
    "created_at": "2025-03-01T09:30:00Z",
    "updated_at": "2025-03-02T10:00:00Z",
}


async def get_persona(request: web.Request) -> web.Response:
    if request.headers.get("x-api-key") != KEY:
        return web.json_response({"message": "Invalid access token"}, status=401)
    if request.match_info["persona_id"] != COACH["persona_id"]:
        return web.json_response({"error": "Invalid persona_id"}, status=400)
    return web.json_response({"data": [COACH]})


async def list_personas(request: web.Request) -> web.Response:
    page, limit = int(request.query["page"]), int(request.query["limit"])
    return web.json_response({"data": [COACH][(page - 1) * limit :], "total_count": 1})


@pytest.fixture
async def mock_url() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/v2/personas/{persona_id}", get_persona)
    app.router.add_get("/v2/personas", list_personas)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_persona_is_taken_out_of_its_envelope(mock_url: str) -> None:
    async with AsyncSession(KEY, base_url=mock_url) as session:
        persona = await session.get_persona("pf3b20d41c7e")

    assert (persona.persona_name, persona.document_tags) == ("Night desk", ("menu",))
    assert persona.layers.llm.model == "some-model"
    assert persona.layers.tts.tts_emotion_control is True
    assert persona.created_at is not None
    assert persona.created_at.isoformat() == "2025-03-01T09:30:00+00:00"


async def test_nothing_of_its_body_is_lost(mock_url: str) -> None:
    async with AsyncSession(KEY, base_url=mock_url) as session:
        body = (await session.get_persona("pf3b20d41c7e")).to_dict()

    # "true" comes back as the boolean that it stands for.
    layers = COACH["layers"]
    assert isinstance(layers, dict)
    tts = layers["tts"] | {"tts_emotion_control": True}
    assert body == COACH | {"layers": layers | {"tts": tts}}


async def test_its_secrets_are_there_and_not_shown(mock_url: str) -> None:
    async with AsyncSession(KEY, base_url=mock_url) as session:
        persona = await session.get_persona("pf3b20d41c7e")

    assert persona.layers.llm.api_key == Secret("sk-of-the-llm")
    assert not [secret for secret in ("sk-of", "Bearer") if secret in f"{persona!r} {persona} {persona.layers.llm!r}"]


async def test_the_list_is_read_page_by_page(mock_url: str) -> None:
    async with AsyncSession(KEY, base_url=mock_url) as session:
        listed = [persona.persona_id async for persona in session.list_personas()]

    assert listed == ["pf3b20d41c7e"]


async def test_its_refusals_are_told_apart(mock_url: str) -> None:
    async with AsyncSession(KEY, base_url=mock_url) as session:
        with pytest.raises(NotFoundError, match="Invalid persona_id"):
            await session.get_persona("pf00000000000")
    async with AsyncSession("another", base_url=mock_url) as session:
        with pytest.raises(AuthenticationError, match="Invalid access token"):
            await session.get_persona("pf3b20d41c7e")
