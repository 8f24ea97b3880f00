"""What is in a record cannot be changed by one caller for another, and what is made of it can be changed freely."""

import asyncio
import copy
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given, settings

from tavus_async import Layers, LlmLayer, Persona, SttLayer, patch
from tavus_async._records.immutable import EMPTY, FrozenDict, FrozenList, freeze, thaw
from tavus_async.models import Record
from tests.records.test_reading import JSON, PERSONAS
from tests.support.decoding import decode_persona, decode_personas
from tests.support.quick import quick_session
from tests.support.raw_server import RawServer, always

BODY: dict[str, Any] = {
    "persona_id": "p1",
    "new": {"a": [1, {"b": 2}]},
    "skills": [{"name": "search", "levels": [1, 2]}],
    "document_ids": ["d1"],
    "layers": {
        "odd": {"c": [3]},
        "llm": {
            "headers": {"X-Team": "blue"},
            "tools": [{"function": {"name": "wave", "parameters": {"required": ["x"]}}}],
            "extra_body": {"stop": ["a"]},
            "api_key": ["odd"],
        },
        "perception": {"visual_awareness_queries": ["q"], "visual_tools": [{"a": {}}]},
    },
}
DATA = json.dumps(BODY).encode()
DEEP = 99
"""How often something stands in a list in an object: two levels, within those of a body."""

# What of a dict and a list changes it, with arguments that would do so.
DICT_CHANGES: dict[str, tuple[Any, ...]] = {
    "__delitem__": ("a",),
    "__init__": ({"x": 1},),
    "__ior__": ({"x": 1},),
    "__setitem__": ("x", 1),
    "clear": (),
    "pop": ("a",),
    "popitem": (),
    "setdefault": ("x", 1),
    "update": ({"x": 1},),
}
LIST_CHANGES: dict[str, tuple[Any, ...]] = {
    "__delitem__": (0,),
    "__iadd__": ([1],),
    "__imul__": (2,),
    "__init__": ([1],),
    "__setitem__": (0, 1),
    "append": (1,),
    "clear": (),
    "extend": ([1],),
    "insert": (0, 1),
    "pop": (),
    "remove": ("a",),
    "reverse": (),
    "sort": (),
}
# And what does not.
READING = {
    "__class__", "__class_getitem__", "__contains__", "__delattr__", "__dir__", "__doc__", "__eq__", "__format__",
    "__ge__", "__getattribute__", "__getitem__", "__getstate__", "__gt__", "__hash__", "__init_subclass__", "__iter__",
    "__le__", "__len__", "__lt__", "__ne__", "__new__", "__reduce__", "__reduce_ex__", "__repr__", "__reversed__",
    "__setattr__", "__sizeof__", "__str__", "__subclasshook__", "copy",
    "__or__", "__ror__", "fromkeys", "get", "items", "keys", "values",
    "__add__", "__mul__", "__rmul__", "count", "index",
}  # fmt: skip


def persona() -> Persona:
    return decode_persona(DATA)


def containers(record: Persona) -> Iterator[Any]:
    """Every dict and list that a caller can get hold of."""
    llm, perception = record.layers.llm, record.layers.perception
    unfinished: list[Any] = [
        *(record.extra, record.skills, record.layers.extra, llm.headers, llm.tools, llm.extra_body, llm.extra),
        *(llm.extra["api_key"].reveal(), perception.visual_tools),
        *(EMPTY, LlmLayer().extra, Persona.extra, LlmLayer(extra_body={"a": [1]}).extra_body),
    ]
    while unfinished:
        value = unfinished.pop()
        if isinstance(value, (dict, list)):
            yield value
        if isinstance(value, (dict, list, tuple)):
            unfinished += value.values() if isinstance(value, dict) else value


def test_everything_that_changes_a_dict_or_a_list_is_known_here() -> None:
    assert set(dir(dict)) - READING == DICT_CHANGES.keys()
    assert set(dir(list)) - READING == LIST_CHANGES.keys()


@pytest.mark.parametrize("change", DICT_CHANGES)
def test_no_method_changes_a_frozen_dict(change: str) -> None:
    frozen = FrozenDict({"a": 1, "b": 2})
    refused(frozen, change, DICT_CHANGES[change])

    assert frozen == {"a": 1, "b": 2}
    assert list(frozen) == ["a", "b"]


@pytest.mark.parametrize("change", LIST_CHANGES)
def test_no_method_changes_a_frozen_list(change: str) -> None:
    frozen = FrozenList(["b", "a"])
    refused(frozen, change, LIST_CHANGES[change])

    assert frozen == ["b", "a"]


def refused(frozen: Any, change: str, arguments: tuple[Any, ...]) -> None:
    """Change it in this way, which is refused; a constructor cannot tell when it is called, and does nothing."""
    if change == "__init__":
        frozen.__init__(*arguments)
        return
    with pytest.raises(TypeError, match="records are frozen: change a copy"):
        getattr(frozen, change)(*arguments)


def test_statements_change_nothing_either() -> None:
    frozen, items = FrozenDict({"a": 1}), FrozenList([1, 2])
    with pytest.raises(TypeError, match="frozen"):
        frozen |= {"x": 1}
    with pytest.raises(TypeError, match="frozen"):
        items += [3]
    with pytest.raises(TypeError, match="frozen"):
        items *= 2
    with pytest.raises(TypeError, match="frozen"):
        items[:1] = []
    with pytest.raises(TypeError, match="frozen"):
        del items[0]
    with pytest.raises(AttributeError):
        frozen.note = 1  # type: ignore[attr-defined]

    assert (frozen, items) == ({"a": 1}, [1, 2])


def test_every_container_of_a_record_is_frozen() -> None:
    found = list(containers(persona()))

    assert len(found) > 15
    assert {type(value) for value in found} == {FrozenDict, FrozenList}


MAKERS: dict[str, Callable[[Any], Any]] = {
    "dict": lambda value: dict(value) if isinstance(value, dict) else list(value),
    "copy": lambda value: value.copy(),
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "more": lambda value: value | {"x": 1} if isinstance(value, dict) else value + [1],  # noqa: RUF005 (what is tested)
    "less": lambda value: {"x": 1} | value if isinstance(value, dict) else value[:],
    "again": lambda value: {**value} if isinstance(value, dict) else value * 1,
    "thaw": thaw,
    "JSON": lambda value: json.loads(json.dumps(value)),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("frozen", [freeze({"a": [1, {"b": 2}]}), freeze([1, {"b": [2]}])], ids=["dict", "list"])
def test_what_is_made_of_it_is_plain_and_can_be_changed(make: Callable[[Any], Any], frozen: Any) -> None:
    before = json.dumps(frozen)
    made = make(frozen)
    made.clear()

    assert type(made) in {dict, list}
    assert json.dumps(frozen) == before


@pytest.mark.parametrize("make", [copy.deepcopy, thaw])
def test_a_deep_copy_is_plain_all_the_way_down(make: Callable[[Any], Any]) -> None:
    made = make(freeze({"a": [{"b": [1]}]}))
    made["a"][0]["b"].append(2)

    assert made == {"a": [{"b": [1, 2]}]}


def test_it_is_a_dict_or_a_list_to_everybody_else() -> None:
    frozen = freeze({"a": [1, 2]})

    assert isinstance(frozen, dict)
    assert isinstance(frozen["a"], list)
    assert frozen == {"a": [1, 2]}
    assert json.dumps(frozen) == '{"a": [1, 2]}'
    assert json.dumps(frozen, indent=1) == json.dumps({"a": [1, 2]}, indent=1)
    assert {**frozen} == dict(frozen)
    assert repr(frozen) == "{'a': [1, 2]}"
    assert sorted(freeze([2, 1])) == [1, 2]
    match frozen:
        case {"a": [one, two]}:
            assert (one, two) == (1, 2)
        case _:
            pytest.fail("no match")


def test_orjson_writes_it_too() -> None:
    orjson = pytest.importorskip("orjson", reason="orjson is not installed")

    assert orjson.dumps(freeze({"a": [1, {"b": None}]})) == b'{"a":[1,{"b":null}]}'


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_of_it_is_frozen(protocol: int) -> None:
    frozen = freeze({"a": [1, {"b": 2}]})
    twin = pickle.loads(pickle.dumps(frozen, protocol=protocol))  # noqa: S301

    assert twin == frozen
    assert (type(twin), type(twin["a"]), type(twin["a"][1])) == (FrozenDict, FrozenList, FrozenDict)


@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_so_is_all_that_is_in_the_pickle_of_a_record(protocol: int) -> None:
    record = decode_persona(json.dumps(BODY | {"layers": BODY["layers"] | {"llm": {"tools": [{"a": [1]}]}}}).encode())
    twin = pickle.loads(pickle.dumps(record, protocol=protocol))  # noqa: S301

    assert twin == record
    assert type(twin.layers.llm.tools) is tuple
    assert type(twin.layers.llm.tools[0]) is FrozenDict
    assert {type(value) for value in (twin.extra, twin.extra["new"], twin.layers.extra)} == {FrozenDict}


def try_to_change(record: Persona) -> None:
    """Change whatever can be reached, as a careless caller would."""
    for value in containers(record):
        changes = DICT_CHANGES if isinstance(value, dict) else LIST_CHANGES
        for change, arguments in changes.items():
            if change != "__init__":
                with pytest.raises(TypeError, match="frozen"):
                    getattr(value, change)(*arguments)
    for made in (record.to_dict(), vars(record), dict(record)):
        made["skills"].clear()
        made.clear()
    for change in ("persona_name", "layers", "extra", "nonsense"):
        with pytest.raises(AttributeError):
            setattr(record, change, None)
        with pytest.raises(AttributeError):
            delattr(record, change)


def test_what_one_caller_does_another_does_not_see() -> None:
    record, twin = persona(), persona()
    try_to_change(record)
    try_to_change(copy.copy(record))
    try_to_change(copy.deepcopy(record))

    assert record == twin
    assert record.to_dict() == BODY


def test_a_record_that_was_made_cannot_be_made_anew() -> None:
    for record in (persona(), decode_persona(b'{"persona_id": "p1"}'), Persona(persona_id="p1"), LlmLayer(model="m")):
        before = record.to_dict()
        for values in ({"extra": {"x": 1}}, {"persona_id": "p2"} if isinstance(record, Persona) else {"model": "n"}):
            with pytest.raises(TypeError):
                record.__init__(**values)  # type: ignore[misc]

        assert record.to_dict() == before


def test_the_names_under_which_fields_came_cannot_be_changed() -> None:
    body = {"pal_id": "p1", "pal_name": "Ada", "layers": {"conversational_flow": {"pal_interruptibility": "low"}}}
    record = decode_persona(json.dumps(body).encode())
    for inner in (record, record.layers.conversational_flow):
        for value in attrs.asdict(inner, recurse=False).values():
            assert not isinstance(value, (dict, list)) or type(value) in {FrozenDict, FrozenList}

    assert record.to_dict() == body


def test_an_operation_of_a_patch_holds_a_copy() -> None:
    value = {"a": [1]}
    made = [patch.add("/x", value), patch.Operation.from_dict({"op": "test", "path": "/x", "value": value})]
    value["a"].append(2)
    for operation in made:
        operation.to_dict()["value"]["a"].append(3)

        assert operation.to_dict()["value"] == operation.value == {"a": [1]}


async def test_nor_does_he_through_the_cache_or_a_shared_request() -> None:
    async with RawServer(always(DATA)) as server, quick_session(server, cache_ttl=600) as session:
        first, second = await asyncio.gather(session.get_persona("p1"), session.get_persona("p1"))
        try_to_change(first)
        third = await session.get_persona("p1")

        assert first is second
        assert third.to_dict() == BODY
        assert len(server.requests) == 1


def deep(levels: int, bottom: Any = "bottom") -> Any:
    for _ in range(levels):
        bottom = {"a": [bottom]}
    return bottom


def test_values_as_deep_as_is_read_are_frozen_and_thawed() -> None:
    frozen: Any = freeze(deep(DEEP))
    thawed: Any = copy.deepcopy(frozen)

    hash(frozen)
    for _ in range(DEEP):
        assert (type(frozen), type(frozen["a"]), type(thawed), type(thawed["a"])) == (
            FrozenDict,
            FrozenList,
            dict,
            list,
        )
        frozen, thawed = frozen["a"][0], thawed["a"][0]
    assert frozen == thawed == "bottom"


def test_a_record_as_deep_as_is_read_can_be_made_shown_and_given_back() -> None:
    record = Persona(persona_id="p1", skills=deep(DEEP), extra={"x": deep(DEEP)})

    hash(record)
    assert "skills=<1 keys>" in repr(record)
    for body in (record.to_dict(), vars(record), attrs.evolve(record).to_dict()):
        bottom = body["x"]
        for _ in range(DEEP):
            bottom = bottom["a"][0]
        assert bottom == "bottom"


def test_a_record_as_deep_as_is_read_does_all_that_any_does() -> None:
    value = deep(98)
    body = {"persona_id": "p1", "skills": value, "layers": {"llm": {"extra_body": value, "tools": [value]}, "x": value}}
    record, twin = (decode_persona(json.dumps(body).encode()) for _ in range(2))

    assert record == twin
    assert hash(record) == hash(twin)
    assert pickle.loads(pickle.dumps(record)) == record  # noqa: S301
    assert copy.deepcopy(record.skills) == value
    assert record.to_dict() == vars(record) == body
    assert json.loads(json.dumps(record.to_dict(secrets=False))) == body


@given(JSON)
def test_a_frozen_value_equals_what_it_was_made_of_and_has_its_hash(value: Any) -> None:
    frozen = freeze(value)

    assert frozen == value
    assert repr(thaw(frozen)) == repr(value)
    assert hash(frozen) == hash(freeze(copy.deepcopy(value)))
    assert json.dumps(frozen) == json.dumps(value)


@given(PERSONAS)
@settings(max_examples=40)
def test_every_record_has_a_hash_and_equal_ones_the_same(body: dict[str, Any]) -> None:
    data = json.dumps(body).encode()
    one, other, shuffled = (
        decode_persona(data),
        decode_personas(b"[" + data + b"]").items[0],
        decode_persona(json.dumps(dict(reversed(body.items()))).encode()),
    )

    assert one == other
    assert len({one, other}) == 1
    assert (one.layers, one.layers.llm) == (other.layers, other.layers.llm)
    assert len({one.layers, other.layers}) == len({one.layers.llm, other.layers.llm}) == 1
    if one == shuffled:
        assert hash(one) == hash(shuffled)


def test_so_have_objects_and_lists_that_are_alike_in_all_but_their_values() -> None:
    assert len({hash(freeze({"name": number})) for number in range(1_000)}) > 990
    assert len({hash(freeze([number, "x"])) for number in range(1_000)}) > 990


def test_what_differs_has_mostly_another_hash() -> None:
    hashes = {hash(Persona(persona_id=f"p{number}")) for number in range(1_000)}

    assert len(hashes) == 1_000


def test_what_is_absent_and_what_is_empty_are_equal_and_have_one_hash() -> None:
    absent, empty, null = (
        decode_persona(body)
        for body in (
            b'{"persona_id": "p1"}',
            b'{"persona_id": "p1", "layers": {}}',
            b'{"persona_id": "p1", "layers": null}',
        )
    )
    deeper = decode_persona(b'{"persona_id": "p1", "layers": {"stt": {}}}')

    assert absent == empty == null == deeper
    assert len({absent, empty, null, deeper, Persona(persona_id="p1"), Persona(persona_id="p1", layers=Layers())}) == 1
    assert hash(SttLayer()) == hash(deeper.layers.stt) == hash(absent.layers.stt)
    assert [bool(each.layers) for each in (absent, empty, null, deeper)] == [False, True, False, True]


def test_records_of_two_classes_differ() -> None:
    records: list[Record] = [SttLayer(), LlmLayer()]

    assert records[0] != records[1]
    assert len(set(records)) == 2
