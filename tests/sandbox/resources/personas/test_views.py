from typing import Any

import pytest

from tavus_async.sandbox.resources.personas.views import as_read, masked
from tavus_async.sandbox.vocabulary import Vocabulary


def read(layers: Any) -> Any:
    return as_read({"layers": layers}, Vocabulary.PERSONA)["layers"]


def test_api_keys_of_every_layer_are_masked() -> None:
    layers = {"llm": {"api_key": "sk-0123456789abcdef"}, "tts": {"api_key": "short", "tts_engine": "cartesia"}}

    assert read(layers) == {
        "llm": {"api_key": "********cdef"},
        "tts": {"api_key": "********", "tts_engine": "cartesia"},
    }


@pytest.mark.parametrize(("secret", "shown"), [("", ""), ("abc", "********"), ("abcdefghijkl", "********ijkl")])
def test_a_mask_shows_the_end_of_long_secrets_only(secret: str, shown: str) -> None:
    assert masked(secret) == shown


def test_defaults_of_the_llm_layer_are_left_out() -> None:
    layers = {"llm": {"model": "tavus-gemma-4", "speculative_inference": True, "headers": {}}}

    assert read(layers) == {"llm": {"headers": {}}}


@pytest.mark.parametrize(
    "llm", [{"model": "tavus-gpt-oss", "speculative_inference": False}, {"speculative_inference": 1}, {"model": ["x"]}]
)
def test_anything_but_a_default_is_shown(llm: dict[str, Any]) -> None:
    assert read({"llm": llm}) == {"llm": llm}


def test_defaults_of_the_llm_mean_nothing_in_other_layers() -> None:
    assert read({"sts": {"model": "tavus-gemma-4"}}) == {"sts": {"model": "tavus-gemma-4"}}


def test_reading_changes_nothing() -> None:
    document: Any = {"persona_id": "p", "layers": {"llm": {"model": "tavus-gemma-4", "api_key": "secret"}}}

    assert as_read(document, Vocabulary.PAL) == {"pal_id": "p", "layers": {"llm": {"api_key": "********"}}}
    assert document == {"persona_id": "p", "layers": {"llm": {"model": "tavus-gemma-4", "api_key": "secret"}}}


@pytest.mark.parametrize("layers", [None, "x", ["llm"], {"llm": None}, {"llm": 5}, {"tts": {"api_key": None}}])
def test_layers_of_any_type_are_shown_as_they_are(layers: Any) -> None:
    assert read(layers) == layers
