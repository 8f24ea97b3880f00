"""Guardrails on the command line."""

from typing import Final

from tavus_async.cli.keywords import Advice
from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns

GUARDRAIL_VIEW: Final = View(
    what="Guardrails: what a persona must not say or do.",
    example="g1a2b3c4d5e6",
    options={
        "guardrail_type": Advice(choices=("user", "system", "all"), help="whose (default: as the server decides)"),
        "name_or_uuid": Advice(help="those of this name or id"),
        "sort": Advice(choices=("ascending", "descending"), help="their order (default: ascending)"),
    },
    columns={
        "modality": columns.field("modality"),
        "tags": columns.field("tags"),
        "updated": columns.day("updated_at", "created_at"),
    },
    first_fields=("guardrail_prompt",),
    is_flat=True,
)
