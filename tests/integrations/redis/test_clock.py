"""When a moment of Redis's clock comes by the event loop's."""

import pytest
from hypothesis import given, strategies as st

from tavus_async.integrations.redis.clock import ClockEstimate

LATENCIES = st.floats(0.0, 0.3)


@given(st.lists(st.tuples(LATENCIES, LATENCIES, st.floats(0.001, 5.0)), min_size=1, max_size=20))
def test_a_moment_is_never_early_whatever_the_latencies(exchanges: list[tuple[float, float, float]]) -> None:
    clock, now, ahead = ClockEstimate(), 100.0, 5_000.0
    for there, back, pause in exchanges:
        sent, received = now, now + there + back
        clock.hear(sent=sent, received=received, shown=sent + there + ahead)
        now = received + pause

    assert clock.local(now + ahead) >= now - 1e-6


def test_the_fastest_exchange_tells_the_most() -> None:
    clock = ClockEstimate()
    clock.hear(sent=1.0, received=1.2, shown=11.1)
    clock.hear(sent=2.0, received=2.002, shown=12.001)

    assert clock.local(13.0) == pytest.approx(3.001, abs=0.001)


@pytest.mark.parametrize("ahead", [10.0, -10.0])
def test_a_clock_that_jumps_is_followed_and_told(ahead: float) -> None:
    clock = ClockEstimate()
    clock.hear(sent=1.0, received=1.01, shown=101.0)

    assert clock.hear(sent=2.0, received=2.01, shown=102.0 + ahead) == pytest.approx(ahead, abs=0.02)
    assert clock.remote(3.0) == pytest.approx(103.0 + ahead, abs=0.02)
