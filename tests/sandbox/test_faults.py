import random
from typing import Any

import pytest

from tavus_async.errors import ConfigurationError
from tavus_async.sandbox import Answer, Faults
from tavus_async.sandbox.faults import Fault, FaultInjector


def drawn(faults: Faults, count: int = 200, seed: str = "x") -> list[Fault]:
    injector = FaultInjector(faults=faults, dice=random.Random(seed))
    return [injector.draw() for _ in range(count)]


@pytest.mark.parametrize(
    "settings",
    [
        {"error": 1.1},
        {"reset": -0.1},
        {"stall": float("nan")},
        {"garble": True},
        {"truncate": "often"},
        {"latency": -1},
        {"jitter": float("inf")},
        {"error_retry_after": -1},
        {"error_statuses": ()},
        {"error_statuses": (404,)},
        {"error_statuses": (500, "502")},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"{next(iter(settings))} must be"):
        Faults(**settings)


def test_no_faults_leave_everything_as_it_is() -> None:
    assert set(drawn(Faults())) == {Fault()}


def test_the_same_seed_draws_the_same_drawn() -> None:
    faults = Faults(error=0.2, reset=0.2, stall=0.1, truncate=0.1, garble=0.1, jitter=0.5)

    assert drawn(faults) == drawn(faults)
    assert drawn(faults) != drawn(faults, seed="y")


def test_every_fault_comes_about_as_often_as_asked() -> None:
    kinds = [fault.kind for fault in drawn(Faults(error=0.1, reset=0.1, stall=0.1, garble=0.1), count=4000)]

    assert {kind: kinds.count(kind) / 4000 for kind in ("error", "reset", "stall", "garble")} == {
        "error": pytest.approx(0.1, abs=0.02),
        "reset": pytest.approx(0.09, abs=0.02),
        "stall": pytest.approx(0.081, abs=0.02),
        "garble": pytest.approx(0.073, abs=0.02),
    }


def test_switching_one_fault_on_moves_no_other() -> None:
    few = drawn(Faults(stall=0.2))
    more = drawn(Faults(stall=0.2, garble=0.3, jitter=1))

    stalled = [number for number, fault in enumerate(few) if fault.kind == "stall"]
    assert stalled
    assert stalled == [number for number, fault in enumerate(more) if fault.kind == "stall"]


def test_latency_is_fixed_and_jitter_comes_on_top() -> None:
    delays = [fault.delay for fault in drawn(Faults(latency=0.5, jitter=0.25))]

    assert min(delays) >= 0.5
    assert max(delays) < 0.75
    assert len(set(delays)) > 100


def test_errors_have_one_of_the_statuses() -> None:
    answers = [fault.answer for fault in drawn(Faults(error=1, error_statuses=(500, 503), error_retry_after=2))]
    headers = {answer.status: dict(answer.headers) for answer in answers if answer is not None}

    assert headers == {500: {}, 503: {"Retry-After": "2"}}


def test_a_script_is_met_in_order_and_then_ends() -> None:
    injector = FaultInjector(faults=Faults(), dice=random.Random(1))
    injector.script(["ok", 503, "reset"])
    injector.script([Answer(status=200, body={"a": 1}, delay=0.5)])
    steps = [injector.next_scripted() for _ in range(5)]

    assert [step and step.kind for step in steps] == ["ok", "error", "reset", "answer", None]
    assert [step and step.delay for step in steps] == [0, 0, 0, 0.5, None]


@pytest.mark.parametrize("step", ["explode", "error", 99, 600, True, None, 1.5])
def test_a_step_that_means_nothing_is_refused_with_the_whole_script(step: Any) -> None:
    injector = FaultInjector(faults=Faults(), dice=random.Random(1))

    with pytest.raises(ConfigurationError):
        injector.script(["reset", step])
    assert injector.next_scripted() is None


@pytest.mark.parametrize(("status", "delay"), [(99, 0), (600, 0), ("200", 0), (200, -1), (200, float("nan"))])
def test_an_answer_that_makes_no_sense_is_refused(status: Any, delay: float) -> None:
    with pytest.raises(ConfigurationError):
        Answer(status=status, delay=delay)


def test_an_answer_sends_bytes_as_they_are_and_values_as_json() -> None:
    assert Answer(body=b"\xff").payload == b"\xff"
    assert Answer(body={"a": None}).payload == b'{"a": null}'
    assert Answer().payload == b""
