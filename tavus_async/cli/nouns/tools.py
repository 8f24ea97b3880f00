"""Tools on the command line."""

from typing import TYPE_CHECKING, Final

from tavus_async.cli.keywords import Advice
from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns

if TYPE_CHECKING:
    from tavus_async.models import Tool


def delivery(tool: "Tool") -> str:
    """Say where the calls of a tool go."""
    api = tool.delivery.api
    return f"{api.method or 'POST'} by HTTP" if api else "app message"


TOOL_VIEW: Final = View(
    what="Tools: what the language model of a persona can call.",
    example="t1a2b3c4d5e6",
    options={
        "tool_type": Advice(choices=("user", "system", "all"), help="whose (default: user)"),
        "name_or_uuid": Advice(help="those of this name or id"),
        "sort": Advice(choices=("asc", "desc"), help="their order (default: asc)"),
    },
    columns={
        "delivery": delivery,
        "origin": columns.field("origin"),
        "when": columns.field("trigger_type"),
        "updated": columns.day("updated_at", "created_at"),
    },
    first_fields=("description",),
)
