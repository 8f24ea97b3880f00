"""Redaction: answers without the secrets that the server repeated in them."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from html import escape, unescape
from typing import Any, TypeGuard
from urllib.parse import unquote_to_bytes

from tavus_async._records import json
from tavus_async._records.secrets import MASK, Secret, holds_secrets, is_credential
from tavus_async._values import Headers
from tavus_async._wire.call import Call

# Bytes of an answer that are searched: many more than an error shows.
LONGEST_LOOK = 16 * 4096
# Shorter secrets are not taken out: they stand in too many words.
SHORTEST_SECRET = 6
# Spellings that are looked for one after the other; of more, only those whose first bytes are there.
FEW = 256
# What an operation of a JSON Patch has beside its value.
NO_SECRETS = frozenset({"op", "path", "from"})
# Headers of an answer that are secrets themselves.
COOKIES = frozenset({"set-cookie", "set-cookie2"})
# Bytes of one, such as `\u0041`, for a byte of the text.
LONGEST_ESCAPE = 6
# How often escapes may be within others.
MOST_ROUNDS = 3
# As JSON and most programming languages write a character, one by its number or one that stands for itself.
_BACKSLASH = re.compile(rb"\\(?:[ux]([0-9a-fA-F]{4}|[0-9a-fA-F]{2})|([^a-zA-Z0-9]))")


def redact(answer: bytes, call: Call[Any]) -> bytes:
    """Return an answer without the secrets of the request, should the server have repeated them.

    Of a long answer only the first LONGEST_LOOK bytes are searched and returned.
    """
    secrets = secrets_of(call)
    if not secrets:
        return answer
    if len(answer) <= LONGEST_LOOK:
        return hide_unescaped(answer, spellings_of(secrets))
    # The cut may have split a secret.
    longest = max(len(secret.encode(errors="surrogatepass")) for secret in secrets)
    return hide_unescaped(answer[:LONGEST_LOOK], spellings_of(secrets))[: -longest * LONGEST_ESCAPE]


def secrets_of(call: Call[Any]) -> set[str]:
    """Return the secrets of a request: what the call declares, and what its body has under names of credentials."""
    secrets = {text for secret in call.secrets if _is_long(text := secret.reveal())}
    if call.body:
        with suppress(ValueError):
            secrets.update(find_secrets(json.loads(call.body)))
    return secrets


def redact_headers(headers: Mapping[str, str], secrets: Iterable[str]) -> Headers:
    """Return the headers of an answer without cookies, and without secrets, should the server have repeated them."""
    written = spellings_of(secrets)

    def hidden(text: str) -> str:
        data = text.encode(errors="surrogatepass")
        found = hide_unescaped(data, written)
        return text if found == data else found.decode(errors="replace")

    return Headers((name, hidden(value)) for name, value in headers.items() if name.lower() not in COOKIES)


def redact_texts(answer: bytes, secrets: Iterable[str]) -> bytes:
    """Return an answer without these secrets, should the server have repeated them."""
    return hide_unescaped(answer, spellings_of(secrets))


def credentials(headers: Mapping[str, Secret]) -> Iterator[str]:
    """Yield the secrets in headers of the caller's; of `Bearer …` also what the server may repeat by itself."""
    for name, value in headers.items():
        if is_credential(name) or name.lower() == "cookie":
            yield from filter(_is_long, {value.reveal(), value.reveal().rpartition(" ")[2]})


def hide_unescaped(answer: bytes, written: Sequence[bytes]) -> bytes:
    """Return an answer with stars in the place of secrets, in whatever way a server or a gateway may write them.

    *written* is what `spellings_of` returns. What has a secret behind escapes is returned without those: those of JSON,
    HTML and URLs, and some within others.
    """
    readable = _unescape(answer)
    if len(answer) <= LONGEST_LOOK:
        for plain in unescaped(readable):
            hidden = hide(plain, written)
            if hidden != plain:
                readable = hidden
    return hide(readable, written)


def unescaped(answer: bytes) -> Iterator[bytes]:
    """Yield what an answer says when its escapes are read, and again those that were behind them."""
    for _ in range(MOST_ROUNDS):
        before = answer
        for marker, read in ((b"\\", _read_backslashes), (b"&", _read_entities), (b"%", unquote_to_bytes)):
            if marker in answer:
                answer = read(answer)
        if answer == before:
            return
        yield answer


def _read_backslashes(answer: bytes) -> bytes:
    return _BACKSLASH.sub(_read_escape, answer)


def _read_escape(found: re.Match[bytes]) -> bytes:
    digits, itself = found.groups()
    return itself if digits is None else chr(int(digits, 16)).encode(errors="surrogatepass")


def _read_entities(answer: bytes) -> bytes:
    return unescape(answer.decode(errors="surrogateescape")).encode(errors="surrogatepass")


def _unescape(answer: bytes) -> bytes:
    """Return a short JSON text with as few escapes as JSON allows: nothing can be found behind others."""
    if b"\\" not in answer or len(answer) > LONGEST_LOOK:
        return answer
    try:
        return json.dumps(json.loads(answer))
    except ValueError:
        return answer


def hide(answer: bytes, written: Sequence[bytes]) -> bytes:
    """Return an answer with stars in the place of secrets, of which each is written in one of these ways."""
    begins: set[bytes] | None = None
    if len(written) > FEW:
        begins = {answer[place : place + SHORTEST_SECRET] for place in range(len(answer))}
    for spelling in written:
        if begins is None or spelling[:SHORTEST_SECRET] in begins:
            answer = answer.replace(spelling, MASK.encode())
    return answer


def spellings_of(secrets: Iterable[str]) -> list[bytes]:
    """Return how secrets can stand in an answer, the longest first: one may begin with another."""
    return [spelling for secret in sorted(secrets, key=len, reverse=True) for spelling in _spellings(secret)]


def _spellings(secret: str) -> Iterable[bytes]:
    """Return how a secret can stand in an answer: within JSON with all escapes or few, within HTML, and as it is.

    And in other encodings of texts, in hexadecimal digits, and in base64, alone or with something before it.
    """
    plain = secret.encode(errors="surrogatepass")
    quoted = plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    in_html = [escape(secret, quote=quote).encode(errors="surrogatepass") for quote in (True, False)]
    others = [secret.encode("utf-16-be", "surrogatepass"), secret.encode("utf-16-le", "surrogatepass")[:-1]]
    if not secret.isascii():
        others.append(secret.encode("latin-1", "replace"))
    in_hex = [plain.hex().encode(), plain.hex().upper().encode()]
    return dict.fromkeys((json.dumps(secret)[1:-1], quoted, *in_html, plain, *others, *in_hex, *_in_base64(plain)))


def _in_base64(plain: bytes) -> Iterator[bytes]:
    """Yield what of a secret stands in base64 whatever is before and behind it."""
    for before, begin in ((0, 0), (1, 2), (2, 3)):
        for altchars in (None, b"-_"):
            written = b64encode(b"\0" * before + plain, altchars)
            yield written[begin : (before + len(plain)) * 8 // 6]


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
