"""Bodies of records: as they came, in other names, or with what is secret in them masked."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from tavus_async._records.display import show, show_names, show_size
from tavus_async._records.fields import LATER, HasSchema, schema_of, stored
from tavus_async._records.immutable import EMPTY, SCALARS, copy_parsed, places_in, thaw, values_within
from tavus_async._records.reading import holds_records
from tavus_async._records.secrets import MASK, Secret, mask_link
from tavus_async._records.timestamp import timestamp_of
from tavus_async._records.unknown import extra_of

# What a parser makes, and a record that was read does not hold.
PARSED = frozenset({dict, list})
# Names under which a whole path is what makes a URL unguessable.
HOOKS: Final = frozenset({"callback_url", "webhook_url"})
_LINK: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S*")


def mask(record: HasSchema, name: str, value: Any) -> Any:
    """Return a field's value; of a link, or of each in a list of some, what of it may be shown."""
    schema = schema_of(record)
    masked = schema.masks.get(name)
    if masked is not None and value.__class__ is tuple:
        return tuple([masked(each) for each in value])
    if not isinstance(value, str):
        return value
    if masked is not None:
        return masked(value)
    return mask_links(value) if name in schema.opaque_names else value


def mask_links(value: Any) -> Any:
    """Mask the links in a value of plain dicts and lists, which is free-form or unknown, and return it.

    A text that is nothing but a URL may have a secret in it, as presigned ones, and those to join by, do.
    """
    top = [value]
    unfinished: list[Any] = [top]
    while unfinished:
        holder = unfinished.pop()
        for place, inner in places_in(holder):
            if isinstance(inner, str):
                if "://" in inner and _LINK.fullmatch(inner):
                    holder[place] = mask_link(inner, hides_path=place in HOOKS)
            elif inner.__class__ is dict or inner.__class__ is list:
                unfinished.append(inner)
    return top[0]


def hide_link(record: HasSchema, name: str, value: Any, secret: Callable[[Secret], Any]) -> Any:
    """Return a field's value; of a link that holds a secret, what may be shown of it, or *secret* of the whole."""
    masked = mask(record, name, value)
    return masked if masked == value or secret is str else secret(Secret(value))


def has_masked_link(body: Any) -> bool:
    """Return whether a link in a body was shown without its secret, and so is none any longer."""
    return any(isinstance(each, str) and MASK in each and _LINK.fullmatch(each) for each in values_within(body))


def wire_names_of(record: HasSchema) -> Mapping[str, str]:
    """Return the names under which fields came that came under others than their own."""
    names: Mapping[str, str] | None = getattr(record, "_wire_names", None)
    return names or EMPTY


def known_fields(record: HasSchema, *, as_read: bool = True) -> Iterator[tuple[str, Any]]:
    """Yield each field of the body that a record has, and its value; unless *as_read*, the JSON value of unread ones.

    Only in what is read, credentials that stand in free-form values are secrets.
    """
    kept, schema = stored(record), schema_of(record)
    for name in schema.names:
        if name in kept:
            value = kept[name]
        elif f"{name}{LATER}" in kept:
            is_raw = not as_read and name in schema.opaque_names
            value = kept[f"{name}{LATER}"] if is_raw else getattr(record, name)
        else:
            continue
        if value is not None and (value or not isinstance(value, HasSchema)):
            yield name, value


def body_of(
    record: HasSchema, *, renamed: bool | None = None, secret: Callable[[Secret], Any] = Secret.reveal
) -> dict[str, Any]:
    """Return the body of a record, with *secret* of each Secret in it.

    It is spelled as it came, or, if *renamed* is not None, in the names since the rename or before.
    """
    body = extra_body_of(record, secret)
    schema, wire_names = schema_of(record), wire_names_of(record)
    hides = secret is str
    for name, value in known_fields(record, as_read=secret is not Secret.reveal):
        wire_name = wire_names.get(name, name) if renamed is None else schema.spelled(name, renamed=renamed)
        if value.__class__ in SCALARS:
            body[wire_name] = value if secret is Secret.reveal else hide_link(record, name, value, secret)
        elif isinstance(value, HasSchema):
            body[wire_name] = body_of(value, renamed=renamed, secret=secret)
        elif holds_records(value):
            items: Any = value
            body[wire_name] = [body_of(each, renamed=renamed, secret=secret) for each in items]
        elif isinstance(value, datetime):
            body[wire_name] = timestamp_of(value)
        else:
            copy = copy_parsed(value, secret) if value.__class__ in PARSED else thaw(value, secret)
            body[wire_name] = mask_links(copy) if hides else copy
    return body


def extra_body_of(record: HasSchema, secret: Callable[[Secret], Any]) -> dict[str, Any]:
    """Return a copy of what a record keeps in extra, which need not be read for it unless secrets are to be masked."""
    unread = stored(record).get(f"extra{LATER}") if secret is Secret.reveal else None
    if unread is not None:
        return copy_parsed(unread, secret)  # type: ignore[no-any-return]
    extra = extra_of(record)
    copy: dict[str, Any] = thaw(extra, secret) if extra else {}
    return mask_links(copy) if secret is str else copy


def shown_fields(record: HasSchema) -> Iterator[tuple[str, str]]:
    """Yield the fields of a record as its repr shows them: of what is free-form, or long, how much there is."""
    opaque_names = schema_of(record).opaque_names
    for name, value in known_fields(record):
        yield name, show_size(value) if name in opaque_names else show(mask(record, name, value))
    if extra := extra_of(record):
        yield "extra", show_names(extra)
