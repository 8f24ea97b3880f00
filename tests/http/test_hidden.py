"""A hidden header: aiohttp's writer gets its text, and everything else gets asterisks."""

import copy
import json
import pickle
import pprint
import reprlib
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import http_writer

from tavus_async import Secret
from tavus_async._http import hidden
from tests.support.leaks import make_secret_text, pieces

TEXT = make_secret_text(200)

MADE: dict[str, Callable[[str], object]] = {
    "slice": lambda text: text[:80],
    "character": lambda text: [text[0], text[-1], *text],
    "split": lambda text: [text.split(), text.partition("-"), text.splitlines(), text.rsplit("a")],
    "join": lambda text: ["".join([text]), "".join(text), text.join("ab"), " ".join((text, text))],  # noqa: FLY002
    "sum": lambda text: [text + "a", "a" + text, text * 2],
    "format": lambda text: [f"{text}", f"{text!s}", f"{text!r}", f"{text:>300}", f"{text:.9}", format(text)],
    "percent": lambda text: ["%s" % text, "%r" % text, "%.100s" % (text,), "%(a)s" % {"a": text}],  # noqa: UP031
    "encoding": lambda text: [text.encode(), bytes(text, "ascii"), bytearray(text, "ascii")],
    "case": lambda text: [text.upper(), text.lower(), text.title(), text.swapcase(), text.casefold()],
    "change": lambda text: [text.replace("a", "b"), text.strip(), text.center(300), text.translate({}), text.zfill(9)],
    "copy": lambda text: [copy.copy(text), copy.deepcopy([text]), pickle.dumps(text), str(text)],
    "print": lambda text: [repr(text), ascii(text), pprint.pformat([text]), reprlib.repr(text), json.dumps(text)],
}


@pytest.mark.parametrize("made", MADE)
def test_whatever_is_made_of_it_holds_no_piece_of_the_text(made: str) -> None:
    found: Any = MADE[made](hidden.hide(Secret(TEXT)))

    assert "*" in str(found)
    assert pieces(str(found)) == []


async def test_aiohttp_writes_it_whole() -> None:
    writer = http_writer.StreamWriter(None, None)  # type: ignore[arg-type]
    await writer.write_headers("GET / HTTP/1.1", {"x-api-key": hidden.hide(Secret(TEXT))})  # type: ignore[arg-type]

    assert hidden.CAN_BE_SENT
    assert writer._headers_buf == f"GET / HTTP/1.1\r\nx-api-key: {TEXT}\r\n\r\n".encode()


def test_it_equals_its_text() -> None:
    text = hidden.hide(Secret(TEXT))

    assert text == TEXT
    assert TEXT == text  # noqa: SIM300
    assert text == hidden.hide(Secret(TEXT))
    assert text != "***"
    assert not text != TEXT  # noqa: SIM202 (the operator is what is tested)
    assert {text: 1}[TEXT] == 1
    assert hidden.reveal(text) == TEXT


def test_what_aiohttp_itself_reads_stays_as_it_is() -> None:
    given = {"Expect": Secret("100-continue"), "Content-Type": Secret("a/b"), "Authorization": Secret(TEXT)}

    shown = {name: value[:12] for name, value in hidden.hide_each(given).items()}

    assert shown == {"Expect": "100-continue", "Content-Type": "a/b", "Authorization": "***"}
