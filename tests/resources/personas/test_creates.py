"""Creating personas over real sockets, counted where they arrive."""

import asyncio
import json
from collections import Counter
from typing import Any

import attrs
import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    ConfigurationError,
    ConversationalFlowLayer,
    CreatedPersona,
    DeadlineExceededError,
    DecodeError,
    InvalidRequestError,
    Layers,
    LlmLayer,
    Persona,
    PersonaDraft,
    RateLimit,
    RetryPolicy,
    SessionClosedError,
    SttLayer,
    TavusError,
    Timeouts,
    TtsLayer,
    VoiceSettings,
)
from tavus_async._session import Vocabulary
from tavus_async.sandbox import Answer, Faults, Sandbox
from tavus_async.sandbox.faults import Scripted
from tests.support.decoding import decode_persona
from tests.support.quick import KEY, quick_session
from tests.support.raw_server import RawServer, always, close, hang, reset

both_vocabularies = pytest.mark.parametrize("vocabulary", ["persona", "pal"])

DRAFT = PersonaDraft(persona_name="Ada", system_prompt="Be kind.")
CREATED = always(b'{"persona_id": "p9", "persona_name": "Ada", "created_at": "2026-10-06T18:24:55Z"}')
# What the server shows of a persona, with everything in it that must not be sent back.
SHOWN: dict[str, Any] = {
    "persona_id": "p1",
    "persona_name": "Ada",
    "system_prompt": "Say *** where a word is missing.",
    "uuid": "u1",
    "owner_id": 7,
    "session_id": "s1",
    "is_draft": False,
    "source_template_id": "t1",
    "registration_id": 8,
    "pal_settings_id": 9,
    "conferencing_email": "ada@pals.example",
    "created_at": "2026-10-06T18:24:55Z",
    "updated_at": "2026-10-06T18:24:55Z",
    "brand_new_field": "nobody knows whose",
    "layers": {
        "llm": {
            "model": "mine",
            "base_url": "https://llm.example",
            "api_key": "********cdef",
            "headers": {"Authorization": "Bearer ********", "X-Team": "blue"},
            "temperature": 0.5,
        },
        "tts": {"tts_engine": "playht", "api_key": "***", "playht_user_id": "short…", "voice_settings": {"speed": 1}},
        "conversational_flow": {"pal_interruptibility": "high"},
    },
}


async def sent(draft: PersonaDraft, vocabulary: Vocabulary = "persona") -> tuple[str, dict[str, Any]]:
    """The path and the body of the request that creating makes."""
    async with RawServer(CREATED) as server, quick_session(server, vocabulary=vocabulary) as session:
        await session.create_persona(draft)
        (request,) = server.requests
    assert request.method == "POST"
    return request.path, json.loads(request.body)


def shown(**changes: Any) -> Persona:
    return decode_persona(json.dumps(SHOWN | changes).encode())


class TestWhatIsSent:
    async def test_what_is_set_and_nothing_else(self) -> None:
        assert await sent(DRAFT) == ("/v2/personas", {"persona_name": "Ada", "system_prompt": "Be kind."})

    async def test_a_pal_in_the_names_of_pals(self) -> None:
        flow = ConversationalFlowLayer(replica_interruptibility="low")
        draft = attrs.evolve(DRAFT, default_replica_id="r1", layers=Layers(conversational_flow=flow))

        assert await sent(draft, "pal") == (
            "/v2/pals",
            {
                "pal_name": "Ada",
                "system_prompt": "Be kind.",
                "default_face_id": "r1",
                "layers": {"conversational_flow": {"pal_interruptibility": "low"}},
            },
        )

    async def test_lists_do_as_well_as_tuples(self) -> None:
        tools: Any = [{"type": "function", "function": {"name": "f"}}]
        ids: Any = ["d1", "d2"]
        draft = attrs.evolve(DRAFT, document_ids=ids, layers=Layers(llm=LlmLayer(tools=tools)))
        twin = attrs.evolve(DRAFT, document_ids=("d1", "d2"), layers=Layers(llm=LlmLayer(tools=tuple(tools))))

        assert await sent(draft) == await sent(twin)
        assert (await sent(draft))[1]["document_ids"] == ["d1", "d2"]

    async def test_empty_values_and_fields_of_the_future_are_sent(self) -> None:
        layers = Layers(
            tts=TtsLayer(external_voice_id="", voice_settings=VoiceSettings()), extra={"dance": {"on": None}}
        )
        draft = attrs.evolve(DRAFT, greeting="", document_ids=(), layers=layers, extra={"mood": "\ud800 ☕"})

        assert (await sent(draft))[1] == {
            "persona_name": "Ada",
            "system_prompt": "Be kind.",
            "greeting": "",
            "document_ids": [],
            "layers": {"tts": {"external_voice_id": "", "voice_settings": {}}, "dance": {"on": None}},
            "mood": "\ud800 ☕",
        }

    @both_vocabularies
    async def test_a_secret_of_ones_own_is_sent(self, vocabulary: Vocabulary) -> None:
        llm = LlmLayer(base_url="https://llm.example", api_key="sk-new", headers={"Authorization": "Bearer new"})
        draft = attrs.evolve(DRAFT, layers=Layers(llm=llm))

        assert (await sent(draft, vocabulary))[1]["layers"]["llm"] == llm.to_dict()


class TestAVariation:
    @both_vocabularies
    async def test_it_has_the_settings_and_nothing_that_is_masked_or_the_servers_own(
        self, vocabulary: Vocabulary
    ) -> None:
        draft = attrs.evolve(PersonaDraft.of(shown()), greeting="Hi")
        name, interruptibility = {
            "persona": ("persona_name", "replica_interruptibility"),
            "pal": ("pal_name", "pal_interruptibility"),
        }[vocabulary]

        assert (await sent(draft, vocabulary))[1] == {
            name: "Ada",
            "system_prompt": "Say *** where a word is missing.",
            "greeting": "Hi",
            "layers": {
                "llm": {
                    "model": "mine",
                    "base_url": "https://llm.example",
                    "headers": {"X-Team": "blue"},
                    "temperature": 0.5,
                },
                "tts": {"tts_engine": "playht", "voice_settings": {"speed": 1}},
                "conversational_flow": {interruptibility: "high"},
            },
        }

    async def test_a_new_secret_takes_the_place_of_the_masked_one(self) -> None:
        draft = PersonaDraft.of(shown())
        llm = attrs.evolve(draft.layers.llm, api_key="sk-new")
        body = (await sent(attrs.evolve(draft, layers=attrs.evolve(draft.layers, llm=llm))))[1]

        assert body["layers"]["llm"]["api_key"] == "sk-new"
        assert "api_key" not in body["layers"]["tts"]

    async def test_a_secret_of_a_surprising_type_is_not_sent_back(self) -> None:
        layers = {
            "llm": {"model": "m", "headers": "********", "api_key": ["********"]},
            "tts": {"api_key": {"a": "***"}},
        }
        body = (await sent(PersonaDraft.of(shown(layers=layers))))[1]  # fmt: skip

        assert body["layers"] == {"llm": {"model": "m"}, "tts": {}}

    async def test_what_the_server_has_in_a_surprising_type_is_sent_as_it_came(self) -> None:
        layers = {"stt": {"hotwords": ["Zoë"]}, "tts": 5}
        body = (await sent(PersonaDraft.of(shown(layers=layers))))[1]

        assert body["layers"] == layers

    @both_vocabularies
    async def test_of_every_persona_of_the_sandbox_one_can_be_made(self, vocabulary: Vocabulary) -> None:
        async with (
            Sandbox(personas=60, api_key=KEY) as sandbox,
            quick_session(sandbox, vocabulary=vocabulary) as session,
        ):
            personas = await session.get_personas(sandbox.persona_ids)
            assert len(personas) == 60
            for persona in personas:
                created = await session.create_persona(PersonaDraft.of(persona))
                copy = await session.get_persona(created.persona_id)

                assert "***" not in json.dumps(sandbox.stored(created.persona_id))
                assert without_secrets(copy) == without_secrets(persona)


def without_secrets(persona: Persona) -> dict[str, Any]:
    body = PersonaDraft.of(persona).to_dict()
    for layer in body.get("layers", {}).values():
        for name in ("api_key", "playht_user_id"):
            layer.pop(name, None)
    return body


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("changes", "names"),
        [
            ({"persona_name": 5}, "persona_name"),
            ({"document_ids": "d1"}, "document_ids"),
            ({"document_ids": ["d1", 2]}, "document_ids"),
            ({"is_template": "perhaps"}, "is_template"),
            ({"pipeline_mode": ["full"]}, "pipeline_mode"),
            ({"layers": {"llm": {"model": 5}}}, "llm.model"),
            ({"layers": LlmLayer(model="m")}, "layers"),
            ({"greeting": LlmLayer(model="m")}, "greeting"),
            ({"layers": Layers(llm=[1])}, "layers.llm"),  # type: ignore[arg-type]
            ({"layers": Layers(llm=LlmLayer(model=1, api_key=2))}, "layers.llm.model, layers.llm.api_key"),  # type: ignore[arg-type]
            ({"layers": Layers(llm=LlmLayer(tools={"a": 1}))}, "layers.llm.tools"),  # type: ignore[arg-type]
            ({"layers": Layers(stt=SttLayer(smart_turn_detection=1))}, "layers.stt.smart_turn_detection"),  # type: ignore[arg-type]
            ({"system_prompt": b"x", "greeting": 1}, "system_prompt, greeting"),
        ],
    )
    @both_vocabularies
    async def test_a_value_of_the_wrong_type_is_named(
        self, changes: dict[str, Any], names: str, vocabulary: Vocabulary
    ) -> None:
        async with RawServer(CREATED) as server, quick_session(server, vocabulary=vocabulary) as session:
            with pytest.raises(InvalidRequestError, match=f"wrong type: {names}$"):
                await session.create_persona(attrs.evolve(DRAFT, **changes))

            assert server.connections == 0

    async def test_so_is_one_under_another_name_of_its_field(self) -> None:
        draft = PersonaDraft.of(shown())
        wrong: Any = 3
        flow = attrs.evolve(draft.layers.conversational_flow, replica_interruptibility=wrong)
        async with RawServer(CREATED) as server, quick_session(server) as session:
            with pytest.raises(InvalidRequestError, match=r"layers\.conversational_flow\.replica_interruptibility"):
                await session.create_persona(
                    attrs.evolve(draft, layers=attrs.evolve(draft.layers, conversational_flow=flow))
                )

    @pytest.mark.parametrize("prompt", [None, "", " \n"])
    @pytest.mark.parametrize("mode", [None, "full"])
    async def test_in_full_mode_a_system_prompt_is_needed(self, mode: str | None, prompt: str | None) -> None:
        async with Sandbox(personas=0, api_key=KEY) as sandbox, quick_session(sandbox) as session:
            with pytest.raises(InvalidRequestError, match="system_prompt"):
                await session.create_persona(PersonaDraft(pipeline_mode=mode, system_prompt=prompt))

            assert sandbox.stats().total == 0

    @pytest.mark.parametrize("mode", ["echo", "speech-to-speech"])
    async def test_in_other_modes_none_is_needed(self, mode: str) -> None:
        async with Sandbox(personas=0, api_key=KEY) as sandbox, quick_session(sandbox) as session:
            created = await session.create_persona(PersonaDraft(pipeline_mode=mode))

            assert sandbox.persona_ids == (created.persona_id,)

    @pytest.mark.parametrize("draft", [None, [], "x", Persona(persona_id="p1"), PersonaDraft])
    async def test_what_is_no_draft_is_refused(self, draft: Any) -> None:
        async with RawServer(CREATED) as server, quick_session(server) as session:
            with pytest.raises(InvalidRequestError, match="draft must be a PersonaDraft"):
                await session.create_persona(draft)

    @pytest.mark.parametrize("vocabulary", [None, "pals", "", ["pal"]])
    def test_a_vocabulary_that_is_none_is_refused(self, vocabulary: Any) -> None:
        with pytest.raises(ConfigurationError, match="vocabulary must be one of persona, pal"):
            AsyncSession(KEY, vocabulary=vocabulary)

    @pytest.mark.parametrize("value", [float("nan"), {1, 2}, object(), b"x"])
    async def test_what_json_cannot_hold_is_refused(self, value: Any) -> None:
        async with RawServer(CREATED) as server, quick_session(server) as session:
            with pytest.raises(InvalidRequestError, match="cannot be written as JSON"):
                await session.create_persona(attrs.evolve(DRAFT, extra={"x": value}))


class TestWhatComesBack:
    @both_vocabularies
    async def test_the_id_by_which_it_can_be_read(self, vocabulary: Vocabulary) -> None:
        async with (
            Sandbox(personas=3, api_key=KEY) as sandbox,
            quick_session(sandbox, vocabulary=vocabulary) as session,
        ):
            created = await session.create_persona(DRAFT)
            persona = await session.get_persona(created.persona_id)

        assert isinstance(created, CreatedPersona)
        assert (created.persona_name, persona.persona_name, persona.system_prompt) == ("Ada", "Ada", "Be kind.")
        assert created.created_at == persona.created_at
        assert created.created_at is not None

    @pytest.mark.parametrize("envelope", ['{"data": %s}', '{"data": [%s]}', "%s"])
    async def test_in_whichever_envelope(self, envelope: str) -> None:
        body = '{"pal_id": "p9", "conferencing_email": "a@b.example", "later": 1}'
        async with RawServer(always((envelope % body).encode())) as server, quick_session(server) as session:
            created = await session.create_persona(DRAFT)

        assert (created.persona_id, created.conferencing_email) == ("p9", "a@b.example")
        assert created.extra == {"later": 1}


SOON = Answer(status=503, body={"message": "later"}, headers={"Retry-After": "0"})
REFUSED: list[Scripted] = [429, SOON]
FAULTS: list[Scripted] = ["ok", "reset", "truncate", "garble", "stall", 400, 401, 408, 500, 502, 503, 504, *REFUSED]
# By these the sandbox has done nothing; at Tavus nobody can tell.
GATEWAYS: list[Scripted] = [408, 502, 504]
SCRIPTS = [[fault] for fault in FAULTS] + [[first, second] for first in REFUSED for second in FAULTS]


class TestNeverTwice:
    @pytest.mark.parametrize("script", SCRIPTS, ids=str)
    async def test_whatever_goes_wrong_there_is_one_at_most_and_the_error_tells(self, script: list[Scripted]) -> None:
        async with (
            Sandbox(personas=0, api_key=KEY) as sandbox,
            quick_session(sandbox, timeouts=Timeouts(attempt=0.2)) as session,
        ):
            sandbox.script(script)
            try:
                outcome: object = (await session.create_persona(DRAFT)).persona_id
            except TavusError as error:
                outcome = error
            created = list(sandbox.persona_ids)

            match outcome:
                case AmbiguousOutcomeError(name=name):
                    assert name == "Ada"
                    assert "await session.find_personas('Ada')" in str(outcome)
                    assert [found.persona_id for found in await session.find_personas(name)] == created
                    assert len(created) == (0 if script[-1] in GATEWAYS else 1)
                case DecodeError():  # the server has said yes, in words that cannot be read
                    assert len(created) == 1
                case TavusError():
                    assert created == []
                case _:
                    assert created == [outcome]
            assert script[-1] != "ok" or created

    @pytest.mark.parametrize("seed", range(3))
    async def test_not_one_of_many_under_random_faults(self, seed: int) -> None:
        faults = Faults(error=0.15, reset=0.15, truncate=0.15, garble=0.1, jitter=0.01)
        names = [f"persona {number}" for number in range(60)]
        async with Sandbox(personas=0, api_key=KEY, faults=faults, seed=seed) as sandbox:
            sandbox.script([429, SOON, 429])
            async with quick_session(sandbox) as session:
                drafts = [attrs.evolve(DRAFT, persona_name=name) for name in names]
                outcomes = await asyncio.gather(*map(session.create_persona, drafts), return_exceptions=True)
            made = Counter(sandbox.stored(persona_id)["persona_name"] for persona_id in sandbox.persona_ids)

        assert max(made.values()) == 1
        for name, outcome in zip(names, outcomes, strict=True):
            assert isinstance(outcome, CreatedPersona | TavusError)
            assert made[name] or not isinstance(outcome, CreatedPersona)
            if made[name]:
                assert isinstance(outcome, CreatedPersona | AmbiguousOutcomeError | DecodeError)

    @pytest.mark.parametrize("lose", [reset, close])
    async def test_without_a_name_the_error_says_where_to_look(self, lose: Any) -> None:
        async with RawServer(lose) as server, quick_session(server) as session:
            with pytest.raises(AmbiguousOutcomeError, match=r"may have happened .*the list") as caught:
                await session.create_persona(PersonaDraft(pipeline_mode="echo"))

            assert len(server.requests) == 1
        assert (caught.value.name, caught.value.method, caught.value.path) == (None, "POST", "/v2/personas")

    async def test_nobody_listening_is_no_reason_to_doubt(self) -> None:
        async with RawServer(CREATED) as server:
            session = quick_session(server, retry=RetryPolicy(attempts=2, base_delay=0.0))
        with pytest.raises(TavusError, match="cannot connect") as caught:
            await session.create_persona(DRAFT)
        await session.aclose()

        assert not isinstance(caught.value, AmbiguousOutcomeError)

    async def test_a_deadline_during_the_answer_is_ambiguous(self) -> None:
        async with RawServer(hang) as server, quick_session(server) as session:
            with pytest.raises(AmbiguousOutcomeError, match=r"no answer came within 0\.2 s") as caught:
                await session.create_persona(DRAFT, timeout=0.2)

            assert (caught.value.name, len(server.requests)) == ("Ada", 1)

    async def test_a_deadline_in_the_queue_is_not(self) -> None:
        async with RawServer(CREATED) as server, quick_session(server, rate_limit=RateLimit(0.01, burst=1)) as session:
            await session.create_persona(DRAFT)
            with pytest.raises(DeadlineExceededError, match="rate limit"):
                await session.create_persona(DRAFT, timeout=0.1)

            assert len(server.requests) == 1

    async def test_closing_the_session_during_the_answer_is_ambiguous(self) -> None:
        async with RawServer(hang) as server:
            session = quick_session(server)
            call = asyncio.create_task(session.create_persona(DRAFT))
            await server.received(1)
            await session.aclose()
            with pytest.raises(AmbiguousOutcomeError):
                await call
            with pytest.raises(SessionClosedError):
                await session.create_persona(DRAFT)

            assert len(server.requests) == 1

    async def test_two_equal_creates_are_two(self) -> None:
        async with Sandbox(personas=0, api_key=KEY) as sandbox, quick_session(sandbox) as session:
            one, other = await asyncio.gather(session.create_persona(DRAFT), session.create_persona(DRAFT))

            assert set(sandbox.persona_ids) == {one.persona_id, other.persona_id}
            assert len(sandbox.persona_ids) == 2


class TestFinding:
    async def test_it_finds_every_persona_of_that_name_on_whichever_page(self) -> None:
        named = {"persona_name": "Ada", "system_prompt": "x"}
        async with Sandbox(personas=230, api_key=KEY) as sandbox, quick_session(sandbox) as session:
            wanted = [sandbox.add(named)]
            for number in range(120):
                sandbox.add(named | {"persona_name": f"Ada {number}"})
            wanted.append(sandbox.add(named))
            sandbox.add(named, system=True)

            assert [found.persona_id for found in await session.find_personas("Ada")] == wanted
            assert await session.find_personas("ada") == []

    async def test_it_reads_again_what_was_created_meanwhile(self) -> None:
        async with Sandbox(personas=0, api_key=KEY) as sandbox, AsyncSession(KEY, base_url=sandbox.url) as session:
            assert await session.find_personas("Ada") == []
            created = await session.create_persona(DRAFT)

            assert [found.persona_id for found in await session.find_personas("Ada")] == [created.persona_id]
