"""A session's token bucket before thousands of simulated servers, in virtual time: how much of each is used.

    python -m benchmarks.limits_simulated                                    # all kinds, 100 servers of each
    python -m benchmarks.limits_simulated --kind noise honest --servers 50   # some
    python -m benchmarks.limits_simulated --kind noise --first 17 --servers 1 --each
    python -m benchmarks.limits_simulated --kind noise --first 17 --trace    # one server, second by second
    python -m benchmarks.limits_simulated --against REV                      # beside the package of a git revision
    python -m benchmarks.limits_simulated --tree FOLDER                      # of the package that lies in a folder

The n-th server of a kind is the same in every run, and so is what it meets. A client has a backlog that never ends. It
sends as a session does: a call's retries wait as the session's RetryPolicy says, and go before calls that came later.
"""

import argparse
import heapq
import itertools
import json
import math
import multiprocessing
import random
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import attrs

from benchmarks.limits_buckets import Driver, make_bucket, place
from benchmarks.limits_kinds import KINDS, Case
from benchmarks.limits_scenarios import SCENARIOS
from benchmarks.limits_servers import Refusal, Request
from benchmarks.limits_statistics import Outcome, Summary, outcome_of, summarize, table
from tavus_async import RetryPolicy
from tavus_async.errors import RateLimitedError

READ = Request()
# Seconds that a timer is late, so that rounding never makes it early.
LATE = 1e-6
NAMES = [*KINDS, *SCENARIOS]


@attrs.define(eq=False)
class Call:
    """A call, which is sent until it is admitted, or has been sent too often."""

    number: int
    request: Request
    attempts: int = 0


class World:
    """The clock, and what is yet to happen."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def after(self, seconds: float, event: Callable[[], None]) -> None:
        """Let something happen."""
        heapq.heappush(self._events, (self.now + seconds, next(self._order), event))

    @property
    def goes_on(self) -> bool:
        """Whether anything is yet to happen."""
        return bool(self._events)

    def run(self) -> None:
        """Let all of it happen, in order of time."""
        events = self._events
        while events:
            self.now, _, event = heapq.heappop(events)
            event()


class Client:
    """A session with a backlog, as far as its limit goes."""

    def __init__(self, world: World, case: Case, bucket: Driver, dice: random.Random) -> None:
        self._world, self._case, self._bucket, self._dice = world, case, bucket, dice
        self._policy = RetryPolicy()
        self._calls = itertools.count()
        self._left = case.job or math.inf
        # As many as keep the rate up with answers that take three times as long.
        self._workers = max(100, round(3 * case.rate * (case.latency + case.server.late)))
        self._busy = 0
        self._line: list[tuple[int, Call]] = []
        self._timer_at = math.inf
        self._connections: list[int] = []
        self.admitted_at: list[float] = []
        self.refused = 0
        self.lost = 0

    def rate(self) -> float:
        """Return the attempts per second that its bucket allows now."""
        return self._bucket.rate(self._world.now)

    def start(self) -> None:
        """Begin."""
        self._admit()
        if self._case.listings:
            self._world.after(self._dice.expovariate(self._case.listings), self._begin_other)

    def _begin_other(self) -> None:
        """Begin a call of another kind, which no worker waits for."""
        if self._world.now < self._case.seconds and self._left:
            self._join(Call(next(self._calls), Request(self._case.other)))
            self._world.after(self._dice.expovariate(self._case.listings), self._begin_other)

    def _join(self, call: Call) -> None:
        """Go in line for another attempt."""
        heapq.heappush(self._line, (call.number, call))
        self._admit()

    def _admit(self) -> None:
        """Send what may be sent, and set the timer for the next."""
        now = self._world.now
        while now < self._case.seconds and (self._line or (self._left and self._busy < self._workers)):
            wait = self._bucket.wait(now)
            if wait > 0:
                if now + wait + LATE < self._timer_at:
                    self._timer_at = now + wait + LATE
                    self._world.after(wait + LATE, partial(self._ring, self._timer_at))
                return
            self._send(heapq.heappop(self._line)[1] if self._line else self._begin())

    def _ring(self, timer_at: float) -> None:
        if timer_at == self._timer_at:
            self._timer_at = math.inf
            self._admit()

    def _begin(self) -> Call:
        self._busy += 1
        self._left -= 1
        return Call(next(self._calls), READ)

    def _way(self) -> float:
        """Return the seconds to the server, or back."""
        return self._case.latency / 2 * (1 + self._case.jitter * self._dice.random())

    def _send(self, call: Call) -> None:
        serial = self._bucket.take(self._world.now)
        call.attempts += 1
        request, left = call.request, 0
        if self._case.per_connection:
            left = self._connections.pop() if self._connections else self._case.per_connection
            request = attrs.evolve(request, is_first=left == self._case.per_connection)
        self._world.after(self._way(), partial(self._arrive, call, serial, request, left - 1))

    def _arrive(self, call: Call, serial: int, request: Request, left: int) -> None:
        """Let the server decide."""
        refusal = self._case.server.refusal(self._world.now, request)
        if refusal is None and request.kind == READ.kind:
            self.admitted_at.append(self._world.now)
        late = self._case.server.late if refusal else 0.0
        self._world.after(self._way() + late, partial(self._answer, call, serial, refusal, left))

    def _answer(self, call: Call, serial: int, refusal: Refusal | None, left: int) -> None:
        """Take the answer, and do what a session does with a 429."""
        now = self._world.now
        if left > 0:
            self._connections.append(left)
        if refusal is None:
            self._bucket.admitted(serial, now)
            self._end(call)
        else:
            self.refused += 1
            error = RateLimitedError("Too many requests", status=429, retry_after=refusal.retry_after)
            pause = self._policy.pause(error, call.attempts)
            self._bucket.refused(serial, now, pause, is_named=bool(refusal.retry_after))
            if call.attempts < self._policy.attempts:
                delay = self._policy.delay(error, call.attempts, jitter=self._dice.random())
                self._world.after(delay, partial(self._join, call))
            else:
                self.lost += 1
                self._end(call)
        self._admit()

    def _end(self, call: Call) -> None:
        if call.request is READ:
            self._busy -= 1


Watch = Callable[[Sequence[Client]], None]


def watch_on(world: World, clients: Sequence[Client], watch: Watch) -> None:
    """Watch once, and again in a second if anything is yet to happen."""
    watch(clients)
    if world.goes_on:
        world.after(1.0, partial(watch_on, world, clients, watch))


def simulate(case: Case, dice: random.Random, watch: Watch | None = None) -> Outcome:
    """Let the clients of a case loose on its server; *watch* sees them once a second."""
    world = World()
    clients = [Client(world, case, make_bucket(case.rate, case.burst, dice.random), dice) for _ in range(case.clients)]
    for client in clients:
        world.after(dice.random() * case.latency, client.start)
    if watch is not None:
        world.after(1.0, partial(watch_on, world, clients, watch))
    world.run()
    return outcome_of(
        [client.admitted_at for client in clients],
        case.could,
        case.seconds,
        job=case.job,
        refused=sum(client.refused for client in clients),
        lost=sum(client.lost for client in clients),
    )


def draw_nth(kind: str, number: int) -> Case:
    """Draw a server of a kind or a scenario: the same one for the same number."""
    dice = random.Random(f"{kind} {number}")
    return SCENARIOS[kind].draw(dice) if kind in SCENARIOS else KINDS[kind].draw(dice)


def print_trace(kind: str, number: int) -> None:
    """Print what happens before one server, second by second."""
    seen: dict[Client, tuple[int, int]] = {}
    seconds = itertools.count(1)

    def watch(clients: Sequence[Client]) -> None:
        told = []
        for client in clients:
            now = len(client.admitted_at), client.refused
            before, seen[client] = seen.get(client, (0, 0)), now
            told.append(f"{now[0] - before[0]:5} admitted {now[1] - before[1]:4} refused at {client.rate():7.1f}/s")
        print(f"{next(seconds):4} s  " + "   ".join(told))

    outcome = simulate(draw_nth(kind, number), random.Random(f"run {kind} {number}"), watch)
    print(outcome.tell())


def simulate_nth(kind: str, number: int) -> Outcome:
    """Simulate the server of a kind with this number."""
    return simulate(draw_nth(kind, number), random.Random(f"run {kind} {number}"))


def simulate_all(kinds: Sequence[str], numbers: range, processes: int | None = None) -> dict[str, list[Outcome]]:
    """Simulate so many servers of each kind, on all cores."""
    tasks = [(kind, number) for kind in kinds for number in numbers]
    with multiprocessing.Pool(processes) as pool:
        outcomes = iter(pool.starmap(simulate_nth, tasks, chunksize=4))
    return {kind: list(itertools.islice(outcomes, len(numbers))) for kind in kinds}


def arguments() -> argparse.ArgumentParser:
    """Make what reads the command line."""
    parser = argparse.ArgumentParser(
        prog="limits_simulated", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", nargs="+", choices=NAMES, default=list(KINDS), metavar="KIND", help=", ".join(NAMES))
    parser.add_argument("--figures", action="store_true", help="the servers of the figures over sockets")
    parser.add_argument("--servers", type=int, default=100, help="of each kind")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    parser.add_argument("--processes", type=int, help="as many as there are cores, if not said")
    parser.add_argument("--each", action="store_true", help="tell of every server by itself")
    parser.add_argument("--trace", action="store_true", help="tell of the first server second by second")
    parser.add_argument("--json", action="store_true", help="give outcomes as JSON, for programs")
    parser.add_argument("--against", metavar="REV", help="compare with the package of this git revision")
    parser.add_argument("--tree", metavar="FOLDER", help="measure the package that lies in this folder")
    return parser


def show_each(found: dict[str, list[Outcome]], numbers: range) -> None:
    """Print a line for every server."""
    for kind, outcomes in found.items():
        for number, outcome in zip(numbers, outcomes, strict=True):
            drawn = draw_nth(kind, number)
            told = f"told {drawn.rate:.0f}/{drawn.burst}, {drawn.latency * 1000:.0f} ms, {drawn.seconds:.0f} s"
            print(f"{kind} {number}: {outcome.tell()}; {told}, {drawn.clients} clients, {drawn.server}")


def main() -> None:
    """Run what the command line says."""
    from benchmarks import limits_against  # noqa: PLC0415 (it runs this module, in other processes)

    options = arguments().parse_args()
    if options.figures:
        options.kind = list(SCENARIOS)
    started = time.monotonic()
    if options.trace:
        for kind in options.kind:
            print_trace(kind, options.first)
        return
    numbers = range(options.first, options.first + options.servers)
    before: dict[str, list[Outcome]] | None = None
    words = [*("--kind", *options.kind), "--servers", str(options.servers), "--first", str(options.first)]
    if options.processes:
        words += ["--processes", str(options.processes)]
    if options.tree:
        found, where = limits_against.simulate_tree(options.tree, words), options.tree
    else:
        found, where = simulate_all(options.kind, numbers, options.processes), place()
    if options.against:
        before = limits_against.simulate_revision(options.against, words)
    if options.json:
        values: dict[str, Any] = {kind: [attrs.asdict(each) for each in outcomes] for kind, outcomes in found.items()}
        sys.stdout.write(json.dumps({"place": where, "outcomes": values}))
        return
    if options.each:
        show_each(found, numbers)
    summaries: dict[str, tuple[Summary | None, Summary]] = {
        kind: (summarize(before[kind]) if before else None, summarize(outcomes)) for kind, outcomes in found.items()
    }
    print(table(summaries))
    print(f"{where}; {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
