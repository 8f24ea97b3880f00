import sys

import attrs
import pytest

from tests.soak.soak import MIB, Sample, growth, soak


@pytest.mark.skipif(sys.platform != "linux", reason="what a process holds is read from /proc")
async def test_nothing_grows_over_a_short_life_of_faults() -> None:
    samples = await soak(1, rounds=2)

    assert samples[-1].calls >= 500
    assert growth(samples) == []


@pytest.mark.parametrize(("name", "step"), [("descriptors", 3), ("tasks", 1), ("memory", 5 * MIB)])
def test_what_grows_is_noticed(name: str, step: int) -> None:
    flat = [Sample(calls=number, descriptors=20, tasks=3, memory=80 * MIB) for number in range(12)]
    grown = [attrs.evolve(sample, **{name: getattr(sample, name) + step * sample.calls}) for sample in flat]

    assert growth(flat) == []
    assert [line.partition(":")[0] for line in growth(grown)] == [name]
