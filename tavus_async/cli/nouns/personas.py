"""Personas on the command line."""

from collections.abc import Iterator
from typing import Final

from tavus_async import AsyncSession, Persona, PersonaDraft, calls
from tavus_async.cli.noun import Keyword, Noun
from tavus_async.cli.screen import texts
from tavus_async.cli.screen.texts import Row
from tavus_async.models import Record


def model(persona: Persona) -> str | None:
    """Return the language model of a persona."""
    llm = persona.layers.llm
    return llm.model or ("own" if llm.base_url else "")


def voice(persona: Persona) -> str | None:
    """Return what speaks for a persona."""
    tts = persona.layers.tts
    return tts.tts_engine or tts.external_voice_id or tts.voice_id


def updated(persona: Persona) -> str:
    """Return the day of a persona's last change."""
    when = persona.updated_at or persona.created_at
    return f"{when:%Y-%m-%d}" if when else ""


def layers(persona: Persona) -> Iterator[tuple[str, list[Row]]]:
    """Yield each layer that was sent, with its fields."""
    for name in texts.known(persona.layers):
        layer = getattr(persona.layers, name)
        if layer and isinstance(layer, Record):
            yield name, list(texts.fields(layer))
        elif layer:
            yield name, [("fields", texts.names(layer))]
    if persona.layers.extra:
        yield "other layers", [("names", texts.names(persona.layers.extra))]


PERSONA: Final = Noun(
    name="personas",
    singular="persona",
    what="Personas, since mid-2026 also called PALs: who somebody talks to, with its words, its models and its voice.",
    aliases=("pals",),
    example="p5317866",
    record=Persona,
    draft=PersonaDraft,
    id_names=("persona_id", "pal_id"),
    title_names=("persona_name", "pal_name"),
    get=calls.get_persona,
    list_all=AsyncSession.list_personas,
    create=calls.create_persona,
    delete=calls.delete_persona,
    list_keywords=(
        Keyword(
            option="--type",
            name="persona_type",
            choices=("user", "system"),
            help="user for your own, system for Tavus' stock (default: as the server decides)",
        ),
    ),
    list_own="--type user",
    columns={
        "mode": lambda persona: persona.pipeline_mode,
        "model": model,
        "voice": voice,
        "updated": updated,
    },
    first_fields=("pipeline_mode",),
    sections=layers,
    folded=("layers",),
)
