"""One thing that is taken for granted, with a way to look; `docs/contract.md` explains them under the same names."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Literal

import attrs

from tavus_async._records.fields import schema_of
from tavus_async._records.reading import holds_records
from tavus_async.models import Record
from tests.live.visit import Answer, Verdict, Visit, verdict
from tests.support.fields import names_of

Check = Callable[[Visit], Awaitable[Verdict]]
Stage = Literal["read", "create", "change"]

NOT_A_SECRET = "no-key-of-anybody-0123456789"
REFUSALS = (400, 422)


@attrs.frozen
class Assumption:
    """One thing that is taken for granted."""

    name: str
    words: str
    stage: Stage
    """Whether looking only reads, or makes something to be thrown away, or needs that."""
    check: Check
    needs: Callable[[Visit], str]
    """The id of what was made to be thrown away, or nothing."""


@attrs.frozen
class Assumptions:
    """Those about one resource, in the order in which they stand in its module."""

    needs: Callable[[Visit], str]
    found: list[Assumption] = attrs.field(factory=list)

    def __call__(self, name: str, words: str, stage: Stage = "read") -> Callable[[Check], Check]:
        """Add a check."""

        def add(check: Check) -> Check:
            self.found.append(Assumption(name, words, stage, check, self.needs))
            return check

        return add


def is_answer(answer: Answer, status: int, body: Any) -> Verdict:
    return verdict((answer.status, answer.body) == (status, body), str(answer))


def strange_fields(record: Record, *, known: bool, path: str = "") -> Iterator[str]:
    """Name the fields of a record that it could not read: known ones for their type, or unknown ones."""
    names = set(schema_of(record).own_names)
    yield from (f"{path}{name}" for name in record.extra if (name in names) is known)
    for name in names_of(record):
        value = getattr(record, name)
        for inner in value if holds_records(value) else (value,):
            if isinstance(inner, Record):
                yield from strange_fields(inner, known=known, path=f"{path}{name}.")
