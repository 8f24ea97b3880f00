"""An object of each resource as the sandbox stores it, and a draft of another; a resource without one has neither."""

from typing import Any, Final

from tavus_async.sandbox import Sandbox

NAMES: Final = {"objective-sets": "objectives", "memory-stores": "memory_stores"}
"""What the sandbox calls a resource, where the command line does not."""
OBJECTIVE: Final = {"objective_name": "ask_name", "objective_prompt": "Ask for the name."}
GUARDRAIL: Final = {"guardrail_name": "no_prices", "guardrail_prompt": "Name no prices."}
RULES: Final = [{"text": "Tavus", "pronunciation": "TAH-vus", "type": "alias"}]
TOOL: Final = {"name": "get_weather", "description": "Tell the weather.", "parameters": {"type": "object"}}

DRAFTS: Final[dict[str, dict[str, Any]]] = {
    "replicas": {"replica_name": "Ann", "train_video_url": "https://example.com/ann.mp4"},
    "voices": {"voice_name": "Ann", "audio_url": "https://example.com/ann.mp3"},
    "videos": {"replica_id": "r4067604db72", "script": "Hello", "video_name": "hello"},
    "documents": {"document_url": "https://example.com/a.pdf", "document_name": "A"},
    "memory-stores": {"persona_id": "p5317866", "participant_tag": "user_1"},
    "guardrails": GUARDRAIL,
    "guardrail-sets": {"name": "prices", "data": [GUARDRAIL]},
    "objective-sets": {"name": "intake", "data": [OBJECTIVE]},
    "pronunciation-dictionaries": {"name": "names", "rules": RULES},
    "tools": TOOL,
    "deployments": {"persona_id": "p5317866", "channel": "widget", "name": "home"},
}
MADE: Final[dict[str, dict[str, Any]]] = {
    "replicas": {"replica_name": "Ann", "status": "completed", "training_progress": "100/100"},
    "voices": {"voice_name": "Ann", "status": "completed", "voice_type": "user"},
    "videos": {"video_name": "hello", "status": "ready", "generation_progress": "100/100"},
    "documents": {
        "document_name": "A",
        "status": "ready",
        "tags": ["faq"],
        "crawl_config": {"depth": 1, "max_pages": 5},
    },
    "memory-stores": {"persona_id": "p5317866", "participant_tag": "user_2"},
    "guardrails": GUARDRAIL,
    "guardrail-sets": {"name": "prices", "data": [GUARDRAIL]},
    "objective-sets": {"name": "intake", "data": [OBJECTIVE]},
    "pronunciation-dictionaries": {"name": "names", "rules": RULES},
    "tools": TOOL,
    "deployments": {"persona_id": "p5317866", "channel": "widget", "name": "home", "status": "active"},
}


def stored(sandbox: Sandbox, noun: str) -> str:
    """Return the id of an object of this resource, which is stored now if there is a sample of it."""
    name = NAMES.get(noun, noun)
    return sandbox.add(MADE[noun], resource=name) if noun in MADE else sandbox.ids(name)[0]
