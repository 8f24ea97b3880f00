"""Deployments on the command line."""

from typing import Final

from tavus_async.cli.keywords import Advice
from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns

DEPLOYMENT_VIEW: Final = View(
    what="Deployments: where visitors find a persona, as a widget, an embed or a landing page.",
    example="d1a2b3c4-5e6f",
    options={
        "status": Advice(help="those in these states, such as active,draft"),
        "channel": Advice(help="those of these channels, such as widget"),
        "sort": Advice(choices=("asc", "desc"), help="by creation (default: desc)"),
        "etag": Advice(help="fail where it has another ETag, since somebody has changed it"),
    },
    columns={
        "status": columns.field("status"),
        "channel": columns.field("channel"),
        "persona": columns.field("persona_id"),
        "calls": columns.size("usage_total"),
        "updated": columns.day("updated_at", "created_at"),
    },
    first_fields=("status", "channel"),
    pointer="/limits/daily_call_limit",
)
