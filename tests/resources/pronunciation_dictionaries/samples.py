"""What the endpoints of pronunciation dictionaries are given by tests that go over all endpoints."""

from typing import Any

from tavus_async import patch
from tavus_async.models import PronunciationDictionaryDraft, PronunciationRule

RULE: dict[str, Any] = {"text": "Tavus", "pronunciation": "TAH-vus", "type": "alias"}

SAMPLES: dict[str, dict[str, Any]] = {
    "create_pronunciation_dictionary": {
        "draft": PronunciationDictionaryDraft(name="brands", rules=[PronunciationRule(**RULE)])
    },
    "list_pronunciation_dictionaries_page": {"sort": "asc"},
    "patch_pronunciation_dictionary": {"operations": [patch.add("/rules", [RULE])]},
}
