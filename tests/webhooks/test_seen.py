from typing import Any

import pytest

from tavus_async import ConfigurationError
from tavus_async.webhooks import Claim, MemorySeen, Seen


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def claimed(seen: Seen, *keys: str) -> list[Claim]:
    return [await seen.claim(key, 30.0) for key in keys]


async def handled(seen: Seen, *keys: str) -> None:
    for key in keys:
        assert await seen.claim(key, 30.0) is Claim.YOURS
        await seen.finish(key)


async def test_the_first_who_comes_may_handle_an_event() -> None:
    seen = MemorySeen()

    assert await claimed(seen, "a", "a", "b") == [Claim.YOURS, Claim.BUSY, Claim.YOURS]


async def test_what_has_been_handled_is_done() -> None:
    seen = MemorySeen()
    await handled(seen, "a")

    assert await claimed(seen, "a", "a") == [Claim.DONE, Claim.DONE]


async def test_what_was_given_up_may_be_handled_by_the_next() -> None:
    seen = MemorySeen()
    await seen.claim("a", 30.0)
    await seen.release("a")

    assert await claimed(seen, "a") == [Claim.YOURS]


async def test_a_claim_ends_by_itself() -> None:
    clock = Clock()
    seen = MemorySeen(now=clock)
    await seen.claim("a", 30.0)
    clock.now += 29.9
    early = await seen.claim("a", 30.0)
    clock.now += 0.1

    assert early is Claim.BUSY
    assert await claimed(seen, "a", "a") == [Claim.YOURS, Claim.BUSY]


async def test_what_has_been_handled_is_forgotten_after_a_while() -> None:
    clock = Clock()
    seen = MemorySeen(ttl=60, now=clock)
    await handled(seen, "a")
    clock.now += 59.9
    early = await seen.claim("a", 30.0)
    clock.now += 0.1

    assert early is Claim.DONE
    assert await claimed(seen, "a") == [Claim.YOURS]


async def test_of_too_many_the_oldest_are_forgotten() -> None:
    seen = MemorySeen(max_keys=2)
    await handled(seen, "a", "b", "c")

    assert await claimed(seen, "b", "c", "a") == [Claim.DONE, Claim.DONE, Claim.YOURS]


async def test_what_is_being_handled_is_not_forgotten_for_others() -> None:
    seen = MemorySeen(max_keys=1)
    await seen.claim("a", 30.0)
    await handled(seen, "b", "c")

    assert await claimed(seen, "a") == [Claim.BUSY]


async def test_memory_is_bounded() -> None:
    seen = MemorySeen(max_keys=100)
    await handled(seen, *map(str, range(5_000)))

    assert len(seen._ends) == 100
    assert not seen._leases


@pytest.mark.parametrize("settings", [{"ttl": 0}, {"ttl": "1"}, {"max_keys": 0}, {"max_keys": 1.5}])
def test_wrong_settings_are_refused(settings: Any) -> None:
    with pytest.raises(ConfigurationError, match="MemorySeen"):
        MemorySeen(**settings)
