import pytest

from tavus_async.sandbox.stats import Recorder, SandboxStats


def stats_of(*attempts: float) -> SandboxStats:
    recorder = Recorder(keeps_times=False).snapshot(connections=0)
    return SandboxStats(
        **{name: getattr(recorder, name) for name in ("total", "requests", "unauthorized", "rate_limited", "faults")},
        in_flight=0,
        peak_concurrency=0,
        connections=0,
        attempts=attempts,
    )


def test_requests_are_counted_by_endpoint() -> None:
    recorder = Recorder(keeps_times=False)
    for endpoint in ("get_persona", "get_persona", "list_personas"):
        recorder.begin(endpoint)
    recorder.end()
    recorder.unauthorized += 1
    recorder.rate_limited += 1
    recorder.faults["reset"] += 1
    stats = recorder.snapshot(connections=4)

    assert (stats.total, dict(stats.requests)) == (3, {"get_persona": 2, "list_personas": 1})
    assert (stats.in_flight, stats.peak_concurrency, stats.connections) == (2, 3, 4)
    assert (stats.unauthorized, stats.rate_limited, dict(stats.faults)) == (1, 1, {"reset": 1})
    assert stats.attempts == ()


def test_times_are_kept_when_asked_for() -> None:
    recorder = Recorder(keeps_times=True)
    recorder.begin("get_persona")
    recorder.begin("get_persona")
    first, second = recorder.snapshot(connections=0).attempts

    assert first <= second


@pytest.mark.parametrize(
    ("attempts", "seconds", "most"),
    [((), 1, 0), ((5,), 1, 1), ((0, 0.5, 0.9, 1.0, 5), 1, 3), ((0, 0.5, 0.9, 1.0, 5), 1.1, 4), ((1, 1, 1), 0.1, 3)],
)
def test_the_fullest_window_is_found(attempts: tuple[float, ...], seconds: float, most: int) -> None:
    assert stats_of(*attempts).most_within(seconds) == most


def test_counters_of_a_snapshot_do_not_move() -> None:
    recorder = Recorder(keeps_times=False)
    before = recorder.snapshot(connections=0)
    recorder.begin("get_persona")

    assert (before.total, dict(before.requests)) == (0, {})
