"""Personas on the command line."""

from datetime import UTC, datetime

from tavus_async import LlmLayer, Persona, TtsLayer
from tavus_async.cli.resources import find_noun
from tavus_async.models import Layers

PERSONA = find_noun("personas")


def test_a_persona_is_a_row() -> None:
    layers = Layers(llm=LlmLayer(model="m\n1"), tts=TtsLayer(tts_engine="cartesia", external_voice_id="v"))
    when = datetime(2026, 1, 2, tzinfo=UTC)
    whole = Persona(persona_id="p1", persona_name="Ann", pipeline_mode="full", layers=layers, updated_at=when)

    assert PERSONA.row(whole) == ("p1", "Ann", "full", "m 1", "cartesia", "2026-01-02")
    assert PERSONA.row(Persona(persona_id="p1")) == ("p1", "(no name)", "", "", "", "")
    assert PERSONA.headings() == ("id", "name", "mode", "model", "voice", "updated")


def test_an_own_language_model_is_called_so() -> None:
    layers = Layers(llm=LlmLayer(base_url="https://llm.example.com"))

    assert PERSONA.row(Persona(persona_id="p1", layers=layers))[3] == "own"


def test_the_mode_comes_first_and_the_headline_is_not_repeated() -> None:
    persona = Persona(persona_id="p1", persona_name="Ann", system_prompt="Be kind.", pipeline_mode="full")

    assert PERSONA.headline(persona) == ("Ann", "p1")
    assert list(PERSONA.fields(persona)) == [("pipeline_mode", "full"), ("system_prompt", "Be kind.")]


def test_layers_that_were_not_sent_are_left_out() -> None:
    layers = Layers(
        llm=LlmLayer(model="m"), tts=TtsLayer(), sts={"voice": "ann"}, extra={"smell": {"enabled": True}, "taste": {}}
    )

    assert list(PERSONA.view.sections(Persona(persona_id="p1", layers=layers))) == [
        ("llm", [("model", "m")]),
        ("tts", []),
        ("sts", [("fields", "voice")]),
        ("other layers", [("names", "smell, taste")]),
    ]
