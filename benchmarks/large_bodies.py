"""How long large bodies, and those of very many small parts, hold up the event loop: milliseconds for each MB.

Against `json.loads` of the same bytes, with the garbage collector at work as in any program, and without it.
"""

import gc
import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import attrs

from benchmarks.bodies import ID, conversations_page, encode, page, small, talk
from benchmarks.figures import Line, Part, Scale, Table, pin, ratios
from tavus_async import Call, calls
from tavus_async.models import Conversation, Record

NOTHING = "no field read"
ALL = "every field read"
BACK = "given back"
JSON = "json.loads"
COLLECTED = {True: "", False: ", collector paused"}


@dataclass(frozen=True)
class Body:
    """A body, and the call that it answers."""

    words: str
    call: Call[Any]
    data: bytes


def small_page(**more: Any) -> dict[str, Any]:
    """A page of 2,000 small personas, each with something more."""
    return {"data": [small(f"p{number:011x}") | more for number in range(2_000)], "total_count": 2_000}


def bodies() -> Iterator[Body]:
    """Yield what is measured."""
    personas, visits = calls.list_personas_page(), calls.list_conversations_page()
    persona, visit = calls.get_persona(ID), calls.get_conversation(ID, verbose=True)
    spoken = "Mon, 02 Mar 2026 09:15:41 GMT"
    nested: Any = {"new": {"a": [{"b": [{"c": [1]}]}], "d": {"e": {"f": {"g": [[1], [2]]}}}}}
    yield Body("a page of 100 full personas", personas, encode(page()))
    yield Body("small personas", personas, encode(small_page()))
    yield Body("small personas with nested fields that are not known", personas, encode(small_page(**nested)))
    yield Body("small personas, RFC 1123 dates", personas, encode(small_page(created_at=spoken, updated_at=spoken)))
    yield Body("conversations", visits, encode(conversations_page(2_000)))
    yield Body("a conversation with a transcript of 1,000 turns", visit, encode(talk(1_000)))
    fields = {f"field_{number}": number for number in range(40_000)}
    yield Body("a persona of 40,000 small fields", persona, encode(small(ID) | fields))
    objects = [{"a": number} for number in range(60_000)]
    yield Body("a persona of 60,000 small objects", persona, encode(small(ID) | {"new": objects}))
    yield Body("a persona of 200,000 empty objects", persona, encode(small(ID) | {"new": [{}] * 200_000}))


@cache
def names_of(record: Any) -> frozenset[str]:
    """Name the fields of a record class."""
    return frozenset(field.name for field in attrs.fields(record))


def visit_fields(value: Any, body: Any) -> None:
    """Ask for all fields that a body has, through all records that are made of it."""
    if isinstance(value, Record):
        kind: Any = type(value)
        for name in names_of(kind).intersection(body):
            visit_fields(getattr(value, name), body[name])
        _ = value.extra
        if isinstance(value, Conversation) and value.transcript:
            visit_fields(tuple(value.transcript), body["events"][-1]["properties"]["transcript"])
    elif isinstance(value, tuple):
        for each, part in zip(value, body, strict=True):
            visit_fields(each, part)


def read_all(decode: Callable[[bytes], Any], values: Mapping[str, Any], data: bytes) -> object:
    """Decode a body, and ask for all its fields."""
    found = decode(data)
    whole = hasattr(found, "total_count")
    visit_fields(found.items if whole else found, values["data"] if whole else values)
    return found


def give_back(decode: Callable[[bytes], Any], data: bytes) -> object:
    """Decode a body, and make a dict of it."""
    found = decode(data)
    records = found.items if hasattr(found, "total_count") else (found,)
    return [record.to_dict() for record in records]


def milliseconds(read: Callable[[bytes], object], data: bytes) -> float:
    """Tell the milliseconds for each MB of one reading; what was read is freed outside of it."""
    gc.collect()
    started = time.process_time()
    found = read(data)
    taken = time.process_time() - started
    del found
    return taken * 1e3 / (len(data) / 1e6)


def measure(body: Body, rounds: int, *, is_collected: bool) -> dict[str, list[float]]:
    """Let each way of reading have its turn in every round."""
    decode = body.call.decode
    ways: dict[str, Callable[[bytes], object]] = {
        JSON: json.loads,
        NOTHING: decode,
        ALL: partial(read_all, decode, json.loads(body.data)),
        BACK: partial(give_back, decode),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    if not is_collected:
        gc.disable()
    try:
        for _ in range(rounds):
            for name, read in ways.items():
                found[name].append(milliseconds(read, body.data))
    finally:
        gc.enable()
    return found


def run(scale: Scale) -> Part:
    """Run this part."""
    pin(0)
    gc.collect()
    gc.freeze()  # what is loaded by now, so that no collection of it falls into somebody's round
    lines: list[Line] = []
    rows: list[list[str | float]] = []
    columns: list[str] = []
    for body in bodies():
        row: list[str | float] = [f"{body.words} ({len(body.data) / 1e6:.2f} MB)"]
        columns = ["ms for each MB"]
        for is_collected, words in COLLECTED.items():
            found = measure(body, scale(9, 2), is_collected=is_collected)
            row += [round(statistics.median(each), 1) for each in found.values()]
            columns += [f"{name}{words}" for name in found]
            if is_collected:
                figure = f"large bodies, {body.words}, {ALL}: time"
                lines.append(Line.of(ratios(found[ALL], found[JSON]), figure=figure, against=JSON, unit="×"))
        rows.append(row)
    return Part(lines=lines, table=Table(columns, rows))
