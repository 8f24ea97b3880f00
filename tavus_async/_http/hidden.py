"""Headers that aiohttp can send and nobody can read: whatever is made of one is made of three asterisks."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self, cast

from aiohttp import http_writer

from tavus_async._records.secrets import MASK, Secret

READ_BY_AIOHTTP = frozenset({"content-encoding", "content-type", "cookie", "expect"})


class HiddenText(str):
    """A header's text, which only aiohttp's writer of requests gets.

    It is a str, since aiohttp takes nothing else. Its characters are three asterisks, so that no part, copy or
    encoding of it holds anything of the text: tracebacks show what aiohttp's frames make of their headers.
    """

    __slots__ = ("_secret",)
    _secret: Secret

    def __new__(cls, secret: Secret) -> Self:
        """Return the text of a secret, hidden."""
        text = super().__new__(cls, MASK)
        text._secret = secret
        return text

    def reveal(self) -> str:
        """Return the text."""
        return self._secret.reveal()

    # The writer in C asks for `str(header)`, and the one in Python adds it to the header's name.
    def __str__(self) -> str:
        return self._secret.reveal() if _is_asked_by_writer() else MASK

    def __radd__(self, other: str) -> str:
        return other + (self._secret.reveal() if _is_asked_by_writer() else MASK)

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __repr__(self) -> str:
        return repr(MASK)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self._secret == Secret(reveal(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._secret.reveal())

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (MASK,)


def _is_asked_by_writer() -> bool:
    # The caller's caller: what is compiled has no frame, so its own caller's stands for it.
    frame = sys._getframe(2)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return frame.f_globals.get("__name__") == http_writer.__name__


def _can_be_sent() -> bool:
    writer = http_writer.StreamWriter(cast("Any", None), cast("Any", None))
    headers: Any = {"x": HiddenText(Secret("probe"))}
    with suppress(StopIteration):
        writer.write_headers("GET / HTTP/1.1", headers).send(None)
    return b"x: probe\r\n" in (getattr(writer, "_headers_buf", None) or b"")


# With an aiohttp that reads headers in another way, they are sent as plain texts.
CAN_BE_SENT = _can_be_sent()


def hide(secret: Secret) -> str:
    """Return a secret as the text of a header."""
    return HiddenText(secret) if CAN_BE_SENT else secret.reveal()


def hide_each(headers: Mapping[str, Secret]) -> dict[str, str]:
    """Return headers of the caller's as aiohttp takes them, hidden but for those that it reads itself."""
    return {name: value.reveal() if name.lower() in READ_BY_AIOHTTP else hide(value) for name, value in headers.items()}


def reveal(text: str) -> str:
    """Return the text that is hidden in a header; one that is not hidden as it is."""
    return text.reveal() if isinstance(text, HiddenText) else text


def write_lines(headers: Mapping[str, str]) -> Secret:
    """Return the lines of these headers as HTTP/1.1 has them, each with its end."""
    return Secret("".join(f"{name}: {reveal(value)}\r\n" for name, value in headers.items()))
