"""What makes two bodies one event: the same content, in the words before or since the rename.

Since mid-2026 Tavus sends many events twice, once in the old words and once in the new: PAL for persona or replica,
face for replica. Here all of them become the old ones, so that twins have one digest.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from typing import Any

from tavus_async._records.immutable import SCALARS, JsonObject, is_mapping, is_sequence
from tavus_async._records.secrets import Secret

# In the names of fields. There is no doubt about them: what has an id of a PAL has one of a persona.
FIELD_WORDS = {"face": "replica", "pal": "persona"}
# In the names of events, and as roles: the one who speaks is a PAL and a replica, and in nothing else do types differ.
SPEAKER_WORDS = {"face": "replica", "pal": "replica", "persona": "replica"}
ROLE = "role"


def old_type(event_type: str) -> str:
    """Return the name of an event in the old words, with underscores."""
    parts = re.split(r"([._])", event_type.replace("-", "_"))
    return "".join(SPEAKER_WORDS.get(part, part) for part in parts)


def old_role(role: str | None) -> str | None:
    """Return a role in the old words: `replica` or `user`."""
    return SPEAKER_WORDS.get(role, role) if role else role


def old_name(field: str) -> str:
    """Return the name of a field in the old words."""
    return "_".join(FIELD_WORDS.get(word, word) for word in field.split("_"))


def digest(value: Any) -> str:
    """Return a text of 32 characters that is the same for the same JSON value, in every process and for ever.

    Nulls in objects, and the order of names, make no difference; nor do the two words that a thing may have.
    """
    hasher = blake2b(digest_size=16)
    unfinished = [value]
    while unfinished:  # not recursive: a value may be nested as deeply as the reader allows
        inner = unfinished.pop()
        if is_mapping(inner):
            entries = list(entries_of(inner))
            hasher.update(b"{%d" % len(entries))
            for name, each in reversed(entries):
                unfinished += (each, name)
        elif is_sequence(inner):
            hasher.update(b"[%d" % len(inner))
            unfinished += reversed(inner)
        else:
            kind, text = spelled(inner)
            data = text.encode(errors="surrogatepass")
            hasher.update(b"%s%d:%s" % (kind, len(data), data))
    return hasher.hexdigest()


def entries_of(value: JsonObject) -> Iterator[tuple[str, Any]]:
    """Yield what an object has under the old names, sorted; once what it has under both, if it is the same."""
    for old, name in sorted((old_name(str(name)), name) for name in value):
        inner = value[name]
        if inner is None or (old != name and inner.__class__ in SCALARS and value.get(old) == inner):
            continue
        yield old, old_role(inner) if name == ROLE and isinstance(inner, str) else inner


def spelled(value: Any) -> tuple[bytes, str]:
    """Return the kind of a value that holds no others, and its text."""
    if isinstance(value, Secret):
        value = value.reveal()
    if value is None or isinstance(value, bool):
        return b"c", str(value)
    if isinstance(value, int):
        return b"n", format(value, "x")  # which, unlike a decimal, takes no time that grows with its square
    if isinstance(value, datetime):
        return b"t", value.isoformat()
    return b"n" if isinstance(value, float) else b"s", str(value)
