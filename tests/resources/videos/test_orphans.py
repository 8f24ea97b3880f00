"""How far back the list is read for what was created, and what in it is taken for that."""

import json
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import attrs
import pytest

from tavus_async import AmbiguousOutcomeError, ConnectError, DecodeError, Outcome, Page, RateLimitedError, ServerError
from tavus_async._bulk.run import Job, Outcomes, Run
from tavus_async.models import Video, VideoDraft
from tavus_async.resources.videos.orphans import Orphans, may_exist
from tests.support.virtual_time import in_virtual_time

DRAFT = VideoDraft(replica_id="r1", script="Hello.", video_name="Ada")


@attrs.define
class Listing:
    """A list of videos, and how much of it was asked for."""

    videos: list[dict[str, Any]]
    lists_times: bool = True
    asked: list[Any] = attrs.field(factory=list)

    def send_each(self, make_call: Any, keys: Collection[Any], /) -> Outcomes[Any]:
        async def fetch(key: Any) -> Outcome[Any]:
            call = make_call(key)
            self.asked.append(key)
            if isinstance(key, str):
                found = next(each for each in self.videos if each["video_id"] == key)
                return Outcome(key=key, value=call.decode(json.dumps(found).encode()))
            hidden = () if self.lists_times else ("created_at",)
            page = [{name: value for name, value in each.items() if name not in hidden}
                    for each in self.videos[key * 100 : (key + 1) * 100]]  # fmt: skip
            items = tuple(Video.from_dict(each) for each in page)
            return Outcome(key=key, value=Page(items=items, total_count=len(self.videos)))

        return Outcomes(Run(Job(fetch=fetch, keys=keys, concurrency=1)))

    async def find(self, draft: VideoDraft = DRAFT, *, is_ours: bool = False) -> str | None:
        return await Orphans(self.send_each).find(draft, is_ours=is_ours, since=time.time(), settled_in=0.0)


def video(number: int, *, age: float = 0.0, **fields: Any) -> dict[str, Any]:
    when = format_datetime(datetime.now(UTC) - timedelta(seconds=age), usegmt=True)
    return {"video_id": f"v{number}", "video_name": f"Number {number}", "created_at": when, **fields}


def ada(number: int, **fields: Any) -> dict[str, Any]:
    return video(number, **{"video_name": "Ada", "data": {"script": "Hello."}, **fields})


@in_virtual_time
async def test_where_the_newest_come_first_it_is_read_no_further_back_than_the_create() -> None:
    listing = Listing([video(number, age=number * 60.0) for number in range(2_000)])

    assert await listing.find() is None
    assert listing.asked == [0]


@pytest.mark.parametrize("is_told", [True, False])
@in_virtual_time
async def test_where_they_do_not_it_is_read_to_its_end(is_told: bool) -> None:
    listing = Listing([*(video(number, age=9e6 - number * 60.0) for number in range(450)), ada(450)], is_told)

    assert await listing.find() == "v450"
    assert listing.asked[:5] == [0, 1, 2, 3, 4]


@in_virtual_time
async def test_a_list_without_times_is_no_reason_to_take_an_old_one() -> None:
    listing = Listing([ada(1, age=9e6), ada(2)], lists_times=False)

    assert await listing.find() == "v2"
    assert listing.asked == [0, "v1", "v2"]


@pytest.mark.parametrize(
    "other",
    [{"data": {"script": "Bye."}}, {"replica_id": "r2"}, {"data": {"audio_url": "https://a.example/"}}, {"age": 9e6}],
)
@in_virtual_time
async def test_one_that_says_something_else_is_another(other: dict[str, Any]) -> None:
    assert await Listing([ada(1, **other)]).find() is None


@in_virtual_time
async def test_a_name_that_only_we_can_have_given_says_enough() -> None:
    assert await Listing([video(1, age=9e6, video_name="Ada")]).find(is_ours=True) == "v1"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AmbiguousOutcomeError("lost", method="POST", path="/v2/videos"), True),
        (DecodeError(path="$", expected="an object", got="a list"), True),
        (ServerError("down", status=500), True),
        (ServerError("busy", status=503, refused=True), False),
        (RateLimitedError("slow", status=429), False),
        (ConnectError("nobody there"), False),
    ],
)
def test_what_may_have_happened_is_looked_for(error: Any, expected: bool) -> None:
    assert may_exist(error) is expected
