"""Personas by their ids, read from list pages where that takes fewer requests than one for each."""

import math
from collections.abc import Callable, Iterable
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
    common_kinds,
    count_samples,
    is_documented_gap,
    look_at,
    pick_samples,
)

T = TypeVar("T")

PAGE_SIZE = 100


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
    wanted: frozenset[str]
    found: dict[str, Persona] = attrs.field(init=False, factory=dict)
    pages: int = attrs.field(init=False, default=0)
    """How many were read."""
    passed_by: int = attrs.field(init=False, default=0)
    """How many personas are on pages that were not worth their requests."""

    async def find(self) -> dict[str, Persona]:
        """Return the personas by their ids; none after an error that getting each would meet, and report, too."""
        try:
            for persona_type in PERSONA_TYPES:
                if self._missing > 1 + LEAST_SAMPLES:
                    await self._read_type(persona_type)
            return await self._keep_faithful() if self.found else {}
        except DOOMING:
            return {}

    @property
    def _missing(self) -> int:
        return len(self.wanted) - len(self.found)

    async def _read_type(self, persona_type: str) -> None:
        """Read the pages of one type of persona, if their number is worth it."""
        first = next(iter(await self._read_pages(persona_type, [1])), None)
        if first is None or not first.items or first.total_count is None:
            return
        total = max(len(first), first.total_count)
        pages = math.ceil(total / len(first))
        # All of what is missing may be here, except for its share in what was passed by.
        hoped_for = round(self._missing * total / (total + self.passed_by))
        if pages - 1 + count_samples(hoped_for, pages=pages) < hoped_for:
            await self._read_pages(persona_type, range(2, pages + 1))
        else:
            self.passed_by += total

    async def _read_pages(self, persona_type: str, numbers: Iterable[int]) -> list[Page[Persona]]:
        """Read pages, and keep what is wanted of them."""
        make_call = partial(make_page_call, persona_type)
        async with self.send_each(make_call, [str(number) for number in numbers]) as outcomes:
            pages = [outcome.value async for outcome in outcomes if outcome.value is not None]
        for page in pages:
            self.pages += 1
            self.found.update((each.persona_id, each) for each in page if each.persona_id in self.wanted)
        return pages

    async def _keep_faithful(self) -> dict[str, Persona]:
        """Return those personas of which their page tells what getting them would.

        Samples are got by themselves. One that differs from its page means that pages cannot be relied on, and
        only the samples are returned, with one exception: where nothing is missing but what the documented list
        leaves out of custom models, just those with a custom model are not relied on. Nor are kinds of persona that
        are rare and were not sampled.
        """
        shapes = await look_at(self.found)
        samples = pick_samples(shapes, count_samples(len(self.found), pages=self.pages))
        got = await self._get(samples)
        different = [persona_id for persona_id, persona in got.items() if persona != self.found[persona_id]]
        if not all(is_documented_gap(self.found[persona_id], got[persona_id]) for persona_id in different):
            return got
        told = frozenset[str]().union(*(shape.names for shape in shapes.values()))
        is_custom_told = not different and all(f"layers.llm.{name}" in told for name in GAPS)
        relied_on = common_kinds(shapes) | {shapes[persona_id].kind for persona_id in got}
        return got | {
            persona_id: self.found[persona_id]
            for persona_id, shape in shapes.items()
            if persona_id not in samples and shape.kind in relied_on and (is_custom_told or not shape.is_custom)
        }

    async def _get(self, ids: list[str]) -> dict[str, Persona]:
        async with self.send_each(get_persona, ids) as outcomes:
            return {outcome.key: outcome.value async for outcome in outcomes if outcome.value is not None}


async def find_on_pages(send_each: SendEach, keys: list[Any]) -> dict[str, Persona]:
    """Return those of the personas with these ids that list pages tell as much of as getting them would."""
    return await PageReader(send_each=send_each, wanted=frozenset(filter(is_text, keys))).find()


def make_page_call(persona_type: str, number: str) -> Call[Page[Persona]]:
    """Return the call that reads one page."""
    return list_personas_page(page=int(number), limit=PAGE_SIZE, persona_type=persona_type)
