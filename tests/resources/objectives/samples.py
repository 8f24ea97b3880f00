"""What the endpoints of objectives are given by tests that go over all endpoints."""

from typing import Any

from tavus_async import patch
from tavus_async.models import Objective, ObjectiveSetDraft

DRAFT = ObjectiveSetDraft(name="intake", data=[Objective(objective_name="greet", objective_prompt="Greet them.")])

SAMPLES: dict[str, dict[str, Any]] = {
    "create_objective_set": {"draft": DRAFT},
    "validate_objective_set": {"draft": DRAFT},
    "list_objective_sets_page": {"objective_type": "all", "name_or_uuid": "intake", "sort": "descending"},
    "patch_objective_set": {"operations": [patch.replace("/data/0/objective_prompt", "Greet her.")]},
}
