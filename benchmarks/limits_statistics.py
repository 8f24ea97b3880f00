"""What a simulated run gives, and what many of them amount to."""

import statistics
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import chain

import attrs

# Seconds: of a window in which admissions are counted, and before the first of them.
WINDOW = 5.0
WARM = 10.0
LOW = 0.05
"""The share of the servers that are worse than what stands as the low end."""


Could = Callable[[float], float]
"""How many a server could admit in the first so many seconds."""


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of the clients before one server."""

    used: float
    """Admitted, of what the server could have admitted; of a job, the ideal time as a share of the time it took."""
    settled: float
    """The same, once WARM seconds are over."""
    steady: float
    """The least of that in WINDOW seconds."""
    evenness: float
    """What the client that got least has of what the one with most has, while all are at work."""
    refused: float
    """429s per 100 admitted."""
    lost: float
    """Calls given up after five attempts, per 100 admitted."""

    @property
    def times_ideal(self) -> float:
        """What a job took, in times of what nobody can beat."""
        return 1 / self.used

    def tell(self) -> str:
        """Spell it."""
        return (
            f"used {self.used:.3f}, settled {self.settled:.3f}, steady {self.steady:.2f}, even {self.evenness:.2f}, "
            f"{self.refused:.1f} 429s and {self.lost:.2f} lost per 100"
        )


def outcome_of(
    clients: Sequence[Sequence[float]], could: Could, seconds: float, *, job: int = 0, refused: int, lost: int
) -> Outcome:
    """Return the outcome of clients that were admitted at these moments; *job* is how many each had to have."""
    times = sorted(chain(*clients))
    admitted = max(1, len(times))
    if job:
        # A call that is given up after all its attempts is done as well.
        seconds = max(times, default=seconds)
        used = len(times) / max(1e-9, could(seconds))
    else:
        used = admitted / could(seconds)
    until = min(max(each, default=0.0) for each in clients) if job else seconds
    counts = [sum(at <= until for at in each) for each in clients]
    later = could(seconds) - could(WARM)
    is_long = seconds >= WARM + WINDOW and later > 0
    return Outcome(
        used=used,
        settled=(len(times) - bisect_left(times, WARM)) / later if is_long else used,
        steady=least_window(times, seconds) / (later * WINDOW / (seconds - WARM)) if is_long else used,
        evenness=min(counts) / max(1, *counts),
        refused=100 * refused / admitted,
        lost=100 * lost / admitted,
    )


def least_window(times: Sequence[float], seconds: float) -> int:
    """Return the least that was admitted in one WINDOW after WARM seconds; one begins each second."""
    begins = [WARM + number for number in range(int(seconds - WARM - WINDOW) + 1)]
    return min(bisect_left(times, begin + WINDOW) - bisect_left(times, begin) for begin in begins)


@attrs.frozen(kw_only=True)
class Summary:
    """What many servers of a kind amount to."""

    servers: int
    mean: float
    """Of what is used."""
    low: float
    """Of what is used: LOW of the servers are worse."""
    least: float
    settled: float
    """The mean."""
    steady: float
    """Of the least windows: LOW of the servers are worse."""
    evenness: float
    """The mean."""
    uneven: float
    """The least evenness."""
    refused: float
    """The mean of 429s per 100 admitted."""
    lost: float


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of all lies below, between two of them if need be."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def summarize(outcomes: Sequence[Outcome]) -> Summary:
    """Summarize the outcomes of one kind."""
    used = [each.used for each in outcomes]
    return Summary(
        servers=len(outcomes),
        mean=statistics.fmean(used),
        low=quantile(used, LOW),
        least=min(used),
        settled=statistics.fmean(each.settled for each in outcomes),
        steady=quantile([each.steady for each in outcomes], LOW),
        evenness=statistics.fmean(each.evenness for each in outcomes),
        uneven=min(each.evenness for each in outcomes),
        refused=statistics.fmean(each.refused for each in outcomes),
        lost=statistics.fmean(each.lost for each in outcomes),
    )


COLUMNS = ("servers", "used", "5 % below", "least", "settled", "steady", "even", "least even", "429s", "lost")


def cells(summary: Summary) -> list[str]:
    """Spell a summary."""
    exact = [f"{share:.3f}" for share in (summary.mean, summary.low, summary.least, summary.settled)]
    rough = (summary.steady, summary.evenness, summary.uneven, summary.refused, summary.lost)
    return [str(summary.servers), *exact, *(f"{value:.2f}" for value in rough)]


def table(summaries: Mapping[str, tuple[Summary | None, Summary]]) -> str:
    """Set the summaries for a terminal: before, where there is one, above now."""
    rows = [["kind", *COLUMNS]]
    for kind, (before, now) in summaries.items():
        if before is not None:
            rows.append([f"{kind} before", *cells(before)])
        rows.append([kind, *cells(now)])
    width = max(len(row[0]) for row in rows)
    return "\n".join(row[0].ljust(width) + "".join(cell.rjust(11) for cell in row[1:]) for row in rows)
