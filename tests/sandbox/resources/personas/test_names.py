from typing import Any

import pytest

from tavus_async.sandbox.json import JsonObject
from tavus_async.sandbox.json_patch import PatchOperation, read
from tavus_async.sandbox.resources.personas.names import FROM_PAL, TO_PAL
from tavus_async.sandbox.vocabulary import rename, rename_operation, rename_pointer

PAL: Any = {
    "pal_id": "p1",
    "pal_name": "n",
    "default_face_id": "r1",
    "other": 1,
    "layers": {"llm": {"pal_name": "left alone"}, "conversational_flow": {"pal_interruptibility": "low", "x": 1}},
}
PERSONA: Any = {
    "persona_id": "p1",
    "persona_name": "n",
    "default_replica_id": "r1",
    "other": 1,
    "layers": {"llm": {"pal_name": "left alone"}, "conversational_flow": {"replica_interruptibility": "low", "x": 1}},
}


def stored(document: JsonObject) -> JsonObject:
    return rename(document, FROM_PAL)


def stored_operation(operation: PatchOperation) -> PatchOperation:
    return rename_operation(operation, FROM_PAL)


def test_a_pal_is_stored_as_a_persona_and_told_as_a_pal() -> None:
    assert stored(PAL) == PERSONA
    assert rename(PERSONA, TO_PAL) == PAL


def test_a_persona_is_stored_as_it_is() -> None:
    assert stored(PERSONA) == PERSONA


def test_the_interruptibility_of_a_face_is_a_third_name() -> None:
    told: Any = {"layers": {"conversational_flow": {"face_interruptibility": "high"}}}

    assert stored(told) == {"layers": {"conversational_flow": {"replica_interruptibility": "high"}}}


def test_where_both_names_are_given_the_stored_one_wins() -> None:
    assert stored({"pal_name": "new", "persona_name": "old"}) == {"persona_name": "old"}
    assert stored({"persona_name": "old", "pal_name": "new"}) == {"persona_name": "old"}


@pytest.mark.parametrize("layers", [None, 5, [], {"conversational_flow": None}, {"conversational_flow": ["x"]}])
def test_layers_of_any_type_are_left_alone(layers: Any) -> None:
    assert stored({"layers": layers}) == {"layers": layers}
    assert rename({"layers": layers}, TO_PAL) == {"layers": layers}


@pytest.mark.parametrize(
    ("told", "stored"),
    [
        ((), ()),
        (("pal_name",), ("persona_name",)),
        (("default_face_id",), ("default_replica_id",)),
        (("pal_name", "0"), ("persona_name", "0")),
        (("layers", "pal_name"), ("layers", "pal_name")),
        (("layers", "conversational_flow"), ("layers", "conversational_flow")),
        (
            ("layers", "conversational_flow", "face_interruptibility"),
            ("layers", "conversational_flow", "replica_interruptibility"),
        ),
        (
            ("layers", "conversational_flow", "pal_interruptibility", "x"),
            ("layers", "conversational_flow", "replica_interruptibility", "x"),
        ),
    ],
)
def test_pointers_are_translated_where_names_differ(told: tuple[str, ...], stored: tuple[str, ...]) -> None:
    assert rename_pointer(told, FROM_PAL) == stored


@pytest.mark.parametrize(
    ("operation", "value"),
    [
        ({"op": "replace", "path": "", "value": PAL}, PERSONA),
        ({"op": "add", "path": "/layers", "value": PAL["layers"]}, PERSONA["layers"]),
        (
            {"op": "test", "path": "/layers/conversational_flow", "value": {"pal_interruptibility": "low"}},
            {"replica_interruptibility": "low"},
        ),
        ({"op": "add", "path": "/skills", "value": {"pal_name": 1}}, {"pal_name": 1}),
    ],
)
def test_values_of_a_patch_are_translated_too(operation: dict[str, Any], value: Any) -> None:
    assert stored_operation(read([operation])[0]).value == value


def test_the_source_of_a_move_is_translated_too() -> None:
    moved = stored_operation(read([{"op": "move", "from": "/pal_name", "path": "/default_face_id"}])[0])

    assert (moved.source, moved.path) == (("persona_name",), ("default_replica_id",))
