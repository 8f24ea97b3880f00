"""Texts of others, made harmless: no character of theirs steers a terminal, hides in it, or ends a line."""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

# What a reader of lines, such as `str.splitlines`, takes for an end.
_LINE_ENDS: Final = re.compile("[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
# Controls of the terminal; formats, which are invisible or turn the direction of writing; lone surrogates; separators.
_HARMFUL_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_COMBINING: Final = frozenset({"Mn", "Me"})
# More marks on one character than any language needs: they would run over the lines above and below.
_MOST_MARKS: Final = 4
# Letters that are blank, and what Unicode keeps for more that is invisible, tags among them, or for no character ever.
_INVISIBLE: Final = re.compile(
    "[\u115f\u1160\u2065\u3164\uffa0\ufdd0-\ufdef\ufff0-\ufff8\ufffe\uffff\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
# It makes one picture of several, as in a family or a profession.
_JOINER: Final = "\u200d"
_FIRST_PICTURE: Final = "\u2190"
_AS_PICTURE: Final = "\ufe0f"


def one_line(text: str) -> str:
    """Return a text on one line, with single spaces between its words."""
    return " ".join(text.split())


def without_line_ends(text: str) -> str:
    """Return a text as it is, but with a space in the place of what would end its line."""
    return _LINE_ENDS.sub(" ", text)


def harmless(text: str) -> str:
    """Return a text as a terminal can show it, with a space in the place of what would do something else.

    That is control characters and with them escape sequences, line ends, marks that turn the direction of writing,
    what takes no room, and the marks of one character from the fifth on.
    """
    return replaced(text, " ")


def replaced(text: str, by: str | Callable[[str], str]) -> str:
    """Return a text with something else in the place of each harmful character; of texts one for a row of them."""
    if text.isascii() and text.isprintable():
        return text
    parts: list[str] = []
    marks = 0
    for place, character in enumerate(text):
        category = unicodedata.category(character)
        marks = marks + 1 if category in _COMBINING else 0
        is_harmful = category in _HARMFUL_CATEGORIES or _INVISIBLE.match(character) or marks > _MOST_MARKS
        if not is_harmful or (character == _JOINER and _joins_pictures(text, place)):
            parts.append(character)
        elif callable(by):
            parts.append(by(character))
        elif parts[-1:] != [by]:
            parts.append(by)
    return "".join(parts)


def encodable(text: str, encoding: str) -> str:
    r"""Return a text in the characters of an encoding, with the number of each other in its place, as in \u68ee."""
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _joins_pictures(text: str, place: int) -> bool:
    return _is_picture(text[place - 1 : place]) and _is_picture(text[place + 1 : place + 2])


def _is_picture(character: str) -> bool:
    is_symbol = character >= _FIRST_PICTURE and unicodedata.category(character) in {"So", "Sk"}
    return is_symbol or character == _AS_PICTURE
