import random
from typing import Any

import pytest

from tavus_async.sandbox.collection import Store
from tavus_async.sandbox.vocabulary import Vocabulary


def make_store() -> Store:
    return Store(dice=random.Random(1))


def test_nobody_can_change_what_is_stored() -> None:
    store = make_store()
    given: dict[str, Any] = {"persona_id": "p1", "layers": {"llm": {"tools": [1]}}}
    entry = store.add(given)
    given["layers"]["llm"]["tools"].append(2)
    entry.document()["layers"] = None
    entry.view(Vocabulary.PERSONA).clear()

    assert entry.document() == {"persona_id": "p1", "layers": {"llm": {"tools": [1]}}}


def test_bodies_are_made_once_and_anew_after_a_change() -> None:
    entry = make_store().add({"persona_id": "p1", "persona_name": "a"})
    first = entry.body(Vocabulary.PAL)

    assert first == b'{"pal_id": "p1", "pal_name": "a"}'
    assert entry.body(Vocabulary.PAL) is first
    assert entry.body(Vocabulary.PERSONA) == b'{"persona_id": "p1", "persona_name": "a"}'

    entry.replace({"persona_id": "p1", "persona_name": "b"})

    assert entry.body(Vocabulary.PAL) == b'{"pal_id": "p1", "pal_name": "b"}'


def test_ids_are_unique() -> None:
    store = make_store()
    store.add({"persona_id": "p1"})

    with pytest.raises(ValueError, match="two personas 'p1'"):
        store.add({"persona_id": "p1"})


@pytest.mark.parametrize("document", [{}, {"persona_id": ""}, {"persona_id": 5}])
def test_an_id_is_needed(document: Any) -> None:
    with pytest.raises(ValueError, match="needs an id"):
        make_store().add(document)


def test_new_ids_avoid_the_stored_ones() -> None:
    taken = make_store().new_id()
    store = make_store()
    store.add({"persona_id": taken})

    assert store.new_id() != taken


def test_system_personas_are_nobodys() -> None:
    store = make_store()
    ours, theirs = store.add({"persona_id": "a"}), store.add({"persona_id": "b"}, is_system=True)

    assert (store.get("a"), store.get("b"), store.get("c")) == (ours, theirs, None)
    assert (store.owned("a"), store.owned("b")) == (ours, None)


def test_secrets_are_not_in_the_repr() -> None:
    store = make_store()
    entry = store.add({"persona_id": "a", "layers": {"llm": {"api_key": "hidden-from-view"}}})
    entry.body(Vocabulary.PERSONA)

    assert "hidden" not in repr(store) + repr(entry)
    assert "view" not in repr(entry)
