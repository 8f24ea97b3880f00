"""Many personas by id, read from list pages where that takes fewer requests than one each."""

import math
from collections.abc import Awaitable, Callable, Collection, Iterable

import attrs

from tavus_async._values import Page
from tavus_async.resources.personas.calls import PERSONA_TYPES
from tavus_async.resources.personas.records import Persona
from tavus_async.resources.personas.sampling import LEAST_SAMPLES, GetPersonas, count_samples, keep_faithful

ReadPages = Callable[[str, Iterable[int]], Awaitable[list[Page[Persona]]]]


PAGE_SIZE = 100


@attrs.define
class Harvest:
    """Personas found on pages, and how many pages that took."""

    wanted: Collection[str]
    found: dict[str, Persona] = attrs.field(factory=dict)
    pages: int = 0
    passed_by: int = 0
    """How many personas are on pages that were not worth their requests."""

    @property
    def missing(self) -> int:
        """How many of the wanted personas are not found yet."""
        return len(self.wanted) - len(self.found)

    def add(self, page: Page[Persona]) -> None:
        """Keep what is wanted of a page."""
        self.pages += 1
        self.found.update((persona.persona_id, persona) for persona in page if persona.persona_id in self.wanted)


async def harvest(wanted: Collection[str], *, read_pages: ReadPages, get_personas: GetPersonas) -> dict[str, Persona]:
    """Find personas on list pages, as far as that takes fewer requests than to get each.

    What is returned is what getting each would have given, judged by samples. What is missing was on no page,
    on one that was not worth its request, or on one that does not tell all.
    """
    crop = Harvest(wanted)
    for persona_type in PERSONA_TYPES:
        if crop.missing > 1 + LEAST_SAMPLES:
            await harvest_type(crop, persona_type, read_pages)
    if not crop.found:
        return {}
    return await keep_faithful(crop.found, pages=crop.pages, get_personas=get_personas)


async def harvest_type(crop: Harvest, persona_type: str, read_pages: ReadPages) -> None:
    """Read the pages of one type of persona, if their number is worth it."""
    pages_read = await read_pages(persona_type, [1])
    if not pages_read:
        return
    first = pages_read[0]
    crop.add(first)
    if not first.items or first.total_count is None:
        return
    total = max(len(first), first.total_count)
    pages = math.ceil(total / len(first))
    # All of what is missing may be here, except for its share in what was passed by.
    hoped_for = round(crop.missing * total / (total + crop.passed_by))
    if pages - 1 + count_samples(hoped_for, pages=pages) < hoped_for:
        for page in await read_pages(persona_type, range(2, pages + 1)):
            crop.add(page)
    else:
        crop.passed_by += total
