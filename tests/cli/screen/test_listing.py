"""A table that is shown as its rows come."""

import pytest
from rich.cells import cell_len

from tavus_async.cli.screen.listing import Listing, fitted

HEADINGS = ("id", "name", "mode", "model", "voice")


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def test_the_first_rows_say_how_wide_the_columns_are(capsys: pytest.CaptureFixture[str]) -> None:
    listing = Listing(HEADINGS)
    listing.add([("p1", "Ann", "full", "gpt", "cartesia"), ("p22", "Bo", "", "", "")])
    first = capsys.readouterr().out.splitlines()
    listing.add([("p333333", "A name that is much longer than others", "echo", "gpt-of-many-kinds", "x")])
    [row] = capsys.readouterr().out.splitlines()

    assert first == [
        "id   name                  mode  model  voice",
        "p1   Ann                   full  gpt    cartesia",
        "p22  Bo",
    ]
    assert row == "p333333  A name that is much…  echo  gpt-…  x"


def test_an_id_is_never_cut_and_the_widest_of_the_others_are() -> None:
    lines = [HEADINGS, ("p" * 40, "n" * 60, "full", "m" * 30, "v" * 10)]

    assert fitted(lines, 100) == [40, 19, 4, 19, 10]
    assert fitted(lines, 10) == [40, 4, 4, 4, 4]


def test_a_narrow_terminal_gets_the_first_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    Listing(HEADINGS).add([("p1", "n" * 99, "full", "m" * 20, "cartesia")])

    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "name", "mode", "model"]
    assert len(row) <= 40


def test_wide_characters_take_two_columns_and_none_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Listing(HEADINGS[:3]).add([("p1", "森の中", "full"), ("p2", "x\x1b[2J\ny\u202e", "echo")])

    head, wide, other = capsys.readouterr().out.splitlines()
    assert head.index("mode") == cell_len(wide[: wide.index("full")]) == other.index("echo")
    assert other.isprintable()


def test_a_table_of_one_column_needs_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    Listing(("id",)).add([("p1",)])

    assert capsys.readouterr().out == "id\np1\n"
