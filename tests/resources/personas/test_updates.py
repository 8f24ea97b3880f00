"""Updating personas over real sockets: the patch between two records, made and sent."""

import json
from typing import Any

import attrs
import jsonpatch
import pytest
from hypothesis import assume, example, given, reject, strategies as st

from tavus_async import ConflictError, InvalidRequestError, Layers, LlmLayer, Persona, PersonaDraft
from tavus_async._records.body import body_of
from tavus_async._records.fields import schema_of
from tavus_async._records.immutable import is_mapping, is_sequence
from tavus_async._records.spelling import is_masked
from tavus_async.models import Record
from tavus_async.resources.personas.calls import PERSONAS
from tavus_async.resources.personas.methods import SERVERS_OWN
from tavus_async.sandbox import Sandbox
from tests.patch.test_patch import exact, with_edits
from tests.records.test_reading import PERSONAS as BODIES
from tests.support.ada import ADA, BODY, as_pal, sandbox_with
from tests.support.decoding import decode_persona
from tests.support.fields import names_of
from tests.support.quick import KEY, quick_session
from tests.support.raw_server import RawServer, always

WRONG: Any = 5
EMPTY = always(b"", 200)


def read(**body: Any) -> Persona:
    return decode_persona(json.dumps({"persona_id": "p1"} | body).encode())


def llm(persona: Persona, **changes: Any) -> Persona:
    layers = attrs.evolve(persona.layers, llm=attrs.evolve(persona.layers.llm, **changes))
    return attrs.evolve(persona, layers=layers)


async def updated(before: Persona, after: Persona, **settings: Any) -> tuple[str, Any]:
    """The path and the operations of the request that updating makes."""
    async with RawServer(EMPTY) as server, quick_session(server, **settings) as session:
        assert await session.update_persona(before, after) is True
        (request,) = server.requests
    return request.path, json.loads(request.body)


def secrets_of(sandbox: Sandbox, persona_id: str) -> dict[str, Any]:
    layers: Any = sandbox.stored(persona_id).get("layers", {})
    return {name: layer["api_key"] for name, layer in layers.items() if "api_key" in layer}


async def test_it_sends_what_differs_and_nothing_else() -> None:
    after = llm(attrs.evolve(ADA, greeting="Hi", document_ids=("d1", "d3")), model="yours")

    assert await updated(ADA, after) == (
        "/v2/personas/p1",
        [
            {"op": "add", "path": "/greeting", "value": "Hi"},
            {"op": "replace", "path": "/layers/llm/model", "value": "yours"},
            {"op": "remove", "path": "/document_ids/1"},
        ],
    )


@pytest.mark.parametrize("vocabulary", ["persona", "pal"])
async def test_every_persona_becomes_what_it_was_made_into(vocabulary: str) -> None:
    """Whatever the sandbox holds, in either vocabulary: the server's next answer is the changed record."""
    async with Sandbox(personas=60, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        own = [found.persona_id async for found in session.list_personas(persona_type="user")]
        assert len(own) > 40
        for persona_id in own:
            before = await session.get_persona(persona_id)
            if vocabulary == "pal":
                before = as_pal(before)
            after = llm(attrs.evolve(before, greeting="Hi ☕", context=None), model="m", is_custom=False)
            secrets = secrets_of(sandbox, persona_id)

            assert await session.update_persona(before, after) is True
            now = await session.get_persona(persona_id)
            assert await session.update_persona(after, as_pal(now) if vocabulary == "pal" else now) is False
            assert secrets_of(sandbox, persona_id) == secrets


@pytest.mark.parametrize("after", [ADA, attrs.evolve(ADA), attrs.evolve(ADA, created_at=None, updated_at=None)])
async def test_where_nothing_differs_nothing_is_sent(after: Persona) -> None:
    async with RawServer(EMPTY) as server, quick_session(server) as session:
        assert await session.update_persona(ADA, after) is False
        assert server.connections == 0


async def test_what_the_server_has_already_is_false() -> None:
    async with sandbox_with() as sandbox, quick_session(sandbox) as session:
        assert await session.update_persona(attrs.evolve(ADA, persona_name="Old"), ADA) is False
        assert sandbox.stats().requests["patch_persona"] == 1


async def test_a_pal_is_updated_as_a_pal() -> None:
    before = read(pal_name="Ada", layers={"conversational_flow": {"face_interruptibility": "low"}}, pal_id="p1")
    before = attrs.evolve(as_pal(before), layers=before.layers)
    flow = attrs.evolve(before.layers.conversational_flow, replica_interruptibility="high")
    after = attrs.evolve(
        before,
        persona_name="Grace",
        default_replica_id="r2",
        layers=attrs.evolve(before.layers, conversational_flow=flow),
    )

    assert await updated(before, after, vocabulary="pal") == (
        "/v2/pals/p1",
        [
            {"op": "replace", "path": "/pal_name", "value": "Grace"},
            {"op": "add", "path": "/default_face_id", "value": "r2"},
            {"op": "replace", "path": "/layers/conversational_flow/pal_interruptibility", "value": "high"},
        ],
    )


async def test_two_spellings_of_one_persona_do_not_differ() -> None:
    async with RawServer(EMPTY) as server, quick_session(server) as session:
        assert await session.update_persona(ADA, as_pal(ADA)) is False
        assert await session.update_persona(as_pal(ADA), ADA) is False
        assert server.connections == 0


async def test_a_masked_secret_stays_what_it_is() -> None:
    """Replacing the layer would take fewer bytes than its fields do, and would store the asterisks."""
    async with sandbox_with() as sandbox, quick_session(sandbox) as session:
        before = await session.get_persona("p1")
        after = llm(before, model="a", base_url="b", endpoint="c", is_custom=True)

        assert await session.update_persona(before, after) is True
        stored: Any = sandbox.stored("p1")
        assert stored["layers"]["llm"] == {
            "model": "a",
            "base_url": "b",
            "endpoint": "c",
            "is_custom": True,
            "api_key": "sk-0123456789abcdef",
        }


async def test_the_masked_secrets_of_another_persona_are_not_sent() -> None:
    other = read(
        layers={
            "llm": {"model": "x", "api_key": "****9999", "headers": {"A": "***", "B": "b"}},
            "tts": {"api_key": "****8888", "tts_engine": "cartesia"},
        }
    )
    before = read(layers={"llm": {"model": "m", "api_key": "****1111", "headers": {"A": "****1"}}})

    _path, operations = await updated(before, attrs.evolve(before, layers=other.layers))

    assert operations == [
        {"op": "replace", "path": "/layers/llm/model", "value": "x"},
        {"op": "add", "path": "/layers/llm/headers/B", "value": "b"},
        {"op": "add", "path": "/layers/tts", "value": {"tts_engine": "cartesia"}},
    ]


async def test_a_new_secret_is_sent_and_a_dropped_one_removed() -> None:
    before = read(layers={"llm": {"model": "m", "api_key": "****1111", "headers": {"A": "****1", "B": "b"}}})

    assert (await updated(before, llm(before, api_key="sk-new", headers={"A": "new", "B": "b"})))[1] == [
        {"op": "replace", "path": "/layers/llm/api_key", "value": "sk-new"},
        {"op": "replace", "path": "/layers/llm/headers/A", "value": "new"},
    ]
    assert (await updated(before, llm(before, api_key=None, headers={"A": "****1"})))[1] == [
        {"op": "remove", "path": "/layers/llm/api_key"},
        {"op": "remove", "path": "/layers/llm/headers/B"},
    ]


async def test_what_is_known_under_a_surprising_type_can_be_replaced() -> None:
    before = read(greeting=["Hi"], layers=5)

    assert (await updated(before, attrs.evolve(before, greeting="Hi", persona_name="Ada")))[1] == [
        {"op": "replace", "path": "/greeting", "value": "Hi"},
        {"op": "add", "path": "/persona_name", "value": "Ada"},
    ]


async def test_force_goes_along() -> None:
    async with sandbox_with() as sandbox, quick_session(sandbox) as session:
        sandbox.open_maker_draft("p1")
        before = await session.get_persona("p1")
        after = attrs.evolve(before, greeting="Hi")
        with pytest.raises(ConflictError):
            await session.update_persona(before, after)

        assert await session.update_persona(before, after, force=True) is True


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (ADA, attrs.evolve(ADA, persona_id="p2"), "two personas"),
        (ADA, None, "after must be a Persona"),
        (PersonaDraft(), ADA, "before must be a Persona"),
        (ADA, BODY, "after must be a Persona"),
        (attrs.evolve(ADA, persona_id=""), attrs.evolve(ADA, persona_id=""), "persona_id is empty"),
        (Persona(persona_id=5), Persona(persona_id=5), "persona_id must be a string"),  # type: ignore[arg-type]
        (ADA, attrs.evolve(ADA, greeting=WRONG), r"after has values of the wrong type: greeting$"),
        (ADA, attrs.evolve(ADA, created_at=WRONG), r"after has values of the wrong type: created_at$"),
        (ADA, attrs.evolve(ADA, layers=WRONG), r"after has values of the wrong type: layers$"),
        (ADA, attrs.evolve(ADA, layers=Layers(llm=LlmLayer(model=1))), r"wrong type: layers\.llm\.model$"),  # type: ignore[arg-type]
        (ADA, attrs.evolve(ADA, extra={"x": float("nan")}), "cannot be"),
        (ADA, attrs.evolve(ADA, extra={"x": {1}}), "cannot be"),
    ],
)
async def test_what_makes_no_sense_is_refused_before_it_is_sent(before: Any, after: Any, problem: str) -> None:
    async with RawServer(EMPTY) as server, quick_session(server) as session:
        with pytest.raises(InvalidRequestError, match=problem):
            await session.update_persona(before, after)

        assert server.connections == 0


def what_counts(value: Any) -> Any:
    """All fields of a record, and of the records in it, in one spelling, but for secrets and the server's own."""
    if is_sequence(value):
        return [what_counts(item) for item in value if not is_masked(item)]
    if is_mapping(value):
        return {name: what_counts(inner) for name, inner in value.items() if not is_masked(inner)}
    if not isinstance(value, Record):
        return exact(value)
    never_sent = {*schema_of(value).secret_names, "created_at", "updated_at"}
    fields = {name: getattr(value, name) for name in names_of(value)} | dict(value.extra)
    return what_counts({name: inner for name, inner in fields.items() if name not in never_sent})


@pytest.mark.parametrize("api_key", ["sk-new-key-of-mine", "sk-…9999"])
def test_a_secret_that_came_in_by_from_dict_is_not_left_out_in_silence(api_key: str) -> None:
    before = read(layers={"llm": {"model": "m", "api_key": "****1111"}})
    after = Persona.from_dict({"persona_id": "p1", "layers": {"llm": {"model": "m", "api_key": api_key}}})

    with pytest.raises(InvalidRequestError, match=r"the secret at layers\.llm\.api_key may be masked") as caught:
        PERSONAS.diff(before, after, without=SERVERS_OWN)

    assert api_key not in str(caught.value)


def test_a_secret_that_before_shows_too_and_one_of_asterisks_stay_what_they_are() -> None:
    before = read(layers={"llm": {"model": "m", "api_key": "sk-…1111"}, "tts": {"api_key": "****8888"}})
    body = before.to_dict()
    body["layers"]["tts"]["api_key"] = "********"

    assert PERSONAS.diff(before, Persona.from_dict(body), without=SERVERS_OWN) == []


def with_one_id(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "pal_id"} | {"persona_id": "p1"}


@example(({}, {"layers": {"api_key": "***"}}))
@example(({}, {"note": [{"headers": {"a": "***"}}, "a"]}))
@given(with_edits(BODIES) | st.tuples(BODIES, BODIES))
def test_the_patch_makes_the_one_record_the_other_in_whichever_spelling(pair: tuple[Any, Any]) -> None:
    before, after = (decode_persona(json.dumps(with_one_id(body)).encode()) for body in pair)
    aliases = {"persona_id", "pal_id", "persona_name", "pal_name", "default_replica_id", "default_face_id"}
    assume(not aliases & {*before.extra, *after.extra} and "_interruptibility" not in json.dumps(pair))

    try:
        operations = [step.to_dict() for step in PERSONAS.diff(before, after, without=SERVERS_OWN)]
    except InvalidRequestError:  # a secret that may be anybody's own
        reject()
    stored = body_of(before, renamed=False)  # the names that operations are made in
    result = decode_persona(json.dumps(jsonpatch.JsonPatch(operations).apply(stored)).encode())
    assert what_counts(result) == what_counts(after)
    assert {result.layers.llm.api_key, result.layers.tts.api_key} <= {
        before.layers.llm.api_key,
        before.layers.tts.api_key,
        None,
    }
