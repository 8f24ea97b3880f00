"""Redaction: answers without the secrets that the server repeated in them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from html import escape
from typing import Any, TypeGuard

from tavus_async._records import json
from tavus_async._records.secrets import MASK, Secret, holds_secrets, is_credential
from tavus_async._values import Headers
from tavus_async._wire.call import Call

# Bytes of an answer that are searched: many more than an error shows.
LONGEST_LOOK = 16 * 4096
# Shorter secrets are not taken out: they stand in too many words.
SHORTEST_SECRET = 6
# What an operation of a JSON Patch has beside its value.
NO_SECRETS = frozenset({"op", "path", "from"})
# Headers of an answer that are secrets themselves.
COOKIES = frozenset({"set-cookie", "set-cookie2"})
# Of an ASCII character, as JSON may write one.
_ESCAPE = re.compile(rb"\\u00([0-7][0-9a-fA-F])")


def redact(answer: bytes, call: Call[Any]) -> bytes:
    """Return an answer without the secrets of the request, should the server have repeated them.

    Of a long answer only the first LONGEST_LOOK bytes are searched and returned.
    """
    secrets = secrets_of(call)
    if not secrets:
        return answer
    if len(answer) <= LONGEST_LOOK:
        return hide_unescaped(answer, secrets)
    # The cut may have split a secret.
    longest = max(len(spelling) for secret in secrets for spelling in _spellings(secret))
    return hide(answer[:LONGEST_LOOK], secrets)[:-longest]


def secrets_of(call: Call[Any]) -> set[str]:
    """Return the secrets of a request: what the call declares, and what its body has under names of credentials."""
    secrets = {text for secret in call.secrets if _is_long(text := secret.reveal())}
    if call.body:
        with suppress(ValueError):
            secrets.update(find_secrets(json.loads(call.body)))
    return secrets


def redact_headers(headers: Mapping[str, str], secrets: Iterable[str]) -> Headers:
    """Return the headers of an answer without cookies, and without secrets, should the server have repeated them."""
    longest_first = sorted(secrets, key=len, reverse=True)

    def hidden(text: str) -> str:
        for secret in longest_first:
            text = text.replace(secret, MASK)
        return text

    return Headers((name, hidden(value)) for name, value in headers.items() if name.lower() not in COOKIES)


def redact_texts(answer: bytes, secrets: Iterable[str]) -> bytes:
    """Return an answer without these secrets, should the server have repeated them."""
    return hide_unescaped(answer, secrets)


def credentials(headers: Mapping[str, Secret]) -> Iterator[str]:
    """Yield the secrets in headers of the caller's; of `Bearer …` also what the server may repeat by itself."""
    for name, value in headers.items():
        if is_credential(name) or name.lower() == "cookie":
            yield from filter(_is_long, {value.reveal(), value.reveal().rpartition(" ")[2]})


def hide_unescaped(answer: bytes, secrets: Iterable[str]) -> bytes:
    """Return an answer with stars in the place of secrets, also where escapes spell them and it cannot be read."""
    known = list(secrets)
    readable = _unescape(answer)
    if readable is answer and b"\\" in answer and len(answer) <= LONGEST_LOOK:
        plain = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), answer)
        hidden = hide(plain, known)
        return hidden if hidden != plain else hide(answer, known)
    return hide(readable, known)


def _unescape(answer: bytes) -> bytes:
    """Return a short JSON text with as few escapes as JSON allows: nothing can be found behind others."""
    if b"\\" not in answer or len(answer) > LONGEST_LOOK:
        return answer
    try:
        return json.dumps(json.loads(answer))
    except ValueError:
        return answer


def hide(answer: bytes, secrets: Iterable[str]) -> bytes:
    """Return an answer with stars in the place of secrets, whether they stand in JSON or not."""
    # The longest first: one may begin with another.
    for secret in sorted(secrets, key=len, reverse=True):
        for spelling in _spellings(secret):
            answer = answer.replace(spelling, MASK.encode())
    return answer


def _spellings(secret: str) -> Iterable[bytes]:
    """Return how a secret can stand in an answer: within JSON with all escapes or few, within HTML, and as it is."""
    plain = secret.encode(errors="surrogatepass")
    quoted = plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    in_html = (escape(secret, quote=quote).encode(errors="surrogatepass") for quote in (True, False))
    return dict.fromkeys((json.dumps(secret)[1:-1], quoted, *in_html, plain))


def find_secrets(value: Any, *, is_secret: bool = False) -> Iterator[str]:
    """Yield the texts that a body, or a JSON Patch of one, has where secrets are kept."""
    if json.is_object(value):
        # An operation of a JSON Patch names its place beside the value.
        place = value.get("path")
        is_operation = not is_secret and "op" in value
        inherited = is_secret or (isinstance(place, str) and any(map(holds_secrets, place.split("/"))))
        for name, inner in value.items():
            if not is_operation or name not in NO_SECRETS:
                yield from find_secrets(inner, is_secret=inherited or holds_secrets(name))
    elif json.is_list(value):
        for inner in value:
            yield from find_secrets(inner, is_secret=is_secret)
    elif is_secret and _is_long(value):
        yield value


def _is_long(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and len(text) >= SHORTEST_SECRET
