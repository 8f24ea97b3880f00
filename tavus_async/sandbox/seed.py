"""Made-up objects that look like those of real accounts, expanded from the templates of a resource.

A resource has its templates in `resources/<name>/seed.json`. Its objects are of several kinds, in turns, and of
several eras, one after the other; each era lays its pieces over those of the eras before it. Pieces are named JSON:

- `{"$use": "llm", …}` is the piece of that name, with the other fields merged into it;
- `{"$one": […]}` is one of several;
- `{"$some": "tools", "count": [2, 5]}` is a list of two to five of those in a piece that is a list;
- `{"$text": […]}` is a text, of texts and lists of texts, joined by spaces;
- `{hex:11}` in a text is so many hexadecimal digits, any other `{name}` one of the words of that name, the same
  throughout an object. A word that is an object gives each of its fields.
"""

import random
import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, TypeAlias, cast

from attrs import frozen

from tavus_async.sandbox.collection import Collection
from tavus_async.sandbox.json import Json, JsonObject, load

__all__ = ["expand", "fill"]

Pieces: TypeAlias = Mapping[str, Json]

_PLACEHOLDER = re.compile(r"\{(\w+)(?::(\d+))?\}")


MOST_GENERATED = 1_000_000
"""The most objects of a kind that are made: a few gigabytes of them."""


def fill(collection: Collection, count: int, *, seed: int) -> None:
    """Add *count* objects to an empty *collection*, the oldest first; the same *count* and *seed* add the same ones.

    The stock objects have fixed places and ids, which other clients ask for. They, and some more, are system objects;
    where `system_every` is 0, they alone.
    """
    definition = collection.definition
    templates, dice = _templates(definition.name), random.Random(f"{definition.name} {seed}")  # noqa: S311
    kinds, stock, system_every = templates["kinds"], templates["stock"], templates["system_every"]
    for number, (created, written, pieces) in enumerate(_eras(templates, count, dice)):
        entry = stock.get(str(number))
        kind = entry["kind"] if entry else kinds[number % len(kinds)]
        updated = created + timedelta(minutes=dice.choice((0, 0, 7, 3000)))
        document: JsonObject = {
            definition.id_name: entry["id"] if entry else collection.new_id(),
            **expand(kind, pieces, words=templates["words"], dice=dice),
            "created_at": created.strftime(written),
            "updated_at": updated.strftime(written),
        }
        is_system = bool(entry) or (system_every > 0 and number % system_every == system_every - 1)
        collection.add(document, is_system=is_system)


def expand(kind: str, pieces: Pieces, *, words: Mapping[str, list[Json]], dice: random.Random) -> JsonObject:
    """Return a new object made of the piece *kind*."""
    chosen: dict[str, Json] = {}
    for name, choices in words.items():
        word = dice.choice(choices)
        chosen |= word if isinstance(word, dict) else {name: word}
    made = _Expander(pieces=pieces, words=chosen, dice=dice).expand({"$use": kind})
    return made if isinstance(made, dict) else {}


@frozen(kw_only=True)
class _Expander:
    pieces: Pieces
    words: Mapping[str, Json]
    dice: random.Random

    def expand(self, piece: Json) -> Json:
        match piece:
            case str():
                return _PLACEHOLDER.sub(self._word, piece) if "{" in piece else piece
            case list():
                return [self.expand(item) for item in piece]
            case {"$one": list(choices)}:
                return self.expand(self.dice.choice(choices))
            case {"$some": str(name), "count": [int(least), int(most)]}:
                return self._some(name, self.dice.randint(least, most))
            case {"$text": list(parts)}:
                texts = [self.expand(part) for part in parts]
                return " ".join(str(text) for part in texts for text in (part if isinstance(part, list) else [part]))
            case dict():
                fields = {key: self.expand(value) for key, value in piece.items() if key != "$use"}
                return _merged(self._used(piece["$use"]), fields) if "$use" in piece else fields
            case _:
                return piece

    def _used(self, base: Json) -> Json:
        used = self.expand(base)
        return self.expand(self.pieces[used]) if isinstance(used, str) else used

    def _some(self, name: str, count: int) -> list[Json]:
        choices = self.pieces[name]
        if not isinstance(choices, list):
            raise TypeError(f"the piece {name!r} is no list")
        chosen: list[Json] = []
        while len(chosen) < count:
            chosen += self.dice.sample(choices, min(len(choices), count - len(chosen)))
        return [self.expand(choice) for choice in chosen]

    def _word(self, found: re.Match[str]) -> str:
        name, digits = found.groups()
        return f"{self.dice.getrandbits(4 * int(digits)):0{digits}x}" if name == "hex" else str(self.words[name])


def _merged(base: Json, fields: JsonObject) -> Json:
    if not isinstance(base, dict):
        return base
    merged = dict(base)
    for key, value in fields.items():
        inner = merged.get(key)
        merged[key] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged


@cache
def _templates(name: str) -> dict[str, Any]:
    file = resources.files("tavus_async.sandbox.resources") / name / "seed.json"
    return cast("dict[str, Any]", load(file.read_text(encoding="utf-8")))


def _eras(templates: Mapping[str, Any], count: int, dice: random.Random) -> Iterator[tuple[datetime, str, Pieces]]:
    # For each object: when it is created, how times are written then, and the pieces of its era.
    first, last = map(datetime.fromisoformat, templates["days"])
    eras = templates["eras"]
    step = (last - first) / max(count, 1)
    layered = [dict(ChainMap(*(era["pieces"] for era in eras[number::-1]))) for number in range(len(eras))]
    for number in range(count):
        era = len(eras) * number // count
        created = first + step * (number + dice.random() / 2)
        yield created, eras[era]["time_format"], layered[era]
