import json
import math
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tavus_async._records import json as _json
from tavus_async._records.json import MAX_DEPTH, UnreadableError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
ANY_CHARACTER = st.characters(exclude_categories=())


@given(VALUES)
def test_what_the_standard_library_writes_is_read_back(value: object) -> None:
    assert repr(_json.loads(json.dumps(value).encode())) == repr(json.loads(json.dumps(value)))
    assert _json.loads(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.text(ANY_CHARACTER))
def test_surrogates_without_their_partners_are_kept(text: str) -> None:
    written = json.dumps({text: text})

    assert _json.loads(written.encode()) == json.loads(written)


@given(st.binary(max_size=30) | st.text('{}[]",:0123456789.eE+-truefalsn \\u', max_size=30).map(str.encode))
def test_rubbish_is_a_value_error_exactly_where_the_standard_library_says_so(data: bytes) -> None:
    try:
        expected = json.loads(data)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - its text is not the point
            _json.loads(data)
    else:
        if "inf" not in repr(expected):
            assert repr(_json.loads(data)) == repr(expected)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '{"a": NaN}', '["x", -Infinity]'])
def test_what_python_adds_to_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not JSON"):
        _json.loads(text.encode())


def test_numbers_of_any_size_are_read_as_the_standard_library_does() -> None:
    assert _json.loads(b"18446744073709551616") == 2**64
    assert _json.loads(b"-9223372036854775809") == -(2**63) - 1
    assert _json.loads(b"9" * 4_000) == int("9" * 4_000)
    for huge in ("9" * 5_000, "-" + "9" * 100_000, '{"n": [' + "9" * 5_000 + "]}"):
        with pytest.raises(ValueError, match="digits"):
            _json.loads(huge.encode())


def test_whole_numbers_and_fractions_stay_apart() -> None:
    assert repr(_json.loads(b"[1, 1.0, 1e0, 0, -0.0]")) == "[1, 1.0, 1.0, 0, -0.0]"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_other_encodings_of_unicode_are_read(encoding: str) -> None:
    assert _json.loads('{"name": "Zoë"}'.encode(encoding)) == {"name": "Zoë"}


@pytest.mark.parametrize("data", [b'"\xff"', b"\xff\xfe", b'{"a": "\xc3"}', b"\x80abc"])
def test_bytes_that_are_no_unicode_are_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is not the point
        _json.loads(data)


# Before and after a value within so many lists: plainly, in an object, and in texts that only the slow parser reads.
AROUND = [(b"", b""), (b'{"a":', b"}"), (b"\xef\xbb\xbf", b""), (b'["\\ud800",', b"]")]


@pytest.mark.parametrize(("opening", "closing"), AROUND)
def test_so_many_levels_are_read_and_no_more_by_either_parser(opening: bytes, closing: bytes) -> None:
    most = MAX_DEPTH - (len(closing) > 0)

    assert _json.loads(opening + b"[" * most + b"1" + b"]" * most + closing)
    for levels in (most + 1, 1_000, 100_000):
        with pytest.raises(UnreadableError, match="nested more than 200 levels deep"):
            _json.loads(opening + b"[" * levels + b"1" + b"]" * levels + closing)


@pytest.mark.parametrize("levels", [MAX_DEPTH, MAX_DEPTH + 1])
@pytest.mark.parametrize("bottom", [1, [], {}, ()])
@pytest.mark.parametrize("around", [lambda value: [value], lambda value: {"a": value}, lambda value: (value,)])
def test_depth_is_what_holds_anything_within_each_other(levels: int, bottom: Any, around: Callable[[Any], Any]) -> None:
    value = bottom
    for _ in range(levels):
        value = around(value)

    assert _json.is_too_deep(value) is (levels > MAX_DEPTH)


@pytest.mark.parametrize("bottom", [1, "x", [], {}, [1], {"a": 1}, {"a": "x"}, {"a": {}}, [{"a": 1}, [], [[]]]])
@pytest.mark.parametrize("around", ["list", "object", "both"])
@pytest.mark.parametrize("beside", [b"[]", b'"' + b"x" * 10_000 + b'"', b"[" + b"{}," * 5_000 + b"{}]"])
def test_a_text_is_refused_for_its_depth_however_long_it_is(bottom: Any, around: str, beside: bytes) -> None:
    for levels in range(MAX_DEPTH - 5, MAX_DEPTH + 3):
        value = bottom
        for level in range(levels):
            value = {"a": value} if around == "object" or (around == "both" and level % 2) else [value]
        text = b"[" + json.dumps(value).encode() + b"," + beside + b"]"
        if _json.is_too_deep([value]):
            with pytest.raises(UnreadableError, match="nested more than 200 levels deep"):
                _json.loads(text)
        else:
            assert _json.loads(text)[0] == value


def test_what_holds_itself_is_too_deep_however_often_it_does() -> None:
    loop: list[Any] = []
    loop += [loop, {"a": loop}, loop]

    assert _json.is_too_deep(loop)


OVERFLOWING = [
    "1e400",
    "-1e400",
    "1E+400",
    "1e0000309",
    "0.1e310",
    "1" * 310 + ".0",
    "1" * 310 + "e1",
    "9" * 250 + "e99",
]
FITTING = [
    "1e308",
    "-1.7E+308",
    "1e-400",
    "0e999",
    "0.000e+400",
    "0." + "0" * 400 + "1e500",
    "1" * 300 + "." + "1" * 300,
]


@pytest.mark.parametrize("around", ["{}", "[{}]", '{{"a":{}}}', "[0, {}, 0]", '["\\ud800",{}]', "\n{} "])
def test_a_number_that_no_float_can_hold_is_refused(around: str) -> None:
    for number in OVERFLOWING:
        with pytest.raises(UnreadableError, match="a number that no float can hold"):
            _json.loads(around.format(number).encode())
    for number in FITTING:
        text = around.format(number)
        assert _json.loads(text.encode()) == json.loads(text)


@given(VALUES)
def test_among_long_texts_the_same_is_read(value: object) -> None:
    written = json.dumps({"prompt": "Say 1e400. " * 7_000, "new": value})

    assert repr(_json.loads(written.encode())) == repr(json.loads(written))


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("levels", [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1])
def test_among_long_texts_the_same_depth_is_read(levels: int, opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    text = b'["' + b"x" * 100_000 + b'",' + opening * (levels - 1) + b"1" + closing * (levels - 1) + b"]"
    if levels > MAX_DEPTH:
        with pytest.raises(UnreadableError, match="nested more than 200 levels deep"):
            _json.loads(text)
    else:
        assert _json.loads(text)


@pytest.mark.parametrize("number", OVERFLOWING)
def test_it_is_so_among_long_texts_too(number: str) -> None:
    text = json.dumps({"prompt": "Say e400. " * 5_000})[:-1]

    assert _json.loads(f"{text}}}".encode())
    for written in (f'{text}, "new": {number}}}', f'{text}, "new": [0, {{"a": [{number}]}}]}}'):
        with pytest.raises(UnreadableError, match="a number that no float can hold"):
            _json.loads(written.encode())


@given(st.lists(st.sampled_from([*OVERFLOWING, "e400", "5e1234f", ": 1e400,", "[1e999", "9" * 400, "é"]), max_size=6))
def test_a_text_may_say_what_such_a_number_looks_like(parts: list[str]) -> None:
    text = " ".join(parts)

    for written in (text, "".join(parts), {text: [text]}):
        assert _json.loads(json.dumps(written).encode()) == written


@pytest.mark.parametrize("part", ["+1e000", ":1e999", "-", "1e999", "0" * 64 + "e", "9"])
def test_texts_full_of_such_are_read_in_a_time_that_grows_with_their_length(part: str) -> None:
    text = json.dumps(part * (400_000 // len(part))).encode()
    started = time.process_time()
    _json.loads(text)

    assert time.process_time() - started < 2  # were each looked at from the beginning, it would be minutes


@given(VALUES)
def test_what_is_written_can_be_read(value: object) -> None:
    assert _json.loads(_json.dumps(value)) == value


def test_json_is_written_short() -> None:
    assert _json.dumps({"a": [1, 2.5, None, True], "ö": "\ud800"}) == b'{"a":[1,2.5,null,true],"\\u00f6":"\\ud800"}'


@pytest.mark.parametrize("value", [math.nan, math.inf, {1, 2}, b"x", object(), {(1, 2): 3}])
def test_what_json_cannot_hold_is_a_value_error(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is not the point
        _json.dumps([value])


def test_a_value_that_holds_itself_is_a_value_error() -> None:
    loop: list[object] = []
    loop.append(loop)

    with pytest.raises(ValueError):  # noqa: PT011 - its text is not the point
        _json.dumps(loop)


def test_too_deep_a_value_is_a_value_error() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(ValueError):  # noqa: PT011 - its text is not the point
        _json.dumps(deep)
    while deep:  # or freeing it would take as many calls within calls
        deep = deep.pop()  # type: ignore[assignment]


def test_objects_and_lists_are_told_from_all_else() -> None:
    values: list[object] = [{}, {"a": 1}, [], [1], (), "x", 1, None, True]

    assert [_json.is_object(value) for value in values] == [True, True] + [False] * 7
    assert [_json.is_list(value) for value in values] == [False, False, True, True] + [False] * 5
