"""Texts of others, made harmless."""

import pytest

from tavus_async.cli.characters import encodable, harmless, one_line, without_line_ends


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\nc", "a b c"),
        ("\x1b[31mred\x9b0m\x00", " [31mred 0m "),
        ("\x1b]8;;https://x\x1b\\link\x07", " ]8;;https://x \\link "),
        ("abc\u202edef\u2028ghi\u2066jkl\u061cm", "abc def ghi jkl m"),
        ("a\u200bb\u200c\u200d\u2060\ufeffc\u00add", "a b c d"),
        ("a\U000e0001\U000e0041\U000e007fb", "a b"),
        ("a\x7fb\x85c", "a b c"),
        ("\ud800", " "),
        ("\u3164a", " a"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 4 + " "),
        ("Zoë 森 👩\u200d🚀 ❤️\u200d🔥", "Zoë 森 👩\u200d🚀 ❤️\u200d🔥"),
        ("हिन्दी tiếng ไทย", "हिन्दी tiếng ไทย"),
        ("  two  spaces ", "  two  spaces "),
    ],
)
def test_a_text_becomes_one_line_that_a_terminal_can_show(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_a_text_without_line_ends_is_otherwise_left_alone() -> None:
    text = "a\x1b[31m\x9b\u202e\u200b\x7f  "

    assert without_line_ends(f"{text}\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029b") == f"{text} b"


def test_one_line_has_single_spaces() -> None:
    assert one_line("  a \t b\nc ") == "a b c"


def test_what_an_encoding_lacks_is_written_as_its_number() -> None:
    assert encodable("Zoë 森", "latin-1") == r"Zoë \u68ee"
    assert encodable("\ud800", "utf-8") == r"\ud800"
