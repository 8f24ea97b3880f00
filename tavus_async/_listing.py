"""Reading through pages: every persona of a list, and many by id in fewer requests than one each."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable

import attrs

from tavus_async._calls.personas import PERSONA_TYPES
from tavus_async._json import is_object
from tavus_async.models import Outcome, Page, Persona

ReadPage = Callable[[int], Awaitable[Page[Persona]]]
ReadPages = Callable[[str, Iterable[int]], Awaitable[list[Page[Persona]]]]
GetPersonas = Callable[[list[str]], Awaitable[list[Outcome[Persona]]]]

PAGE_SIZE = 100
# Pages in a row without anything new, after which a list has come to its end whatever it says.
FRUITLESS_PAGES = 2
# How often a list that became shorter while it was read is read again, a page back.
REREADS = 10
# Of so many pages, one record is fetched by itself to see that pages tell all.
PAGES_PER_SAMPLE = 6
LEAST_SAMPLES = 4
CUSTOM_MODEL = "layers.llm.base_url"


async def walk(read_page: ReadPage, *, page_size: int) -> AsyncIterator[Persona]:
    """Go through all pages of a list that may change meanwhile, and yield each persona once.

    It ends at an empty page, at one that repeats its predecessor, or when the count is reached on a short page;
    so a wrong total_count neither cuts it short nor keeps it going. When the count drops, what was deleted has
    moved later personas forward by so many places: the pages that they moved to are read again.
    """
    seen: set[str] = set()
    before: tuple[str, ...] = ()
    total: int | None = None
    number, fruitless, rereads = 1, 0, REREADS
    while True:
        page = await read_page(number)
        ids = tuple(persona.persona_id for persona in page)
        fresh = [persona for persona in page if persona.persona_id not in seen]
        seen.update(ids)
        for persona in fresh:
            yield persona
        dropped = total - page.total_count if total is not None and page.total_count is not None else 0
        total = page.total_count
        if dropped > 0 and rereads and number > 1:
            rereads -= 1
            number = max(1, number - math.ceil(dropped / page_size))
            continue
        fruitless = 0 if fresh else fruitless + 1
        is_complete = total is not None and len(seen) >= total and len(ids) < page_size
        if not ids or ids == before or is_complete or fruitless >= FRUITLESS_PAGES:
            return
        before, number = ids, number + 1


@attrs.define
class Harvest:
    """Personas found on pages, and how many pages that took."""

    wanted: Collection[str]
    found: dict[str, Persona] = attrs.field(factory=dict)
    pages: int = 0

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

    What is returned is what getting each would have given. What is missing was on no page, on one that was
    not worth its request, or on one that does not tell all.
    """
    crop = Harvest(wanted)
    for persona_type in PERSONA_TYPES:
        if crop.missing > 1:
            await harvest_type(crop, persona_type, read_pages)
    return await verify(crop, get_personas) if crop.found else {}


async def harvest_type(crop: Harvest, persona_type: str, read_pages: ReadPages) -> None:
    """Read the pages of one type of persona, if their number is worth it."""
    pages_read = await read_pages(persona_type, [1])
    if not pages_read:
        return
    first = pages_read[0]
    crop.add(first)
    if first.items and first.total_count is not None:
        pages = math.ceil(first.total_count / len(first))
        if pages - 1 < crop.missing:
            for page in await read_pages(persona_type, range(2, pages + 1)):
                crop.add(page)


async def verify(crop: Harvest, get_personas: GetPersonas) -> dict[str, Persona]:
    """Keep the personas of which a page tells as much as getting them does.

    A page that leaves something out does so for every persona, or for every one of a kind. So samples are got
    by themselves: the scantest, which would show it first, and the richest, which have the most to leave out.
    What a page has hidden from one sample it may have hidden from each persona without it.
    """
    kinds: dict[frozenset[str], list[Persona]] = {}
    for persona in crop.found.values():
        kinds.setdefault(outline(persona), []).append(persona)
    samples = pick(sorted(kinds, key=len), max(LEAST_SAMPLES, crop.pages // PAGES_PER_SAMPLE))
    answers = await get_personas([kinds[kind][0].persona_id for kind in samples])
    vouched: list[frozenset[str]] = []
    hidden: set[str] = set()
    for kind, answer in zip(samples, answers, strict=True):
        sample = kinds[kind][0]
        if answer.value is not None and answer.value.to_dict() == sample.to_dict():
            vouched.append(kind)
        elif answer.value is not None:
            hidden |= outline(answer.value, with_fields=True) - outline(sample, with_fields=True)
    return {
        persona.persona_id: persona
        for kind, members in kinds.items()
        if any(vouches(known, kind) for known in vouched)
        for persona in members
        if hidden <= outline(persona, with_fields=True)
    }


def pick(kinds: list[frozenset[str]], number: int) -> list[frozenset[str]]:
    """Pick so many of the kinds, given from scant to rich: first those that vouch for others, then the richest."""
    picked: list[frozenset[str]] = []
    for kind in kinds:
        if not any(vouches(known, kind) for known in picked):
            picked.append(kind)
    rest = [kind for kind in reversed(kinds) if kind not in picked]
    return (picked + rest)[:number]


def vouches(known: frozenset[str], kind: frozenset[str]) -> bool:
    """Tell whether a kind that pages tell in full speaks for another: one with the same fields and more.

    Not for one with a custom model: the documented list leaves out its headers and extra_body.
    """
    return known <= kind and (CUSTOM_MODEL in known or CUSTOM_MODEL not in kind)


def outline(persona: Persona, *, with_fields: bool = False) -> frozenset[str]:
    """Return the names of what a persona says of itself: its fields, its layers, and their fields if asked for."""
    body = persona.to_dict()
    names = set(body)
    layers = body.get("layers")
    for layer, fields in layers.items() if is_object(layers) else ():
        names.add(f"layers.{layer}")
        if with_fields and is_object(fields):
            names |= {f"layers.{layer}.{name}" for name in fields}
    if persona.layers.llm.base_url:
        names.add(CUSTOM_MODEL)
    return frozenset(names)
