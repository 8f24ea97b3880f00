import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from tavus_async import DecodeError, Layers, LlmLayer, Persona
from tavus_async._records.reading import fields_of
from tavus_async._records.record import misfits
from tavus_async._wire.call import decode_nothing
from tavus_async.models import Record, Turn
from tests.support.decoding import decode_created, decode_persona, decode_personas
from tests.support.fields import names_of
from tests.support.given_back import differences

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | ANY_TEXT
    | st.sampled_from(
        ["true", "false", "", "2026-05-15T12:00:00Z", "2026-05-15 12:00:00", "Fri, 15 May 2026 12:00:00 GMT"]
    )
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3), max_leaves=6
)
OBJECTS = st.dictionaries(ANY_TEXT, JSON, max_size=3)
FITTING: dict[Any, st.SearchStrategy[Any]] = {
    "text": ANY_TEXT,
    "texts": st.lists(ANY_TEXT, max_size=3),
    "objects": st.lists(OBJECTS, max_size=2),
}
VALUES = st.one_of(JSON, OBJECTS, *FITTING.values())


def decoded(body: Any) -> Persona:
    return decode_persona(json.dumps(body).encode())


def given_back(body: Any) -> Any:
    """What the codec gives back for a body that came in an envelope or bare."""
    return decoded(body).to_dict()


def unwrapped(body: dict[str, Any]) -> dict[str, Any]:
    """Take an example out of its envelope, and give it an id where it has none."""
    inner: Any = body.get("data", body)
    persona: dict[str, Any] = inner[0] if isinstance(inner, list) else inner
    return persona if "persona_id" in persona or "pal_id" in persona else {"persona_id": "p1"} | persona


def bodies(record: type[Record]) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies with this record's names, all of them and others, with values that fit and values that do not."""
    fields = fields_of(record)
    kinds = {name: attrs.fields_dict(record)[field.name].type for name, field in fields.items()}
    inner = {name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Record)}
    known = {name: bodies(kind) | JSON for name, kind in inner.items()}
    names = st.sampled_from(sorted(fields))
    plain = st.dictionaries(
        names | ANY_TEXT | st.sampled_from(["extra", "wire_names", "_wire_names"]), VALUES, max_size=6
    )
    return st.builds(lambda one, two: one | two, plain, st.fixed_dictionaries({}, optional=known)) if known else plain


IDS = st.one_of(
    st.fixed_dictionaries({"persona_id": ANY_TEXT}),
    st.fixed_dictionaries({"pal_id": ANY_TEXT}),
    st.fixed_dictionaries({"pal_id": ANY_TEXT, "persona_id": JSON}),
    st.fixed_dictionaries({"persona_id": ANY_TEXT, "pal_id": JSON}),
)
PERSONAS = st.builds(lambda body, ids: body | ids, bodies(Persona), IDS)


@given(PERSONAS)
@settings(max_examples=100)
def test_nothing_in_a_persona_is_lost_and_nothing_is_fatal(body: dict[str, Any]) -> None:
    data = json.dumps(body).encode()

    assert differences(json.loads(data), decode_persona(data).to_dict()) == []


@given(PERSONAS)
@settings(max_examples=40)
def test_copies_of_a_persona_are_equal_and_give_the_same_back(body: dict[str, Any]) -> None:
    persona = decoded(body)
    twins = [copy.deepcopy(persona), attrs.evolve(persona)]

    assert twins == [persona] * 2
    assert {hash(twin) for twin in twins} == {hash(persona)}
    assert [twin.to_dict() for twin in twins] == [persona.to_dict()] * 2


@given(PERSONAS)
@settings(max_examples=40)
def test_a_pickle_of_a_persona_gives_the_same_back_but_for_its_secrets(body: dict[str, Any]) -> None:
    persona = decoded(body)
    twin = pickle.loads(pickle.dumps(persona))  # noqa: S301

    assert twin.to_dict(secrets=False) == persona.to_dict(secrets=False)
    assert repr(twin) == repr(persona)


@given(PERSONAS)
@settings(max_examples=40)
def test_what_was_given_back_decodes_to_the_same_persona(body: dict[str, Any]) -> None:
    persona = decoded(body)

    assert decoded(persona.to_dict()) == persona
    assert decoded(persona.to_dict()).to_dict() == persona.to_dict()


@given(JSON | st.builds(lambda inner: {"data": inner}, JSON | PERSONAS | st.lists(JSON | PERSONAS, max_size=3)))
def test_any_json_is_a_persona_or_a_decode_error(body: Any) -> None:
    try:
        persona = decoded(body)
    except DecodeError as error:
        assert error.__cause__ is error.__context__ is None  # noqa: PT017 - a persona is a fine outcome too
    else:
        assert isinstance(persona.persona_id, str)


@given(st.binary(max_size=40))
def test_any_bytes_are_a_persona_or_a_decode_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_persona(data)
    with pytest.raises(DecodeError):
        decode_persona(b'{"persona_id": "p1", "x": ' + data + b"\xff}")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_comes_back_whole(path: Path) -> None:
    body = json.loads(path.read_text(encoding="utf-8"))

    assert differences(unwrapped(body), decode_persona(path.read_bytes()).to_dict()) == []


def test_every_persona_body_seen_in_public_comes_back_whole(shared_reference: Path) -> None:
    seen = {path.name: json.loads(path.read_bytes())["body"] for path in (shared_reference / "personas").glob("*.json")}
    lost = {
        name: found
        for name, body in seen.items()
        if (found := differences(unwrapped(body), given_back(enveloped(body, unwrapped(body)))))
    }

    assert len(seen) == 83
    assert lost == {}


def enveloped(body: dict[str, Any], persona: dict[str, Any]) -> dict[str, Any]:
    """Put the persona, which has an id now, back into what it came in."""
    if "data" not in body:
        return persona
    return body | {"data": [persona, *body["data"][1:]] if isinstance(body["data"], list) else persona}


def test_most_of_what_was_seen_in_public_is_known(shared_reference: Path) -> None:
    unknown: set[str] = set()
    for path in (shared_reference / "personas").glob("*.json"):
        persona = decoded(unwrapped(json.loads(path.read_bytes())["body"]))
        layers = [getattr(persona.layers, name) for name in names_of(persona.layers)]
        for record in (persona, persona.layers, *(layer for layer in layers if isinstance(layer, Record))):
            unknown |= {f"{type(record).__name__}.{name}" for name in record.extra}

    assert len(unknown) < 40, sorted(unknown)


def test_wrong_types_are_kept_as_they_came_and_read_as_not_sent() -> None:
    path = next(path for path in SAMPLES if path.stem == "wrong_types")
    persona = decode_persona(path.read_bytes())
    layers = persona.layers

    assert set(persona.extra) == set(json.loads(path.read_bytes())) - {"persona_id", "layers"}
    assert (persona.persona_name, persona.owner_id, persona.is_template, persona.languages) == (None,) * 4
    assert layers.llm.to_dict() == json.loads(path.read_bytes())["layers"]["llm"]
    assert layers.llm.extra.keys() == layers.llm.to_dict().keys()
    assert (layers.llm.model, layers.llm.api_key, layers.llm.speculative_inference) == (None, None, None)
    assert set(layers.extra) == {"transport", "vqa"}
    assert not layers.transport
    assert layers.tts.voice_settings.style == 0
    assert layers.tts.voice_settings.speed is None
    assert layers.knowledge_base.extra == {"rag_n_chunks": True, "rag_score_threshold": "high"}


@pytest.mark.parametrize(("sent", "read"), [("true", True), ("false", False), (True, True), (False, False)])
def test_a_boolean_may_be_spelled_as_a_string(sent: object, read: bool) -> None:
    persona = decoded({"persona_id": "p1", "layers": {"tts": {"tts_emotion_control": sent}}})

    assert persona.layers.tts.tts_emotion_control is read
    assert persona.to_dict()["layers"]["tts"] == {"tts_emotion_control": read}


@pytest.mark.parametrize("sent", ["True", "", "0", 0, 1, 0.0, [], ["true"], {}])
def test_what_is_no_boolean_is_kept(sent: object) -> None:
    tts = decoded({"persona_id": "p1", "layers": {"tts": {"tts_emotion_control": sent}}}).layers.tts

    assert tts.tts_emotion_control is None
    assert tts.extra == {"tts_emotion_control": sent}


def test_whole_numbers_stay_whole_and_fractions_stay_fractions() -> None:
    voice = {"style": 0, "stability": 1.0, "similarity_boost": 2**70}
    body = {"persona_id": "p1", "layers": {"tts": {"voice_settings": voice}}}

    assert differences(body, given_back(body)) == []


def test_a_null_is_a_field_that_was_not_sent() -> None:
    body = {"persona_id": "p1", "persona_name": None, "pal_name": "Zoë", "layers": {"llm": None}, "unknown": None}

    assert given_back(body) == {"persona_id": "p1", "pal_name": "Zoë", "layers": {}, "unknown": None}
    assert decoded(body).persona_name == "Zoë"


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_names_for_one_field_the_older_wins_and_the_other_is_kept(order: int) -> None:
    names = {"persona_id": "old", "pal_id": "new", "persona_name": "Old", "pal_name": "New"}
    body = dict(list(names.items())[::order])
    persona = decoded(body)

    assert (persona.persona_id, persona.persona_name) == ("old", "Old")
    assert persona.extra == {"pal_id": "new", "pal_name": "New"}
    assert persona.to_dict() == names


def test_of_three_names_the_first_alias_wins_where_the_older_is_not_there() -> None:
    flow = {"face_interruptibility": "low", "pal_interruptibility": "high"}
    record = decoded({"persona_id": "p1", "layers": {"conversational_flow": flow}}).layers.conversational_flow

    assert record.replica_interruptibility == "low"
    assert record.extra == {"pal_interruptibility": "high"}
    assert record.to_dict() == flow


def test_an_older_name_of_the_wrong_type_gives_way() -> None:
    persona = decoded({"persona_id": 5, "pal_id": "p1"})

    assert persona.persona_id == "p1"
    assert persona.to_dict() == {"persona_id": 5, "pal_id": "p1"}


def test_a_body_as_deep_as_is_read_comes_back_whole() -> None:
    deep: Any = "bottom"
    for _ in range(98):
        deep = [{"a": deep}]
    body = {"persona_id": "p1", "skills": deep, "layers": {"llm": {"extra_body": {"x": deep}}, "new": deep}}

    assert given_back(body) == body


@pytest.mark.filterwarnings("ignore::tavus_async.UnknownFieldWarning")
def test_a_number_that_no_float_can_hold_is_no_number_of_seconds() -> None:
    turn = Turn.from_dict({"role": "user", "duration": 2, "seconds_from_start": 10**400, "timestamp": 10**400})

    assert (turn.duration, turn.seconds_from_start, turn.timestamp) == (2, None, None)
    assert turn.extra == {"seconds_from_start": 10**400, "timestamp": 10**400}


def test_long_whole_numbers_are_kept() -> None:
    persona = decode_persona(b'{"persona_id": "p1", "new": ' + b"9" * 3_999 + b"}")

    assert persona.extra == {"new": int("9" * 3_999)}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (b"9" * 5_000, "a whole number of more than 4,300 digits"),
        (b"1e400", "a number that no float can hold"),
        (b"-1e400", "a number that no float can hold"),
        (b"NaN", "bytes that are not JSON"),
        (b"-Infinity", "bytes that are not JSON"),
        (b"[" * 1_000 + b"]" * 1_000, "values nested more than 200 levels deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "values nested more than 200 levels deep"),
    ],
)
def test_what_no_value_can_hold_is_a_decode_error_of_records_and_pages(value: bytes, problem: str) -> None:
    body = b'{"persona_id": "p1", "new": ' + value + b"}"

    with pytest.raises(DecodeError, match=problem):
        decode_persona(body)
    with pytest.raises(DecodeError, match=problem):
        decode_personas(b'{"data": [{"persona_id": "p0"}, ' + body + b"]}")


def test_in_an_envelope_the_persona_that_was_asked_for_is_taken() -> None:
    body = json.dumps({"data": [{"pal_id": "p1"}, {"persona_id": "p2"}, {"persona_id": 3, "pal_id": "p3"}]}).encode()

    assert [decode_persona(body, wanted).persona_id for wanted in ("p2", "p3", "p1")] == ["p2", "p3", "p1"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"persona_id": "p2"}, "$"),
        ({"pal_id": "p2"}, "$"),
        ({"persona_id": "P1"}, "$"),
        ({"data": {"persona_id": "p2"}}, "$.data"),
        ({"data": [{"persona_id": "p2"}, {"pal_id": "p3"}]}, "$.data[0]"),
    ],
)
def test_another_persona_than_was_asked_for_is_no_answer(body: Any, path: str) -> None:
    with pytest.raises(DecodeError, match="expected the persona_id p1 at") as caught:
        decode_persona(json.dumps(body).encode(), "p1")

    assert caught.value.path == path


def test_of_an_envelope_without_what_was_asked_for_the_first_is_what_is_told() -> None:
    with pytest.raises(DecodeError) as caught:
        decode_persona(b'{"data": [{"name": "x"}, {"persona_id": "p2"}]}')

    assert caught.value.path == "$.data[0]"


def test_a_persona_may_have_a_field_called_data() -> None:
    body = {"persona_id": "p1", "data": {"persona_id": "p2"}}

    assert given_back(body) == body


@pytest.mark.parametrize(
    ("body", "path", "got"),
    [
        (b"", "$", "an empty body"),
        (b"  \n", "$", "an empty body"),
        (b"<html>secret</html>", "$", "19 bytes that are not JSON"),
        (b'{"persona_id": "secret"', "$", "23 bytes that are not JSON"),
        (b"null", "$", "null"),
        (b'"secret"', "$", "a string"),
        (b"17", "$", "a number"),
        (b"1.5", "$", "a number"),
        (b"true", "$", "a boolean"),
        (b'["secret", 2]', "$", "a list of 2"),
        (b"{}", "$", "an empty object"),
        (b'{"name": "secret"}', "$", "an object without them"),
        (b'{"persona_id": 17}', "$", "an object without them"),
        (b'{"persona_id": null}', "$", "an object without them"),
        (b'{"data": []}', "$.data", "an empty list"),
        (b'{"data": null}', "$.data", "null"),
        (b'{"data": {"name": "secret"}}', "$.data", "an object without them"),
        (b'{"data": [["secret"]]}', "$.data[0]", "a list of 1"),
    ],
)
def test_what_is_no_persona_is_told_without_its_content(body: bytes, path: str, got: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_persona(body, "p1")

    error = caught.value
    assert (error.path, error.got) == (path, got)
    assert "secret" not in f"{error} {error!r} {vars(error)}"
    assert error.__cause__ is error.__context__ is None


@pytest.mark.parametrize("key", ["data", "personas", "pals"])
def test_a_page_may_come_under_several_names(key: str) -> None:
    page = decode_personas(json.dumps({key: [{"persona_id": "p1"}, {"pal_id": "p2"}], "total_count": 7}).encode())

    assert [persona.persona_id for persona in page] == ["p1", "p2"]
    assert page.total_count == 7


@pytest.mark.parametrize("total", [None, "7", 7.0, True, [7]])
def test_a_total_that_is_no_whole_number_is_unknown(total: object) -> None:
    assert decode_personas(json.dumps({"data": [], "total_count": total}).encode()).total_count is None


def test_a_bare_list_is_a_page() -> None:
    page = decode_personas(b'[{"persona_id": "p1"}]')

    assert [persona.persona_id for persona in page] == ["p1"]
    assert page.total_count is None


@pytest.mark.parametrize(
    ("body", "path", "got"),
    [
        (b"{}", "$.data", "null"),
        (b'{"data": "secret"}', "$.data", "a string"),
        (b'"secret"', "$", "a string"),
        (b'{"personas": {"persona_id": "secret"}}', "$.data", "null"),
        (b'{"data": [{"persona_id": "p1"}, {"name": "secret"}]}', "$.data[1]", "an object without them"),
        (b'[{"persona_id": "p1"}, "secret"]', "$[1]", "a string"),
    ],
)
def test_what_is_no_page_is_told_without_its_content(body: bytes, path: str, got: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_personas(body)

    assert (caught.value.path, caught.value.got) == (path, got)
    assert "secret" not in f"{caught.value} {vars(caught.value)}"


def test_an_answer_without_a_body_is_nothing() -> None:
    decode: Callable[[bytes], object] = decode_nothing

    assert [decode(body) for body in (b"", b"<html>", b"{}")] == [None] * 3


def test_the_answer_to_a_create_is_read_in_both_vocabularies() -> None:
    old = {"persona_id": "p1", "persona_name": "Zoë", "created_at": "2026-05-15T12:00:00Z"}
    new = {"pal_id": "p1", "pal_name": "Zoë", "created_at": "2026-05-15T12:00:00Z"}
    first, second = (decode_created(json.dumps(body).encode()) for body in (old, {"data": new}))

    assert first == second
    assert (first.persona_id, first.persona_name) == ("p1", "Zoë")
    assert (first.to_dict(), second.to_dict()) == (old, new)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"persona_name": "secret"}', b'["secret"]', b"null"])
def test_an_answer_to_a_create_without_an_id_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_created(body)

    assert "secret" not in f"{caught.value} {vars(caught.value)}"


def test_values_of_a_type_that_no_server_takes_are_named() -> None:
    bad: Any = [1]
    fine = Persona(persona_id="p1", languages=("en",), layers=Layers(llm=LlmLayer(model="m")), extra={"new": bad})
    wrong = attrs.evolve(fine, owner_id=bad, layers=Layers(llm=LlmLayer(model=bad), tts=bad))

    assert misfits(fine) == []
    assert sorted(misfits(wrong)) == ["layers.llm.model", "layers.tts", "owner_id"]


@given(PERSONAS)
@settings(max_examples=40)
def test_what_was_read_fits(body: dict[str, Any]) -> None:
    assert misfits(decoded(body)) == []


def test_a_key_that_the_server_showed_is_kept_and_hidden_wherever_it_goes() -> None:
    llm = decoded({"persona_id": "p1", "layers": {"llm": {"api_key": "sk-…77"}}}).layers.llm

    assert llm.api_key is not None
    assert llm.api_key.reveal() == "sk-…77"
    assert llm.api_key.is_masked
    assert llm.to_dict() == {"api_key": "sk-…77"}
    assert "77" not in f"{llm.api_key!r} {llm!r} {[llm.api_key]}"
