"""Writes the tables of `docs/reliability.md` from the cases: `python -m tests.faults.document`."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.faults.cases import ATTEMPTS, CASES, Case, Kind

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs" / "reliability.md"

POINTS = {
    "connecting": "Connecting",
    "request": "After the request",
    "reuse": "Reusing a connection",
    "status": "The status line",
    "interim": "Answers before the answer",
    "redirect": "Redirects",
    "headers": "The headers",
    "body": "The body",
    "content": "What the body says",
    "after": "After the answer",
    "retry-after": "Retry-After",
}
TEST = "tests/faults/test_exchange.py"
_TABLES = re.compile(
    r"(?<=<!-- faults: written by tests/faults/document.py -->\n).*(?=<!-- end of faults -->)", re.DOTALL
)


def tables() -> str:
    """Every case, a table for each point of an exchange."""
    return (
        "".join(
            f"\n### {title}\n\n"
            "| Fault | A read gives | Sent | A create gives | Sent | Test |\n"
            "|---|---|--:|---|--:|---|\n" + "".join(row(case) for case in CASES if case.point == point)
            for point, title in POINTS.items()
        )
        + "\n"
    )


def row(case: Case) -> str:
    """One line of a table."""
    cells = [
        case.words,
        name(case.read),
        times(case.read_attempts),
        name(case.create),
        times(case.create_attempts),
        f"`[{case.name}]`",
    ]
    return f"| {' | '.join(cells)} |\n"


def name(kind: Kind) -> str:
    """What a call gives, in words."""
    return "its result" if kind is None else f"`{kind.__name__}`"


def times(attempts: int) -> str:
    """How often a call is sent, in words."""
    return "n" if attempts == ATTEMPTS else str(attempts)


def write(document: str) -> str:
    """The document with its tables made anew."""
    return _TABLES.sub(lambda _: tables(), document)


def named_tests(document: str) -> Iterator[tuple[str, str]]:
    """Every test that the document names, as its file and its function."""
    yield from re.findall(r"`(tests/[\w/]+\.py)::(\w+)", document)


if __name__ == "__main__":
    DOCUMENT.write_text(write(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
