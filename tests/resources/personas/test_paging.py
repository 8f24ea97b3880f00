"""An empty base URL, as many personas are stored with, is no model of their own."""

from typing import Any

import pytest

from tavus_async.sandbox import Sandbox
from tests.support.quick import KEY, quick_session


def stored(number: int, llm: dict[str, Any]) -> dict[str, Any]:
    return {
        "persona_id": f"p{number}",
        "persona_name": f"Number {number}",
        "system_prompt": "Be brief. " * (1 + number % 7),
        "pipeline_mode": "full",
        "layers": {"llm": {"model": "tavus-gpt-oss", **llm}, "tts": {"tts_engine": "cartesia"}},
    }


@pytest.mark.parametrize("llm", [{"base_url": ""}, {"base_url": "", "api_key": ""}], ids=str)
async def test_five_thousand_personas_with_an_empty_base_url_cost_at_most_sixty_requests(llm: dict[str, Any]) -> None:
    bodies = [stored(number, llm) for number in range(5_000)]
    async with Sandbox(personas=bodies, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        personas = await session.get_personas(sandbox.persona_ids, prefer="list")

        assert sandbox.stats().total <= 60
        assert [persona.persona_id for persona in personas] == list(sandbox.persona_ids)
        assert {persona.layers.llm.base_url for persona in personas} == {""}
