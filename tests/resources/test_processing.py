"""What is waited for until it is ready."""

from typing import Any

import attrs
import pytest

from tavus_async import ProcessingFailedError
from tavus_async._records.record import Record
from tavus_async.resources._processing import LONGEST_REASON, Processing


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Cake(Record):
    cake_id: str
    status: str | None = None
    error_message: str | None = None
    status_details: str | None = None


BAKING = Processing[Cake](
    noun="cake",
    id_of=lambda cake: cake.cake_id,
    ready=frozenset({"baked"}),
    failed=frozenset({"burnt"}),
    reasons=("error_message", "status_details"),
)


def cake(**fields: Any) -> Cake:
    return Cake(cake_id="c1", **fields)


def test_what_is_ready_is_given_and_what_is_not_yet_is_none() -> None:
    assert BAKING.look(cake(status="baked")) == cake(status="baked")
    assert [BAKING.look(cake(status=status)) for status in ("raw", None, "new word", "")] == [None] * 4


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"error_message": "Too hot."}, "Too hot."),
        ({"error_message": " ", "status_details": "Smoke"}, "Smoke"),
        ({}, ""),
    ],
)
def test_what_has_failed_raises_the_servers_words(fields: dict[str, str], reason: str) -> None:
    with pytest.raises(ProcessingFailedError, match=f"the cake c1 is 'burnt': {reason or 'no reason told'}") as caught:
        BAKING.look(cake(status="burnt", **fields))

    assert (caught.value.value, caught.value.reason) == (cake(status="burnt", **fields), reason)


def test_a_long_reason_is_kept_whole_and_shown_in_part() -> None:
    with pytest.raises(ProcessingFailedError) as caught:
        BAKING.look(cake(status="burnt", error_message="x" * 5_000))

    assert caught.value.reason == "x" * 5_000
    assert len(str(caught.value)) < LONGEST_REASON + 50
