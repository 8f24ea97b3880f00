"""Bounded decompression of response bodies."""

import zlib

# zlib's window bits: with a gzip header, with a zlib header, and with neither,
# which some servers call deflate (RFC 9110, 8.4.1.2).
GZIP = 16 + zlib.MAX_WBITS
ZLIB = zlib.MAX_WBITS
RAW = -zlib.MAX_WBITS

ENCODINGS = "gzip, deflate"
# A gzip body may be many members in a row. Each costs a copy of what follows it, even an empty one.
MOST_MEMBERS = 100


class TooLargeError(ValueError):
    """The decompressed body is larger than allowed, or has too many members: it may be a decompression bomb."""


def decompress(data: bytes, encoding: str, *, limit: int) -> bytes:
    """Return a body without its Content-Encoding.

    Raises TooLargeError as soon as the result passes *limit* bytes, or the data MOST_MEMBERS members; ValueError
    for data that is cut short, corrupt, or in an encoding that was not asked for.
    """
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"} or not data:
        return data
    if encoding in {"gzip", "x-gzip"}:
        return _inflate(data, GZIP, limit=limit)
    if encoding == "deflate":
        return _inflate(data, ZLIB if data[0] & 0x0F == zlib.DEFLATED else RAW, limit=limit)
    # Not shown: a server may say anything there, even the key that it was sent.
    raise ValueError("its content encoding was not asked for")


def _inflate(data: bytes, window: int, *, limit: int) -> bytes:
    parts: list[bytes] = []
    room = limit
    while data:
        if len(parts) == MOST_MEMBERS:
            raise TooLargeError(f"more than {MOST_MEMBERS} compressed members")
        member = zlib.decompressobj(window)
        try:
            part = member.decompress(data, room + 1)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        if len(part) > room:
            raise TooLargeError(f"more than {limit} bytes when decompressed")
        if not member.eof:
            raise ValueError("compressed data that is cut short")
        parts.append(part)
        room -= len(part)
        data = member.unused_data
    return b"".join(parts)
