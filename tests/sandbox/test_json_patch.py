import copy
import time
from typing import Any

import jsonpatch
import jsonpointer
import pytest
from hypothesis import given, strategies as st

from tavus_async.sandbox.json_patch import PatchApplyError, PatchFormatError, apply, read

KEYS = st.sampled_from(["a", "b", "/", "~", "~1", "0", "1", "-", "", "é"])
# No 0, 1 or booleans: the judge takes True for 1, and RFC 6902 does not.
LEAVES = st.none() | st.integers(2, 9) | st.text(max_size=3)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def pointers(document: Any, prefix: str = "") -> list[str]:
    found = [prefix]
    if isinstance(document, dict):
        for key, value in document.items():
            found += pointers(value, f"{prefix}/{jsonpointer.escape(key)}")
    if isinstance(document, list):
        for index, value in enumerate(document):
            found += pointers(value, f"{prefix}/{index}")
        found += [f"{prefix}/-", f"{prefix}/{len(document)}", f"{prefix}/00"]
    return found


@st.composite
def patched_documents(draw: st.DrawFn) -> tuple[Any, Any]:
    document = draw(DOCUMENTS)
    there = st.sampled_from(pointers(document))
    new = st.builds(lambda parent, key: f"{parent}/{jsonpointer.escape(key)}", there, KEYS)
    operation = st.fixed_dictionaries(
        {
            "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
            "path": there | new,
            "from": there,
            "value": DOCUMENTS,
        }
    )
    return document, draw(st.lists(operation, max_size=4))


def judged(document: Any, operations: Any) -> tuple[bool, Any]:
    try:
        return True, jsonpatch.apply_patch(document, operations)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError):
        return False, None


@given(patched_documents())
def test_a_patch_does_what_an_independent_library_says(case: tuple[Any, Any]) -> None:
    document, operations = case
    fits, expected = judged(copy.deepcopy(document), copy.deepcopy(operations))
    try:
        outcome = True, apply(copy.deepcopy(document), read(operations))
    except PatchApplyError:
        outcome = False, None

    assert outcome == (fits, expected)


@given(DOCUMENTS, DOCUMENTS)
def test_a_patch_made_by_an_independent_library_leads_where_it_should(before: Any, after: Any) -> None:
    before, after = {"value": before}, {"value": after}
    patch: Any = jsonpatch.make_patch(before, after).patch

    assert apply(copy.deepcopy(before), read(patch)) == after


@pytest.mark.parametrize(
    ("document", "operations", "expected"),
    [
        ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": 1}], {"foo": "bar", "baz": 1}),
        ({"foo": [1, 2]}, [{"op": "add", "path": "/foo/1", "value": 9}], {"foo": [1, 9, 2]}),
        ({"foo": [1]}, [{"op": "add", "path": "/foo/-", "value": 2}], {"foo": [1, 2]}),
        ({"foo": [1]}, [{"op": "add", "path": "/foo/1", "value": [2]}], {"foo": [1, [2]]}),
        ({"foo": 1}, [{"op": "add", "path": "/foo", "value": None}], {"foo": None}),
        ({"foo": 1}, [{"op": "add", "path": "", "value": []}], []),
        ({"foo": [1, 2, 3]}, [{"op": "remove", "path": "/foo/1"}], {"foo": [1, 3]}),
        ({"a/b": {"m~n": 1}}, [{"op": "replace", "path": "/a~1b/m~0n", "value": 2}], {"a/b": {"m~n": 2}}),
        ({"a": {"x": 1}, "b": {}}, [{"op": "move", "from": "/a/x", "path": "/b/y"}], {"a": {}, "b": {"y": 1}}),
        ({"a": [1, 2, 3]}, [{"op": "move", "from": "/a/0", "path": "/a/2"}], {"a": [2, 3, 1]}),
        ({"a": 1}, [{"op": "move", "from": "/a", "path": "/a"}], {"a": 1}),
        ({"a": [1]}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": [1], "b": [1]}),
        ({"a": 1.0}, [{"op": "test", "path": "/a", "value": 1}], {"a": 1.0}),
        ({"": 1}, [{"op": "remove", "path": "/"}], {}),
        ({"a": 1}, [{"op": "remove", "path": "/a", "junk": True}], {}),
    ],
)
def test_each_operation_does_what_the_rfc_says(document: Any, operations: list[Any], expected: Any) -> None:
    assert apply(document, read(operations)) == expected


def test_a_copied_value_is_shared_with_nothing() -> None:
    steps: Any = [{"op": "copy", "from": "/a", "path": "/b"}, {"op": "add", "path": "/b/-", "value": 2}]

    assert apply({"a": [1]}, read(steps)) == {"a": [1], "b": [1, 2]}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/nothing"},
        {"op": "remove", "path": ""},
        {"op": "remove", "path": "/list/-"},
        {"op": "replace", "path": "/nothing", "value": 1},
        {"op": "replace", "path": "/list/2", "value": 1},
        {"op": "add", "path": "/nothing/below", "value": 1},
        {"op": "add", "path": "/text/below", "value": 1},
        {"op": "add", "path": "/list/3", "value": 1},
        {"op": "add", "path": "/list/-1", "value": 1},
        {"op": "add", "path": "/list/01", "value": 1},
        {"op": "add", "path": "/list/1e0", "value": 1},
        {"op": "add", "path": "/list/\N{ARABIC-INDIC DIGIT ONE}", "value": 1},
        {"op": "add", "path": f"/list/{'9' * 5000}", "value": 1},
        {"op": "move", "from": "/nothing", "path": "/text"},
        {"op": "move", "from": "/object", "path": "/object/inside"},
        {"op": "copy", "from": "/nothing", "path": "/text"},
        {"op": "test", "path": "/text", "value": "another"},
        {"op": "test", "path": "/nothing", "value": None},
        {"op": "test", "path": "/yes", "value": 1},
        {"op": "test", "path": "/list", "value": [1]},
        {"op": "test", "path": "/object", "value": {"y": 1}},
    ],
)
def test_a_patch_that_does_not_fit_is_refused(operation: Any) -> None:
    document: Any = {"text": "t", "list": [1, 2], "object": {"x": 1}, "yes": True}

    with pytest.raises(PatchApplyError):
        apply(document, read([operation]))


@pytest.mark.parametrize(
    "body",
    [
        {"op": "remove", "path": "/a"},
        None,
        ["remove"],
        [{"path": "/a"}],
        [{"op": "delete", "path": "/a"}],
        [{"op": ["add"], "path": "/a", "value": 1}],
        [{"op": "remove"}],
        [{"op": "remove", "path": None}],
        [{"op": "remove", "path": "a"}],
        [{"op": "remove", "path": "/a~2"}],
        [{"op": "remove", "path": "/a~"}],
        [{"op": "add", "path": "/a"}],
        [{"op": "replace", "path": "/a"}],
        [{"op": "test", "path": "/a"}],
        [{"op": "move", "path": "/a"}],
        [{"op": "copy", "path": "/a", "from": 3}],
    ],
)
def test_what_is_no_patch_is_told_from_one_that_does_not_fit(body: Any) -> None:
    with pytest.raises(PatchFormatError):
        read(body)


def test_a_null_is_a_value() -> None:
    assert apply({"a": 1}, read([{"op": "replace", "path": "/a", "value": None}])) == {"a": None}


def test_copies_that_double_a_document_over_and_over_are_refused_at_once() -> None:
    steps: Any = [{"op": "copy", "from": "", "path": f"/{number}"} for number in range(40)]
    before = time.process_time()

    with pytest.raises(PatchApplyError, match="copies too much"):
        apply({"text": "x" * 1000}, read(steps))
    assert time.process_time() - before < 1


def test_copies_of_a_sane_size_are_made() -> None:
    steps: Any = [{"op": "copy", "from": "/text", "path": f"/{number}"} for number in range(100)]

    assert apply({"text": "x" * 10_000}, read(steps)) == {
        "text": "x" * 10_000,
        **{str(number): "x" * 10_000 for number in range(100)},
    }


def test_a_patch_has_at_most_2000_operations() -> None:
    steps: list[Any] = [{"op": "test", "path": "", "value": {}}]

    assert apply({}, read(steps * 2_000)) == {}
    with pytest.raises(PatchFormatError, match="too many operations"):
        read(steps * 2_001)


def test_a_document_does_not_grow_past_a_mebibyte_nor_one_that_is_larger_already() -> None:
    steps = read([{"op": "add", "path": "/more", "value": "x" * 100_000}])

    assert apply({"text": "x" * 900_000}, steps)
    for size in (1_000_000, 2_000_000):
        with pytest.raises(PatchApplyError, match="too large"):
            apply({"text": "x" * size}, steps)
    assert apply({"text": "x" * 2_000_000}, read([{"op": "remove", "path": "/text"}])) == {}
    assert apply({"text": "x" * 2_000_000}, read([{"op": "add", "path": "/text", "value": 1}])) == {"text": 1}


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "steps",
    [
        [{"op": "add", "path": "/deep" + "/0" * 300, "value": nested(300)}],
        [{"op": "move", "from": "/other", "path": "/deep" + "/0" * 300}],
        [{"op": "copy", "from": "/deep", "path": "/deep" + "/0" * 300 * 2**step} for step in range(9)],
    ],
)
def test_what_would_be_nested_too_deeply_is_refused(steps: Any) -> None:
    with pytest.raises(PatchApplyError, match="nested too deeply"):
        apply({"deep": nested(300), "other": nested(300)}, read(steps))
