"""Personas on the command line."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import tavus_async
from tavus_async.cli.keywords import Advice
from tavus_async.cli.noun import View
from tavus_async.cli.schema import field_names
from tavus_async.cli.screen import columns, texts
from tavus_async.cli.screen.texts import Row

if TYPE_CHECKING:
    from tavus_async import Persona


def model(persona: "Persona") -> str | None:
    """Return the language model of a persona."""
    llm = persona.layers.llm
    return llm.model or ("own" if llm.base_url else "")


def voice(persona: "Persona") -> str | None:
    """Return what speaks for a persona."""
    tts = persona.layers.tts
    return tts.tts_engine or tts.external_voice_id or tts.voice_id


def layers(persona: "Persona") -> Iterator[tuple[str, list[Row]]]:
    """Yield each layer that was sent, with its fields."""
    for name in field_names(type(persona.layers)):
        layer = getattr(persona.layers, name)
        if layer and isinstance(layer, tavus_async.models.Record):
            yield name, list(texts.fields(layer))
        elif layer:
            yield name, [("fields", texts.names(layer))]
    if persona.layers.extra:
        yield "other layers", [("names", texts.names(persona.layers.extra))]


PERSONA_VIEW: Final = View(
    what="Personas, since mid-2026 also called PALs: who somebody talks to, with its words, models and voice.",
    aliases=("pals",),
    example="p5317866",
    own_example="pb8bb42b",
    options={
        "persona_type": Advice(
            choices=("user", "system"),
            help="user for your own, system for Tavus' stock (default: as the server decides)",
        ),
        "force": Advice(help="discard unpublished changes in PAL Maker (default: fail)"),
    },
    list_own="--type user",
    pointer="/layers/llm/model",
    patches=(
        'tavus-async personas patch pb8bb42b --replace /greeting "Hello, I am Ann."',
        "tavus-async personas patch pb8bb42b \\\n  --add /layers/tts/voice_settings '{\"speed\": 0.9}'",
        "tavus-async personas patch pb8bb42b --test /greeting Hi --remove /greeting",
    ),
    losses={"force": "discard unpublished changes in PAL Maker"},
    columns={
        "mode": columns.field("pipeline_mode"),
        "model": model,
        "voice": voice,
        "updated": columns.day("updated_at", "created_at"),
    },
    first_fields=("pipeline_mode",),
    sections=layers,
    folded=("layers",),
)
