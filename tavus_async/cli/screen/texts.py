"""Records as short texts for people: field by field, secrets hidden."""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import tavus_async
from tavus_async import Progress, Secret
from tavus_async.cli.characters import one_line
from tavus_async.cli.exits import NotJsonError
from tavus_async.cli.jsons import is_list, is_object
from tavus_async.cli.schema import field_names, is_link

if TYPE_CHECKING:
    from tavus_async.models import Record

Row: TypeAlias = tuple[str, str]
"""What a field is called, and its value."""

STARS: Final = "***"
LONGEST_SHOWN: Final = 240
LONGEST_NAME: Final = 60
TEN: Final = 10
LONGEST_IN_SECONDS: Final = 120
# Keys can hide in the user part and in the query of these.
URLS: Final = frozenset({"base_url", "callback_url", "conversation_url", "endpoint", "meeting_url"})


def fields(record: "Record", *, first: Collection[str] = (), without: Collection[str] = ()) -> Iterator[Row]:
    """Yield each field that holds something, some of them *first*; of fields that are unknown, the names alone."""
    # The sort is stable: the others keep the record's order.
    for name in sorted(field_names(type(record)), key=lambda name: name not in first):
        if name in without:
            continue
        value = getattr(record, name)
        text = brief(bare(value) if name in URLS or is_link(type(record), name) else value)
        if text:
            yield name, text
    if record.extra:
        yield "other fields", names(record.extra)


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
        case tavus_async.models.Record():
            return ", ".join(f"{name} {text}" for name, text in fields(value))
        case {"function": {"name": str(name)}} | {"name": str(name)}:
            return shorten(one_line(name))
        case _ if is_object(value):
            return STARS if any(isinstance(inner, Secret) for inner in value.values()) else names(value)
        case _ if is_list(value):
            return cut("; ".join(f"({len(each)})" if is_list(each) else brief(each) for each in value[:LONGEST_SHOWN]))
        case _:
            return shorten(str(value))


def hidden(value: Any) -> Any:
    """Return JSON values with stars in the place of secrets; NotJsonError for values that are nested too deeply."""
    try:
        return _hidden(value)
    except RecursionError:
        raise NotJsonError("it is nested too deeply to be shown") from None


def _hidden(value: Any) -> Any:
    if is_object(value):
        return {
            name: STARS if tavus_async.models.holds_secrets(name) and inner else _hidden(inner)
            for name, inner in value.items()
        }
    return [_hidden(inner) for inner in value] if is_list(value) else value


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


def quoted(text: str) -> str:
    """Put what somebody has called a thing between quotes, and cut it where it is long."""
    name = clip(text, LONGEST_NAME).replace("\\", r"\\").replace('"', r"\"")
    return f'"{name}"'


def clip(text: str, room: int) -> str:
    """Cut a text to the room there is, with dots where something is missing."""
    return text if len(text) <= room else f"{text[: room - 3]}..."


def moment(when: datetime) -> str:
    """Write a point in time, to the second."""
    text = when.replace(tzinfo=None).isoformat(" ", "seconds")
    return f"{text} UTC" if not when.utcoffset() else f"{text} {when:%z}"


def bare(value: Any) -> Any:
    """Return a URL, or several, without what can be secret in them; anything else as it is."""
    if isinstance(value, str):
        return bare_url(one_line(value))
    return tuple(map(bare, value)) if is_list(value) else value


def bare_url(url: str) -> str:
    """Return a URL without what can be secret in it."""
    address, mark, _ = re.sub("//[^/?#]*@", f"//{STARS}@", url).partition("?")
    return address + (mark and f"?{STARS}")


def pace(progress: Progress, left: int | None) -> tuple[str, str]:
    """Say how a bulk call goes, at length and in brief: failures, and rate and time left, or what holds it up.

    That the rate limit does is nothing to tell: it is what it is for.
    """
    parts = [f"{progress.failed:,} failed"] if progress.failed else []
    if progress.outage or progress.paused >= 1:
        return holdup(progress.failed, outage=progress.outage, paused=progress.paused)
    parts.append(f"{progress.rate:.1f}/s" if progress.rate < TEN else f"{progress.rate:.0f}/s")
    if left is not None and progress.rate > 0:
        parts.append(f"{duration(left / progress.rate)} left")
    return ", ".join(parts), ", ".join(parts)


def holdup(failed: int, *, outage: float, paused: float) -> tuple[str, str]:
    """Say what holds a bulk call up, at length and in brief: a server that cannot be reached, or that asks to wait."""
    parts = [f"{failed:,} failed"] if failed else []
    if outage:
        out = span(outage)
        said = (f"the server cannot be reached for {out}, trying again", f"no server for {out}")
    else:
        said = (f"the server asks to wait {span(paused)}", f"to wait {span(paused)}")
    return ", ".join([*parts, said[0]]), ", ".join([*parts, said[1]])


def span(seconds: float) -> str:
    """Write a length of time, up to minutes in seconds, as in `58 s`."""
    return f"{math.ceil(seconds)} s" if seconds <= LONGEST_IN_SECONDS else age(seconds)


def duration(seconds: float) -> str:
    """Write seconds as hours, minutes and seconds."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def age(seconds: float) -> str:
    """Write seconds in their two largest units, as in `2h 5m`."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "m"), (rest, "s")]
    first = next((place for place, (number, _) in enumerate(parts) if number), len(parts) - 1)
    return " ".join(f"{number}{unit}" for number, unit in parts[first : first + 2] if number) or "0s"


def count(number: int, one: str, many: str) -> str:
    """Count things in words."""
    return f"{number:,} {one if number == 1 else many}"
