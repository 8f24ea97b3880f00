"""The simulated session does what a session does, and the package's bucket keeps its floors before many servers."""

import random
import statistics
from itertools import pairwise
from typing import Any

import attrs
import pytest

from benchmarks.limits_against import ROOT, UnknownRevisionError, archive, simulate_tree
from benchmarks.limits_buckets import Outcomes, Refusals
from benchmarks.limits_kinds import KINDS, Case
from benchmarks.limits_scenarios import SCENARIOS
from benchmarks.limits_servers import EveryNth, FirstRequests, Refusal, Request, Server, TokenBucket, always
from benchmarks.limits_simulated import Call, Client, World, draw_nth, print_trace, simulate, simulate_nth


@attrs.define(eq=False)
class Even:
    """A bucket that lets one go every so many seconds, and notes what it is told."""

    period: float
    free_at: float = 0.0
    sent: int = 0
    told: list[tuple[Any, ...]] = attrs.field(factory=list)

    def wait(self, now: float) -> float:
        return max(0.0, self.free_at - now)

    def take(self, now: float) -> int:
        self.free_at = now + self.period
        self.sent += 1
        return self.sent

    def rate(self, _now: float) -> float:
        return 1 / self.period

    def admitted(self, serial: int, _now: float) -> None:
        self.told.append((serial,))

    def refused(self, serial: int, _now: float, seconds: float, *, is_named: bool) -> None:
        self.told.append((serial, seconds, is_named))


def case(server: Server, **changes: Any) -> Case:
    drawn = Case(server=server, rate=10, burst=1, latency=0.1, jitter=0.0, seconds=5.0)
    return attrs.evolve(drawn, **changes)


def let_loose(given: Case, bucket: Even) -> Client:
    world = World()
    client = Client(world, given, bucket, random.Random(1))
    client.start()
    world.run()
    return client


@attrs.define
class Noting(Server):
    """A server that refuses one request, and notes them all."""

    refuses: int = 3
    requests: list[tuple[float, Request]] = attrs.field(factory=list)

    def refusal(self, now: float, request: Request) -> Refusal | None:
        self.requests.append((now, request))
        return Refusal(0.35) if len(self.requests) == self.refuses else None


def test_a_call_that_was_refused_goes_again_after_what_the_429_asks_for() -> None:
    bucket, server = Even(0.1), Noting()
    client = let_loose(case(server), bucket)

    assert bucket.told[:4] == [(1,), (2,), (3, pytest.approx(0.35), True), (4,)]
    assert (client.refused, client.lost) == (1, 0)
    assert len(client.admitted_at) == len(server.requests) - 1


def test_no_more_is_sent_than_the_bucket_allows_and_nothing_after_the_end() -> None:
    bucket, server = Even(0.1), Noting()
    let_loose(case(server), bucket)
    times = [at for at, _ in server.requests]

    assert len(times) == 50
    assert min(later - at for at, later in pairwise(times)) >= 0.1 - 1e-9
    assert max(times) < 5.05 + 1e-9


def test_a_retry_goes_before_calls_that_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers: list[int] = []
    send = Client._send

    def note(client: Client, call: Call) -> None:
        numbers.append(call.number)
        send(client, call)

    monkeypatch.setattr(Client, "_send", note)
    # The third is sent at 0.2 s, its 429 comes at 0.3 s and asks for 0.35 s; so it is there at 0.65 s.
    let_loose(case(Noting(), seconds=1.0), Even(0.1))

    assert numbers == [0, 1, 2, 3, 4, 5, 6, 2, 7, 8]


def test_a_call_that_is_refused_five_times_is_given_up() -> None:
    client = let_loose(case(Server(strays=EveryNth(1), stray_asks=always(0.1)), job=4, seconds=60.0), Even(0.1))

    assert (client.refused, client.lost, client.admitted_at) == (20, 4, [])


def test_calls_of_another_kind_come_beside_the_backlog() -> None:
    server = Noting(refuses=0)
    client = let_loose(case(server, listings=4.0, seconds=50.0), Even(0.1))
    listed = sum(request.kind == "list" for _, request in server.requests)

    assert listed == pytest.approx(200, rel=0.2)
    assert len(client.admitted_at) == len(server.requests) - listed


def test_connections_are_kept_and_closed_after_so_many_requests() -> None:
    client = let_loose(case(Server(strays=FirstRequests()), per_connection=10, seconds=20.0), Even(0.1))

    # Two are open at a time, since an answer comes just after the next is sent.
    assert client.refused == pytest.approx(200 / 10, abs=2)


def test_a_bucket_of_either_protocol_hears_of_each_answer_in_the_sessions_order() -> None:
    class Recorder(list[str]):
        def __getattr__(self, name: str) -> Any:
            return lambda *given, **named: self.append(f"{name}{given}{sorted(named.items())}")

    one, other = Recorder(), Recorder()
    for driver in (Outcomes(one), Refusals(other)):
        driver.admitted(1, 0.5)
        driver.refused(2, 0.6, 0.3, is_named=True)

    assert [line.partition("(")[0] for line in one] == ["ended", "throttled", "ended"]
    assert [line.partition("(")[0] for line in other] == ["answered", "throttled", "pause", "answered"]
    assert "('is_named', True), ('seconds', 0.3)" in one[1]


@pytest.mark.parametrize("name", [*KINDS, *SCENARIOS])
def test_every_kind_draws_servers_that_are_told_apart_by_their_number(name: str) -> None:
    first, again, second = draw_nth(name, 1), draw_nth(name, 1), draw_nth(name, 2)

    assert str(first) == str(again) != str(second)
    assert 0 < first.could(first.seconds) <= first.clients * (first.burst + first.rate * first.seconds)


def test_no_kind_and_no_scenario_bear_one_name() -> None:
    assert not set(KINDS) & set(SCENARIOS)


def test_the_same_server_is_met_in_the_same_way() -> None:
    assert simulate_nth("noise", 3) == simulate_nth("noise", 3)


def test_before_a_server_with_room_all_of_the_limit_is_used_and_nothing_refused() -> None:
    drawn = Case(server=Server(limit=TokenBucket(500, 100)), rate=100, burst=20, latency=0.05, jitter=0.1, seconds=20.0)
    outcome = simulate(drawn, random.Random(1))

    assert 0.99 <= outcome.used <= 1
    assert (outcome.refused, outcome.lost, outcome.evenness) == (0, 0, 1)


@pytest.mark.parametrize("latency", [0.001, 0.02])
def test_sessions_that_share_one_limit_each_get_a_part_of_it(latency: float) -> None:
    limits = [attrs.evolve(draw_nth("pair", number), latency=latency, jitter=0.01, seconds=30.0) for number in range(4)]
    outcomes = [simulate(each, random.Random(number)) for number, each in enumerate(limits)]

    assert min(outcome.used for outcome in outcomes) >= 0.95
    assert min(outcome.evenness for outcome in outcomes) >= 0.25
    assert statistics.fmean(outcome.evenness for outcome in outcomes) >= 0.5


def test_sessions_that_share_a_limit_whose_429s_cost_a_second_do_not_starve_each_other() -> None:
    outcomes = [simulate_nth("job-whole", number) for number in range(24)]

    assert statistics.fmean(outcome.used for outcome in outcomes) >= 0.55
    assert min(outcome.used for outcome in outcomes) >= 0.25
    assert statistics.fmean(outcome.evenness for outcome in outcomes) >= 0.35


def test_the_package_in_a_folder_is_simulated_in_processes_of_its_own() -> None:
    found = simulate_tree(ROOT, ["--kind", "known", "--servers", "1", "--processes", "1"])

    assert found == {"known": [simulate_nth("known", 0)]}


def test_a_revision_that_git_does_not_know_is_said_to_be_unknown() -> None:
    with pytest.raises(UnknownRevisionError, match="no-such-revision"):
        archive("no-such-revision")


# The mean of what is used of a few servers of a kind, and the 429s per 100 admitted.
FLOORS = {
    "known": (0.95, 0.5),
    "honest-whole": (0.75, 4),
    "fixed": (0.8, 14),
    "sliding": (0.7, 26),
    "brown-outs": (0.93, 3),
    "noise-rare": (0.97, 0.5),
    "noise": (0.95, 4),
    "random-1": (0.95, 2),
    "random-0.1": (0.97, 0.3),
    "seventh": (0.85, 20),
    "lists": (0.95, 4),
    "forty": (0.95, 7),
    "pair-whole": (0.8, 1),
    "job-whole": (0.7, 2),
    "four": (0.93, 35),
}
SERVERS = 4


@pytest.mark.parametrize("kind", FLOORS)
def test_so_much_is_used_of_servers_that_refuse(kind: str) -> None:
    outcomes = [simulate_nth(kind, number) for number in range(SERVERS)]
    used, refused = FLOORS[kind]

    assert statistics.fmean(each.used for each in outcomes) >= used
    assert statistics.fmean(each.refused for each in outcomes) <= refused
    assert max(each.used for each in outcomes) <= 1.002


def test_a_trace_tells_of_every_second_what_was_admitted(capsys: pytest.CaptureFixture[str]) -> None:
    print_trace("forty", 1)
    *seconds, outcome = capsys.readouterr().out.splitlines()
    admitted = sum(int(line.split()[2]) for line in seconds)

    assert [int(line.split()[0]) for line in seconds][:60] == list(range(1, 61))
    assert outcome == simulate_nth("forty", 1).tell()
    assert admitted == pytest.approx(40 * 60 + 20, rel=0.2)
