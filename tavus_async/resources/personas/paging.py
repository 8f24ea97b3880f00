"""Personas by their ids, read from list pages where that takes fewer requests than one for each."""

import math
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable
from functools import partial
from typing import Any, Protocol, TypeVar

import attrs

from tavus_async._bulk.run import DOOMING, Outcomes
from tavus_async._settings.checks import is_text
from tavus_async._values import Page
from tavus_async._wire.call import Call
from tavus_async.resources.personas.calls import PERSONA_TYPES, get_persona, list_personas_page
from tavus_async.resources.personas.records import Persona
from tavus_async.resources.personas.sampling import (
    GAPS,
    LEAST_SAMPLES,
    Shape,
    common_kinds,
    count_samples,
    is_documented_gap,
    look_at,
    pick_samples,
)

T = TypeVar("T")

PAGE_SIZE = 100
# Pages that are read before what is on them is judged and given out.
PAGES_AT_A_TIME = 10
# Of the samples, the share that is for the pages as they come; the rest is for what is left over at the end. The first
# pages get some in any case.
SHARE_AS_THEY_COME = 0.75
FIRST_SAMPLES = LEAST_SAMPLES // 2

Found = AsyncGenerator[dict[str, Persona], None]


class SendEach(Protocol):
    """`Sends.send_each`, as far as it is needed here."""

    def __call__(self, make_call: Callable[[str], Call[T]], keys: Iterable[str]) -> Outcomes[T]:
        """Send a call for each key."""
        ...


@attrs.define(kw_only=True)
class PageReader:
    """Finds personas on list pages, as far as that takes fewer requests than to get each.

    What it finds is what getting each would have given, judged by samples. What it does not find was on no page, on
    one that was not worth its request, or on one that does not tell all.
    """

    send_each: SendEach
    missing: set[str]
    """The ids of those that were not met yet."""
    pages: int = attrs.field(init=False, default=0)
    """How many were read."""
    samples: int = attrs.field(init=False, default=0)
    """How many personas were got by themselves."""
    _passed_by: int = attrs.field(init=False, default=0)
    """How many personas are on pages that were not worth their requests."""
    _met: int = attrs.field(init=False, default=0)
    """How many of those that are wanted were on a page."""
    _pages_since: int = attrs.field(init=False, default=0)
    """How many pages were read since it was judged what is on them."""
    _new: dict[str, Persona] = attrs.field(init=False, factory=dict)
    _held: dict[str, Persona] = attrs.field(init=False, factory=dict)
    """What is not relied on yet."""
    _shapes: dict[str, Shape] = attrs.field(init=False, factory=dict)
    """Of what is held."""
    _sizes: Counter[frozenset[str]] = attrs.field(init=False, factory=Counter)
    """How many there are of each kind."""
    _told: set[str] = attrs.field(init=False, factory=set)
    """The names that any page has told."""
    _relied_on: set[frozenset[str]] = attrs.field(init=False, factory=set)
    """The kinds of which a sample was as its page told."""
    _has_gaps: bool = attrs.field(init=False, default=False)
    """Whether a page has left out what the documented list leaves out of custom models."""
    _is_faithful: bool = attrs.field(init=False, default=True)

    async def find(self) -> Found:
        """Yield personas by their ids as they are found; it ends with an error that getting each would meet, too."""
        try:
            for persona_type in PERSONA_TYPES:
                if self._is_faithful and len(self.missing) > 1 + LEAST_SAMPLES:
                    async for found in self._read_type(persona_type):
                        yield found
            async for found in self._judge(self._count_last()):
                yield found
            self._relied_on |= common_kinds(self._sizes)
            yield self._let_go()
        except DOOMING:
            return

    async def _read_type(self, persona_type: str) -> Found:
        """Read the pages of one type of persona, if their number is worth it."""
        first = next(iter(await self._read_pages(persona_type, [1])), None)
        if first is None or not first.items or first.total_count is None:
            return
        total = max(len(first), first.total_count)
        pages = math.ceil(total / len(first))
        # All of what is missing may be here, except for its share in what was passed by.
        hoped_for = round(len(self.missing) * total / (total + self._passed_by))
        if pages - 1 + count_samples(hoped_for, pages=pages) >= hoped_for:
            self._passed_by += total
            return
        samples = count_samples(self._met + hoped_for, pages=self.pages + pages - 1) / (self.pages + pages - 1)
        for number in range(2, pages + 1, PAGES_AT_A_TIME):
            if self._pages_since >= PAGES_AT_A_TIME:
                due = round(SHARE_AS_THEY_COME * samples * self.pages)
                async for found in self._judge(max(FIRST_SAMPLES, due) - self.samples):
                    yield found
                if not self._is_faithful:
                    return
            await self._read_pages(persona_type, range(number, min(number + PAGES_AT_A_TIME, pages + 1)))

    async def _read_pages(self, persona_type: str, numbers: Iterable[int]) -> list[Page[Persona]]:
        """Read pages, and keep what is wanted of them."""
        make_call = partial(make_page_call, persona_type)
        async with self.send_each(make_call, [str(number) for number in numbers]) as outcomes:
            pages = [outcome.value async for outcome in outcomes if outcome.value is not None]
        for page in pages:
            self._new.update((each.persona_id, each) for each in page if each.persona_id in self.missing)
        self.missing -= self._new.keys()
        self.pages += len(pages)
        self._pages_since += len(pages)
        return pages

    def _count_last(self) -> int:
        """Return how many samples are due of what is left at the end."""
        return count_samples(self._met + len(self._new), pages=self.pages) - self.samples

    async def _judge(self, number: int) -> Found:
        """Get samples of what is not relied on yet, and yield them, and then what can be relied on because of them.

        One that differs from its page means that pages cannot be relied on, and nothing more is found, with one
        exception: where nothing is missing but what the documented list leaves out of custom models, just those with a
        custom model are not relied on.
        """
        await self._look_at_new()
        if not self._held:
            return
        unknown = {key: shape for key, shape in self._shapes.items() if shape.kind not in self._relied_on}
        candidates = unknown or self._shapes
        samples = pick_samples(candidates, min(max(number, 0), len(candidates)))
        self.samples += len(samples)
        async with self.send_each(get_persona, samples) as outcomes:
            async for outcome in outcomes:
                listed, shape = self._held.pop(outcome.key), self._shapes.pop(outcome.key)
                if outcome.value is None:
                    continue
                yield {outcome.key: outcome.value}
                if listed == outcome.value:
                    self._relied_on.add(shape.kind)
                elif is_documented_gap(listed, outcome.value):
                    self._relied_on.add(shape.kind)
                    self._has_gaps = True
                else:
                    self._is_faithful = False
        yield self._let_go()

    async def _look_at_new(self) -> None:
        """Take the shapes of what was read since the last time."""
        shapes = await look_at(self._new)
        self._sizes.update(shape.kind for shape in shapes.values())
        self._told.update(*(shape.names for shape in shapes.values()))
        self._met += len(self._new)
        self._held |= self._new
        self._shapes |= shapes
        self._new, self._pages_since = {}, 0

    def _let_go(self) -> dict[str, Persona]:
        """Hand out what is relied on; nothing where pages are not faithful."""
        is_custom_told = not self._has_gaps and all(f"layers.llm.{name}" in self._told for name in GAPS)
        relied_on = [
            key
            for key, shape in self._shapes.items()
            if self._is_faithful and shape.kind in self._relied_on and (is_custom_told or not shape.is_custom)
        ]
        for key in relied_on:
            del self._shapes[key]
        return {key: self._held.pop(key) for key in relied_on}


def find_on_pages(send_each: SendEach, keys: list[Any]) -> Found:
    """Yield those of the personas with these ids that list pages tell as much of as getting them would."""
    return PageReader(send_each=send_each, missing=set(filter(is_text, keys))).find()


def make_page_call(persona_type: str, number: str) -> Call[Page[Persona]]:
    """Return the call that reads one page."""
    return list_personas_page(page=int(number), limit=PAGE_SIZE, persona_type=persona_type)
