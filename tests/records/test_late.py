"""Layers that came in a body are made records when they are first asked for; nobody should notice."""

import copy
import json
import pickle
import random
import sys
import threading
from collections.abc import Callable, Iterator

import attrs
import pytest

from tavus_async import Layers, LlmLayer, Persona
from tavus_async._records.fields import UNREAD, instance_dict, schema_of, stored
from tests.support.decoding import decode_persona

BODY = {
    "persona_id": "p1",
    "layers": {
        "llm": {"model": "tavus-gpt-oss", "api_key": "sk-inner", "unknown": "sk-odd"},
        "tts": {"voice_settings": {"speed": 0.9}},
    },
}


@pytest.fixture
def persona() -> Persona:
    return decode_persona(json.dumps(BODY).encode())


@pytest.fixture
def often_switched() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_it_is_the_same_record_each_time(persona: Persona) -> None:
    assert persona.layers.llm is persona.layers.llm
    assert persona.layers.tts.voice_settings is persona.layers.tts.voice_settings
    assert persona.layers.llm.model == "tavus-gpt-oss"


def test_an_unread_one_shows_nothing_of_its_secrets(persona: Persona) -> None:
    assert "sk-inner" not in f"{vars(persona)} {list(vars(persona).values())}"


def test_what_is_shown_of_it_does_not_depend_on_what_was_read(persona: Persona) -> None:
    before = [vars(persona), dict(persona), repr(persona)]
    assert persona.layers.llm.extra

    assert [vars(persona), dict(persona), repr(persona)] == before


def test_what_was_read_is_not_kept_twice(persona: Persona) -> None:
    assert persona.layers.llm

    assert stored(persona).keys() == {"persona_id", "layers"}
    assert stored(persona.layers).keys() == {"llm", "tts (later)"}


@pytest.mark.parametrize("make_twin", [copy.copy, copy.deepcopy, attrs.evolve])
def test_a_copy_of_an_unread_one_is_whole(persona: Persona, make_twin: Callable[[Persona], Persona]) -> None:
    twin = make_twin(persona)

    assert twin == persona
    assert twin.to_dict() == persona.to_dict() == BODY


def test_a_pickle_of_an_unread_one_is_whole_but_for_its_secrets(persona: Persona) -> None:
    data = pickle.dumps(persona)

    assert b"(unread)" not in data
    assert b"sk-inner" not in data
    assert pickle.loads(data).to_dict() == persona.to_dict(secrets=False)  # noqa: S301


def test_an_unread_one_equals_one_that_was_read(persona: Persona) -> None:
    twin = decode_persona(json.dumps(BODY).encode())
    assert twin.layers.tts.voice_settings.speed == 0.9

    assert twin == persona
    assert decode_persona(b'{"persona_id": "p1", "layers": {}}') != persona


def test_one_of_the_wrong_type_is_unknown_at_once() -> None:
    persona = decode_persona(b'{"persona_id": "p1", "layers": ["llm"]}')

    assert vars(persona) == {"persona_id": "p1", "layers": ["llm"]}
    assert persona.extra == {"layers": ["llm"]}
    assert not persona.layers


def test_what_a_class_has_for_it_is_the_empty_record() -> None:
    assert Persona.layers == Layers()
    assert not Persona.layers


def test_it_is_set_like_any_other_field(persona: Persona) -> None:
    changed = attrs.evolve(persona, layers=Layers(llm=LlmLayer(model="other")))

    assert changed.layers.llm.model == "other"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        persona.layers = Layers()  # type: ignore[misc]


@pytest.mark.usefixtures("often_switched")
def test_threads_that_read_it_at_once_all_find_it() -> None:
    data = json.dumps(BODY).encode()
    personas = [decode_persona(data) for _ in range(300)]
    start = threading.Barrier(4)
    found: list[str | None] = []

    def read_all() -> None:
        start.wait()
        found.extend(persona.layers.llm.model for persona in personas)

    threads = [threading.Thread(target=read_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == ["tavus-gpt-oss"] * 1_200


ODD: list[dict[str, object]] = [
    {"persona_id": "p1"},
    {"pal_id": "p1", "pal_name": "Ada", "persona_name": None},
    {"persona_id": "p1", "pal_name": "Ada", "persona_name": "Grace"},
    {"persona_id": "p1", "persona_name": 5, "pal_name": "Ada", "greeting": ["Hi"]},
    {"persona_id": "p1", "extra": {"a": 1}, "wire_names": 2, "_wire_names": 3, "(unread)": 4},
    {"persona_id": "p1", "layers": "none", "created_at": "yesterday", "is_draft": "false"},
    {"persona_id": "p1", "layers": {"llm": []}, "created_at": "2026-13-02T09:15:41.120934Z", "skills": [1]},
    {"persona_id": "p1", "document_ids": [], "tool_ids": ["t", 5], "owner_id": 1.5, "updated_at": ""},
]


@pytest.mark.parametrize("body", ODD)
@pytest.mark.parametrize("seed", range(10))
def test_in_whatever_order_fields_are_asked_for_they_are_what_a_whole_reading_gives(
    body: dict[str, object], seed: int
) -> None:
    whole, persona = (decode_persona(json.dumps(body).encode()) for _ in range(2))
    stored(whole)
    names = ["extra", "_wire_names", *schema_of(Persona).names]
    random.Random(seed).shuffle(names)

    assert {name: getattr(persona, name) for name in names} == {name: getattr(whole, name) for name in names}
    assert persona == whole
    assert persona.to_dict() == whole.to_dict()
    assert hash(persona) == hash(whole)


def test_what_nobody_asks_for_is_not_read() -> None:
    persona = decode_persona(
        json.dumps(BODY | {"created_at": "2026-03-02T09:15:41.120934Z", "greeting": "Hi"}).encode()
    )

    assert persona.greeting == "Hi"
    assert persona.persona_name is None
    assert set(instance_dict(persona)) == {UNREAD, "persona_id", "greeting", "persona_name"}
