"""What people look at."""

import pytest

from tavus_async import LlmLayer, Persona
from tavus_async.cli.screen.show import Page, fit
from tavus_async.models import Layers


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def test_a_persona_is_its_fields_and_its_layers(capsys: pytest.CaptureFixture[str]) -> None:
    layers = Layers(llm=LlmLayer(model="[red]m"), vqa=Layers().vqa)
    Page().persona(Persona(persona_id="p1", persona_name="Ann :smile:", pipeline_mode="full", layers=layers))

    assert capsys.readouterr().out.splitlines() == [
        "Ann :smile:  p1",
        "pipeline_mode  full",
        "",
        "llm",
        "  model        [red]m",
    ]


def test_blocks_are_separated_by_an_empty_line(capsys: pytest.CaptureFixture[str]) -> None:
    page = Page()
    page.paragraph("First.")
    page.facts("Second", [("a", "1"), ("bb", "2")])

    assert capsys.readouterr().out.splitlines() == ["First.", "", "Second", "  a   1", "  bb  2"]


@pytest.mark.parametrize("width", [60, 40])
def test_a_narrow_terminal_folds_values(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    Page().persona(Persona(persona_id="p1", system_prompt="word " * 30, uuid="x" * 100))

    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width
    assert out.count("word") == 30
    assert out.count("x") == 100


def test_a_dumb_terminal_is_as_wide_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    Page().persona(Persona(persona_id="p1", system_prompt="word " * 30))

    assert max(map(len, capsys.readouterr().out.splitlines())) == 50


def test_a_wide_terminal_is_not_filled(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    Page().paragraph("word " * 100)

    assert max(map(len, capsys.readouterr().out.splitlines())) <= 100


@pytest.mark.parametrize(
    ("widths", "room", "fitted"),
    [
        ([5, 20, 8], 60, [5, 20, 8]),
        ([5, 30, 100, 100], 60, [5, 21, 14, 14]),
        ([50, 30, 30], 40, [50, 4, 4]),
        ([5, 3, 30], 20, [5, 3, 8]),
    ],
)
def test_columns_fit_the_terminal_and_the_first_is_whole(widths: list[int], room: int, fitted: list[int]) -> None:
    assert fit(widths, room) == fitted


def test_a_narrow_terminal_gets_fewer_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    Page().table(("id", "name", "c", "d", "e"), [("p-long-enough", "森" * 30, "3", "4", "5")])

    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "name", "c", "d"]
    assert row.startswith("p-long-enough  森森森森森森森森")
    assert row.endswith("…  3  4")
