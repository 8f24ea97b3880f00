"""Ids cut into numbered chunks, which many processes can divide among themselves."""

from collections.abc import Iterable, Iterator
from itertools import islice

import attrs

from tavus_async._bulk.keys import check_keys
from tavus_async._settings.checks import describe, display, is_text
from tavus_async.errors import InvalidRequestError

# With so many digits the files of chunks are in their order when they are sorted by name.
DIGITS = 6
MOST_CHUNKS = 10**DIGITS


def as_tuple(ids: Iterable[str]) -> tuple[str, ...]:
    """Return ids that nobody can change; InvalidRequestError for what is no iterable of them."""
    return tuple(check_keys(ids))


@attrs.frozen
class Chunk:
    """Some ids of many, and their number: what one worker does at a time, and what one file is of.

    InvalidRequestError for a number or ids that cannot be those of a chunk.
    """

    number: int
    """Its place among all chunks, from 0 up; `chunk.number % workers` divides them."""
    ids: tuple[str, ...] = attrs.field(converter=as_tuple)
    """Its ids, in the order in which they were given."""

    def __attrs_post_init__(self) -> None:
        if type(self.number) is not int or not 0 <= self.number < MOST_CHUNKS:
            most = f"{MOST_CHUNKS - 1:,}"
            raise InvalidRequestError(f"the number of a chunk is from 0 to {most}, not {display(self.number)}")
        if not self.ids:
            raise InvalidRequestError("a chunk has at least one id")
        for place, key in enumerate(self.ids):
            if not is_text(key):
                raise InvalidRequestError(
                    f"the ids must be strings: number {place} of chunk {self.number} is {describe(key)}"
                )

    @property
    def name(self) -> str:
        """The name of its file, such as `chunk-000012.jsonl`; sorted by name, chunks are in their order."""
        return f"chunk-{self.number:0{DIGITS}}.jsonl"


def chunks(ids: Iterable[str], size: int) -> Iterator[Chunk]:
    """Return the ids in chunks of this size, numbered from 0; the last may be smaller.

    The same ids make the same chunks, in every process and again tomorrow; an id that occurs twice stays twice. They
    are read as the chunks are taken, so there may be any number of them. Raises InvalidRequestError for a size below 1,
    for more than a million chunks, for ids that are no strings, and for what is no iterable of them: a lone string, or
    a set, whose order is another in each process.
    """
    if type(size) is not int or size < 1:
        raise InvalidRequestError(f"the size of a chunk must be a whole number from 1 up, not {display(size)}")
    if isinstance(ids, (set, frozenset)):
        raise InvalidRequestError("the ids must not be a set, which has another order in each process: sort them")
    return _cut(iter(check_keys(ids)), size)


def _cut(ids: Iterator[str], size: int) -> Iterator[Chunk]:
    number = 0
    while part := tuple(islice(ids, size)):
        if number == MOST_CHUNKS:
            raise InvalidRequestError(f"these are more than {MOST_CHUNKS:,} chunks: a larger size makes fewer")
        yield Chunk(number, part)
        number += 1
