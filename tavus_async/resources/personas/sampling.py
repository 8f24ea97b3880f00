"""Whether list pages tell as much of a persona as getting it does, judged by samples: a greedy set cover."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import attrs

from tavus_async._records.json import is_object
from tavus_async.resources.personas.records import Persona

LEAST_SAMPLES = 8
# One persona in five is a sample, as long as pages and samples together are no more requests than MOST_REQUESTS; but
# there are always as many samples as a sixth of the pages.
PERSONAS_PER_SAMPLE = 5
MOST_REQUESTS = 58
PAGES_PER_SAMPLE = 6
# A kind without a sample of its own is trusted if it has so large a share of the personas, and so many of them.
RARE_SHARE = 0.01
RARE_COUNT = 5
# Personas whose shapes are taken before other tasks get a turn.
AT_A_TIME = 50
# The documented list leaves these out where the model is a custom one.
CUSTOM_MODEL = "layers.llm.base_url"
GAPS = frozenset({"headers", "extra_body"})


@attrs.frozen(kw_only=True)
class Shape:
    """What a persona's body consists of, whatever it says."""

    names: frozenset[str]
    """The names in it, with their places: `layers.llm.model`."""
    kind: frozenset[str]
    """Those of its fields and layers, its mode, and whether its model is a custom one."""

    @classmethod
    def of(cls, persona: Persona) -> Self:
        """Return the shape of a persona."""
        body = persona.to_dict()
        names = frozenset(names_in(body))
        layers = {name for name in names if name.startswith("layers.") and name.count(".") == 1}
        custom = {CUSTOM_MODEL} if has_custom_model(persona) else set[str]()
        kind = {*body, *layers, *custom, f"mode={persona.pipeline_mode}"}
        return cls(names=names, kind=frozenset(kind))

    @property
    def is_custom(self) -> bool:
        """Whether the persona has a model of its own."""
        return CUSTOM_MODEL in self.kind


def count_samples(personas: int, *, pages: int) -> int:
    """Return how many of the personas on these pages are got by themselves."""
    affordable = min(personas // PERSONAS_PER_SAMPLE, MOST_REQUESTS - pages)
    return min(personas, max(LEAST_SAMPLES, affordable, pages // PAGES_PER_SAMPLE))


async def look_at(found: Mapping[str, Persona]) -> dict[str, Shape]:
    """Return the shape of each persona, and let other tasks run in between: thousands take a second."""
    shapes: dict[str, Shape] = {}
    for persona_id, persona in found.items():
        shapes[persona_id] = Shape.of(persona)
        if not len(shapes) % AT_A_TIME:
            await asyncio.sleep(0)
    return shapes


def pick_samples(shapes: Mapping[str, Shape], number: int) -> list[str]:
    """Return so many ids: half to cover what differs, a quarter for kinds that this left out, the rest at random.

    The random choice has a fixed seed: the same pages give the same samples.
    """
    lots = random.Random(0).sample(sorted(shapes), len(shapes))  # noqa: S311 (no secret hangs on it)
    picked = dict.fromkeys(pick_differing(shapes, number // 2))
    sizes = Counter(shape.kind for shape in shapes.values())
    unsampled = {shapes[persona_id].kind: persona_id for persona_id in lots}
    for persona_id in picked:
        unsampled.pop(shapes[persona_id].kind, None)
    rarest_first = sorted(unsampled.values(), key=lambda persona_id: sizes[shapes[persona_id].kind])
    picked |= dict.fromkeys(rarest_first[: number * 3 // 4 - len(picked)])
    for persona_id in lots:
        if len(picked) == number:
            break
        picked[persona_id] = None
    return list(picked)


def pick_differing(shapes: Mapping[str, Shape], most: int) -> Iterator[str]:
    """Yield ids until each name that differs is both present in some of them and missing in others.

    To do so with the fewest samples is a set cover, in which each shape covers the names that it has as present and all
    others as missing. Greedily, the next is always the shape that covers most of what is yet uncovered, among equals
    the one with most names. The greedy cover is at most ln(n) + 1 times the smallest, n being twice the names.
    """
    by_names = {shape.names: persona_id for persona_id, shape in shapes.items()}
    # Uncovered as present, and as missing: names that are in every shape, or in none, need no cover.
    never_seen: set[str] = set[str]().union(*by_names) - frozenset[str].intersection(*by_names)
    never_missing: set[str] = set(never_seen)
    for _ in range(most):
        if not by_names or not (never_seen or never_missing):
            return
        names = max(by_names, key=lambda names: (len(names & never_seen) + len(never_missing - names), len(names)))
        yield by_names.pop(names)
        never_seen -= names
        never_missing &= names


def common_kinds(sizes: Counter[frozenset[str]]) -> set[frozenset[str]]:
    """Return the kinds that are not rare."""
    least = max(RARE_COUNT, RARE_SHARE * sizes.total())
    return {kind for kind, size in sizes.items() if size >= least}


def is_documented_gap(listed: Persona, got: Persona) -> bool:
    """Return whether the page has left out just what the documentation says it may."""
    return has_custom_model(got) and without_gaps(listed.to_dict()) == without_gaps(got.to_dict())


def has_custom_model(persona: Persona) -> bool:
    """Return whether a persona has a model of its own: an empty base URL, as many are stored with, means none."""
    return bool(persona.layers.llm.base_url)


def without_gaps(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body without what the documented list leaves out."""
    layers = body.get("layers")
    llm = layers.get("llm") if is_object(layers) else None
    if not is_object(layers) or not is_object(llm):
        return body
    return {**body, "layers": {**layers, "llm": {name: llm[name] for name in llm if name not in GAPS}}}


def names_in(value: Any, place: str = "") -> Iterable[str]:
    """Yield the names in an object and in the objects within it."""
    if is_object(value):
        for name, inner in value.items():
            yield f"{place}{name}"
            yield from names_in(inner, f"{place}{name}.")
