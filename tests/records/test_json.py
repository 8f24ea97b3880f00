import json
import math

import pytest
from hypothesis import given, strategies as st

from tavus_async._records import json as _json

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
        assert repr(_json.loads(data)) == repr(expected)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '{"a": NaN}', '["x", -Infinity]'])
def test_what_python_adds_to_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not JSON"):
        _json.loads(text.encode())


def test_numbers_of_any_size_are_read_as_the_standard_library_does() -> None:
    assert _json.loads(b"18446744073709551616") == 2**64
    assert _json.loads(b"-9223372036854775809") == -(2**63) - 1
    assert _json.loads(b"[1e400, -1e400]") == [math.inf, -math.inf]
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


def test_several_hundred_levels_are_read_and_a_hundred_thousand_are_a_value_error() -> None:
    assert _json.loads(b"[" * 400 + b"]" * 400)

    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}"), (b"\xef\xbb\xbf[", b"]")):
        with pytest.raises(ValueError, match="nested too deeply"):
            _json.loads(opening + b"[" * 100_000 + b"]" * 100_000 + closing)


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
