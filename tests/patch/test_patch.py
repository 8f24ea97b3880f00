import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import jsonpatch
import pytest
from hypothesis import given, strategies as st

from tavus_async import InvalidRequestError, Persona, patch
from tests.records.test_reading import ANY_TEXT, JSON, PERSONAS
from tests.support.decoding import decode_persona

DEEPEST = 100_000
# Few keys, so that two documents share some; with the two characters that pointers escape.
KEYS = st.sampled_from(["a", "b", "/", "~", "~1", "", "0", "-", "api_key", "headers"]) | ANY_TEXT
VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, -0.0, 2**70, "", "***", "a long enough text to save bytes"]) | JSON,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=6,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=5)


def edited(value: Any, spare: list[Any], dice: random.Random) -> Any:
    """This value after somebody's editing: some things replaced, some gone, some new, the rest as it was."""
    if dice.random() < 0.2:
        return dice.choice(spare)
    match value:
        case dict():
            kept = {key: edited(inner, spare, dice) for key, inner in value.items() if dice.random() < 0.9}
            return kept | ({"new": dice.choice(spare)} if dice.random() < 0.2 else {})
        case list():
            items = [edited(inner, spare, dice) for inner in value if dice.random() < 0.9]
            place = dice.randint(0, len(items))
            return [*items[:place], *dice.sample(spare, dice.randint(0, 1)), *items[place:]]
        case _:
            return value


def with_edits(documents: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    """Documents, each with what becomes of it when every value in it is edited, or left alone."""

    def pair(before: Any, spare: list[Any], dice: random.Random) -> tuple[Any, Any]:
        return before, {key: edited(inner, spare, dice) for key, inner in before.items()}

    return st.builds(pair, documents, st.lists(VALUES, min_size=1, max_size=4), st.randoms(use_true_random=False))


PAIRS = st.tuples(DOCUMENTS, DOCUMENTS) | with_edits(DOCUMENTS)


def wire(operations: list[patch.Operation]) -> list[dict[str, Any]]:
    return [operation.to_dict() for operation in operations]


def size(operations: list[patch.Operation]) -> int:
    return len(json.dumps(wire(operations), separators=(",", ":")))


def applied(operations: list[patch.Operation], document: Any) -> Any:
    """What an independent library makes of the document."""
    return jsonpatch.JsonPatch(wire(operations)).apply(document)


def exact(value: Any) -> Any:
    """The value in a form in which Python tells apart what JSON tells apart, and nothing else."""
    match value:
        case dict():
            return {key: exact(inner) for key, inner in value.items()}
        case list() | tuple():
            return [exact(inner) for inner in value]
        case bool():
            return str(value)
        case _:
            return (value,)


def changed_objects(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every value that two documents have in one place, apart from places in lists, and that differs."""
    if exact(before) == exact(after):
        return
    yield path, before, after
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() & after.keys():
            place = key.replace("~", "~0").replace("/", "~1")
            yield from changed_objects(before[key], after[key], f"{path}/{place}")


def has_secrets(value: Any) -> bool:
    return any(word in json.dumps(value) for word in ('"api_key"', '"headers"', "***"))


class TestOperations:
    def test_each_is_spelled_as_the_standard_spells_it(self) -> None:
        operations = [
            patch.add("/a", 1),
            patch.remove("/a"),
            patch.replace("/a", None),
            patch.move("/a", "/b"),
            patch.copy("/a", "/b"),
            patch.test("/a", []),
        ]

        assert wire(operations) == [
            {"op": "add", "path": "/a", "value": 1},
            {"op": "remove", "path": "/a"},
            {"op": "replace", "path": "/a", "value": None},
            {"op": "move", "from": "/a", "path": "/b"},
            {"op": "copy", "from": "/a", "path": "/b"},
            {"op": "test", "path": "/a", "value": []},
        ]

    def test_what_they_do_is_what_an_independent_library_does(self) -> None:
        operations = [
            patch.test("/a", 1),
            patch.copy("/a", "/list/-"),
            patch.move("/list/0", "/b"),
            patch.add("/list/0", "new"),
            patch.replace("/a", 2),
            patch.remove("/gone"),
        ]

        assert applied(operations, {"a": 1, "list": ["x"], "gone": True}) == {"a": 2, "list": ["new", 1], "b": "x"}

    @pytest.mark.parametrize("path", ["", "/", "/a", "/a/0", "/a/-", "/~0/~1", "//", "/a b", "/ä", "/layers/llm/model"])
    def test_a_json_pointer_is_taken(self, path: str) -> None:
        assert patch.remove(path).path == path

    @pytest.mark.parametrize("path", ["a", "layers.llm.model", "/~", "/~2", "/a~", "#/a", " /a", None, 0, b"/a", ["a"]])
    def test_what_is_no_json_pointer_is_refused(self, path: Any) -> None:
        makers: list[Callable[[], object]] = [
            lambda: patch.add(path, 1),
            lambda: patch.remove(path),
            lambda: patch.replace(path, 1),
            lambda: patch.test(path, 1),
            lambda: patch.move("/a", path),
            lambda: patch.move(path, "/a"),
            lambda: patch.copy("/a", path),
            lambda: patch.copy(path, "/a"),
            lambda: patch.Operation("add", path, 1),
        ]
        for make in makers:
            with pytest.raises(InvalidRequestError, match="JSON Pointer such as /layers/llm/model"):
                make()

    def test_a_value_is_not_shown(self) -> None:
        assert "sk-" not in repr(patch.replace("/layers/llm/api_key", "sk-secret"))


class TestDiff:
    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ({}, {}, []),
            ({"a": 1}, {"a": 1}, []),
            ({"a": 1}, {"a": 2}, [("replace", "/a", 2)]),
            ({"a": 1}, {}, [("remove", "/a")]),
            ({}, {"a": {"b": 1}}, [("add", "/a", {"b": 1})]),
            ({"a": {"b": 1, "c": "long"}}, {"a": {"b": 2, "c": "long"}}, [("replace", "/a/b", 2)]),
            ({"a": {"c": "long"}}, {"a": {"b": 1, "c": "long"}}, [("add", "/a/b", 1)]),
            ({"a": 1}, {"a": None}, [("replace", "/a", None)]),
            ({"a": None}, {}, [("remove", "/a")]),
            ({"a": 1}, {"a": [1]}, [("replace", "/a", [1])]),
            ({"a": {}}, {"a": []}, [("replace", "/a", [])]),
            ({"a/b": 1, "c~d": {"~1": 1}}, {"a/b": 1, "c~d": {"~1": 22}}, [("replace", "/c~0d/~01", 22)]),
            ({"a/b": {"c~d": "long enough", "e": 1}}, {"a/b": {"c~d": "long enough"}}, [("remove", "/a~1b/e")]),
            ({"": 1}, {"": 2}, [("replace", "/", 2)]),
        ],
    )  # fmt: skip
    def test_it_says_what_changed_and_no_more(self, before: Any, after: Any, expected: list[Any]) -> None:
        found = [tuple(operation.values()) for operation in wire(patch.diff(before, after))]

        assert found == expected

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            (1, 1.0, True),
            (0, -0.0, True),
            (2**53, float(2**53), True),
            (2**53 + 1, float(2**53), False),
            (10**400, 10**400, True),
            (True, 1, False),
            (True, 1.0, False),
            (False, 0, False),
            (None, False, False),
            ("1", 1, False),
            ("", None, False),
            ([], {}, False),
            ([1, {"a": True}], [1.0, {"a": True}], True),
            ([1, {"a": True}], [1, {"a": 1}], False),
            ((1, 2), [1, 2], True),
            ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
            ("é", "e\u0301", False),
        ],
    )
    def test_values_are_told_apart_as_json_does(self, one: Any, other: Any, same: bool) -> None:
        assert (patch.diff({"a": one}, {"a": other}) == []) is same
        assert (patch.diff({"a": other}, {"a": one}) == []) is same

    @pytest.mark.parametrize(
        ("after", "expected"),
        [
            ("bcdefgh", [("remove", "/a/0")]),
            ("abcdefg", [("remove", "/a/7")]),
            ("acdegh", [("remove", "/a/1"), ("remove", "/a/4")]),
            ("gh", [("remove", "/a/0")] * 6),
            ("xabcdefgh", [("add", "/a/0", "x" * 100)]),
            ("abcdefghx", [("add", "/a/8", "x" * 100)]),
            ("abxcdefyghz", [("add", "/a/2", "x" * 100), ("add", "/a/7", "y" * 100), ("add", "/a/10", "z" * 100)]),
            ("bcdeXgh", [("remove", "/a/0"), ("replace", "/a/4", "X" * 100)]),
            ("abXYefgh", [("replace", "/a/2", "X" * 100), ("replace", "/a/3", "Y" * 100)]),
        ],
    )
    def test_what_stays_in_a_list_is_not_sent_again(self, after: str, expected: list[Any]) -> None:
        """Each letter is a text of a hundred."""
        documents = [{"a": [letter * 100 for letter in letters]} for letters in ("abcdefgh", after)]

        assert [tuple(operation.values()) for operation in wire(patch.diff(*documents))] == expected

    def test_a_list_of_short_things_is_replaced_where_that_is_shorter(self) -> None:
        operations = patch.diff({"a": ["x", "y", "z"]}, {"a": ["u", "v", "w"]})

        assert wire(operations) == [{"op": "replace", "path": "/a", "value": ["u", "v", "w"]}]

    def test_one_field_of_a_tool_in_a_list_is_one_operation(self) -> None:
        tools = [{"type": "function", "function": {"name": name, "description": name * 40}} for name in "abc"]
        changed = json.loads(json.dumps(tools).replace('"name": "b"', '"name": "better"'))

        operations = patch.diff({"tools": tools}, {"tools": changed})

        assert wire(operations) == [{"op": "replace", "path": "/tools/1/function/name", "value": "better"}]

    @pytest.mark.parametrize(
        "before",
        [
            {"model": "m", "api_key": "****4321"},
            {"model": "m", "headers": {"X-Team": "blue"}},
            {"model": "m", "auth": {"token": "****"}},
            {"model": "m", "list": [{"secret": "********"}]},
            {"model": "m", "playht_user_id": "shortened"},
        ],
    )
    def test_an_object_in_which_something_is_masked_is_changed_key_by_key(self, before: dict[str, Any]) -> None:
        after = before | {"model": "n", "x": 1, "y": 2}
        expected = [patch.replace("/llm/model", "n"), patch.add("/llm/x", 1), patch.add("/llm/y", 2)]

        assert patch.diff({"llm": before}, {"llm": after}) == expected
        assert [one.path for one in patch.diff({"llm": {"model": "m"}}, {"llm": after})] == ["/llm"]

    def test_a_secret_that_is_not_set_hides_nothing(self) -> None:
        before, after = {"api_key": "", "a": 1, "b": 2, "c": 3}, {"api_key": "", "a": 2, "b": 3, "c": 4}

        assert patch.diff({"llm": before}, {"llm": after}) == [patch.replace("/llm", after)]

    @pytest.mark.parametrize("document", [None, [], "{}", 1, b"{}"])
    def test_what_is_no_object_is_refused(self, document: Any) -> None:
        with pytest.raises(InvalidRequestError, match="before must be a Mapping"):
            patch.diff(document, {})
        with pytest.raises(InvalidRequestError, match="after must be a Mapping"):
            patch.diff({}, document)

    @pytest.mark.parametrize("value", [float("nan"), {1}, object(), b"x"])
    def test_what_json_cannot_hold_is_refused(self, value: Any) -> None:
        with pytest.raises(InvalidRequestError, match="cannot be compared as JSON"):
            patch.diff({"a": {"b": 1}}, {"a": {"b": value}})

    def test_what_is_nested_without_end_is_refused(self) -> None:
        deep: list[Any] = []
        for _ in range(DEEPEST):
            deep = [deep]

        with pytest.raises(InvalidRequestError, match="nested too deeply"):
            patch.diff({"a": deep}, {"a": [deep]})

    @given(PAIRS)
    def test_the_patch_makes_the_one_document_the_other(self, pair: tuple[Any, Any]) -> None:
        before, after = pair

        assert exact(applied(patch.diff(before, after), before)) == exact(after)

    @given(PAIRS)
    def test_nothing_that_changed_is_shorter_to_replace_as_a_whole(self, pair: tuple[Any, Any]) -> None:
        before, after = pair
        operations = patch.diff(before, after)

        for path, old, new in changed_objects(before, after):
            within = [one for one in operations if one.path == path or one.path.startswith(f"{path}/")]
            if path and not has_secrets(old):
                assert size(within) <= size([patch.replace(path, new)])

    @given(DOCUMENTS)
    def test_equal_documents_need_no_patch(self, document: Any) -> None:
        assert patch.diff(document, json.loads(json.dumps(document))) == []

    @given(PERSONAS, PERSONAS)
    def test_the_patch_makes_the_one_persona_the_other(self, one: Any, other: Any) -> None:
        before, after = (decode_persona(json.dumps(body).encode()).to_dict() for body in (one, other))

        assert exact(applied(patch.diff(before, after), before)) == exact(after)

    @given(with_edits(PERSONAS))
    def test_the_patch_makes_a_persona_its_edited_self(self, pair: tuple[Any, Any]) -> None:
        before, after = (decode_persona(json.dumps(body | {"persona_id": "p1"}).encode()).to_dict() for body in pair)

        assert exact(applied(patch.diff(before, after), before)) == exact(after)

    def test_a_record_evolved_in_one_field_needs_one_operation(self) -> None:
        before = Persona(persona_id="p1", system_prompt="Be kind. " * 300, document_ids=("d1", "d2"))
        after = attrs.evolve(before, layers=attrs.evolve(before.layers, llm=attrs.evolve(before.layers.llm, model="m")))

        assert wire(patch.diff(before.to_dict(), after.to_dict())) == [
            {"op": "add", "path": "/layers", "value": {"llm": {"model": "m"}}}
        ]
