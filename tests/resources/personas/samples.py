"""What the endpoints of personas are given by tests that go over all endpoints."""

from typing import Any

from tavus_async import PersonaDraft, patch

SAMPLES: dict[str, dict[str, Any]] = {
    "check_username": {"username": "ada"},
    "create_persona": {"draft": PersonaDraft(persona_name="Ada", pipeline_mode="echo")},
    "list_personas_page": {"persona_type": "user"},
    "patch_persona": {"operations": [patch.replace("/persona_name", "Grace")], "force": True},
}
