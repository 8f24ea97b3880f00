"""Bytes to records, against pydantic's own JSON reader on the same fields, and against the JSON parser alone.

A record is read when its fields are first asked for; so in one round all fields are, and in another the layers too.
"""

import gc
import json
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.bodies import ID, SIZES
from benchmarks.figures import Line, Part, Scale, Table, pin, ratios
from benchmarks.typed import PageModel, model_of
from tavus_async import calls
from tavus_async.models import Persona

Decode = Callable[[bytes], object]
BATCH = 0.03
"""Seconds of one round, about."""


def read_all(decode: Callable[[bytes], Any], names: Sequence[str], *, layers: bool = False) -> Decode:
    """Return a decoder that also reads these fields of what it has decoded, and if need be those of the layers."""

    def decode_and_read(body: bytes) -> object:
        decoded = decode(body)
        for persona in getattr(decoded, "data", decoded) if hasattr(decoded, "total_count") else [decoded]:
            for name in names:
                getattr(persona, name)
            if layers:
                _ = persona.layers.extra
        return decoded

    return decode_and_read


def time_of(decode: Decode, body: bytes, times: int) -> float:
    """Tell the microseconds of one decoding."""
    started = time.process_time()
    for _ in range(times):
        decode(body)
    return (time.process_time() - started) / times * 1e6


def compare(decoders: dict[str, Decode], body: bytes, rounds: int) -> dict[str, list[float]]:
    """Let each have its turn in every round, and each be the first as often as any other."""
    times = {name: max(1, int(BATCH * 1e6 / time_of(decode, body, 20))) for name, decode in decoders.items()}
    found: dict[str, list[float]] = {name: [] for name in decoders}
    turns = list(decoders)
    for _ in range(rounds):
        for name in turns:
            found[name].append(time_of(decoders[name], body, times[name]))
        turns.append(turns.pop(0))
    return found


def run(scale: Scale) -> Part:
    """Run this part."""
    pin(0)
    gc.collect()
    gc.freeze()  # what is loaded by now, so that no collection of it falls into somebody's round
    model = model_of(Persona)
    lines: list[Line] = []
    rows: list[list[str | float]] = []
    for size, (words, body) in SIZES.items():
        page = size == "page"
        names = tuple((json.loads(body)["data"][0] if page else json.loads(body)).keys())
        ours: Any = (calls.list_personas_page() if page else calls.get_persona(ID)).decode
        decoders: dict[str, Decode] = {
            "tavus_async, unread": ours,
            "tavus_async": read_all(ours, names),
            "tavus_async, layers read": read_all(ours, names, layers=True),
            "pydantic": read_all((PageModel if page else model).model_validate_json, names),
            "json": json.loads,
        }
        found = compare(decoders, body, scale(15, 3))
        for name, mine, read, against, goal in (
            ("pydantic", "tavus_async", "", "pydantic v2, model_validate_json", 1.0),
            ("pydantic", "tavus_async, layers read", ", layers read", "pydantic v2, model_validate_json", 1.0),
            ("json", "tavus_async, unread", ", no field read", "json.loads, untyped", None),
        ):
            if read == ", layers read" and size == "small":
                continue  # it has no layers
            figure = f"bytes to records, {words}{read}: speed"
            speed = ratios(found[name], found[mine])
            lines.append(Line.of(speed, figure=figure, against=against, unit="×", goal=goal))
        rows.append([f"{words} ({len(body):,} bytes)", *(round(statistics.median(each), 1) for each in found.values())])
    columns = [
        "µs to decode",
        "tavus_async, no field read",
        "all fields read",
        "layers read too",
        "pydantic v2, model_validate_json",
        "json.loads, untyped",
    ]
    return Part(lines=lines, table=Table(columns, rows))
