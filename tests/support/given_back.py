"""The rule by which a record gives its body back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import attrs

from tavus_async import models
from tavus_async._records.fields import ALIASES


def aliases(field: "attrs.Attribute[Any]") -> tuple[str, ...]:
    """The other names of a record's field."""
    found: tuple[str, ...] = field.metadata.get(ALIASES, ())
    return found


RECORDS = [each for each in vars(models).values() if isinstance(each, type) and issubclass(each, models.Record)]
FIELDS = [field for record in RECORDS for field in attrs.fields(record)]
TIMESTAMPS = {
    name
    for field in FIELDS
    if any(kind in str(field.type) for kind in ("datetime", "Instant"))
    for name in (field.name, *aliases(field))
}
BOOLEANS = {name for field in FIELDS if "bool" in str(field.type) for name in (field.name, *aliases(field))}


def differences(sent: Any, back: Any, path: str = "$") -> list[str]:
    """List what *back* lacks, adds or changes, with respect to the body that was *sent*.

    No difference are: a null that is absent, a boolean that was spelled as a string, and a timestamp
    that is spelled in another way.
    """
    return list(_differences(sent, back, path))


def _differences(sent: Any, back: Any, path: str) -> Iterator[str]:
    if isinstance(sent, dict) and isinstance(back, dict):
        for name in sent | back:
            yield from _differences_at(name, sent, back, f"{path}.{name}")
    elif isinstance(sent, list) and isinstance(back, list):
        if len(sent) != len(back):
            yield f"{path}: {len(sent)} items became {len(back)}"
        for index, (one, other) in enumerate(zip(sent, back, strict=False)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif type(sent) is not type(back) or sent != back:
        yield f"{path}: {sent!r} became {back!r}"


def _differences_at(name: str, sent: dict[str, Any], back: dict[str, Any], path: str) -> Iterator[str]:
    if name not in sent:
        yield f"{path}: added"
    elif name not in back:
        if sent[name] is not None:
            yield f"{path}: lost"
    elif not is_respelled(name, sent[name], back[name]):
        yield from _differences(sent[name], back[name], path)


def is_respelled(name: str, sent: Any, back: Any) -> bool:
    """Tell whether this is the same moment, or the same boolean, in another spelling."""
    if name in TIMESTAMPS:
        return is_same_moment(sent, back)
    return name in BOOLEANS and (sent, back) in [("true", True), ("false", False)]


def is_same_moment(sent: Any, back: Any) -> bool:
    if not isinstance(sent, str) or not isinstance(back, str):
        return False
    one, other = moment(sent), moment(back)
    return one is not None and one == other


def moment(text: str) -> datetime | None:
    """Read a timestamp; one without a zone is in UTC."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None
