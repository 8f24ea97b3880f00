"""Skills on the command line."""

from typing import Final

from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns

SKILL_VIEW: Final = View(
    what="Skills: what Tavus lets personas do, such as showing slides.",
    example="presentation",
    title="display_name",
    columns={"tools": columns.field("tool_names"), "what it does": columns.field("description")},
    first_fields=("description",),
)
