"""The words that editors offer: all of them are known to the sandbox, and none is the only one that is taken."""

import json
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from tavus_async import Persona
from tavus_async._records.reading import plain_kind
from tavus_async._records.record import Record
from tavus_async.resources.personas.layers import LlmModel
from tavus_async.sandbox.resources.personas.rules import problems
from tests.support.decoding import decode_persona

FREE = {"layers.llm.model", "layers.tts.tts_model_name"}
"""Those of which the sandbox takes anything, as the server does."""


def vocabularies(kind: type[Record], path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every field of a record and of the records in it that has words, as a path, with the words."""
    for name, hint in get_type_hints(kind).items():
        for part in (hint, *get_args(hint)):
            if isinstance(part, type) and issubclass(part, Record):
                yield from vocabularies(part, f"{path}{name}.")
            elif get_origin(part) is Literal:
                yield f"{path}{name}", get_args(part)


WORDS = dict(vocabularies(Persona))


def body(path: str, value: str) -> dict[str, Any]:
    nested: Any = value
    for name in reversed(path.split(".")):
        nested = {name: nested}
    return {"persona_id": "p1", "system_prompt": "Be kind.", **nested}


def read(path: str, value: str) -> Any:
    record: Any = decode_persona(json.dumps(body(path, value)).encode())
    for name in path.split("."):
        record = getattr(record, name)
    return record


@pytest.mark.parametrize("path", WORDS)
def test_words_that_nobody_knows_yet_are_read_like_any_other(path: str) -> None:
    assert read(path, WORDS[path][0]) == WORDS[path][0]
    assert read(path, "tavus-2031") == "tavus-2031"


@pytest.mark.parametrize("path", WORDS)
def test_the_sandbox_takes_every_word_that_editors_offer(path: str) -> None:
    assert [word for word in WORDS[path] if problems(body(path, word))] == []
    assert bool(problems(body(path, "tavus-2031"))) is (path not in FREE)


@pytest.mark.parametrize(
    ("hint", "kind"),
    [
        (LlmModel, str),
        (LlmModel | None, str),
        (str | None, str),
        (float | str | None, float | str),
        (bool, bool),
    ],
)
def test_a_field_with_words_is_to_the_reader_a_plain_string(hint: Any, kind: Any) -> None:
    assert plain_kind(hint) == kind
