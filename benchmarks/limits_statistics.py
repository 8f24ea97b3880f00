"""What a simulated run gives, and what many of them amount to."""

import statistics
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise

import attrs

# Seconds: of a window in which admissions are counted, and before the first of them.
WINDOW = 5.0
WARM = 10.0
LOW = 0.05
"""The share of the servers that are worse than what stands as the low end."""


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of the clients before one server."""

    used: float
    """Admitted, of what the server could have admitted."""
    refused: float
    """429s per 100 admitted."""
    lost: float
    """Calls given up after five attempts, per 100 admitted."""
    evenness: float
    """What the client that got least has of what the one with most has."""
    steady: float
    """The least that was used in WINDOW seconds, once WARM are over."""

    def tell(self) -> str:
        """Spell it."""
        return (
            f"used {self.used:.3f}, {self.refused:.1f} 429s and {self.lost:.2f} lost per 100, "
            f"even {self.evenness:.2f}, steady {self.steady:.2f}"
        )


@attrs.frozen(kw_only=True)
class Summary:
    """What many servers of a kind amount to."""

    servers: int
    mean: float
    """Of what is used."""
    low: float
    """Of what is used: LOW of the servers are worse."""
    least: float
    refused: float
    """The mean of 429s per 100 admitted."""
    lost: float
    evenness: float
    """The mean of least over most."""
    uneven: float
    """The worst of least over most."""
    steady: float
    """As *low*, of the least windows."""


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
        refused=statistics.fmean(each.refused for each in outcomes),
        lost=statistics.fmean(each.lost for each in outcomes),
        evenness=statistics.fmean(each.evenness for each in outcomes),
        uneven=min(each.evenness for each in outcomes),
        steady=quantile([each.steady for each in outcomes], LOW),
    )


def least_window(times: Sequence[float], seconds: float, could: float) -> float:
    """Return the least that was admitted in one WINDOW after WARM seconds, of its part of what could have been."""
    if seconds < WARM + WINDOW:
        return could and len(times) / could
    edges = [WARM + WINDOW * number for number in range(int((seconds - WARM) // WINDOW) + 1)]
    counts = [bisect_left(times, end) - bisect_left(times, begin) for begin, end in pairwise(edges)]
    return min(counts) / (could * WINDOW / seconds)


COLUMNS = ("servers", "used", "5 % below", "least", "429s", "lost", "steady", "even", "least even")


def cells(summary: Summary) -> list[str]:
    """Spell a summary."""
    shares = [f"{share:.3f}" for share in (summary.mean, summary.low, summary.least)]
    rest = [f"{summary.refused:.2f}", f"{summary.lost:.2f}", f"{summary.steady:.2f}"]
    return [str(summary.servers), *shares, *rest, f"{summary.evenness:.2f}", f"{summary.uneven:.2f}"]


def table(summaries: Mapping[str, tuple[Summary | None, Summary]]) -> str:
    """Set the summaries for a terminal: before, where there is one, above now."""
    rows = [["kind", *COLUMNS]]
    for kind, (before, now) in summaries.items():
        if before is not None:
            rows.append([f"{kind} before", *cells(before)])
        rows.append([kind, *cells(now)])
    width = max(len(row[0]) for row in rows)
    return "\n".join(row[0].ljust(width) + "".join(cell.rjust(11) for cell in row[1:]) for row in rows)
