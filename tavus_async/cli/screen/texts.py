"""A persona as short texts for people: field by field, secrets hidden."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

import attrs

from tavus_async import Persona, Progress, Secret
from tavus_async.cli.jsons import is_list, is_object
from tavus_async.cli.screen.output import one_line
from tavus_async.models import Record

Row: TypeAlias = tuple[str, str]
"""What a field is called, and its value."""

COLUMNS: Final = ("id", "name", "mode", "model", "voice", "updated")
STARS: Final = "***"
LONGEST_SHOWN: Final = 240
TEN: Final = 10
# Keys can hide in the user part and in the query of these.
URLS: Final = frozenset({"base_url", "endpoint"})
ON_TOP: Final = frozenset({"persona_id", "persona_name", "layers"})


def headline(persona: Persona) -> Row:
    """Return the name and the id of a persona."""
    return one_line(persona.persona_name or "") or "(no name)", one_line(persona.persona_id)


def columns(persona: Persona) -> tuple[str, ...]:
    """Return a persona as a row of a table with these COLUMNS; "" for what the server did not say."""
    name, persona_id = headline(persona)
    llm, tts = persona.layers.llm, persona.layers.tts
    model = llm.model or ("own" if llm.base_url else "")
    voice = tts.tts_engine or tts.external_voice_id or tts.voice_id or ""
    when = persona.updated_at or persona.created_at
    updated = f"{when:%Y-%m-%d}" if when else ""
    return (persona_id, name, *map(one_line, (persona.pipeline_mode or "", model, voice, updated)))


def fields(record: Record) -> Iterator[Row]:
    """Yield each field that holds something; of fields that the record does not know, the names alone."""
    # The sort is stable: what is no mode keeps the record's order.
    for name in sorted(known(record), key=lambda name: name != "pipeline_mode"):
        value = getattr(record, name)
        if name in ON_TOP or not (text := brief(value)):
            continue
        if name in URLS:
            text = bare_url(text)
        yield name, text
    if record.extra:
        yield "other fields", names(record.extra)


def known(record: Record) -> list[str]:
    """Return the names of the fields that a record of this class may have."""
    return [name for name in attrs.fields_dict(type(record)) if name != "extra" and not name.startswith("_")]


def layers(persona: Persona) -> Iterator[tuple[str, list[Row]]]:
    """Yield each layer that was sent, with its fields."""
    for name in known(persona.layers):
        layer = getattr(persona.layers, name)
        if layer and isinstance(layer, Record):
            yield name, list(fields(layer))
        elif layer:
            yield name, [("fields", names(layer))]
    if persona.layers.extra:
        yield "other layers", [("names", names(persona.layers.extra))]


def brief(value: Any) -> str:
    """Put a value on one short line; "" for what holds nothing.

    Of a free-form object only what it is called, or what its keys are: anything can be in it.
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Secret():
            return STARS if value else ""
        case str():
            return shorten(one_line(value))
        case datetime():
            return moment(value)
        case Record():
            return ", ".join(f"{name} {text}" for name, text in fields(value))
        case {"function": {"name": str(name)}} | {"name": str(name)}:
            return shorten(one_line(name))
        case _ if is_object(value):
            return STARS if any(isinstance(inner, Secret) for inner in value.values()) else names(value)
        case _ if is_list(value):
            return cut("; ".join(map(brief, value)))
        case _:
            return str(value)


def names(mapping: Mapping[str, Any]) -> str:
    """Name the keys of an object."""
    return cut(", ".join(one_line(str(key)) for key in mapping))


def shorten(text: str) -> str:
    """Cut a long text, and say how long it is."""
    return text if len(text) <= LONGEST_SHOWN else f"{cut(text)} ({len(text):,} characters)"


def cut(text: str) -> str:
    """Cut a long text after a word, if there is one."""
    if len(text) <= LONGEST_SHOWN:
        return text
    head, _, rest = text[:LONGEST_SHOWN].rpartition(" ")
    return f"{head if len(head) > LONGEST_SHOWN // 2 else head + rest} ..."


def moment(when: datetime) -> str:
    """Write a point in time, to the second."""
    text = when.replace(tzinfo=None).isoformat(" ", "seconds")
    return f"{text} UTC" if not when.utcoffset() else f"{text} {when:%z}"


def bare_url(url: str) -> str:
    """Return a URL without what can be secret in it."""
    address, mark, _ = re.sub("//[^/?#]*@", f"//{STARS}@", url).partition("?")
    return address + (mark and f"?{STARS}")


def pace(progress: Progress, left: int | None) -> tuple[str, str]:
    """Say how a bulk call goes, at length and in brief: failures, rate, time left, and what holds it up."""
    parts = [f"{progress.failed:,} failed"] if progress.failed else []
    parts.append(f"{progress.rate:.1f}/s" if progress.rate < TEN else f"{progress.rate:.0f}/s")
    if left is not None and progress.rate > 0:
        parts.append(f"{duration(left / progress.rate)} left")
    text = ", ".join(parts)
    return (f"{text}, waiting for the rate limit", f"{text}, waiting") if progress.waiting else (text, text)


def duration(seconds: float) -> str:
    """Write seconds as hours, minutes and seconds."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def personas(number: int) -> str:
    """Count personas in words."""
    return f"{number:,} persona{'' if number == 1 else 's'}"
