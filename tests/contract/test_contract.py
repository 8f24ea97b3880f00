"""The session and the sandbox against the contract that Tavus has published, and a mock made of nothing else.

The contract is of May 2026, before personas were also called PALs. Where reality differs from it, as callers have
found, the project goes with reality; `DIFFERENCES` has every such place.
"""

import asyncio
import contextlib
import json
import re
import warnings
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

import attrs
import pytest
from hypothesis import given

from tavus_async import (
    ApiError,
    AsyncSession,
    BadRequestError,
    Call,
    ConflictError,
    InvalidRequestError,
    PersonaDraft,
    RateLimit,
    RetryPolicy,
    UnknownFieldWarning,
    UnprocessableError,
    patch,
)
from tavus_async.resources.conversations import calls as conversations
from tavus_async.resources.documents import calls as documents
from tavus_async.resources.guardrails import calls as guardrails
from tavus_async.resources.objectives import calls as objectives
from tavus_async.resources.personas import calls as personas
from tavus_async.resources.pronunciation_dictionaries import calls as dictionaries
from tavus_async.resources.replicas import calls as replicas
from tavus_async.resources.videos import calls as videos
from tavus_async.resources.voices import calls as voices
from tavus_async.sandbox import Sandbox
from tests.contract.contract import (
    ALL,
    CANVAS,
    CONVERSATION,
    CONVERSATIONS,
    END,
    MESSAGE,
    ONE,
    Contract,
    Exchange,
    example,
    values,
)
from tests.contract.repertoire import TALKS, repertoire
from tests.contract.servers import mock, tap
from tests.support.given_back import differences
from tests.support.quick import KEY, quick_session


@attrs.frozen
class Difference:
    """Where reality and the contract part, and why the project believes it."""

    where: str
    """An operation and "request" or a status; patterns as in a shell, like the others."""
    what: tuple[str, ...]
    why: str


DIFFERENCES = (
    Difference(
        f"GET {ONE} 200",
        ("bare",),
        "Documented in an envelope, and answered without: every caller in production reads the bare object.",
    ),
    Difference(
        "*",
        ("path /v2/pals", "path /v2/faces"),
        "PALs and faces came a month after this contract, as second names for the same endpoints.",
    ),
    Difference(
        "*",
        (
            *("unknown *pal_id", "unknown *pal_name", "unknown *pal_interruptibility"),
            *("unknown *default_face_id", "unknown *face_id"),
        ),
        "What PALs call the id, the name, the interruptibility, the default replica, and that of a conversation.",
    ),
    Difference(
        f"PATCH {ONE} request",
        ("required",),
        "Every operation is said to need a value; the contract's own example of a removal has none, nor may move have.",
    ),
    Difference(f"PATCH {ONE} request", ("unknown from",), "Forgotten: move and copy are listed, and need one."),
    Difference(
        f"PATCH {ONE} request",
        ("type value",),
        "A value is said to be a string; callers replace lists, booleans and whole layers.",
    ),
    Difference(
        f"PATCH {ONE} request", ("query force",), "Came with PAL Maker, whose drafts it discards; documented later."
    ),
    Difference(
        f"PATCH {ONE} 409", ("ResponseNotFound", "body"), "Likewise: PAL Maker holds a draft that is not published."
    ),
    Difference(f"PATCH {ONE} 304", ("MissingData",), "A body is documented, which HTTP does not allow here."),
    Difference(
        f"PATCH {ONE} 200", ("body",), "No body is documented; callers read the persona's id and name out of one."
    ),
    Difference(f"PATCH {ONE} 401", ("ResponseNotFound", "body"), "Not documented for this one; every endpoint has it."),
    Difference(
        "* 429", ("ResponseNotFound", "body"), "Not documented; no limit is, and the sandbox has one if it is told to."
    ),
    Difference(
        "*",
        (
            "enum *layers.conversational_flow.turn_detection_model",
            "enum *layers.perception.perception_model",
            "enum *layers.stt.stt_engine",
            "enum *layers.tts.tts_engine",
            "enum pipeline_mode",
        ),
        "Older and newer values than this contract's are stored and accepted; any string is passed on.",
    ),
    Difference(
        "GET *", ("type *.tts_emotion_control",), "Said to be a boolean; personas are stored with the text instead."
    ),
    Difference(
        "*",
        ("unknown *_tools.type", "unknown *_tools.function"),
        "Said to be name and description; every example and caller wraps them as a function, as for the LLM.",
    ),
    Difference(
        "GET * 200",
        (
            "unknown data.pipeline_mode",
            "unknown data.objectives_id",
            "unknown data.guardrails_id",
            "unknown data.layers.conversational_flow",
            "unknown data.layers.llm.speculative_inference",
            "unknown data.layers.llm.headers",
            "unknown data.layers.llm.extra_body",
        ),
        "Documented where a persona is created, and not in one or both of the answers that show it.",
    ),
    Difference(
        "*",
        (
            "unknown *context",
            "unknown *layers.vqa",
            "unknown *layers.stt.participant_*_sensitivity",
            "unknown *layers.stt.smart_turn_detection",
            "unknown *layers.tts.playht_user_id",
            "unknown *layers.tts.voice_id",
            "unknown *layers.perception.ambient_awareness_queries",
            "unknown *layers.perception.perception_tool_prompt",
            "unknown *layers.perception.perception_tools",
            "unknown *layers.perception.tool_prompt",
        ),
        "Of earlier years: no longer documented, still stored and accepted.",
    ),
    Difference(
        "*", ("unknown *layers.transport",), "Never documented; pipecat's and LiveKit's personas are made with it."
    ),
    Difference(
        "*",
        (
            "unknown *greeting",
            "unknown *tool_ids",
            "unknown *skills",
            "unknown *memories",
            "unknown *languages",
            "unknown *is_template",
            "unknown *_disclosure",
            "unknown *disclosure_type",
            "unknown *guardrail_ids",
            "unknown *guardrail_tags",
            "unknown *conferencing_email",
            "unknown *layers.sts",
            "unknown *layers.capabilities",
            "unknown *layers.conferencing",
            "unknown *layers.knowledge_base",
            "unknown *layers.llm.default_query",
            "unknown *layers.perception.emotion_recognition",
            "unknown *layers.perception.screen_awareness_queries",
            "unknown *layers.perception.perception_analysis_queries",
            "unknown *layers.conversational_flow.active_listening",
            "unknown *layers.conversational_flow.turn_commitment",
            "unknown *layers.conversational_flow.idle_end_behavior",
        ),
        "Came later, or are left out of the contract and told on other pages.",
    ),
    Difference(
        "*",
        tuple(f"unknown {each}" for each in ("chat", "modality", "meeting_url", "participant_tags", "policy", "llm")),
        "Of conversations: came later, or only Tavus' own command line sends it.",
    ),
    Difference(
        f"POST {CONVERSATIONS} request",
        tuple(f"unknown properties.{each}" for each in ("auto_start_recording", "livekit_*")),
        "Told on the pages about recordings, and sent by LiveKit's plugin.",
    ),
    Difference(
        f"POST {CONVERSATIONS} 200",
        ("unknown persona_id", "unknown replica_id"),
        "Left out where a conversation is created; the documentation's own quick start shows them.",
    ),
    Difference(
        f"POST {CONVERSATIONS} 400",
        ("unknown message",),
        "Said to be under error; callers at their limit got a message.",
    ),
    Difference(f"POST {CONVERSATIONS} 402", ("ResponseNotFound", "body"), "Callers without credits have met it."),
    Difference(
        f"GET {CONVERSATION} 200",
        ("unknown shutdown_reason",),
        "Callers read it, beside the event that tells the same.",
    ),
    Difference(
        f"POST {END} 200", ("body",), "No body is documented; callers got an object, with a status in it or nothing."
    ),
    Difference(
        "*",
        ("unknown *face_name", "unknown *face_type", "query face_type", "query face_ids"),
        "What faces call the name and the type of a replica, and the filters of the list.",
    ),
    Difference(
        "PATCH /v2/replicas/{replica_id}/name request", ("required",), "The name is needed under the name that it has."
    ),
    Difference("GET /v2/replicas request", ("query sort",), "Tavus' own command line sends it."),
    Difference(
        "PATCH /v2/replicas/{replica_id} request", ("path",), "Came later; the contract knows only how to rename."
    ),
    Difference(
        "* /v2/replicas*",
        tuple(f"unknown {each}" for each in ("*default_voice_id", "*original_voice_id", "*tags")),
        "Told on the later pages about voices, and met by callers.",
    ),
    Difference(
        "GET /v2/replicas 200",
        tuple(
            f"unknown data.{each}" for each in ("error_message", "updated_at", "thumbnail_image_url", "is_recommended")
        ),
        "A list is said to tell less of a replica than reading it does; callers read these out of one.",
    ),
    Difference(
        "* /v2/replicas/{replica_id} 404",
        ("ResponseNotFound", "body"),
        "Not documented; callers met it for replicas that were deleted.",
    ),
    Difference(
        "GET /v2/voices 200",
        (
            "type data.tags",
            *(f"unknown data.{each}" for each in ("voice_id", "description", "voice_type", "status", "created_at")),
        ),
        "The list had the voices of stock replicas; it has had voices of their own since, as the later pages tell.",
    ),
    Difference("GET /v2/voices request", ("query source",), "Told on the later pages about voices."),
    *(
        Difference(f"{method} /v2/voices{item} request", ("path",), "Voices could only be listed then.")
        for method, item in (("POST", ""), *((each, "/{voice_id}") for each in ("GET", "PATCH", "DELETE")))
    ),
    *(
        Difference(f"* {path} request", ("path",), "Came later, with the rename or after it.")
        for path in (
            *("/v2/tools", "/v2/tools/{tool_id}", f"{ONE}/tools", f"{ONE}/tools/{{tool_id}}"),
            *("/v2/skills", "/v2/skills/{skill_id}", f"{ONE}/skills", f"{ONE}/skills/{{skill_id}}"),
            *("/v2/deployments", "/v2/deployments/{deployment_id}", f"{ONE}/publish", f"{ALL}/check-username"),
        )
    ),
    Difference(
        "GET /v2/objectives/{objectives_id} 200",
        ("type data", "unknown objectives_id", "unknown name", "unknown allow_loops", "unknown *_at"),
        "Documented with one objective in data; Tavus' own programs read a list of them, and the rest of the set.",
    ),
    Difference(
        "* /v2/objectives*",
        (
            *("unknown name", "unknown allow_loops", "unknown data.tool_call", "unknown data.objectives_name"),
            *("query type", "query name_or_uuid", "query sort"),
        ),
        "Left out of the contract: callers send the name, and Tavus' own command line the rest, or reads it.",
    ),
    Difference("POST /v2/objectives/validate request", ("path",), "Known from Tavus' own command line alone."),
    Difference(
        "PATCH /v2/[og]*/{*_id} request", ("unknown from",), "Forgotten here as well: move and copy are listed."
    ),
    Difference(
        "* /v2/guardrails*",
        (
            *(f"query {each}" for each in ("legacy", "name_or_uuid", "sort", "tags", "type", "verbose")),
            *(f"unknown guardrail_{each}" for each in ("id", "name", "prompt", "type")),
            *(f"unknown data.guardrail_{each}" for each in ("id", "name", "prompt", "type")),
            *(f"unknown *{each}" for each in ("app_message", "persona_refs", "tags", "tool_call", "uuid")),
            *("unknown callback_url", "unknown data.callback_url", "unknown data.modality", "unknown updated_at"),
        ),
        "Single guardrails came later; only Tavus' own command line tells of them, and of the filters.",
    ),
    Difference(
        "GET /v2/guardrails/{guardrail_id} 200",
        ("type data", "unknown guardrails_id", "unknown name", "unknown created_at"),
        "A set is documented with one guardrail in data; Tavus' own programs read a list of them there.",
    ),
    Difference("GET /v2/guardrails/tags request", ("path",), "Known from Tavus' own command line alone."),
    Difference(
        "* /v2/pronunciation-dictionaries*",
        ("unknown rules.alphabet",),
        "Tavus' own command line sends it with each rule of sounds.",
    ),
    Difference(
        "* /v2/documents*",
        (
            *(f"query {name}" for name in ("participant_tags", "scope", "verbose")),
            *(
                f"unknown *{name}"
                for name in (
                    *("participant_tags", "custom_description", "display_status"),
                    *("is_customer_support_document", "font_size_aware_extraction"),
                )
            ),
        ),
        "Not documented; Tavus' own command line sends and shows them.",
    ),
    Difference(
        "GET /v2/documents request", ("enum",), "Documented as `descending`; Tavus' own command line sends `desc`."
    ),
    *(
        Difference(f"GET /v2/documents/{rest} request", ("path",), "Not documented; Tavus' own command line reads it.")
        for rest in ("tags", "{document_id}/chunks")
    ),
    Difference(
        "POST /v2/documents* 429",
        ("unknown message",),
        "Documented for too many websites and recrawls alone; a general limit speaks of itself as elsewhere.",
    ),
    Difference(
        "GET /v2/videos* 200",
        ("type *download_url", "type *stream_url"),
        "Documented as texts; before a video is ready, real answers have null there.",
    ),
    Difference(
        "GET /v2/videos* 200",
        (
            *("unknown *replica_id", "unknown *generation_progress"),
            *("unknown *data.audio_url", "unknown *data.start_with_wave"),
        ),
        "Not documented; real answers have them.",
    ),
    Difference(
        "GET /v2/videos 200",
        ("unknown data.created_at", "unknown data.updated_at"),
        "Documented of a single video alone; a list is taken to show the same.",
    ),
    Difference(
        "GET /v2/videos/{video_id} 200",
        ("unknown background_url", "unknown background_source_url"),
        "Documented of the list alone; a single video is taken to show the same.",
    ),
    Difference("* /v2/memory-stores* request", ("path",), "Memory stores came later."),
    *(
        Difference(f"{method} {path} request", ("path",), "Messages and the canvas came later.")
        for method, path in (("POST", MESSAGE), ("POST", CANVAS), ("GET", CANVAS))
    ),
)


@attrs.frozen
class At:
    url: str


@pytest.fixture(scope="module")
def exchanges() -> list[Exchange]:
    """All that is said when a session does everything with everything that the sandbox has."""
    return asyncio.run(listen())


async def listen() -> list[Exchange]:
    said: list[Exchange] = []
    for sandbox in (
        Sandbox(personas=60, conversations=40, api_key=KEY),
        Sandbox(personas=3, api_key=KEY, envelope=True),
    ):
        async with sandbox, tap(sandbox, said) as url, quick_session(At(url)) as session:
            await repertoire(session, sandbox.persona_ids)
            await refusals(session, sandbox)
    for sandbox in (Sandbox(api_key="another"), Sandbox(api_key=KEY, rate_limit=RateLimit(0.001, burst=1))):
        retry = RetryPolicy(attempts=1, base_delay=0.0)
        async with sandbox, tap(sandbox, said) as url, quick_session(At(url), retry=retry) as session:
            for call in CALLS:
                with contextlib.suppress(ApiError):
                    await session.send(call)
    for sandbox in (Sandbox(api_key=KEY, credits=0), Sandbox(api_key=KEY, max_conversations=1, end_body="empty")):
        async with sandbox, tap(sandbox, said) as url, quick_session(At(url)) as session:
            for _ in range(2):
                with contextlib.suppress(ApiError):
                    await session.create_conversation(TALKS[0])
            await session.end_conversations(everything=True)
    return said


CALLS: tuple[Call[Any], ...] = (
    personas.delete_persona("p0"),
    personas.get_persona("p5317866"),
    personas.list_personas_page(),
    personas.create_persona(PersonaDraft(pipeline_mode="echo")),
    personas.patch_persona("p5317866", [patch.add("/greeting", "Hi")]),
    conversations.create_conversation(TALKS[0]),
    conversations.get_conversation("c0"),
    conversations.list_conversations_page(),
    conversations.end_conversation("c0"),
    conversations.delete_conversation("c0"),
    replicas.get_replica("r0"),
    replicas.list_replicas_page(),
    replicas.create_replica({"train_video_url": "https://bucket.example/train.mp4"}),
    replicas.rename_replica("r0", "Ann"),
    replicas.delete_replica("r0"),
    voices.list_voices_page(),
    videos.get_video("v0"),
    videos.list_videos_page(),
    videos.create_video({"replica_id": "r1", "script": "Hello."}),
    videos.rename_video("v0", "Later"),
    videos.delete_video("v0"),
    documents.get_document("d0"),
    documents.list_documents_page(),
    documents.create_document({"document_url": "https://docs.example/"}),
    documents.update_document("d0", {"tags": []}),
    documents.recrawl_document("d0"),
    documents.delete_document("d0"),
    objectives.create_objective_set({"data": [{"objective_name": "a", "objective_prompt": "b"}]}),
    objectives.get_objective_set("o0"),
    objectives.list_objective_sets_page(),
    objectives.patch_objective_set("o0", [patch.add("/name", "a")]),
    objectives.delete_objective_set("o0"),
    guardrails.create_guardrail_set({"data": [{"guardrail_name": "a", "guardrail_prompt": "b"}]}),
    guardrails.get_guardrail_set("g0"),
    guardrails.list_guardrail_sets_page(),
    guardrails.patch_guardrail_set("g0", [patch.add("/name", "a")]),
    guardrails.delete_guardrail_set("g0"),
    dictionaries.create_pronunciation_dictionary({"name": "a"}),
    dictionaries.get_pronunciation_dictionary("pd_0"),
    dictionaries.list_pronunciation_dictionaries_page(),
    dictionaries.patch_pronunciation_dictionary("pd_0", [patch.add("/name", "a")]),
    dictionaries.delete_pronunciation_dictionary("pd_0"),
)


async def refusals(session: AsyncSession, sandbox: Sandbox) -> None:
    """What the repertoire cannot bring about: a conflict, and a patch that is none."""
    created = await session.create_persona(PersonaDraft(pipeline_mode="echo"))
    sandbox.open_maker_draft(created.persona_id)
    with pytest.raises(ConflictError):
        await session.patch_persona(created.persona_id, [patch.add("/greeting", "Hi")])
    unknown: Any = "merge"
    with pytest.raises(UnprocessableError):
        await session.patch_persona(created.persona_id, [patch.Operation(unknown, "/greeting", "Hi")])


def is_listed(finding: str) -> bool:
    return any(matches(finding, difference) for difference in DIFFERENCES)


def matches(finding: str, difference: Difference) -> bool:
    where, _, what = finding.partition(": ")
    return fnmatchcase(where, difference.where) and any(fnmatchcase(what, pattern) for pattern in difference.what)


def not_listed(findings: Iterable[str]) -> list[str]:
    return sorted({finding for finding in findings if not is_listed(finding)})


@pytest.fixture(scope="module")
def of_requests(contract: Contract, exchanges: list[Exchange]) -> set[str]:
    """What the contract says against the requests, except the one that is no patch on purpose."""
    patches = [each for each in exchanges if each.status != 422]
    kinds = {(each.method, at_any_id(each.target), each.body): each for each in patches}
    return {finding for each in kinds.values() for finding in contract.of_request(each)}


@pytest.fixture(scope="module")
def of_answers(contract: Contract, exchanges: list[Exchange]) -> set[str]:
    """What the contract says against the answers."""
    kinds = {(each.method, at_any_id(each.target), each.status, each.answer): each for each in exchanges}
    return {finding for each in kinds.values() for finding in contract.of_answer(each)}


def at_any_id(target: str) -> str:
    """A path without the id in it: what the contract says of one it says of all."""
    return re.sub(r"^(/v2/\w+/)[^?/]+", r"\1", target)


def test_every_request_of_the_session_is_as_the_contract_has_it(
    of_requests: set[str], exchanges: list[Exchange]
) -> None:
    assert len(exchanges) > 500
    assert {exchange.method for exchange in exchanges} >= {"GET", "POST", "PATCH", "DELETE"}
    assert not_listed(of_requests) == []


def test_so_is_every_answer_of_the_sandbox(of_answers: set[str], exchanges: list[Exchange]) -> None:
    assert {exchange.status for exchange in exchanges} >= {200, 204, 304, 400, 401, 402, 404, 409, 422, 429}
    assert not_listed(of_answers) == []


def test_every_difference_is_one(of_requests: set[str], of_answers: set[str]) -> None:
    unseen = [
        f"{difference.where}: {pattern}"
        for difference in DIFFERENCES
        for pattern in difference.what
        if not any(matches(finding, attrs.evolve(difference, what=(pattern,))) for finding in of_requests | of_answers)
    ]

    assert unseen == []


def test_the_sandbox_answers_in_the_documented_envelope_if_told_so(
    contract: Contract, exchanges: list[Exchange]
) -> None:
    read = [each for each in exchanges if each.method == "GET" and each.path == f"{ALL}/p5317866"]
    bare = [f"GET {ONE} 200: bare" in contract.of_answer(each) for each in read if each.status == 200]

    assert set(bare) == {True, False}


def test_whatever_the_contract_allows_can_be_created_as_it_stands(contract: Contract) -> None:
    schema = contract.request_schema("POST", ALL)

    @given(values(schema))
    def check(body: dict[str, Any]) -> None:
        body = {"system_prompt": "Be kind."} | body
        try:
            call = personas.create_persona(as_draft(body))
        except InvalidRequestError as error:
            # The contract does not say that a tool is an object.
            is_no_tool = str(error).endswith("wrong type: layers.llm.tools")
            assert is_no_tool or "system_prompt" in str(error)  # noqa: PT017
            assert is_no_tool or not body["system_prompt"].strip()
            return
        assert json.loads(call.body or b"") == body
        assert list(contract.of_request(asked(call))) == []

    check()


def as_draft(body: dict[str, Any]) -> PersonaDraft:
    """The draft that makes this body, as somebody would have written it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownFieldWarning)
        return PersonaDraft.from_dict(body)


def asked(call: Call[Any]) -> Exchange:
    return Exchange(method=call.method, target=call.path, headers={"x-api-key": KEY}, body=call.body or b"")


def test_whatever_conversation_the_contract_allows_can_be_created_as_it_stands(contract: Contract) -> None:
    schema = contract.request_schema("POST", CONVERSATIONS)

    @given(values(schema))
    def check(body: dict[str, Any]) -> None:
        body = {"replica_id": "r1"} | body
        try:
            call = conversations.create_conversation(body)
        except InvalidRequestError:
            assert (body["replica_id"], body.get("persona_id") or "") == ("", "")
            return
        assert json.loads(call.body or b"") == body
        assert list(contract.of_request(asked(call))) == []

    check()


async def test_a_mock_of_the_contract_takes_every_request_and_its_answers_are_understood(contract: Contract) -> None:
    refused: list[str] = []

    def problems(exchange: Exchange) -> list[str]:
        return not_listed(contract.of_request(exchange))

    async with mock(contract, problems, refused) as url, quick_session(At(url)) as session:
        answers = await repertoire(session, ["pcb7a34da5fe"], later=False)
        with pytest.raises(BadRequestError, match="type persona_name"):
            await session.send(attrs.evolve(CALLS[3], body=b'{"persona_name": 5}'))

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert len({type(answer) for answer in answers}) > 5
    assert refused == [f"POST {ALL} request: type persona_name"]


def test_of_the_documented_examples_nothing_is_lost(contract: Contract) -> None:
    told = example(contract.answer_schema("GET", ONE, 200))

    assert told["data"][0]["persona_id"] == "pcb7a34da5fe"
    assert personas.get_persona("pcb7a34da5fe").decode(json.dumps(told).encode()).to_dict() == told["data"][0]


def test_nor_of_those_of_a_conversation(contract: Contract) -> None:
    content = contract.operation("GET", CONVERSATION)["responses"]["200"]["content"]["application/json"]
    told = [each["value"] for each in content["examples"].values()]
    read = [conversations.get_conversation(each["conversation_id"]).decode(json.dumps(each).encode()) for each in told]

    assert len(told) == 2
    assert [each.extra for each in read] == [{}, {}]
    assert [differences(one, other.to_dict()) for one, other in zip(told, read, strict=True)] == [[], []]
    assert [each.end_reason for each in read] == [None, "participant_left_timeout"]
