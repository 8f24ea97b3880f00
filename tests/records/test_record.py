import copy
import json
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from tavus_async import Layers, LlmLayer, Persona, TtsLayer, VoiceSettings
from tavus_async._records.fields import schema_of
from tavus_async._records.immutable import EMPTY, thaw
from tavus_async.models import Record
from tests.support.decoding import decode_persona
from tests.support.fields import names_of

SECRETS = ("sk-llm-1", "sk-tts-2", "Bearer 3", "user-4", "strange-5", "deep-6", "odd-7", "query-8", "tool-9", "url-10")
BODY: dict[str, Any] = {
    "pal_id": "p1",
    "pal_name": "Zoë",
    "created_at": "2026-05-15T12:00:00Z",
    "strange": {"token": "strange-5"},
    "layers": {
        "llm": {
            "api_key": "sk-llm-1",
            "headers": {"Authorization": "Bearer 3"},
            "extra_body": {"inner": {"x": "deep-6"}},
            "default_query": {"key": "query-8"},
            "base_url": "https://url-10:pw@llm.test/v1?key=url-10",
            "tools": [{"function": {"name": "tool-9"}}],
            "model": ["odd-7"],
        },
        "tts": {"api_key": "sk-tts-2", "playht_user_id": "user-4", "voice_settings": {"speed": 1}},
        "stt": {},
    },
    "skills": "odd-7",
}


def persona(body: dict[str, Any]) -> Persona:
    return decode_persona(json.dumps(body).encode())


def all_records(kind: type[Record] = Record) -> list[type[Record]]:
    return [found for child in kind.__subclasses__() for found in (child, *all_records(child))]


@pytest.fixture(scope="module")
def full() -> Persona:
    return persona(BODY)


def test_a_record_gives_its_body_back_in_the_servers_words(full: Persona) -> None:
    assert full.to_dict() == BODY


def test_changing_what_was_given_back_does_not_change_the_record(full: Persona) -> None:
    body = full.to_dict()
    body["strange"]["token"] = "other"
    body["layers"]["llm"]["extra_body"]["inner"].clear()
    body["layers"]["llm"]["tools"].append(1)

    assert full.to_dict() == BODY


@pytest.mark.parametrize(
    "duplicate",
    [
        copy.copy,
        copy.deepcopy,
        attrs.evolve,
    ],
)
def test_a_copy_is_equal_and_gives_the_same_body_back(duplicate: Any, full: Persona) -> None:
    twin = duplicate(full)

    assert twin == full
    assert twin.to_dict() == BODY
    assert [bool(layer) for layer in (twin.layers.stt, twin.layers.vqa)] == [True, False]
    assert twin.layers.stt.extra is EMPTY


@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_a_pickle_holds_everything_but_the_secrets(protocol: int, full: Persona) -> None:
    data = pickle.dumps(full, protocol=protocol)
    twin = pickle.loads(data)  # noqa: S301

    assert [secret for secret in ("sk-llm-1", "sk-tts-2", "Bearer 3", "user-4") if secret.encode() in data] == []
    assert twin.to_dict() == twin.to_dict(secrets=False) == full.to_dict(secrets=False)
    assert [bool(layer) for layer in (twin.layers.stt, twin.layers.vqa)] == [True, False]
    with pytest.raises(TypeError, match="frozen"):
        twin.layers.llm.extra_body.clear()


def test_a_changed_copy_gives_the_change_back_under_the_servers_name(full: Persona) -> None:
    louder = attrs.evolve(full.layers, tts=attrs.evolve(full.layers.tts, tts_engine="cartesia"))
    changed = attrs.evolve(full, persona_name="Ada", layers=louder).to_dict()

    assert changed["pal_name"] == "Ada"
    assert changed["layers"]["tts"] == BODY["layers"]["tts"] | {"tts_engine": "cartesia"}
    assert "persona_name" not in changed
    assert full.to_dict() == BODY


def test_a_known_field_that_was_ill_typed_can_be_put_right(full: Persona) -> None:
    llm = full.layers.llm
    assert llm.extra == {"model": ["odd-7"]}

    right = attrs.evolve(llm, model="tavus-gemma-4")

    assert right.to_dict()["model"] == "tavus-gemma-4"
    assert list(right.to_dict()).count("model") == 1


def test_records_are_equal_whatever_names_the_server_used() -> None:
    old = persona({"persona_id": "p1", "persona_name": "Zoë", "default_replica_id": "r1"})
    new = persona({"pal_id": "p1", "pal_name": "Zoë", "default_face_id": "r1"})

    assert old == new
    assert old != persona({"persona_id": "p2", "persona_name": "Zoë", "default_replica_id": "r1"})


def test_records_with_different_unknown_fields_differ() -> None:
    assert persona({"persona_id": "p1", "new": 1}) != persona({"persona_id": "p1", "new": 2})


def test_a_record_is_true_if_it_was_sent() -> None:
    record = persona({"persona_id": "p1", "layers": {"llm": {}, "tts": {"new": 1}, "stt": {"hotwords": ""}}})
    layers = record.layers

    assert [bool(layer) for layer in (layers.llm, layers.tts, layers.stt)] == [True, True, True]
    assert [bool(layer) for layer in (layers.vqa, layers.perception, layers.tts.voice_settings)] == [False] * 3
    assert not persona({"persona_id": "p1"}).layers
    assert not persona({"persona_id": "p1", "layers": None}).layers
    assert persona({"persona_id": "p1", "layers": {}}).layers


def test_an_absent_record_is_true_as_soon_as_it_holds_something() -> None:
    assert not LlmLayer(wire_names=None)
    assert attrs.evolve(LlmLayer(wire_names=None), model="x")
    assert attrs.evolve(LlmLayer(wire_names=None), extra={"x": 1})
    assert attrs.evolve(LlmLayer(wire_names=None), model="x").to_dict() == {"model": "x"}


def test_records_of_ones_own_give_a_body_too() -> None:
    tools = ({"type": "function", "function": {"name": "wave"}},)
    mine = Persona(
        persona_id="p1",
        languages=("en", "de"),
        layers=Layers(
            llm=LlmLayer(model="m", tools=tools, headers={"a": "b"}),
            tts=TtsLayer(voice_settings=VoiceSettings(speed=0.9)),
        ),
        extra={"new": (1, 2)},
    )

    assert mine.to_dict() == {
        "persona_id": "p1",
        "languages": ["en", "de"],
        "layers": {
            "llm": {"model": "m", "tools": [tools[0]], "headers": {"a": "b"}},
            "tts": {"voice_settings": {"speed": 0.9}},
        },
        "new": [1, 2],
    }


def test_a_record_cannot_be_changed(full: Persona) -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        full.persona_name = "Ada"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        full.nonsense = 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "change",
    [
        lambda extra: extra.update(x=1),
        lambda extra: extra.__setitem__("x", 1),
        lambda extra: extra.setdefault("x", 1),
        lambda extra: extra.__ior__({"x": 1}),
        lambda extra: extra.pop("x", None),
        lambda extra: extra.popitem(),
        lambda extra: extra.clear(),
        lambda extra: extra.__delitem__("x"),
    ],
)
def test_the_empty_extra_that_records_share_cannot_be_filled(change: Any) -> None:
    with pytest.raises(TypeError, match="frozen"):
        change(persona({"persona_id": "p1"}).extra)

    assert EMPTY == {}
    assert LlmLayer().extra is EMPTY


def test_no_repr_shows_a_secret_or_free_form_text(full: Persona) -> None:
    shown = [repr(full), str(full), f"{full.layers!r} {full.layers.llm} {full.layers.tts!r}", repr([full])]

    assert [secret for secret in SECRETS for text in shown if secret in text] == []


def test_a_repr_shows_what_is_known(full: Persona) -> None:
    assert repr(full.layers.llm) == (
        "LlmLayer(base_url=<40 characters>, api_key=Secret('***'), tools=<1 items>, headers=<1 keys>, "
        "extra_body=<1 keys>, default_query=<1 keys>, extra=<model>)"
    )
    assert repr(full).startswith("Persona(persona_id='p1', persona_name='Zoë', layers=Layers(llm=LlmLayer(")
    assert repr(full).endswith(
        "skills=<5 characters>, created_at=datetime.datetime(2026, 5, 15, 12, 0, tzinfo=datetime.timezone.utc), "
        "extra=<strange>)"
    )


@pytest.mark.parametrize("kind", all_records(), ids=lambda kind: kind.__name__)
def test_fields_that_sound_secret_are_hidden(kind: type[Record]) -> None:
    sounding = {name for name in names_of(kind) if any(part in name for part in ("api_key", "headers", "user_id"))}

    assert schema_of(kind).secret_names >= sounding
    assert not schema_of(kind).secret_names & schema_of(kind).opaque_names


def test_a_repr_is_short_whatever_the_persona_holds() -> None:
    huge = "x" * 300_000
    names = {f"new_{number}_{'n' * 500}": number for number in range(5_000)}
    body = dict.fromkeys(names_of(Persona), huge) | {
        "owner_id": 10**4_000,
        "languages": [huge] * 20,
        "layers": {
            "llm": {"model": huge, "tools": [{"a": huge}], "api_key": huge, "base_url": huge},
            "conferencing": {"whitelabel": [huge]},
            "perception": {"visual_awareness_queries": [huge] * 300, "tool_prompt": huge},
            "knowledge_base": {"rag_n_chunks": -(10**4_000)},
            **names,
        },
        **names,
    }

    assert len(repr(persona(body))) < 5_000
    assert len(repr(persona({"persona_id": "p1", "system_prompt": huge}))) < 200


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.lists(inner).map(tuple),
        max_leaves=15,
    )
)
def test_json_values_are_copied_whole(value: object) -> None:
    assert json.dumps(thaw(value)) == json.dumps(value)


def test_values_of_any_depth_are_copied() -> None:
    deep: Any = "bottom"
    for _ in range(50_000):
        deep = {"a": [deep]}

    copied = thaw(deep)

    for _ in range(50_000):
        assert copied is not deep
        copied, deep = copied["a"][0], deep["a"][0]
    assert copied == "bottom"
