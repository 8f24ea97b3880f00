"""What an editor offers to those who write a record, asked of a real language server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.language_server import COMMAND, LanguageServer

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(COMMAND is None, reason="basedpyright-langserver is not installed beside this Python")


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    with LanguageServer(tmp_path_factory.mktemp("written"), import_from=ROOT) as server:
        yield server


@pytest.mark.parametrize(
    ("source", "offered"),
    [
        ('LlmLayer(model="|")', {"tavus-gemma-4", "tavus-gpt-oss"}),
        ('PersonaDraft(pipeline_mode="|")', {"full", "echo", "speech-to-speech"}),
        ('Persona(persona_id="p1").layers.tts.tts_engine == "|"', {"cartesia", "elevenlabs"}),
    ],
)
def test_known_words_are_offered_though_any_string_is_taken(
    editor: LanguageServer, source: str, offered: set[str]
) -> None:
    found = editor.completions(f"from tavus_async import *\n{source}\n")

    assert {f'"{word}"' for word in offered} <= set(found)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('PersonaDraft(pipe|line_mode="full")', "`speech-to-speech`"),
        ('Persona(persona_id="p1").layers.llm.speculative_in|ference', "default true"),
    ],
)
def test_a_field_is_explained_where_it_is_written_and_where_it_is_read(
    editor: LanguageServer, source: str, said: str
) -> None:
    assert said in editor.hover(f"from tavus_async import *\n{source}\n")
