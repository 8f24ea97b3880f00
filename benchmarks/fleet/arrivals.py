"""What a server's record of its arrivals says about those who sent them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TOLERANCE = 1e-6
"""Of a token: sums of floats are not exact."""


class TokenBucket:
    """An exact token bucket: `burst + rate · t` in any window, and not one more."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._level = 0.0
        self._last = 0.0

    def admit(self, now: float) -> bool:
        """Take a token, or return False where there is none."""
        self._level = max(0.0, self._level - (now - self._last) * self.rate)
        self._last = now
        if self._level + 1 > self.burst + TOLERANCE:
            return False
        self._level += 1
        return True


@dataclass(frozen=True)
class Arrivals:
    """Every request that came, in the order in which they came."""

    at: Sequence[float]
    """Seconds of the system's monotonic clock, which all processes share."""
    names: Sequence[str]
    """What was asked for: `w3n17` is the 17th request of process 3."""
    admitted: Sequence[bool]

    def __len__(self) -> int:
        return len(self.at)

    @property
    def refused(self) -> int:
        """The number of 429s."""
        return len(self) - sum(self.admitted)

    @property
    def processes(self) -> list[int]:
        """The number of each one's process."""
        return [process_of(name) for name in self.names]

    def between(self, begin: float, end: float) -> "Arrivals":
        """Return those from *begin* on and before *end*."""
        kept = [place for place, at in enumerate(self.at) if begin <= at < end]
        return Arrivals(
            [self.at[place] for place in kept],
            [self.names[place] for place in kept],
            [self.admitted[place] for place in kept],
        )


def name_of(process: int, number: int) -> str:
    """Name a request after its process."""
    return f"w{process}n{number}"


def process_of(name: str) -> int:
    """Return the process that a request is named after."""
    return int(name[1:].partition("n")[0])


def excess(times: Iterable[float], rate: float, burst: float) -> float:
    """Return the most arrivals above `burst + rate · t` in any window of t seconds; below 0, there were never more.

    A window that begins and ends with an arrival is the tightest. Of those that end with one, the fullest is found from
    the fullest that ended with the one before: it is longer by one arrival, or begins anew.
    """
    most, fullest, last = -burst, 0.0, 0.0
    for time in times:
        fullest = max(0.0, fullest - rate * (time - last)) + 1
        most, last = max(most, fullest - burst), time
    return most


def refusals(times: Iterable[float], rate: float, burst: float) -> int:
    """Return how many an exact token bucket would have refused; a refused one takes no token."""
    bucket = TokenBucket(rate, burst)
    return sum(not bucket.admit(time) for time in times)


def used(admitted: int, *, rate: float, burst: float, seconds: float) -> float:
    """Return the share of what may be sent in so many seconds after a quiet time."""
    return admitted / (burst + rate * seconds)


def shares(processes: Iterable[int], among: Sequence[int]) -> float:
    """Return the least part that one of these processes had, as a share of the largest."""
    counts = Counter(processes)
    parts = [counts[process] for process in among]
    return min(parts) / max(parts) if any(parts) else 0.0


def strays(times: Sequence[float], refused_at: float, pause: float) -> tuple[int, float]:
    """Return how many came during a pause that a 429 has begun, and how many seconds after it the last one came."""
    late = [time - refused_at for time in times if refused_at < time < refused_at + pause]
    return len(late), max(late, default=0.0)


def counts(arrivals: Arrivals, *, begin: float, seconds: float, step: float, processes: int) -> list[list[int]]:
    """Return the number of arrivals in each step of time, for each process."""
    steps = round(seconds / step)
    table = [[0] * steps for _ in range(processes)]
    for at, process in zip(arrivals.at, arrivals.processes, strict=True):
        place = int((at - begin) / step)
        if begin <= at and place < steps:
            table[process][place] += 1
    return table


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that so large a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
