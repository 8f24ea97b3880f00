"""The older sets of guardrails on the command line."""

from typing import Final

from tavus_async.cli.keywords import Advice
from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns

GUARDRAIL_SET_VIEW: Final = View(
    what="Sets of guardrails, as they were made before single ones could be.",
    singular="set of guardrails",
    plural="sets of guardrails",
    example="g6e5d4c3b2a1",
    options={"sort": Advice(choices=("ascending", "descending"), help="their order (default: ascending)")},
    columns={
        "guardrails": columns.items("guardrails", "guardrail_name"),
        "updated": columns.day("updated_at", "created_at"),
    },
)
