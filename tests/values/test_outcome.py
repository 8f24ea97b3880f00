import attrs
import pytest

from tavus_async import ConversationDraft, NotFoundError, Outcome

NO = NotFoundError("Invalid persona_id", status=400, path="/v2/personas/p2")


def test_an_outcome_with_a_value_unwraps_to_it() -> None:
    outcome = Outcome(key="p1", value="one", attempts=2, elapsed=0.5)

    assert outcome.ok
    assert outcome.unwrap() == "one"


def test_an_outcome_may_hold_a_value_that_is_none() -> None:
    outcome: Outcome[None] = Outcome(key="p1", attempts=1)

    assert outcome.ok
    outcome.unwrap()


def test_an_outcome_with_an_error_raises_it() -> None:
    outcome: Outcome[str] = Outcome(key="p2", error=NO)

    assert not outcome.ok
    with pytest.raises(NotFoundError) as caught:
        outcome.unwrap()
    assert caught.value is NO


def test_an_outcome_cannot_be_changed() -> None:
    outcome = Outcome(key="p1", value="one")

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        outcome.key = "p2"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("p1", "'p1'"),
        (5, "5"),
        ({"persona_id": "p1", "api_key": "SECRET"}, "<2 keys>"),
        ([{"api_key": "SECRET"}], "<1 items>"),
        (("SECRET",), "<1 items>"),
        (ConversationDraft(callback_url="https://app.example/SECRET"), "callback_url='https://app.example/***'"),
    ],
)
def test_what_it_shows_of_an_item_has_no_secret(key: object, shown: str) -> None:
    outcome = Outcome(key=key, value="one")
    rich = pytest.importorskip("rich.pretty", reason="rich is not installed")

    assert shown in repr(outcome)
    assert "SECRET" not in f"{outcome} {rich.pretty_repr(outcome)}"
    assert outcome.key is key
