import math
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from tavus_async import ConfigurationError, InvalidRequestError
from tavus_async._settings import checks

NO_NUMBERS = [True, False, "1", b"1", [1], 1j, object(), math.nan, math.inf, -math.inf, 10**400, -(10**400)]


def settings_with(check: Callable[..., None]) -> Any:
    return attrs.make_class("Settings", {"level": attrs.field(validator=check)}, frozen=True)


def accepts(check: Callable[..., None], value: object) -> bool:
    """Tell whether a setting with this check takes the value."""
    try:
        assert settings_with(check)(value).level is value
    except ConfigurationError as error:
        assert "Settings.level must be " in str(error)  # noqa: PT017 - the other outcome is no error at all
        return False
    return True


@pytest.mark.parametrize(
    ("check", "fine", "wrong"),
    [
        (checks.positive, [1, 0.5, 5e-324, 1e308], [0, -0.0, -1, None]),
        (checks.not_negative, [0, 0.0, 3, 0.1], [-1, -5e-324, None]),
        (checks.positive_or_none, [1, 0.5, None], [0, -1e-9]),
        (checks.rate, [1, 1e-9, 1e308], [0, -1, 5e-324, None]),
        (checks.count, [1, 7, 10**12], [0, -1, 1.0, 2.5, None]),
    ],
)
def test_a_number_is_checked(check: Callable[..., None], fine: list[Any], wrong: list[Any]) -> None:
    assert [value for value in fine if not accepts(check, value)] == []
    assert [value for value in wrong + NO_NUMBERS if accepts(check, value)] == []


def test_a_flag_is_true_or_false_and_nothing_like_it() -> None:
    assert accepts(checks.flag, True)
    assert accepts(checks.flag, False)
    assert [value for value in (0, 1, None, "true", "", ()) if accepts(checks.flag, value)] == []


@given(st.integers() | st.floats())
def test_a_number_is_whatever_a_float_can_hold(value: float) -> None:
    assert checks.is_number(value) is math.isfinite(value)


def test_a_value_is_shown_unless_python_has_no_text_for_it() -> None:
    assert [checks.display(value) for value in (5, "a", 10**5_000, -(10**5_000))] == ["5", "'a'", "an int", "an int"]


class Unshowable:
    def __repr__(self) -> str:
        raise OSError

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        raise OSError

    __hash__ = None  # type: ignore[assignment]


def test_what_may_be_a_secret_or_fails_to_show_itself_is_described() -> None:
    values = ["sk-7d41c0ffee9b", b"sk-7d41c0ffee9b", ["sk-7d41c0ffee9b"], Unshowable(), "x" * 10_000_000]

    assert [checks.display(value) for value in values] == [
        "a text of 15 characters",
        "a bytes",
        "a list",
        "a tests.Unshowable",
        "a text of 10,000,000 characters",
    ]


def test_what_is_no_text_is_none_of_some_words_whatever_it_compares_like() -> None:
    assert [checks.is_one_of(value, ("a", "b")) for value in ("a", "c", Unshowable(), None)] == [
        True,
        False,
        False,
        False,
    ]


def test_the_error_names_the_setting_and_what_it_was_given() -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings_with(checks.positive)("5")

    assert str(caught.value) == "Settings.level must be a number above 0, not '5'"


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (5, str, "name must be a str, not an int"),
        (None, (str, bytes), "name must be a str or a bytes, not None"),
        ("x", OSError, "name must be an OSError, not a str"),
    ],
)
def test_an_argument_of_the_wrong_class_is_refused_by_name(value: object, kind: Any, words: str) -> None:
    for error in (ConfigurationError, InvalidRequestError):
        with pytest.raises(error) as caught:
            checks.of_kind("name", value, kind, error=error)
        assert str(caught.value) == words
    with pytest.raises(ConfigurationError):
        checks.of_kind("name", value, kind)


def test_an_argument_of_the_right_class_is_taken() -> None:
    check: Callable[..., object] = checks.of_kind

    assert check("name", "x", str) is None
    assert check("name", True, (str, int)) is None


def test_a_text_is_a_string_and_nothing_like_it() -> None:
    assert [checks.is_text(value) for value in ("", "x", b"x", None, ["x"])] == [True, True, False, False, False]
