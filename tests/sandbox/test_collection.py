import random
from typing import Any

import pytest

from tavus_async.sandbox.answers import RefusalError
from tavus_async.sandbox.collection import Collection
from tavus_async.sandbox.resources.objectives import OBJECTIVE_RESOURCE
from tavus_async.sandbox.resources.personas import PERSONA_RESOURCE
from tavus_async.sandbox.vocabulary import Vocabulary


def make_collection() -> Collection:
    return Collection(definition=PERSONA_RESOURCE.definition, dice=random.Random(1))


def test_nobody_can_change_what_is_stored() -> None:
    collection = make_collection()
    given: dict[str, Any] = {"persona_id": "p1", "layers": {"llm": {"tools": [1]}}}
    stored = collection.add(given)
    given["layers"]["llm"]["tools"].append(2)
    stored.document()["layers"] = None
    stored.view(Vocabulary.PERSONA).clear()

    assert stored.document() == {"persona_id": "p1", "layers": {"llm": {"tools": [1]}}}


def test_bodies_are_made_once_and_anew_after_a_change() -> None:
    stored = make_collection().add({"persona_id": "p1", "persona_name": "a"})
    first = stored.body(Vocabulary.PAL)

    assert first == b'{"pal_id": "p1", "pal_name": "a"}'
    assert stored.body(Vocabulary.PAL) is first
    assert stored.body(Vocabulary.PERSONA) == b'{"persona_id": "p1", "persona_name": "a"}'

    stored.replace({"persona_id": "p1", "persona_name": "b"})

    assert stored.body(Vocabulary.PAL) == b'{"pal_id": "p1", "pal_name": "b"}'


def test_ids_are_unique() -> None:
    collection = make_collection()
    collection.add({"persona_id": "p1"})

    with pytest.raises(ValueError, match="two personas 'p1'"):
        collection.add({"persona_id": "p1"})


@pytest.mark.parametrize("document", [{"persona_id": ""}, {"persona_id": 5}])
def test_an_id_is_needed(document: Any) -> None:
    with pytest.raises(ValueError, match="must be a string, and not empty"):
        make_collection().add(document)


def test_an_object_without_an_id_gets_one() -> None:
    stored = make_collection().add({"persona_name": "a"})

    assert stored.document() == {"persona_id": stored.id, "persona_name": "a"}
    assert stored.id.startswith("p")


def test_new_ids_avoid_the_stored_ones() -> None:
    taken = make_collection().new_id()
    collection = make_collection()
    collection.add({"persona_id": taken})

    assert collection.new_id() != taken


def test_system_personas_are_nobodys() -> None:
    collection = make_collection()
    ours, theirs = collection.add({"persona_id": "a"}), collection.add({"persona_id": "b"}, is_system=True)

    assert (collection.get("a"), collection.get("b"), collection.get("c")) == (ours, theirs, None)
    assert (collection.find("a"), collection.find("b"), collection.find_owned("a")) == (ours, theirs, ours)
    for find, object_id in ((collection.find, "c"), (collection.find_owned, "c"), (collection.find_owned, "b")):
        with pytest.raises(RefusalError) as caught:
            find(object_id)
        assert caught.value.answer is PERSONA_RESOURCE.definition.unknown


def test_secrets_are_not_in_the_repr() -> None:
    collection = make_collection()
    stored = collection.add({"persona_id": "a", "layers": {"llm": {"api_key": "hidden-from-view"}}})
    stored.body(Vocabulary.PERSONA)

    assert "hidden" not in repr(collection) + repr(stored)
    assert "view" not in repr(stored)


def test_an_id_that_is_none_may_be_answered_in_another_way() -> None:
    definition = OBJECTIVE_RESOURCE.definition

    assert definition.answer_unknown("o123") is definition.unknown
    assert definition.answer_unknown("123") is definition.malformed
    assert PERSONA_RESOURCE.definition.answer_unknown("123") is PERSONA_RESOURCE.definition.unknown
