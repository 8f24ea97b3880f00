"""What the endpoints of guardrails are given by tests that go over all endpoints."""

from typing import Any

from tavus_async import patch
from tavus_async.models import GuardrailDraft, GuardrailSetDraft, LegacyGuardrail

RULE: dict[str, Any] = {"guardrail_name": "no_prices", "guardrail_prompt": "Never name a price."}

SAMPLES: dict[str, dict[str, Any]] = {
    "create_guardrail": {"draft": GuardrailDraft(**RULE)},
    "list_guardrails_page": {
        "guardrail_type": "all",
        "name_or_uuid": "price",
        "tags": ["sales", "web"],
        "sort": "descending",
    },
    "list_guardrail_tags_page": {"search": "sal"},
    "patch_guardrail": {"operations": [patch.add("/tags", ["sales"])]},
    "create_guardrail_set": {"draft": GuardrailSetDraft(name="sales", data=[LegacyGuardrail(**RULE)])},
    "list_guardrail_sets_page": {"guardrail_type": "user", "name_or_uuid": "sales", "sort": "ascending"},
    "patch_guardrail_set": {"operations": [patch.remove("/data/0/callback_url")]},
}
