"""Sets of parts, ids that are left out or under other names, and patches that change fields as a whole."""

import json
from collections.abc import Sequence
from typing import Any

import attrs
import pytest

from tavus_async import DecodeError
from tavus_async._records.fields import ALIASES, nested
from tavus_async._records.record import Record
from tavus_async._wire.resource import Resource


@attrs.frozen(kw_only=True, repr=False, slots=False)
class BeadFields(Record):
    color: str | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Bead(BeadFields):
    size: int | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Chain(BeadFields):
    chain_id: str = attrs.field(metadata={ALIASES: ()})
    name: str | None = None
    data: Sequence[Bead] | None = nested(None)
    uuid: str | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Hook(Record):
    hook_id: str = attrs.field(metadata={ALIASES: ()})
    name: str | None = None
    tags: Sequence[str] | None = None
    uuid: str | None = None


CHAINS = Resource(path="/v2/chains", record=Chain, id_name="chain_id", other_ids=("uuid",), has_parts=True)
HOOKS = Resource(path="/v2/hooks", record=Hook, id_name="hook_id", other_ids=("uuid",), adds=True, whole_fields=True)
RED, BLUE = {"color": "red"}, {"color": "blue"}


def read(body: Any) -> dict[str, Any]:
    return CHAINS.get("c1").decode(json.dumps(body).encode()).to_dict()


@pytest.mark.parametrize(
    ("body", "means"),
    [
        ({"chain_id": "c1", "data": [RED, BLUE]}, {"chain_id": "c1", "data": [RED, BLUE]}),
        ({"data": [RED, BLUE]}, {"chain_id": "c1", "data": [RED, BLUE]}),
        ({"data": []}, {"chain_id": "c1", "data": []}),
        ({"uuid": "c1", "name": "n", "data": [RED]}, {"chain_id": "c1", "uuid": "c1", "name": "n", "data": [RED]}),
        ({"data": RED}, {"chain_id": "c1", "color": "red"}),
        ({"data": RED, "name": "n"}, {"chain_id": "c1", "color": "red", "name": "n"}),
        ({"chain_id": "c1", "data": RED}, {"chain_id": "c1", "color": "red"}),
        (RED, {"chain_id": "c1", "color": "red"}),
        ({"data": {"name": "n", "data": [RED]}}, {"chain_id": "c1", "name": "n", "data": [RED]}),
        ({"data": [{"chain_id": "c1", "data": [RED]}]}, {"chain_id": "c1", "data": [RED]}),
    ],
)
def test_a_set_is_read_in_whichever_shape_it_comes(body: Any, means: dict[str, Any]) -> None:
    assert read(body) == means


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "$"),
        ({"message": "Hello"}, "$"),
        ([RED], "$"),
        ({"data": None}, "$"),
        ({"data": {}}, "$.data"),
        ({"chain_id": "c2", "data": [RED]}, "$"),
        ({"chain_id": 5, "data": [RED]}, "$"),
        ({"data": {"chain_id": "c2"}}, "$.data"),
    ],
)
def test_what_is_no_such_set_is_none(body: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read(body)

    assert caught.value.path == path


@pytest.mark.parametrize(
    "body",
    [
        {"hook_id": "h1", "name": "n"},
        {"uuid": "other", "name": "n"},
        {"name": "n"},
        {"data": {"name": "n"}},
        {"data": [{"name": "n"}]},
        {"data": [{"uuid": "h0", "name": "m"}, {"uuid": "h1", "name": "n"}]},
    ],
)
def test_an_object_without_an_id_is_the_one_that_was_asked_for(body: Any) -> None:
    hook = HOOKS.get("h1").decode(json.dumps(body).encode())

    assert (hook.hook_id, hook.name) == ("h1", "n")


def test_of_several_without_ids_none_is() -> None:
    with pytest.raises(DecodeError, match="a list of 2"):
        HOOKS.get("h1").decode(b'{"data": [{"name": "a"}, {"name": "b"}]}')


def test_in_a_list_the_other_name_counts() -> None:
    body = {"data": [{"uuid": "h1", "name": "a"}, {"hook_id": "h2", "uuid": "x"}], "total_count": 2}
    page = HOOKS.list_page(page=1, limit=10).decode(json.dumps(body).encode())

    assert [hook.hook_id for hook in page] == ["h1", "h2"]
    with pytest.raises(DecodeError) as caught:
        HOOKS.list_page(page=1, limit=10).decode(b'{"data": [{"name": "a"}]}')
    assert caught.value.path == "$.data[0]"


def test_so_it_does_in_the_answer_to_a_create() -> None:
    call = HOOKS.create(Hook(hook_id="-", name="n"), Hook)

    assert call.decode(b'{"uuid": "h7"}').hook_id == "h7"
    with pytest.raises(DecodeError):
        call.decode(b'{"name": "n"}')


def test_fields_are_changed_as_a_whole() -> None:
    before = Hook(hook_id="h1", name="a", tags=["x", "y"], uuid="u")
    steps = HOOKS.diff(before, attrs.evolve(before, name=None, tags=["x", "z"]), without=frozenset({"uuid"}))

    assert [step.to_dict() for step in steps] == [
        {"op": "remove", "path": "/name"},
        {"op": "add", "path": "/tags", "value": ["x", "z"]},
    ]
    assert HOOKS.diff(before, attrs.evolve(before, uuid="v"), without=frozenset({"uuid"})) == []
    assert [step.path for step in CHAINS.diff(
        Chain(chain_id="c1", data=[Bead(color="red", size=1)]),
        Chain(chain_id="c1", data=[Bead(color="red", size=2)]),
        without=frozenset(),
    )] == ["/data/0/size"]  # fmt: skip
