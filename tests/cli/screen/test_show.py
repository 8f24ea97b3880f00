"""What people look at."""

import pytest

from tavus_async import LlmLayer, Persona
from tavus_async.cli.resources import find_noun
from tavus_async.cli.screen.show import Display
from tavus_async.models import Layers


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def show(persona: Persona) -> None:
    noun = find_noun("personas")
    Display().record(noun.headline(persona), noun.fields(persona), noun.view.sections(persona))


def test_a_record_is_its_fields_and_its_sections(capsys: pytest.CaptureFixture[str]) -> None:
    layers = Layers(llm=LlmLayer(model="[red]m"), vqa=Layers().vqa)
    show(Persona(persona_id="p1", persona_name="Ann :smile:", pipeline_mode="full", layers=layers))

    assert capsys.readouterr().out.splitlines() == [
        "Ann :smile:  p1",
        "pipeline_mode  full",
        "",
        "llm",
        "  model        [red]m",
    ]


def test_blocks_are_separated_by_an_empty_line(capsys: pytest.CaptureFixture[str]) -> None:
    display = Display()
    display.paragraph("First.")
    display.facts("Second", [("a", "1"), ("bb", "2")])

    assert capsys.readouterr().out.splitlines() == ["First.", "", "Second", "  a   1", "  bb  2"]


@pytest.mark.parametrize("width", [60, 40])
def test_a_narrow_terminal_folds_values(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    show(Persona(persona_id="p1", system_prompt="word " * 30, uuid="x" * 100))

    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width
    assert out.count("word") == 30
    assert out.count("x") == 100


def test_columns_of_no_width_are_as_if_they_were_not_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "0")
    show(Persona(persona_id="p1", persona_name="Ann"))

    assert capsys.readouterr().out == "Ann  p1\n"


def test_a_dumb_terminal_is_as_wide_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    show(Persona(persona_id="p1", system_prompt="word " * 30))

    assert max(map(len, capsys.readouterr().out.splitlines())) == 50


def test_a_wide_terminal_is_not_filled(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    Display().paragraph("word " * 100)

    assert max(map(len, capsys.readouterr().out.splitlines())) <= 100


def test_columns_fit_the_terminal_and_the_first_is_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [("p5317866", "a short name", "m"), ("p-an-id-that-is-long", "a name of many words " * 4, "x" * 60)]
    for width in (40, 80, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        Display().table(("id", "name", "model"), rows)

        head, *lines = capsys.readouterr().out.splitlines()
        assert head.split() == ["id", "name", "model"]
        assert [line.split()[0] for line in lines] == ["p5317866", "p-an-id-that-is-long"]
        assert max(map(len, lines)) <= width
        assert lines[1].count("…") == 2


def test_a_table_is_no_wider_than_its_texts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    Display().table(("id", "name"), [("p1", "Ann"), ("p22", "[red]Bob :smile:")])

    assert capsys.readouterr().out.splitlines() == ["id   name", "p1   Ann", "p22  [red]Bob :smile:"]


def test_a_narrow_terminal_gets_fewer_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    Display().table(("id", "name", "c", "d", "e"), [("p-long-enough", "森" * 30, "3", "4", "5")])

    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "name", "c", "d"]
    assert row.startswith("p-long-enough  森森森森森森森森")
    assert row.endswith("…  3  4")
